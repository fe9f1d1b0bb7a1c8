// Blocks of numbers, as GGUF files hold them -> float32, to the bit as the package gguf reads them for measure.py.

import { GRID_BLOCKS } from "./gridblocks.js";

const { fround } = Math; // each step is rounded, as there: a quantile is the middle of a narrow bin
const NON_LINEAR = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
const FOUR_BIT_FLOATS = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]; // doubled
const POWERS = [1, 3, 9, 27, 81];

/** A kind of block: its bytes, its numbers, and how it is taken apart: from bytes at a place into `to` at a place. half gives
 * the number that two bytes at a place mean, halves that of every word of 16 bits.
 * @typedef {(bytes: Uint8Array, at: number, to: Float32Array, place: number, half: (at: number) => number, halves: Float32Array) => void} Take
 * @typedef {{size: number, numbers: number, take: Take}} Kind */

/** @type {Record<string, Kind>} */
export const BLOCKS = {
  Q4_0: { size: 18, numbers: 32, take: (bytes, at, to, place, half) => nibbles(bytes, at + 2, to, place, 16, half(at), (nibble) => nibble - 8) },
  Q4_1: { size: 20, numbers: 32, take: fourBitsOnAFloor },
  Q5_0: { size: 22, numbers: 32, take: (bytes, at, to, place, half) => fiveBits(bytes, at + 2, to, place, half(at), 16, 0) },
  Q5_1: { size: 24, numbers: 32, take: (bytes, at, to, place, half) => fiveBits(bytes, at + 4, to, place, half(at), 0, half(at + 2)) },
  Q8_0: { size: 34, numbers: 32, take: eightBits },
  Q2_K: { size: 84, numbers: 256, take: twoBitsInParts },
  Q3_K: { size: 110, numbers: 256, take: threeBitsInParts },
  Q4_K: { size: 144, numbers: 256, take: (bytes, at, to, place, half) => bitsOnFloors(bytes, at, at + 16, null, to, place, half) },
  Q5_K: { size: 176, numbers: 256, take: (bytes, at, to, place, half) => bitsOnFloors(bytes, at, at + 48, at + 16, to, place, half) },
  Q6_K: { size: 210, numbers: 256, take: sixBitsInParts },
  IQ4_NL: { size: 18, numbers: 32, take: (bytes, at, to, place, half) => nibbles(bytes, at + 2, to, place, 16, half(at), (nibble) => NON_LINEAR[nibble]) },
  IQ4_XS: { size: 136, numbers: 256, take: nonLinearInParts },
  TQ1_0: { size: 54, numbers: 256, take: threesInBytes },
  TQ2_0: { size: 66, numbers: 256, take: threesInPairsOfBits },
  MXFP4: { size: 17, numbers: 32, take: (bytes, at, to, place) => nibbles(bytes, at + 1, to, place, 16, 2 ** (bytes[at] - 128), (nibble) => FOUR_BIT_FLOATS[nibble]) },
  NVFP4: { size: 36, numbers: 64, take: floatsInQuarters },
  ...GRID_BLOCKS,
};

/** The numbers in whole blocks of one kind, in the room that is given where they fit. halves is the meaning of every word of 16 bits.
 * @returns {Float32Array} */
export function numbersInBlocks(bytes, kind, halves, room) {
  const { size, numbers, take } = BLOCKS[kind];
  const count = (bytes.length / size) * numbers;
  const found = count <= room.length ? room.subarray(0, count) : new Float32Array(count);
  const half = (at) => halves[bytes[at] | (bytes[at + 1] << 8)];
  for (let at = 0, place = 0; at < bytes.length; at += size, place += numbers) take(bytes, at, found, place, half, halves);
  return found;
}

/** So many bytes: the numbers of their lower halves, then those of their upper. */
function nibbles(bytes, at, to, place, count, scale, valueOf) {
  for (let i = 0; i < count; i += 1) {
    to[place + i] = scale * valueOf(bytes[at + i] & 15);
    to[place + count + i] = scale * valueOf(bytes[at + i] >> 4);
  }
}

function fourBitsOnAFloor(bytes, at, to, place, half) {
  const [scale, floor] = [half(at), half(at + 2)];
  for (let i = 0; i < 16; i += 1) {
    to[place + i] = fround(scale * (bytes[at + 4 + i] & 15)) + floor;
    to[place + 16 + i] = fround(scale * (bytes[at + 4 + i] >> 4)) + floor;
  }
}

/** The fifth bits of all 32 come first, then the others as halves of bytes. */
function fiveBits(bytes, at, to, place, scale, less, floor) {
  const high = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  for (let i = 0; i < 16; i += 1) {
    const byte = bytes[at + 4 + i];
    to[place + i] = fround(scale * (((byte & 15) | (((high >>> i) & 1) << 4)) - less)) + floor;
    to[place + 16 + i] = fround(scale * (((byte >> 4) | (((high >>> (16 + i)) & 1) << 4)) - less)) + floor;
  }
}

function eightBits(bytes, at, to, place, half) {
  const scale = half(at);
  for (let i = 0; i < 32; i += 1) to[place + i] = scale * signed(bytes[at + 2 + i]);
}

/** 16 parts of 16 numbers, each with a scale and a floor of 4 bits. */
function twoBitsInParts(bytes, at, to, place, half) {
  const [scale, floor] = [half(at + 80), half(at + 82)];
  for (let part = 0; part < 16; part += 1) {
    const own = bytes[at + part];
    const [step, least] = [fround(scale * (own & 15)), fround(floor * (own >> 4))];
    const [from, shift] = pairsOfBits(part);
    for (let i = 0; i < 16; i += 1) to[place + part * 16 + i] = fround(step * ((bytes[at + 16 + from + i] >> shift) & 3)) - least;
  }
}

/** 16 parts of 16 numbers, each with a scale of 6 bits; the third bit of each number stands apart. */
function threeBitsInParts(bytes, at, to, place, half) {
  const scale = half(at + 108), scales = at + 96;
  for (let part = 0; part < 16; part += 1) {
    const low = part < 8 ? bytes[scales + part] & 15 : bytes[scales + part - 8] >> 4;
    const high = (bytes[scales + 8 + (part & 3)] >> (2 * (part >> 2))) & 3;
    const step = fround(scale * ((low | (high << 4)) - 32));
    const [from, shift] = pairsOfBits(part);
    const bits = at + (part & 1) * 16;
    for (let i = 0; i < 16; i += 1) {
      const less = (bytes[bits + i] >> (part >> 1)) & 1 ? 0 : 4;
      to[place + part * 16 + i] = step * (((bytes[at + 32 + from + i] >> shift) & 3) - less);
    }
  }
}

/** 8 parts of 32 numbers of 4 bits, each with a scale and a floor of 6 bits; fifths is where fifth bits stand, if there are any. */
function bitsOnFloors(bytes, at, numbers, fifths, to, place, half) {
  const [scale, floor] = [half(at), half(at + 2)];
  const packed = at + 4;
  for (let part = 0; part < 8; part += 1) {
    const both = bytes[packed + part + 4];
    const own = part < 4 ? bytes[packed + part] & 63 : (both & 15) | ((bytes[packed + part - 4] >> 2) & 48);
    const low = part < 4 ? both & 63 : (both >> 4) | ((bytes[packed + part] >> 2) & 48);
    const [step, least] = [fround(scale * own), fround(floor * low)];
    const [from, shift] = [numbers + (part >> 1) * 32, (part & 1) * 4];
    for (let i = 0; i < 32; i += 1) {
      const fifth = fifths === null ? 0 : ((bytes[fifths + i] >> part) & 1) << 4;
      to[place + part * 32 + i] = fround(step * (((bytes[from + i] >> shift) & 15) | fifth)) - least;
    }
  }
}

/** 16 parts of 16 numbers, each with a scale of 8 bits; the upper two bits of each number stand apart. */
function sixBitsInParts(bytes, at, to, place, half) {
  const scale = half(at + 208);
  for (let part = 0; part < 16; part += 1) {
    const step = fround(scale * signed(bytes[at + 192 + part]));
    const [high, shift] = pairsOfBits(part);
    const low = at + (part >> 3) * 64 + (part & 3) * 16, upper = part & 4;
    for (let i = 0; i < 16; i += 1) {
      const number = ((bytes[low + i] >> upper) & 15) | (((bytes[at + 128 + high + i] >> shift) & 3) << 4);
      to[place + part * 16 + i] = step * (number - 32);
    }
  }
}

/** 8 parts of 32 numbers, each with a scale of 6 bits. */
function nonLinearInParts(bytes, at, to, place, half) {
  const scale = half(at), high = bytes[at + 2] | (bytes[at + 3] << 8);
  for (let part = 0; part < 8; part += 1) {
    const low = (bytes[at + 4 + (part >> 1)] >> (4 * (part & 1))) & 15;
    const step = fround(scale * ((low | (((high >> (2 * part)) & 3) << 4)) - 32));
    nibbles(bytes, at + 8 + part * 16, to, place + part * 32, 16, step, (nibble) => NON_LINEAR[nibble]);
  }
}

/** Five numbers of three values in a byte, four in each of the last bytes. */
function threesInBytes(bytes, at, to, place, half) {
  const scale = half(at + 52);
  const run = (from, count, times, start) => {
    for (let power = 0; power < times; power += 1) {
      for (let i = 0; i < count; i += 1) to[place + start + power * count + i] = scale * (((((bytes[at + from + i] * POWERS[power]) & 255) * 3) >> 8) - 1);
    }
  };
  run(0, 32, 5, 0);
  run(32, 16, 5, 160);
  run(48, 4, 4, 240);
}

function threesInPairsOfBits(bytes, at, to, place, half) {
  const scale = half(at + 64);
  for (let part = 0; part < 16; part += 1) {
    const [from, shift] = pairsOfBits(part);
    for (let i = 0; i < 16; i += 1) to[place + part * 16 + i] = scale * (((bytes[at + from + i] >> shift) & 3) - 1);
  }
}

/** 4 parts of 16 numbers, each with a scale of 8 bits that is a float itself. */
function floatsInQuarters(bytes, at, to, place) {
  for (let part = 0; part < 4; part += 1) {
    nibbles(bytes, at + 4 + part * 8, to, place + part * 16, 8, narrowFloat(bytes[at + part]), (nibble) => FOUR_BIT_FLOATS[nibble]);
  }
}

/** Half of what 8 bits without a sign mean, four of them the exponent. */
function narrowFloat(byte) {
  const exponent = (byte >> 3) & 15, fraction = byte & 7;
  if (byte === 0x7f) return 0;
  return (exponent ? (1 + fraction / 8) * 2 ** (exponent - 7) : fraction * 2 ** -9) / 2;
}

/** Where the pairs of bits of 16 numbers begin, and by how much they are shifted: 128 numbers stand in 32 bytes. */
function pairsOfBits(part) {
  return [(part >> 3) * 32 + (part & 1) * 16, ((part >> 1) & 3) * 2];
}

function signed(byte) {
  return (byte << 24) >> 24;
}
