//! The addresses inside a page, mended as those of redirects are.

use crate::location::{self, Site};

/// One address over https, if it points at this site or at its origin.
pub(super) fn text(text: &str, site: Site<'_>) -> Option<String> {
    let address = text.trim_matches(|sign: char| sign.is_ascii_whitespace());
    String::from_utf8(location::mended(address.as_bytes(), site)?).ok()
}

/// The target of `<meta http-equiv=refresh>`.
pub(super) fn refresh(text: &str, site: Site<'_>) -> Option<String> {
    let place = location::refresh_target(text.as_bytes())?;
    let target = self::text(text.get(place.clone())?, site)?;
    Some([&text[..place.start], &target, &text[place.end..]].concat())
}

/// Every address of a list or of a style: each one that starts after a space, a comma, a
/// quote or a parenthesis. An address inside the query of another one is left alone.
pub(super) fn list(text: &str, site: Site<'_>) -> Option<String> {
    let starts = |sign: char| sign.is_ascii_whitespace() || matches!(sign, ',' | '"' | '\'' | '(');
    let mut result = String::new();
    let mut done = 0;
    let mut before = true;
    for (at, sign) in text.char_indices() {
        if before && at >= done {
            let rest = &text[at..];
            let end = rest.find(|sign: char| starts(sign) || sign == ')');
            let address = &rest[..end.unwrap_or(rest.len())];
            if let Some(mended) = self::text(address, site) {
                result.push_str(&text[done..at]);
                result.push_str(&mended);
                done = at + address.len();
            }
        }
        before = starts(sign);
    }
    (done > 0).then(|| result + &text[done..])
}
