// How many entries of public lists of leaked passwords the judge accepts (passwdqc's metric).
//
//     node tests/compare-judge/accepted.mjs FILE...
//
// Each list is judged as it is, and after rules as a cracker applies them: a capital, a year
// and a sign; the word twice; a digit before and a sign after. One password per line; lines
// that begin with `#!comment` are left out.

import { readFileSync } from 'node:fs';

import { verdicts } from './ours.mjs';

const POLICIES = {
  'cnil, password-alone': 'version = 1\n',
  'cnil, restricted-access': 'version = 1\n[password]\ncase = "restricted-access"\n',
  anssi: 'version = 1\npreset = "anssi"\n',
  nist: 'version = 1\npreset = "nist"\n',
  asvs: 'version = 1\npreset = "asvs"\n',
};
const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
const RULES = {
  'as it is': (word) => word,
  'Word2024!': (word) => `${capital(word)}2024!`,
  'WordWord1!': (word) => `${capital(word)}${capital(word)}1!`,
  '1Word-1980-fr$': (word) => `1${capital(word)}-1980-fr$`,
};

for (const file of process.argv.slice(2)) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const words = [...new Set(lines.filter((line) => line && !line.startsWith('#!comment')))];
  console.log(`${file}: ${words.length} entries`);
  for (const [name, policy] of Object.entries(POLICIES)) {
    for (const [rule, apply] of Object.entries(RULES)) {
      const judged = await verdicts(words.map(apply), { policy });
      const accepted = judged.filter((verdict) => verdict.accepted).length;
      const formed = judged.filter((verdict) => verdict.findings.every(({ code }) => !/^(too-few|narrow)/.test(code))).length;
      console.log(`| ${name} | ${rule} | ${words.length} | ${formed} | ${accepted} |`);
    }
  }
}
