// How the numbers of a tensor are written, of the types that are read in the browser.

import { BLOCKS, numbersInBlocks } from "./blocks.js";

/** @typedef {{name: string, size: number, numbers: number, countable: boolean}} DType size is bytes of a block of so many numbers */

/** @type {Record<string, DType>} */
export const DTYPES = {
  F64: { name: "F64", size: 8, numbers: 1, countable: false },
  F32: { name: "F32", size: 4, numbers: 1, countable: false },
  F16: { name: "F16", size: 2, numbers: 1, countable: true },
  BF16: { name: "BF16", size: 2, numbers: 1, countable: true },
  ...Object.fromEntries(Object.entries(BLOCKS).map(([name, { size, numbers }]) => [name, { name, size, numbers, countable: false }])),
};

const kept = new Map();

/** The meaning of every word of 16 bits; not finite where it means no number. @returns {Float32Array} */
export function wordValues(name) {
  if (!kept.has(name)) kept.set(name, name === "BF16" ? bfloat16() : float16());
  return kept.get(name);
}

const NO_ROOM = new Float32Array(0);

/** The numbers that bytes mean; those of blocks lie in `room` where they fit, until it is used again.
 * @param {Uint8Array} bytes @returns {Float32Array | Float64Array} */
export function numbersIn(bytes, { name }, room = NO_ROOM) {
  if (name === "F32") return new Float32Array(...aligned(bytes, 4));
  if (name === "F64") return new Float64Array(...aligned(bytes, 8));
  if (Object.hasOwn(BLOCKS, name)) return numbersInBlocks(bytes, name, wordValues("F16"), room);
  return Float32Array.from(wordsIn(bytes), (word) => wordValues(name)[word]);
}

/** The words of 16 bits in bytes. */
export function wordsIn(bytes) {
  return new Uint16Array(...aligned(bytes, 2));
}

/** What a view of whole words takes: the buffer as it is, or a copy where words do not begin on its boundaries. */
function aligned(bytes, size) {
  const own = bytes.byteOffset % size ? bytes.slice() : bytes;
  return [own.buffer, own.byteOffset, own.byteLength / size];
}

function bfloat16() {
  const values = new Float32Array(65536);
  new Uint32Array(values.buffer).forEach((_, word, bits) => (bits[word] = word << 16));
  return values;
}

function float16() {
  return Float32Array.from({ length: 65536 }, (_, word) => {
    const [sign, exponent, fraction] = [word & 0x8000 ? -1 : 1, (word >> 10) & 31, word & 1023];
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
  });
}
