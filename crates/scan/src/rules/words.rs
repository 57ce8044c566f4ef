//! The words that sentences about passwords are made of, in French and English, lower-case and
//! without accents.
//!
//! A word that is not listed ends a rule. Adding one widens what is read, so every list has rows
//! in the tests that must stay unread.

/// Words, with spaces between them.
pub(super) struct Words(&'static str);

impl Words {
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.split(' ').any(|one| one == word)
    }

    pub(super) fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Signs,
    Digits,
}

/// What is said of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// It stands alone.
    Exact,
    /// "au moins".
    Least,
    /// "au plus".
    Most,
    /// "plus de", which a "not" turns round.
    More,
    /// "moins de", likewise.
    Less,
}

pub(super) const PASSWORDS: [&str; 7] = [
    "mot de passe",
    "mots de passe",
    "password",
    "passwords",
    "passphrase",
    "mdp",
    "phrase de passe",
];

/// Other things that have a length on a page with a password.
pub(super) const OTHERS: Words = Words(
    "identifiant identifiants pseudo pseudonyme login username nickname nom prenom name email \
     mail courriel adresse address telephone phone mobile portable postal zip siret siren \
     message commentaire comment carte card numero titre title cle key iban licence reponse \
     answer question recherche search",
);

/// Words of sentences that are no rule: codes for one use, passwords that are not the visitor's
/// own choice, advice, comparisons.
pub(super) const NO_RULES: Words = Words(
    "otp sms code codes pin totp captcha image texto temporaire temporaires temporary \
     provisoire provisoires faible faibles weak casse casser crack cracked deviner guess \
     guessed pirate pirates pirater hack hacked hackers secondes seconds exemple example \
     ancien anciens ancienne old previous precedent precedents differer differ premiers first \
     envoye envoyes recu recus sent received",
);
pub(super) const NO_RULE_PHRASES: [&str; 8] = [
    "usage unique",
    "one time",
    "single use",
    "valable une fois",
    "plus accepte",
    "plus acceptes",
    "no longer",
    "par defaut",
];

/// Kinds of signs: beside one of them, a number counts a part of the password.
pub(super) const CLASSES: Words = Words(
    "majuscule majuscules minuscule minuscules chiffre lettre lettres special speciale \
     speciaux speciales uppercase lowercase upper lower letter letters capital symbol symbols \
     symbole symboles ponctuation punctuation alphanumerique alphanumeriques alphanumeric \
     capitale",
);

/// What makes a number of digits the whole password.
pub(super) const ONLY: Words =
    Words("uniquement seulement exactement exclusivement only exactly numerique numeric");

/// Words behind which digits are a part of the password.
pub(super) const HOLDS: Words = Words(
    "contenir contient contain contains containing contenant comporter comporte comportant \
     inclure inclut include includes including avoir have has with avec dont et and",
);

pub(super) const NUMERIC: Words = Words("numeriques numeric numerical");
pub(super) const RANGES: Words = Words("a et ou to and or - – /");
pub(super) const BREAKS: Words = Words(", ( ) : et and mais but or");
pub(super) const NOT: Words = Words("pas ne n ni jamais sans not never no cannot t nor without");
pub(super) const REFUSED: Words = Words(
    "refuse refuses rejete rejetes rejected refused trop too invalide invalid interdit \
     interdits forbidden",
);
pub(super) const MUST: Words =
    Words("doit doivent devez devra must should shall needs faire be choisissez choose");

/// Words between a number and what bounds it, or what it is about.
pub(super) const FILLERS: Words = Words(
    "de d des du un une a an le la l of the est is etre be faire longueur length taille size \
     requis required : ( mot passe password votre",
);

/// Words behind a point that does not end a sentence.
pub(super) const ABBREVIATIONS: Words = Words("min max mini maxi car caract char chars env ex e g");

pub(super) const MAILS: [&str; 7] = [
    "courriel",
    "e-mail",
    "email",
    "par mail",
    "sms",
    "by post",
    "par courrier",
];
pub(super) const SENDINGS: [&str; 10] = [
    "recevrez votre mot de passe",
    "recevrez un mot de passe",
    "mot de passe vous sera envoye",
    "enverrons votre mot de passe",
    "envoyons votre mot de passe",
    "receive your password",
    "send you your password",
    "send your password",
    "password will be sent",
    "password by e",
];
pub(super) const LINKS: [&str; 5] = ["lien", "link", "reinitialis", "reset", "code"];

/// Phrases before a number, with bars between them.
const BEFORE: [(Bound, &str); 4] = [
    (
        Bound::Least,
        "au moins|at least|au minimum|minimum|minimums|minimal|minimale|minimally|mini|\
         min|a partir de|superieure ou egale a|>=|≥",
    ),
    (
        Bound::Most,
        "au plus|at most|au maximum|maximum|maximal|maximale|maxi|max|jusqu a|up to|\
         limite a|limited to|<=|≤",
    ),
    (
        Bound::More,
        "plus de|more than|longer than|greater than|superieur a|superieure a|depasser|\
         depasse|exceder|exceed|exceeding|>",
    ),
    (
        Bound::Less,
        "moins de|less than|fewer than|shorter than|inferieur a|inferieure a",
    ),
];

/// Phrases behind the unit.
const BEHIND: [(Bound, &str); 2] = [
    (
        Bound::Least,
        "au moins|at least|au minimum|at minimum|minimum|minimums|mini|min|ou plus|\
         et plus|or more|and more|or longer|+",
    ),
    (
        Bound::Most,
        "au plus|at most|au maximum|at maximum|maximum|maxi|max|ou moins|or less|or fewer",
    ),
];

/// What may stand between a number and its unit.
const BETWEEN: [(Option<Bound>, &str); 3] = [
    (Some(Bound::Least), "or more|ou plus|et plus|minimum|min|+"),
    (Some(Bound::Most), "or fewer|or less|ou moins|maximum|max"),
    (None, "alphanumeric|ascii|-"),
];

/// What may say that a number is a length.
const LONG: [&str; 8] = [
    "de long",
    "de longueur",
    "en longueur",
    "long",
    "in length",
    "alphanumeriques",
    "alphanumerique",
    "(",
];

/// What may stand behind a number of signs that is a length.
const FOLLOW: Words = Words(
    ") , : - – / ( + & ] et and ou or mais but dont avec with including incluant comprenant \
     contenant containing comportant having melangeant mixing combining combinant compose \
     composes pour for sans without qui that which est is are sont requis required \
     obligatoire obligatoires exige exiges such comme afin il ne doit must it you only uniquement",
);

/// The words of lines that are nothing but a rule.
const OF_RULES: Words = Words(
    "doit must contenir contain contains contient comporter avoir have has use utiliser \
     utilisez et and ou or avec with dont including entre between from to long plus more \
     moins least au at ) ,",
);

/// A text in lower case, without accents.
pub(super) fn plain(text: &str) -> String {
    let bare = |sign: char| match sign {
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'à' | 'â' => 'a',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'û' | 'ù' | 'ü' => 'u',
        'ç' => 'c',
        sign => sign,
    };
    text.chars()
        .filter(|sign| !('\u{300}'..='\u{36f}').contains(sign))
        .flat_map(char::to_lowercase)
        .map(bare)
        .collect()
}

/// The words of a plain text, and the marks that have a meaning.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let word = rest
            .find(|sign: char| !sign.is_alphanumeric())
            .unwrap_or(rest.len());
        let length = match (word, sign) {
            (1.., _) => word,
            (_, '<' | '>') if rest[1..].starts_with('=') => 2,
            _ => sign.len_utf8(),
        };
        let (one, after) = rest.split_at(length);
        rest = after;
        if word > 0 || ",:()[]-–/+&<>≤≥".contains(sign) {
            words.push(one);
        }
    }
    words
}

/// Whether words begin with those of a phrase.
pub(super) fn starts(words: &[&str], phrase: &str) -> bool {
    let mut words = words.iter();
    phrase.split(' ').all(|word| words.next() == Some(&word))
}

fn ends(words: &[&str], phrase: &str) -> bool {
    let mut words = words.iter().rev();
    phrase.rsplit(' ').all(|word| words.next() == Some(&word))
}

fn size(phrase: &str) -> usize {
    phrase.split(' ').count()
}

/// The phrase that ends where the words end, its size, and what it says.
pub(super) fn before(words: &[&str]) -> Option<(usize, Bound)> {
    find(&BEFORE, |phrase| ends(words, phrase))
}

pub(super) fn between(words: &[&str]) -> Option<(usize, Option<Bound>)> {
    find(&BETWEEN, |phrase| ends(words, phrase))
}

/// The phrase that the words begin with.
pub(super) fn behind(words: &[&str]) -> Option<(usize, Bound)> {
    find(&BEHIND, |phrase| starts(words, phrase))
}

fn find<B: Copy>(lists: &[(B, &str)], is_it: impl Fn(&str) -> bool) -> Option<(usize, B)> {
    lists.iter().find_map(|(bound, phrases)| {
        let phrase = phrases.split('|').find(|phrase| is_it(phrase))?;
        Some((size(phrase), *bound))
    })
}

/// How many words say no more than that a number is a length.
pub(super) fn long(words: &[&str]) -> Option<usize> {
    let phrase = LONG.iter().find(|phrase| starts(words, phrase))?;
    // A bracket opens a bound, or something else.
    let is_bound = *phrase != "(" || behind(&words[1..]).is_some();
    is_bound.then(|| size(phrase))
}

pub(super) fn may_follow(words: &[&str]) -> bool {
    match words {
        [] => true,
        // "12 caractères de 4 types".
        ["de" | "of", next, ..] => number(next).is_some(),
        [next, ..] => FOLLOW.has(next) || PASSWORDS.iter().any(|name| starts(words, name)),
    }
}

/// Whether a word can stand in a line that is nothing but a rule.
pub(super) fn is_of_rules(word: &str) -> bool {
    let is_bound = || {
        let mut phrases = BEFORE.iter().flat_map(|(_, phrases)| phrases.split('|'));
        phrases.any(|phrase| phrase == word)
    };
    number(word).is_some()
        || unit(word).is_some()
        || FILLERS.has(word)
        || CLASSES.has(word)
        || OF_RULES.has(word)
        || is_bound()
}

pub(super) fn unit(word: &str) -> Option<Unit> {
    match word {
        "caractere" | "caracteres" | "character" | "characters" | "signes" | "car" | "caract"
        | "char" | "chars" => Some(Unit::Signs),
        "chiffres" | "digit" | "digits" => Some(Unit::Digits),
        _ => None,
    }
}

pub(super) fn number(word: &str) -> Option<u32> {
    Some(match word {
        "quatre" | "four" => 4,
        "cinq" | "five" => 5,
        "six" => 6,
        "sept" | "seven" => 7,
        "huit" | "eight" => 8,
        "neuf" | "nine" => 9,
        "dix" | "ten" => 10,
        "douze" | "twelve" => 12,
        "quatorze" | "fourteen" => 14,
        "quinze" | "fifteen" => 15,
        "seize" | "sixteen" => 16,
        "vingt" | "twenty" => 20,
        word => word.parse().ok()?,
    })
}
