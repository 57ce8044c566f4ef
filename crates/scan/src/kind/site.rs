//! Kinds of HTTP: plain HTTP, pages, HSTS, cookies, fields, behaviour.

super::kinds! {
    NO_HTTPS: "scan-no-https", High, Cleartext, CNIL_NO_CLEAR_HTTP, [KG_COM, DOCTISSIMO, FORMAL_NOTICES],
        "le site n’est pas servi en HTTPS", "the site is not served over HTTPS",
        "obtenez un certificat et servez tout en HTTPS ; `rempart serve` le fait devant un site qu’on ne peut pas changer", "get a certificate and serve everything over HTTPS; `rempart serve` does it in front of a site that cannot be changed";
    CLEAR_PASSWORD: "scan-clear-password-form", High, Cleartext, CNIL_NO_CLEAR_HTTP, [KG_COM, FORMAL_NOTICES],
        "une page en clair demande un mot de passe", "a page in clear asks for a password",
        "redirigez tout vers HTTPS, puis annoncez HSTS", "redirect everything to HTTPS, then announce HSTS";
    CLEAR_FORM: "scan-clear-form", High, Cleartext, CNIL_NO_CLEAR_HTTP, [SENATE, FORMAL_NOTICES],
        "une page en clair a un formulaire à remplir", "a page in clear has a form to fill in",
        "redirigez tout vers HTTPS", "redirect everything to HTTPS";
    CLEAR_PAGE: "scan-clear-page", Medium, Cleartext, ANSSI_HTTPS, [KG_COM, FORMAL_NOTICES],
        "une page est servie en clair au lieu de rediriger vers HTTPS", "a page is served in clear instead of redirecting to HTTPS",
        "répondez 308 vers la même adresse en HTTPS", "answer 308 to the same address over HTTPS";
    CLEAR_COOKIE: "scan-clear-cookie", Medium, Cleartext, CNIL_COOKIES, [],
        "un cookie est posé en clair", "a cookie is set in clear",
        "ne posez de cookie que sous HTTPS, avec Secure", "set cookies over HTTPS only, with Secure";
    CLEAR_HSTS: "scan-clear-hsts", Low, Cleartext, HSTS_ONLY_ENCRYPTED, [],
        "le champ HSTS est envoyé en clair, où les navigateurs l’ignorent", "the HSTS field is sent in clear, where browsers ignore it",
        "ne l’envoyez que sous HTTPS", "send it over HTTPS only";
    REDIRECT_IN_CLEAR: "scan-redirect-in-clear", Low, Cleartext, PRELOAD_REDIRECT, [],
        "la première redirection reste en clair", "the first redirect stays in clear",
        "redirigez d’abord vers HTTPS, puis ailleurs", "redirect to HTTPS first, then elsewhere";
    REDIRECT_OTHER_HOST: "scan-redirect-other-host", Low, Cleartext, PRELOAD_REDIRECT, [],
        "la première redirection mène à un autre nom, qui ne peut donc pas annoncer HSTS pour celui-ci", "the first redirect leads to another name, so that this one can never announce HSTS",
        "redirigez d’abord vers HTTPS sur le même nom", "redirect to HTTPS on the same name first";
    REDIRECT_TEMPORARY: "scan-redirect-temporary", Note, Cleartext, HSTS_REDIRECT, [],
        "la redirection vers HTTPS n’est pas permanente", "the redirect to HTTPS is not permanent",
        "répondez 301 ou 308", "answer 301 or 308";
    DOWNGRADE: "scan-downgrade", High, Cleartext, ASVS_NO_FALLBACK, [FORMAL_NOTICES],
        "HTTPS redirige vers HTTP en clair", "HTTPS redirects to plain HTTP",
        "corrigez l’adresse de la redirection ; `site.repair.location` le fait à la porte", "mend the address of the redirect; `site.repair.location` does it at the gate";
    ACTION_CLEAR: "scan-form-action-clear", High, Pages, CNIL_NO_CLEAR_HTTP, [],
        "un formulaire envoie ce qu’on y écrit en clair", "a form sends what is typed in clear",
        "donnez à `action` une adresse en https, ou relative ; `site.repair.html` le fait à la porte", "give `action` an https or relative address; `site.repair.html` does it at the gate";
    PASSWORD_GET: "scan-form-get", High, Pages, CNIL_URL_SECRETS, [],
        "un formulaire met le mot de passe dans l’adresse (GET)", "a form puts the password in the address (GET)",
        "écrivez `method=\"post\"`", "write `method=\"post\"`";
    PASSWORD_VISIBLE: "scan-password-visible", Low, Pages, CNIL_MANAGERS, [],
        "un champ de mot de passe a le type `text` et n’est pas reconnu par les gestionnaires", "a password field has the type `text` and managers do not know it",
        "écrivez `type=\"password\"`", "write `type=\"password\"`";
    MAX_TOO_SHORT: "scan-password-max-short", High, Pages, CNIL_MAX_LENGTH, [],
        "la longueur maximale ne laisse écrire aucun mot de passe de 50 bits, le moins qui suffise même avec un accès restreint", "the maximum length leaves no room for a password of 50 bits, the least that is enough even with restricted access",
        "retirez `maxlength` ; le serveur fixe un plafond d’au moins 50 caractères", "remove `maxlength`; let the server set a cap of at least 50 characters";
    MAX_RESTRICTED: "scan-password-max-restricted", Medium, Pages, CNIL_MAX_LENGTH, [],
        "la longueur maximale ne laisse écrire aucun mot de passe de 80 bits : insuffisant sans une restriction d’accès, qu’on ne voit pas d’ici", "the maximum length leaves no room for a password of 80 bits: not enough without restricted access, which cannot be seen from here",
        "acceptez au moins 50 caractères, et vérifiez que l’accès est restreint (`rempart report`)", "accept at least 50 characters, and check that access is restricted (`rempart report`)";
    MAX_SHORT: "scan-password-max", Medium, Pages, CNIL_MAX_LENGTH, [],
        "un mot de passe ne peut pas dépasser une longueur de moins de 50 caractères", "a password may not be longer than a length under 50 characters",
        "acceptez au moins 50 caractères", "accept at least 50 characters";
    MIN_TOO_SHORT: "scan-password-min-short", High, Pages, CNIL_CASE_2, [],
        "la règle affichée admet des mots de passe trop courts pour valoir 50 bits, quels que soient leurs caractères", "the stated rule admits passwords too short to be worth 50 bits, whatever their characters",
        "demandez 12 caractères de quatre types, ou une autre forme d’au moins 80 bits (50 avec une restriction d’accès), et dites-le sur la page ; `[[site.form]]` refuse les autres à la porte", "ask for 12 characters of four types, or another form of at least 80 bits (50 with restricted access), and say so on the page; `[[site.form]]` refuses the others at the gate";
    DIGITS_ONLY: "scan-password-digits", High, Pages, CNIL_CASE_2, [],
        "un mot de passe de quelques chiffres suffit, d’après la page", "a password of a few digits is enough, the page says",
        "demandez au moins 16 chiffres avec une restriction d’accès, ou une autre forme, et dites-le sur la page ; `[[site.form]]` refuse les autres à la porte", "ask for at least 16 digits with restricted access, or another form, and say so on the page; `[[site.form]]` refuses the others at the gate";
    MIN_SHORT: "scan-password-min", Low, Pages, CNIL_CASE_1, [],
        "un mot de passe de la longueur affichée ne peut pas valoir 80 bits : elle suppose une restriction d’accès, qu’on ne voit pas d’ici", "a password of the stated length cannot be worth 80 bits: it supposes restricted access, which cannot be seen from here",
        "vérifiez que l’accès est restreint (`rempart report`), ou demandez 12 caractères de quatre types", "check that access is restricted (`rempart report`), or ask for 12 characters of four types";
    AUTOCOMPLETE_OFF: "scan-autocomplete-off", Medium, Pages, CNIL_PASTE, [],
        "le remplissage automatique du mot de passe est bloqué", "automatic filling of the password is blocked",
        "écrivez `autocomplete=\"current-password\"` ou `new-password`", "write `autocomplete=\"current-password\"` or `new-password`";
    PASTE_BLOCKED: "scan-paste-blocked", Medium, Pages, CNIL_PASTE, [],
        "le collage d’un mot de passe est bloqué", "pasting a password is blocked",
        "retirez le gestionnaire `onpaste`", "remove the `onpaste` handler";
    SECRET_QUESTION: "scan-secret-question", Medium, Pages, CNIL_SECRET_QUESTIONS, [],
        "une question secrète est proposée", "a secret question is offered",
        "remplacez-la par un lien à usage unique envoyé à une adresse validée", "replace it by a single-use link sent to a validated address";
    PASSWORD_BY_MAIL: "scan-password-by-mail", Medium, Pages, CNIL_NEVER_SENT_IN_CLEAR, [FREE, FREE_MOBILE, INFOGREFFE, ACTIVE_ASSURANCES],
        "la page annonce un mot de passe envoyé par message", "the page announces a password sent by message",
        "envoyez un lien à usage unique ; un mot de passe temporaire se change à la première connexion", "send a single-use link; a temporary password is changed at the first sign-in";
    MIXED_CONTENT: "scan-mixed-content", Medium, Pages, ASVS_NO_FALLBACK, [],
        "une page en HTTPS charge un script, un style ou un cadre en clair", "a page over HTTPS loads a script, a style or a frame in clear",
        "chargez-les en https, ou envoyez `upgrade-insecure-requests`", "load them over https, or send `upgrade-insecure-requests`";
    NO_HSTS: "scan-no-hsts", Medium, Hsts, ANSSI_HSTS, [],
        "HSTS n’est pas annoncé", "HSTS is not announced",
        "annoncez-le par étapes : `rempart hsts status` montre l’échelle", "announce it in stages: `rempart hsts status` shows the ladder";
    HSTS_INVALID: "scan-hsts-invalid", Medium, Hsts, HSTS_DIRECTIVES, [],
        "le champ HSTS est mal écrit : les navigateurs l’ignorent", "the HSTS field is badly written: browsers ignore it",
        "écrivez `max-age=31536000; includeSubDomains`, chaque directive une fois", "write `max-age=31536000; includeSubDomains`, each directive once";
    HSTS_TWICE: "scan-hsts-twice", Low, Hsts, HSTS_ONE_FIELD, [],
        "le champ HSTS est envoyé plusieurs fois ; seul le premier compte", "the HSTS field is sent several times; only the first counts",
        "un seul endroit l’écrit : le serveur, ou l’application", "one place writes it: the server, or the application";
    HSTS_ZERO: "scan-hsts-zero", Medium, Hsts, ANSSI_HSTS, [],
        "HSTS vaut zéro : les navigateurs oublient le site", "HSTS is zero: browsers forget the site",
        "montez l’échelle à nouveau, de cinq minutes à un an", "climb the ladder again, from five minutes to one year";
    HSTS_SHORT: "scan-hsts-short", Low, Hsts, ASVS_HSTS, [],
        "HSTS dure moins d’un an", "HSTS lasts less than a year",
        "montez l’échelle jusqu’à un an : `rempart hsts advance`", "climb the ladder up to one year: `rempart hsts advance`";
    HSTS_ALONE: "scan-hsts-subdomains", Note, Hsts, ANSSI_HSTS, [],
        "HSTS ne couvre pas les sous-domaines", "HSTS does not cover the subdomains",
        "faites l’inventaire des sous-domaines, puis ajoutez includeSubDomains", "make an inventory of the subdomains, then add includeSubDomains";
    COOKIE_NOT_SECURE: "scan-cookie-not-secure", Medium, Cookies, CNIL_COOKIES, [],
        "un cookie n’a pas l’attribut Secure", "a cookie lacks the Secure attribute",
        "ajoutez Secure ; la porte le fait d’elle-même", "add Secure; the gate does it by itself";
    COOKIE_NOT_HTTP_ONLY: "scan-cookie-not-http-only", Medium, Cookies, CNIL_COOKIES, [],
        "un cookie n’a pas l’attribut HttpOnly", "a cookie lacks the HttpOnly attribute",
        "ajoutez HttpOnly, sauf pour un cookie qu’un script doit lire", "add HttpOnly, unless a script has to read the cookie";
    COOKIE_NO_SAME_SITE: "scan-cookie-same-site", Low, Cookies, ASVS_COOKIE_SAME_SITE, [],
        "un cookie n’a pas l’attribut SameSite", "a cookie lacks the SameSite attribute",
        "écrivez SameSite=Lax, ou Strict pour une session", "write SameSite=Lax, or Strict for a session";
    COOKIE_REFUSED: "scan-cookie-refused", Medium, Cookies, COOKIE_SAME_SITE, [],
        "un cookie dit SameSite=None sans Secure, ou un préfixe qu’il ne tient pas : les navigateurs le refusent", "a cookie says SameSite=None without Secure, or a prefix that it does not keep: browsers refuse it",
        "ajoutez Secure ; un nom en __Host- veut aussi Path=/ et pas de Domain", "add Secure; a __Host- name also wants Path=/ and no Domain";
    COOKIE_PREFIX_MISSING: "scan-cookie-prefix", Note, Cookies, ASVS_COOKIE_PREFIX, [],
        "un cookie de session n’a pas le préfixe __Host- ou __Secure-", "a session cookie lacks the prefix __Host- or __Secure-",
        "nommez-le avec __Host- quand l’application peut changer", "name it with __Host- when the application can be changed";
    NO_CSP: "scan-no-csp", Low, Fields, ASVS_CSP, [],
        "Content-Security-Policy manque", "Content-Security-Policy is missing",
        "commencez par `object-src 'none'; base-uri 'none'; frame-ancestors 'none'`", "start with `object-src 'none'; base-uri 'none'; frame-ancestors 'none'`";
    NO_NOSNIFF: "scan-no-nosniff", Low, Fields, ASVS_NOSNIFF, [],
        "X-Content-Type-Options: nosniff manque", "X-Content-Type-Options: nosniff is missing",
        "envoyez-le avec chaque réponse", "send it with every answer";
    NO_REFERRER: "scan-no-referrer-policy", Low, Fields, ASVS_REFERRER, [],
        "Referrer-Policy manque ou montre les adresses entières", "Referrer-Policy is missing or shows whole addresses",
        "envoyez `strict-origin-when-cross-origin` ou plus strict", "send `strict-origin-when-cross-origin` or stricter";
    NO_FRAMES: "scan-frames", Low, Fields, ASVS_FRAMES, [],
        "rien n’empêche qu’un autre site encadre une page qui demande un mot de passe", "nothing keeps another site from framing a page that asks for a password",
        "envoyez `frame-ancestors 'none'` dans Content-Security-Policy", "send `frame-ancestors 'none'` in Content-Security-Policy";
    SLOW: "scan-slow", Low, Behaviour, REMPART_DEADLINES, [],
        "le serveur se tait ou répond goutte à goutte ; on a cessé d’attendre", "the server is silent or answers drop by drop; waiting was given up",
        "vérifiez le serveur ; ce qui n’a pas été lu n’est pas jugé", "check the server; what was not read is not judged";
    TOO_LARGE: "scan-too-large", Low, Behaviour, REMPART_DEADLINES, [],
        "une réponse dépasse ce qu’on en lit ; la suite n’est pas jugée", "an answer is larger than what is read of it; the rest is not judged",
        "scannez une page plus petite, ou vérifiez la réponse", "scan a smaller page, or check the answer";
    BAD_HTTP: "scan-bad-http", Medium, Behaviour, FRAMING, [],
        "une réponse n’est pas du HTTP que tous les programmes lisent de la même façon", "an answer is not HTTP that all programs read alike",
        "vérifiez l’application ou le mandataire qui l’écrit", "check the application or the proxy that writes it";
    ENCODED: "scan-encoded", Medium, Behaviour, REMPART_DEADLINES, [],
        "une page arrive compressée sans qu’on l’ait demandé ; elle n’est pas décompressée, donc ni lue ni jugée", "a page comes compressed although nobody asked; it is not unpacked, so neither read nor judged",
        "respectez Accept-Encoding: identity, puis scannez à nouveau", "respect Accept-Encoding: identity, then scan again";
    BAD_TLS: "scan-bad-tls", Medium, Behaviour, TLS_VERSIONS, [],
        "le port HTTPS répond par des octets qui ne sont pas du TLS", "the HTTPS port answers with bytes that are no TLS",
        "vérifiez ce qui écoute sur ce port", "check what listens on this port";
    UNREAD: "scan-https-unread", Note, Behaviour, TLS_SUITES, [],
        "les pages en HTTPS n’ont pas pu être lues : le serveur n’offre que des suites que rempart ne parle pas ; elles ne sont pas jugées", "the pages over HTTPS could not be read: the server offers only suites that rempart does not speak; they are not judged",
        "offrez une suite ECDHE avec AES-GCM ou ChaCha20-Poly1305", "offer an ECDHE suite with AES-GCM or ChaCha20-Poly1305";
    HANDSHAKE: "scan-https-handshake", Medium, Behaviour, TLS_VERSIONS, [],
        "la poignée de main TLS commence mais n’aboutit pas ; les pages en HTTPS n’ont pas pu être lues et ne sont pas jugées", "the TLS handshake begins but does not complete; the pages over HTTPS could not be read and are not judged",
        "ouvrez le site dans un navigateur et lisez le journal TLS du serveur", "open the site in a browser and read the server’s TLS log";
    CLIENT_CERTIFICATE: "scan-client-certificate", Note, Behaviour, REMPART_DEADLINES, [],
        "le serveur demande un certificat à ses visiteurs ; les pages en HTTPS n’ont pas pu être lues et ne sont pas jugées", "the server asks its visitors for a certificate; the pages over HTTPS could not be read and are not judged",
        "rien si c’est voulu ; sinon ne demandez plus de certificat aux visiteurs", "nothing if it is meant; otherwise stop asking visitors for a certificate";
    ENDLESS: "scan-endless-redirect", Medium, Behaviour, REMPART_ENDLESS_REDIRECT, [],
        "les redirections ne finissent pas", "the redirects do not end",
        "l’application ignore souvent qu’elle est derrière HTTPS : transmettez-lui X-Forwarded-Proto", "the application often does not know that it is behind HTTPS: pass X-Forwarded-Proto on to it";
    ELSEWHERE: "scan-elsewhere", Note, Behaviour, REMPART_DEADLINES, [],
        "une redirection mène à un nom qui n’a pas été donné ; on n’y est pas allé", "a redirect leads to a name that was not given; it was not followed",
        "donnez aussi ce nom sur la ligne de commande, s’il est à vous", "give that name on the command line too, if it is yours";
}
