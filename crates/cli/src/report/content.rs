//! What a report says of one policy: summary first, then each clause of the register.

use jiff::civil::Date;
use policy::clause::Source;
use policy::password::{Case, Conformity, Form};
use policy::standing::{Standing, State, beyond};
use policy::{Language, Policy};

use super::document::{Bar, Block, Chart, Document, Entry, Mark};
use super::subject::Subject;
use super::summary::{counts, is_cnil, legend, verdict};
use crate::locale::pick;
use crate::shortest;

/// A report of one policy on one day.
pub(super) fn document(subject: &Subject<'_>, day: Date, language: Language) -> Document {
    let policy = subject.policy;
    let standing = policy.standing();
    let mut blocks = vec![Block::Facts(facts(subject, day, language))];
    let heading = |fr: &str, en: &str| Block::Heading(pick(language, fr, en).to_owned());

    blocks.push(heading("En bref", "In short"));
    blocks.push(Block::Paragraph(verdict(policy, &standing, day, language)));
    blocks.push(Block::List(counts(policy, &standing, language)));

    blocks.push(heading(
        "Entropie des formes admises",
        "Entropy of the admitted forms",
    ));
    blocks.push(Block::Chart(chart(policy, language)));

    let entries = |wanted: &dyn Fn(&Standing<'_>) -> bool| -> Vec<Entry> {
        standing
            .iter()
            .filter(|standing| wanted(standing))
            .map(|standing| entry(standing, day, language))
            .collect()
    };
    let explained = entries(&|standing| matches!(standing.state, State::Explained(_)));
    if !explained.is_empty() {
        blocks.push(heading("Écarts expliqués", "Explained deviations"));
        blocks.push(Block::Entries(explained));
    }
    let below = entries(&|standing| standing.state == State::Below);
    if !below.is_empty() {
        blocks.push(heading("Non atteint", "Not reached"));
        blocks.push(Block::Paragraph(
            pick(
                language,
                "Des recommandations, ou des textes d’autres organismes, que cette politique n’atteint pas. Aucune de ces lignes n’est un plancher du fichier.",
                "Recommendations, or texts of other bodies, that this policy does not reach. None of these lines is a floor of the file.",
            )
            .to_owned(),
        ));
        blocks.push(Block::Entries(below));
    }
    blocks.push(heading("À votre charge", "Yours to do"));
    blocks.push(Block::Paragraph(
        pick(
            language,
            "Ce qu’aucun logiciel ne fait à la place d’une organisation.",
            "What no software does in the place of an organisation.",
        )
        .to_owned(),
    ));
    let mut yours = entries(&|standing| matches!(standing.state, State::Yours(_)));
    yours.extend(beyond().iter().map(|duty| Entry {
        mark: Mark {
            sign: "→",
            class: "yours",
            word: pick(language, "à vous", "yours").to_owned(),
        },
        lead: duty.reference(language).to_owned(),
        id: None,
        text: duty.words.in_language(language).to_owned(),
        notes: Vec::new(),
    }));
    blocks.push(Block::Entries(yours));

    let of_sites = standing
        .iter()
        .filter(|standing| is_cnil(standing.clause) && standing.state == State::Library);
    let of_sites: Vec<Entry> = of_sites
        .map(|standing| Entry {
            notes: Vec::new(),
            ..entry(standing, day, language)
        })
        .collect();
    if !of_sites.is_empty() {
        blocks.push(heading(
            "À votre charge pour les sites",
            "Yours to do for the sites",
        ));
        blocks.push(Block::Paragraph(
            pick(
                language,
                "La bibliothèque le fait pour les applications qui l’appellent. Un site derrière la passerelle tient ses propres comptes et leurs empreintes : c’est à lui de le faire, et à vous d’y veiller.",
                "The library does it for applications that call it. A site behind the gate keeps its own accounts and their hashes: it is the site’s to do, and yours to see to.",
            )
            .to_owned(),
        ));
        blocks.push(Block::Entries(of_sites));
    }

    blocks.push(heading(
        "Ce que ce rapport ne voit pas",
        "What this report cannot see",
    ));
    blocks.push(Block::List(unseen(policy, language)));

    blocks.push(heading("Comment lire", "How to read this"));
    blocks.push(Block::List(legend(language)));

    for source in Source::ALL {
        let of_source = entries(&|standing| standing.clause.source == source);
        let (name, title) = (source.short_name(language), source.title(language));
        let colon = pick(language, " :", ":");
        blocks.push(Block::Heading(format!("{name}{colon} {title}")));
        blocks.push(Block::Entries(of_source));
    }
    Document {
        title: pick(
            language,
            "Mots de passe et connexions : rapport de conformité",
            "Passwords and connections: conformity report",
        )
        .to_owned(),
        language,
        blocks,
    }
}

fn facts(subject: &Subject<'_>, day: Date, language: Language) -> Vec<(String, String)> {
    let policy = subject.policy;
    let case = match (policy.password().case, language) {
        (Case::PasswordAlone, Language::Fr) => "1, mot de passe seul (80 bits)",
        (Case::PasswordAlone, Language::En) => "1, password alone (80 bits)",
        (Case::RestrictedAccess, Language::Fr) => "2, accès restreint (50 bits)",
        (Case::RestrictedAccess, Language::En) => "2, restricted access (50 bits)",
        (Case::DeviceUnlock, Language::Fr) => "3, déverrouillage d’un matériel (13 bits)",
        (Case::DeviceUnlock, Language::En) => "3, unlocking a device (13 bits)",
    };
    let hosts: Vec<&str> = policy
        .sites()
        .iter()
        .flat_map(|site| site.hosts.iter().map(String::as_str))
        .collect();
    let hosts = match hosts.is_empty() {
        true => pick(language, "aucun", "none").to_owned(),
        false => hosts.join(", "),
    };
    [
        (pick(language, "Politique", "Policy"), subject.name.clone()),
        (
            pick(language, "Empreinte SHA-256", "SHA-256 of the file"),
            subject.fingerprint(),
        ),
        (pick(language, "Établi le", "As of"), day.to_string()),
        (
            pick(language, "Par rempart, version", "By rempart, version"),
            env!("CARGO_PKG_VERSION").to_owned(),
        ),
        (
            pick(language, "Préréglage", "Preset"),
            policy.preset().name().to_owned(),
        ),
        (
            pick(language, "Cas de la CNIL", "Case of the CNIL"),
            case.to_owned(),
        ),
        (
            pick(
                language,
                "Sites derrière la passerelle",
                "Sites behind the gate",
            ),
            hosts,
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn chart(policy: &Policy, language: Language) -> Chart {
    let password = policy.password();
    let bars: Vec<Bar> = password
        .forms
        .iter()
        .map(|form| bar(policy, form, language))
        .collect();
    let most = bars.iter().map(|bar| bar.bits).fold(100.0, f64::max);
    let caption = pick(
        language,
        "Bits de chaque forme, au plus court, à côté de 13, 50 et 80 bits (cas 3, 2 et 1). L’entropie qualifie la politique, jamais un mot de passe choisi. Les exemples de la CNIL conviennent par leur nom, même quand la formule donne un peu moins.",
        "Bits of each form at its shortest, beside 13, 50 and 80 bits (cases 3, 2 and 1). Entropy describes the policy, never a chosen password. The CNIL’s examples do by name, even where the formula gives a little less.",
    );
    Chart {
        caption: caption.to_owned(),
        bars,
        most,
        floors: [13.0, 50.0, 80.0],
    }
}

fn bar(policy: &Policy, form: &Form, language: Language) -> Bar {
    let case = policy.password().case;
    let conformity = form.conformity(case);
    let bits = conformity.map_or_else(
        || form.bits().map_or(0.0, |bits| bits.get()),
        |conformity| conformity.bits().get(),
    );
    let shown = match language {
        Language::Fr => format!("{bits:.2} bits").replace('.', ","),
        Language::En => format!("{bits:.2} bits"),
    };
    let why = match conformity {
        Some(Conformity::Formula(_)) => pick(language, "par la formule", "by the formula").into(),
        Some(Conformity::Example(example)) => format!(
            "{} {}",
            pick(language, "exemple de la CNIL", "example of the CNIL"),
            example.name()
        ),
        None => pick(
            language,
            "sous le plancher du cas",
            "under the floor of the case",
        )
        .into(),
    };
    Bar {
        label: shortest::shape(policy.password(), form)
            .in_language(language)
            .to_owned(),
        bits,
        words: format!("{shown}, {why}"),
        enough: conformity.is_some(),
    }
}

/// One clause with all that is known of it.
pub(super) fn entry(standing: &Standing<'_>, day: Date, language: Language) -> Entry {
    let clause = standing.clause;
    let mut notes = Vec::new();
    match standing.state {
        State::Yours(words) => notes.push(words.in_language(language).to_owned()),
        State::Explained(deviation) => {
            let mut note = format!(
                "{}{}",
                pick(language, "raison : ", "reason: "),
                deviation.reason
            );
            if let Some(until) = deviation.until {
                note += &match (language, until < day) {
                    (Language::Fr, false) => format!(" (jusqu’au {until})"),
                    (Language::En, false) => format!(" (until {until})"),
                    (Language::Fr, true) => format!(" (jusqu’au {until} : EXPIRÉ)"),
                    (Language::En, true) => format!(" (until {until}: EXPIRED)"),
                };
            }
            notes.push(note);
        }
        State::Library => notes.push(
            pick(
                language,
                "tenu par la bibliothèque ; à vous pour les sites derrière la passerelle",
                "kept by the library; yours for the sites behind the gate",
            )
            .to_owned(),
        ),
        State::Kept | State::Below | State::Apart | State::Stated => {}
    }
    let concerned = matches!(
        standing.state,
        State::Kept | State::Library | State::Below | State::Explained(_)
    );
    if concerned && !standing.parts.is_empty() {
        let parts: Vec<&str> = standing
            .parts
            .iter()
            .map(|part| part.words(language))
            .collect();
        notes.push(format!(
            "{}{}",
            pick(language, "par : ", "by: "),
            parts.join(", ")
        ));
    }
    for setting in &standing.settings {
        notes.push(format!("{} = {}", setting.key, setting.value));
    }
    let force = clause.force.word(language);
    let evidence = clause.evidence.word(language);
    Entry {
        mark: Mark::of(standing.state, language),
        lead: format!("{}, {force}, {evidence}", clause.reference(language)),
        id: Some(clause.id),
        text: clause.in_language(language).to_owned(),
        notes,
    }
}

fn unseen(policy: &Policy, language: Language) -> Vec<String> {
    let mut lines = vec![
        pick(
            language,
            "Si une application appelle bien la bibliothèque : « tenu » vaut partout où les parties nommées sont employées, et là seulement.",
            "Whether an application does call the library: “kept” holds wherever the parts named are used, and only there.",
        ),
        pick(
            language,
            "Si un site reste joignable sans passer par la passerelle.",
            "Whether a site can still be reached without the gate.",
        ),
        pick(
            language,
            "Ce que contiennent les tables déjà en place : anciennes empreintes, comptes partagés.",
            "What the tables already in place hold: old hashes, shared accounts.",
        ),
        pick(
            language,
            "Le texte intégral de la délibération : ce qui est « à confirmer » attend qu’une personne le lise. Ce rapport n’est pas un avis juridique.",
            "The full text of the délibération: what is “to be confirmed” waits for a person to read it. This report is not legal advice.",
        ),
    ];
    if !policy.sites().is_empty() {
        lines.insert(
            2,
            pick(
                language,
                "Les formulaires des sites derrière la passerelle : leurs mots de passe sont jugés par le site, pas par cette politique, tant qu’aucun [[site.form]] ne les nomme.",
                "The forms of the sites behind the gate: their passwords are judged by the site, not by this policy, as long as no [[site.form]] names them.",
            ),
        );
    }
    lines.into_iter().map(str::to_owned).collect()
}
