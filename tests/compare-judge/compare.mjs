// Compares the judge with zxcvbn-ts (common, French and English packs) on 5,000 passwords.
//
//     node tests/compare-judge/compare.mjs          figures as JSON; ends with 1 outside the bounds
//     node tests/compare-judge/compare.mjs --list   and each disagreement with its reason
//
// Every disagreement above four orders of magnitude must have a reason of `REASONS`, which
// `docs/JUDGE.md` explains.

import { corpus } from './corpus.mjs';
import { verdicts } from './ours.mjs';
import { peer } from './peer.mjs';

/** The least rank correlation, and the orders of magnitude that count as a disagreement. */
const LEAST_CORRELATION = 0.9;
const APART = 4;

/**
 * The reasons in order, with the most passwords that each may take: the first that holds is
 * counted. `theirs` is zxcvbn-ts's answer.
 */
const REASONS = [
  ['peer-counts-ten-per-sign', 150, ({ ours, theirs }) => ours > theirs.guessesLog10 && brute(theirs) > 0],
  ['peer-finds-a-cheaper-whole', 10, ({ ours, theirs }) => ours > theirs.guessesLog10 && brute(theirs) === 0],
  ['peer-charges-each-piece-ten-thousand', 300, ({ theirs }) => theirs.sequence.length > 1],
  ['peer-has-no-such-list', 40, ({ theirs }) => theirs.sequence.length === 1],
];

/** Signs that no pattern of the peer explains. */
function brute(theirs) {
  return theirs.sequence
    .filter((match) => match.pattern === 'bruteforce')
    .reduce((sum, match) => sum + match.token.length, 0);
}

function ranks(values) {
  const order = values.map((value, index) => [value, index]).sort((one, other) => one[0] - other[0]);
  const ranks = new Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && order[end][0] === order[start][0]) end += 1;
    for (let at = start; at < end; at += 1) ranks[order[at][1]] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

/** Spearman's rank correlation, ties sharing their mean rank. */
function correlation(ones, others) {
  const [first, second] = [ranks(ones), ranks(others)];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [m, n] = [mean(first), mean(second)];
  let [both, one, other] = [0, 0, 0];
  first.forEach((value, index) => {
    both += (value - m) * (second[index] - n);
    one += (value - m) ** 2;
    other += (second[index] - n) ** 2;
  });
  return both / Math.sqrt(one * other);
}

const entries = await corpus();
const passwords = entries.map((entry) => entry.password);
const judged = await verdicts(passwords);
const check = await peer();
const begun = process.hrtime.bigint();
const theirs = passwords.map((password) => check(password));
const each = Number(process.hrtime.bigint() - begun) / 1000 / passwords.length;

const reasons = Object.fromEntries(REASONS.map(([name]) => [name, 0]));
const unexplained = [];
const families = {};
entries.forEach(({ family, password }, index) => {
  const ours = judged[index].guesses_log10;
  const row = { ours, theirs: theirs[index] };
  const apart = ours - row.theirs.guessesLog10;
  families[family] ??= { count: 0, ours: 0, theirs: 0 };
  families[family].count += 1;
  families[family].ours += ours;
  families[family].theirs += row.theirs.guessesLog10;
  if (Math.abs(apart) <= APART) return;
  const reason = REASONS.find(([, , holds]) => holds(row))?.[0];
  if (reason) reasons[reason] += 1;
  else unexplained.push(password);
  if (process.argv.includes('--list')) {
    console.error(`${reason ?? 'UNEXPLAINED'}\t${family}\t${password}\t${ours}\t${row.theirs.guessesLog10.toFixed(2)}`);
  }
});
for (const family of Object.values(families)) {
  family.ours = Number((family.ours / family.count).toFixed(2));
  family.theirs = Number((family.theirs / family.count).toFixed(2));
}
const rank = correlation(judged.map((verdict) => verdict.guesses_log10), theirs.map((answer) => answer.guessesLog10));
const figures = {
  passwords: entries.length,
  correlation: Number(rank.toFixed(3)),
  apart: Object.values(reasons).reduce((sum, count) => sum + count, 0) + unexplained.length,
  reasons,
  unexplained: unexplained.length,
  peerMicrosecondsEach: Math.round(each),
  families,
};
console.log(JSON.stringify(figures, null, 2));
const within = REASONS.every(([name, most]) => reasons[name] <= most);
process.exitCode = rank >= LEAST_CORRELATION && unexplained.length === 0 && within ? 0 : 1;
