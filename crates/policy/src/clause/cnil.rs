//! CNIL 2022-100: nature, governance, definitions, creation, the three cases, the channel.
//!
//! The full act was not at hand; each clause says how it is known. Requirements seen only
//! in the CNIL's security guide of 2024 cite the guide, not the act.

use super::register::clauses;

clauses! {
    CNIL_STATE_OF_THE_ART: Cnil2022, "cnil-state-of-the-art", "", Must, Reported,
        "La recommandation n’est pas contraignante en elle-même : qui s’en écarte doit pouvoir démontrer une sécurité au moins équivalente.",
        "The recommendation does not bind by itself: whoever departs from it must be able to show security at least equivalent.";
    CNIL_SCOPE: Cnil2022, "cnil-scope", "", Must, Reported,
        "Les règles visent les mots de passe et tout autre secret que seule la personne connaît et qui l’authentifie ; les clés cryptographiques en sont exclues.",
        "The rules cover passwords and any other secret that only the person knows and that authenticates them; cryptographic keys are left out.";
    CNIL_MINIMUM_LEVEL: Cnil2022, "cnil-minimum-level", "", Must, Reported,
        "Le niveau minimal tient à la fois à la force du mot de passe et aux règles suivies pendant toute sa vie.",
        "The minimum level rests both on the strength of the password and on rules followed through its whole life.";
    CNIL_STRONGER_WHEN_SENSITIVE: Cnil2022, "cnil-stronger-when-sensitive", "§11", Should, Reported,
        "Un mot de passe seul est une protection faible : les données à haut risque, de santé par exemple, appellent une mesure plus forte, comme plusieurs facteurs.",
        "A password alone protects weakly: high-risk data, health data for instance, call for something stronger such as several factors.";
    CNIL_PUBLISHERS: Cnil2022, "cnil-publishers", "", Should, Recalled,
        "Les éditeurs et sous-traitants devraient permettre aux responsables de traitement d’appliquer ces règles.",
        "Publishers and processors should make it possible for controllers to apply these rules.";
    CNIL_WRITTEN_POLICY: Cnil2022, "cnil-written-policy", "", Must, Recalled,
        "La politique de mots de passe est écrite, adaptée aux risques et à chaque population.",
        "The password policy is written, fitted to the risks and to each population.";
    CNIL_ENFORCED: CnilGuide2024, "cnil-enforced", "", Must, Read,
        "La politique de mots de passe est appliquée par la technique.",
        "The password policy is enforced by technical means.";
    CNIL_ADMINISTRATORS: CnilGuide2024, "cnil-administrators", "", Should, Read,
        "Les administrateurs ont des mots de passe plus forts, renouvelés à une échéance fixée.",
        "Administrators have stronger passwords, renewed after a set period.";
    CNIL_INDIVIDUAL_ACCOUNTS: CnilGuide2024, "cnil-individual-accounts", "", Must, Read,
        "Chaque personne a son identifiant ; un compte partagé reste une exception validée et tracée, et change de mot de passe à chaque départ.",
        "Each person has their own identifier; a shared account stays an approved, traced exception whose password changes with every departure.";
    CNIL_AWARENESS: CnilGuide2024, "cnil-awareness", "", Should, Read,
        "Les utilisateurs sont sensibilisés, formés aux gestionnaires de mots de passe et informés des pratiques interdites.",
        "Users are made aware, trained in password managers and told which practices are forbidden.";
    CNIL_REASSESS: Cnil2022, "cnil-reassess", "", Should, Recalled,
        "La politique est réexaminée régulièrement : listes, coûts de hachage, incidents.",
        "The policy is looked at again from time to time: lists, hashing costs, incidents.";
    CNIL_ENTROPY: Cnil2022, "cnil-entropy", "", Must, Reported,
        "L’entropie mesure l’imprévisibilité théorique face à la force brute : le logarithme en base 2 du nombre de mots de passe possibles.",
        "Entropy measures the theoretical unpredictability against brute force: the base-2 logarithm of the number of possible passwords.";
    CNIL_ENTROPY_OF_POLICY: Cnil2022, "cnil-entropy-of-policy", "", Must, Reported,
        "L’entropie qualifie une politique, c’est-à-dire l’ensemble des mots de passe admis, et non un mot de passe choisi.",
        "Entropy describes a policy, that is the set of admitted passwords, and not one chosen password.";
    CNIL_GUESS: Cnil2022, "cnil-guess", "", May, Reported,
        "La devinabilité, une estimation de la résistance du mot de passe réellement choisi, peut compléter les règles de composition ; aucun seuil n’est établi.",
        "Guessability, an estimate of how well the password really chosen resists, may complement composition rules; no threshold is established.";
    CNIL_CHECKED_AT_CREATION: Cnil2022, "cnil-checked-at-creation", "", Must, Reported,
        "Les exigences sont imposées et vérifiées automatiquement à la création et à chaque renouvellement du mot de passe.",
        "The requirements are imposed and checked automatically when the password is created and each time it is renewed.";
    CNIL_TELL_THE_RULES: CnilGuide2024, "cnil-tell-the-rules", "", Should, Read,
        "La personne connaît les règles et reçoit une aide pour choisir : moyens de mémoire, gestionnaire de mots de passe.",
        "The person knows the rules and is helped to choose: memory aids, a password manager.";
    CNIL_COMMON_LIST: Cnil2022, "cnil-common-list", "§37", Should, Reported,
        "Un mot de passe présent dans une liste de mots de passe courants ou connus devrait être refusé.",
        "A password found in a list of common or known passwords should be refused.";
    CNIL_CONTEXT: CnilGuide2024, "cnil-context", "", Should, Read,
        "Le mot de passe ne se déduit pas de son contexte, c’est-à-dire de ce que l’on sait de la personne ou du service.",
        "The password cannot be deduced from its context, that is from what is known of the person or the service.";
    CNIL_WIDE_CHARACTERS: Cnil2022, "cnil-wide-characters", "", Should, Reported,
        "Le plus grand choix de caractères est accepté, espaces compris.",
        "The widest choice of characters is accepted, spaces included.";
    CNIL_MAX_LENGTH: Cnil2022, "cnil-max-length", "§31", Must, Reported,
        "Une longueur maximale protège le serveur du déni de service, sans jamais descendre sous 50 caractères.",
        "A maximum length protects the server against denial of service, and is never under 50 characters.";
    CNIL_PASTE: CnilGuide2024, "cnil-paste", "", Must, Read,
        "Ni le collage ni le remplissage automatique ne sont bloqués.",
        "Neither pasting nor automatic filling is blocked.";
    CNIL_MANAGERS: CnilGuide2024, "cnil-managers", "", Should, Read,
        "Les gestionnaires de mots de passe sont encouragés, avec un mot de passe maître particulièrement robuste.",
        "Password managers are encouraged, with a particularly strong master password.";
    CNIL_NO_DEFAULTS: CnilGuide2024, "cnil-no-defaults", "", Must, Read,
        "Aucun mot de passe par défaut n’est laissé en place.",
        "No default password is left in place.";
    CNIL_FIRST_LOGIN: CnilGuide2024, "cnil-first-login", "", Must, Read,
        "Un mot de passe attribué, par un automate ou un administrateur, est changé dès la première connexion.",
        "A password that was attributed, by a machine or an administrator, is changed at the first sign-in.";
    CNIL_NEVER_SENT_IN_CLEAR: Cnil2022, "cnil-never-sent-in-clear", "", Must, Recalled,
        "Un mot de passe durable n’est jamais transmis en clair, même par courriel ; seul un secret temporaire ou à usage unique peut voyager ainsi.",
        "A lasting password is never delivered in clear, e-mail included; only a temporary or one-time secret may travel so.";
    CNIL_GENERATED: Cnil2022, "cnil-generated", "", Should, Recalled,
        "Un mot de passe attribué vient d’un générateur aléatoire sûr et atteint l’entropie du cas.",
        "An attributed password comes from a secure random generator and reaches the entropy of the case.";

    CNIL_CASE_1: Cnil2022, "cnil-case-1", "", Must, Read,
        "Cas 1, le mot de passe est la seule protection : au moins 80 bits d’entropie.",
        "Case 1, the password is the only protection: at least 80 bits of entropy.";
    CNIL_CASE_1_EXAMPLES: Cnil2022, "cnil-case-1-examples", "", May, Read,
        "Deux exemples valent 80 bits : 12 caractères des quatre types avec au moins 37 signes spéciaux possibles ; 14 caractères avec majuscules, minuscules et chiffres.",
        "Two examples are worth 80 bits: 12 characters of all four types with at least 37 special signs to choose from; 14 characters with upper case, lower case and digits.";
    CNIL_CASE_1_WORDS: Cnil2022, "cnil-case-1-words", "", May, Reported,
        "Une phrase de passe de 7 mots vaut 80 bits.",
        "A passphrase of 7 words is worth 80 bits.";
    CNIL_CASE_2: Cnil2022, "cnil-case-2", "", Must, Read,
        "Cas 2, l’accès au compte est restreint : au moins 50 bits d’entropie et au moins un mécanisme de restriction.",
        "Case 2, access to the account is restricted: at least 50 bits of entropy and at least one restriction mechanism.";
    CNIL_CASE_2_EXAMPLES: Cnil2022, "cnil-case-2-examples", "", May, Read,
        "Deux exemples valent 50 bits : 8 caractères de trois types sur quatre ; 16 chiffres.",
        "Two examples are worth 50 bits: 8 characters of three types out of four; 16 digits.";
    CNIL_CASE_2_WORDS: Cnil2022, "cnil-case-2-words", "", May, Reported,
        "Une phrase de passe de 5 mots vaut 50 bits.",
        "A passphrase of 5 words is worth 50 bits.";
    CNIL_RESTRICTION: Cnil2022, "cnil-restriction", "§43", Must, Reported,
        "La restriction d’accès prend l’une de ces formes : une attente qui croît après chaque échec, un moyen d’écarter les automates, un blocage après dix échecs au plus.",
        "Access is restricted in one of these ways: a wait that grows after each failure, a means to keep automata out, a block after ten failures at most.";
    CNIL_DELAY: Cnil2022, "cnil-delay", "§43", Must, Reported,
        "Quand la restriction est une attente, sa durée croît de façon exponentielle avec les échecs.",
        "When the restriction is a wait, its duration grows exponentially with the failures.";
    CNIL_DELAY_FIGURES: Cnil2022, "cnil-delay-figures", "§43", Should, Reported,
        "Les valeurs recommandées de l’attente sont plus d’une minute après cinq échecs et 25 tentatives au plus par 24 heures.",
        "The recommended figures of the wait are over one minute after five failures and at most 25 attempts in 24 hours.";
    CNIL_CAPTCHA: Cnil2022, "cnil-captcha", "§43", May, Reported,
        "Un mécanisme contre les soumissions automatisées, tel qu’un captcha, est une restriction possible.",
        "A mechanism against automated submissions, such as a captcha, is a possible restriction.";
    CNIL_BLOCK: Cnil2022, "cnil-block", "", Must, Read,
        "Quand la restriction est un blocage, il survient après dix échecs consécutifs au plus.",
        "When the restriction is a block, it comes after ten consecutive failures at most.";
    CNIL_UNLOCK: Cnil2022, "cnil-unlock", "", Must, Recalled,
        "Le déblocage est choisi en pesant l’usurpation d’identité et le blocage malveillant du compte d’autrui.",
        "The way to unlock is chosen by weighing identity theft against the malicious lock-out of somebody else.";
    CNIL_CASE_3: Cnil2022, "cnil-case-3", "", Must, Read,
        "Cas 3, le secret déverrouille un matériel que la personne détient : au moins 13 bits, soit quatre chiffres.",
        "Case 3, the secret unlocks hardware that the person holds: at least 13 bits, that is four digits.";
    CNIL_CASE_3_BLOCK: Cnil2022, "cnil-case-3-block", "", Must, Read,
        "Dans le cas 3, le matériel se bloque après trois échecs consécutifs.",
        "In case 3, the hardware blocks after three consecutive failures.";

    CNIL_SOUND_FUNCTION: Cnil2022, "cnil-sound-function", "", Must, Recalled,
        "La fonction d’authentification emploie un algorithme public réputé fort, dans une réalisation sans faille connue.",
        "The authentication function uses a public algorithm held to be strong, in an implementation without known flaw.";
    CNIL_CHANNEL: Cnil2022, "cnil-channel", "", Must, Recalled,
        "À distance, un certificat garantit l’identité du serveur et le canal entre la personne et lui est chiffré.",
        "At a distance, a certificate vouches for the server and the channel between it and the person is encrypted.";
    CNIL_NO_CLEAR_HTTP: CnilGuide2024, "cnil-no-clear-http", "", Must, Read,
        "TLS protège toute page d’authentification et toute page où passent des données personnelles.",
        "TLS protects every authentication page and every page that carries personal data.";
    CNIL_TLS_VERSION: CnilGuide2024, "cnil-tls-version", "", Should, Read,
        "TLS 1.3 est préféré, TLS 1.2 à défaut.",
        "TLS 1.3 is preferred, TLS 1.2 failing that.";
    CNIL_PRIVATE_KEYS: Cnil2022, "cnil-private-keys", "", Must, Recalled,
        "Les clés privées sont protégées.",
        "Private keys are protected.";
    CNIL_MUTE_FAILURE: Cnil2022, "cnil-mute-failure", "", Should, Reported,
        "Le message d’échec ne dit pas ce qui était faux.",
        "The failure message does not say what was wrong.";
    CNIL_NO_ENUMERATION: CnilGuide2024, "cnil-no-enumeration", "", Must, Read,
        "Ni l’inscription ni la réinitialisation ne révèlent si un compte existe.",
        "Neither sign-up nor reset reveals whether an account exists.";
    CNIL_URL_SECRETS: CnilGuide2024, "cnil-url-secrets", "", Must, Read,
        "Aucun identifiant ni mot de passe ne figure dans une adresse.",
        "No identifier or password stands in an address.";
    CNIL_COOKIES: CnilGuide2024, "cnil-cookies", "", Must, Read,
        "Les cookies portent les attributs Secure et HttpOnly.",
        "Cookies carry the Secure and HttpOnly attributes.";
}
