// Compares the judge with zxcvbn-ts (common, French and English packs) on 5,000 passwords.
//
//     tests/run judge_and_peer
//     node tests/compare-judge/compare.mjs [--markdown] [--list]
//
// Writes figures as JSON, or the tables of `docs/JUDGE.md`, and ends with 1 outside the bounds.
// `--list` adds each disagreement with what its reasons move. Two threads ask the peer, which is
// what takes the time.

import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

import { APART, CLASSES, classify } from './classes.mjs';
import { corpus } from './corpus.mjs';
import { verdicts } from './ours.mjs';
import { peer } from './peer.mjs';

const THREADS = 2;
/** The least rank correlation. */
const LEAST_CORRELATION = 0.9;

if (isMainThread) await main();
else await work();

async function work() {
  const check = await peer();
  parentPort.postMessage(workerData.map((password) => {
    const began = performance.now();
    const { guessesLog10, sequence } = check(password);
    const took = performance.now() - began;
    const pieces = sequence.map(({ pattern, token, i, j, guessesLog10: guesses, matchedWord, baseToken }) => (
      { pattern, token, i, j, guessesLog10: guesses, matchedWord, baseToken: String(baseToken ?? '') }));
    return { guessesLog10, sequence: pieces, took };
  }));
}

/** The peer's answers, in the order of the passwords. */
async function answers(passwords) {
  const parts = Array.from({ length: THREADS }, (_, part) => passwords.filter((_, index) => index % THREADS === part));
  const done = await Promise.all(parts.map((part) => new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: part });
    worker.on('message', resolve);
    worker.on('error', reject);
  })));
  return passwords.map((_, index) => done[index % THREADS][Math.floor(index / THREADS)]);
}

async function main() {
  const all = await corpus();
  const passwords = all.map(({ password }) => password);
  const began = performance.now();
  const ours = await verdicts(passwords);
  const took = performance.now() - began;
  const theirs = await answers(passwords);
  const rows = all.map((one, index) => ({ ...one, ours: ours[index].guesses_log10, answer: theirs[index] }));
  const apart = rows.map((row) => ({ ...row, ...classify(row) })).filter(({ higher }) => higher);
  const report = {
    passwords: rows.length,
    // The whole of `rempart check --batch`, its start and its verdicts in JSON included.
    'judge, milliseconds each': took / rows.length,
    'peer, milliseconds each': {
      mean: theirs.reduce((sum, { took }) => sum + took, 0) / rows.length,
      median: median(theirs.map(({ took }) => took)),
      most: Math.max(...theirs.map(({ took }) => took)),
    },
    correlation: spearman(rows.map((row) => row.ours), rows.map((row) => row.answer.guessesLog10)),
    disagreements: apart.length,
    // What the reasons leave of them, in orders of magnitude.
    left: { median: median(apart.map(({ left }) => Math.abs(left))), most: Math.max(...apart.map(({ left }) => Math.abs(left))) },
    unexplained: apart.filter(({ reason }) => reason === null).map(({ password, ours: judge, answer }) => [password, judge, answer.guessesLog10]),
    classes: Object.keys(CLASSES).map((reason) => {
      const members = apart.filter((one) => one.reason === reason);
      const example = members.sort((one, other) => Math.abs(other.apart) - Math.abs(one.apart)).at(0);
      return {
        reason,
        'judge higher': members.filter(({ higher }) => higher === 'judge').length,
        'peer higher': members.filter(({ higher }) => higher === 'peer').length,
        example: example && [example.password, example.ours, example.answer.guessesLog10],
      };
    }),
    families: [...new Set(all.map(({ family }) => family))].map((family) => {
      const members = rows.filter((row) => row.family === family);
      return {
        family,
        passwords: members.length,
        judge: median(members.map((row) => row.ours)),
        peer: median(members.map((row) => row.answer.guessesLog10)),
        apart: apart.filter((one) => one.family === family).length,
      };
    }),
  };
  if (process.argv.includes('--markdown')) print(report);
  else console.log(JSON.stringify(report, null, 2));
  if (process.argv.includes('--list')) {
    for (const { password, ours: judge, answer, moved, left, reason } of apart) {
      console.log(JSON.stringify({ password, judge, peer: answer.guessesLog10, reason, moved, left, pieces: answer.sequence.map((piece) => piece.token) }));
    }
  }
  process.exitCode = report.correlation >= LEAST_CORRELATION && report.unexplained.length === 0 ? 0 : 1;
}

function print(report) {
  const { passwords, correlation, disagreements, left, unexplained, classes, families } = report;
  const figure = (value) => value.toFixed(1);
  console.log(`${passwords} passwords; Spearman's rank correlation ${correlation.toFixed(3)}; ${disagreements} estimates more than ${APART} orders of magnitude apart, ${unexplained.length} of them without a class. The reasons leave ${left.median.toFixed(1)} orders in the median, ${left.most.toFixed(1)} at most.\n`);
  const { mean, median: middle, most } = report['peer, milliseconds each'];
  console.log(`Judge: ${report['judge, milliseconds each'].toFixed(3)} ms each. Peer: mean ${mean.toFixed(1)} ms, median ${middle.toFixed(1)} ms, most ${most.toFixed(0)} ms.\n`);
  console.log('| class | what differs | judge higher | peer higher | furthest apart | judge | peer |\n|-|-|-:|-:|-|-:|-:|');
  for (const one of classes) {
    const [password, judge, peers] = one.example ?? ['–'];
    const shown = one.example ? `\`${password}\` | ${figure(judge)} | ${figure(peers)}` : '– | – | –';
    console.log(`| ${one.reason} | ${CLASSES[one.reason]} | ${one['judge higher']} | ${one['peer higher']} | ${shown} |`);
  }
  console.log('\n| family | passwords | judge, median | peer, median | apart |\n|-|-:|-:|-:|-:|');
  for (const one of families) {
    console.log(`| ${one.family} | ${one.passwords} | ${figure(one.judge)} | ${figure(one.peer)} | ${one.apart} |`);
  }
}

/** Spearman's rank correlation, with mean ranks for ties. */
function spearman(some, others) {
  const [first, second] = [ranks(some), ranks(others)];
  const mean = (some.length + 1) / 2;
  const product = (one, other) => one.reduce((sum, value, index) => sum + (value - mean) * (other[index] - mean), 0);
  return product(first, second) / Math.sqrt(product(first, first) * product(second, second));
}

function ranks(values) {
  const order = values.map((_, index) => index).sort((one, other) => values[one] - values[other]);
  const found = new Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to += 1;
    for (let at = from; at < to; at += 1) found[order[at]] = (from + to + 1) / 2;
    from = to;
  }
  return found;
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
