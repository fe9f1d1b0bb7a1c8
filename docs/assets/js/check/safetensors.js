// safetensors: a header that says where each tensor lies, checked before anything is read.

import { DTYPES } from "./dtypes.js";
import { Fault, phrase } from "./words.js";

const LONGEST_HEADER = 100 * 2 ** 20; // the format's own limit, in bytes
const ENTRY = ["data_offsets", "dtype", "shape"];

/** A tensor of a file: [start, end) are its bytes.
 * @typedef {{file: string, name: string, shape: number[], dtype: string, start: number, end: number}} Tensor */
/** What the header of a file says. @typedef {{tensors: Tensor[], config: ?object, tokens: ?string[], tokenizer: ?object, shard: ?object}} Header */

/** Every tensor of a file, from its header alone. @param {File} file @returns {Promise<Header>} */
export async function readSafetensors(tables, file) {
  if (file.size < 8) throw new Fault("{file}: has {size} bytes; no safetensors file is that short", { file: file.name, size: file.size });
  const length = Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  if (length > Math.min(LONGEST_HEADER, file.size - 8)) {
    throw new Fault("{file}: says its header has {length} bytes; the file is cut off, or none of this kind", { file: file.name, length });
  }
  const header = headerOf(await file.slice(8, 8 + length).arrayBuffer(), file.name);
  const tensors = Object.entries(header).filter(([name]) => name !== "__metadata__").map(([name, entry]) => tensorOf(tables, name, entry, 8 + length, file));
  return { tensors: apart(inOrder(tensors), file.name), config: null, tokens: null, tokenizer: null, shard: null };
}

/** The file of each tensor, as an index says; each must lie beside it. @returns {Map<string, string>} */
export function indexedTensors(words, name) {
  let listed;
  try {
    listed = Object.entries(JSON.parse(words).weight_map);
  } catch {
    listed = null;
  }
  if (!listed) throw new Fault("{file}: is not an index of files of weights", { file: name });
  const strange = listed.find(([, file]) => typeof file !== "string" || !file || /[\\/]/.test(file) || file === "..");
  if (strange || !listed.length) throw new Fault("{file}: names {other}; wanted are files beside it", { file: name, other: strange ? String(strange[1]) : "no file" });
  return new Map(listed);
}

/** Tensors in order of their bytes. */
export function inOrder(tensors) {
  return [...tensors].sort((one, other) => one.start - other.start || one.end - other.end || (one.name < other.name ? -1 : 1));
}

/** The same tensors; refused where two lie on the same bytes. */
export function apart(tensors, file) {
  const filled = tensors.filter((one) => one.end > one.start);
  filled.forEach((one, place) => {
    if (place && one.start < filled[place - 1].end) throw new Fault("{file}: {one} and {other} lie on the same bytes; it is damaged", { file, one: filled[place - 1].name, other: one.name });
  });
  return tensors;
}

function headerOf(bytes, file) {
  let words, header;
  try {
    words = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(words);
  } catch {
    throw new Fault("{file}: has a header that is not JSON; the file is damaged, download it again", { file });
  }
  if (header === null || typeof header !== "object" || Array.isArray(header)) throw new Fault("{file}: has a header that names no tensors", { file });
  // JSON.parse keeps the last of two equal names in silence: as many entries have to stand there as are found.
  const metadata = header.__metadata__ ?? {};
  const count = Object.keys(header).length - Number(Object.hasOwn(header, "__metadata__"));
  for (const key of ENTRY) {
    const written = words.match(new RegExp(`(?<!\\\\)"${key}"\\s*:`, "g"))?.length ?? 0;
    if (written !== count + Number(Object.hasOwn(metadata, key))) {
      throw new Fault("{file}: has a header in which a name stands twice, or a tensor is not described; the file is damaged, download it again", { file });
    }
  }
  return header;
}

function tensorOf(tables, name, entry, begin, file) {
  const wrong = (words, values = {}) => new Fault("{file}: {name} {what}; the file is damaged, download it again", { file: file.name, name: name.slice(0, 200), what: phrase(words, values) });
  const described = entry !== null && typeof entry === "object" && Object.keys(entry).sort().join() === ENTRY.join();
  if (!described) throw wrong("is not described by dtype, shape and data_offsets");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !/^[A-Z][A-Z0-9_]{0,19}$/.test(dtype)) throw wrong("has the type {type}, which is none", { type: String(dtype).slice(0, 40) });
  const numbers = wholeNumbers(shape) ? shape.reduce((product, size) => product * size, 1) : NaN;
  if (!Number.isSafeInteger(numbers) || shape.length > 16) throw wrong("has a shape that is none");
  if (!wholeNumbers(offsets) || offsets.length !== 2) throw wrong("has no two offsets");
  const [start, end] = offsets.map((offset) => begin + offset);
  if (!(begin <= start && start <= end && end <= file.size)) throw wrong("lies outside the file");
  const bytes = bytesOf(tables, dtype, numbers) ?? end - start;
  if (end - start !== bytes) throw wrong("has {found} bytes, its shape and type ask for {bytes}", { found: end - start, bytes });
  return { file: file.name, name, shape, dtype, start, end };
}

/** How many bytes so many numbers of a type take, or null where the type is not known. */
function bytesOf(tables, dtype, numbers) {
  if (tables.bits.has(dtype)) return Math.ceil((numbers * tables.bits.get(dtype)) / 8);
  const known = Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : null;
  return known && (numbers / known.numbers) * known.size;
}

function wholeNumbers(value) {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}
