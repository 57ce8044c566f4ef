//! What can be wrong with a `[[site.form]]`.

use crate::read::{Span, shorten};
use crate::report::Fault;
use crate::{Text, clause, code};

pub(super) fn without_success(span: Span) -> Fault {
    Fault::error(
        code::FORM_WITHOUT_SUCCESS,
        span,
        Text::new(
            "rien ne dit quand une connexion a réussi",
            "nothing tells when a sign-in has succeeded",
        ),
    )
    .clause(&clause::CNIL_RESTRICTION)
    .label(
        "chaque connexion, même réussie, compterait comme un échec",
        "every sign-in, even a good one, would count as a failure",
    )
    .fix(
        "ajouter success = [{ set-cookie = \"session*\" }], ce que le site ne donne qu’à un bon mot de passe",
        "add success = [{ set-cookie = \"session*\" }], what the site gives to a good password only",
    )
}

pub(super) fn success_by_status(span: Span) -> Fault {
    Fault::warning(
        code::SUCCESS_BY_STATUS,
        span,
        Text::new(
            "le statut et l’adresse où mène la réponse ne prouvent pas qu’une connexion a réussi",
            "the status and where the answer leads do not prove that a sign-in has succeeded",
        ),
    )
    .clause(&clause::CNIL_RESTRICTION)
    .label(
        "seul l’échec de cet essai serait repris, et le navigateur resterait inconnu",
        "only the failure of that attempt would be taken back, and the browser would stay unknown",
    )
    .fix(
        "y ajouter ce que le site ne donne qu’à un bon mot de passe : set-cookie = \"session*\", ou une valeur de json",
        "add what the site gives to a good password only: set-cookie = \"session*\", or a value of json",
    )
}

pub(super) fn undecided_uncounted(span: Span) -> Fault {
    Fault::warning(
        code::UNDECIDED_UNCOUNTED,
        span,
        Text::new(
            "avec `failure`, une réponse qu’aucune règle ne connaît n’est comptée ni comme échec ni comme réussite",
            "with `failure`, an answer that no rule knows is counted neither as a failure nor as a success",
        ),
    )
    .clause(&clause::CNIL_RESTRICTION)
    .label(
        "qui trouve une telle réponse devine sans attendre, jusqu’au plafond du jour",
        "whoever finds such an answer guesses without a wait, up to the cap of the day",
    )
    .fix(
        "retirer `failure` si `success` reconnaît toute connexion réussie : tout le reste est alors un échec",
        "remove `failure` if `success` knows every good sign-in: whatever else is a failure then",
    )
}

pub(super) fn without_identifier(span: Span) -> Fault {
    Fault::error(
        code::FORM_WITHOUT_IDENTIFIER,
        span,
        Text::new(
            "rien ne dit de quel compte il s’agit",
            "nothing tells which account it is",
        ),
    )
    .clause(&clause::CNIL_RESTRICTION)
    .label(
        "les échecs ne seraient comptés que par adresse",
        "failures would be counted by address only",
    )
    .fix(
        "ajouter `identifier` : le champ de l’identifiant du compte",
        "add `identifier`: the field of the account's identifier",
    )
}

pub(super) fn twice(span: Span) -> Fault {
    Fault::error(
        code::FORM_TWICE,
        span,
        Text::new(
            "ce formulaire est déjà décrit pour ce site",
            "this form is described for this site already",
        ),
    )
    .label(
        "même chemin, mêmes conditions, même champ",
        "same path, same conditions, same field",
    )
    .fix(
        "n’en garder qu’un, ou les distinguer par `when`",
        "keep one, or tell them apart by `when`",
    )
}

pub(super) fn secret_in_url(span: Span) -> Fault {
    Fault::error(
        code::SECRET_IN_URL,
        span,
        Text::new(
            "ce formulaire met le mot de passe dans l’adresse",
            "this form puts the password in the address",
        ),
    )
    .clause(&clause::CNIL_URL_SECRETS)
    .label(
        "l’adresse reste dans les historiques et les journaux",
        "addresses stay in histories and logs",
    )
    .fix(
        "envoyer le formulaire par POST, ou fermer cette porte : kind = \"closed\"",
        "submit the form by POST, or shut this door: kind = \"closed\"",
    )
}

pub(super) fn bad_path(path: &str, span: Span) -> Fault {
    let shown = shorten(path);
    Fault::error(
        code::BAD_FORM_PATH,
        span,
        Text::new(
            format!("« {shown} » n’est pas un chemin de formulaire"),
            format!("`{shown}` is not the path of a form"),
        ),
    )
    .label(
        "commence par /, sans espace, ?, #, %, ;, // ni ..",
        "starts with /, without space, ?, #, %, ;, // or ..",
    )
    .fix(
        "écrire le chemin seul et décodé, comme \"/login\" ; les paramètres vont dans `when`",
        "write the path alone and decoded, such as \"/login\"; parameters go in `when`",
    )
}

pub(super) fn bad_field(name: &str, span: Span) -> Fault {
    let shown = shorten(name);
    Fault::error(
        code::BAD_FIELD_NAME,
        span,
        Text::new(
            format!("« {shown} » n’est pas le nom d’un champ"),
            format!("`{shown}` is not the name of a field"),
        ),
    )
    .label(
        "un nom tel que le formulaire l’envoie, sans * ni liste []",
        "a name as the form sends it, without a list []",
    )
    .fix(
        "écrire le nom exact, comme \"pass1\" ou \"auth[password]\"",
        "write the exact name, such as \"pass1\" or \"auth[password]\"",
    )
}

pub(super) fn bad_position(name: &str, span: Span) -> Fault {
    let shown = shorten(name);
    Fault::error(
        code::BAD_FIELD_NAME,
        span,
        Text::new(
            format!("« {shown} » n’est pas la place d’un paramètre XML-RPC"),
            format!("`{shown}` is not the position of an XML-RPC parameter"),
        ),
    )
    .label("un nombre de 0 à 99", "a number from 0 to 99")
    .fix(
        "compter les paramètres depuis 0, et écrire \"1\" pour le deuxième",
        "count the parameters from 0, and write \"1\" for the second",
    )
}

pub(super) fn field_twice(name: &str, span: Span) -> Fault {
    let shown = shorten(name);
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            format!("le champ `{shown}` a deux rôles"),
            format!("the field `{shown}` has two parts to play"),
        ),
    )
    .label(
        "déjà nommé dans ce formulaire",
        "named in this form already",
    )
    .fix("garder le bon", "keep the right one")
}

pub(super) fn no_encoding(span: Span) -> Fault {
    Fault::error(
        code::UNKNOWN_WORD,
        span,
        Text::new(
            "il faut au moins un encodage",
            "at least one encoding is needed",
        ),
    )
    .label("liste vide", "empty list")
    .fix("écrire [\"urlencoded\"]", "write [\"urlencoded\"]")
}

pub(super) fn no_value(name: &str, span: Span) -> Fault {
    let shown = shorten(name);
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            format!("la condition `{shown}` ne peut pas être vraie"),
            format!("the condition `{shown}` cannot hold"),
        ),
    )
    .label("aucune valeur", "no value")
    .fix(
        "donner une valeur, ou retirer la condition",
        "give a value, or remove the condition",
    )
}

pub(super) fn xml_rpc_not_alone(span: Span) -> Fault {
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            "XML-RPC désigne ses champs par leur place, les autres encodages par un nom",
            "XML-RPC tells fields by their position, the other encodings by a name",
        ),
    )
    .label("pas dans le même formulaire", "not in the same form")
    .fix(
        "écrire deux [[site.form]]",
        "write two [[site.form]] tables",
    )
}

pub(super) fn basic_sets_nothing(span: Span) -> Fault {
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            "`Authorization: Basic` connecte ; rien n’y crée un mot de passe",
            "`Authorization: Basic` signs in; it makes no password",
        ),
    )
    .label(
        "`basic` va avec `sign-in` et `closed`",
        "`basic` goes with `sign-in` and `closed`",
    )
    .fix("retirer \"basic\"", "remove \"basic\"")
}

pub(super) fn rule_in_both(span: Span) -> Fault {
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            "la même règle dit le succès et l’échec",
            "the same rule tells success and failure",
        ),
    )
    .label("aussi dans `success`", "in `success` as well")
    .fix("la garder d’un seul côté", "keep it on one side only")
}

pub(super) fn empty_rule(span: Span) -> Fault {
    Fault::error(
        code::EMPTY_ANSWER_RULE,
        span,
        Text::new(
            "cette règle ne regarde rien dans la réponse",
            "this rule looks at nothing in the answer",
        ),
    )
    .label("elle serait toujours vraie", "it would always hold")
    .fix(
        "y écrire status, location, set-cookie, json ou body",
        "write status, location, set-cookie, json or body in it",
    )
}

pub(super) fn bad_cookie(name: &str, span: Span) -> Fault {
    let shown = shorten(name);
    Fault::error(
        code::BAD_COOKIE_NAME,
        span,
        Text::new(
            format!("« {shown} » n’est pas un nom de cookie"),
            format!("`{shown}` is not the name of a cookie"),
        ),
    )
    .label(
        "lettres, chiffres, tirets et *",
        "letters, digits, hyphens and *",
    )
    .fix(
        "écrire le nom que le site pose à la connexion, sans sa valeur",
        "write the name that the site sets at sign-in, without its value",
    )
}

pub(super) fn bad_pointer(pointer: &str, span: Span) -> Fault {
    let shown = shorten(pointer);
    Fault::error(
        code::BAD_POINTER,
        span,
        Text::new(
            format!("« {shown} » n’est pas un pointeur JSON"),
            format!("`{shown}` is not a JSON pointer"),
        ),
    )
    .label("commence par /", "starts with /")
    .fix(
        "écrire \"/ok\", ou \"/user/id\" pour une clé dans un objet",
        "write \"/ok\", or \"/user/id\" for a key inside an object",
    )
}

pub(super) fn without_preset(name: &str, span: Span) -> Fault {
    Fault::error(
        code::KEY_UNUSED,
        span,
        Text::new(
            format!("`{name}` va avec `preset`"),
            format!("`{name}` goes with `preset`"),
        ),
    )
    .label(
        "aucun `preset` dans cette table",
        "no `preset` in this table",
    )
    .fix(
        "retirer la ligne : le chemin s’écrit entier dans `path`, et les manières dans `encoding`",
        "remove the line: the whole path stands in `path`, and the ways in `encoding`",
    )
}

pub(super) fn no_basic(span: Span) -> Fault {
    Fault::warning(
        code::KEY_UNUSED,
        span,
        Text::new(
            "ce logiciel ne lit pas `Authorization: Basic`",
            "this software does not read `Authorization: Basic`",
        ),
    )
    .label("sans effet", "no effect")
    .fix("retirer la ligne", "remove the line")
}

pub(super) fn basic_uncounted(span: Span) -> Fault {
    Fault::warning(
        code::BASIC_UNCOUNTED,
        span,
        Text::new(
            "les essais par `Authorization: Basic` ne sont comptés nulle part sur ce site",
            "guesses by `Authorization: Basic` are counted nowhere on this site",
        ),
    )
    .clause(&clause::CNIL_RESTRICTION)
    .label(
        "juste seulement là où le serveur web du site le demande lui-même",
        "right only where the web server of the site asks for it itself",
    )
    .fix(
        "compter alors les siens : [[site.form]] avec kind = \"sign-in\", path = \"/*\", encoding = [\"basic\"], failure = [{ status = \"401\" }] et success = [{ status = \"200-499\" }] ; sinon, retirer la ligne",
        "count those of the server then: [[site.form]] with kind = \"sign-in\", path = \"/*\", encoding = [\"basic\"], failure = [{ status = \"401\" }] and success = [{ status = \"200-499\" }]; otherwise remove the line",
    )
}

pub(super) fn beside_preset(name: &str, span: Span) -> Fault {
    Fault::error(
        code::EXCLUSIVE_KEYS,
        span,
        Text::new(
            format!("`{name}` est déjà dit par le préréglage"),
            format!("`{name}` is said by the preset already"),
        ),
    )
    .label(
        "`preset` ne va qu’avec `base`, `max-body`, `mark`, `meter`, `attributes` et `basic`",
        "`preset` goes with `base`, `max-body`, `mark`, `meter`, `attributes` and `basic` only",
    )
    .fix(
        "retirer la ligne, ou écrire les formulaires sans `preset` (docs/FORMS.md les montre)",
        "remove the line, or write the forms without `preset` (docs/FORMS.md shows them)",
    )
}
