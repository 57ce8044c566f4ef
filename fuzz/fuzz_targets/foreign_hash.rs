//! Any text is a hash of another system or an error; one verification takes bounded memory,
//! and a recipe reads back as it was written.
#![no_main]

use password::hash::foreign::{Carried, ForeignError, Recipe, read};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let carried = read(text);
    if let Ok(Carried::Foreign(hash)) = &carried {
        // One GiB and what mixes it.
        assert!(hash.memory_kib() <= (1 << 20) + 1024);
    }
    match Recipe::of(text) {
        Ok(recipe) => {
            let kept = recipe.to_string();
            assert!(Recipe::parse(&kept).is_ok_and(|again| again.to_string() == kept));
        }
        // What is read is wrapped or said not to need it.
        Err(error) => assert!(carried.is_err() || error == ForeignError::NotWrapped),
    }
    let _ = Recipe::parse(text);
});
