//! The stable names of the kinds, and a line of text for each.

use policy::Language;

macro_rules! codes {
    ($( $code:ident = $name:literal, $level:ident, $fr:literal, $en:literal; )+) => {
        /// The name of a [`Kind`](crate::Kind). Names are part of the contract: once
        /// published, one is neither renamed nor given another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $( #[doc = $en] $code, )+
        }

        impl Code {
            /// Every code, in the order of `docs/JOURNAL.md`.
            pub const ALL: &'static [Self] = &[ $( Self::$code, )+ ];

            /// The code in the journal: kebab-case.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$code => $name, )+ }
            }

            /// What happened, in a line.
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $( (Self::$code, Language::Fr) => $fr, (Self::$code, Language::En) => $en, )+
                }
            }

            /// Whether somebody should look at it.
            pub const fn weight(self) -> Weight {
                match self { $( Self::$code => Weight::$level, )+ }
            }
        }
    };
}

/// Whether somebody should look at an event by itself, or only at their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The daily course of things; `INFO` in `tracing`.
    Usual,
    /// Somebody should look; `WARN` in `tracing`.
    Look,
}

codes! {
    SignedIn = "signed-in", Usual,
        "Connexion réussie.", "Signed in.";
    SignInFailed = "sign-in-failed", Usual,
        "Connexion refusée : identifiant ou mot de passe inexact.", "Sign-in refused: wrong identifier or password.";
    SignInDelayed = "sign-in-delayed", Usual,
        "Tentative refusée avant la fin du délai.", "Attempt refused before the end of the delay.";
    SignInBlocked = "sign-in-blocked", Look,
        "Tentative refusée : compteur bloqué.", "Attempt refused: blocked.";
    PresenceAsked = "presence-asked", Usual,
        "Preuve de présence, ou réponse à un calcul, demandée avant de continuer.", "Proof of presence, or the answer to a calculation, asked before going on.";
    SignInOverloaded = "sign-in-overloaded", Look,
        "Tentative écartée : trop de calculs en cours.", "Attempt turned away: too much work under way.";
    StoreDown = "store-down", Look,
        "Les compteurs n’ont pas répondu à temps.", "The counters did not answer in time.";
    StoreMayForget = "store-may-forget", Look,
        "Redis n’a pas dit s’il jette des compteurs quand sa mémoire est pleine. Vérifiez « maxmemory-policy noeviction ».", "Redis did not say whether it drops counters when its memory is full. Check `maxmemory-policy noeviction`.";
    Unlocked = "unlocked", Usual,
        "Compteur débloqué.", "Unlocked.";
    ChangeRequired = "change-required", Usual,
        "Mot de passe exact, à changer avant de continuer.", "Right password, to be changed before going on.";
    TemporaryExpired = "temporary-expired", Usual,
        "Mot de passe attribué tapé après son terme.", "Attributed password typed after its time.";
    WeakPassword = "weak-password", Usual,
        "Connexion avec un mot de passe que la politique refuserait aujourd’hui.", "Sign-in with a password that the policy would refuse today.";
    DeviceTrusted = "device-trusted", Usual,
        "Appareil reconnu pour les prochaines connexions.", "Device remembered for later sign-ins.";
    Registered = "registered", Usual,
        "Compte ouvert.", "Account opened.";
    PasswordAccepted = "password-accepted", Usual,
        "Mot de passe choisi, accepté.", "Chosen password accepted.";
    PasswordRefused = "password-refused", Usual,
        "Mot de passe choisi, refusé.", "Chosen password refused.";
    PasswordChanged = "password-changed", Usual,
        "Mot de passe changé.", "Password changed.";
    ChangeFailed = "change-failed", Usual,
        "Changement refusé : mot de passe actuel inexact.", "Change refused: wrong current password.";
    ResetAsked = "reset-asked", Usual,
        "Réinitialisation demandée.", "Reset asked.";
    AskedTooOften = "asked-too-often", Usual,
        "Demande de lien ou de compte sans suite : trop de demandes.", "Request for a link or an account without effect: too many requests.";
    UnlockAsked = "unlock-asked", Usual,
        "Déblocage demandé.", "Unlock asked.";
    UnlockRefused = "unlock-refused", Usual,
        "Lien de déblocage refusé.", "Unlock link refused.";
    ConfirmRefused = "confirm-refused", Usual,
        "Lien de confirmation d’une inscription refusé.", "Link that confirms a registration refused.";
    ResetRefused = "reset-refused", Usual,
        "Lien de réinitialisation refusé.", "Reset link refused.";
    ResetDone = "reset-done", Usual,
        "Mot de passe remplacé par un lien de réinitialisation.", "Password replaced through a reset link.";
    TemporaryIssued = "temporary-issued", Usual,
        "Mot de passe temporaire attribué.", "Temporary password issued.";
    ContactChanged = "contact-changed", Usual,
        "Contact de récupération changé.", "Recovery contact changed.";
    RankChanged = "rank-changed", Look,
        "Privilèges d’un compte accordés ou retirés.", "Privileges of an account given or taken.";
    AccountRemoved = "account-removed", Usual,
        "Compte supprimé.", "Account removed.";
    CompromiseMarked = "compromise-marked", Look,
        "Mot de passe déclaré compromis.", "Password marked as compromised.";
    CompromisesMarked = "compromises-marked", Look,
        "Mots de passe déclarés compromis ensemble.", "Passwords marked as compromised together.";
    NoticeDue = "notice-due", Usual,
        "Personne à prévenir.", "A person is to be told.";
    HashRenewed = "hash-renewed", Usual,
        "Empreinte refaite à partir d’un mot de passe exact.", "Hash made again from a right password.";
    HashesWrapped = "hashes-wrapped", Usual,
        "Empreintes faibles protégées par une seconde.", "Weak hashes wrapped in a second one.";
    RecordUnreadable = "record-unreadable", Look,
        "Les données d’un compte sont illisibles.", "The record of an account cannot be read.";
    PolicyLoaded = "policy-loaded", Usual,
        "Politique entrée en vigueur.", "Policy in force.";
    PolicyRefused = "policy-refused", Look,
        "Politique refusée ; la précédente reste en vigueur.", "Policy refused; the earlier one stays in force.";
    JournalOpened = "journal-opened", Usual,
        "Journal ouvert.", "Journal opened.";
    JournalClosed = "journal-closed", Usual,
        "Journal fermé.", "Journal closed.";
    EventsLost = "events-lost", Look,
        "Événements perdus.", "Events lost.";
    LineClosed = "line-closed", Look,
        "Ligne interrompue par l’arrêt d’un processus, terminée.", "A line torn by the end of a process was ended.";
    FilesDeleted = "files-deleted", Usual,
        "Fichiers supprimés au terme de leur conservation.", "Files deleted at the end of their time.";
    DeletionPutOff = "deletion-put-off", Look,
        "Suppression reportée : elle viderait le journal. Vérifiez l’horloge.", "Deletion put off: it would empty the journal. Check the clock.";
    OverMost = "over-most", Look,
        "Le journal dépasse la taille prévue ; rien n’est supprimé. Faites de la place.", "The journal is larger than planned; nothing is deleted. Make room.";
    ClockWentBack = "clock-went-back", Look,
        "L’horloge a reculé.", "The clock went back.";
}

impl Code {
    /// The code of a name; `None` for a name that this version does not know.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}
