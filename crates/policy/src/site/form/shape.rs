//! What paths, fields and positions may look like in a policy.

/// A decoded path in its plainest spelling, perhaps with `*`.
pub(super) fn is_path(path: &str) -> bool {
    let plain = |sign: char| {
        !sign.is_control() && !sign.is_whitespace() && !matches!(sign, '?' | '#' | '%' | ';' | '\\')
    };
    path.starts_with(['/', '*'])
        && path.chars().all(plain)
        && !path.contains("//")
        && !path.split('/').any(|part| matches!(part, "." | ".."))
        && !path.contains("**")
        && path != "*"
}

/// A name, then perhaps `[key]`, each of them once or more; no space at an end.
pub(super) fn is_field(name: &str) -> bool {
    let (base, keys) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part.trim() == part
            && !part.contains(['[', ']', '\0', '=', '&', ';', '"', '\\'])
    };
    let keys_are_plain = keys.is_empty()
        || keys
            .strip_prefix('[')
            .and_then(|keys| keys.strip_suffix(']'))
            .is_some_and(|keys| keys.split("][").all(plain));
    plain(base) && keys_are_plain
}

/// The number of a parameter, from 0 to 99.
pub(super) fn is_position(name: &str) -> bool {
    matches!(name.len(), 1 | 2)
        && name.bytes().all(|byte| byte.is_ascii_digit())
        && !(name.len() == 2 && name.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_plainly() {
        for (path, plain) in [
            ("/", true),
            ("/login", true),
            ("/login/", true),
            ("/Login.aspx", true),
            ("/événement", true),
            ("/doku.php/*", true),
            ("/*", true),
            ("/app*/j_security_check", true),
            ("*/j_security_check", true),
            ("*", false),
            ("", false),
            ("login", false),
            ("//login", false),
            ("/a//b", false),
            ("/a/../b", false),
            ("/a/./b", false),
            ("/..", false),
            ("/%6cogin", false),
            ("/login;a=b", false),
            ("/a\\b", false),
            ("/a b", false),
            ("/a?b", false),
            ("/a#b", false),
            ("/*/a/*", true),
            ("/a**", false),
        ] {
            assert_eq!(is_path(path), plain, "{path}");
        }
    }

    #[test]
    fn a_field_is_a_name_or_a_place_in_an_array() {
        for (name, sound) in [
            ("pass", true),
            ("mot de passe", true),
            ("user.password", true),
            ("auth[password]", true),
            ("a[b][c]", true),
            ("", false),
            (" pass", false),
            ("pass[]", false),
            ("pass[", false),
            ("pass]", false),
            ("a[b]c", false),
            ("a[b][", false),
            ("[a]", false),
            ("a[ b]", false),
            ("a=b", false),
        ] {
            assert_eq!(is_field(name), sound, "{name}");
        }
        for (name, sound) in [("0", true), ("12", true), ("01", false), ("a", false)] {
            assert_eq!(is_position(name), sound, "{name}");
        }
    }
}
