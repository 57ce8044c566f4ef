//! `[process]`: what the process that speaks to the network may do on its machine.
//!
//! Clause: [`clause::REMPART_LEAST_PRIVILEGE`](crate::clause::REMPART_LEAST_PRIVILEGE).

mod files;
pub(crate) mod parse;

pub use files::Files;

/// `[process]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessPolicy {
    /// Whom the gate runs as once its listeners are open, when it was started as root: a name
    /// of `/etc/passwd`, or a number. `None` keeps the user that started it.
    pub user: Option<String>,
    /// Whether it locks itself in.
    pub sandbox: Sandbox,
}

/// `sandbox`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sandbox {
    /// Whatever the kernel offers, with a warning for what it lacks. The default.
    #[default]
    Try,
    /// All of it, or the gate does not start.
    Require,
    /// None.
    Off,
}
