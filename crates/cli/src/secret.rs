//! Reading a password: hidden at a terminal, the first line of standard input otherwise.
//! Never an argument, which other users of the machine could list.

use std::io::{self, BufRead, IsTerminal, Read};

use policy::{Language, Text};
use zeroize::{Zeroize, Zeroizing};

use crate::Failure;
use crate::locale::pick;

/// More bytes than any password may have: what is longer is refused unread.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;

/// Asks for one password.
pub(crate) fn ask(language: Language) -> Result<Vec<u8>, Failure> {
    if io::stdin().is_terminal() {
        return prompt(pick(language, "Mot de passe : ", "Password: "), language);
    }
    let mut lines = Lines::new(io::stdin().lock());
    match lines.next() {
        Some(line) => line.map_err(|error| failed(&error, language)),
        None => Err(Failure::new(pick(
            language,
            "rempart : l’entrée standard est vide\n  à faire : donnez le mot de passe sur la première ligne",
            "rempart: standard input is empty\n  fix: give the password on the first line",
        ))),
    }
}

/// Asks for a password to be kept: twice at a terminal, since nobody sees what is typed.
pub(crate) fn ask_to_keep(language: Language) -> Result<Vec<u8>, Failure> {
    let first = ask(language)?;
    if !io::stdin().is_terminal() {
        return Ok(first);
    }
    let mut second = prompt(
        pick(language, "Encore une fois : ", "Once more: "),
        language,
    )?;
    let same = first == second;
    second.zeroize();
    if same {
        return Ok(first);
    }
    Zeroizing::new(first).zeroize();
    Err(Failure::new(pick(
        language,
        "rempart : les deux saisies diffèrent\n  à faire : recommencez",
        "rempart: the two entries differ\n  fix: start again",
    )))
}

fn prompt(text: &str, language: Language) -> Result<Vec<u8>, Failure> {
    rpassword::prompt_password(text)
        .map(typed)
        .map_err(|error| failed(&error, language))
}

/// The bytes of a line typed at a terminal. What was not UTF-8 arrives as U+FFFD, so that two
/// different passwords could look alike: it becomes a byte that no password may have.
fn typed(line: String) -> Vec<u8> {
    let mut bytes = line.into_bytes();
    let replacement = char::REPLACEMENT_CHARACTER.to_string().into_bytes();
    if let Some(place) = bytes
        .windows(replacement.len())
        .position(|part| part == replacement)
    {
        bytes[place] = 0xff;
    }
    bytes
}

fn failed(error: &io::Error, language: Language) -> Failure {
    let said = Text::of_system(error);
    let error = said.in_language(language);
    Failure::new(match language {
        Language::Fr => format!("rempart : mot de passe illisible : {error}"),
        Language::En => format!("rempart: cannot read the password: {error}"),
    })
}

/// The lines of a reader, without their end, as bytes. A line longer than
/// [`LONGEST_LINE`] yields its first bytes, one more than that, and the rest is skipped:
/// enough to be refused as too long, however long it is.
pub(crate) struct Lines<R> {
    reader: R,
}

impl<R: BufRead> Lines<R> {
    pub(crate) const fn new(reader: R) -> Self {
        Self { reader }
    }

    fn skip_to_line_end(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let (used, found) = match buffer.iter().position(|&byte| byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (buffer.len(), false),
            };
            self.reader.consume(used);
            if found {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        // Room for a usual line, so that growth rarely leaves copies behind.
        let mut line = Vec::with_capacity(512);
        let limit = LONGEST_LINE as u64 + 1;
        match self
            .reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut line)
        {
            Err(error) => Some(Err(error)),
            Ok(0) => None,
            Ok(_) => {
                if line.last() == Some(&b'\n') {
                    line.pop();
                    if line.last() == Some(&b'\r') {
                        line.pop();
                    }
                } else if line.len() > LONGEST_LINE
                    && let Err(error) = self.skip_to_line_end()
                {
                    return Some(Err(error));
                }
                Some(Ok(line))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_their_end_and_nothing_else() {
        let text = b"one\ntwo\r\n\n \xff\nlast";
        let lines: Vec<Vec<u8>> = Lines::new(&text[..])
            .map(|line| line.expect("memory"))
            .collect();
        assert_eq!(lines, [&b"one"[..], b"two", b"", b" \xff", b"last"]);
    }

    #[test]
    fn undecodable_input_is_never_text() {
        let lossy = String::from_utf8_lossy(b"Zq7\xfe!").into_owned();
        assert!(String::from_utf8(typed(lossy)).is_err());
        assert_eq!(typed("é!".to_owned()), "é!".as_bytes());
    }

    #[test]
    fn a_line_without_end_is_cut_once() {
        let mut text = vec![b'a'; 10 * 1024 * 1024];
        text.extend_from_slice(b"\nnext\n");
        let lines: Vec<Vec<u8>> = Lines::new(&text[..])
            .map(|line| line.expect("memory"))
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), LONGEST_LINE + 1);
        assert_eq!(lines[1], b"next");
    }
}
