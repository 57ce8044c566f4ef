use super::*;

type Rule = Option<(Option<u32>, Option<u32>, bool)>;

const fn least(min: u32) -> Rule {
    Some((Some(min), None, false))
}

const fn most(max: u32) -> Rule {
    Some((None, Some(max), false))
}

const fn within(min: u32, max: u32) -> Rule {
    Some((Some(min), Some(max), false))
}

const fn digits(min: u32, max: u32) -> Rule {
    Some((Some(min), Some(max), true))
}

fn check(rows: &[(&str, Rule)]) {
    for (text, rule) in rows {
        let rules = stated(text);
        let read = rules.first().map(|one| (one.min, one.max, one.is_digits));
        assert_eq!(read, *rule, "{text}: {rules:?}");
        assert!(rules.len() < 2, "{text}: {rules:?}");
    }
}

#[test]
fn rules_are_read_as_they_are_meant() {
    check(&[
        (
            "Votre mot de passe doit comporter au moins 6 caractères",
            least(6),
        ),
        ("Mot de passe (8 caractères maximum)", most(8)),
        ("Mot de passe de 6 à 8 caractères", within(6, 8)),
        (
            "Le mot de passe ne doit pas dépasser 16 caractères",
            most(16),
        ),
        (
            "Your password must be at least eight characters long",
            least(8),
        ),
        ("Password: 8 or more characters", least(8)),
        ("Mot de passe de 10 caractères ou plus", least(10)),
        (
            "Un mot de passe doit faire moins de 20 caractères",
            most(19),
        ),
        (
            "Password must be between 6 and 20 characters",
            within(6, 20),
        ),
        (
            "Mot de passe : 12 caractères minimum dont 2 chiffres",
            least(12),
        ),
        ("Mot de passe (1 caractère minimum)", least(1)),
        (
            "Mot de passe : 1 caractère minimum, 8 caractères maximum",
            within(1, 8),
        ),
        ("Mot de passe (min. 8 caractères)", least(8)),
        ("Mot de passe (8 car. min.)", least(8)),
        ("Mot de passe : 8 caract. mini", least(8)),
        ("MOT DE PASSE* (8 CARACTÈRES MINIMUM)", least(8)),
        ("Mot de passe : 8 caracteres minimum", least(8)),
        (
            "Le mot de passe doit contenir entre 8 et 20 caractères, dont au moins 1 chiffre",
            within(8, 20),
        ),
        (
            "Votre mot de passe doit contenir au moins 12 caractères, 1 majuscule, 1 minuscule, 1 chiffre et 1 caractère spécial",
            least(12),
        ),
        (
            "Votre mot de passe doit contenir au moins 2 chiffres et 12 caractères",
            least(12),
        ),
        (
            "Votre mot de passe doit contenir 1 caractère spécial et 8 caractères au minimum",
            least(8),
        ),
        (
            "Choisissez un mot de passe d’au moins 8 caractères, avec des lettres et des chiffres",
            least(8),
        ),
        (
            "Choisissez un mot de passe pour votre compte, d'au moins 8 caractères",
            least(8),
        ),
        ("8 caractères minimum pour votre mot de passe", least(8)),
        ("Longueur minimale du mot de passe : 8 caractères", least(8)),
        (
            "Longueur maximale du mot de passe : 10 caractères",
            most(10),
        ),
        (
            "Votre mot de passe doit contenir plus de 7 caractères",
            least(8),
        ),
        (
            "Votre mot de passe ne doit pas contenir plus de 16 caractères",
            most(16),
        ),
        (
            "Votre mot de passe ne doit pas faire moins de 8 caractères",
            least(8),
        ),
        ("Le mot de passe est limité à 20 caractères", most(20)),
        (
            "Mot de passe de 12 caractères de 4 types différents",
            least(12),
        ),
        ("Mot de passe de 8 caractères alphanumériques", least(8)),
        ("Mot de passe ≥ 8 caractères", least(8)),
        ("Mots de passe : jusqu’à 64 caractères", most(64)),
        ("Password (8-20 characters)", within(8, 20)),
        (
            "Your password must be 8 to 72 characters in length",
            within(8, 72),
        ),
        (
            "Passwords must have at least 8 characters and contain at least one letter and one number",
            least(8),
        ),
        (
            "Use a password of at least 15 characters, or at least 8 characters with a number",
            least(15),
        ),
        ("Password must not exceed 128 characters", most(128)),
        ("Password must be no more than 32 characters", most(32)),
        (
            "Your password must contain at least 1 special character and 10 characters",
            least(10),
        ),
        (
            "Your password must be more than 7 characters long",
            least(8),
        ),
        (
            "Your password must be at least 6 characters long, and must not contain more than 2 identical characters",
            least(6),
        ),
        ("Password: 10+ characters", least(10)),
        ("Choose an 8-character password", least(8)),
        ("Minimum password length: 8 characters", least(8)),
        ("Maximum password length: 16 characters", most(16)),
        (
            "Password must be at least 8 alphanumeric characters",
            least(8),
        ),
    ]);
}

#[test]
fn a_few_digits_are_a_rule_only_when_they_are_the_whole_password() {
    check(&[
        ("Mot de passe : 6 chiffres", digits(6, 6)),
        (
            "Espace du personnel, mot de passe : 6 chiffres",
            digits(6, 6),
        ),
        ("Votre mot de passe est composé de 6 chiffres", digits(6, 6)),
        ("Mot de passe à 4 chiffres", digits(4, 4)),
        ("Mot de passe de 4 à 8 chiffres", digits(4, 8)),
        (
            "Le mot de passe doit contenir exactement 6 chiffres",
            digits(6, 6),
        ),
        ("Mot de passe : 6 caractères numériques", digits(6, 6)),
        ("Your password must be 6 digits", digits(6, 6)),
        ("Enter your 6-digit password", digits(6, 6)),
        ("Choose a password: 6 digits only", digits(6, 6)),
        // One part of a password, or of nobody's choice.
        ("Votre mot de passe doit contenir au moins 6 chiffres", None),
        ("Votre mot de passe doit contenir 4 chiffres", None),
        ("Votre mot de passe doit contenir 2 chiffres", None),
        (
            "Mot de passe : une majuscule, une minuscule, 4 chiffres",
            None,
        ),
        ("Mot de passe avec des lettres et 4 chiffres", None),
        ("Your password must contain 4 digits", None),
        ("Your password must include letters and 4 digits", None),
        (
            "Mot de passe à usage unique de 6 chiffres reçu par SMS",
            None,
        ),
        (
            "Saisissez le mot de passe de 6 chiffres envoyé sur votre téléphone",
            None,
        ),
        ("Enter the one-time password (6 digits)", None),
        ("Enter the 6-digit password sent to your phone", None),
        ("Password or verification code: 6 digits", None),
        ("Mot de passe et code postal (5 chiffres)", None),
        (
            "Mot de passe oublié, entrez les 4 derniers chiffres de votre carte",
            None,
        ),
        ("Mot de passe, téléphone (10 chiffres)", None),
        ("Mot de passe temporaire : 6 chiffres", None),
    ]);
}

#[test]
fn nothing_is_made_up() {
    for text in [
        // Parts of a password.
        "Votre mot de passe doit contenir au moins 1 caractère spécial",
        "Votre mot de passe doit contenir au moins 1 caractère non alphanumérique",
        "Votre mot de passe doit contenir au moins 2 caractères en majuscule",
        "Votre mot de passe doit contenir 1 caractère (majuscule)",
        "Votre mot de passe doit contenir au moins 1 caractère parmi @ # $",
        "Votre mot de passe doit contenir au moins 3 caractères différents",
        "Votre mot de passe doit contenir 3 caractères de chaque type",
        "Le mot de passe ne doit pas contenir plus de 2 caractères identiques consécutifs",
        "Le mot de passe ne doit pas contenir 3 caractères de votre nom",
        "Le mot de passe doit différer de 4 caractères de l’ancien",
        "Your password must contain at least 1 special character",
        "Your password must contain at least one special character",
        "Password must contain 2 non-alphanumeric characters",
        "Password must include 1 character from !@#$%",
        "Password must not have more than 3 consecutive characters",
        "Password must contain at least 1 uppercase character",
        "Password must contain 1 symbol and 1 digit",
        "Only the first 8 characters of your password are used",
        // Something else.
        "Un message de 8 caractères au moins",
        "Votre mot de passe expire dans 6 jours",
        "Mot de passe oublié ? Entrez les 4 derniers chiffres de votre carte",
        "Password reset in 3 steps",
        "Votre identifiant doit contenir au moins 3 caractères, et le mot de passe est obligatoire",
        "Le mot de passe doit être différent de votre identifiant (4 caractères)",
        "Mot de passe et code reçu par SMS : 6 caractères",
        "Mot de passe provisoire de 6 caractères",
        "Recopiez les 5 caractères de l’image sous le mot de passe",
        "Username must be 3 characters, password is required",
        "One-time password: 6 characters",
        // Advice, refusals, negations that nobody can tell.
        "Un mot de passe de 6 caractères se casse en une seconde",
        "Les mots de passe de moins de 8 caractères sont refusés",
        "Un mot de passe de moins de 20 caractères",
        "Votre mot de passe de 6 caractères n’est plus accepté",
        "Mot de passe faible : 6 caractères",
        "A password of 6 characters is cracked in seconds",
        "Sécurité maximum : mot de passe de son choix",
        "Mot de passe",
        "",
    ] {
        assert_eq!(stated(text), [], "{text}");
    }
    assert_eq!(stated(&"mot de passe 6 caractères ".repeat(50)), []);
}

/// Lines are elements: a label, a list, a hint.
#[test]
fn a_line_that_is_only_a_rule_belongs_to_the_password_before_it() {
    check(&[
        ("Mot de passe\n8 caractères minimum", least(8)),
        ("Mot de passe *\n(6 à 12 caractères)", within(6, 12)),
        (
            "Votre mot de passe doit contenir :\nune majuscule\nun chiffre\nau moins 8 caractères",
            least(8),
        ),
        ("Password\nMust be at least 8 characters", least(8)),
        (
            "Votre mot de passe doit contenir :\n• 1 caractère spécial\n• 8 caractères minimum",
            least(8),
        ),
        // The next field of the form.
        ("Mot de passe\nTéléphone (10 chiffres)", None),
        ("Mot de passe\nCode postal\n5 chiffres", None),
        ("Mot de passe\n4 chiffres", None),
        ("Mot de passe\nPseudo\nau moins 3 caractères", None),
        ("Mot de passe\nVotre annonce\n20 caractères minimum", None),
        ("Identifiant\n6 caractères minimum", None),
    ]);
    let two =
        stated("Mot de passe : 6 caractères minimum. Le mot de passe fait au plus 20 caractères.");
    assert_eq!(two.len(), 2, "{two:?}");
    assert_eq!(two[0].sentence, "Mot de passe : 6 caractères minimum");
}

#[test]
fn passwords_by_mail_are_told_from_links() {
    for (text, announced) in [
        ("Merci. Vous recevrez votre mot de passe par courriel", true),
        ("Votre mot de passe vous sera envoyé par e-mail", true),
        ("We will send you your password by email", true),
        (
            "Vous recevrez par courriel un lien pour choisir un mot de passe",
            false,
        ),
        ("Mot de passe oublié : entrez votre e-mail", false),
        ("We will email you a link to reset your password", false),
        ("We will never send your password by email", false),
        (
            "Nous n’envoyons votre mot de passe ni par e-mail ni par SMS",
            false,
        ),
    ] {
        assert_eq!(announces_mail(text).is_some(), announced, "{text}");
    }
}
