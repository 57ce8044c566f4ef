// @ts-check
// Answers the question of the page with work, and leaves the answer in a cookie. In part i a number
// n is looked for such that SHA-256(SHA-256(question) + i + n) begins with enough zero bits; i and
// n are four bytes, the highest first. All of it is 40 bytes, one block of SHA-256, so a try is one
// pass of `mix`: the browser's own digest would take longer to be called.
"use strict";
(() => {
  const K = new Int32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2]);
  const START = new Int32Array([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
  const block = new Int32Array(64);
  const hash = new Int32Array(8);

  /** SHA-256 of the one block, its padding included: 16 words of `block` to 8 words of `hash`. */
  const mix = () => {
    for (let at = 16; at < 64; at++) {
      const x = block[at - 15], y = block[at - 2];
      const s = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
      const t = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
      block[at] = block[at - 16] + s + block[at - 7] + t;
    }
    let a = START[0], b = START[1], c = START[2], d = START[3];
    let e = START[4], f = START[5], g = START[6], h = START[7];
    for (let at = 0; at < 64; at++) {
      const s = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
      const one = h + s + (e & f ^ ~e & g) + K[at] + block[at] | 0;
      const t = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
      const two = t + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + one | 0;
      d = c; c = b; b = a; a = one + two | 0;
    }
    hash[0] = START[0] + a; hash[1] = START[1] + b; hash[2] = START[2] + c; hash[3] = START[3] + d;
    hash[4] = START[4] + e; hash[5] = START[5] + f; hash[6] = START[6] + g; hash[7] = START[7] + h;
  };

  /** @param {string} name */
  const part = (name) => /** @type {HTMLElement} */ (document.getElementById(name));
  const check = part("check");
  const { question = "", bits = "0", parts = "0", cookie = "", lifetime = "0" } = check.dataset;
  const progress = /** @type {HTMLProgressElement} */ (part("progress"));
  const said = part("said");
  const back = part("back");
  back.onclick = () => history.back();
  check.hidden = false;

  // The hash of the question, whose 51 signs fit in a block.
  for (let at = 0; at < question.length; at++) block[at >> 2] |= question.charCodeAt(at) << 24 - at % 4 * 8;
  block[question.length >> 2] |= 0x80 << 24 - question.length % 4 * 8;
  block[15] = question.length * 8;
  mix();
  block.set(hash);
  block.fill(0, 10, 16);
  block[10] = 1 << 31;
  block[15] = 320;

  const shift = 32 - Number(bits);
  /** @type {number[]} */
  const found = [];
  block[8] = block[9] = 0;

  const finish = () => {
    const bytes = found.flatMap((number) => [24, 16, 8, 0].map((by) => number >>> by & 255));
    const numbers = btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const pair = `${cookie}=${question}.${numbers}`;
    document.cookie = `${pair}; Path=/; Max-Age=${lifetime}; Secure; SameSite=Strict`;
    const kept = document.cookie.split("; ").includes(pair);
    said.textContent = (kept ? said.dataset.done : said.dataset.keptOut) || "";
    back.hidden = false;
    if (kept) back.focus();
  };

  // A message wakes at once where a timer of a page in the background would not.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const end = performance.now() + 30;
    do {
      for (let tries = 0; tries < 500; tries++) {
        mix();
        if (hash[0] >>> shift === 0) {
          found.push(block[9]);
          progress.value = found.length;
          if (found.length >= Number(parts)) return finish();
          block[8] = found.length;
          block[9] = -1;
        }
        block[9]++;
      }
    } while (performance.now() < end);
    port2.postMessage(0);
  };
  port2.postMessage(0);
})();
