//! Numbers, durations, sizes, dates and addresses, after the specification of their key.

use std::net::SocketAddr;
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::mismatch::{out_of_range, unreadable, wrong_type};
use super::unit::{self, SizeError};
use super::value::{Value, Word, WordOr, mismatch, string, whole};
use super::{Faults, Span};
use crate::keys::{Key, Kind};
use crate::nearest::nearest;
use crate::{Size, code};

impl Value for f64 {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let Kind::Number { min, max } = key.kind else {
            return mismatch(key);
        };
        let number = match value.get_ref() {
            DeValue::Integer(_) => whole(value).map(|whole| whole as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => {
                faults.push(wrong_type(key, value));
                return None;
            }
        };
        // Neither NaN nor an infinity lies in any range.
        match number.filter(|number| (min..=max).contains(number)) {
            None => {
                faults.push(out_of_range(&min, &max, value.span()));
                None
            }
            number => number,
        }
    }
}

impl Value for Duration {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        duration(key, text, value.span(), faults)
    }
}

impl<W: Word> Value for WordOr<W, Duration> {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        match W::of(text) {
            Some(word) => Some(Self::Word(word)),
            None => duration(key, text, value.span(), faults).map(Self::Value),
        }
    }
}

impl Value for Size {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let Kind::Size { min, max } = key.kind else {
            return mismatch(key);
        };
        let text = string(key, value, faults)?;
        let span = value.span();
        match unit::size(text) {
            Ok(size) if (min..=max).contains(&size) => Some(size),
            Ok(_) => {
                faults.push(out_of_range(&min, &max, span));
                None
            }
            Err(SizeError::Decimal(binary)) => {
                faults.push(
                    unreadable(code::BAD_SIZE, text, span, "une taille", "a size").fix(
                        format!("écrire l’unité binaire, {binary}"),
                        format!("write the binary unit, {binary}"),
                    ),
                );
                None
            }
            Err(SizeError::Unreadable) => {
                faults.push(
                    unreadable(code::BAD_SIZE, text, span, "une taille", "a size").fix(
                        "écrire un nombre entier et une unité, comme \"64 MiB\"",
                        "write a whole number and a unit, such as \"64 MiB\"",
                    ),
                );
                None
            }
        }
    }
}

impl Value for SocketAddr {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        address(text, value.span(), faults)
    }
}

impl<W: Word> Value for WordOr<W, SocketAddr> {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = string(key, value, faults)?;
        match W::of(text) {
            Some(word) => Some(Self::Word(word)),
            None => address(text, value.span(), faults).map(Self::Value),
        }
    }
}

impl Value for jiff::civil::Date {
    fn read(key: &'static Key, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<Self> {
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            _ => {
                faults.push(wrong_type(key, value));
                return None;
            }
        };
        // A time or an offset would be ignored by the parser of dates.
        let date = Some(&text)
            .filter(|text| text.len() == "2026-12-31".len())
            .and_then(|text| text.parse().ok());
        if date.is_none() {
            faults.push(
                unreadable(code::BAD_DATE, &text, value.span(), "une date", "a date").fix(
                    "écrire année-mois-jour, comme 2026-12-31",
                    "write year-month-day, such as 2026-12-31",
                ),
            );
        }
        date
    }
}

fn duration(key: &'static Key, text: &str, span: Span, faults: &mut Faults) -> Option<Duration> {
    let Kind::Duration { min, max, words } = key.kind else {
        return mismatch(key);
    };
    match unit::duration(text) {
        Some(duration) if (min..=max).contains(&duration) => Some(duration),
        Some(_) => {
            faults.push(out_of_range(&unit::show(min), &unit::show(max), span));
            None
        }
        None => {
            let words = words();
            let (fr, en) = match nearest(text, words.iter().copied()) {
                Some(near) => (format!("écrire \"{near}\""), format!("write \"{near}\"")),
                None if words.is_empty() => (
                    "écrire un nombre et une unité, comme \"15m\" ou \"2 days\"".to_owned(),
                    "write a number and a unit, such as \"15m\" or \"2 days\"".to_owned(),
                ),
                None => (
                    format!("écrire une durée, comme \"15m\", ou : {}", words.join(", ")),
                    format!(
                        "write a duration, such as \"15m\", or: {}",
                        words.join(", ")
                    ),
                ),
            };
            faults.push(
                unreadable(code::BAD_DURATION, text, span, "une durée", "a duration").fix(fr, en),
            );
            None
        }
    }
}

fn address(text: &str, span: Span, faults: &mut Faults) -> Option<SocketAddr> {
    let read = text.parse().ok();
    if read.is_none() {
        faults.push(
            unreadable(
                code::BAD_ADDRESS,
                text,
                span,
                "une adresse d’écoute",
                "a listening address",
            )
            .fix(
                "écrire adresse:port, comme \"0.0.0.0:443\" ou \"[::]:443\"",
                "write address:port, such as \"0.0.0.0:443\" or \"[::]:443\"",
            ),
        );
    }
    read
}
