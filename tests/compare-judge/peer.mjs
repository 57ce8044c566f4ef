// The peer: zxcvbn-ts with its common, French and English packs, as its manual sets it up.
//
// `npm ci` installs the pinned packages outside of the tree, in target/compare-judge (see
// `tests/run`), so they are found from there and not from this file.

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const INSTALLED = process.env.COMPARE_JUDGE ?? path.join(ROOT, 'target/compare-judge');
const NAMES = ['core', 'language-common', 'language-fr', 'language-en'];

/** The packages, by short name. */
export async function packages() {
  const require = createRequire(path.join(INSTALLED, 'package.json'));
  const loaded = {};
  for (const name of NAMES) {
    try {
      loaded[name] = await import(pathToFileURL(require.resolve(`@zxcvbn-ts/${name}`)));
    } catch (error) {
      throw new Error(`${name} is not installed in ${INSTALLED}: run tests/run judge_and_peer (${error.message})`);
    }
  }
  return loaded;
}

/** A function from a password to the peer's answer. */
export async function peer() {
  const loaded = await packages();
  const factory = new loaded.core.ZxcvbnFactory({
    dictionary: {
      ...loaded['language-common'].dictionary,
      ...loaded['language-fr'].dictionary,
      ...loaded['language-en'].dictionary,
    },
    graphs: loaded['language-common'].adjacencyGraphs,
    translations: loaded['language-en'].translations,
  });
  return (password) => factory.check(password);
}
