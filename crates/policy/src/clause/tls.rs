//! RFC 9325, ANSSI SDE-NT-35 and Mozilla Server Side TLS: how a connection is encrypted.
//!
//! RFC 9325 was read, but for its section 7.5. The ANSSI guide was not at hand: its numbers come from an extraction and are to be
//! confirmed.

use super::register::clauses;

clauses! {
    TLS_VERSIONS: Rfc9325, "tls-versions", "3.1.1", Must, Read,
        "SSL, TLS 1.0 et TLS 1.1 ne sont pas offerts ; TLS 1.2 l’est, et TLS 1.3 est préféré.",
        "SSL, TLS 1.0 and TLS 1.1 are not offered; TLS 1.2 is, and TLS 1.3 is preferred.";
    TLS_HSTS: Rfc9325, "tls-hsts", "3.2", Must, Read,
        "Un serveur web sait annoncer HSTS.",
        "A web server is able to announce HSTS.";
    TLS_NO_COMPRESSION: Rfc9325, "tls-no-compression", "3.3", Should, Read,
        "La compression TLS est absente.",
        "TLS compression is absent.";
    TLS_TICKETS: Rfc9325, "tls-tickets", "3.4", Must, Read,
        "Les clés de reprise de session sont renouvelées et les anciennes détruites.",
        "Session resumption keys are rotated and old ones destroyed.";
    TLS_NO_RENEGOTIATION: Rfc9325, "tls-no-renegotiation", "3.5", Must, Read,
        "Sous TLS 1.2, le secret maître étendu et la protection de la renégociation sont exigés ; rempart ne renégocie jamais.",
        "Under TLS 1.2, the extended master secret and protection of renegotiation are required; rempart never renegotiates.";
    TLS_UNKNOWN_NAME: Rfc9325, "tls-unknown-name", "3.7", Should, Read,
        "Un nom inconnu dans la poignée de main y met fin.",
        "An unknown name in the handshake ends it.";
    TLS_ALPN: Rfc9325, "tls-alpn", "3.8", Should, Read,
        "Sans protocole d’application commun, la poignée de main échoue.",
        "Without a common application protocol, the handshake fails.";
    TLS_NO_EARLY_DATA: Rfc9325, "tls-no-early-data", "3.10", Should, Read,
        "Les données anticipées (0-RTT) demandent des précautions particulières ; rempart n’en offre pas.",
        "Early data (0-RTT) calls for particular care; rempart offers none.";
    TLS_SUITES: Rfc9325, "tls-suites", "4.1, 4.2", Must, Read,
        "Les suites à confidentialité persistante sont préférées, et celles qui sont recommandées ont toutes un chiffrement authentifié.",
        "Suites with forward secrecy are preferred, and the recommended ones all have authenticated encryption.";
    TLS_KEY_SIZES: Rfc9325, "tls-key-sizes", "4.5", Must, Read,
        "Un certificat RSA a au moins 2048 bits, une courbe au moins 224, et ni SHA-1 ni MD5 ne signent.",
        "An RSA certificate has at least 2048 bits, a curve at least 224, and neither SHA-1 nor MD5 signs.";
    TLS_REVOCATION: Rfc9325, "tls-revocation", "7.5", Should, Reported,
        "L’état de révocation accompagne le certificat quand son autorité le publie.",
        "The revocation status goes with the certificate when its authority publishes one.";
    ANSSI_TLS_VERSIONS: AnssiTls, "anssi-tls-versions", "R3", Should, Reported,
        "TLS 1.3 est pris en charge et préféré, TLS 1.2 accepté.",
        "TLS 1.3 is supported and preferred, TLS 1.2 accepted.";
    ANSSI_TLS_OLD_VERSIONS: AnssiTls, "anssi-tls-old-versions", "R4", Should, Reported,
        "SSLv2, SSLv3, TLS 1.0 et TLS 1.1 sont exclus.",
        "SSLv2, SSLv3, TLS 1.0 and TLS 1.1 are excluded.";
    ANSSI_TLS_FORWARD_SECRECY: AnssiTls, "anssi-tls-forward-secrecy", "R6", Should, Reported,
        "La confidentialité persistante est toujours assurée.",
        "Forward secrecy is always ensured.";
    ANSSI_TLS_GROUPS: AnssiTls, "anssi-tls-groups", "R7", Should, Reported,
        "L’échange de clés emploie ECDHE, sur secp256r1, secp384r1 ou secp521r1 de préférence.",
        "Key exchange uses ECDHE, preferably over secp256r1, secp384r1 or secp521r1.";
    ANSSI_TLS_SUITES: AnssiTls, "anssi-tls-suites", "R9, R10, R12", Should, Reported,
        "Les suites offrent un chiffrement authentifié : AES-GCM, AES-CCM ou ChaCha20-Poly1305.",
        "Suites offer authenticated encryption: AES-GCM, AES-CCM or ChaCha20-Poly1305.";
    ANSSI_TLS_SERVER_ORDER: AnssiTls, "anssi-tls-server-order", "R13", Should, Reported,
        "Le serveur impose son ordre de préférence.",
        "The server imposes its order of preference.";
    ANSSI_TLS_NO_COMPRESSION: AnssiTls, "anssi-tls-no-compression", "R19", Should, Reported,
        "La compression n’est pas employée.",
        "Compression is not used.";
    ANSSI_TLS_TICKETS: AnssiTls, "anssi-tls-tickets", "R20", Should, Reported,
        "Un ticket de reprise vit 24 heures au plus.",
        "A resumption ticket lives for 24 hours at most.";
    ANSSI_TLS_NO_EARLY_DATA: AnssiTls, "anssi-tls-no-early-data", "R23", Should, Reported,
        "Les données anticipées sont refusées.",
        "Early data are refused.";
    ANSSI_TLS_SIGNATURES: AnssiTls, "anssi-tls-signatures", "R24", Should, Reported,
        "Les signatures emploient une fonction de la famille SHA-2.",
        "Signatures use a function of the SHA-2 family.";
    ANSSI_TLS_VALIDITY: AnssiTls, "anssi-tls-validity", "R25", Should, Reported,
        "Un certificat vaut 825 jours au plus.",
        "A certificate is valid for 825 days at most.";
    ANSSI_TLS_KEY_SIZES: AnssiTls, "anssi-tls-key-sizes", "R26", Should, Reported,
        "Les clés ont au moins 2048 bits en RSA et 256 bits en ECDSA.",
        "Keys have at least 2048 bits with RSA and 256 bits with ECDSA.";
    ANSSI_TLS_CERTIFICATE: AnssiTls, "anssi-tls-certificate", "R27, R28, R29", Should, Reported,
        "Le certificat limite ses usages à l’authentification d’un serveur et nomme le site parmi ses autres noms.",
        "The certificate limits its usages to server authentication and names the site among its alternative names.";
    ANSSI_TLS_REVOCATION: AnssiTls, "anssi-tls-revocation", "R33, R35", Should, Reported,
        "L’état de révocation est vérifiable, de préférence joint à la poignée de main.",
        "The revocation status can be checked, preferably stapled to the handshake.";
    MOZILLA_INTERMEDIATE: MozillaTls, "mozilla-intermediate", "", Should, Read,
        "Profil intermédiaire : TLS 1.2 et 1.3, six suites ECDHE authentifiées, X25519MLKEM768 puis X25519, P-256 et P-384, dans l’ordre du client.",
        "Intermediate profile: TLS 1.2 and 1.3, six authenticated ECDHE suites, X25519MLKEM768 then X25519, P-256 and P-384, in the order of the client.";
    MOZILLA_MODERN: MozillaTls, "mozilla-modern", "", Should, Read,
        "Profil moderne : TLS 1.3 seul.",
        "Modern profile: TLS 1.3 alone.";
    MOZILLA_HSTS: MozillaTls, "mozilla-hsts", "", Should, Read,
        "HSTS dure deux ans, soit 63 072 000 secondes.",
        "HSTS lasts two years, that is 63,072,000 seconds.";
}
