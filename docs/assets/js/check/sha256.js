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
    const length = this.#length;
    const tail = new Uint8Array(((this.#held + 72) >> 6 << 6) - this.#held);
    tail[0] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(length / 0x20000000));
    view.setUint32(tail.length - 4, (length << 3) >>> 0);
    this.update(tail);
    return Array.from(this.#state, (word) => word.toString(16).padStart(8, "0")).join("");
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
      for (let i = 0; i < 64; i += 1) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      a0 = (a0 + a) | 0; b0 = (b0 + b) | 0; c0 = (c0 + c) | 0; d0 = (d0 + d) | 0;
      e0 = (e0 + e) | 0; f0 = (f0 + f) | 0; g0 = (g0 + g) | 0; h0 = (h0 + h) | 0;
    }
    state.set([a0, b0, c0, d0, e0, f0, g0, h0]);
  }
}

/** The checksum of a text in UTF-8. */
export function sha256Of(words) {
  return new Sha256().update(new TextEncoder().encode(words)).hex();
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
