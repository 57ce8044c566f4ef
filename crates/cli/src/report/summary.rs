//! The head of a report: what the policy comes to, in one sentence and in numbers, and how to read
//! the rest.

use jiff::civil::Date;
use policy::clause::{self, Clause, Evidence, Force, Source};
use policy::password::Case;
use policy::standing::{Standing, State};
use policy::{Language, Policy};

use super::document::Mark;
use crate::locale::pick;

/// Whether a clause comes from the CNIL.
pub(super) fn is_cnil(clause: &Clause) -> bool {
    matches!(clause.source, Source::Cnil2022 | Source::CnilGuide2024)
}

/// Whether a clause comes from the CNIL or from rempart itself, rather than from another body.
fn is_ours(clause: &Clause) -> bool {
    is_cnil(clause) || clause.source == Source::Rempart
}

/// The whole in one sentence.
pub(super) fn verdict(
    policy: &Policy,
    standing: &[Standing<'_>],
    day: Date,
    language: Language,
) -> String {
    let missed = standing
        .iter()
        .filter(|standing| {
            is_ours(standing.clause)
                && standing.clause.force == Force::Must
                && standing.state == State::Below
        })
        .count();
    let expired = policy.expired_deviations(day).count();
    let deviations = policy.deviations().len();
    let left = standing
        .iter()
        .filter(|standing| {
            is_cnil(standing.clause)
                && standing.clause.force == Force::Must
                && standing.state == State::Library
        })
        .count();
    let verdict: String = match (language, missed + expired, deviations) {
        (Language::Fr, 0, 0) => "La politique demande tout ce que ce registre tient pour obligatoire d’après la CNIL et qu’un fichier peut demander, sans écart.".into(),
        (Language::En, 0, 0) => "The policy asks for all that this register holds to be mandatory after the CNIL and a file can ask for, without deviation.".into(),
        (Language::Fr, 0, count) => format!("La politique demande ce que ce registre tient pour obligatoire d’après la CNIL et qu’un fichier peut demander, avec {count} écart(s) expliqué(s)."),
        (Language::En, 0, count) => format!("The policy asks for what this register holds to be mandatory after the CNIL and a file can ask for, with {count} explained deviation(s)."),
        (Language::Fr, ..) => format!("La politique NE convient PAS : {missed} obligation(s) non atteinte(s), {expired} écart(s) expiré(s)."),
        (Language::En, ..) => format!("The policy does NOT do: {missed} obligation(s) not reached, {expired} deviation(s) expired."),
    };
    match (language, left) {
        (_, 0) => verdict,
        (Language::Fr, _) => format!(
            "{verdict} Mais {left} obligation(s) restent à la charge des sites derrière la passerelle."
        ),
        (Language::En, _) => {
            format!("{verdict} But {left} obligation(s) are left to the sites behind the gate.")
        }
    }
}

/// How many clauses stand where; first, what the case rests on and is not described.
pub(super) fn counts(
    policy: &Policy,
    standing: &[Standing<'_>],
    language: Language,
) -> Vec<String> {
    let line = |fr: &str, en: &str, wanted: &dyn Fn(&Clause) -> bool| {
        let count = |name: &str| {
            standing
                .iter()
                .filter(|standing| wanted(standing.clause) && standing.state.name() == name)
                .count()
        };
        let (kept, explained, below) = (count("kept"), count("explained"), count("below"));
        let library = count("library");
        let (yours, apart, stated) = (count("yours"), count("apart"), count("stated"));
        match language {
            Language::Fr => format!(
                "{fr} : {kept} tenues, {library} à vous pour les sites, {explained} en écart expliqué, {below} non atteintes, {yours} à votre charge, {apart} sans objet, {stated} pour mémoire."
            ),
            Language::En => format!(
                "{en}: {kept} kept, {library} yours for the sites, {explained} explained, {below} not reached, {yours} yours, {apart} not concerned, {stated} for the record."
            ),
        }
    };
    let waiting = standing
        .iter()
        .filter(|standing| is_cnil(standing.clause) && standing.clause.to_be_confirmed())
        .count();
    let mut lines: Vec<String> = unrestricted(policy, language).into_iter().collect();
    lines.extend([
        line("Obligations de la CNIL", "Obligations of the CNIL", &|clause| {
            is_cnil(clause) && clause.force == Force::Must
        }),
        line(
            "Recommandations de la CNIL",
            "Recommendations of the CNIL",
            &|clause| is_cnil(clause) && clause.force != Force::Must,
        ),
        line(
            "Règles propres à rempart",
            "Rules of rempart itself",
            &|clause| clause.source == Source::Rempart,
        ),
        line("Autres textes", "Other texts", &|clause| !is_ours(clause)),
        match language {
            Language::Fr => format!(
                "{waiting} exigences de la CNIL ne sont connues que de mémoire ou de seconde main : elles sont marquées « à confirmer »."
            ),
            Language::En => format!(
                "{waiting} requirements of the CNIL are known only from memory or at second hand: they are marked “to be confirmed”."
            ),
        },
    ]);
    lines
}

/// What the signs and the words beside a reference mean.
pub(super) fn legend(language: Language) -> Vec<String> {
    let colon = pick(language, " :", ":");
    let states = [
        (
            State::Kept,
            "la politique le demande, et les parties nommées le font partout où elles sont employées",
            "the policy asks for it, and the parts named do it wherever they are used",
        ),
        (
            State::Library,
            "la bibliothèque le fait pour les applications qui l’appellent ; un site derrière la passerelle tient ses propres comptes, et c’est à vous d’y veiller",
            "the library does it for applications that call it; a site behind the gate keeps its own accounts, and it is yours to see to it there",
        ),
        (
            State::Below,
            "cette politique ne l’atteint pas",
            "this policy does not reach it",
        ),
        (
            State::Apart,
            "ne concerne pas cette politique : autre cas, autre mécanisme, pas de site",
            "does not concern this policy: another case, another mechanism, no site",
        ),
        (
            State::Stated,
            "définition ou permission : il n’y a rien à tenir",
            "a definition or a permission: there is nothing to keep",
        ),
    ];
    let sign = |mark: &Mark, meaning: &str| format!("{} {}{colon} {meaning}", mark.sign, mark.word);
    let mut lines: Vec<String> = states
        .into_iter()
        .map(|(state, fr, en)| sign(&Mark::of(state, language), pick(language, fr, en)))
        .collect();
    lines.insert(
        2,
        pick(
            language,
            "≈ écart expliqué : la politique s’en écarte, et en donne la raison",
            "≈ explained: the policy departs from it, and gives the reason",
        )
        .to_owned(),
    );
    lines.insert(
        4,
        pick(
            language,
            "→ à vous : aucun réglage ne le fait à votre place",
            "→ yours: no setting does it in your place",
        )
        .to_owned(),
    );
    lines.push(match language {
        Language::Fr => format!(
            "À côté d’une référence : « {} », le texte a été lu ; « {} », un tiers le rapporte ; « {} », on s’en souvient ; « {} », calculé. Sans lecture du texte, une exigence est « à confirmer ».",
            Evidence::Read.word(language),
            Evidence::Reported.word(language),
            Evidence::Recalled.word(language),
            Evidence::Derived.word(language),
        ),
        Language::En => format!(
            "Beside a reference: “{}”, the text was read; “{}”, others report it; “{}”, it is remembered; “{}”, computed. A requirement whose text was not read is “to be confirmed”.",
            Evidence::Read.word(language),
            Evidence::Reported.word(language),
            Evidence::Recalled.word(language),
            Evidence::Derived.word(language),
        ),
    });
    lines
}

/// The sites whose sign-in the gate does not restrict although the case rests on it.
fn unrestricted(policy: &Policy, language: Language) -> Option<String> {
    let bare = policy.sites().iter().filter(|site| !site.signs_in());
    let hosts: Vec<&str> = bare
        .filter_map(|site| Some(site.hosts.first()?.as_str()))
        .collect();
    if policy.password().case != Case::RestrictedAccess || hosts.is_empty() {
        return None;
    }
    let (hosts, clause) = (hosts.join(", "), clause::CNIL_RESTRICTION.id);
    Some(match language {
        Language::Fr => format!(
            "La connexion à {hosts} : le cas choisi exige que l’accès y soit restreint ({clause}), et aucun [[site.form]] de kind \"sign-in\" n’y est décrit. L’application doit le faire elle-même, par la bibliothèque."
        ),
        Language::En => format!(
            "Signing in to {hosts}: the case chosen requires that access is restricted there ({clause}), and no [[site.form]] of kind \"sign-in\" is described. The application has to do it itself, with the library."
        ),
    })
}
