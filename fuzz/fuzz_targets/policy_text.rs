//! Any text is a policy or a report, and a policy keeps its forms.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(loaded) = policy::load(text) {
        assert!(!loaded.policy.password().forms.is_empty());
    }
});
