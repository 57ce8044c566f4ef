//! Locks the worker in, before it has a second thread and before it hears anybody.
//!
//! From then on it gains no privilege by any file, holds no capability, leaves no core with
//! keys in it, opens only the files of [`files`], and makes only the calls of [`calls`]: starting
//! a program is none of them. Each is kept by the kernel until the process ends.
//!
//! Clause: [`policy::clause::REMPART_LEAST_PRIVILEGE`]. Absent on purpose: which addresses it may
//! connect to, since a reload may name another origin.

mod calls;
mod files;

use std::path::Path;

use policy::process::Sandbox;
use policy::{Language, Policy, Text};
use rustix::process::{DumpableBehavior, Resource, Rlimit};
use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::Failure;
use crate::locale::pick;
use crate::source::Source;

pub(crate) use files::closed_folders;

/// One lock: what it is called, and whether it holds.
struct Lock {
    fr: &'static str,
    en: &'static str,
    held: Result<(), Text>,
}

/// Locks this process in as the policy says; what a person reads about it.
pub(super) fn enter(
    policy: &Policy,
    source: &Source,
    state: &Path,
    language: Language,
) -> Result<String, Failure> {
    let sandbox = policy.process().sandbox;
    if sandbox == Sandbox::Off {
        // Not a lock: passwords and keys are in memory, and a core file is a file.
        leave_no_core().map_err(|error| {
            Failure::told(Text::of_system(&error).in_language(language), language)
        })?;
        return Ok(pick(
            language,
            "rempart : process.sandbox = \"off\" : rien n’enferme ce processus, qui ne laisse toutefois pas de fichier core",
            "rempart: process.sandbox = \"off\": nothing confines this process, which leaves no core file all the same",
        )
        .to_owned());
    }
    let locks = [
        Lock {
            fr: "sans privilège à gagner ni capacité",
            en: "no privilege to gain, no capability",
            held: shed_privileges().map_err(|error| Text::of_system(&error)),
        },
        Lock {
            fr: "fichiers (Landlock)",
            en: "files (Landlock)",
            held: files::restrict(policy, &source.base(), source.file.as_deref(), state),
        },
        // Last: what the others need, it refuses.
        Lock {
            fr: "appels système (seccomp)",
            en: "system calls (seccomp)",
            held: calls::restrict(),
        },
    ];
    let mut text = pick(language, "rempart : enfermé :", "rempart: confined:").to_owned();
    let mut missing = String::new();
    for lock in locks {
        let name = pick(language, lock.fr, lock.en);
        match lock.held {
            Ok(()) => text += &format!(" {name} ;"),
            Err(why) => {
                let colon = pick(language, " :", ":");
                missing += &format!("\n  {name}{colon} {}", why.in_language(language));
            }
        }
    }
    let text = text.trim_end_matches(" ;").to_owned();
    if missing.is_empty() {
        return Ok(text);
    }
    let told = match language {
        Language::Fr => format!("rempart : ce noyau n’enferme pas ce processus en tout :{missing}"),
        Language::En => {
            format!("rempart: this kernel does not confine this process in all:{missing}")
        }
    };
    match sandbox {
        Sandbox::Require => Err(Failure::new(match language {
            Language::Fr => format!(
                "{told}\n  à faire : un noyau 6.12 ou plus avec Landlock et seccomp, ou `sandbox = \"try\"` dans [process]"
            ),
            Language::En => format!(
                "{told}\n  fix: a kernel 6.12 or later with Landlock and seccomp, or `sandbox = \"try\"` in [process]"
            ),
        })),
        Sandbox::Try | Sandbox::Off => Ok(format!("{told}\n{text}")),
    }
}

fn shed_privileges() -> std::io::Result<()> {
    rustix::thread::set_no_new_privs(true)?;
    rustix::thread::clear_ambient_capability_set()?;
    rustix::thread::set_capabilities(
        None,
        CapabilitySets {
            effective: CapabilitySet::empty(),
            permitted: CapabilitySet::empty(),
            inheritable: CapabilitySet::empty(),
        },
    )?;
    leave_no_core()?;
    // Keys are in memory: no debugger of the same user reads it either.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

fn leave_no_core() -> std::io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    Ok(rustix::process::setrlimit(Resource::Core, none)?)
}

#[cfg(test)]
mod tests;
