// What a reader chose -> the files of one checkpoint, opened, or a fingerprint that was made before.

import { put } from "./agreement.js";
import { parseSettings } from "./config.js";
import { readGguf } from "./gguf.js";
import { indexedTensors, readSafetensors } from "./safetensors.js";
import { readTokenizer } from "./tokenizer.js";
import { Fault, phrase } from "./words.js";

const INDEX = "model.safetensors.index.json";
const LARGEST_TEXT = 64 << 20; // bytes of a file of settings, or of a tokenizer
const NUMBERED = /^(.*)-([0-9]{5})-of-([0-9]{5})(\.\w+)$/;
const UNFINISHED = /\.(?:part|partial|incomplete|crdownload|download|aria2|tmp)$/;
const ARCHIVE = /\.(?:gz|bz2|xz|zst|zip|7z|rar|tar|tgz)$/;
const OTHER_FORMATS = [[/\.(?:bin|pt|pth|ckpt)$/, "PyTorch"], [/\.onnx$/, "ONNX"], [/\.(?:h5|keras|msgpack|tflite|npz)$/, "another framework"]];

/** @typedef {{files: File[], headers: import("./safetensors.js").Header[], config: object, tokenizer: ?object, notOpened: string[]}} Opened */

/** The names of a fingerprint among chosen files: its record, and the tables that are beside it. null where there is none. */
export function fingerprintIn(files) {
  const record = files.find((file) => file.name.endsWith(".toml"));
  const tables = files.filter((file) => file.name.endsWith(".csv"));
  if (!record && !tables.length) return null;
  const stem = (record ?? tables[0]).name.replace(/(?:\.vectors)?\.(?:toml|csv)$/, "");
  const of = (ending) => files.find((file) => file.name === stem + ending) ?? null;
  const found = { record: of(".toml"), matrices: of(".csv"), vectors: of(".vectors.csv") };
  if (!found.record || !found.matrices || !found.vectors) {
    throw new Fault("a fingerprint is three files: choose {stem}.toml, {stem}.csv and {stem}.vectors.csv together", { stem });
  }
  return found;
}

/** The checkpoint in chosen files, from its headers alone. @param {File[]} chosen @returns {Promise<Opened>} */
export async function openChosen(tables, chosen) {
  const files = new Map(chosen.map((file) => [file.name, file]));
  const index = files.has(INDEX) ? indexedTensors(await textOf(files.get(INDEX)), INDEX) : null;
  const names = index ? [...new Set(index.values())].sort() : namesIn([...files.keys()].sort());
  const missing = names.find((name) => !files.has(name));
  if (missing) throw new Fault("{file}: is not among the files that were chosen, and others name it; choose the whole folder", { file: missing });
  const opened = names.map((name) => files.get(name));
  const headers = [];
  for (const file of opened) headers.push(await readHeader(tables, file));
  checkWhole(opened, headers, index);
  const config = files.has("config.json") ? parseSettings(await textOf(files.get("config.json"))) : {};
  if (!config) throw new Fault("{file}: is not JSON; download it again", { file: "config.json" });
  const tokenizer = files.has("tokenizer.json") ? readTokenizer(await textOf(files.get("tokenizer.json"))) : null;
  return {
    files: opened,
    headers,
    config: headers.find((header) => header.config)?.config ?? config,
    tokenizer: tokenizer ?? headers.find((header) => header.tokenizer)?.tokenizer ?? null,
    notOpened: [...files.keys()].filter((name) => /^consolidated.*\.(?:safetensors|pth)$/.test(name) && !names.includes(name)).sort(),
  };
}

/** The text of a small file. @param {File} file */
export async function textOf(file) {
  if (file.size > LARGEST_TEXT) throw new Fault("{file}: has {size} bytes, too many for what it should hold", { file: file.name, size: file.size });
  return (await file.text()).replace(/^\ufeff/, "");
}

function namesIn(names) {
  if (names.some((name) => /^adapter_(?:model|config)\./.test(name))) {
    throw new Fault("these are the files of an adapter, which adds to a base; merge it into its base first, or use the command `make look`, which reads both");
  }
  const strange = names.map((name) => [name, strangeName(name)]).find(([, why]) => why);
  const sound = names.filter((name) => !strangeName(name));
  for (const ending of [".safetensors", ".gguf"]) {
    const found = sound.filter((name) => name.endsWith(ending));
    const published = found.filter((name) => !name.startsWith("consolidated"));
    if (found.length && !published.length) {
      throw new Fault("{file}: is in the format of its maker's own code, which the browser does not read; choose the files that transformers reads, or use the command `make look`", { file: found[0] });
    }
    if (published.length) return wholeSet(published, ending);
  }
  if (strange) throw new Fault("{file}: {why}", { file: strange[0], why: strange[1] });
  for (const [pattern, format] of OTHER_FORMATS) {
    const found = sound.find((name) => pattern.test(name));
    if (found) throw new Fault("{file}: is a file of {format}, which the browser does not read; choose .safetensors or .gguf, or use the command `make look`", { file: found, format });
  }
  // A file whose name says nothing is looked at: a single one may be weights under any name.
  if (sound.length === 1) return sound;
  throw new Fault("no file of weights is among those that were chosen; wanted are .safetensors or .gguf, with config.json and tokenizer.json beside them");
}

function wholeSet(found, ending) {
  const there = new Set(found);
  const sets = new Map(); // of each, the first file and how many there should be
  for (const name of found) {
    const [, stem, number, count] = NUMBERED.exec(name) ?? [];
    const inSet = Number(count) > 1 && Number(number) >= 1 && Number(number) <= Number(count);
    put(sets, inSet ? `${stem}|${count}` : name, () => ({ name, stem, count, wanted: inSet ? Number(count) : 0 }));
  }
  for (const { name, stem, count, wanted } of sets.values()) {
    for (let at = 1; at <= wanted; at += 1) {
      const file = `${stem}-${String(at).padStart(5, "0")}-of-${count}${ending}`;
      if (!there.has(file)) throw new Fault("{file}: is not there, and {other} is one of {count} files of a checkpoint; choose the whole folder", { file, other: name, count: wanted });
    }
  }
  if (ending === ".gguf" && sets.size > 1) throw new Fault("there are several .gguf files; choose the one that is meant, such as {file}", { file: found[0] });
  return found;
}

function strangeName(name) {
  if (UNFINISHED.test(name)) return phrase("is a download that did not finish; let it finish, or download the file again");
  if (ARCHIVE.test(name)) return phrase("is an archive; unpack it, and choose the file of weights in it");
  return null;
}

async function readHeader(tables, file) {
  if (!file.size) throw new Fault("{file}: is empty; download it again", { file: file.name });
  const start = new Uint8Array(await file.slice(0, 512).arrayBuffer());
  const words = String.fromCharCode(...start);
  if (words.startsWith("GGUF")) return readGguf(tables, file);
  const length = start.length >= 8 ? Number(new DataView(start.buffer).getBigUint64(0, true)) : 0;
  const what = length >= file.size || start.length < 8 ? whatItIs(words) : null;
  if (what) throw new Fault("{file}: {why}", { file: file.name, why: what });
  return readSafetensors(tables, file);
}

function whatItIs(words) {
  const starts = (...all) => all.some((one) => words.startsWith(one));
  if (starts("FUGG")) return phrase("is GGUF written backwards; download it again");
  if (starts("PK\x03\x04", "\x80\x02")) return phrase("is a PyTorch file or an archive, which the browser does not read; unpack an archive, choose .safetensors or .gguf, or use the command `make look`");
  if (starts("\x1f\x8b", "BZh", "\xfd7zXZ", "(\xb5/\xfd", "7z\xbc\xaf", "Rar!")) return phrase("is compressed; unpack it, and choose the file of weights in it");
  if (words.slice(257).startsWith("ustar")) return phrase("is a tar archive; unpack it, and choose the folder of the weights in it");
  if (starts("\x89HDF")) return phrase("is HDF5, as Keras writes it, which is not read here; download the safetensors file");
  const plain = words.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (!/^[\t\r\n\x20-\x7e\x80-\xff]{8,}$/.test(plain)) return null;
  if (/^version https:\/\/(?:git-lfs|hawser)/.test(plain)) return phrase("is a pointer of git-lfs, not the weights; run `git lfs pull` there, or download the file itself");
  if (plain.includes("/annex/objects/")) return phrase("is a pointer of git-annex, not the weights; run `git annex get` there, or download the file itself");
  if (/^<(?:!doctype|html|head|\?xml|error)/i.test(plain)) return phrase("is a web page, not weights; download it again from the address that serves the file itself");
  return phrase("is text, not weights: the answer of a server, or a file of settings; choose the weights");
}

/** A Fault where files or the index beside them say of the whole that something is missing. */
function checkWhole(files, headers, index) {
  const held = new Map(headers.flatMap((header) => header.tensors.map((tensor) => [tensor.name, tensor.file])));
  const shards = headers.map((header) => header.shard).filter(Boolean);
  const alone = headers.findIndex(({ shard }) => shard && (headers.length !== shard.count || shards.length !== headers.length));
  if (alone >= 0) {
    const { number, count } = headers[alone].shard;
    throw new Fault("{file}: says that it is file {number} of {count} of one checkpoint; choose all of them together, under the names they were published with", { file: files[alone].name, number: number + 1, count });
  }
  if (shards.length && new Set(shards.map(({ number }) => number)).size < shards.length) throw new Fault("{file}: a file of the checkpoint stands there twice; download the one that is missing", { file: files[0].name });
  if (shards.length && shards[0].tensors !== null && shards[0].tensors !== held.size) {
    throw new Fault("{file}: says that the files hold {said} tensors together; they hold {held}", { file: files[0].name, said: shards[0].tensors, held: held.size });
  }
  if (!index) return;
  const missing = [...index].filter(([name, file]) => held.get(name) !== file);
  if (missing.length) throw new Fault("the index says that {name} is in {file}, where it is not; {count} of {all} names disagree: download the index and the files again", { name: missing[0][0], file: missing[0][1], count: missing.length, all: index.size });
  const more = [...held.keys()].filter((name) => !index.has(name)).sort();
  if (more.length) throw new Fault("{file}: holds {name}, which the index does not name, and {count} more; download the index and the files again", { file: held.get(more[0]), name: more[0], count: more.length - 1 });
}
