//! Kinds below HTTP: TLS and the certificate.

super::kinds! {
    SSL2: "scan-ssl2", High, Tls, ANSSI_TLS_OLD_VERSIONS, [FORMAL_NOTICES],
        "le serveur parle SSL 2.0", "the server speaks SSL 2.0",
        "n’offrez que TLS 1.3 et 1.2", "offer TLS 1.3 and 1.2 only";
    SSL3: "scan-ssl3", High, Tls, ANSSI_TLS_OLD_VERSIONS, [FORMAL_NOTICES],
        "le serveur parle SSL 3.0", "the server speaks SSL 3.0",
        "retirez SSL 3.0 ; n’offrez que TLS 1.3 et 1.2", "remove SSL 3.0; offer TLS 1.3 and 1.2 only";
    TLS10: "scan-tls10", High, Tls, TLS_VERSIONS, [FORMAL_NOTICES],
        "le serveur parle TLS 1.0", "the server speaks TLS 1.0",
        "retirez TLS 1.0 ; n’offrez que TLS 1.3 et 1.2", "remove TLS 1.0; offer TLS 1.3 and 1.2 only";
    TLS11: "scan-tls11", High, Tls, TLS_VERSIONS, [FORMAL_NOTICES],
        "le serveur parle TLS 1.1", "the server speaks TLS 1.1",
        "retirez TLS 1.1 ; n’offrez que TLS 1.3 et 1.2", "remove TLS 1.1; offer TLS 1.3 and 1.2 only";
    TLS_OBSOLETE: "scan-tls-obsolete", High, Tls, CNIL_TLS_VERSION, [FORMAL_NOTICES],
        "le serveur ne parle aucune version qu’un navigateur accepte encore", "the server speaks no version that a browser still accepts",
        "offrez TLS 1.3 et 1.2", "offer TLS 1.3 and 1.2";
    NO_TLS13: "scan-no-tls13", Low, Tls, CNIL_TLS_VERSION, [],
        "le serveur ne parle pas TLS 1.3", "the server does not speak TLS 1.3",
        "offrez TLS 1.3 à côté de TLS 1.2", "offer TLS 1.3 beside TLS 1.2";
    SUITE_OPEN: "scan-suite-open", High, Tls, TLS_SUITES, [FORMAL_NOTICES],
        "le serveur accepte des suites sans chiffrement, ou sans preuve de son identité", "the server accepts suites without encryption, or without proof of its identity",
        "retirez toute suite NULL ou anonyme", "remove every NULL or anonymous suite";
    SUITE_SHORT: "scan-suite-short", High, Tls, TLS_SUITES, [FORMAL_NOTICES],
        "le serveur accepte des suites à clé de 40 ou 56 bits", "the server accepts suites with keys of 40 or 56 bits",
        "retirez toute suite EXPORT ou DES", "remove every EXPORT or DES suite";
    SUITE_BROKEN: "scan-suite-broken", Medium, Tls, TLS_SUITES, [FORMAL_NOTICES],
        "le serveur accepte des suites à chiffre cassé ou à blocs de 64 bits", "the server accepts suites with a broken cipher or blocks of 64 bits",
        "retirez RC4, RC2, IDEA et 3DES", "remove RC4, RC2, IDEA and 3DES";
    SUITE_NOT_FORWARD: "scan-suite-not-forward", Medium, Tls, ANSSI_TLS_FORWARD_SECRECY, [FORMAL_NOTICES],
        "le serveur accepte des suites sans confidentialité persistante : qui vole sa clé lit les échanges enregistrés", "the server accepts suites without forward secrecy: whoever steals its key reads recorded traffic",
        "ne gardez que les suites ECDHE", "keep ECDHE suites only";
    SUITE_CBC: "scan-suite-cbc", Low, Tls, ANSSI_TLS_SUITES, [],
        "le serveur accepte des suites sans chiffrement authentifié (CBC)", "the server accepts suites without authenticated encryption (CBC)",
        "ne gardez que AES-GCM, AES-CCM et ChaCha20-Poly1305", "keep AES-GCM, AES-CCM and ChaCha20-Poly1305 only";
    SHORT_PRIME: "scan-short-prime", High, Tls, ANSSI_TLS_GROUPS, [FORMAL_NOTICES],
        "le serveur échange des clés Diffie-Hellman de moins de 2048 bits", "the server exchanges Diffie-Hellman keys of less than 2048 bits",
        "retirez les suites DHE, ou prenez un groupe d’au moins 2048 bits", "remove DHE suites, or take a group of at least 2048 bits";
    WEAK_GROUP: "scan-weak-group", Medium, Tls, TLS_KEY_SIZES, [],
        "le serveur accepte des courbes de moins de 224 bits", "the server accepts curves of less than 224 bits",
        "ne gardez que secp256r1, secp384r1, secp521r1 et x25519", "keep secp256r1, secp384r1, secp521r1 and x25519 only";
    COMPRESSION: "scan-tls-compression", Medium, Tls, TLS_NO_COMPRESSION, [],
        "le serveur compresse sous TLS", "the server compresses under TLS",
        "coupez la compression de TLS", "switch the compression of TLS off";
    RENEGOTIATION: "scan-tls-renegotiation", Medium, Tls, TLS_NO_RENEGOTIATION, [],
        "la renégociation n’est pas protégée (RFC 5746)", "renegotiation is not protected (RFC 5746)",
        "mettez à jour la bibliothèque TLS du serveur", "update the server’s TLS library";
    NO_MASTER_SECRET: "scan-tls-master-secret", Low, Tls, TLS_NO_RENEGOTIATION, [],
        "le secret maître n’est pas lié à la poignée de main (RFC 7627)", "the master secret is not bound to the handshake (RFC 7627)",
        "mettez à jour la bibliothèque TLS du serveur, ou n’offrez que TLS 1.3", "update the server’s TLS library, or offer TLS 1.3 only";
    CLIENT_ORDER: "scan-tls-client-order", Note, Tls, ANSSI_TLS_SERVER_ORDER, [],
        "le serveur suit l’ordre du client alors que ses suites ne se valent pas", "the server follows the client’s order although its suites are not equal",
        "imposez l’ordre du serveur, ou ne gardez que des suites de même force", "impose the server’s order, or keep suites of equal strength only";
    ANY_NAME: "scan-tls-any-name", Note, Tls, TLS_UNKNOWN_NAME, [],
        "une poignée de main pour un nom inconnu aboutit", "a handshake for an unknown name goes through",
        "refusez les noms qui ne sont pas servis ici", "refuse names that are not served here";
    NO_CERTIFICATE: "scan-certificate-unreadable", High, Certificate, CNIL_CHANNEL, [FORMAL_NOTICES],
        "le certificat ne se lit pas", "the certificate cannot be read",
        "demandez un nouveau certificat à une autorité", "ask an authority for a new certificate";
    UNTRUSTED: "scan-certificate-untrusted", High, Certificate, ASVS_PUBLIC_TRUST, [FORMAL_NOTICES],
        "le certificat ne mène à aucune autorité reconnue ici", "the certificate leads to no authority trusted here",
        "demandez un certificat à une autorité publique", "ask a public authority for a certificate";
    SELF_SIGNED: "scan-certificate-self-signed", High, Certificate, ASVS_PUBLIC_TRUST, [FORMAL_NOTICES],
        "le certificat s’est signé lui-même", "the certificate is self-signed",
        "demandez un certificat à une autorité publique, gratuite au besoin", "ask a public authority for a certificate; some are free";
    CHAIN_INCOMPLETE: "scan-certificate-incomplete", High, Certificate, ASVS_PUBLIC_TRUST, [FORMAL_NOTICES],
        "le serveur n’envoie pas les certificats intermédiaires", "the server does not send the intermediate certificates",
        "servez la chaîne entière, pas le seul certificat du site", "serve the whole chain, not the site’s certificate alone";
    CHAIN_ORDER: "scan-certificate-order", Low, Certificate, ANSSI_TLS_CERTIFICATE, [],
        "la chaîne n’est pas dans l’ordre, ou porte des certificats de trop", "the chain is out of order, or holds certificates that do not belong there",
        "servez chaque certificat suivi de celui de son émetteur, et rien d’autre", "serve each certificate followed by that of its issuer, and nothing else";
    EXPIRED: "scan-certificate-expired", High, Certificate, CNIL_CHANNEL, [FORMAL_NOTICES],
        "le certificat a expiré", "the certificate has expired",
        "renouvelez-le aujourd’hui, puis automatiquement", "renew it today, and automatically from now on";
    NOT_YET: "scan-certificate-not-yet", High, Certificate, CNIL_CHANNEL, [FORMAL_NOTICES],
        "le certificat n’est pas encore valable", "the certificate is not valid yet",
        "vérifiez l’horloge et servez le certificat en cours", "check the clock and serve the current certificate";
    ENDS_SOON: "scan-certificate-ends-soon", Low, Certificate, CNIL_CHANNEL, [],
        "le certificat expire dans moins de quatorze jours", "the certificate expires in less than fourteen days",
        "renouvelez-le, puis automatiquement", "renew it, and automatically from now on";
    LONG_VALIDITY: "scan-certificate-long", Low, Certificate, ANSSI_TLS_VALIDITY, [],
        "le certificat est valable plus de 825 jours", "the certificate is valid for more than 825 days",
        "demandez-en un plus court au prochain renouvellement", "ask for a shorter one at the next renewal";
    OTHER_NAME: "scan-certificate-name", High, Certificate, CNIL_CHANNEL, [FORMAL_NOTICES],
        "le certificat ne nomme pas ce site", "the certificate does not name this site",
        "demandez un certificat qui porte ce nom", "ask for a certificate with this name";
    NO_NAMES: "scan-certificate-no-names", High, Certificate, ANSSI_TLS_CERTIFICATE, [FORMAL_NOTICES],
        "le certificat n’a pas de noms alternatifs ; les navigateurs ne lisent que ceux-là", "the certificate has no alternative names, which are all that browsers read",
        "demandez un certificat qui porte les noms du site dans subjectAltName", "ask for a certificate with the site’s names in subjectAltName";
    SHORT_KEY: "scan-certificate-short-key", High, Certificate, TLS_KEY_SIZES, [FORMAL_NOTICES],
        "la clé du certificat est trop courte", "the certificate’s key is too short",
        "créez une clé RSA d’au moins 2048 bits ou ECDSA d’au moins 256", "make an RSA key of at least 2048 bits or an ECDSA key of at least 256";
    OLD_SIGNATURE: "scan-certificate-old-signature", High, Certificate, ANSSI_TLS_SIGNATURES, [FORMAL_NOTICES],
        "le certificat est signé avec MD5 ou SHA-1", "the certificate is signed with MD5 or SHA-1",
        "demandez un certificat signé avec une fonction de la famille SHA-2", "ask for a certificate signed with a function of the SHA-2 family";
    NOT_FOR_SERVERS: "scan-certificate-usage", Medium, Certificate, ANSSI_TLS_CERTIFICATE, [],
        "le certificat n’est pas fait pour authentifier un serveur", "the certificate is not made to authenticate a server",
        "demandez un certificat dont l’usage est serverAuth", "ask for a certificate whose usage is serverAuth";
}
