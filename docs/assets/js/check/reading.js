// The bytes of a checkpoint's files, each read once in order by slices -> what is recorded of each tensor, and checksums.

import { put } from "./agreement.js";
import { Cutter } from "./cutting.js";
import { Fault } from "./words.js";

const PIECE = 4 << 20; // bytes read at once
const WAITING = 2; // pieces that may wait for their checksum

/** What is recorded of a file. @typedef {{name: string, sha256: string, bytes: number}} ReadFile */

/**
 * Reads every wanted tensor of some files. `digest` takes pieces of a file for its checksum; `progress` hears of bytes read.
 * @param {File[]} files @param {import("./plan.js").Wanted[]} wanted @param {FileDigests} digest @param {(bytes: number) => void} progress
 * @returns {Promise<{rows: import("./cutting.js").Row[], files: ReadFile[]}>} rows in the order of what was wanted
 */
export async function readFiles(tables, files, wanted, digest, progress) {
  const rows = new Map();
  const read = [];
  const byFile = new Map();
  for (const one of wanted) put(byFile, one.tensor.file, () => []).push(one);
  for (const file of files) {
    const spans = spansOf(byFile.get(file.name) ?? [], file.name);
    await feed(file, spans, digest, progress, (span) => span.wanted.map((one) => new Cutter(tables, one)), async (span, cutters) => {
      for (const [place, one] of span.wanted.entries()) rows.set(one.tensor.name, await cutters[place].finish());
    });
    read.push({ name: file.name, sha256: await digest.finish(), bytes: file.size });
  }
  return { rows: wanted.flatMap((one) => rows.get(one.tensor.name)), files: read };
}

/** Spans of bytes in order, each with the tensors on it: tied ones lie on the same bytes. */
function spansOf(wanted, file) {
  const found = new Map();
  for (const one of wanted) {
    const key = `${one.tensor.start}-${one.tensor.end}`;
    if (one.tensor.end === one.tensor.start) throw new Fault("{name} holds no numbers; it cannot be measured", { name: one.tensor.name });
    if (!found.has(key)) found.set(key, { start: one.tensor.start, end: one.tensor.end, wanted: [] });
    found.get(key).wanted.push(one);
  }
  const spans = [...found.values()].sort((one, other) => one.start - other.start);
  spans.forEach((span, place) => {
    if (place && span.start < spans[place - 1].end) throw new Fault("{file}: tensors overlap; it cannot be read in one pass", { file });
  });
  return spans;
}

async function feed(file, spans, digest, progress, open, close) {
  let next = 0, cutters = null;
  for (let start = 0; start < file.size; start += PIECE) {
    const end = Math.min(start + PIECE, file.size);
    const bytes = await pieceOf(file, start, end);
    while (next < spans.length && spans[next].start < end) {
      const span = spans[next];
      cutters ??= open(span);
      const part = bytes.subarray(Math.max(span.start, start) - start, Math.min(span.end, end) - start);
      for (const cutter of cutters) cutter.add(part);
      if (span.end > end) break;
      await close(span, cutters);
      cutters = null;
      next += 1;
    }
    await digest.add(bytes);
    progress(end - start);
  }
}

async function pieceOf(file, start, end) {
  try {
    const buffer = await file.slice(start, end).arrayBuffer();
    if (buffer.byteLength === end - start) return new Uint8Array(buffer);
  } catch {
    // said below
  }
  throw new Fault("{file}: changed or went away while it was read; choose it again", { file: file.name });
}

/** Checksums of files on another thread, which is given each piece to keep. */
export class FileDigests {
  #port;
  #waiting = 0;
  #heard = null;
  #answer = null;

  /** @param {MessagePort} port */
  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      if (data === null) this.#waiting -= 1;
      else this.#answer = data;
      this.#heard?.();
    };
  }

  /** The next piece; waits while too many do. */
  async add(bytes) {
    this.#waiting += 1;
    this.#port.postMessage(bytes.buffer, [bytes.buffer]);
    while (this.#waiting > WAITING) await this.#next();
  }

  /** The checksum of the pieces since the last one. @returns {Promise<string>} */
  async finish() {
    this.#port.postMessage(null);
    while (this.#answer === null) await this.#next();
    const found = this.#answer;
    this.#answer = null;
    return found;
  }

  #next() {
    return new Promise((resolve) => (this.#heard = resolve));
  }
}
