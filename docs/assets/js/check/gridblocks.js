// Blocks of GGUF files whose numbers are points of a grid -> float32, to the bit as the package gguf reads them for measure.py.

import { GRIDS } from "./grids.js";

const DELTA = 0.125; // by which the numbers of a point of IQ1 are moved, up or down
const kept = new Map();

/** @type {Record<string, import("./blocks.js").Kind>} */
export const GRID_BLOCKS = {
  IQ1_S: { size: 50, numbers: 256, take: oneBit },
  IQ1_M: { size: 56, numbers: 256, take: oneBitWithScalesInFields },
  IQ2_XXS: { size: 66, numbers: 256, take: twoBitsWithSignsInWords },
  IQ2_XS: { size: 74, numbers: 256, take: twoBitsWithSignsInPoints },
  IQ2_S: { size: 82, numbers: 256, take: twoBitsWithSignsApart },
  IQ3_XXS: { size: 98, numbers: 256, take: threeBitsWithSignsInWords },
  IQ3_S: { size: 110, numbers: 256, take: threeBitsWithSignsApart },
};

/** 8 parts of 4 points of 8 numbers; a word for each part holds its scale, which way it is moved, and upper bits of its points. */
function oneBit(bytes, at, to, place, half) {
  const grid = numbersOf("IQ1_S"), scale = half(at);
  for (let part = 0; part < 8; part += 1) {
    const own = wordAt(bytes, at + 34 + part * 2);
    const step = scale * (2 * ((own >> 12) & 7) + 1), delta = own & 0x8000 ? -DELTA : DELTA;
    for (let one = 0; one < 4; one += 1) {
      const point = bytes[at + 2 + part * 4 + one] | (((own >> (3 * one)) & 7) << 8);
      movedPoint(grid, point, step, delta, to, place + part * 32 + one * 8);
    }
  }
}

/** 16 parts of 2 points of 8 numbers; the scale of all is in the upper bits of four words, below are three bits for each part. */
function oneBitWithScalesInFields(bytes, at, to, place, half, halves) {
  const grid = numbersOf("IQ1_S");
  const fields = [48, 50, 52, 54].map((from) => wordAt(bytes, at + from));
  const scale = halves[fields.reduce((word, field, place) => word | ((field >> 12) << (4 * place)), 0)];
  for (let part = 0; part < 16; part += 1) {
    const step = scale * (2 * ((fields[part >> 2] >> (3 * (part & 3))) & 7) + 1);
    for (let one = 0; one < 2; one += 1) {
      const upper = (bytes[at + 32 + part] >> (4 * one)) & 15;
      movedPoint(grid, bytes[at + part * 2 + one] | ((upper & 7) << 8), step, upper & 8 ? -DELTA : DELTA, to, place + part * 16 + one * 8);
    }
  }
}

/** 8 parts of 4 points of 8 numbers; after the points of a part, a word holds their signs and its scale. */
function twoBitsWithSignsInWords(bytes, at, to, place, half) {
  const grid = numbersOf("IQ2_XXS"), scale = half(at);
  for (let part = 0; part < 8; part += 1) {
    const points = at + 2 + part * 8, own = longAt(bytes, points + 4);
    const step = (scale * (0.5 + (own >>> 28))) / 4;
    for (let one = 0; one < 4; one += 1) signedPoint(grid, 8, bytes[points + one], step, evenSigns(own >>> (7 * one)), to, place + part * 32 + one * 8);
  }
}

/** 16 parts of 2 points of 8 numbers; the upper bits of each point's word are its signs. */
function twoBitsWithSignsInPoints(bytes, at, to, place, half) {
  const grid = numbersOf("IQ2_XS"), scale = half(at);
  for (let one = 0; one < 32; one += 1) {
    const own = wordAt(bytes, at + 2 + one * 2);
    const step = (scale * (0.5 + nibbleAt(bytes, at + 66, one >> 1))) / 4;
    signedPoint(grid, 8, own & 511, step, evenSigns(own >> 9), to, place + one * 8);
  }
}

/** 16 parts of 2 points of 8 numbers; signs and the upper bits of points stand apart. */
function twoBitsWithSignsApart(bytes, at, to, place, half) {
  const grid = numbersOf("IQ2_S"), scale = half(at);
  for (let one = 0; one < 32; one += 1) {
    const point = bytes[at + 2 + one] | (((bytes[at + 66 + (one >> 2)] >> (2 * (one & 3))) & 3) << 8);
    const step = (scale * (0.5 + nibbleAt(bytes, at + 74, one >> 1))) / 4;
    signedPoint(grid, 8, point, step, bytes[at + 34 + one], to, place + one * 8);
  }
}

/** 8 parts of 8 points of 4 numbers; after all points, a word for each part holds their signs and its scale. */
function threeBitsWithSignsInWords(bytes, at, to, place, half) {
  const grid = numbersOf("IQ3_XXS"), scale = half(at);
  for (let part = 0; part < 8; part += 1) {
    const own = longAt(bytes, at + 66 + part * 4);
    const step = (scale * (0.5 + (own >>> 28))) / 2;
    for (let one = 0; one < 8; one += 1) {
      const signs = evenSigns(own >>> (7 * (one >> 1))) >> (4 * (one & 1));
      signedPoint(grid, 4, bytes[at + 2 + part * 8 + one], step, signs, to, place + part * 32 + one * 4);
    }
  }
}

/** 8 parts of 8 points of 4 numbers; signs and the upper bits of points stand apart. */
function threeBitsWithSignsApart(bytes, at, to, place, half) {
  const grid = numbersOf("IQ3_S"), scale = half(at);
  for (let one = 0; one < 64; one += 1) {
    const point = bytes[at + 2 + one] | (((bytes[at + 66 + (one >> 3)] >> (one & 7)) & 1) << 8);
    const step = scale * (1 + 2 * nibbleAt(bytes, at + 106, one >> 3));
    signedPoint(grid, 4, point, step, bytes[at + 74 + (one >> 1)] >> (4 * (one & 1)), to, place + one * 4);
  }
}

function signedPoint(grid, count, point, step, signs, to, place) {
  for (let i = 0; i < count; i += 1) {
    const size = step * grid[point * count + i];
    to[place + i] = (signs >> i) & 1 ? -size : size;
  }
}

function movedPoint(grid, point, step, delta, to, place) {
  for (let i = 0; i < 8; i += 1) to[place + i] = step * (grid[point * 8 + i] + delta);
}

/** The signs of 8 numbers by the first seven of them: an even number of them is below zero. */
function evenSigns(seven) {
  const first = seven & 127;
  let odd = first ^ (first >> 4);
  odd ^= odd >> 2;
  odd ^= odd >> 1;
  return first | ((odd & 1) << 7);
}

/** All numbers of a grid, point after point. @returns {Int8Array} */
function numbersOf(name) {
  if (!kept.has(name)) kept.set(name, unpacked(GRIDS[name]));
  return kept.get(name);
}

function unpacked({ values, bits, points }) {
  const packed = atob(points), each = 8 / bits;
  return Int8Array.from({ length: packed.length * each }, (_, at) => values[(packed.charCodeAt(at / each) >> (bits * (at % each))) & ((1 << bits) - 1)]);
}

/** The lower, then the upper half of each byte from a place on. */
function nibbleAt(bytes, from, number) {
  return (bytes[from + (number >> 1)] >> (4 * (number & 1))) & 15;
}

function wordAt(bytes, at) {
  return bytes[at] | (bytes[at + 1] << 8);
}

function longAt(bytes, at) {
  return wordAt(bytes, at) | (wordAt(bytes, at + 2) << 16);
}
