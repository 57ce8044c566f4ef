//! How far a build has come: one line on a terminal, nothing elsewhere.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use breach::build::{Progress, Step};
use policy::Language;

use crate::locale::pick;

/// Between two drawings of the line.
const PAUSE: Duration = Duration::from_millis(200);

/// Signs of the bar itself.
const WIDTH: u64 = 30;

#[derive(Debug)]
pub(crate) struct Bar {
    language: Language,
    terminal: bool,
    shown: Option<Shown>,
}

/// The step on the line.
#[derive(Debug, Clone, Copy)]
struct Shown {
    step: Step,
    /// When it began, and how much was done then: an interrupted build begins further on.
    begun: Instant,
    from: u64,
    /// When it was drawn last.
    drawn: Option<Instant>,
}

impl Bar {
    pub(crate) fn new(language: Language) -> Self {
        Self {
            language,
            terminal: io::stderr().is_terminal(),
            shown: None,
        }
    }

    /// Draws the line if it is time to. Never stops the build.
    pub(crate) fn show(&mut self, progress: Progress) -> ControlFlow<()> {
        if self.terminal {
            let now = Instant::now();
            let shown = self.shown.filter(|shown| shown.step == progress.step);
            let mut shown = shown.unwrap_or(Shown {
                step: progress.step,
                begun: now,
                from: progress.done,
                drawn: None,
            });
            if shown.drawn.is_none_or(|drawn| now - drawn >= PAUSE) {
                shown.drawn = Some(now);
                let line = line(progress, shown.from, now - shown.begun, self.language);
                write(&format!("\r{line}\x1b[K"));
            }
            self.shown = Some(shown);
        }
        ControlFlow::Continue(())
    }

    /// Removes the line.
    pub(crate) fn clear(&mut self) {
        if self.shown.take().is_some() {
            write("\r\x1b[K");
        }
    }
}

/// A closed terminal is no reason to lose a build.
fn write(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

fn line(progress: Progress, from: u64, elapsed: Duration, language: Language) -> String {
    let (fr, en) = match progress.step {
        Step::Checking => ("contrôle ", "checking "),
        Step::Reading => ("lecture  ", "reading  "),
        Step::Counting => ("comptage ", "counting "),
        Step::Writing => ("écriture ", "writing  "),
    };
    let total = progress.total.max(1);
    let done = progress.done.min(total);
    let part = done as f64 / total as f64;
    let full = (part * WIDTH as f64) as usize;
    let bar = format!("{}{}", "#".repeat(full), ".".repeat(WIDTH as usize - full));
    let mut text = format!("{}[{bar}] {:3.0} %", pick(language, fr, en), part * 100.0);
    // Before one part in a hundred the rest is a guess.
    let ahead = done.saturating_sub(from);
    if ahead >= total / 100 && ahead > 0 && done < total {
        let left = elapsed.as_secs_f64() * (total - done) as f64 / ahead as f64;
        let left = left.ceil() as u64;
        let (minutes, seconds) = (left / 60, left % 60);
        let label = pick(language, "reste", "left");
        text += &format!("  {label} {minutes}:{seconds:02}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_the_part_done_and_the_time_left() {
        let second = Duration::from_secs(1);
        for (from, done, total, shown) in [
            (0, 0, 100, "reading  [..............................]   0 %"),
            (
                0,
                50,
                100,
                "reading  [###############...............]  50 %  left 0:01",
            ),
            (
                40,
                50,
                100,
                "reading  [###############...............]  50 %  left 0:05",
            ),
            (
                0,
                1,
                100,
                "reading  [..............................]   1 %  left 1:39",
            ),
            (
                0,
                100,
                100,
                "reading  [##############################] 100 %",
            ),
            (0, 7, 1, "reading  [##############################] 100 %"),
        ] {
            let progress = Progress {
                step: Step::Reading,
                done,
                total,
            };
            assert_eq!(line(progress, from, second, Language::En), shown);
        }
    }
}
