// 5,000 passwords in the shapes that French and English people give them, the same at every run.
//
// A family is a name, a share and a function that makes one password. Frequent words come
// first: ranks are drawn uniformly on a logarithmic scale, as an attacker meets them. The
// words are those of the peer's packs, which are pinned, and of `words.mjs`.

import { packages } from './peer.mjs';
import * as words from './words.mjs';

const SEED = 0x5eed_2026;
export const SIZE = 5000;

/** A small generator with a stated seed (splitmix32). */
export function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const below = (most) => Math.floor(next() * most);
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)],
    /** One of a ranked list, each order of magnitude of ranks as likely as the others. */
    ranked: (list) => list[Math.floor(list.length ** next()) - 1] ?? list[0],
    many: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
  };
}

/** The whole corpus: `{ family, password }`, without doubles. */
export async function corpus(size = SIZE) {
  const packs = await packages();
  const lists = vocabulary(packs);
  const random = generator(SEED);
  const seen = new Set();
  const all = [];
  const take = (family, password) => {
    if (password && !seen.has(password)) {
      seen.add(password);
      all.push({ family, password });
    }
  };
  for (const password of words.LISTED) take('listed', password);
  const makers = families(random, lists);
  const shares = makers.reduce((sum, [, share]) => sum + share, 0);
  const free = size - all.length;
  let due = 0;
  for (const [family, share, make] of makers) {
    due += (free * share) / shares;
    const goal = words.LISTED.length + Math.round(due);
    while (all.length < Math.min(goal, size)) take(family, make());
  }
  while (all.length < size) take('random-12', makers.find(([name]) => name === 'random-12')[2]());
  return all;
}

function vocabulary(packs) {
  const { dictionary: common } = packs['language-common'];
  const { dictionary: fr } = packs['language-fr'];
  const { dictionary: en } = packs['language-en'];
  const find = (pack, name) => {
    const [, list] = Object.entries(pack).find(([key]) => key.startsWith(name));
    return [...list].filter((word) => /^[\p{L}']{4,14}$/u.test(word));
  };
  return {
    french: find(fr, 'commonWords'),
    english: find(en, 'commonWords'),
    firstNames: find(fr, 'firstnames').filter((name) => name.length < 11),
    englishNames: find(en, 'firstnames').filter((name) => name.length < 11),
    surnames: find(fr, 'lastnames'),
    diceware: [...common['diceware-common']],
    passwords: [...common['passwords-common']].filter((password) => /^[!-~]{4,30}$/.test(password)),
  };
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const SPECIALS = '!#$%&*+-=?@_';
const ANY = LOWER + LOWER.toUpperCase() + DIGITS + SPECIALS;
const LEET = { a: '4@', e: '3', i: '1!', o: '0', s: '5$', t: '7', l: '1', b: '8', g: '9', z: '2' };

function families(random, lists) {
  const { pick, ranked, chance, between, below, many } = random;
  const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
  const cased = (word) => {
    const die = random.next();
    if (die < 0.45) return word;
    if (die < 0.9) return capital(word);
    if (die < 0.96) return word.toUpperCase();
    return word.slice(0, -1) + word.slice(-1).toUpperCase();
  };
  const bare = (word) => word.normalize('NFD').replace(/\p{M}/gu, '');
  const plain = (word) => (chance(0.8) ? bare(word) : word);
  const word = () => plain(ranked(chance(0.65) ? lists.french : lists.english));
  const name = () => plain(pick(chance(0.65) ? lists.firstNames : lists.englishNames));
  const year = () => between(chance(0.6) ? 1950 : 2000, chance(0.6) ? 2010 : 2026);
  const sign = () => pick(['!', '!', '!', '.', '?', '*', '@', '$', '-', '_', '#', '&']);
  const perhaps = (probability, make) => (chance(probability) ? make() : '');
  const digits = (count) => many(count, () => pick(DIGITS)).join('');
  const string = (alphabet, count) => many(count, () => pick(alphabet)).join('');
  const two = (value) => String(value).padStart(2, '0');
  const leet = (text) => [...text].map((letter) => (LEET[letter] && chance(0.6) ? pick(LEET[letter]) : letter)).join('');
  const separator = () => pick(['', '', ' ', '-', '_', '.']);
  const walk = () => {
    const [rows, from, count] = [pick(words.LAYOUTS), between(0, 5), between(4, 8)];
    const row = pick(rows);
    const column = many(Math.min(rows.length, 4), (index) => rows[index][from]).join('');
    const text = chance(0.65) ? row.slice(from, from + count) : column + column.toUpperCase() + perhaps(0.5, () => rows[0][from + 1]);
    return chance(0.2) ? [...text].reverse().join('') : text;
  };
  const holding = (alphabet, count, classes) => {
    for (;;) {
      const text = string(alphabet, count);
      if (classes.every((one) => one.test(text))) return text;
    }
  };
  const four = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/];
  const phrase = () => {
    const parts = pick(words.PHRASES).split(' ').map((part) => {
      if (part === 'N') return name();
      if (part === 'W') return word();
      return part;
    });
    const between_ = separator();
    const shown = chance(0.3) ? parts.map(capital) : parts;
    return shown.join(between_) + perhaps(0.35, () => digits(between(1, 4))) + perhaps(0.2, sign);
  };

  return [
    ['word-digits', 500, () => cased(word()) + perhaps(0.1, sign) + digits(between(1, 4)) + perhaps(0.3, sign)],
    ['word-alone', 150, () => cased(word())],
    ['name-year', 400, () => cased(name()) + perhaps(0.1, () => cased(plain(pick(lists.surnames)))) + perhaps(0.1, sign) + (chance(0.7) ? year() : two(below(100))) + perhaps(0.3, sign)],
    ['town-postcode', 300, () => {
      const [town, code] = pick(words.TOWNS);
      const number = pick([code, code.slice(0, 2), code, digits(2), String(year())]);
      return cased(chance(0.85) ? bare(town) : town) + perhaps(0.1, sign) + number + perhaps(0.3, sign);
    }],
    ['phrase', 450, phrase],
    ['keyboard', 250, () => perhaps(0.15, word) + walk() + perhaps(0.4, () => digits(between(1, 3))) + perhaps(0.2, sign)],
    ['leet', 300, () => leet(cased(chance(0.5) ? word() : ranked(lists.passwords)).slice(0, 16)) + perhaps(0.5, () => digits(between(1, 4))) + perhaps(0.3, sign)],
    ['repeat', 200, () => {
      const block = pick([() => string(LOWER, between(1, 3)), () => digits(between(1, 3)), word, name])();
      const text = block.repeat(block.length > 3 ? 2 : between(3, 5)) + perhaps(0.3, () => digits(2));
      return text.slice(0, 24);
    }],
    ['bent-word', 200, () => cased(pick(words.STEMS) + pick(words.ENDINGS)) + perhaps(0.4, () => digits(between(1, 3))) + perhaps(0.2, sign)],
    ['club-brand-month', 150, () => cased(pick(words.THINGS)) + pick([() => digits(2), () => String(year()), () => '']) () + perhaps(0.3, sign)],
    ['date', 150, () => {
      const [day, month, of] = [between(1, 28), between(1, 12), year()];
      const joint = pick(['', '', '/', '-', '.']);
      const date = pick([[two(day), two(month), of], [two(day), two(month), two(of % 100)], [of, two(month), two(day)], [day, month, of]]);
      return perhaps(0.3, name) + date.join(joint);
    }],
    ['telephone', 50, () => (chance(0.7) ? `06${digits(8)}` : ['07', digits(2), digits(2), digits(2), digits(2)].join(' '))],
    ['common', 400, () => ranked(lists.passwords)],
    ['common-decorated', 350, () => cased(ranked(lists.passwords).slice(0, 20)) + perhaps(0.6, () => digits(between(1, 4))) + sign()],
    ['random-8', 200, () => holding(ANY, 8, four.slice(0, 3))],
    ['random-12', 250, () => holding(ANY, 12, four)],
    ['random-14', 150, () => holding(ANY.slice(0, 62), 14, four.slice(0, 3))],
    ['random-20', 100, () => string(ANY, 20)],
    ['random-letters', 150, () => string(LOWER, between(6, 14))],
    ['random-digits', 150, () => digits(pick([4, 6, 8, 12, 16]))],
    ['random-words', 250, () => many(pick([3, 4, 5, 7]), () => pick(lists.diceware)).join(separator() || '-')],
    ['random-french-words', 150, () => many(pick([3, 4, 5, 7]), () => bare(pick(lists.french))).join(separator() || ' ')],
  ];
}
