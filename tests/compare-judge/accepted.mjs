// How many entries of public lists of leaked passwords the judge accepts (passwdqc's metric).
//
//     node tests/compare-judge/accepted.mjs [--no-john] FILE...
//
// A list (one password per line, most common first, gzip or not) is judged as it is, then as
// crackers bend it: by the default rules of John the Ripper where `john` is installed, and by
// the rules below, which give words the signs that a form asks for. Writes a table in Markdown:
// passwords that meet a form, those whose estimate reaches the threshold, those that pass
// everything.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

import { verdicts } from './ours.mjs';

/** Policies and the estimate that each asks for by default, as a base-10 logarithm. */
const POLICIES = {
  'cnil, password-alone': ['version = 1\n', 9],
  'cnil, restricted-access': ['version = 1\n[password]\ncase = "restricted-access"\n', 6],
  anssi: ['version = 1\npreset = "anssi"\n', 9],
  nist: ['version = 1\npreset = "nist"\n', 9],
  asvs: ['version = 1\npreset = "asvs"\n', 9],
};
const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
const RULES = {
  'Word1!': (word) => `${capital(word)}1!`,
  'Word2024!': (word) => `${capital(word)}2024!`,
  'Word123456!': (word) => `${capital(word)}123456!`,
  'W0rd@2024': (word) => `${capital(word).replaceAll('o', '0').replaceAll('a', '@').replaceAll('e', '3').replaceAll('i', '1')}@2024`,
  'WordWord1!': (word) => `${capital(word)}${capital(word)}1!`,
  'word-word-word-word-word-word-word': (word, index, words) => Array.from({ length: 7 }, (_, step) => words[(index + step) % words.length]).join('-'),
  '1Word-1980-fr$': (word) => `1${capital(word)}-1980-fr$`,
};
const FORM = /^(too-few|narrow)/;
/** Verdicts kept in memory at once. */
const CHUNK = 50_000;

console.log('| list | as | passwords | policy | form | guess | accepted |\n|-|-|-:|-|-:|-:|-:|');
for (const file of process.argv.slice(2).filter((argument) => argument !== '--no-john')) {
  const words = entries(file);
  const streams = { 'it is': words, ...(process.argv.includes('--no-john') ? {} : john(words)) };
  for (const [rule, apply] of Object.entries(RULES)) streams[rule] = [...new Set(words.map(apply))];
  for (const [name, stream] of Object.entries(streams)) {
    for (const [policy, [text, threshold]] of Object.entries(POLICIES)) {
      const { form, guess, accepted } = await count(stream, text, threshold);
      console.log(`| ${path.basename(file)} | \`${name}\` | ${stream.length} | ${policy} | ${form} | ${guess} | ${accepted} |`);
    }
  }
}

async function count(passwords, policy, threshold) {
  const sums = { form: 0, guess: 0, accepted: 0 };
  for (let from = 0; from < passwords.length; from += CHUNK) {
    for (const { accepted, findings, guesses_log10: guesses } of await verdicts(passwords.slice(from, from + CHUNK), { policy })) {
      sums.form += findings.some(({ code }) => FORM.test(code)) ? 0 : 1;
      sums.guess += guesses >= threshold ? 1 : 0;
      sums.accepted += accepted ? 1 : 0;
    }
  }
  return sums;
}

function entries(file) {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return [...new Set(text.split('\n').filter((line) => line && !line.startsWith('#!comment')))];
}

/** The words after John's default rules; nothing where it is not installed. */
function john(words) {
  const folder = mkdtempSync(path.join(tmpdir(), 'compare-judge-'));
  try {
    const file = path.join(folder, 'words');
    writeFileSync(file, words.map((word) => `${word}\n`).join(''));
    const { error, status, stdout } = spawnSync('john', [`--wordlist=${file}`, '--rules', '--stdout'], { maxBuffer: 2 ** 30 });
    if (error || status !== 0) {
      console.error('john is not installed: its rules are left out');
      return {};
    }
    return { 'john --rules': [...new Set(stdout.toString().split('\n').filter(Boolean))] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
