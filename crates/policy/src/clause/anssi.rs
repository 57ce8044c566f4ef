//! ANSSI: passwords (PG-078) and web sites (PA-009). The TLS guide is beside the other
//! texts on TLS.
//!
//! Known through extractions of the guides, so that most clauses are to be confirmed.

use super::register::clauses;

clauses! {
    ANSSI_LIMIT_ATTEMPTS: AnssiPg078, "anssi-limit-attempts", "R10", Should, Reported,
        "Le nombre de tentatives est limité dans le temps, de quelques secondes à quelques minutes.",
        "The number of attempts is limited in time, from seconds to minutes.";
    ANSSI_SECURE_CHANNEL: AnssiPg078, "anssi-secure-channel", "R11", Should, Reported,
        "L’authentification passe par un canal sécurisé.",
        "Authentication goes through a secure channel.";
    ANSSI_BOUNDED_SESSION: AnssiPg078, "anssi-bounded-session", "R12", Should, Reported,
        "La durée d’une session authentifiée est bornée.",
        "The length of an authenticated session is bounded.";
    ANSSI_PROTECT_VERIFIER: AnssiPg078, "anssi-protect-verifier", "R13", Should, Reported,
        "Les données qui servent à vérifier un mot de passe sont protégées.",
        "The data used to verify a password are protected.";
    ANSSI_MUTE_FAILURE: AnssiPg078, "anssi-mute-failure", "R14", Should, Reported,
        "Un échec ne dit pas quel facteur était faux.",
        "A failure does not say which factor was wrong.";
    ANSSI_POLICY: AnssiPg078, "anssi-policy", "R20", Should, Reported,
        "Une politique de sécurité des mots de passe est définie.",
        "A password security policy is defined.";
    ANSSI_LENGTH: AnssiPg078, "anssi-length", "R21", Should, Reported,
        "La longueur minimale suit la sensibilité : de 9 à 11, de 12 à 14, ou 15 caractères et plus.",
        "The minimum length follows the sensitivity: 9 to 11, 12 to 14, or 15 characters and more.";
    ANSSI_MAX_LENGTH: AnssiPg078, "anssi-max-length", "R22", Should, Reported,
        "La longueur n’est pas limitée, sauf par un plafond de plusieurs centaines de caractères.",
        "Length is not limited, except by a cap of several hundred characters.";
    ANSSI_COMPLEXITY: AnssiPg078, "anssi-complexity", "R23", Should, Reported,
        "Les règles de complexité offrent le jeu de caractères le plus large.",
        "Complexity rules offer the widest set of characters.";
    ANSSI_NO_EXPIRY: AnssiPg078, "anssi-no-expiry", "R24", Should, Reported,
        "Les comptes ordinaires n’ont pas de délai d’expiration.",
        "Ordinary accounts have no expiry.";
    ANSSI_PRIVILEGED_EXPIRY: AnssiPg078, "anssi-privileged-expiry", "R25", Should, Reported,
        "Les comptes à privilèges expirent, par exemple après un à trois ans.",
        "Privileged accounts expire, for instance after one to three years.";
    ANSSI_COMPROMISE: AnssiPg078, "anssi-compromise", "R26", Should, Reported,
        "Un mot de passe compromis est renouvelé sous un jour environ, sinon le compte est désactivé.",
        "A compromised password is renewed within about a day, else the account is disabled.";
    ANSSI_AUTOMATIC_CHECK: AnssiPg078, "anssi-automatic-check", "R27", Should, Reported,
        "La robustesse est vérifiée automatiquement : politique, listes connues, motifs, données personnelles, historique.",
        "Strength is checked automatically: policy, known lists, patterns, personal data, history.";
    ANSSI_SALT: AnssiPg078, "anssi-salt", "R28", Should, Reported,
        "Chaque compte a un sel aléatoire d’au moins 128 bits.",
        "Each account has a random salt of at least 128 bits.";
    ANSSI_MEMORY_HARD: AnssiPg078, "anssi-memory-hard", "R29", Should, Reported,
        "La conservation emploie une fonction coûteuse en mémoire, comme scrypt ou Argon2 ; à défaut, PBKDF2 avec le plus d’itérations possible.",
        "Storage uses a memory-hard function such as scrypt or Argon2; failing that, PBKDF2 with as many iterations as possible.";
    ANSSI_RECOVERY: AnssiPg078, "anssi-recovery", "R30", Should, Reported,
        "Une méthode de recouvrement d’accès est proposée.",
        "A method to recover access is offered.";
    ANSSI_VAULT: AnssiPg078, "anssi-vault", "R31", Should, Reported,
        "Un coffre-fort de mots de passe est mis à disposition.",
        "A password vault is provided.";
    ANSSI_DEFAULTS: AnssiPg078, "anssi-defaults", "R38", Should, Reported,
        "Les authentifiants par défaut sont changés.",
        "Default credentials are changed.";
    ANSSI_HTTPS: AnssiWeb, "anssi-https", "R1", Should, Reported,
        "Le site est servi en HTTPS.",
        "The site is served over HTTPS.";
    ANSSI_HSTS: AnssiWeb, "anssi-hsts", "R2", Should, Reported,
        "HSTS vaut au moins un an et couvre les sous-domaines.",
        "HSTS lasts at least one year and covers the subdomains.";
    ANSSI_CERTIFICATE_LOGS: AnssiWeb, "anssi-certificate-logs", "R3", Should, Reported,
        "Les journaux de transparence des certificats sont surveillés.",
        "Certificate transparency logs are watched.";
}
