// GGUF: a header of typed settings and a list of tensors, read piece by piece and checked before anything is.

import { DTYPES } from "./dtypes.js";
import { apart, inOrder } from "./safetensors.js";
import { Fault, phrase } from "./words.js";

const PIECE = 1 << 20; // bytes of header fetched at once
const LONGEST_HEADER = 256 << 20;
const SCALARS = { 0: ["Uint8", 1], 1: ["Int8", 1], 2: ["Uint16", 2], 3: ["Int16", 2], 4: ["Uint32", 4], 5: ["Int32", 4], 6: ["Float32", 4], 7: ["Uint8", 1], 10: ["BigUint64", 8], 11: ["BigInt64", 8], 12: ["Float64", 8] };
const BOOL = 7, STRING = 8, ARRAY = 9;
const CONTROL_TOKEN = 3;
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true }); // a token may begin with the mark of byte order
const MOST_TENSORS = 1 << 18; // and settings
const MOST_VALUES = 1 << 23; // in all lists: a large vocabulary with its merges, kinds and scores has two million

/** Takes a header apart, front to back; never asks for bytes that the file does not have. */
class Reader {
  at = 0;
  #valuesLeft = MOST_VALUES;
  #start = 0; // of what is held, in the file
  #view = new DataView(new ArrayBuffer(0));

  constructor(file) {
    this.file = file;
  }

  fault(words) {
    return new Fault("{file}: {what} at byte {byte}; the file is damaged, download it again", { file: this.file.name, what: phrase(words), byte: this.at });
  }

  /** Makes sure that so many bytes are held from here on. */
  async hold(count) {
    const end = this.at + count;
    if (end > Math.min(this.file.size, LONGEST_HEADER)) throw this.fault("the header asks for more bytes than there are");
    if (end <= this.#start + this.#view.byteLength) return;
    this.#start = this.at;
    this.#view = new DataView(await this.file.slice(this.at, Math.min(this.file.size, this.at + Math.max(PIECE, count))).arrayBuffer());
  }

  async bytes(count) {
    await this.hold(count);
    const found = new Uint8Array(this.#view.buffer, this.at - this.#start, count);
    this.at += count;
    return found;
  }

  async number(kind) {
    const [type, size] = SCALARS[kind];
    await this.hold(size);
    const value = Number(this.#view[`get${type}`](this.at - this.#start, true));
    this.at += size;
    return kind === BOOL ? Boolean(value) : value;
  }

  /** How many things follow, each of at least so many bytes; at most so many are believed. */
  async count(smallest, most = Infinity) {
    const value = await this.number(10);
    if (value * smallest > this.file.size - this.at) throw this.fault("the header says that more things follow than the file can hold,");
    if (value > most) throw this.fault("the header says that more things follow than any model has,");
    return value;
  }

  async text() {
    return DECODER.decode(await this.bytes(await this.count(1)));
  }

  async value(kind, inside = false) {
    if (Object.hasOwn(SCALARS, kind)) return this.number(kind);
    if (kind === STRING) return this.text();
    if (kind !== ARRAY || inside) throw this.fault("a setting has a type that is not known here,");
    const inner = await this.number(4);
    const count = await this.count(Object.hasOwn(SCALARS, inner) ? SCALARS[inner][1] : 8, this.#valuesLeft);
    this.#valuesLeft -= count;
    const found = [];
    for (let at = 0; at < count; at += 1) found.push(await this.value(inner, true));
    return found;
  }
}

/** What a GGUF file says of itself: tensors, configuration and tokenizer. @param {File} file @returns {Promise<import("./safetensors.js").Header>} */
export async function readGguf(tables, file) {
  const reader = new Reader(file);
  await reader.bytes(4);
  const version = await reader.number(4);
  if ([0x01000000, 0x02000000, 0x03000000].includes(version)) {
    throw new Fault("{file}: is big-endian GGUF, which is not read here; download the little-endian file, or turn it with gguf-convert-endian of the gguf package", { file: file.name });
  }
  if (version !== 2 && version !== 3) throw new Fault("{file}: is GGUF version {version}; versions 2 and 3 are read here: download the file in one of these", { file: file.name, version });
  const [tensors, settings] = [await reader.count(24, MOST_TENSORS), await reader.count(13, MOST_TENSORS)];
  const values = new Map();
  for (let at = 0; at < settings; at += 1) values.set(await reader.text(), await reader.value(await reader.number(4)));
  const listed = [];
  for (let at = 0; at < tensors; at += 1) listed.push(await entryOf(reader));
  const alignment = values.get("general.alignment") ?? 32;
  if (!Number.isInteger(alignment) || alignment < 1 || alignment > 1 << 20) throw reader.fault("the header has an alignment that is none");
  const start = Math.ceil(reader.at / alignment) * alignment;
  const placed = inOrder(listed.map((entry) => placedOf(tables, entry, start, file)));
  if (new Set(placed.map((one) => one.name)).size < placed.length) throw reader.fault("a tensor's name stands twice");
  const shard = shardOf(values);
  if (!placed.length && !shard) throw new Fault("{file}: holds no tensors, only settings or a vocabulary; choose the file of weights", { file: file.name });
  return { tensors: apart(placed, file.name), config: configOf(tables, values), tokens: null, tokenizer: tokenizerOf(values), shard };
}

function shardOf(values) {
  const [number, count, tensors] = ["no", "count", "tensors.count"].map((name) => values.get(`split.${name}`));
  return Number.isInteger(number) && Number.isInteger(count) && count > 1 ? { number, count, tensors: Number.isInteger(tensors) ? tensors : null } : null;
}

async function entryOf(reader) {
  const name = await reader.text();
  const dimensions = await reader.number(4);
  if (dimensions > 8) throw reader.fault("a tensor has more than 8 dimensions,");
  const shape = [];
  for (let at = 0; at < dimensions; at += 1) shape.unshift(await reader.number(10));
  return { name, shape, kind: await reader.number(4), offset: await reader.number(10) };
}

function placedOf(tables, { name, shape, kind, offset }, begin, file) {
  const numbers = shape.reduce((product, size) => product * size, 1);
  const said = { file: file.name, name: name.slice(0, 100) };
  if (!Number.isSafeInteger(numbers) || !Number.isSafeInteger(offset)) throw new Fault("{file}: {name} has a shape that is none; the file is damaged", said);
  const start = begin + offset;
  const type = typeOf(tables, kind);
  if (!Object.hasOwn(DTYPES, type)) return { file: file.name, name, shape, dtype: type, start, end: start }; // its bytes are not wanted
  const { size, numbers: together } = DTYPES[type];
  if (shape.length && shape.at(-1) % together) throw new Fault("{file}: {name} has rows that do not fill blocks; the file is damaged", said);
  const end = start + (numbers / together) * size;
  if (end > file.size) throw new Fault("{file}: {name} lies outside the file; it is cut off, download it again", said);
  return { file: file.name, name, shape, dtype: type, start, end };
}

/** The name of a type: of one that is not read, as measure.py says it. */
function typeOf(tables, kind) {
  const name = tables.ggml.get(String(kind));
  if (name === undefined) return `GGML type ${kind} of a fork of llama.cpp`;
  return Object.hasOwn(DTYPES, name) || tables.bits.has(name) ? name : `GGML type ${kind} (${name})`;
}

/** The settings that cutting needs, by their names in config.json. */
function configOf(tables, values) {
  const kind = values.get("general.architecture");
  if (typeof kind !== "string") return null;
  const found = { model_type: `gguf:${kind}` };
  for (const [name, key] of Object.entries(tables.gguf_settings)) {
    const value = values.get(`${kind}.${key}`);
    if (value === undefined) continue;
    found[name] = Array.isArray(value) && value.length && value.every((one) => one === value[0]) ? value[0] : value;
  }
  const [blocks, extra] = [values.get(`${kind}.block_count`), values.get(`${kind}.nextn_predict_layers`) ?? 0];
  if (Number.isInteger(blocks) && Number.isInteger(extra)) Object.assign(found, { num_hidden_layers: blocks - extra, num_nextn_predict_layers: extra });
  return found;
}

/** The lists of a tokenizer; null where there is no list of tokens. */
function tokenizerOf(values) {
  const [tokens, merges] = ["tokens", "merges"].map((name) => textsIn(values.get(`tokenizer.ggml.${name}`)));
  const kinds = values.get("tokenizer.ggml.token_type");
  if (!tokens) return null;
  const special = Array.isArray(kinds) ? tokens.filter((_, at) => kinds[at] === CONTROL_TOKEN) : [];
  return { tokens, merges, special };
}

/** A setting that is a list of texts; null where it is anything else, or empty. */
function textsIn(value) {
  return Array.isArray(value) && value.length && value.every((one) => typeof one === "string") ? value : null;
}
