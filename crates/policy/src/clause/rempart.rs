//! Choices of rempart itself, where no published text decides and a rule still needs a name.

use super::register::clauses;

clauses! {
    REMPART_CLEARTEXT_CREDENTIALS: Rempart, "rempart-cleartext-credentials", "", Must, Derived,
        "Une requête en clair qui porte un mot de passe est refusée et la personne prévenue : la rediriger cacherait que le mot de passe vient d’être exposé.",
        "A cleartext request that carries a password is refused and the person told: a redirect would hide that the password was just exposed.";
    REMPART_NO_SECRET_IN_FILE: Rempart, "rempart-no-secret-in-file", "", Must, Derived,
        "La politique dit où se trouve un secret, jamais le secret.",
        "The policy says where a secret is kept, never the secret.";
    REMPART_CLOSED: Rempart, "rempart-closed", "", Must, Derived,
        "Quand on ne peut pas décider, on refuse.",
        "When no decision can be made, the answer is no.";
    REMPART_COUNT_UNKNOWN_ACCOUNTS: Rempart, "rempart-count-unknown-accounts", "", Should, Derived,
        "Les tentatives sont comptées par compte, que le compte existe ou non, pour que l’attente ne révèle rien.",
        "Attempts are counted per account, whether or not the account exists, so that the wait reveals nothing.";
    REMPART_END_SESSIONS: Rempart, "rempart-end-sessions", "", May, Derived,
        "Fermer les sessions ouvertes après une réinitialisation est une bonne pratique, que la CNIL ne demande pas à notre connaissance.",
        "Ending open sessions after a reset is good practice, which the CNIL does not ask for as far as we know.";
    REMPART_CASE_3_OFF_THE_WEB: Rempart, "rempart-case-3-off-the-web", "", Must, Derived,
        "Le cas 3 vaut pour un matériel détenu ; nous lisons qu’il ne vaut jamais pour une simple connexion au web.",
        "Case 3 is for hardware in hand; our reading is that it never does for a plain web sign-in.";
    REMPART_COST_CEILING: Rempart, "rempart-cost-ceiling", "", Must, Derived,
        "Une empreinte ne peut demander plus de 1 Gio, 32 passes et 64 voies ; celle d’un autre système, pas plus que `accept-cost`.",
        "A hash may not ask for more than 1 GiB, 32 passes and 64 lanes; one of another system, no more than `accept-cost`.";
    REMPART_CAREFUL_POOL: Rempart, "rempart-careful-pool", "", Should, Derived,
        "L’entropie d’une forme ne compte que les types de caractères qu’elle impose, les plus petits d’abord.",
        "The entropy of a form counts only the character types that it imposes, the smallest first.";
    REMPART_QUOTATION: Rempart, "rempart-quotation", "", Should, Derived,
        "Une citation, un proverbe, une chanson ou un titre connus ne comptent pour rien dans un mot de passe ; aucun texte ne le demande.",
        "A known quotation, proverb, song or title counts for nothing in a password; no text asks for it.";
    REMPART_WORK_AS_CAPTCHA: Rempart, "rempart-work-as-captcha", "", May, Derived,
        "À la passerelle, un calcul du navigateur tient lieu de captcha : un navigateur y met environ une seconde, un programme fait pour cela une fraction, et il ne distingue pas une personne d’une machine. Qu’il soit un mécanisme du §43 de la délibération est à confirmer.",
        "At the gate a calculation of the browser stands for a captcha: a browser takes about a second for it and a program made for it a fraction of that, and it does not tell a person from a machine. That it is a mechanism of §43 of the délibération is to be confirmed.";
    REMPART_DEADLINES: Rempart, "rempart-deadlines", "", Must, Derived,
        "Toute attente a une échéance et toute taille un plafond.",
        "Every wait has a deadline and every size a cap.";
    REMPART_LEAST_PRIVILEGE: Rempart, "rempart-least-privilege", "", Should, Derived,
        "Le processus qui parle au réseau ne peut que ce qu’il doit : ni lancer un programme, ni ouvrir un fichier hors des siens.",
        "The process that speaks to the network can do only what it must: neither start a program nor open a file that is not its own.";
    REMPART_NAME_GUARD: Rempart, "rempart-name-guard", "", Must, Derived,
        "Un nom de champ avec un trait bas ou un point est refusé, car une interface CGI le confondrait avec un autre.",
        "A field name with an underscore or a dot is refused, because a CGI interface would take it for another.";
    REMPART_FORWARDED_FOR: Rempart, "rempart-forwarded-for", "", Must, Derived,
        "X-Forwarded-For se lit de droite à gauche, tant que l’adresse est celle d’un intermédiaire de confiance.",
        "X-Forwarded-For is read from right to left, as long as the address is that of a trusted intermediary.";
    REMPART_HTTPOXY: Rempart, "rempart-httpoxy", "", Must, Derived,
        "Le champ Proxy d’un client n’atteint jamais l’origine.",
        "The Proxy field of a client never reaches the origin.";
    REMPART_ENDLESS_REDIRECT: Rempart, "rempart-endless-redirect", "", Should, Derived,
        "Une redirection vers l’adresse même qui a été demandée n’est pas transmise : l’origine ignore que la connexion est chiffrée, et tournerait sans fin.",
        "A redirect to the very address that was asked for is not passed on: the origin does not know that the connection is encrypted, and would go round for ever.";
    REMPART_CLIENT_CERTIFICATE: Rempart, "rempart-client-certificate", "", Must, Derived,
        "Le certificat d’un client vaut pour le site dont il a demandé le nom, sans reprise de session ; l’origine ne l’apprend que de la porte, dans le champ Client-Cert (RFC 9440).",
        "A client's certificate holds for the site whose name it asked for, without resumed sessions; the origin learns it from the gate only, in the field Client-Cert (RFC 9440).";
}
