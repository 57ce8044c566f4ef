//! NIST SP 800-63B-4, RFC 8265 and RFC 9106: what other authorities ask of a password and
//! of its hash, where rempart takes a figure or a step from them.
//!
//! NIST is known through quotations, so its clauses are to be confirmed.

use super::register::clauses;

clauses! {
    NIST_LENGTH: Nist80063b, "nist-length", "", Must, Reported,
        "Un mot de passe employé seul a au moins 15 caractères ; avec un autre facteur, au moins 8.",
        "A password used alone has at least 15 characters; with another factor, at least 8.";
    NIST_NO_COMPOSITION: Nist80063b, "nist-no-composition", "", Must, Reported,
        "Aucune règle de composition n’est imposée.",
        "No composition rule is imposed.";
    NIST_MAX_LENGTH: Nist80063b, "nist-max-length", "", Should, Reported,
        "Au moins 64 caractères sont acceptés, sans troncature.",
        "At least 64 characters are accepted, without truncation.";
    NIST_BLOCKLIST: Nist80063b, "nist-blocklist", "", Must, Reported,
        "Le mot de passe entier est comparé à une liste de valeurs refusées.",
        "The whole password is compared with a list of refused values.";
    NIST_NO_ROTATION: Nist80063b, "nist-no-rotation", "", Must, Reported,
        "Aucun changement périodique n’est imposé.",
        "No periodic change is imposed.";
    NIST_THROTTLE: Nist80063b, "nist-throttle", "", Must, Reported,
        "Pas plus de 100 échecs consécutifs sur un compte ; ensuite, le mot de passe est désactivé.",
        "No more than 100 consecutive failures on an account; then the password is disabled.";
    NIST_SALT: Nist80063b, "nist-salt", "", Must, Reported,
        "Le sel compte au moins 32 bits ; une étape de plus avec une clé est conseillée.",
        "The salt has at least 32 bits; one more step with a key is advised.";
    NIST_NO_SECRET_QUESTIONS: Nist80063b, "nist-no-secret-questions", "", Must, Reported,
        "Ni question secrète ni aide-mémoire.",
        "Neither secret question nor hint is offered.";
    NIST_MANAGERS: Nist80063b, "nist-managers", "", Must, Reported,
        "Les gestionnaires de mots de passe sont permis, et le collage devrait l’être.",
        "Password managers are permitted, and pasting should be.";
    RFC8265_OPAQUE: Rfc8265, "rfc8265-opaque", "4.2", Must, Recalled,
        "Un mot de passe en Unicode est comparé après normalisation NFC, ses espaces ramenés à l’espace simple, sans changer la casse ; une chaîne vide est refusée.",
        "A Unicode password is compared after NFC, its spaces mapped to the plain space, case unchanged; an empty string is refused.";
    RFC9106_FIRST: Rfc9106, "rfc9106-first", "", Should, Recalled,
        "Premier réglage d’Argon2id : 2 Gio, 1 passe, 4 voies, sel de 128 bits, empreinte de 256 bits.",
        "First choice of Argon2id: 2 GiB, 1 pass, 4 lanes, a 128-bit salt, a 256-bit tag.";
    RFC9106_SECOND: Rfc9106, "rfc9106-second", "", Should, Reported,
        "Second réglage d’Argon2id, pour une mémoire comptée : 64 Mio, 3 passes, 4 voies.",
        "Second choice of Argon2id, where memory is short: 64 MiB, 3 passes, 4 lanes.";
}
