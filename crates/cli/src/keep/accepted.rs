//! What `lint` says of hashes of other systems: while some are left, every sign-in pays for
//! them.
//!
//! Clauses: [`policy::clause::REMPART_COST_CEILING`],
//! [`policy::clause::REMPART_COUNT_UNKNOWN_ACCOUNTS`] (the same work for every outcome).

use policy::{HashPolicy, Language};

/// A line for the policy of this name; empty if it accepts no other format than Argon2.
pub(crate) fn remark(name: &str, policy: &HashPolicy, language: Language) -> String {
    if policy.accept.is_empty() {
        return String::new();
    }
    let formats: Vec<&str> = policy.accept.iter().map(|format| format.name()).collect();
    let (formats, most) = (formats.join(", "), policy.accept_cost);
    match language {
        Language::Fr => format!(
            "{name}: empreintes de format {formats} : tant qu’il en reste, chaque connexion peut prendre le temps de {most} empreintes neuves de plus (`accept-cost`), et celles qui coûtent davantage sont refusées\n"
        ),
        Language::En => format!(
            "{name}: hashes in {formats}: while some are left, every sign-in may take the time of {most} more new hashes (`accept-cost`), and those that cost more are refused\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use policy::hash::LegacyFormat;

    use super::*;

    #[test]
    fn formats_and_their_cost_are_told_where_there_are_any() {
        let mut policy = HashPolicy::default();
        assert_eq!(remark("p", &policy, Language::Fr), "");
        policy.accept = vec![LegacyFormat::Bcrypt, LegacyFormat::Pbkdf2];
        policy.accept_cost = 40;
        for language in [Language::Fr, Language::En] {
            let text = remark("p", &policy, language);
            assert!(text.starts_with("p: ") && text.ends_with('\n'), "{text}");
            assert!(
                text.contains("bcrypt, pbkdf2") && text.contains("40"),
                "{text}"
            );
        }
    }
}
