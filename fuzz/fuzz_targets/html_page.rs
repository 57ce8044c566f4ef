//! A page of a stranger: forms, links and text are read within bounds, and so are its rules.
#![no_main]

libfuzzer_sys::fuzz_target!(|html: &[u8]| {
    let page = scan::page::read(html, None);
    assert!(page.forms.len() <= 101 && page.links.len() <= 100 && page.loads.len() <= 100);
    for form in &page.forms {
        assert!(form.fields.len() <= 100);
    }
    for rule in scan::rules::stated(&page.text) {
        assert!(rule.min.or(rule.max).is_some());
    }
});
