// Why the judge and its peer disagree, decided by code and counted in orders of magnitude.
//
// A reason is a difference of the two models. Each one is measured on the password: how many
// orders of magnitude the peer's own figure would move if the peer did there what the judge
// does, or the other way round. A disagreement is explained when its reasons together bring
// it back within four orders; its class is the reason that moves most.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './peer.mjs';
import { ENDINGS } from './words.mjs';

/** Orders of magnitude from which two estimates disagree. */
export const APART = 4;

/** What the judge's model takes for joining two pieces, and for a common ending. */
const JOIN = 0.4;
const ENDING = 0.6;
/** What choosing a group of other words counts for, as in `build.rs`. */
const GROUPS = 5;

export const CLASSES = {
  'brute-force': 'the peer counts every unexplained sign as one of ten; the judge by its class',
  'joins': 'the peer adds 10,000 guesses for each piece more and the ways to order them; the judge 10^0.4',
  'words': 'a French or English word, name, town or ending that the peer’s lists lack or cannot reach',
  'separators': 'the peer does not read a word between two separators and counts its letters',
  'place': 'a town followed by its postcode or département',
  'telephone': 'a French telephone number',
  'keys': 'a walk on AZERTY, BÉPO or shifted keys, or joined to a word',
  'copies': 'a repeat, a mirror or a sequence that the peer does not see',
  'numbers': 'a year or a date that the peer does not read',
  'peer-lists': 'a word, surname or leaked password that only the peer’s lists hold',
  'ordered-lists': 'the peer has it in a short list (months, zodiac, numbers) and counts its length',
};

const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe').replaceAll('æ', 'ae').toLowerCase();

/** The judge's lists: each word and the base-10 logarithm of its first rank. */
const LISTS = (() => {
  const words = new Map();
  const departments = new Map();
  const folder = path.join(ROOT, 'crates/password/data');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt') && !/^(phrase|quotations)/.test(name))) {
    const lines = readFileSync(path.join(folder, file), 'utf8').split('\n').filter(Boolean);
    const groups = new Map();
    lines.forEach((line, index) => {
      const parts = line.split(' ');
      const grouped = file.startsWith('others');
      const word = grouped ? parts[1] : parts[0];
      // The other words come in groups, each with ranks of its own.
      if (grouped) groups.set(parts[0], (groups.get(parts[0]) ?? 0) + GROUPS);
      const rank = Math.log10(grouped ? groups.get(parts[0]) : index + 1) + 0.3;
      if (word && !(words.get(word) <= rank)) words.set(word, rank);
      if (file.startsWith('towns') && parts[1]) departments.set(word, parts[1]);
    });
  }
  return { words, departments };
})();

/** Words of two letters, which the lists leave out. */
const SMALL = new Set('je tu il on me te se la le de du un et en au ma ta sa ce ne ou si es ai my is to of in it am we be no go so'.split(' '));

/** Rows of neighbouring keys, each also read backwards. */
const ROWS = [
  '&é"\'(-è_çà)=', '1234567890°+', 'azertyuiop^$', 'qsdfghjklmù*', '<wxcvbn,;:!', 'azertyuiop', '?./§',
  '!@#$%^&*()_+', 'qwertyuiop[]', 'asdfghjkl;\'', 'zxcvbnm,./', 'zxcvbnm<>?',
  'bépoè^vdljzw', 'bepoevdljz', 'auie,ctsrnmç', 'auiectsrnm', 'êàyx.k\'qghf', 'ayx.kqghfw', '"«»()@+-/*',
  '1aqw', '2zsx', '3edc', '4rfv', '5tgb', '1qaz', '2wsx', '&aqw', 'ézsx', '"edc', '\'rfv', '(tgb', '-yhn', 'èuj,', '_ik;', 'çol:', 'àpm!',
  '1ba', '2éuà', '3pi', '4oe.', '1bàa', '6^cq', '1bua', '3piy', '4oex', '5èck', '2éuà',
].flatMap((row) => [row, [...row].reverse().join('')]);

/** Stretches of a password that the judge knows: `{ from, to, cost, reason }`. */
function stretches(password) {
  const lower = password.toLowerCase();
  const found = [];
  const add = (from, to, cost, reason) => found.push({ from, to, cost, reason });
  const each = (pattern, reason, cost) => {
    for (const match of password.matchAll(pattern)) add(match.index, match.index + match[0].length, cost, reason);
  };
  const plain = [...lower].map(fold);
  for (let from = 0; from < plain.length; from += 1) {
    for (let to = from + 2; to <= Math.min(plain.length, from + 26); to += 1) {
      const text = plain.slice(from, to).join('');
      if (!/^(\P{Lu}+\p{Lu}?|\p{Lu}\P{Lu}*|\P{Ll}+)$/u.test(password.slice(from, to))) continue;
      const rank = SMALL.has(text) ? 1 : LISTS.words.get(text);
      const reason = /[^\p{L}]/u.test(password[from - 1] ?? 'a') && /[^\p{L}]/u.test(password[to] ?? 'a') ? 'separators' : 'words';
      if (rank !== undefined) {
        add(from, to, rank + (/[A-Z]/.test(password.slice(from, to)) ? 0.3 : 0), reason);
        const code = LISTS.departments.get(text);
        const digits = /^[!-\/ ]?(\d{5}|\d{2,3})/.exec(password.slice(to));
        if (code && digits && digits[1].startsWith(code)) add(to, to + digits[0].length, 1.5, 'place');
      }
      const ending = text.length > 5 && ENDINGS.map(fold).find((one) => text.endsWith(one) && LISTS.words.has(text.slice(0, -one.length)));
      if (ending) add(from, to, LISTS.words.get(text.slice(0, -ending.length)) + ENDING, reason);
      const block = lower.slice(from, to);
      if (to - from >= 3 && ROWS.some((row) => row.includes(block))) add(from, to, 2.2, 'keys');
      if (lower.slice(to, to + to - from) === block) add(to, to + to - from, 0.9, 'copies');
      if (text.length >= 3 && lower.slice(to, to + to - from) === [...block].reverse().join('')) add(to, to + to - from, 0.9, 'copies');
    }
  }
  each(/(.)\1{2,}/g, 'copies', 2);
  each(/012|123|234|345|456|567|678|789|987|876|765|654|543|432|321|210/g, 'copies', 1);
  each(/0[1-9](?:\d{8}|(?:[ .-]\d{2}){4})/g, 'telephone', 8.8);
  each(/(?:19|20)\d{2}/g, 'numbers', 1.7);
  each(/\d{1,4}([\/.\- ])\d{1,2}\1\d{2,4}|\d{8}|\d{6}/g, 'numbers', 5);
  return found;
}

/** What the peer counts for a stretch: the share that falls to it of each of its pieces. */
function shares(sequence, from, to) {
  return sequence.reduce((sum, piece) => {
    const inside = Math.min(piece.j + 1, to) - Math.max(piece.i, from);
    return inside > 0 ? sum + ((piece.guessesLog10 + JOIN) * inside) / (piece.j + 1 - piece.i) : sum;
  }, 0);
}

/** The stretches that together save most of what is otherwise counted for them. */
function bestOf(password, counted) {
  const known = stretches(password);
  const best = Array.from({ length: password.length + 1 }, () => ({ gain: 0, by: null }));
  for (let to = 1; to <= password.length; to += 1) {
    best[to] = { gain: best[to - 1].gain, by: null };
    for (const one of known.filter((stretch) => stretch.to === to)) {
      const gain = counted(one.from, to) - one.cost - JOIN;
      if (best[one.from].gain + gain > best[to].gain) best[to] = { gain: best[one.from].gain + gain, by: { ...one, gain } };
    }
  }
  const chosen = [];
  for (let at = password.length; at > 0;) {
    const { by } = best[at];
    if (by) chosen.push(by);
    at = by ? by.from : at - 1;
  }
  return chosen;
}

/** The reasons that make the peer's figure higher. */
function peerHigher(password, answer) {
  const moved = { joins: joins(answer) };
  for (const { reason, gain } of bestOf(password, (from, to) => shares(answer.sequence, from, to))) {
    moved[reason] = (moved[reason] ?? 0) + gain;
  }
  return moved;
}

/** What the judge's model takes for signs that nothing explains: `text.rs` has the same figures. */
function unexplained(token) {
  return [...token].reduce((sum, sign, index) => {
    if (/\d/.test(sign)) return sum + 1;
    if (/[a-z]/.test(sign)) return sum + 1.2;
    if (/\p{L}/u.test(sign)) return sum + 1.5;
    if (sign === ' ' || token.indexOf(sign) < index) return sum + 0.5;
    return sum + ('!.@*?-_#$+&'.includes(sign) ? 1 : 1.5);
  }, 0);
}

/**
 * A word as the judge reads it: known, made of words that are, or letter by letter. Of short
 * runs of letters the judge asks zxcvbn, which counts one of ten for each.
 */
function read(word) {
  const found = bestOf(word, (from, to) => unexplained(word.slice(from, to)));
  const read = unexplained(word) - found.reduce((sum, { gain }) => sum + gain, 0);
  return /^[a-z]{4,16}$/.test(word) ? Math.min(read, word.length) : read;
}

/** What the peer adds for composing its pieces, beyond what the judge would. */
function joins(answer) {
  const sum = answer.sequence.reduce((total, piece) => total + piece.guessesLog10, 0);
  return answer.guessesLog10 - sum - JOIN * (answer.sequence.length - 1);
}

/** The reasons that make the judge's figure higher, and the contrary ones below zero. */
function judgeHigher(answer) {
  const moved = { joins: -joins(answer) };
  for (const piece of answer.sequence) {
    const word = fold((piece.pattern === 'repeat' ? piece.baseToken : piece.matchedWord) || piece.token);
    const reason = { bruteforce: 'brute-force', dictionary: LISTS.words.has(word) ? 'ordered-lists' : 'peer-lists', repeat: 'peer-lists' }[piece.pattern];
    // A separator said again is no new choice for the judge.
    if (piece.pattern === 'separator' && answer.sequence.indexOf(piece) !== answer.sequence.findIndex(({ token }) => token === piece.token)) {
      moved.separators = (moved.separators ?? 0) - 0.5;
    }
    const gain = read(piece.pattern === 'bruteforce' ? piece.token : word) - piece.guessesLog10;
    if (reason) moved[reason] = (moved[reason] ?? 0) + gain;
  }
  return moved;
}

/**
 * The class of a disagreement: `null` where the two agree. `reason` is `null` when the reasons
 * do not bring the figures within four orders of each other.
 */
export function classify({ password, ours, answer }) {
  const apart = ours - answer.guessesLog10;
  if (Math.abs(apart) <= APART) return null;
  const moved = apart > 0 ? judgeHigher(answer) : peerHigher(password, answer);
  const left = Math.abs(apart) - Object.values(moved).reduce((sum, one) => sum + one, 0);
  const [most] = Object.entries(moved).sort(([, one], [, other]) => other - one);
  return { higher: apart > 0 ? 'judge' : 'peer', apart, moved, left, reason: most && Math.abs(left) <= APART ? most[0] : null };
}
