//! How large a body may be, by the path that it is sent to.
//!
//! Clause: RFC 9110, 15.5.14 (413). A cap that another spelling of the path gets round is none: an
//! origin may ignore letter case, decode escapes, resolve dots or drop `;jsessionid=`. What goes
//! on is what came, so the smallest cap counts of all those that some reading of the path leads to.

use form::{Meeting, Part, RequestPath};
use policy::site::SiteLimit;

/// The caps of a site.
#[derive(Debug)]
pub(crate) struct Caps {
    /// Where no part has a cap of its own, in bytes.
    everywhere: u64,
    parts: Vec<(Part, u64)>,
}

impl Caps {
    pub(crate) fn new(everywhere: u64, limits: &[SiteLimit]) -> Self {
        let parts = limits
            .iter()
            .map(|limit| (Part::new(&limit.path), limit.max_body.get()));
        Self {
            everywhere,
            parts: parts.collect(),
        }
    }

    /// The largest body of a request for this path, in bytes: the cap of the deepest part that it
    /// lies in, or a smaller one of a part that an origin may take it for.
    pub(crate) fn of(&self, path: &str) -> u64 {
        if self.parts.is_empty() {
            return self.everywhere;
        }
        let path = RequestPath::new(path);
        let (mut depth, mut own, mut others) = (0, self.everywhere, u64::MAX);
        for (part, cap) in &self.parts {
            match part.holds(&path) {
                Meeting::Exactly if part.depth() >= depth => (depth, own) = (part.depth(), *cap),
                Meeting::Exactly => {}
                Meeting::Loosely => others = others.min(*cap),
                // Where it leads then is anybody's guess.
                Meeting::None if !path.is_plain() => others = others.min(*cap),
                // A part is a tree, which has no other names.
                Meeting::None | Meeting::Beside => {}
            }
        }
        own.min(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_path_gets_round_its_cap() {
        let policy = policy::load(
            "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
             certificate = \"dev\"\nmax-body = \"1 MiB\"\n\
             [[site.limit]]\npath = \"/files/\"\nmax-body = \"16 MiB\"\n\
             [[site.limit]]\npath = \"/files/Notes\"\nmax-body = \"2 KiB\"\n\
             [[site.limit]]\npath = \"/api\"\nmax-body = \"1 KiB\"\n",
        );
        let policy = policy.expect("a policy").policy;
        let caps = Caps::new(1 << 20, &policy.sites()[0].limits);
        const MIB: u64 = 1 << 20;
        for (path, cap) in [
            ("/", MIB),
            ("/filesystem", MIB),
            ("/a/files", MIB),
            ("/files", 16 * MIB),
            ("/files/a/b", 16 * MIB),
            ("/files/Notes", 2048),
            ("/files/Notes/1", 2048),
            ("/files/Notes2", 16 * MIB),
            ("/files/mon%20fichier", 16 * MIB),
            ("/files/%C3%A9t%C3%A9", 16 * MIB),
            ("/api", 1024),
            ("/api/v2", 1024),
            // One that an origin may take for a smaller one.
            ("/API", 1024),
            ("/aPi/v2", 1024),
            ("/%61pi", 1024),
            ("/%2561pi", 1024),
            ("//api", 1024),
            ("/x/../api", 1024),
            ("/api/../x", 1024),
            ("/api.", 1024),
            ("/index.php/api", 1024),
            ("/files/notes", 2048),
            // One that it may take for a larger one, or for nothing known.
            ("/FILES/a", MIB),
            ("/files/../x", MIB),
            ("/x;y", 1024),
            ("/files/..;/x", 1024),
            ("/a\\b", 1024),
            ("/files/%2e%2e/x", 1024),
            ("/files/%FF", 1024),
        ] {
            assert_eq!(caps.of(path), cap, "{path}");
        }
    }

    #[test]
    fn without_parts_there_is_one_cap() {
        assert_eq!(Caps::new(7, &[]).of("/%zz;"), 7);
    }
}
