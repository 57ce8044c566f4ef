//! The user that the worker runs as.
//!
//! Names are those of `/etc/passwd`. Absent on purpose: directories of users (LDAP and the
//! like), which would have to be asked by a library that runs as root.

use std::fs;

use policy::Language;

use crate::Failure;

/// A user of the system and its first group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl User {
    /// The user of a name or number.
    pub(super) fn find(name: &str, language: Language) -> Result<Self, Failure> {
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self::in_passwd(&passwd, name).ok_or_else(|| {
            Failure::new(match language {
                Language::Fr => format!(
                    "rempart : process.user : aucun utilisateur « {name} » sur ce système\n  à faire : créez-le avec `useradd --system --no-create-home {name}`, ou nommez-en un autre"
                ),
                Language::En => format!(
                    "rempart: process.user: no user `{name}` on this system\n  fix: create it with `useradd --system --no-create-home {name}`, or name another"
                ),
            })
        })
    }

    fn in_passwd(passwd: &str, name: &str) -> Option<Self> {
        let number = name.parse::<u32>().ok();
        let known = passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (its_name, _password) = (fields.next()?, fields.next()?);
            let user = Self {
                uid: fields.next()?.parse().ok()?,
                gid: fields.next()?.parse().ok()?,
            };
            (its_name == name || Some(user.uid) == number).then_some(user)
        });
        // A number needs no name: a container may have no such file.
        known.or(number.map(|uid| Self { uid, gid: uid }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_name_and_by_number() {
        let passwd = "root:x:0:0:root:/:/bin/sh\nrempart:x:990:980::/:/usr/sbin/nologin\nbroken\n";
        let user = |uid, gid| Some(User { uid, gid });
        for (name, expected) in [
            ("rempart", user(990, 980)),
            ("990", user(990, 980)),
            ("4000", user(4000, 4000)),
            ("broken", None),
            ("nobody", None),
        ] {
            assert_eq!(User::in_passwd(passwd, name), expected, "{name}");
        }
    }
}
