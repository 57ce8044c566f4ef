//! Where the policy comes from: `--policy`, `$REMPART_POLICY`, `./policy.toml`, or the
//! built-in reference, in this order.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use password::Judge;
use policy::{Language, Loaded, Policy, Report};

use crate::Failure;
use crate::args::Cli;
use crate::locale;

/// The file used when none is named and it exists.
const HERE: &str = "policy.toml";

/// A policy file larger than this is not one.
const LARGEST: u64 = 1024 * 1024;

/// The text of a policy and the name to print before its faults.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The file, if it is one; relative paths in the policy start from its folder.
    pub(crate) file: Option<PathBuf>,
}

impl Source {
    /// Finds and reads the policy of a command.
    pub(crate) fn find(cli: &Cli) -> Result<Self, Failure> {
        let language = locale::without_policy(cli);
        match &cli.policy {
            Some(file) => Self::read(file, language),
            // A link that leads nowhere is a fault to tell, not an absent policy.
            None if Path::new(HERE).symlink_metadata().is_ok() => {
                Self::read(Path::new(HERE), language)
            }
            None => Ok(Self::reference()),
        }
    }

    /// Reads one file.
    pub(crate) fn read(file: &Path, language: Language) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let fail = |reason_fr: &str, reason_en: &str, fix_fr: &str, fix_en: &str| {
            Failure::new(match language {
                Language::Fr => format!(
                    "rempart : politique illisible : {name} : {reason_fr}\n  à faire : {fix_fr}"
                ),
                Language::En => {
                    format!("rempart: cannot read the policy: {name}: {reason_en}\n  fix: {fix_en}")
                }
            })
        };
        let mut bytes = Vec::new();
        let read = std::fs::File::open(file)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            let (fr, en) = io_reason(&error);
            return Err(fail(
                &fr,
                &en,
                "nommez un fichier lisible avec --policy, ou écrivez-en un avec `rempart init`",
                "name a readable file with --policy, or write one with `rempart init`",
            ));
        }
        if bytes.len() as u64 > LARGEST {
            return Err(fail(
                "plus de 1 Mio",
                "larger than 1 MiB",
                "vérifiez que c’est bien une politique",
                "check that it is a policy",
            ));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self {
                name,
                text,
                file: Some(file.to_owned()),
            }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(fail(
                    &format!("pas de l’UTF-8 à l’octet {at}"),
                    &format!("not UTF-8 at byte {at}"),
                    "enregistrez le fichier en UTF-8",
                    "save the file as UTF-8",
                ))
            }
        }
    }

    /// The built-in reference.
    pub(crate) fn reference() -> Self {
        Self {
            name: "<reference>".into(),
            text: policy::reference_text().into(),
            file: None,
        }
    }

    /// The policy, or all its faults rendered.
    pub(crate) fn load(&self, cli: &Cli) -> Result<Loaded, Failure> {
        policy::load(&self.text)
            .map_err(|report| Failure::new(self.render(&report, locale::without_policy(cli))))
    }

    /// The faults of a report, as people read them on standard error.
    pub(crate) fn render(&self, report: &Report, language: Language) -> String {
        report.render(
            &self.name,
            &self.text,
            language,
            std::io::stderr().is_terminal(),
        )
    }

    /// The folder that relative paths start from.
    pub(crate) fn base(&self) -> PathBuf {
        match self.file.as_deref().and_then(Path::parent) {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    }
}

/// The policy of a command, where it comes from, and the language to speak.
pub(crate) fn open(cli: &Cli) -> Result<(Source, Policy, Language), Failure> {
    let source = Source::find(cli)?;
    let loaded = source.load(cli)?;
    let language = locale::of(cli, &loaded.policy);
    Ok((source, loaded.policy, language))
}

/// The judge of the policy of a command with what it names, as [`open`].
pub(crate) fn judge(cli: &Cli) -> Result<(Judge, Policy, Language), Failure> {
    let (source, policy, language) = open(cli)?;
    Ok((judge_of(&source, &policy, language)?, policy, language))
}

/// The judge of a policy that is open.
pub(crate) fn judge_of(
    source: &Source,
    policy: &Policy,
    language: Language,
) -> Result<Judge, Failure> {
    Judge::open(policy.password(), &source.base())
        .map_err(|error| Failure::told(error.message(language), language))
}

/// Why a file could not be used, in French and English.
pub(crate) fn io_reason(error: &std::io::Error) -> (String, String) {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => ("ce fichier n’existe pas".into(), "no such file".into()),
        ErrorKind::PermissionDenied => ("accès refusé".into(), "permission denied".into()),
        ErrorKind::IsADirectory => ("c’est un dossier".into(), "it is a folder".into()),
        ErrorKind::AlreadyExists => (
            "ce fichier existe déjà".into(),
            "the file exists already".into(),
        ),
        _ => (error.to_string(), error.to_string()),
    }
}
