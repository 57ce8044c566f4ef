//! The codes of faults: one list, so that each is unique, stable and explained.

use crate::Language;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    /// Kebab-case, unique and stable.
    pub(crate) name: &'static str,
    fr: &'static str,
    en: &'static str,
}

/// Every code that a [`crate::Fault`] may carry.
pub fn fault_codes() -> &'static [&'static str] {
    NAMES
}

/// What the code of a fault means and what to do; `None` when no fault has this code.
pub fn explain_fault(code: &str, language: Language) -> Option<String> {
    let code = ALL.iter().find(|known| known.name == code)?;
    let text = match language {
        Language::Fr => code.fr,
        Language::En => code.en,
    };
    Some(text.to_owned())
}

/// Declares codes as constants, and lists every one of them.
macro_rules! codes {
    ($($constant:ident: $name:literal, $fr:literal, $en:literal;)+) => {
        $(pub(crate) const $constant: Code = Code { name: $name, fr: $fr, en: $en };)+

        const ALL: &[Code] = &[$($constant),+];

        const NAMES: &[&str] = &[$($name),+];
    };
}

codes! {
    TOO_LARGE: "file-too-large",
        "Le fichier dépasse 1 Mio ; une politique tient en quelques pages.",
        "The file is over 1 MiB; a policy takes a few pages.";
    SYNTAX: "syntax",
        "Le fichier n’est pas du TOML valide à cet endroit.",
        "The file is not valid TOML at this place.";
    DUPLICATE_KEY: "duplicate-key",
        "Une clé ou une table est écrite deux fois ; n’en garder qu’une.",
        "A key or a table is written twice; keep one.";
    TOO_MANY_FAULTS: "too-many-faults",
        "Seules les premières erreurs sont montrées ; corriger celles-ci, puis recommencer.",
        "Only the first faults are shown; mend these, then try again.";
    MISSING_KEY: "missing-key",
        "Une clé nécessaire manque.",
        "A required key is missing.";
    UNKNOWN_KEY: "unknown-key",
        "Cette clé n’existe pas ; dans un fichier de sécurité, une faute de frappe est une erreur.",
        "This key does not exist; in a security file a slip of the hand is an error.";
    WRONG_TYPE: "wrong-type",
        "La valeur n’est pas du type attendu.",
        "The value is not of the expected type.";
    OUT_OF_RANGE: "out-of-range",
        "La valeur sort de l’intervalle admis.",
        "The value is outside the admitted range.";
    UNKNOWN_WORD: "unknown-word",
        "Ce mot n’est pas dans la liste admise.",
        "This word is not in the admitted list.";
    BAD_DURATION: "bad-duration",
        "La durée ne se lit pas ; écrire un nombre et une unité, comme \"15m\" ou \"2 days\".",
        "The duration cannot be read; write a number and a unit, such as \"15m\" or \"2 days\".";
    BAD_SIZE: "bad-size",
        "La taille ne se lit pas ; écrire un nombre entier et B, KiB, MiB ou GiB.",
        "The size cannot be read; write a whole number and B, KiB, MiB or GiB.";
    BAD_DATE: "bad-date",
        "La date ne se lit pas ; écrire année-mois-jour, comme 2026-12-31.",
        "The date cannot be read; write year-month-day, such as 2026-12-31.";
    BAD_ADDRESS: "bad-address",
        "L’adresse d’écoute ne se lit pas ; écrire adresse:port.",
        "The listening address cannot be read; write address:port.";
    BAD_NETWORK: "bad-network",
        "Le réseau ne se lit pas ; écrire une adresse IP, ou une adresse et la longueur de son préfixe.",
        "The network cannot be read; write an IP address, or an address and its prefix length.";
    BAD_TEXT: "bad-text",
        "Le texte est vide, trop long, ou contient un caractère de contrôle.",
        "The text is empty, too long, or contains a control character.";
    BAD_HOST: "bad-host",
        "Le nom d’hôte n’est pas valide.",
        "The host name is not valid.";
    BAD_UPSTREAM: "bad-upstream",
        "L’origine s’écrit http://hôte:port, https://hôte:port ou h2c://hôte:port, sans chemin.",
        "The origin is written http://host:port, https://host:port or h2c://host:port, without a path.";
    UPSTREAM_TWICE: "upstream-twice",
        "Une origine est écrite deux fois pour un même site.",
        "An origin is written twice for one site.";
    BAD_HEALTH_PATH: "bad-health-path",
        "Le chemin d’un contrôle commence par / et ne porte ni espace ni #.",
        "The path of a check starts with / and holds neither space nor #.";
    BAD_STATUS_RANGE: "bad-status-range",
        "Un statut attendu s’écrit 200, ou 200-399, de 200 à 599.",
        "An expected status is written 200, or 200-399, from 200 to 599.";
    KEY_UNUSED: "key-unused",
        "Cette clé n’a pas d’effet avec le reste de cette table ou de ce site.",
        "This key has no effect with the rest of this table or site.";
    BAD_STORE: "bad-store",
        "Le dépôt des compteurs ne se lit pas.",
        "The store of the counters cannot be read.";
    SHARED_STORE_NEEDS_KEY: "shared-store-needs-key",
        "Plusieurs programmes qui partagent des compteurs doivent cacher les identifiants avec la même clé.",
        "Programs that share counters must hide identifiers with the same key.";
    JOURNAL_RETENTION: "journal-retention",
        "Le journal est gardé de six mois à un an, sauf écart justifié.",
        "The journal is kept for six to twelve months, unless a deviation gives a reason.";
    BAD_SPECIALS: "bad-specials",
        "La liste de signes spéciaux n’admet que la ponctuation et les symboles courants, chacun une fois : ni lettre, ni chiffre, ni espace, ni signe invisible ou combinant.",
        "The list of special signs admits only punctuation and common symbols, each of them once: no letter, digit or space, no invisible or combining sign.";
    BAD_FORM_PATH: "bad-form-path",
        "Le chemin d’un formulaire ou d’une limite commence par / et s’écrit décodé, sans paramètre.",
        "The path of a form or of a limit starts with / and is written decoded, without parameters.";
    BAD_FIELD_NAME: "bad-field-name",
        "Le nom du champ ne se lit pas ; écrire celui que le formulaire envoie, ou sa place en XML-RPC.",
        "The name of the field cannot be read; write the one that the form sends, or its position in XML-RPC.";
    BAD_POINTER: "bad-pointer",
        "Le pointeur JSON ne se lit pas ; il commence par /, comme \"/ok\".",
        "The JSON pointer cannot be read; it starts with /, such as \"/ok\".";
    EMPTY_ANSWER_RULE: "empty-answer-rule",
        "Une règle sur la réponse ne regarde rien ; elle vaudrait pour toute réponse.",
        "A rule about the answer looks at nothing; it would hold for any answer.";
    FORM_TWICE: "form-twice",
        "Deux formulaires d’un site répondent aux mêmes requêtes.",
        "Two forms of a site answer to the same requests.";
    FORM_WITHOUT_IDENTIFIER: "form-without-identifier",
        "Sans identifiant, les échecs d’un formulaire de connexion ne sont pas comptés par compte.",
        "Without an identifier the failures of a sign-in form are not counted by account.";
    FORM_WITHOUT_SUCCESS: "form-without-success",
        "Sans règle de succès, toute connexion compterait comme un échec.",
        "Without a rule of success every sign-in would count as a failure.";
    SUCCESS_BY_STATUS: "success-by-status",
        "Une règle de succès ne regarde que le statut et l’adresse où mène la réponse, qu’un site peut donner sans avoir lu le mot de passe.",
        "A rule of success looks at nothing but the status and where the answer leads, which a site may give without having read the password.";
    UNDECIDED_UNCOUNTED: "undecided-uncounted",
        "Avec `failure`, une réponse qu’aucune règle ne connaît n’est ni un échec ni une réussite : elle ne fait pas attendre.",
        "With `failure`, an answer that no rule knows is neither a failure nor a success: nobody waits after it.";
    BASIC_UNCOUNTED: "basic-uncounted",
        "Le préréglage laisse de côté Authorization: Basic, et aucun formulaire du site n’en compte les essais.",
        "The preset leaves Authorization: Basic aside, and no form of the site counts its guesses.";
    CAPTCHA_WITHOUT_FREE_TRY: "captcha-without-free-try",
        "À la passerelle, une réponse à un calcul n’ouvre un seul essai que si un échec la précède.",
        "At the gate an answer to a calculation opens one attempt only where a failure comes before it.";
    CAPTCHA_UNANSWERABLE: "captcha-unanswerable",
        "Un site où l’on ne se connecte que par Authorization: Basic ou XML-RPC n’a personne pour répondre au calcul de la passerelle.",
        "A site where one signs in by Authorization: Basic or XML-RPC only has nobody who could answer the calculation of the gate.";
    CAPTCHA_SHUTS_PROGRAMS_OUT: "captcha-shuts-programs-out",
        "Les échecs d’un inconnu écartent les programmes qui se connectent par Authorization: Basic ou XML-RPC.",
        "A stranger’s failures keep out programs that sign in by Authorization: Basic or XML-RPC.";
    CAPTCHA_WITHOUT_END: "captcha-without-end",
        "À un formulaire où rien ne prouve une réussite, aucune connexion ne met fin aux calculs de la passerelle.",
        "At a form where nothing proves a success no sign-in ends the calculations of the gate.";
    UNLOCK_LINK_AT_GATE: "unlock-link-at-gate",
        "La passerelle n’envoie pas de lien ; un compte qu’elle bloque s’ouvre avec le temps, ou par l’exploitant.",
        "The gate sends no link; an account that it blocks opens by time, or by the operator.";
    UNLOCK_OUT_OF_REACH: "unlock-out-of-reach",
        "La passerelle a son dépôt ouvert pour elle seule ; l’exploitant n’y débloque aucun compte tant qu’elle tourne.",
        "The gate has its store open for itself alone; the operator unlocks no account there while it runs.";
    BLOCKED_BY_STRANGERS: "blocked-by-strangers",
        "Les échecs d’un inconnu bloquent un compte pour tout navigateur inconnu, jusqu’à ce que l’exploitant l’ouvre.",
        "A stranger’s failures block an account for every browser that is not known, until the operator opens it.";
    SIGN_IN_UNNAMED: "sign-in-unnamed",
        "Le cas choisi exige une restriction d’accès, et aucun formulaire de connexion de ce site n’est décrit.",
        "The case chosen requires that access is restricted, and no sign-in form of this site is described.";
    UNSUPPORTED_VERSION: "unsupported-version",
        "Cette version du format n’est pas connue.",
        "This version of the format is not known.";
    EXCLUSIVE_KEYS: "exclusive-keys",
        "Deux clés se contredisent ; n’en garder qu’une.",
        "Two keys contradict each other; keep one.";
    TABLE_UNUSED: "table-unused",
        "Cette table n’a pas d’effet avec le mécanisme choisi.",
        "This table has no effect with the mechanism chosen.";
    SECRET_IN_FILE: "secret-in-file",
        "Un secret ne s’écrit pas dans la politique ; nommer un fichier ou une variable.",
        "A secret does not stand in the policy; name a file or a variable.";
    MAX_LENGTH_BELOW_FLOOR: "max-length-below-floor",
        "La longueur maximale est trop courte pour une phrase de passe.",
        "The maximum length is too short for a passphrase.";
    FORM_OF_OTHER_CASE: "form-of-other-case",
        "Cet exemple de la CNIL vaut pour un autre cas.",
        "This example of the CNIL belongs to another case.";
    FORM_BELOW_CASE: "form-below-case",
        "La forme n’atteint pas l’entropie du cas.",
        "The form does not reach the entropy of the case.";
    FORM_BEYOND_MAXIMUM: "form-beyond-maximum",
        "La forme demande un mot de passe plus long que la longueur maximale.",
        "The form asks for a password longer than the maximum length.";
    FORM_REDUNDANT: "form-redundant",
        "Une autre forme, plus large, accepte déjà tout ce que celle-ci accepte.",
        "Another, wider form already accepts all that this one accepts.";
    FORM_ACCEPTS_NOTHING: "form-accepts-nothing",
        "Aucun mot de passe de cette forme n’est accepté : un autre réglage les refuse tous.",
        "No password of this form is accepted: another setting refuses them all.";
    FORM_LONGER_THAN_STATED: "form-longer-than-stated",
        "Un autre réglage, d’ordinaire `min-log10`, refuse les mots de passe aussi courts que la forme le permet.",
        "Another setting, usually `min-log10`, refuses passwords as short as the form allows.";
    GUESS_ABOVE_FORM: "guess-above-form",
        "`min-log10` dépasse ce que valent tous les mots de passe de la longueur annoncée.",
        "`min-log10` is over what any password of the stated length is worth.";
    SPECIALS_UNTYPABLE: "specials-untypable",
        "Aucun signe spécial de la liste n’est sur un clavier français.",
        "No special sign of the list is on a French keyboard.";
    SPECIALS_UNUSED: "specials-unused",
        "La liste de signes spéciaux est sans effet, car la forme ne les compte pas.",
        "The list of special signs has no effect, because the form does not count them.";
    WORD_LIST_SHORT: "word-list-short",
        "Tirée de cette liste, une phrase de passe demande plus de mots que la forme.",
        "Drawn from this list, a passphrase takes more words than the form.";
    WORD_LIST_UNREADABLE: "word-list-unreadable",
        "La liste de mots ne peut pas servir à fabriquer des phrases de passe.",
        "The list of words cannot be used to make passphrases.";
    UNCHECKED_WHEN_DOWN: "unchecked-when-down",
        "Quand le service des mots de passe divulgués ne répond pas, rien ne les arrête.",
        "When the service for leaked passwords does not answer, nothing stops them.";
    PRESET_LENGTH: "preset-length",
        "La forme est plus courte que le préréglage ne le demande ou ne le conseille.",
        "The form is shorter than the preset asks or advises.";
    PRESET_COMPOSITION: "preset-composition",
        "Les types de caractères de la forme vont contre le préréglage.",
        "The character types of the form go against the preset.";
    PRESET_MAX_LENGTH: "preset-max-length",
        "Le préréglage veut que des mots de passe plus longs soient acceptés.",
        "The preset wants longer passwords to be accepted.";
    PRESET_RENEWAL: "preset-renewal",
        "Le renouvellement des comptes à privilèges va contre le préréglage.",
        "The renewal of privileged accounts goes against the preset.";
    PRESET_COMPROMISE: "preset-compromise",
        "La personne apprendrait une compromission plus tard que le préréglage ne le recommande.",
        "The person would learn of a compromise later than the preset recommends.";
    PRESET_THROTTLE: "preset-throttle",
        "Les tentatives ne sont pas restreintes comme le préréglage le demande.",
        "Attempts are not restricted as the preset asks.";
    INSECURE_SERVICE: "insecure-service",
        "Le service des mots de passe divulgués ne s’interroge qu’en https, sauf sur cette machine : sans cela, n’importe qui sur le chemin pourrait répondre à sa place.",
        "The service for leaked passwords is asked over https only, except on this machine: otherwise anyone on the way could answer in its place.";
    COMMON_ADMITTED: "common-passwords-admitted",
        "La politique accepterait les mots de passe les plus courants.",
        "The policy would accept the most common passwords.";
    CONTEXT_ADMITTED: "context-admitted",
        "La politique accepterait un mot de passe tiré de son contexte.",
        "The policy would accept a password drawn from its context.";
    HASH_COST_BELOW_FLOOR: "hash-cost-below-floor",
        "Le coût d’Argon2id est sous le minimum d’OWASP ASVS 5.0, annexe C.",
        "The cost of Argon2id is below the minimum of OWASP ASVS 5.0, appendix C.";
    HASH_COST_INVALID: "hash-cost-invalid",
        "Argon2 demande au moins 8 Kio de mémoire par voie.",
        "Argon2 needs at least 8 KiB of memory per lane.";
    HASH_BUDGET_TOO_SMALL: "hash-budget-too-small",
        "Le budget de mémoire ne suffit pas à un seul calcul d’empreinte.",
        "The memory budget is not enough for a single hash.";
    ACCESS_NOT_RESTRICTED: "access-not-restricted",
        "Le cas choisi exige une restriction d’accès que la politique n’apporte pas.",
        "The case chosen requires a restriction of access that the policy does not bring.";
    STORE_OPEN_WHEN_DOWN: "store-open-when-down",
        "Une panne du dépôt lèverait la restriction d’accès.",
        "A failure of the store would lift the restriction of access.";
    DELAY_NOT_GROWING: "delay-not-growing",
        "L’attente doit croître vraiment après chaque échec.",
        "The wait must really grow after each failure.";
    DELAY_TOO_SHORT: "delay-too-short",
        "L’attente reste sous la minute recommandée après cinq échecs.",
        "The wait stays under the recommended minute after five failures.";
    TOO_MANY_ATTEMPTS: "too-many-attempts",
        "La politique laisse plus de tentatives par jour que la valeur recommandée.",
        "The policy allows more attempts a day than the recommended figure.";
    BLOCK_TOO_LATE: "block-too-late",
        "Le blocage vient après trop d’échecs pour le cas choisi.",
        "The block comes after too many failures for the case chosen.";
    BLOCK_REOPENED: "block-reopened",
        "Le blocage se lève tout seul trop tôt : il laisse trop de tentatives par jour.",
        "The block ends by itself too soon: it leaves too many attempts a day.";
    DEVICE_ON_THE_WEB: "device-unlock-on-the-web",
        "Le cas device-unlock vaut pour un matériel que la personne détient ; selon notre lecture, jamais pour un site web.",
        "Case device-unlock is for hardware that the person holds; in our reading, never for a web site.";
    RESET_LINK_TOO_LONG: "reset-link-too-long",
        "Le lien de réinitialisation reste valable trop longtemps.",
        "The reset link stays valid for too long.";
    COMPROMISE_NOTICE_TOO_LATE: "compromise-notice-too-late",
        "La personne serait prévenue trop tard d’une compromission.",
        "The person would be told of a compromise too late.";
    CLEARTEXT_CREDENTIALS: "cleartext-credentials-redirected",
        "Un mot de passe envoyé en clair serait redirigé comme si de rien n’était.",
        "A password sent in clear would be redirected as if nothing had happened.";
    NO_ACCESS_LOG: "no-access-log",
        "Sans journal des accès, aucune tentative ne laisse de trace.",
        "Without an access log no attempt leaves a trace.";
    SAME_LISTENER: "same-listener",
        "Les deux écoutes ont la même adresse.",
        "Both listeners have the same address.";
    TRUSTS_EVERYONE: "trusts-everyone",
        "Toute adresse serait crue sur l’origine d’une requête.",
        "Any address would be believed about where a request comes from.";
    PROXY_PROTOCOL_UNTRUSTED: "proxy-protocol-untrusted",
        "Une écoute exige un en-tête PROXY que personne n’a le droit d’envoyer.",
        "A listener requires a PROXY header that nobody may send.";
    BAD_USER: "bad-user",
        "Ce n’est pas le nom d’un utilisateur du système.",
        "It is not the name of a user of the system.";
    HSTS_BELOW_ONE_YEAR: "hsts-below-one-year",
        "HSTS dure moins d’un an : monter l’échelle palier par palier.",
        "HSTS lasts less than one year: climb the ladder stage by stage.";
    HSTS_SUBDOMAINS_UNLISTED: "hsts-subdomains-unlisted",
        "Inclure les sous-domaines demande leur inventaire.",
        "Including the subdomains asks for their inventory.";
    HSTS_PRELOAD_UNREADY: "hsts-preload-unready",
        "Le préchargement demande un an au moins et les sous-domaines.",
        "Preloading asks for at least one year and the subdomains.";
    BAD_ADMIN_LISTENER: "bad-admin-listener",
        "L’écoute de surveillance ne se lit pas ; écrire off, une adresse de bouclage ou unix:CHEMIN.",
        "The admin listener cannot be read; write off, a loopback address or unix:PATH.";
    ADMIN_NOT_LOOPBACK: "admin-not-loopback",
        "La page de surveillance montre l’état de la porte sans mot de passe : elle n’écoute que sur cette machine.",
        "The page that watches the gate shows its state without a password: it listens on this machine only.";
    BAD_DIRECTORY: "bad-directory",
        "L’annuaire ACME ne se lit pas ; écrire un mot connu ou une adresse https.",
        "The ACME directory cannot be read; write a known word or an https address.";
    BAD_CONTACT: "bad-contact",
        "L’adresse de courriel ne se lit pas ; écrire une adresse seule, sans mailto:.",
        "The mail address cannot be read; write one address alone, without mailto:.";
    ACME_TERMS: "acme-terms",
        "Un certificat ne se demande qu’après avoir accepté les conditions de l’autorité.",
        "A certificate is asked for only once the terms of the authority are accepted.";
    ACME_NO_LISTENER: "acme-no-listener",
        "Le défi http-01 demande l’écoute en clair.",
        "The challenge http-01 needs the plain listener.";
    HOST_TWICE: "host-twice",
        "Un nom d’hôte appartient à un seul site.",
        "A host name belongs to one site only.";
    LIMIT_TWICE: "limit-twice",
        "Une partie d’un site a une seule limite de taille.",
        "A part of a site has one limit of size only.";
    UPSTREAM_CLEARTEXT: "upstream-cleartext",
        "Les mots de passe iraient en clair sur le réseau jusqu’à l’origine.",
        "Passwords would cross the network in clear to the origin.";
    DANGER_TAKEN: "danger-taken",
        "Une permission dangereuse est en vigueur : les mots de passe vont en clair jusqu’à l’origine.",
        "A dangerous permission is in force: passwords travel in clear to the origin.";
    DANGER_UNNEEDED: "danger-unneeded",
        "Cette permission dangereuse n’a pas d’effet ici ; la retirer.",
        "This dangerous permission has no effect here; remove it.";
    COOKIES_UNMENDED: "cookies-unmended",
        "Les cookies de l’origine passeraient sans l’attribut Secure.",
        "The cookies of the origin would pass without the Secure attribute.";
    COOKIE_RULE_WITHOUT_REPAIR: "cookie-rule-without-repair",
        "Une règle sur les cookies n’a pas d’effet quand ils ne sont pas réparés.",
        "A rule for cookies has no effect where they are not mended.";
    BAD_COOKIE_NAME: "bad-cookie-name",
        "Le nom du cookie ne se lit pas ; écrire le nom, ou son début suivi de *.",
        "The name of the cookie cannot be read; write the name, or its start and *.";
    BAD_PERMISSIONS: "bad-permissions-policy",
        "La politique de permissions ne se lit pas ; écrire nom=(liste), séparés par des virgules.",
        "The permissions policy cannot be read; write name=(list), separated by commas.";
    BAD_CONTENT_POLICY: "bad-content-security-policy",
        "La Content-Security-Policy contient une faute ; un navigateur l’ignorerait sans rien dire.",
        "The Content-Security-Policy has a slip in it; a browser would ignore it without a word.";
    SECRET_IN_URL: "secret-in-url",
        "Un formulaire envoyé par GET met le mot de passe dans l’adresse.",
        "A form sent by GET puts the password in the address.";
    UNKNOWN_CLAUSE: "unknown-clause",
        "Aucune exigence ne porte ce nom.",
        "No clause has this name.";
    DEVIATION_WITHOUT_REASON: "deviation-without-reason",
        "Un écart s’explique en une phrase.",
        "A deviation is explained in a sentence.";
    DEVIATION_UNUSED: "deviation-unused",
        "La politique ne s’écarte pas de cette exigence.",
        "The policy does not depart from this clause.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_explained() {
        let mut names = BTreeSet::new();
        for &name in fault_codes() {
            assert!(names.insert(name), "{name} twice");
            for language in [Language::Fr, Language::En] {
                let text = explain_fault(name, language).expect(name);
                assert!(text.ends_with('.'), "{name}: {text}");
            }
        }
        assert_eq!(explain_fault("no-such-code", Language::En), None);
    }
}
