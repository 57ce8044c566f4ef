//! `lint`: every fault of a policy, then what it really admits.
//!
//! A policy without fault is judged too: for each form, the shortest password accepted, and
//! the faults that only a judge can find. What the texts say beyond the file comes as notes.

use password::Judge;
use password::generate::Kind;
use policy::site::Certificate;
use policy::transport::Directory;
use policy::{Language, Loaded, Policy, Preset, Report};
use serde_json::json;

use crate::args::{Cli, Format, Lint};
use crate::keep::accepted;
use crate::locale::{self, pick};
use crate::shortest::{self, Shortest};
use crate::source::Source;
use crate::{Answer, Outcome, rules};

/// Conforming or not is the answer: exit code 0 or 1. A deviation past its day no longer
/// excuses anything, and a form that accepts nothing is a fault.
pub(crate) fn run(cli: &Cli, options: &Lint) -> Outcome {
    let language = locale::without_policy(cli);
    let source = match &options.file {
        Some(file) => Source::read(file, language)?,
        None => Source::find(cli)?,
    };
    let (report, loaded, language) = match policy::load(&source.text) {
        Err(report) => (report, None, language),
        Ok(loaded) => {
            let language = locale::of(cli, &loaded.policy);
            (loaded.warnings.clone(), Some(loaded), language)
        }
    };
    let judged = loaded
        .as_ref()
        .map(|loaded| Judged::new(&source, &loaded.policy, language));
    let report = match &judged {
        Some(judged) => judged.add_to(report, &source, loaded.as_ref()),
        None => report,
    };
    let expired = loaded
        .as_ref()
        .is_some_and(|loaded| has_expired(&loaded.policy));
    let conforms = !report.has_errors() && !expired;
    match options.format {
        Format::Json => rules::print(&format!(
            "{:#}\n",
            json!({
                "file": source.name,
                "conforms": conforms,
                "preset": loaded.as_ref().map(|loaded| loaded.policy.preset().name()),
                "faults": report.to_json(&source.name, &source.text, language),
                "deviations": loaded.as_ref().map(|loaded| deviations(&loaded.policy)),
                "forms": judged.as_ref().and_then(|judged| judged.to_json(language)),
                "notes": loaded.as_ref().map(|loaded| notes(&loaded.policy, language)),
            })
        )),
        Format::Text => {
            if !report.is_empty() {
                anstream::eprintln!("{}", source.render(&report, language).trim_end());
            }
            if let (Some(loaded), Some(judged)) = (&loaded, &judged) {
                let mut text = summary(&source, loaded, language);
                text += &judged.in_words(&source, language);
                text += &remarks(&source, &loaded.policy, language);
                text += &verdict(&source, &loaded.policy, report.has_errors(), language);
                rules::print(&text);
            }
        }
    }
    Ok(if conforms { Answer::Yes } else { Answer::No })
}

/// What a judge says of the forms of a policy.
enum Judged {
    Forms(Vec<(Shortest, Option<policy::Trouble>)>),
    /// A file that the policy names could not be opened, as on a machine that only checks.
    Unopened(String),
}

impl Judged {
    fn new(source: &Source, policy: &Policy, language: Language) -> Self {
        let password = policy.password();
        let judge = match Judge::open(password, &source.base()) {
            Ok(judge) => judge,
            Err(error) => return Self::Unopened(error.message(language).to_owned()),
        };
        let forms = shortest::of_forms(password, &judge, language);
        let lists = password
            .forms
            .iter()
            .map(|form| shortest::list_trouble(password, form, &source.base(), language));
        Self::Forms(forms.into_iter().zip(lists).collect())
    }

    /// The report with the faults that only a judge finds. A form whose length is known to
    /// be too short already is not told twice.
    fn add_to(&self, report: Report, source: &Source, loaded: Option<&Loaded>) -> Report {
        let Self::Forms(forms) = self else {
            return report;
        };
        let told = loaded.is_some_and(|loaded| {
            let faults = loaded.warnings.faults();
            faults.iter().any(|fault| fault.code == "guess-above-form")
        });
        let mut found = Vec::new();
        for (place, (form, list)) in forms.iter().enumerate() {
            let longer = |trouble: &policy::Trouble| {
                !matches!(trouble, policy::Trouble::Longer { .. }) || !told
            };
            let troubles = form
                .trouble()
                .filter(longer)
                .into_iter()
                .chain(list.clone());
            found.extend(troubles.map(|trouble| trouble.of_form(place, &source.text)));
        }
        report.with(found)
    }

    fn to_json(&self, language: Language) -> Option<serde_json::Value> {
        let Self::Forms(forms) = self else {
            return None;
        };
        Some(
            forms
                .iter()
                .enumerate()
                .map(|(place, (form, _))| {
                    let found = form.found.as_ref();
                    json!({
                        "form": place + 1,
                        "shape": form.shape.in_language(language),
                        "unit": match form.kind {
                            Kind::Characters => "characters",
                            Kind::Words => "words",
                        },
                        "stated": form.stated,
                        "shortest": found.map(|found| found.size).ok(),
                        "example": found.map(|found| found.example.as_str()).ok(),
                        "reason": found.err().map(|reason| reason.in_language(language)),
                    })
                })
                .collect(),
        )
    }

    fn in_words(&self, source: &Source, language: Language) -> String {
        let name = &source.name;
        let forms = match self {
            Self::Forms(forms) => forms,
            Self::Unopened(why) => {
                return match language {
                    Language::Fr => format!("{name}: les formes ne sont pas essayées : {why}\n"),
                    Language::En => format!("{name}: the forms are not tried: {why}\n"),
                };
            }
        };
        let mut text = String::new();
        for (place, (form, _)) in forms.iter().enumerate() {
            let (number, shape) = (place + 1, form.shape.in_language(language));
            text += &match language {
                Language::Fr => format!("{name}: forme {number} : {shape}\n"),
                Language::En => format!("{name}: form {number}: {shape}\n"),
            };
            text += &match (&form.found, language) {
                (Ok(found), _) => format!(
                    "  {} {}{} {}\n",
                    pick(language, "au plus court :", "at the shortest:"),
                    sized(form.kind, found.size, language),
                    pick(language, ", comme", ", such as"),
                    found.example.as_str()
                ),
                (Err(reason), _) => format!(
                    "  {} {}\n",
                    pick(
                        language,
                        "au plus court : aucun ;",
                        "at the shortest: none;"
                    ),
                    reason.in_language(language)
                ),
            };
        }
        text
    }
}

fn sized(kind: Kind, size: usize, language: Language) -> String {
    let unit = match (kind, language) {
        (Kind::Characters, Language::Fr) => "caractère",
        (Kind::Characters, Language::En) => "character",
        (Kind::Words, Language::Fr) => "mot",
        (Kind::Words, Language::En) => "word",
    };
    let plural = if size == 1 { "" } else { "s" };
    format!("{size} {unit}{plural}")
}

fn notes(policy: &Policy, language: Language) -> Vec<serde_json::Value> {
    policy
        .notes()
        .iter()
        .map(|note| {
            json!({
                "clause": note.clause.id,
                "text": note.text.in_language(language),
            })
        })
        .collect()
}

/// The preset, unless it is the default one, and what its text says beyond the file.
fn remarks(source: &Source, policy: &Policy, language: Language) -> String {
    let (name, preset) = (&source.name, policy.preset());
    let mut text = String::new();
    if preset != Preset::Cnil {
        let origin = preset.source().short_name(language);
        text += &match language {
            Language::Fr => format!("{name}: préréglage {}, d’après {origin}\n", preset.name()),
            Language::En => format!("{name}: preset {}, after {origin}\n", preset.name()),
        };
    }
    text += &first_steps(name, policy, language);
    text += &accepted::remark(name, policy.hash(), language);
    for note in policy.notes() {
        let clause = note.clause.reference(language);
        let sentence = note.text.in_language(language);
        text += &format!(
            "  {clause} [{}]{} {sentence}\n",
            note.clause.id,
            pick(language, " :", ":")
        );
    }
    text
}

/// What to do before the first certificate is ordered from an authority that counts.
fn first_steps(name: &str, policy: &Policy, language: Language) -> String {
    let orders = |site: &policy::Site| site.certificate == Certificate::Acme;
    let counts = policy.transport().acme.directory == Directory::LetsEncrypt;
    if !counts || !policy.sites().iter().any(orders) {
        return String::new();
    }
    match language {
        Language::Fr => format!(
            "{name}: certificats : essayez d’abord `directory = \"lets-encrypt-staging\"` dans [transport.acme] ; Let’s Encrypt compte les échecs et les certificats émis\n"
        ),
        Language::En => format!(
            "{name}: certificates: try `directory = \"lets-encrypt-staging\"` in [transport.acme] first; Let’s Encrypt counts failures and certificates issued\n"
        ),
    }
}

/// Whether a deviation is past the last day on which it counts.
pub(crate) fn has_expired(policy: &Policy) -> bool {
    policy.expired_deviations(today()).next().is_some()
}

pub(crate) fn today() -> jiff::civil::Date {
    jiff::tz::Offset::UTC
        .to_datetime(jiff::Timestamp::now())
        .date()
}

fn deviations(policy: &Policy) -> Vec<serde_json::Value> {
    policy
        .deviations()
        .iter()
        .map(|deviation| {
            json!({
                "clause": deviation.clause.id,
                "reason": deviation.reason,
                "until": deviation.until.map(|until| until.to_string()),
                "expired": deviation.until.is_some_and(|until| until < today()),
            })
        })
        .collect()
}

/// What a policy without fault still leaves to be known: deviations.
fn summary(source: &Source, loaded: &Loaded, language: Language) -> String {
    let name = &source.name;
    let mut text = String::new();
    let deviations = loaded.policy.deviations();
    for deviation in deviations {
        let clause = deviation.clause.reference(language);
        let until = match (deviation.until, language) {
            (None, _) => String::new(),
            (Some(until), _) if until < today() => match language {
                Language::Fr => format!(" (jusqu’au {until} : EXPIRÉ)"),
                Language::En => format!(" (until {until}: EXPIRED)"),
            },
            (Some(until), Language::Fr) => format!(" (jusqu’au {until})"),
            (Some(until), Language::En) => format!(" (until {until})"),
        };
        let id = deviation.clause.id;
        text += &match language {
            Language::Fr => format!(
                "{name}: écart à {clause} [{id}]{until} : {}\n",
                deviation.reason
            ),
            Language::En => format!(
                "{name}: deviates from {clause} [{id}]{until}: {}\n",
                deviation.reason
            ),
        };
    }
    text
}

/// One line that says it all.
fn verdict(source: &Source, policy: &Policy, unusable: bool, language: Language) -> String {
    let name = &source.name;
    let deviations = policy.deviations().len();
    let expired = policy.expired_deviations(today()).count();
    let unusable_fr = "politique NON conforme : une forme n’accepte aucun mot de passe\n  à faire : suivez les corrections ci-dessus";
    let unusable_en =
        "the policy does NOT conform: a form accepts no password\n  fix: follow the fixes above";
    let verdict = match (language, deviations, expired) {
        _ if unusable => pick(language, unusable_fr, unusable_en).to_owned(),
        (Language::Fr, 0, _) => "politique conforme".to_owned(),
        (Language::En, 0, _) => "the policy conforms".to_owned(),
        (Language::Fr, count, 0) => {
            format!("politique conforme, avec {count} écart(s) expliqué(s)")
        }
        (Language::En, count, 0) => {
            format!("the policy conforms, with {count} explained deviation(s)")
        }
        (Language::Fr, _, expired) => format!(
            "politique NON conforme : {expired} écart(s) expiré(s)\n  à faire : mettez le réglage en conformité, ou expliquez un nouveau délai"
        ),
        (Language::En, _, expired) => format!(
            "the policy does NOT conform: {expired} deviation(s) expired\n  fix: bring the setting into line, or explain a new date"
        ),
    };
    format!("{name}: {verdict}\n")
}
