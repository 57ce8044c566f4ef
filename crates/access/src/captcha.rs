//! A question that a browser answers with work, in the place of a captcha, and its answer.
//!
//! Clause: CNIL 2022-100, case 2 (a mechanism against automated submissions, such as a captcha).
//! Nothing is seen, heard or asked of a third party, so nobody is kept out by what he cannot do.
//! Work is no proof of a person, and a program made for it is done in a fraction of a second: what
//! bounds guesses is the day's cap. Whether the clause means it is to be confirmed.
//!
//! An answer opens one attempt. The question holds how the failures of its counter stood
//! ([`Tally`]), the store admits an answer only while they still do, and the attempt moves them.
//! So there is no list of answers that were used, and gates that share a store and the key of
//! `[access]` share the questions too. It is sealed for one counter of one site, ends by itself
//! ([`LIFETIME`]), and shows nobody how the failures stand: strangers ask for it.
//!
//! The work is in [`PARTS`] small parts instead of a large one: it takes about the time that is
//! expected, and whoever waits sees how far it is. In part `i` a number `n` is looked for such that
//! `SHA-256(SHA-256(question) ‖ i ‖ n)` begins with enough zero bits; both are four bytes, the
//! highest first.
//!
//! Absent on purpose: trying. A browser does that, with a script of its own.

use std::fmt;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::Mac;
use sha2::{Digest, Sha256};

use crate::state::DAY;
use crate::{CounterKey, KeyMaker, Tally, Timestamp};

/// How long a question may be answered.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How many numbers are looked for.
pub const PARTS: usize = 16;

/// What is asked of a browser before it may try.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    text: String,
    bits: u8,
    ends_in: Option<Duration>,
    fault: Option<AnswerFault>,
}

/// Why an answer opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFault {
    /// It is no answer by its form.
    Unreadable,
    /// The question was not asked by us, or for another account, device or site.
    Foreign,
    /// It came too late.
    Expired,
    /// Too little work was done.
    Unsolved,
    /// It opened an attempt already, or another one came before it.
    Spent,
}

impl Challenge {
    /// A question for whoever tries the account of a counter whose failures stand so, of which
    /// `after` were free.
    pub(crate) fn new(
        counter: CounterKey,
        tally: Tally,
        after: u32,
        fault: Option<AnswerFault>,
        keys: &KeyMaker,
        now: Timestamp,
    ) -> Self {
        let more = tally.failures.saturating_sub(after);
        let bits = FEWEST_BITS.saturating_add(u8::try_from(more).unwrap_or(u8::MAX));
        let bits = bits.min(MOST_BITS);
        let mut bytes = Vec::with_capacity(QUESTION);
        bytes.extend([VERSION, bits]);
        bytes.extend(now.after(LIFETIME).micros().to_be_bytes());
        let stands = written(tally);
        let seal = seal(counter, &bytes, stands, keys);
        bytes.extend(hidden(stands, &seal, keys));
        bytes.extend(seal);
        Self {
            text: Base64UrlUnpadded::encode_string(&bytes),
            bits,
            ends_in: (after > 0).then(|| tally.last_failure.after(DAY).since(now)),
            fault,
        }
    }

    /// The question's text, of letters, digits, `-` and `_`. An answer is this text, a dot, and
    /// the numbers in base64url without padding.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many zero bits each part asks for.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// When it is asked no more, if nobody fails meanwhile: for those who cannot answer. `None`:
    /// every attempt is asked.
    pub const fn ends_in(&self) -> Option<Duration> {
        self.ends_in
    }

    /// Why the answer that was brought opened nothing, if one was.
    pub const fn fault(&self) -> Option<AnswerFault> {
        self.fault
    }
}

/// How the failures of a counter stood when the question was asked that is answered here.
///
/// # Errors
/// When it is no answer to a question of this counter, or not in time, or not worked for.
pub(crate) fn check(
    answer: &str,
    counter: CounterKey,
    keys: &KeyMaker,
    now: Timestamp,
) -> Result<Tally, AnswerFault> {
    let (text, numbers) = answer.split_once('.').ok_or(AnswerFault::Unreadable)?;
    let question: [u8; QUESTION] = read(text)?;
    let numbers: [u8; PARTS * 4] = read(numbers)?;
    let (head, rest) = question.split_at(HEAD);
    let (stands, seal_sent) = rest.split_at(TALLY);
    let stands = hidden(array(stands), seal_sent, keys);
    // In a time that does not depend on where they differ.
    let mac = started(counter, head, stands, keys);
    mac.verify_truncated_left(seal_sent)
        .map_err(|_| AnswerFault::Foreign)?;
    // What is sealed is ours from here on.
    let (version, bits) = (head[0], head[1]);
    let until = Timestamp::from_micros(u64::from_be_bytes(array(&head[2..])));
    if version != VERSION {
        return Err(AnswerFault::Unreadable);
    }
    if until <= now {
        return Err(AnswerFault::Expired);
    }
    if !is_solved(text, &numbers, bits) {
        return Err(AnswerFault::Unsolved);
    }
    let (failures, last) = stands.split_at(4);
    Ok(Tally {
        failures: u32::from_be_bytes(array(failures)),
        last_failure: Timestamp::from_micros(u64::from_be_bytes(array(last))),
    })
}

/// Whether each number is one that was looked for: one hash for each.
fn is_solved(text: &str, numbers: &[u8], bits: u8) -> bool {
    let start = Sha256::new_with_prefix(Sha256::digest(text));
    (0_u32..)
        .zip(numbers.chunks_exact(4))
        .all(|(part, number)| {
            let hash = start.clone().chain_update(part.to_be_bytes());
            zeros(&hash.chain_update(number).finalize()) >= u32::from(bits)
        })
}

/// The zero bits at the start of a hash, of the first 32.
fn zeros(hash: &[u8]) -> u32 {
    u32::from_be_bytes(array(&hash[..4])).leading_zeros()
}

fn started(
    counter: CounterKey,
    head: &[u8],
    stands: [u8; TALLY],
    keys: &KeyMaker,
) -> hmac::Hmac<Sha256> {
    let mut mac = keys.question(counter);
    mac.update(head);
    mac.update(&stands);
    mac
}

fn seal(counter: CounterKey, head: &[u8], stands: [u8; TALLY], keys: &KeyMaker) -> [u8; SEAL] {
    let mac = started(counter, head, stands, keys).finalize().into_bytes();
    array(&mac[..SEAL])
}

/// Hides how the failures stand, or shows it again. What hides it comes out of the seal, which
/// no two of them share.
fn hidden(stands: [u8; TALLY], seal: &[u8], keys: &KeyMaker) -> [u8; TALLY] {
    let mut mac = keys.question_cover();
    mac.update(seal);
    let cover = mac.finalize().into_bytes();
    std::array::from_fn(|place| stands[place] ^ cover[place])
}

fn written(tally: Tally) -> [u8; TALLY] {
    let mut bytes = [0; TALLY];
    bytes[..4].copy_from_slice(&tally.failures.to_be_bytes());
    bytes[4..].copy_from_slice(&tally.last_failure.micros().to_be_bytes());
    bytes
}

/// Bytes in base64url, neither fewer nor more.
fn read<const N: usize>(text: &str) -> Result<[u8; N], AnswerFault> {
    let mut bytes = [0; N];
    match Base64UrlUnpadded::decode(text, &mut bytes) {
        Ok(read) if read.len() == N => Ok(bytes),
        _ => Err(AnswerFault::Unreadable),
    }
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes
        .try_into()
        .expect("as many bytes as its constants say")
}

/// A question is a secret of little worth, but names an account to us.
impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({} bits)", self.bits)
    }
}

const VERSION: u8 = 1;

/// Half a million hashes in all: about a second of a telephone's script. Twice as many after each
/// further failure, up to eight times. A person who mistypes is not to wait for minutes, and
/// hardware that hashes would not mind them.
const FEWEST_BITS: u8 = 15;
const MOST_BITS: u8 = 18;

/// The version, the bits and the end of its time.
const HEAD: usize = 1 + 1 + 8;
/// How many failures, and when the last one was.
const TALLY: usize = 4 + 8;
/// HMAC-SHA-256, its first half.
const SEAL: usize = 16;
const QUESTION: usize = HEAD + TALLY + SEAL;

#[cfg(test)]
mod tests;
