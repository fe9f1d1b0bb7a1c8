// The bytes of one tensor, as they come -> what is recorded of each of its parts.

import { DTYPES } from "./dtypes.js";
import { storedShape } from "./names.js";
import { sampledDimensions } from "./sampling.js";
import { Sha256 } from "./sha256.js";
import { PartStatistics } from "./statistics.js";
import { Fault } from "./words.js";

const WHOLE = 32 << 20; // bytes of a part that is held for the browser's own checksum, which is faster and wants them all

/** What was measured of one part, as (out, in). width and profile are of what reads or writes the residual stream.
 * @typedef {{place: import("./names.js").Place, rows: number, cols: number, statistics: object, sha256: string, width: number,
 *   profile: number[], numbers: number[]}} Row */

/** Takes the bytes of one tensor in order, and hands whole rows to its parts. */
export class Cutter {
  #wanted;
  #dtype;
  #width; // numbers of a stored row
  #row; // bytes of one
  #line = 0; // rows taken
  #rest = new Uint8Array(0);
  #open = new Map(); // parts that have begun, by their place
  #rows = []; // promises, by the place of the part

  /** @param {import("./plan.js").Wanted} wanted */
  constructor(tables, wanted) {
    const { shape, dtype, name, start, end } = wanted.tensor;
    this.#wanted = wanted;
    this.#dtype = DTYPES[dtype];
    this.#width = shape.length > 1 ? shape.at(-1) : this.#dtype.numbers;
    this.#row = (this.#width / this.#dtype.numbers) * this.#dtype.size;
    this.tables = tables;
    if (end === start) throw new Fault("{name} holds no numbers; it cannot be measured", { name });
    if (!Number.isInteger(this.#row)) throw new Fault("{name} has rows that do not fill blocks; the file is damaged", { name });
  }

  /** The next bytes. @param {Uint8Array} bytes */
  add(bytes) {
    let data = bytes;
    if (this.#rest.length) {
      const wanted = Math.min(this.#row - this.#rest.length, bytes.length);
      this.#rest = joined(this.#rest, bytes.subarray(0, wanted));
      if (this.#rest.length < this.#row) return;
      this.#takeRows(this.#rest);
      data = bytes.subarray(wanted);
    }
    const whole = data.length - (data.length % this.#row);
    if (whole) this.#takeRows(data.subarray(0, whole));
    this.#rest = data.slice(whole);
  }

  /** A row for each part. @returns {Promise<Row[]>} */
  finish() {
    return Promise.all(this.#rows);
  }

  #takeRows(bytes) {
    const [first, last] = [this.#line, this.#line + bytes.length / this.#row];
    this.#line = last;
    this.#wanted.parts.forEach((part, place) => {
      for (const [start, end] of part.rows.length ? part.rows : [[0, last]]) {
        const begin = start + Math.ceil(Math.max(first - start, 0) / part.every) * part.every;
        if (begin < Math.min(end, last)) this.#handOn(part, place, this.#cut(part, bytes, begin - first, Math.min(end, last) - first));
      }
    });
  }

  /** Some of the rows and columns in bytes, beside each other. */
  #cut(part, bytes, begin, end) {
    if (!part.columns.length && part.every === 1) return bytes.subarray(begin * this.#row, end * this.#row);
    const size = this.#dtype.size;
    const spans = part.columns.length ? part.columns : [[0, this.#row / size, 1]];
    const columns = spans.reduce((sum, [left, right, step]) => sum + Math.ceil((right - left) / step), 0);
    const found = new Uint8Array(Math.ceil((end - begin) / part.every) * columns * size);
    let at = 0;
    for (let row = begin; row < end; row += part.every) {
      const line = row * this.#row;
      for (const [left, right, step] of spans) {
        const width = step === 1 ? right - left : 1;
        for (let column = left; column < right; column += step * width, at += width * size) found.set(bytes.subarray(line + column * size, line + (column + width) * size), at);
      }
    }
    return found;
  }

  #handOn(part, place, bytes) {
    const open = this.#open.get(place) ?? this.#opened(part, place);
    let data = bytes;
    if (part.pairs) {
      const heads = joined(open.head, bytes);
      const whole = heads.length - (heads.length % (part.pairs * this.#row));
      open.head = heads.slice(whole);
      data = inOwnOrder(heads.subarray(0, whole), part.pairs, this.#row);
    }
    open.left -= data.length;
    open.digest.update(data);
    if (data.length) open.statistics.take(data);
    if (open.left) return;
    this.#open.delete(place);
    this.#rows[place] = this.#finished(part, open);
  }

  #opened(part, place) {
    const { shape } = this.#wanted.tensor;
    const [rows, cols] = storedShape(part, shape);
    const { reads, writes } = this.tables.profile;
    const norms = shape.length > 1 && [...reads, ...writes].includes(part.place.role);
    const bytes = shape.length > 1 ? (rows * cols * this.#dtype.size) / this.#dtype.numbers : rows * this.#row / this.#width;
    const statistics = new PartStatistics({ rows, cols, dtype: this.#dtype, norms, vector: shape.length === 1, plusOne: this.#wanted.plusOne });
    const open = { rows, cols, left: bytes, statistics, digest: new PartDigest(bytes), head: new Uint8Array(0) };
    this.#open.set(place, open);
    return open;
  }

  async #finished(part, { rows, cols, statistics, digest }) {
    const measured = statistics.finish(this.#wanted.tensor.name);
    if (part.transposed) [measured.rowNorms, measured.columnNorms] = [measured.columnNorms, measured.rowNorms];
    const size = part.transposed ? [cols, rows] : [rows, cols];
    return { place: part.place, rows: size[0], cols: size[1], statistics: measured.statistics, sha256: await digest.hex(), ...this.#kept(part.place.role, measured) };
  }

  #kept(role, { numbers, rowNorms, columnNorms }) {
    const { reads, writes } = this.tables.profile;
    if (numbers) return { width: 0, profile: [], numbers: Array.from(numbers) };
    const norms = reads.includes(role) ? columnNorms : writes.includes(role) ? rowNorms : null;
    if (!norms) return { width: 0, profile: [], numbers: [] };
    if (!norms.every((norm) => norm > 0 && Number.isFinite(norm))) return { width: norms.length, profile: [], numbers: [] };
    const logs = norms.map(Math.log);
    const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
    return { width: norms.length, profile: sampledDimensions("residual", norms.length, this.tables.profile.sample).map((dimension) => logs[dimension] - mean), numbers: [] };
  }
}

/** The checksum of so many bytes: the browser's own where they can be held, else ours as they come. */
class PartDigest {
  #held;
  #at = 0;
  #ours;

  constructor(bytes) {
    if (globalThis.crypto?.subtle && bytes <= WHOLE) this.#held = new Uint8Array(bytes);
    else this.#ours = new Sha256();
  }

  update(bytes) {
    if (this.#ours) return void this.#ours.update(bytes);
    this.#held.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  async hex() {
    if (this.#ours) return this.#ours.hex();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", this.#held));
    this.#held = null;
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

/** Rows that are stored in the order of pairs, in that of Hugging Face's files: see in_own_order in tensors.py. */
function inOwnOrder(bytes, pairs, row) {
  const found = new Uint8Array(bytes.length);
  for (let stored = 0; stored < bytes.length / row; stored += 1) {
    const head = stored - (stored % pairs), inside = stored % pairs;
    const own = head + (inside % 2) * (pairs / 2) + Math.floor(inside / 2);
    found.set(bytes.subarray(stored * row, (stored + 1) * row), own * row);
  }
  return found;
}

function joined(one, other) {
  if (!one.length) return other.slice();
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
