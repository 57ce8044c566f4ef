//! CNIL 2022-100: logging, conservation, change, reset, compromise, other secrets.
//!
//! The full act was not at hand; each clause says how it is known.

use super::register::clauses;

clauses! {
    CNIL_LOG_ATTEMPTS: Cnil2022, "cnil-log-attempts", "§64", Should, Reported,
        "Les authentifications réussies et échouées sont journalisées.",
        "Successful and failed authentications are logged.";
    CNIL_LOG_NO_SECRET: Cnil2022, "cnil-log-no-secret", "§64", Must, Reported,
        "Le journal ne contient ni mot de passe ni identifiant inconnu, car on tape parfois son mot de passe dans le mauvais champ.",
        "The log holds neither password nor unknown identifier, since people sometimes type their password in the wrong field.";
    CNIL_LOG_NO_HASH: CnilGuide2024, "cnil-log-no-hash", "", Must, Read,
        "Le journal ne contient pas non plus l’empreinte d’un mot de passe.",
        "The log does not hold the hash of a password either.";
    CNIL_LOG_RETENTION: CnilGuide2024, "cnil-log-retention", "", Should, Read,
        "Les journaux sont conservés de six mois à un an, de façon glissante, sauf justification.",
        "Logs are kept for six to twelve months, on a rolling basis, unless more is justified.";
    CNIL_LOG_PROTECTED: CnilGuide2024, "cnil-log-protected", "", Should, Read,
        "Les journaux sont protégés de ceux dont ils gardent la trace, et analysés activement.",
        "Logs are protected from those whose traces they keep, and actively analysed.";

    CNIL_NEVER_STORED_IN_CLEAR: Cnil2022, "cnil-never-stored-in-clear", "", Must, Read,
        "Un mot de passe n’est jamais conservé en clair.",
        "A password is never stored in clear.";
    CNIL_HASH: Cnil2022, "cnil-hash", "", Must, Reported,
        "Sur un serveur, le mot de passe est transformé par une fonction non réversible et sûre, avec un sel ou une clé.",
        "On a server, the password is transformed by a secure one-way function, with a salt or a key.";
    CNIL_DEDICATED_FUNCTION: Cnil2022, "cnil-dedicated-function", "", Should, Read,
        "La fonction est faite pour les mots de passe et coûte du temps et de la mémoire, comme scrypt ou Argon2.",
        "The function is made for passwords and costs time and memory, as scrypt and Argon2 do.";
    CNIL_SALT: Cnil2022, "cnil-salt", "", Must, Reported,
        "Le sel est aléatoire, propre à chaque mot de passe, d’au moins 128 bits.",
        "The salt is random, different for each password, of at least 128 bits.";
    CNIL_SALT_BESIDE: Cnil2022, "cnil-salt-beside", "", May, Recalled,
        "Le sel peut être rangé à côté de l’empreinte.",
        "The salt may be kept beside the hash.";
    CNIL_KEY_APART: CnilGuide2024, "cnil-key-apart", "", Must, Read,
        "La clé commune à plusieurs mots de passe n’est pas rangée dans la base des empreintes.",
        "A key shared by several passwords is not kept in the database of the hashes.";
    CNIL_KEY_CARE: Cnil2022, "cnil-key-care", "", Must, Recalled,
        "La clé vient d’un générateur aléatoire sûr, elle est protégée et peut être remplacée.",
        "The key comes from a secure random generator, is protected and can be replaced.";
    CNIL_OBSOLETE_HASH: CnilGuide2024, "cnil-obsolete-hash", "", Must, Read,
        "Les empreintes sans sel et les fonctions dépassées ou faites maison, comme MD5 et SHA-1, sont exclues.",
        "Unsalted hashes and outdated or home-made functions, such as MD5 and SHA-1, are excluded.";
    CNIL_UPGRADE_HASH: Cnil2022, "cnil-upgrade-hash", "", Should, Recalled,
        "Les empreintes suivent l’état de l’art : les anciennes sont renouvelées.",
        "Hashes follow the state of the art: old ones are renewed.";

    CNIL_NO_PERIODIC_CHANGE: CnilGuide2024, "cnil-no-periodic-change", "", Should, Read,
        "Les comptes ordinaires n’ont pas de changement périodique imposé.",
        "Ordinary accounts are not made to change their password periodically.";
    CNIL_PRIVILEGED_RENEWAL: Cnil2022, "cnil-privileged-renewal", "§54", Should, Reported,
        "Les comptes à privilèges renouvellent leur mot de passe selon une période pertinente et raisonnable.",
        "Privileged accounts renew their password after a relevant and reasonable period.";
    CNIL_SELF_CHANGE: Cnil2022, "cnil-self-change", "", Must, Recalled,
        "La personne change son mot de passe elle-même, sous les règles de la création.",
        "The person changes the password unaided, under the rules of creation.";
    CNIL_HUMAN_RESET: Cnil2022, "cnil-human-reset", "", Must, Recalled,
        "Une réinitialisation faite par quelqu’un donne un mot de passe temporaire, changé à la première connexion ; le personnel n’apprend pas les mots de passe durables.",
        "A reset made by a person gives a temporary password, changed at first sign-in; staff do not learn lasting passwords.";
    CNIL_RESET_LINK: Cnil2022, "cnil-reset-link", "", Must, Reported,
        "Une réinitialisation automatique passe par un lien à usage unique valable 24 heures au plus, qui annule les précédents.",
        "An automatic reset goes through a single-use link valid for at most 24 hours, which cancels earlier ones.";
    CNIL_RESET_CHANNEL: Cnil2022, "cnil-reset-channel", "", Should, Reported,
        "Le lien suit un canal validé auparavant ; une adresse changée depuis peu ne sert pas aussitôt, et l’ancienne est prévenue.",
        "The link follows a channel validated beforehand; an address changed lately is not usable at once, and the former one is told.";
    CNIL_RECOVERY_DATA: Cnil2022, "cnil-recovery-data", "", Must, Recalled,
        "Les données de récupération ne sont pas rangées avec l’empreinte, sauf chiffrées, et la personne est prévenue de leur changement.",
        "Recovery data are not kept with the hash, unless encrypted, and the person is told when they change.";
    CNIL_SECRET_QUESTIONS: Cnil2022, "cnil-secret-questions", "", Should, Reported,
        "Les questions secrètes affaiblissent le renouvellement : ne pas en proposer.",
        "Secret questions weaken renewal: do not offer any.";
    CNIL_NOTIFY_CHANGE: Cnil2022, "cnil-notify-change", "", Must, Reported,
        "La personne est prévenue quand son mot de passe change.",
        "The person is told when their password changes.";
    CNIL_HISTORY: Cnil2022, "cnil-history", "", May, Recalled,
        "Refuser les anciens mots de passe n’est pas exigé.",
        "Refusing former passwords is not required.";

    CNIL_COMPROMISE: Cnil2022, "cnil-compromise", "", Must, Recalled,
        "Après une violation touchant un mot de passe, la personne est prévenue sous 72 heures, doit le changer à la connexion suivante et est invitée à le changer partout où elle l’emploie.",
        "After a breach that touches a password, the person is told within 72 hours, must change it at the next sign-in and is advised to change it wherever it is reused.";
    CNIL_INFORM_OF_LOGS: CnilGuide2024, "cnil-inform-of-logs", "", Should, Read,
        "Les utilisateurs sont informés de la journalisation et des règles.",
        "Users are told of the logging and of the rules.";
    CNIL_OTHER_SECRETS: Cnil2022, "cnil-other-secrets", "", Must, Recalled,
        "Codes de déverrouillage, codes confidentiels et phrases de passe suivent ces règles ; les clés et la biométrie, non.",
        "Unlock codes, PINs and passphrases follow these rules; keys and biometrics do not.";
    CNIL_OLD_CASE_WITHDRAWN: Cnil2022, "cnil-old-case-withdrawn", "", Must, Reported,
        "Le cas de 2017 fondé sur une information complémentaire est retiré : ses utilisateurs passent à un autre cas.",
        "The case of 2017 that relied on additional information is withdrawn: its users move to another case.";
    CNIL_OLD_CASES: Cnil2022, "cnil-old-cases", "", May, Recalled,
        "Une politique conforme aux cas 1, 2 ou 4 de 2017 reste acceptable par les exemples de 2022.",
        "A policy sound under cases 1, 2 or 4 of 2017 stays acceptable through the examples of 2022.";
    CNIL_ANSSI_COMPANION: Cnil2022, "cnil-anssi-companion", "", May, Read,
        "Le guide ANSSI-PG-078 accompagne la recommandation.",
        "The guide ANSSI-PG-078 accompanies the recommendation.";
}
