// SHA-256 of bytes as they come (FIPS 180-4). The browser's own takes whole buffers only, which a large file is not.

const ROUND = constants();

/** A checksum that is fed bit by bit. */
export class Sha256 {
  #state = Uint32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
  #rest = new Uint8Array(64);
  #held = 0;
  #length = 0;
  #words = new Int32Array(64);

  /** The next bytes. @param {Uint8Array} bytes */
  update(bytes) {
    this.#length += bytes.length;
    let at = 0;
    if (this.#held) {
      at = Math.min(64 - this.#held, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#held);
      this.#held += at;
      if (this.#held < 64) return this;
      this.#take(this.#rest, 0, 1);
    }
    const blocks = (bytes.length - at) >>> 6;
    this.#take(bytes, at, blocks);
    this.#rest.set(bytes.subarray(at + 64 * blocks));
    this.#held = bytes.length - at - 64 * blocks;
    return this;
  }

  /** The checksum of all bytes so far; nothing can be added after it. */
  hex() {
    return Array.from(this.words(), (word) => word.toString(16).padStart(8, "0")).join("");
  }

  /** The same as eight words of 32 bits. @returns {Uint32Array} */
  words() {
    const rest = this.#rest, held = this.#held;
    rest[held] = 0x80;
    rest.fill(0, held + 1);
    if (held > 55) {
      this.#take(rest, 0, 1);
      rest.fill(0);
    }
    const view = new DataView(rest.buffer);
    view.setUint32(56, Math.floor(this.#length / 0x20000000));
    view.setUint32(60, (this.#length << 3) >>> 0);
    this.#take(rest, 0, 1);
    return this.#state;
  }

  #take(bytes, start, blocks) {
    const words = this.#words, state = this.#state;
    let a0 = state[0] | 0, b0 = state[1] | 0, c0 = state[2] | 0, d0 = state[3] | 0;
    let e0 = state[4] | 0, f0 = state[5] | 0, g0 = state[6] | 0, h0 = state[7] | 0;
    for (let block = 0, at = start; block < blocks; block += 1) {
      for (let i = 0; i < 16; i += 1, at += 4) words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      for (let i = 16; i < 64; i += 1) {
        const x = words[i - 15], y = words[i - 2]; // no destructuring here: it costs several times the arithmetic
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
      }
      let a = a0, b = b0, c = c0, d = d0, e = e0, f = f0, g = g0, h = h0;
      // Eight rounds at a time: each adds to d and writes h, so no value has to be moved to the next letter.
      for (let i = 0; i < 64; i += 8) {
        h = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ (e & (f ^ g))) + ROUND[i + 0] + words[i + 0]) | 0; d = (d + h) | 0; h = (h + ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        g = (g + ((d >>> 6 | d << 26) ^ (d >>> 11 | d << 21) ^ (d >>> 25 | d << 7)) + (f ^ (d & (e ^ f))) + ROUND[i + 1] + words[i + 1]) | 0; c = (c + g) | 0; g = (g + ((h >>> 2 | h << 30) ^ (h >>> 13 | h << 19) ^ (h >>> 22 | h << 10)) + ((h & a) ^ (h & b) ^ (a & b))) | 0;
        f = (f + ((c >>> 6 | c << 26) ^ (c >>> 11 | c << 21) ^ (c >>> 25 | c << 7)) + (e ^ (c & (d ^ e))) + ROUND[i + 2] + words[i + 2]) | 0; b = (b + f) | 0; f = (f + ((g >>> 2 | g << 30) ^ (g >>> 13 | g << 19) ^ (g >>> 22 | g << 10)) + ((g & h) ^ (g & a) ^ (h & a))) | 0;
        e = (e + ((b >>> 6 | b << 26) ^ (b >>> 11 | b << 21) ^ (b >>> 25 | b << 7)) + (d ^ (b & (c ^ d))) + ROUND[i + 3] + words[i + 3]) | 0; a = (a + e) | 0; e = (e + ((f >>> 2 | f << 30) ^ (f >>> 13 | f << 19) ^ (f >>> 22 | f << 10)) + ((f & g) ^ (f & h) ^ (g & h))) | 0;
        d = (d + ((a >>> 6 | a << 26) ^ (a >>> 11 | a << 21) ^ (a >>> 25 | a << 7)) + (c ^ (a & (b ^ c))) + ROUND[i + 4] + words[i + 4]) | 0; h = (h + d) | 0; d = (d + ((e >>> 2 | e << 30) ^ (e >>> 13 | e << 19) ^ (e >>> 22 | e << 10)) + ((e & f) ^ (e & g) ^ (f & g))) | 0;
        c = (c + ((h >>> 6 | h << 26) ^ (h >>> 11 | h << 21) ^ (h >>> 25 | h << 7)) + (b ^ (h & (a ^ b))) + ROUND[i + 5] + words[i + 5]) | 0; g = (g + c) | 0; c = (c + ((d >>> 2 | d << 30) ^ (d >>> 13 | d << 19) ^ (d >>> 22 | d << 10)) + ((d & e) ^ (d & f) ^ (e & f))) | 0;
        b = (b + ((g >>> 6 | g << 26) ^ (g >>> 11 | g << 21) ^ (g >>> 25 | g << 7)) + (a ^ (g & (h ^ a))) + ROUND[i + 6] + words[i + 6]) | 0; f = (f + b) | 0; b = (b + ((c >>> 2 | c << 30) ^ (c >>> 13 | c << 19) ^ (c >>> 22 | c << 10)) + ((c & d) ^ (c & e) ^ (d & e))) | 0;
        a = (a + ((f >>> 6 | f << 26) ^ (f >>> 11 | f << 21) ^ (f >>> 25 | f << 7)) + (h ^ (f & (g ^ h))) + ROUND[i + 7] + words[i + 7]) | 0; e = (e + a) | 0; a = (a + ((b >>> 2 | b << 30) ^ (b >>> 13 | b << 19) ^ (b >>> 22 | b << 10)) + ((b & c) ^ (b & d) ^ (c & d))) | 0;
      }
      a0 = (a0 + a) | 0; b0 = (b0 + b) | 0; c0 = (c0 + c) | 0; d0 = (d0 + d) | 0;
      e0 = (e0 + e) | 0; f0 = (f0 + f) | 0; g0 = (g0 + g) | 0; h0 = (h0 + h) | 0;
    }
    state.set([a0, b0, c0, d0, e0, f0, g0, h0]);
  }
}

const encoder = new TextEncoder();

/** The checksum of a text in UTF-8. */
export function sha256Of(words) {
  return new Sha256().update(encoder.encode(words)).hex();
}

/** The first 12 hexadecimal digits of it, as a whole number: of a million texts these are found in a moment. */
export function startOfSha256(words) {
  const [first, second] = new Sha256().update(encoder.encode(words)).words();
  return first * 0x10000 + (second >>> 16);
}

/** The first 32 bits of the fractions of the cube roots of the first 64 primes. */
function constants() {
  const primes = [];
  for (let number = 2; primes.length < 64; number += 1) if (primes.every((prime) => number % prime)) primes.push(number);
  return Int32Array.from(primes, (prime) => Number((cubeRootBits(BigInt(prime))) & 0xffffffffn) | 0);
}

/** The cube root of a number times 2^32, rounded down, by bisection in whole numbers. */
function cubeRootBits(prime) {
  let [low, high] = [0n, 1n << 36n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** 3n <= prime << 96n) low = middle;
    else high = middle;
  }
  return low;
}
