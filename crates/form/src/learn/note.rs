//! What is said of a proposal: why, and how sure. Nothing that was typed is in it.

use policy::Language;

use crate::Ambiguity;

/// A remark on a proposed form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Only a good sign-in sets this cookie.
    ByCookie(String),
    /// The status of the good answer, and those of the bad ones.
    ByStatus(u16, Vec<u16>),
    /// Good and bad lead to different places.
    ByLocation(String),
    /// A value of the JSON answer differs.
    ByJson(String),
    /// A link of the page differs.
    ByPage,
    /// No failed sign-in was watched.
    NoFailure,
    /// No good sign-in was watched.
    NoSuccess,
    /// The answers do not differ.
    NoDifference,
    /// The software answers both alike.
    CountsEveryTry,
    /// `Authorization: Basic`.
    Basic,
    /// The field in front of the password.
    IdentifierByPlace(String),
    /// No field for the account.
    NoIdentifier,
    /// More fields that look like passwords.
    SeveralPasswords(Vec<String>),
    /// Which one is the password in force was told by its place.
    CurrentByPlace(String),
    /// Part of the path was made for one visit.
    PathWidened,
    /// Another form is sent to the same place with the same field.
    Overlaps,
    /// Conditions tell it from another form.
    Conditions,
    /// A preset fits.
    Preset,
    /// A preset covers this form too.
    Covered(&'static str),
    /// The gate read what was watched as the proposal says.
    Tried,
    /// The gate would refuse what the browser sent.
    WouldRefuse(Ambiguity),
    /// The gate would not read it as proposed.
    TriedInVain,
    /// A fault of the policy stands in the way, by its code.
    Unlawful(String),
}

impl Note {
    /// The remark, in one sentence or two.
    pub fn message(&self, language: Language) -> String {
        let list = |names: &[String]| names.join(", ");
        let statuses = |all: &[u16]| {
            all.iter()
                .map(u16::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match (self, language) {
            (Self::ByCookie(name), Language::Fr) => format!(
                "Sûr : le cookie {name} n’est venu qu’avec la connexion réussie, et personne ne l’avait avant."
            ),
            (Self::ByCookie(name), Language::En) => format!(
                "Sure: the cookie {name} came with the good sign-in only, and nobody had it before."
            ),
            (Self::ByStatus(good, bad), Language::Fr) => format!(
                "Assez sûr : la connexion réussie répond {good}, l’échec {}. À vérifier : un compte inconnu, un champ vide, un compte bloqué répondent-ils autre chose que {good} ? Un statut seul ne prouve pas le mot de passe : une telle connexion ne reprend que son propre essai et ne fait connaître aucun navigateur.",
                statuses(bad)
            ),
            (Self::ByStatus(good, bad), Language::En) => format!(
                "Fairly sure: a good sign-in answers {good}, a bad one {}. To check: do an unknown account, an empty field, a locked account answer something else than {good}? A status alone proves no password: such a sign-in takes back its own try only and makes no browser known.",
                statuses(bad)
            ),
            (Self::ByLocation(place), Language::Fr) => format!(
                "Peu sûr : la connexion réussie mène à {place}, l’échec ailleurs. Si elle peut mener à d’autres pages, ajouter une règle pour chacune. L’adresse où mène une réponse ne prouve pas le mot de passe, car bien des sites renvoient là d’où l’on vient : une telle connexion ne reprend que son propre essai, et rien si la requête désigne elle-même cette adresse. Une règle set-cookie vaut mieux."
            ),
            (Self::ByLocation(place), Language::En) => format!(
                "Not very sure: a good sign-in leads to {place}, a bad one elsewhere. If it can lead to other pages, add a rule for each. Where an answer leads proves no password, since many sites send people back to where they came from: such a sign-in takes back its own try only, and nothing where the request names that place itself. A rule by set-cookie is better."
            ),
            (Self::ByJson(pointer), Language::Fr) => {
                format!("Assez sûr : la valeur {pointer} de la réponse JSON change.")
            }
            (Self::ByJson(pointer), Language::En) => {
                format!("Fairly sure: the value {pointer} of the JSON answer changes.")
            }
            (Self::ByPage, Language::Fr) => {
                "Peu sûr : seul un lien de la page change. À vérifier : une page d’échec ne peut pas le contenir, même en répétant ce qui est tapé.".into()
            }
            (Self::ByPage, Language::En) => {
                "Not very sure: only a link of the page changes. To check: no page of a failure can hold it, even one that repeats what is typed.".into()
            }
            (Self::NoFailure, Language::Fr) => {
                "Aucune connexion ratée n’a été vue : compléter success à la main, ou recommencer.".into()
            }
            (Self::NoFailure, Language::En) => {
                "No failed sign-in was seen: complete success by hand, or start again.".into()
            }
            (Self::NoSuccess, Language::Fr) => {
                "Aucune connexion réussie n’a été vue : compléter success à la main, ou recommencer.".into()
            }
            (Self::NoSuccess, Language::En) => {
                "No good sign-in was seen: complete success by hand, or start again.".into()
            }
            (Self::NoDifference, Language::Fr) => {
                "Les réponses à un bon et à un mauvais mot de passe ne diffèrent en rien que la porte lise : compléter success à la main.".into()
            }
            (Self::NoDifference, Language::En) => {
                "The answers to a good and to a bad password differ in nothing that the gate reads: complete success by hand.".into()
            }
            (Self::CountsEveryTry, Language::Fr) => {
                "Ce logiciel répond de même à un bon et à un mauvais mot de passe : chaque connexion compte comme un essai.".into()
            }
            (Self::CountsEveryTry, Language::En) => {
                "This software answers good and bad passwords alike: every sign-in counts as a try.".into()
            }
            (Self::Basic, Language::Fr) => {
                "Sûr : l’identité est demandée par le navigateur (Authorization: Basic) ; l’échec répond 401.".into()
            }
            (Self::Basic, Language::En) => {
                "Sure: the browser asks who it is (Authorization: Basic); a failure answers 401.".into()
            }
            (Self::IdentifierByPlace(name), Language::Fr) => format!(
                "À vérifier : {name} est pris pour l’identifiant parce qu’il précède le mot de passe."
            ),
            (Self::IdentifierByPlace(name), Language::En) => format!(
                "To check: {name} is taken for the identifier because it stands before the password."
            ),
            (Self::NoIdentifier, Language::Fr) => {
                "Aucun champ ne ressemble à un identifiant : compléter identifier à la main.".into()
            }
            (Self::NoIdentifier, Language::En) => {
                "No field looks like an identifier: complete identifier by hand.".into()
            }
            (Self::SeveralPasswords(names), Language::Fr) => format!(
                "À vérifier : d’autres champs ressemblent à des mots de passe : {}.",
                list(names)
            ),
            (Self::SeveralPasswords(names), Language::En) => {
                format!("To check: other fields look like passwords: {}.", list(names))
            }
            (Self::CurrentByPlace(name), Language::Fr) => format!(
                "À vérifier : {name} est pris pour le mot de passe actuel d’après sa place."
            ),
            (Self::CurrentByPlace(name), Language::En) => {
                format!("To check: {name} is taken for the current password by its place.")
            }
            (Self::PathWidened, Language::Fr) => {
                "À vérifier : * remplace une partie du chemin qui semble faite pour une seule visite.".into()
            }
            (Self::PathWidened, Language::En) => {
                "To check: * stands for a part of the path that seems made for one visit.".into()
            }
            (Self::Overlaps, Language::Fr) => {
                "À vérifier : un autre formulaire va au même chemin avec le même champ ; rien ne les distingue, les deux valent donc.".into()
            }
            (Self::Overlaps, Language::En) => {
                "To check: another form goes to the same path with the same field; nothing tells them apart, so that both count.".into()
            }
            (Self::Conditions, Language::Fr) => {
                "À vérifier : when distingue ce formulaire d’un autre ; ce que le site lit plus largement le contournerait.".into()
            }
            (Self::Conditions, Language::En) => {
                "To check: when tells this form from another; what the site reads more loosely would be a way around it.".into()
            }
            (Self::Preset, Language::Fr) => {
                "Le préréglage lit ce qui a été vu comme il le doit : l’échec, puis la réussite.".into()
            }
            (Self::Preset, Language::En) => {
                "The preset reads what was seen as it should: the failure, then the success.".into()
            }
            (Self::Covered(kind), Language::Fr) => {
                format!("Il couvre aussi le formulaire vu de sorte « {kind} ».")
            }
            (Self::Covered(kind), Language::En) => {
                format!("It covers the form of kind \"{kind}\" that was seen, too.")
            }
            (Self::Tried, Language::Fr) => {
                "Essayé : la porte lit ainsi ce qui a été vu.".into()
            }
            (Self::Tried, Language::En) => "Tried: the gate reads what was seen in this way.".into(),
            (Self::WouldRefuse(ambiguity), language) => format!(
                "{} {} ({}). {}",
                match language {
                    Language::Fr => "Attention, la porte refuserait ce que le navigateur envoie :",
                    Language::En => "Mind that the gate would refuse what the browser sends:",
                },
                ambiguity.message(language).trim_end_matches('.'),
                ambiguity.code(),
                ambiguity.hint(language)
            ),
            (Self::TriedInVain, Language::Fr) => {
                "Attention : essayée sur ce qui a été vu, cette table ne le lit pas comme il faut.".into()
            }
            (Self::TriedInVain, Language::En) => {
                "Mind that this table, tried on what was seen, does not read it as it should.".into()
            }
            (Self::Unlawful(code), Language::Fr) => format!(
                "La politique n’admet pas cette table telle quelle ({code}, voir rempart explain) : à compléter."
            ),
            (Self::Unlawful(code), Language::En) => format!(
                "The policy does not admit this table as it is ({code}, see rempart explain): to be completed."
            ),
        }
    }
}
