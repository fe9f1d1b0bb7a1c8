// What is recorded of one matrix or vector, from its rows as they come, as scripts/lineage/measuring/ computes it.

import { numbersIn, wordsIn, wordValues } from "./dtypes.js";
import { Fault } from "./words.js";

const BLOCK = 1 << 17; // numbers worked on at once
const SHIFT = 11; // a float32 without its last 11 bits: a step of 2^-12
const LARGEST = 1e30; // a weight beyond it is damage
const ROOM = new Float32Array(BLOCK); // for numbers of blocks, again and again: what is left behind has to be collected

/** Takes whole rows of one part in order. */
export class PartStatistics {
  #rows = 0;
  #moments = null;

  /** @param {{rows: number, cols: number, dtype: import("./dtypes.js").DType, norms: boolean, vector: boolean, plusOne: boolean}} part */
  constructor(part) {
    this.part = part;
    this.byWords = part.dtype.countable && !part.plusOne;
    this.counts = new Uint32Array(this.byWords ? 65536 : 1 << (31 - SHIFT));
    this.columnSquares = part.norms ? new Float64Array(part.cols) : null;
    this.rowSquares = part.norms ? new Float64Array(part.rows) : null;
    this.numbers = part.vector ? new Float64Array(part.rows) : null;
  }

  /** The next rows. @param {Uint8Array} bytes */
  take(bytes) {
    const { dtype, cols, plusOne } = this.part;
    if (this.byWords) {
      this.#takeWords(wordsIn(bytes), wordValues(dtype.name), squaresOf(dtype.name));
      return;
    }
    const row = (cols / dtype.numbers) * dtype.size;
    const step = Number.isInteger(row) ? Math.max(1, Math.floor(BLOCK / cols)) * row : bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      const values = numbersIn(bytes.subarray(at, at + step), dtype, ROOM);
      this.#takeValues(plusOne ? values.map((value) => value + 1) : values, cols); // not in place: these may be the file's own bytes
    }
  }

  /** What is recorded: statistics, norms of rows and columns, and the numbers of a vector. A Fault names what is wrong. */
  finish(name) {
    const statistics = this.byWords ? this.#fromCounts(name) : this.#fromMoments(name);
    return { statistics, numbers: this.numbers, rowNorms: this.rowSquares?.map(Math.sqrt), columnNorms: this.columnSquares?.map(Math.sqrt) };
  }

  #takeWords(words, values, squares) {
    const { counts, columnSquares: columns, rowSquares: rows, numbers } = this;
    const cols = this.part.cols;
    const count = words.length / cols;
    if (numbers) for (let at = 0; at < words.length; at += 1) numbers[this.#rows + at] = values[words[at]];
    if (!columns) {
      for (let at = 0; at < words.length; at += 1) counts[words[at]] += 1;
    } else {
      for (let row = 0, at = 0; row < count; row += 1) {
        let sum = 0;
        for (let column = 0; column < cols; column += 1, at += 1) {
          const word = words[at];
          counts[word] += 1;
          const square = squares[word];
          sum += square;
          columns[column] += square;
        }
        rows[this.#rows + row] = sum;
      }
    }
    this.#rows += count;
  }

  #takeValues(values, cols) {
    const { counts, columnSquares: columns, rowSquares: rows, numbers } = this;
    const count = values.length / cols;
    if (numbers) numbers.set(values, this.#rows);
    for (let start = 0; start < values.length; start += BLOCK) {
      const found = momentsOf(values.subarray(start, start + BLOCK));
      this.#moments = this.#moments ? merged(this.#moments, found) : found;
    }
    const single = values instanceof Float32Array ? values : Float32Array.from(values);
    const bits = new Uint32Array(single.buffer, single.byteOffset, single.length);
    for (let at = 0; at < bits.length; at += 1) counts[(bits[at] & 0x7fffffff) >>> SHIFT] += 1;
    if (columns) {
      for (let row = 0, at = 0; row < count; row += 1) {
        let sum = 0;
        for (let column = 0; column < cols; column += 1, at += 1) {
          const square = values[at] * values[at];
          sum += square;
          columns[column] += square;
        }
        rows[this.#rows + row] = sum;
      }
    }
    this.#rows += count;
  }

  #fromCounts(name) {
    const values = wordValues(this.part.dtype.name);
    const used = [];
    this.counts.forEach((count, word) => count && used.push({ count, value: values[word], size: Math.abs(values[word]) }));
    used.forEach(({ value }) => checkFinite(value, name));
    const n = used.reduce((sum, { count }) => sum + count, 0);
    const mean = used.reduce((sum, { count, value }) => sum + count * value, 0) / n;
    const power = (exponent) => used.reduce((sum, { count, value }) => sum + count * (value - mean) ** exponent, 0);
    const sizes = used.sort((one, other) => one.size - other.size);
    const moments = { n, mean, m2: power(2), m3: power(3), m4: power(4), largest: sizes.at(-1).size };
    return statisticsOf(moments, sizes.map(({ count }) => count), (place) => sizes[place].size);
  }

  #fromMoments(name) {
    const { n, largest, sum } = this.#moments;
    if (!Number.isFinite(sum)) throw notFinite(name);
    checkFinite(largest, name);
    if (!n) return null;
    const middle = new Float32Array(1), bits = new Uint32Array(middle.buffer);
    const sizeOf = (bin) => {
      bits[0] = bin ? (bin << SHIFT) + (1 << (SHIFT - 1)) : 0;
      return middle[0];
    };
    return statisticsOf(this.#moments, this.counts, sizeOf);
  }
}

const squared = new Map();

function squaresOf(name) {
  if (!squared.has(name)) squared.set(name, Float64Array.from(wordValues(name), (value) => value * value));
  return squared.get(name);
}

function momentsOf(values) {
  const n = values.length;
  let sum = 0, largest = 0;
  for (let at = 0; at < n; at += 1) {
    sum += values[at];
    const size = Math.abs(values[at]); // a choice by the sign, which nobody can foretell, takes four times as long
    if (size > largest) largest = size;
  }
  const mean = sum / n;
  let m2 = 0, m3 = 0, m4 = 0;
  for (let at = 0; at < n; at += 1) {
    const centred = values[at] - mean;
    const square = centred * centred;
    m2 += square;
    m3 += square * centred;
    m4 += square * square;
  }
  return { n, mean, m2, m3, m4, largest, sum };
}

/** The moments of two sets of numbers together (Pebay, 2008, SAND2008-6212, equations 3.1). */
function merged(a, b) {
  const n = a.n + b.n, delta = b.mean - a.mean, share = delta / n, cross = delta * share * a.n * b.n;
  return {
    n,
    mean: a.mean + share * b.n,
    m2: a.m2 + b.m2 + cross,
    m3: a.m3 + b.m3 + cross * share * (a.n - b.n) + 3 * share * (a.n * b.m2 - b.n * a.m2),
    m4: a.m4 + b.m4 + cross * share ** 2 * (a.n ** 2 - a.n * b.n + b.n ** 2) + 6 * share ** 2 * (a.n ** 2 * b.m2 + b.n ** 2 * a.m2) + 4 * share * (a.n * b.m3 - b.n * a.m3),
    largest: Math.max(a.largest, b.largest),
    sum: a.sum + b.sum,
  };
}

/** The row's numbers; counts are those of numbers from the smallest size, and each place has a size. */
function statisticsOf({ n, mean, m2, m3, m4, largest }, counts, sizeOf) {
  const std = Math.sqrt(m2 / n);
  let place = 0, seen = counts[0];
  const [q50, q90, q99, q999] = [0.5, 0.9, 0.99, 0.999].map((level) => {
    while (seen < level * n && place + 1 < counts.length) seen += counts[(place += 1)];
    return Math.min(sizeOf(place), largest);
  });
  return {
    n, mean, std,
    skewness: m2 > 0 ? m3 / n / std ** 3 : null,
    excess_kurtosis: m2 > 0 ? (n * m4) / m2 ** 2 - 3 : null,
    abs_max: largest,
    abs_q50: q50, abs_q90: q90, abs_q99: q99, abs_q999: q999,
    frobenius: Math.sqrt(m2 + n * mean ** 2),
  };
}

function checkFinite(value, name) {
  if (!Number.isFinite(value)) throw notFinite(name);
  if (Math.abs(value) > LARGEST) throw new Fault("{name} holds values beyond 1e+30, which are no weights; it cannot be measured", { name });
}

function notFinite(name) {
  return new Fault("{name} holds NaN or infinite values; it cannot be measured", { name });
}
