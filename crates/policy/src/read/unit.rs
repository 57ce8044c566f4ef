//! Durations and sizes as text.
//!
//! Durations follow jiff's friendly format; a day is 24 hours and a month is refused, since
//! it has no fixed length. Sizes take binary units only: `MB` means two things to two people.

use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use jiff::{Span, SpanRelativeTo};

use crate::Size;

/// Why a text is not a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SizeError {
    /// A decimal unit, with the text to write instead.
    Decimal(String),
    /// Anything else.
    Unreadable,
}

/// Texts longer than this are no duration and no size.
const LONGEST: usize = 64;

/// `"15m"`, `"4 s"`, `"2 days"`: never negative, at most what jiff can hold.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    static PARSER: SpanParser = SpanParser::new();
    if text.len() > LONGEST {
        return None;
    }
    let span: Span = PARSER.parse_span(text.trim()).ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

/// `"19 MiB"`, `"64KiB"`, `"100 B"`.
pub(crate) fn size(text: &str) -> Result<Size, SizeError> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(SizeError::Unreadable);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| SizeError::Unreadable)?;
    let factor: u64 = match unit.trim_start() {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        other => {
            let binary = match other.to_ascii_lowercase().as_str() {
                "k" | "kb" | "ko" | "kib" | "kio" => "KiB",
                "m" | "mb" | "mo" | "mib" | "mio" => "MiB",
                "g" | "gb" | "go" | "gib" | "gio" => "GiB",
                _ => return Err(SizeError::Unreadable),
            };
            return Err(SizeError::Decimal(format!("\"{number} {binary}\"")));
        }
    };
    let bytes = number.checked_mul(factor).ok_or(SizeError::Unreadable)?;
    Ok(Size::bytes(bytes))
}

/// A duration as the file writes it, in its largest exact unit: `1h`, `90s`, `100ms`.
pub(crate) fn show(duration: Duration) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let seconds = duration.as_secs();
    if duration.subsec_nanos() != 0 {
        return format!("{}ms", duration.as_millis());
    }
    for (unit, name) in UNITS {
        if seconds != 0 && seconds.is_multiple_of(unit) {
            return format!("{}{name}", seconds / unit);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (text, expected) in [
            ("15m", seconds(900)),
            ("4 s", seconds(4)),
            ("1h", seconds(3600)),
            ("2 days", seconds(172_800)),
            ("1w", seconds(604_800)),
            ("1h 30m", seconds(5400)),
            (" 0s ", seconds(0)),
            ("100ms", Some(Duration::from_millis(100))),
            ("1 month", None),
            ("-4s", None),
            ("4 s ago", None),
            ("15", None),
            ("", None),
            ("soon", None),
            ("99999999999999999999999h", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
        assert_eq!(duration(&"1h ".repeat(1000)), None);
    }

    #[test]
    fn sizes_take_binary_units_only() {
        let decimal = |text: &str| Err(SizeError::Decimal(text.to_owned()));
        for (text, expected) in [
            ("19 MiB", Ok(Size::mib(19))),
            ("64KiB", Ok(Size::kib(64))),
            ("1 GiB", Ok(Size::mib(1024))),
            ("100 B", Ok(Size::bytes(100))),
            ("19 MB", decimal("\"19 MiB\"")),
            ("19 mib", decimal("\"19 MiB\"")),
            ("5 Go", decimal("\"5 GiB\"")),
            ("19", Err(SizeError::Unreadable)),
            ("1.5 MiB", Err(SizeError::Unreadable)),
            ("-1 MiB", Err(SizeError::Unreadable)),
            ("99999999999 GiB", Err(SizeError::Unreadable)),
            ("MiB", Err(SizeError::Unreadable)),
        ] {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_print_as_the_file_writes_them() {
        for (millis, text) in [
            (0, "0s"),
            (100, "100ms"),
            (90_000, "90s"),
            (120_000, "2m"),
            (3_600_000, "1h"),
            (172_800_000, "2d"),
        ] {
            assert_eq!(show(Duration::from_millis(millis)), text);
        }
    }
}
