//! Bad admin listeners, and their faults.

/// A text after `version = 1`, and `code line:column clause` of every fault.
pub(crate) const ADMIN: &[(&str, &[&str])] = &[
    (
        "[transport.admin]\nlisten = \"0.0.0.0:9180\"",
        &["admin-not-loopback 3:10 -"],
    ),
    (
        "[transport.admin]\nlisten = \"[2001:db8::1]:9180\"",
        &["admin-not-loopback 3:10 -"],
    ),
    (
        "[transport.admin]\nlisten = \"127.0.0.1\"\nmode = \"0666\"",
        &["bad-admin-listener 3:10 -", "unknown-word 4:8 -"],
    ),
    (
        "[transport.admin]\nlisten = \"unix:\"",
        &["bad-admin-listener 3:10 -"],
    ),
    (
        "[transport]\nhttps = \"127.0.0.1:443\"\n[transport.admin]\nlisten = \"127.0.0.1:443\"",
        &["same-listener 5:10 -"],
    ),
    ("[transport.admin]\nlisten = \"[::1]:9180\"", &[]),
    (
        "[transport.admin]\nlisten = \"[::ffff:127.0.0.1]:9180\"",
        &[],
    ),
    (
        "[transport.admin]\nlisten = \"unix:admin.sock\"\nmode = \"0660\"",
        &[],
    ),
    (
        "[transport]\naccess-log = \"combined\"\ntrace-context = \"everyone\"",
        &[],
    ),
    (
        "[transport]\ntrace-context = \"yes\"",
        &["unknown-word 3:17 -"],
    ),
];
