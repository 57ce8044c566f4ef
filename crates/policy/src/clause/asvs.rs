//! OWASP: ASVS 5.0 and the Password Storage Cheat Sheet, both read.

use super::register::clauses;

clauses! {
    ASVS_LENGTH: Asvs5, "asvs-length", "6.2.1", Must, Read,
        "Un mot de passe a au moins 8 caractères ; 15 sont vivement conseillés.",
        "A password has at least 8 characters; 15 are strongly advised.";
    ASVS_COMMON: Asvs5, "asvs-common", "6.2.4", Must, Read,
        "Un nouveau mot de passe est comparé au moins aux 3 000 plus courants qui satisfont la politique.",
        "A new password is compared with at least the 3,000 most common ones that fit the policy.";
    ASVS_NO_COMPOSITION: Asvs5, "asvs-no-composition", "6.2.5", Must, Read,
        "Aucune règle ne limite les types de caractères.",
        "No rule limits the types of characters.";
    ASVS_PASTE: Asvs5, "asvs-paste", "6.2.7", Must, Read,
        "Le collage, les aides du navigateur et les gestionnaires sont permis.",
        "Pasting, browser helpers and password managers are permitted.";
    ASVS_NO_TRUNCATION: Asvs5, "asvs-no-truncation", "6.2.8", Must, Read,
        "Le mot de passe est vérifié tel que reçu, sans troncature.",
        "The password is verified as received, without truncation.";
    ASVS_MAX_LENGTH: Asvs5, "asvs-max-length", "6.2.9", Must, Read,
        "Au moins 64 caractères sont acceptés.",
        "At least 64 characters are accepted.";
    ASVS_NO_ROTATION: Asvs5, "asvs-no-rotation", "6.2.10", Must, Read,
        "Un mot de passe reste valable tant qu’il n’est pas compromis, sans exception pour les administrateurs.",
        "A password stays valid until it is compromised, with no exception for administrators.";
    ASVS_CONTEXT: Asvs5, "asvs-context", "6.2.11", Must, Read,
        "Les mots liés au contexte sont refusés.",
        "Words tied to the context are refused.";
    ASVS_BREACHED: Asvs5, "asvs-breached", "6.2.12", Must, Read,
        "Un nouveau mot de passe est comparé à un ensemble de mots de passe divulgués.",
        "A new password is compared with a set of breached passwords.";
    ASVS_THROTTLE: Asvs5, "asvs-throttle", "6.3.1", Must, Read,
        "Les mesures contre la force brute et le bourrage d’identifiants sont en place, sans permettre de bloquer autrui.",
        "Measures against brute force and credential stuffing are in place, without letting anyone lock others out.";
    ASVS_NO_ENUMERATION: Asvs5, "asvs-no-enumeration", "6.3.8", Must, Read,
        "Ni les messages ni les temps de réponse ne disent si un compte existe.",
        "Neither messages nor response times tell whether an account exists.";
    ASVS_INITIAL_SECRET: Asvs5, "asvs-initial-secret", "6.4.1", Must, Read,
        "Un secret initial est aléatoire, de courte durée, et ne devient pas durable.",
        "An initial secret is random, short-lived, and does not become a lasting one.";
    ASVS_END_SESSIONS: Asvs5, "asvs-end-sessions", "7.4.3", Must, Read,
        "Après un changement de mot de passe, fermer les autres sessions est proposé.",
        "After a change of password, ending the other sessions is offered.";
    ASVS_HASH_COST: Asvs5, "asvs-hash-cost", "App. C", Must, Read,
        "Argon2id coûte au moins 46 Mio en une passe, 19 Mio en deux, 12 Mio en trois.",
        "Argon2id costs at least 46 MiB in one pass, 19 MiB in two, 12 MiB in three.";
    OWASP_ARGON2: OwaspStorage, "owasp-argon2", "", Must, Read,
        "Argon2id demande au moins 19 Mio et 2 passes avec une voie, ou un réglage équivalent.",
        "Argon2id takes at least 19 MiB and 2 passes with one lane, or an equivalent setting.";
    OWASP_OTHERS: OwaspStorage, "owasp-others", "", Should, Read,
        "À défaut d’Argon2id : scrypt N=2^17, r=8, p=1 ; bcrypt de coût 10 au moins ; PBKDF2-SHA256 avec 600 000 itérations.",
        "Failing Argon2id: scrypt N=2^17, r=8, p=1; bcrypt of cost 10 at least; PBKDF2-SHA256 with 600,000 iterations.";
    ASVS_COOKIE_PREFIX: Asvs5, "asvs-cookie-prefix", "3.3.1", Must, Read,
        "Les cookies sont Secure et portent le préfixe __Secure- ou __Host-.",
        "Cookies are Secure and carry the prefix __Secure- or __Host-.";
    ASVS_COOKIE_SAME_SITE: Asvs5, "asvs-cookie-same-site", "3.3.2", Must, Reported,
        "SameSite d’un cookie suit son usage.",
        "SameSite of a cookie follows its purpose.";
    ASVS_COOKIE_HTTP_ONLY: Asvs5, "asvs-cookie-http-only", "3.3.4", Must, Reported,
        "Un cookie de session porte HttpOnly.",
        "A session cookie carries HttpOnly.";
    ASVS_CSP: Asvs5, "asvs-csp", "3.4.3", Must, Reported,
        "Toute réponse porte une Content-Security-Policy, avec object-src 'none' et base-uri 'none'.",
        "Every answer carries a Content-Security-Policy, with object-src 'none' and base-uri 'none'.";
    ASVS_NOSNIFF: Asvs5, "asvs-nosniff", "3.4.4", Must, Reported,
        "Toute réponse porte X-Content-Type-Options: nosniff.",
        "Every answer carries X-Content-Type-Options: nosniff.";
    ASVS_REFERRER: Asvs5, "asvs-referrer", "3.4.5", Must, Reported,
        "Une Referrer-Policy convenable cache les adresses aux autres sites.",
        "A suitable Referrer-Policy hides addresses from other sites.";
    ASVS_FRAMES: Asvs5, "asvs-frames", "3.4.6", Must, Reported,
        "frame-ancestors empêche d’incorporer le site ailleurs ; X-Frame-Options seul ne suffit plus.",
        "frame-ancestors keeps the site from being embedded elsewhere; X-Frame-Options alone is not enough any more.";
    ASVS_HSTS: Asvs5, "asvs-hsts", "3.4.1", Must, Read,
        "Toute réponse porte HSTS, pour un an au moins.",
        "Every answer carries HSTS, for at least one year.";
    ASVS_PRELOAD: Asvs5, "asvs-preload", "3.7.4", Should, Read,
        "Au plus haut niveau, le domaine est inscrit sur la liste publique de préchargement HSTS.",
        "At the highest level, the domain is on the public HSTS preload list.";
    ASVS_REDIRECT: Asvs5, "asvs-redirect", "4.1.2", Must, Read,
        "Seules les adresses ouvertes par un navigateur redirigent de HTTP vers HTTPS ; les interfaces de programme refusent.",
        "Only addresses opened by a browser redirect from HTTP to HTTPS; program interfaces refuse.";
    ASVS_TLS_VERSIONS: Asvs5, "asvs-tls-versions", "12.1.1", Must, Read,
        "Seuls TLS 1.2 et 1.3 sont offerts, le plus récent de préférence.",
        "Only TLS 1.2 and 1.3 are offered, the newest preferred.";
    ASVS_TLS_SUITES: Asvs5, "asvs-tls-suites", "12.1.2", Must, Read,
        "Seules des suites recommandées sont offertes, les plus fortes d’abord.",
        "Only recommended suites are offered, the strongest first.";
    ASVS_NO_FALLBACK: Asvs5, "asvs-no-fallback", "12.2.1", Must, Read,
        "Tout échange avec un client passe par TLS, sans repli en clair.",
        "Every exchange with a client goes through TLS, without falling back to cleartext.";
    ASVS_PUBLIC_TRUST: Asvs5, "asvs-public-trust", "12.2.2", Must, Read,
        "Un service ouvert au public a un certificat reconnu publiquement.",
        "A public service has a publicly trusted certificate.";
    UPSTREAM_CLEAR: Asvs5, "asvs-internal-hops", "12.3.1", Must, Read,
        "Les liaisons internes, vers l’origine comprise, passent aussi par TLS.",
        "Internal hops, the one to the origin included, go through TLS as well.";
    ASVS_LOG_NO_CREDENTIALS: Asvs5, "asvs-log-no-credentials", "16.2.5", Must, Read,
        "Les journaux ne contiennent pas d’identifiants de connexion.",
        "Logs do not contain credentials.";
    ASVS_TOKENS: Asvs5, "asvs-tokens", "11.5.1", Must, Read,
        "Un jeton aléatoire porte au moins 128 bits.",
        "A random token carries at least 128 bits.";
}
