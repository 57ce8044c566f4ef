// The judge: what `rempart check --batch` says of each password of a list.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from './peer.mjs';

const BINARY = process.env.REMPART_BIN ?? path.join(ROOT, 'target/debug/rempart');

/** Verdicts, one per password, under the reference policy or under the text of another. */
export async function verdicts(passwords, { policy, context = [] } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'compare-judge-'));
  try {
    const file = path.join(folder, 'policy.toml');
    writeFileSync(file, policy ?? 'version = 1\n');
    const options = ['check', '--batch', '--policy', file, ...context.flatMap((word) => ['--context', word])];
    const lines = await run(options, passwords.map((password) => `${password}\n`).join(''));
    if (lines.length !== passwords.length) {
      throw new Error(`${lines.length} verdicts for ${passwords.length} passwords`);
    }
    return lines.map((line) => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(options, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(BINARY, options, { stdio: ['pipe', 'pipe', 'inherit'] });
    const out = [];
    child.on('error', (error) => reject(new Error(`${BINARY} does not start: ${error.message}`)));
    child.stdout.on('data', (bytes) => out.push(bytes));
    // 1 says that some line is refused, which is an answer.
    child.on('close', (code) => {
      const text = Buffer.concat(out).toString();
      if (code === 0 || code === 1) resolve(text.split('\n').slice(0, -1));
      else reject(new Error(`${BINARY} ended with ${code}`));
    });
    child.stdin.end(input);
  });
}
