//! RFC 6797 and the browsers' preload list: what makes a promise of HTTPS hold, and what
//! makes it hurt.

use super::register::clauses;

clauses! {
    HSTS_ONLY_ENCRYPTED: Rfc6797, "hsts-only-encrypted", "7.2", Must, Read,
        "Le champ HSTS n’est jamais envoyé sur une connexion en clair.",
        "The HSTS field is never sent over a cleartext connection.";
    HSTS_REDIRECT: Rfc6797, "hsts-redirect", "7.2", Should, Recalled,
        "Une requête en clair reçoit une redirection permanente vers la même adresse en https.",
        "A cleartext request gets a permanent redirect to the same address over https.";
    HSTS_ONE_FIELD: Rfc6797, "hsts-one-field", "7.1", Must, Read,
        "Une réponse porte un seul champ HSTS.",
        "An answer carries one HSTS field only.";
    HSTS_DIRECTIVES: Rfc6797, "hsts-directives", "6.1", Must, Read,
        "Chaque directive paraît une fois et max-age est toujours là.",
        "Each directive appears once and max-age is always there.";
    HSTS_FORGET: Rfc6797, "hsts-forget", "6.1.1", May, Read,
        "Un max-age nul fait oublier le site au navigateur.",
        "A max-age of zero makes the browser forget the site.";
    HSTS_NO_IP: Rfc6797, "hsts-no-ip", "8.1.1", Must, Recalled,
        "Une adresse IP n’est pas un hôte HSTS.",
        "An IP address is not an HSTS host.";
    HSTS_NO_CLICK_THROUGH: Rfc6797, "hsts-no-click-through", "11.3", Should, Read,
        "Sous HSTS, une erreur de certificat ne se contourne pas : un certificat de développement n’annonce donc pas HSTS.",
        "Under HSTS a certificate error cannot be clicked through: so a development certificate does not announce HSTS.";
    HSTS_CHANGE_BY_POLICY: Rfc6797, "hsts-change-by-policy", "11.2", Should, Reported,
        "La durée de HSTS ne change que par la politique.",
        "The HSTS duration changes through the policy only.";
    HSTS_SUBDOMAINS: Rfc6797, "hsts-subdomains", "11.4", Should, Reported,
        "Les sous-domaines ne sont inclus qu’après inventaire : tous doivent répondre en HTTPS.",
        "Subdomains are included only after an inventory: all of them must answer over HTTPS.";
    PRELOAD_CERTIFICATE: HstsPreload, "preload-certificate", "", Must, Read,
        "Le domaine présente un certificat valide.",
        "The domain shows a valid certificate.";
    PRELOAD_REDIRECT: HstsPreload, "preload-redirect", "", Must, Read,
        "Si le port 80 répond, il redirige d’abord vers HTTPS sur le même hôte, et toute redirection suivante porte aussi le champ.",
        "If port 80 answers, it first redirects to HTTPS on the same host, and any further redirect carries the field too.";
    PRELOAD_SUBDOMAINS: HstsPreload, "preload-subdomains", "", Must, Read,
        "Tous les sous-domaines, internes et www compris, sont servis en HTTPS.",
        "All subdomains, internal ones and www included, are served over HTTPS.";
    PRELOAD_HEADER: HstsPreload, "preload-header", "", Must, Read,
        "Le domaine de base annonce un max-age d’un an au moins, includeSubDomains et preload.",
        "The base domain announces a max-age of at least one year, includeSubDomains and preload.";
    PRELOAD_STAGES: HstsPreload, "preload-stages", "", Should, Read,
        "La durée monte par paliers : cinq minutes, une semaine, un mois, puis davantage.",
        "The duration climbs in stages: five minutes, one week, one month, then more.";
    PRELOAD_NOT_BY_DEFAULT: HstsPreload, "preload-not-by-default", "", Must, Read,
        "Aucun outil ne met preload par défaut : en sortir prend des mois.",
        "No tool sends preload by default: leaving the list takes months.";
}
