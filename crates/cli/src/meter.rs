//! How far a table has been read: one line on a terminal, nothing elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use policy::Language;

use crate::locale::pick;

/// Signs of the bar itself.
const WIDTH: u64 = 30;

#[derive(Debug)]
pub(crate) struct Meter {
    language: Language,
    terminal: bool,
    /// Bytes of the table.
    total: u64,
    /// Bytes that were done when this run began, and when that was.
    from: u64,
    begun: Instant,
}

impl Meter {
    pub(crate) fn new(total: u64, language: Language) -> Self {
        Self {
            language,
            terminal: io::stderr().is_terminal(),
            total,
            from: 0,
            begun: Instant::now(),
        }
    }

    /// Starts the clock, with what an earlier run had done.
    pub(crate) fn begin(&mut self, done: u64) {
        self.from = done;
        self.begun = Instant::now();
        self.show(done);
    }

    pub(crate) fn show(&self, done: u64) {
        if self.terminal {
            anstream::eprint!("\r{}\x1b[K", self.line(done, self.begun.elapsed()));
        }
    }

    /// Removes the line.
    pub(crate) fn clear(&self) {
        if self.terminal {
            anstream::eprint!("\r\x1b[K");
        }
    }

    fn line(&self, done: u64, elapsed: Duration) -> String {
        let total = self.total.max(1);
        let done = done.min(total);
        let full = done.saturating_mul(WIDTH) / total;
        let percent = done.saturating_mul(100) / total;
        let (full, rest) = (full as usize, (WIDTH - full) as usize);
        let bar = "#".repeat(full) + &".".repeat(rest);
        let mut text = format!("[{bar}] {percent:3} %");
        let ahead = done.saturating_sub(self.from);
        if ahead > 0 && done < total {
            let left = elapsed.as_secs_f64() * (total - done) as f64 / ahead as f64;
            let left = left.ceil() as u64;
            let (hours, minutes, seconds) = (left / 3600, left / 60 % 60, left % 60);
            let label = pick(self.language, "reste", "left");
            text += &format!("  {label} {hours}:{minutes:02}:{seconds:02}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_the_part_done_and_the_time_left() {
        let mut meter = Meter::new(200, Language::En);
        for (from, done, shown) in [
            (0, 0, "[..............................]   0 %"),
            (
                0,
                100,
                "[###############...............]  50 %  left 0:01:00",
            ),
            (
                80,
                100,
                "[###############...............]  50 %  left 0:05:00",
            ),
            (0, 1, "[..............................]   0 %  left 3:19:00"),
            (0, 200, "[##############################] 100 %"),
            (0, 300, "[##############################] 100 %"),
        ] {
            meter.from = from;
            assert_eq!(meter.line(done, Duration::from_secs(60)), shown);
        }
    }
}
