//! RFC 9110, 9112, 9113, 7239 and 6265bis: what the gate asks of a message, and what it may
//! change in one.
//!
//! RFC 9110, 9112 and 9113 were read; RFC 7239 and 6265bis were not.

use super::register::clauses;

clauses! {
    FIELD_VALUES: Rfc9110, "http-field-values", "5.5", Must, Read,
        "Un champ qui contient CR, LF ou NUL est refusé, ou ces signes remplacés par des espaces ; rempart le refuse, dans les deux sens.",
        "A field that contains CR, LF or NUL is refused, or these signs replaced by spaces; rempart refuses it, both ways.";
    SET_COOKIE_LINES: Rfc9110, "http-set-cookie-lines", "5.3", Must, Read,
        "Les lignes Set-Cookie ne sont jamais réunies en une seule.",
        "Set-Cookie lines are never joined into one.";
    TRAILERS: Rfc9110, "http-trailers", "6.5", Must, Read,
        "Une fin de message ne porte ni cadrage, ni routage, ni authentification.",
        "A trailer section carries neither framing, nor routing, nor authentication.";
    HOST_FORWARDED: Rfc9110, "http-host-forwarded", "7.2", Must, Read,
        "L’origine reçoit un champ Host qui correspond à la cible de la requête.",
        "The origin receives a Host field that matches the target of the request.";
    MISDIRECTED: Rfc9110, "http-misdirected", "7.4", Must, Read,
        "Une requête pour un nom que le certificat ne couvre pas reçoit 421.",
        "A request for a name that the certificate does not cover gets 421.";
    HOP_BY_HOP: Rfc9110, "http-hop-by-hop", "7.6.1", Must, Read,
        "Les champs nommés par Connection, et Connection lui-même, ne passent pas ; Connection ne peut pas nommer un champ de bout en bout.",
        "Fields named by Connection, and Connection itself, do not pass; Connection may not name an end-to-end field.";
    MAX_FORWARDS: Rfc9110, "http-max-forwards", "7.6.2", Must, Read,
        "TRACE ou OPTIONS avec Max-Forwards à zéro reçoit sa réponse ici ; sinon le compte baisse d’un.",
        "TRACE or OPTIONS with Max-Forwards at zero is answered here; otherwise the count goes down by one.";
    VIA: Rfc9110, "http-via", "7.6.3", Must, Read,
        "La requête transmise porte un champ Via ; s’y reconnaître soi-même révèle une boucle.",
        "A forwarded request carries a Via field; finding oneself there reveals a loop.";
    TARGET_UNTOUCHED: Rfc9110, "http-target-untouched", "7.7", Must, Read,
        "Le chemin et les paramètres sont transmis sans changement.",
        "Path and query are passed on unchanged.";
    UPGRADE: Rfc9110, "http-upgrade", "7.8", Must, Read,
        "Le changement de protocole vient de HTTP/1.1 seulement, et n’a lieu qu’après un 101 qui le confirme.",
        "A change of protocol comes from HTTP/1.1 only, and takes place only after a 101 that confirms it.";
    NO_BLIND_RETRY: Rfc9110, "http-no-blind-retry", "9.2.2", Must, Read,
        "Une requête non idempotente, comme POST, n’est jamais rejouée d’office.",
        "A request that is not idempotent, such as POST, is never replayed automatically.";
    NO_CONNECT: Rfc9110, "http-no-connect", "9.3.6", May, Derived,
        "CONNECT n’est pas offert.",
        "CONNECT is not offered.";
    NO_TRACE: Rfc9110, "http-no-trace", "9.3.8", May, Derived,
        "TRACE n’est pas offert, car il renverrait au client des champs sensibles.",
        "TRACE is not offered, because it would echo sensitive fields to the client.";
    EXPECT: Rfc9110, "http-expect", "10.1.1", Must, Read,
        "100 n’est envoyé que si le corps est voulu et jamais à un client HTTP/1.0 ; une attente inconnue reçoit 417.",
        "100 is sent only when the body is wanted and never to an HTTP/1.0 client; an unknown expectation gets 417.";
    INTERIM: Rfc9110, "http-interim", "15.2", Must, Read,
        "Les réponses provisoires de l’origine sont transmises, ou leur absence est documentée.",
        "Interim responses of the origin are passed on, or their absence is documented.";

    LINE_ENDS: Rfc9112, "http-line-ends", "2.2", Must, Read,
        "Un CR seul est refusé ; un LF seul peut être lu comme une fin de ligne ; rempart le refuse aussi, dans les deux sens.",
        "A bare CR is refused; a bare LF may be read as a line end; rempart refuses it too, both ways.";
    REQUEST_LINE: Rfc9112, "http-request-line", "3", Must, Read,
        "Une cible trop longue reçoit 414, une ligne de requête invalide 400.",
        "A target that is too long gets 414, an invalid request line 400.";
    ONE_HOST: Rfc9112, "http-one-host", "3.2", Must, Read,
        "Une requête HTTP/1.1 sans champ Host, ou avec plusieurs, ou avec un champ Host invalide, reçoit 400.",
        "An HTTP/1.1 request without a Host field, or with several, or with an invalid one, gets 400.";
    ABSOLUTE_FORM: Rfc9112, "http-absolute-form", "3.2.2", Must, Read,
        "Une cible absolue l’emporte sur le champ Host.",
        "An absolute target prevails over the Host field.";
    ASTERISK_FORM: Rfc9112, "http-asterisk-form", "3.2.4", Must, Read,
        "La cible « * » n’accompagne que OPTIONS et s’adresse au serveur entier.",
        "The target `*` goes with OPTIONS only and addresses the whole server.";
    SPACE_BEFORE_COLON: Rfc9112, "http-space-before-colon", "5.1", Must, Read,
        "Une espace avant les deux-points d’un champ est refusée dans une requête et retirée d’une réponse ; rempart refuse la réponse.",
        "A space before the colon of a field is refused in a request and removed from a response; rempart refuses the response.";
    LINE_FOLDING: Rfc9112, "http-line-folding", "5.2", Must, Read,
        "Un champ replié sur plusieurs lignes est refusé, ou ses replis remplacés par des espaces ; rempart le refuse.",
        "A field folded over several lines is refused, or its folds replaced by spaces; rempart refuses it.";
    FRAMING: Rfc9112, "http-framing", "6.1", Must, Read,
        "Une requête qui porte Content-Length et Transfer-Encoding peut être refusée, et la connexion est fermée ensuite ; rempart la refuse, avant que l’origine n’en voie un octet. Un codage inconnu reçoit 501.",
        "A request that carries Content-Length and Transfer-Encoding may be refused, and the connection is closed afterwards; rempart refuses it before the origin sees a byte. An unknown coding gets 501.";
    CONTENT_LENGTH: Rfc9112, "http-content-length", "6.3", Must, Read,
        "Un Content-Length invalide ou contradictoire est refusé ; venu de l’origine, il vaut 502.",
        "An invalid or contradictory Content-Length is refused; from the origin, it means 502.";
    CHUNKS: Rfc9112, "http-chunks", "7.1", Must, Read,
        "Une taille de morceau démesurée, ou un morceau mal terminé, est refusé.",
        "An excessive chunk size, or a chunk that ends badly, is refused.";
    TRUNCATED: Rfc9112, "http-truncated", "8", Must, Read,
        "Un corps tronqué par l’origine n’est jamais présenté comme complet.",
        "A body cut short by the origin is never presented as complete.";
    UNREAD_BODY: Rfc9112, "http-unread-body", "9.3", Must, Read,
        "Une connexion dont le corps de requête n’est pas lu en entier n’est pas réutilisée.",
        "A connection whose request body is not read whole is not used again.";
    LINGER: Rfc9112, "http-linger", "9.6", Should, Read,
        "Après une réponse anticipée, la connexion est fermée par étapes pour que le client la lise.",
        "After an early answer, the connection is closed in stages so that the client can read it.";
    CLOSE_NOTIFY: Rfc9112, "http-close-notify", "9.8", Must, Read,
        "Une connexion TLS se termine par l’alerte de fermeture.",
        "A TLS connection ends with the closure alert.";

    HTTP2_LIST_SIZE: Rfc9113, "http2-list-size", "6.5.2", May, Read,
        "La taille d’une liste de champs compte 32 octets de plus par champ ; un serveur peut refuser une liste trop grande.",
        "The size of a field list counts 32 more bytes per field; a server may refuse a list that is too large.";
    HTTP2_FIELDS: Rfc9113, "http2-fields", "8.2", Must, Read,
        "Un champ HTTP/2 en majuscules, propre à une connexion ou contenant CR, LF ou NUL rend la requête invalide.",
        "An HTTP/2 field that is upper-case, specific to a connection or contains CR, LF or NUL makes the request invalid.";
    HTTP2_PSEUDO_FIELDS: Rfc9113, "http2-pseudo-fields", "8.3", Must, Read,
        "Les pseudo-champs HTTP/2 viennent d’abord et une seule fois.",
        "HTTP/2 pseudo-fields come first and once.";
    HTTP2_COOKIES: Rfc9113, "http2-cookies", "8.2.3", Must, Read,
        "Les champs Cookie séparés de HTTP/2 sont réunis avant l’origine en HTTP/1.1.",
        "Separate HTTP/2 Cookie fields are joined before an HTTP/1.1 origin.";

    FORWARDED_SYNTAX: Rfc7239, "forwarded-syntax", "4", Must, Recalled,
        "Dans Forwarded, une adresse IPv6 est entre crochets et guillemets.",
        "In Forwarded, an IPv6 address stands in brackets and quotes.";
    FORWARDED_TRUST: Rfc7239, "forwarded-trust", "8.1", Should, Reported,
        "La valeur reçue n’est crue que d’un intermédiaire de confiance, sinon elle est remplacée.",
        "The received value is believed from a trusted intermediary only, otherwise it is replaced.";
    FORWARDED_PRIVACY: Rfc7239, "forwarded-privacy", "8.2", Should, Reported,
        "Aucun nom interne ne sort par Forwarded.",
        "No internal name leaks through Forwarded.";
    COOKIE_SECURE: Rfc6265bis, "cookie-secure", "4.1.2", Should, Reported,
        "Un cookie posé sous TLS reçoit l’attribut Secure, sans doublon.",
        "A cookie set under TLS receives the Secure attribute, without duplicates.";
    COOKIE_PREFIX: Rfc6265bis, "cookie-prefix", "4.1.3", Must, Reported,
        "Les promesses des noms __Host- et __Secure- ne sont jamais rompues.",
        "The promises of the names __Host- and __Secure- are never broken.";
    COOKIE_SAME_SITE: Rfc6265bis, "cookie-same-site", "4.1.2.7", Must, Recalled,
        "Un cookie avec SameSite=None porte aussi Secure, sinon le navigateur le refuse.",
        "A cookie with SameSite=None carries Secure too, or the browser refuses it.";
}
