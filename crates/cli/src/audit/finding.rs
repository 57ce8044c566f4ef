//! What an audit finds, each with its clause, what to do, and the decisions about the like.
//!
//! Clauses: CNIL 2022-100, conservation. Where a finding is like the facts of a published
//! sanction, the decision is named as it was reported, and no more is claimed.

use password::hash::foreign::Weak;
use policy::Policy;
use policy::clause::{self, Clause};
use policy::hash::LegacyFormat;
use scan::decision::{self, Decision};

use super::tally::{Sort, Tally};

/// One thing found.
pub(super) struct Finding {
    pub(super) code: &'static str,
    pub(super) clause: &'static Clause,
    pub(super) count: u64,
    pub(super) grave: bool,
    pub(super) fr: (String, &'static str),
    pub(super) en: (String, &'static str),
    /// Decisions that were reported for the like.
    pub(super) decisions: Vec<&'static Decision>,
}

impl Finding {
    pub(super) const fn is_grave(&self) -> bool {
        self.grave
    }
}

/// Everything found, the gravest first.
pub(super) fn findings(tally: &mut Tally, policy: &Policy) -> Vec<Finding> {
    let (equal, salts) = (tally.equal_texts(), tally.shared_salts());
    let weak = |wanted: fn(Weak) -> bool| {
        tally.count(|sort| matches!(sort, Sort::Weak(place) if wanted(Weak::ALL[place])))
    };
    let clear = tally.count(|sort| sort == Sort::Plaintext);
    let unknown = tally.count(|sort| matches!(sort, Sort::Unknown | Sort::Malformed));
    let unsalted = weak(is_unsalted);
    let fast = weak(|weak| !is_unsalted(weak)) + tally.count(is_outdated);
    let obsolete = tally.count(|sort| sort == Sort::Obsolete);
    let other = tally.count(|sort| matches!(sort, Sort::Unsupported | Sort::TooDear));
    let is_old =
        |sort: Sort| matches!(sort, Sort::Foreign(_) | Sort::Argon2Old) && !is_outdated(sort);
    let old = tally.count(is_old);
    let accepted = |sort: Sort| {
        let accept = &policy.hash().accept;
        is_old(sort)
            && matches!(sort, Sort::Foreign(place) if !accept.contains(&LegacyFormat::ALL[place]))
    };
    let not_accepted = tally.count(accepted);
    let keyed = policy.hash().pepper.is_some();
    let mut found = vec![
        Finding {
            code: "audit-plaintext",
            clause: &clause::CNIL_NEVER_STORED_IN_CLEAR,
            count: clear,
            grave: true,
            fr: (
                "mots de passe en clair".into(),
                "changez-les tous : faites passer chaque compte par une réinitialisation",
            ),
            en: (
                "passwords in clear".into(),
                "have them all changed: send every account through a reset",
            ),
            decisions: decision::KEPT_IN_CLEAR.into(),
        },
        Finding {
            code: "audit-unknown",
            clause: &clause::CNIL_NEVER_STORED_IN_CLEAR,
            count: unknown,
            grave: true,
            fr: (
                "textes qu’aucune fonction connue n’écrit, peut-être des mots de passe en clair"
                    .into(),
                "regardez-en quelques-uns sur place ; s’ils sont en clair, faites-les changer",
            ),
            en: (
                "texts that no known function writes, perhaps passwords in clear".into(),
                "look at some of them where they are; if they are in clear, have them changed",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-unsalted",
            clause: &clause::CNIL_OBSOLETE_HASH,
            count: unsalted,
            grave: true,
            fr: (
                "empreintes rapides et sans sel".into(),
                "enveloppez la table dans Argon2 aujourd’hui : `rempart wrap`",
            ),
            en: (
                "fast hashes without salt".into(),
                "lay Argon2 over the table today: `rempart wrap`",
            ),
            decisions: like(tally, is_unsalted),
        },
        Finding {
            code: "audit-fast",
            clause: &clause::CNIL_OBSOLETE_HASH,
            count: fast,
            grave: true,
            fr: (
                "empreintes salées d’une fonction rapide ou dépassée".into(),
                "enveloppez la table dans Argon2 aujourd’hui : `rempart wrap`",
            ),
            en: (
                "salted hashes of a fast or outdated function".into(),
                "lay Argon2 over the table today: `rempart wrap`",
            ),
            decisions: like(tally, |weak| !is_unsalted(weak)),
        },
        Finding {
            code: "audit-as-fast",
            clause: &clause::CNIL_UPGRADE_HASH,
            count: tally.as_fast,
            grave: true,
            fr: (
                "empreintes bcrypt, scrypt ou PBKDF2 d’un coût si bas qu’elles valent celles d’une fonction rapide"
                    .into(),
                "enveloppez la table dans Argon2 aujourd’hui : `rempart wrap`",
            ),
            en: (
                "bcrypt, scrypt or PBKDF2 hashes that cost so little that they are as good as those of a fast function"
                    .into(),
                "lay Argon2 over the table today: `rempart wrap`",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-obsolete",
            clause: &clause::CNIL_OBSOLETE_HASH,
            count: obsolete,
            grave: true,
            fr: (
                "empreintes de fonctions dépassées, que rempart ne calcule pas : DES et autres"
                    .into(),
                "faites passer ces comptes par une réinitialisation",
            ),
            en: (
                "hashes of outdated functions that rempart does not compute: DES and others".into(),
                "send these accounts through a reset",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-shared-salt",
            clause: &clause::CNIL_SALT,
            count: salts.records,
            grave: true,
            fr: (
                format!(
                    "empreintes dont le sel sert à d’autres (le même jusqu’à {} fois)",
                    salts.largest
                ),
                "un sel est tiré pour chaque mot de passe ; renouvelez ces empreintes à la connexion",
            ),
            en: (
                format!(
                    "hashes whose salt others use too (the same up to {} times)",
                    salts.largest
                ),
                "a salt is drawn for each password; renew these hashes at sign-in",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-equal",
            clause: &clause::CNIL_SALT,
            count: equal.records,
            grave: true,
            fr: (
                format!(
                    "textes égaux à un autre : des comptes partagent un mot de passe (jusqu’à {})",
                    equal.largest
                ),
                "sans sel, celui d’un compte donne les autres ; enveloppez, et faites changer les plus fréquents",
            ),
            en: (
                format!(
                    "texts equal to another: accounts share a password (up to {})",
                    equal.largest
                ),
                "without salt, one account gives away the others; wrap, and have the most frequent changed",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-cheap",
            clause: &clause::CNIL_UPGRADE_HASH,
            count: tally.cheap,
            grave: false,
            fr: (
                "empreintes Argon2 moins chères que ne le demande la politique".into(),
                "elles se renouvellent à la connexion, par la bibliothèque",
            ),
            en: (
                "Argon2 hashes that cost less than the policy asks".into(),
                "they are renewed at sign-in, by the library",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-low-cost",
            clause: &clause::OWASP_OTHERS,
            count: tally.low,
            grave: false,
            fr: (
                "empreintes bcrypt, scrypt ou PBKDF2 moins chères que ne le recommande l’OWASP".into(),
                "acceptez le format, et elles se renouvellent à la connexion ; ou enveloppez la table",
            ),
            en: (
                "bcrypt, scrypt or PBKDF2 hashes that cost less than OWASP recommends".into(),
                "accept the format, and they are renewed at sign-in; or wrap the table",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-legacy",
            clause: &clause::CNIL_UPGRADE_HASH,
            count: old,
            grave: false,
            fr: (
                format!(
                    "empreintes d’une autre fonction que l’Argon2id d’aujourd’hui, dont {not_accepted} d’un format absent de `hash.accept`"
                ),
                "acceptez le format, et elles se renouvellent à la connexion ; ou enveloppez la table",
            ),
            en: (
                format!(
                    "hashes of another function than today’s Argon2id, {not_accepted} of them in a format not in `hash.accept`"
                ),
                "accept the format, and they are renewed at sign-in; or wrap the table",
            ),
            decisions: Vec::new(),
        },
        // Nothing is known against them: a scrypt of another notation, a bcrypt of many rounds.
        Finding {
            code: "audit-unsupported",
            clause: &clause::CNIL_UPGRADE_HASH,
            count: other,
            grave: false,
            fr: (
                "empreintes que rempart ne calcule pas, ou trop chères à calculer : il n’en juge pas"
                    .into(),
                "jugez-en sur place ; ces comptes passent par une réinitialisation s’ils viennent ici",
            ),
            en: (
                "hashes that rempart does not compute, or too dear to compute: it does not judge them"
                    .into(),
                "judge them where they are; these accounts go through a reset if they come here",
            ),
            decisions: Vec::new(),
        },
        Finding {
            code: "audit-unkeyed",
            clause: &clause::CNIL_KEY_APART,
            count: if keyed { tally.unkeyed } else { 0 },
            grave: false,
            fr: (
                "empreintes Argon2 sans la clé que la politique prévoit".into(),
                "elles la prennent à la connexion",
            ),
            en: (
                "Argon2 hashes without the key that the policy provides".into(),
                "they take it at sign-in",
            ),
            decisions: Vec::new(),
        },
    ];
    found.retain(|finding| finding.count > 0);
    found
}

/// The decisions about such hashes as there are in the dump. Where a notation stands for several
/// functions, nobody knows which of them made it, and none is named for its function.
fn like(tally: &Tally, wanted: fn(Weak) -> bool) -> Vec<&'static Decision> {
    let mut found: Vec<&'static Decision> = Vec::new();
    for (place, weak) in Weak::ALL.into_iter().enumerate() {
        if !wanted(weak) || tally.count(|sort| sort == Sort::Weak(place)) == 0 {
            continue;
        }
        let of_function: &[&'static Decision] = match weak {
            // Not what is made of a thousand rounds of it: md5crypt, apr1.
            Weak::Md5Hex | Weak::DjangoMd5 | Weak::LdapSmd5 => &decision::KEPT_AS_MD5,
            Weak::Sha1Hex | Weak::DjangoSha1 => &decision::KEPT_AS_SHA1,
            _ => &[],
        };
        let of_salt: &[&'static Decision] = match is_unsalted(weak) {
            true => &decision::KEPT_WITHOUT_SALT,
            false => &[],
        };
        for one in of_function.iter().chain(of_salt) {
            if !found.contains(one) {
                found.push(one);
            }
        }
    }
    found
}

/// Formats that may be verified for a while, and whose function is fast or outdated all the same:
/// the family of `{SSHA}`, phpass.
fn is_outdated(sort: Sort) -> bool {
    let outdated = [LegacyFormat::LdapSsha, LegacyFormat::Phpass];
    matches!(sort, Sort::Foreign(place) if outdated.contains(&LegacyFormat::ALL[place]))
}

const fn is_unsalted(weak: Weak) -> bool {
    password::hash::inspect::Made::Weak(weak).is_unsalted()
}
