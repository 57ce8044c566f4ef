//! Why a request to a protected path is not passed on: two readings of it are possible.
//!
//! Each reason has a stable code, the status of the answer, and texts for the person who sees
//! it and for the operator. Nothing of the request is in any of them.

use http::StatusCode;
use policy::Language;

macro_rules! ambiguities {
    ($($(#[$doc:meta])* $variant:ident, $code:literal, $status:ident,
        $fr:literal, $en:literal, $hint_fr:literal, $hint_en:literal;)+) => {
        /// A request that an origin may read in another way than we do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Ambiguity {
            $($(#[$doc])* $variant),+
        }

        impl Ambiguity {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Kebab-case, unique and stable; for logs, metrics and programs.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// What a person reads: one sentence.
            pub const fn message(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::Fr) => $fr,
                      (Self::$variant, Language::En) => $en,)+
                }
            }

            /// What the operator may do where the request was a good one.
            pub const fn hint(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::Fr) => $hint_fr,
                      (Self::$variant, Language::En) => $hint_en,)+
                }
            }
        }
    };
}

ambiguities! {
    /// A path that some origins take for a protected one.
    Path, "path-unclear", BAD_REQUEST,
        "L’adresse est écrite d’une façon que le site pourrait lire autrement.",
        "The address is written in a way that the site could read otherwise.",
        "Écrire dans `path` le chemin exact que le formulaire emploie.",
        "Write the exact path that the form uses in `path`.";
    /// Another method than the form's, or a method overridden.
    Method, "method-unclear", METHOD_NOT_ALLOWED,
        "Ce formulaire ne s’envoie pas par cette méthode.",
        "This form is not sent by this method.",
        "Écrire la méthode dans `method`, ou `method = \"any\"`.",
        "Write the method in `method`, or `method = \"any\"`.";
    /// A media type that the form does not admit.
    Type, "type-unexpected", UNSUPPORTED_MEDIA_TYPE,
        "Ce formulaire n’est pas admis sous ce type de contenu.",
        "This form is not admitted in this type of content.",
        "Ajouter l’encodage à `encoding`, si le site le lit vraiment.",
        "Add the encoding to `encoding`, if the site really reads it.";
    /// No media type, more than one, or one that cannot be read.
    TypeUnreadable, "type-unreadable", UNSUPPORTED_MEDIA_TYPE,
        "La requête ne dit pas clairement le type de son contenu.",
        "The request does not say clearly what type its content is.",
        "Le client doit envoyer un seul champ Content-Type complet.",
        "The client has to send one whole Content-Type field.";
    /// A compressed body.
    ContentEncoding, "body-encoded", UNSUPPORTED_MEDIA_TYPE,
        "Un formulaire compressé n’est pas admis.",
        "A compressed form is not admitted.",
        "Le client doit envoyer le formulaire sans Content-Encoding.",
        "The client has to send the form without Content-Encoding.";
    /// A charset other than the form's.
    Charset, "charset-unexpected", UNSUPPORTED_MEDIA_TYPE,
        "Le formulaire annonce un autre jeu de caractères que celui de ses pages.",
        "The form announces another character set than that of its pages.",
        "Écrire dans `charset` celui des pages du formulaire.",
        "Write that of the pages of the form in `charset`.";
    /// Bytes that are not text in the form's charset.
    Bytes, "bytes-not-text", BAD_REQUEST,
        "Un champ contient des octets qui ne sont pas du texte.",
        "A field holds bytes that are not text.",
        "Vérifier `charset` : c’est celui des pages du formulaire.",
        "Check `charset`: it is that of the pages of the form.";
    /// A password in the query. CNIL guide 2024.
    PasswordInQuery, "password-in-query", BAD_REQUEST,
        "Un mot de passe figure dans l’adresse ; il y serait lisible. Changez-le s’il était réel.",
        "A password stands in the address, where others can read it. Change it if it was real.",
        "Envoyer le formulaire par POST, ses champs dans le corps.",
        "Send the form by POST, its fields in the body.";
    /// A field that is in the query, while a form has it in the body.
    Place, "field-in-query", BAD_REQUEST,
        "Un champ du formulaire se trouve dans l’adresse.",
        "A field of the form is in the address.",
        "Envoyer tous les champs dans le corps.",
        "Send every field in the body.";
    /// A cookie that PHP takes for a field.
    Cookie, "field-in-cookie", BAD_REQUEST,
        "Un cookie porte le nom d’un champ du formulaire.",
        "A cookie has the name of a field of the form.",
        "Renommer le cookie du site, ou écrire request_order = \"GP\" dans php.ini et retirer ce cookie.",
        "Rename the cookie of the site, or write request_order = \"GP\" in php.ini and remove that cookie.";
    /// A field that is there more than once.
    Duplicate, "field-twice", BAD_REQUEST,
        "Un champ du formulaire est envoyé deux fois.",
        "A field of the form is sent twice.",
        "Le formulaire doit envoyer chaque champ une fois ; vérifier les champs cachés de même nom.",
        "The form has to send each field once; check hidden fields of the same name.";
    /// A name that some origins take for a field's.
    Name, "field-name-unclear", BAD_REQUEST,
        "Le nom d’un champ peut se lire de deux façons.",
        "The name of a field can be read in two ways.",
        "Écrire dans la politique le nom exact, casse et signes compris.",
        "Write the exact name in the policy, letter case and signs included.";
    /// An identifier that origins cut or mend in different ways.
    Identifier, "identifier-unclear", BAD_REQUEST,
        "L’identifiant contient des signes que le site pourrait lire autrement.",
        "The identifier holds signs that the site could read otherwise.",
        "Un identifiant n’a ni balise, ni « &…; », ni signe de contrôle, et 1 Kio au plus.",
        "An identifier has no tag, no `&…;`, no control sign, and 1 KiB at most.";
    /// An array where a field is expected, or the reverse.
    Array, "field-array", BAD_REQUEST,
        "Un champ du formulaire est envoyé comme une liste.",
        "A field of the form is sent as a list.",
        "Écrire le nom tel qu’il est envoyé, comme `auth[password]`.",
        "Write the name as it is sent, such as `auth[password]`.";
    /// The value of a condition in another spelling.
    Condition, "condition-unclear", BAD_REQUEST,
        "Un paramètre peut se lire de deux façons.",
        "A parameter can be read in two ways.",
        "Retirer la condition de `when` si le champ du mot de passe suffit, ou y ajouter cette valeur.",
        "Remove the condition from `when` if the field of the password is enough, or add this value to it.";
    /// More fields than origins read.
    TooManyFields, "too-many-fields", BAD_REQUEST,
        "Le formulaire a trop de champs.",
        "The form has too many fields.",
        "PHP ignore ce qui suit le millième champ ; envoyer moins de champs à ce chemin.",
        "PHP ignores what follows the thousandth field; send fewer fields to this path.";
    /// A `%` that starts no escape.
    Percent, "bad-percent", BAD_REQUEST,
        "Le formulaire est mal encodé.",
        "The form is badly encoded.",
        "Un % s’écrit %25 dans un formulaire urlencoded.",
        "A % is written %25 in an urlencoded form.";
    /// A raw `;`, which some origins take for `&`.
    Semicolon, "semicolon", BAD_REQUEST,
        "Le formulaire contient un séparateur que certains sites lisent et d’autres non.",
        "The form holds a separator that some sites read and others do not.",
        "Un ; s’écrit %3B dans un formulaire urlencoded.",
        "A ; is written %3B in an urlencoded form.";
    /// A NUL in a name or in a field of the form.
    Nul, "nul", BAD_REQUEST,
        "Le formulaire contient un octet nul.",
        "The form holds a NUL byte.",
        "Aucun navigateur n’en envoie : la requête est sans doute une attaque.",
        "No browser sends one: the request is likely an attack.";
    /// A multipart body that is not the plain one that browsers send.
    Multipart, "multipart-unclear", BAD_REQUEST,
        "Le formulaire est découpé d’une façon que le site pourrait lire autrement.",
        "The form is cut in parts in a way that the site could read otherwise.",
        "Le client doit suivre la RFC 7578 à la lettre, comme les navigateurs.",
        "The client has to follow RFC 7578 to the letter, as browsers do.";
    /// A file where a field is expected.
    File, "field-is-file", BAD_REQUEST,
        "Un champ du formulaire est envoyé comme un fichier.",
        "A field of the form is sent as a file.",
        "Un mot de passe s’envoie comme un texte.",
        "A password is sent as a text.";
    /// JSON that parsers read in different ways.
    Json, "json-unclear", BAD_REQUEST,
        "Le contenu JSON peut se lire de deux façons.",
        "The JSON content can be read in two ways.",
        "Envoyer un objet JSON en UTF-8, sans clé double, ni marque, ni rien après lui.",
        "Send one JSON object in UTF-8, without a key twice, a mark, or anything after it.";
    /// A field that is no text: a number, an object, a binary value.
    NotText, "field-not-text", BAD_REQUEST,
        "Un champ du formulaire n’est pas un texte.",
        "A field of the form is not a text.",
        "Mettre la valeur entre guillemets.",
        "Put the value in quotes.";
    /// XML-RPC that is not the plain one that clients send.
    XmlRpc, "xml-rpc-unclear", BAD_REQUEST,
        "L’appel XML-RPC peut se lire de deux façons.",
        "The XML-RPC call can be read in two ways.",
        "Le client doit envoyer un appel simple, sans attribut, commentaire ni DOCTYPE.",
        "The client has to send a plain call, without attributes, comments or DOCTYPE.";
    /// Many calls in one, each of them a guess.
    Multicall, "xml-rpc-multicall", FORBIDDEN,
        "Les appels groupés ne sont pas admis : chacun serait un essai.",
        "Grouped calls are not admitted: each would be a try.",
        "Faire un appel par requête ; system.multicall reste fermé.",
        "Make one call for each request; system.multicall stays shut.";
    /// An `Authorization` field that origins read in different ways.
    Authorization, "authorization-unclear", BAD_REQUEST,
        "Le champ Authorization peut se lire de deux façons.",
        "The Authorization field can be read in two ways.",
        "Envoyer un seul champ « Basic » bien formé, ou retirer `basic` de `encoding` si le site ne le lit pas.",
        "Send one well-formed `Basic` field, or remove `basic` from `encoding` if the site does not read it.";
    /// Two forms in one request.
    SeveralForms, "several-forms", BAD_REQUEST,
        "La requête contient deux formulaires à la fois.",
        "The request holds two forms at once.",
        "Distinguer les formulaires par leur chemin, ou par `when`.",
        "Tell the forms apart by their path, or by `when`.";
    /// The password and its confirmation differ: which one would be kept is not known.
    ConfirmationDiffers, "confirmation-differs", UNPROCESSABLE_ENTITY,
        "Les deux mots de passe ne sont pas les mêmes. Tapez deux fois le même.",
        "The two passwords are not the same. Type the same one twice.",
        "Si le site admet qu’ils diffèrent, retirer `confirm`.",
        "If the site admits that they differ, remove `confirm`.";
    /// A new password that looks like a hash made by the page.
    Hashed, "password-hashed", UNPROCESSABLE_ENTITY,
        "Ce mot de passe ressemble à une empreinte calculée par la page : sa force ne peut être jugée. Ajoutez-y d’autres signes.",
        "This password looks like a hash computed by the page: its strength cannot be judged. Add other signs to it.",
        "Si les pages du site hachent les mots de passe, la porte ne peut pas les juger : retirer ce script du site.",
        "If the pages of the site hash passwords, the gate cannot judge them: remove this script from the site.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_its_texts() {
        let mut codes = BTreeSet::new();
        for &ambiguity in Ambiguity::ALL {
            assert!(codes.insert(ambiguity.code()), "{ambiguity:?}");
            assert!(ambiguity.status().is_client_error());
            for language in [Language::Fr, Language::En] {
                for text in [ambiguity.message(language), ambiguity.hint(language)] {
                    assert!(text.ends_with('.'), "{ambiguity:?}: {text}");
                }
            }
            assert_ne!(
                ambiguity.message(Language::Fr),
                ambiguity.message(Language::En)
            );
        }
    }
}
