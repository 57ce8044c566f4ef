//! "Did you mean": the nearest of the words that would have been right.

/// The candidate most like `word`, if it is near enough to be a slip of the hand.
///
/// Distance counts swapped neighbours as one slip; more than a third of the word wrong is
/// another word. A long `word` is never compared: it costs time and is no slip.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase().replace('_', "-");
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, candidate), candidate))
        .filter(|&(distance, candidate)| {
            distance <= (candidate.chars().count().max(word.chars().count()) / 3).max(1)
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let words = ["max-length", "case", "form", "upstream"];
        for (word, expected) in [
            ("max_length", Some("max-length")),
            ("max-lenght", Some("max-length")),
            ("Case", Some("case")),
            ("upstrem", Some("upstream")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), words), None);
    }
}
