//! The verdict on one password, as the library, the command line and the gate report it.

use policy::password::{Case, Form};
use policy::{Bits, Language};
use serde_json::{Value, json};

use crate::Finding;

/// The verdict on one password. Holds nothing of the password itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    pub(crate) case: Case,
    pub(crate) form: Form,
    pub(crate) form_met: bool,
    pub(crate) bits: Bits,
    pub(crate) guesses_log10: f64,
    pub(crate) findings: Vec<Finding>,
}

impl Assessment {
    /// Whether the password is good enough: there is no finding against it.
    pub fn accepted(&self) -> bool {
        self.findings.is_empty()
    }

    /// The case of the policy.
    pub const fn case(&self) -> Case {
        self.case
    }

    /// The form that the password meets, or else the nearest one.
    pub const fn form(&self) -> &Form {
        &self.form
    }

    /// Whether it meets [`Assessment::form`].
    pub const fn form_met(&self) -> bool {
        self.form_met
    }

    /// The entropy of [`Assessment::form`], a property of the policy: by the formula, or by
    /// the CNIL's count where the form is one of its examples. Zero for a form that reaches
    /// its case only by a deviation and has no formula.
    pub const fn bits(&self) -> Bits {
        self.bits
    }

    /// The base-10 logarithm of the estimated number of guesses, from 0 without ceiling. It is
    /// what an attacker with the lists and rules of this crate needs, and no entropy: it
    /// never shows that 80 bits are reached.
    pub const fn guesses_log10(&self) -> f64 {
        self.guesses_log10
    }

    /// The reasons of a refusal, from the cheapest rule to the dearest; empty if accepted.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// `{"accepted", "case", "bits", "guesses_log10", "findings"}`. Figures have two
    /// decimals; guesses are rounded down, so that a refused figure never shows as the
    /// threshold.
    pub fn to_json(&self, language: Language) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| finding.to_json(language))
            .collect();
        json!({
            "accepted": self.accepted(),
            "case": self.case.name(),
            "bits": (self.bits.get() * 100.0).round() / 100.0,
            "guesses_log10": (self.guesses_log10 * 100.0).floor() / 100.0,
            "findings": findings,
        })
    }
}
