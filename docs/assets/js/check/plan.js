// What of a checkpoint is read, and what is not, as scripts/lineage/measuring/plan.py decides it.

import { disagreements, listedNumbers, put } from "./agreement.js";
import { DTYPES } from "./dtypes.js";
import { findFamily, findParts, gainsAreKnown, layerKinds, layerOf } from "./names.js";
import { beside, isScaleLike } from "./scales.js";
import { Fault, grouped, phrase, text } from "./words.js";

const MOST_NUMBERS = 2 ** 32 - 1; // of one tensor, so that they can be counted

/** @typedef {import("./safetensors.js").Tensor} Tensor @typedef {import("./names.js").Part} Part */
/** @typedef {{tensor: Tensor, parts: Part[], plusOne: boolean}} Wanted */
/** @typedef {{family: string, wanted: Wanted[], leftOut: string[], coverage: {role: string, read: number, there: number}[],
 *   unplaced: number, partial: string, unread: {role: string, name: string, reason: import("./words.js").Words}[], stored: object[]}} Plan */

/** What to read of a checkpoint. A Fault where it is not whole, where it is packed, or where nothing tells its names. @returns {Plan} */
export function planMeasurement(tables, tensors, config) {
  const names = tensors.map((tensor) => tensor.name);
  const repeated = firstRepeated(names);
  if (repeated) throw new Fault("{name}: stands in two files of the checkpoint; keep one", { name: repeated });
  const packing = findPacking(tables, names, config.quantisation);
  if (packing) throw new Fault("its weights are packed by {packer}: whole numbers that stand for groups of weights, which the browser does not read. Choose the weights in 16 bits, or use the command `make look`, which reads the usual recipes", { packer: packing });
  const family = findFamily(tables, names, config);
  const kinds = layerKinds(tables, names, family);
  const held = tensors.map((tensor) => ({ tensor, name: tensor.name, shape: tensor.shape, parts: findParts(tables, tensor.name, tensor.shape, family, config) }));
  if (!held.some((one) => one.parts.some((part) => part.place.layer !== null))) {
    throw new Fault("no table of names knows these names: {names}", { names: names.slice(0, 10).join(", ") });
  }
  const problems = disagreements(tables, held, family, config);
  if (problems) throw new Fault("read as {family}: {problems}", { family: family.name, problems });
  const known = gainsAreKnown(tables, names, config);
  const scaled = beside(tables, tensors);
  const unread = new Map();
  const wanted = held.filter((one) => one.parts.length);
  for (const one of wanted) {
    const reason = whyNotRead(tables, one, scaled.get(one.name) ?? [], known);
    if (reason) unread.set(one.name, reason);
  }
  const read = wanted.filter((one) => !unread.has(one.name));
  if (unread.size && (!read.length || isEssential(tables, unread, wanted))) {
    const [[name, reason]] = unread;
    throw new Fault("{name} {reason}", { name, reason });
  }
  const layers = new Map(held.flatMap((one) => { const place = layerOf(tables, one.name, family, config); return place ? [[one.name, place]] : []; }));
  const matrices = held.filter((one) => layers.has(one.name) && one.shape.length > 1);
  const namesRead = new Set(read.map((one) => one.name));
  const leftOut = held.filter((one) => !one.parts.length).map((one) => one.name);
  return {
    family: family.name,
    wanted: read.map((one) => ({ tensor: one.tensor, parts: one.parts, plusOne: known && family.gains_less_one && isGain(tables, one) })),
    leftOut: [...withoutAttention(kinds, layers), ...groupedNames(leftOut), ...unreadLines(unread)],
    coverage: coverageOf(tables, matrices, namesRead),
    unplaced: matrices.filter((one) => !one.parts.length).length,
    partial: whyPartial(tables, matrices, namesRead, layers, kinds),
    unread: unreadRoles(unread, held),
    stored: storedNumbers(tables, read),
  };
}

/** Names in order, those that differ in numbers alone as one: "layers.*.x (32 times)". */
export function groupedNames(names) {
  const counts = new Map();
  for (const name of names) {
    const pattern = name.replace(/(?<![^.])\d+(?![^.])/g, "*");
    counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, count]) => (count > 1 ? `${name} (${count} times)` : name));
}

/** By what a checkpoint is packed, "" where it is not. */
export function findPacking(tables, names, method) {
  const { by, read_by, names: patterns, together } = tables.packed;
  if (by.has(method.toLowerCase())) return by.get(method.toLowerCase());
  for (const [pattern, packer] of patterns) if (names.some((name) => pattern.test(name))) return read_by.get(method.toLowerCase()) ?? packer;
  const modules = new Map();
  const put = (stem, ending) => modules.set(stem, (modules.get(stem) ?? new Set()).add(ending));
  for (const name of names) {
    const dot = name.lastIndexOf(".");
    put(name.slice(0, Math.max(0, dot)), name.slice(dot + 1));
    for (const ending of ["_blocks", "_scales"]) if (name.endsWith(ending)) put(name.slice(0, -ending.length), ending);
  }
  for (const [packer, endings] of together) for (const own of modules.values()) if (endings.every((ending) => own.has(ending))) return packer;
  return "";
}

function firstRepeated(names) {
  const seen = new Set();
  return names.find((name) => seen.has(name) || !seen.add(name));
}

function whyNotRead(tables, { tensor, parts, shape }, siblings, gainsKnown) {
  if (siblings.length) {
    const [names, many] = [siblings.slice(0, 3).join(", "), siblings.some((name) => isScaleLike(tables, name))];
    return many
      ? phrase("has a scale beside it, which the browser does not read ({names}); the command `make look` reads the usual ones", { names })
      : phrase("has something beside it that is not understood here: {names}", { names });
  }
  if (!gainsKnown && isGain(tables, { parts, shape })) return phrase("is a gain, and no configuration says whether it is stored less one");
  if (numbersOf(tensor) > MOST_NUMBERS) return phrase("has {count} numbers, more than the browser can count; use the command `make look`", { count: grouped(numbersOf(tensor)) });
  if (Object.hasOwn(DTYPES, tensor.dtype)) return null;
  if (/^[IU][0-9]+$|^BOOL$/.test(tensor.dtype)) return phrase("has the type {type}: whole numbers without a scale", { type: tensor.dtype });
  if (!tables.floats.includes(tensor.dtype)) return phrase("has the type {type}, which is not read here", { type: tensor.dtype });
  return phrase("has the type {type}, which the browser does not read; choose the weights in 16 bits, or use the command `make look`", { type: tensor.dtype });
}

function isGain(tables, { shape, parts }) {
  return shape.length === 1 && parts.some((part) => tables.gains.includes(part.place.role));
}

function isEssential(tables, unread, wanted) {
  const missing = wanted.filter((one) => unread.has(one.name));
  const attention = missing.some((one) => one.parts.some((part) => tables.attention.includes(part.place.role)));
  return attention || 2 * total(missing) >= total(wanted);
}

function coverageOf(tables, held, read) {
  const counts = new Map();
  for (const one of held) {
    for (const { place: { role } } of one.parts) {
      const own = counts.get(role) ?? { role, read: 0, there: 0 };
      counts.set(role, { role, read: own.read + Number(read.has(one.name)), there: own.there + 1 });
    }
  }
  const first = [...tables.attention, ...tables.mlp, "router"];
  const order = (role) => (first.includes(role) ? first.indexOf(role) : first.length);
  return [...counts.values()].sort((one, other) => order(one.role) - order(other.role) || (one.role < other.role ? -1 : 1));
}

function whyPartial(tables, held, read, layers, kinds) {
  const attention = held.filter((one) => one.parts.some((part) => tables.attention.includes(part.place.role)));
  const key = ({ stack, layer }) => `${stack} ${layer}`;
  const withIt = new Set(attention.filter((one) => read.has(one.name)).map((one) => key(layers.get(one.name))));
  for (const one of attention) if (!read.has(one.name)) withIt.delete(key(layers.get(one.name)));
  const lacking = [...layers.values()].filter((place) => !withIt.has(key(place)) && !kinds.has(key(place)));
  if (lacking.length) return `the attention of layers ${listedNumbers([...new Set(lacking.map((place) => place.layer))].sort((a, b) => a - b))} was not read`;
  const [every, seen] = [total(held), total(held.filter((one) => read.has(one.name)))];
  return 2 * seen < every ? `${commas(seen)} of ${commas(every)} numbers of the layers' matrices were read` : "";
}

function* withoutAttention(kinds, layers) {
  const count = new Set([...layers.values()].map(({ stack, layer }) => `${stack} ${layer}`)).size;
  const times = new Map();
  for (const kind of kinds.values()) times.set(kind, (times.get(kind) ?? 0) + 1);
  for (const [kind, number] of times) yield `${kind} in ${number} of ${count} layers`;
}

function* unreadLines(unread) {
  const reasons = new Map();
  for (const [name, said] of unread) put(reasons, text(said), () => []).push(name);
  for (const [reason, names] of reasons) {
    for (const name of names.length > 1 ? groupedNames(names) : names) yield `${name}: ${reason}`;
  }
}

/** By role: the first tensor of it that cannot be read, and why. */
function unreadRoles(unread, held) {
  const found = new Map();
  for (const { name, parts } of held) {
    for (const { place: { role } } of unread.has(name) ? parts : []) if (!found.has(role)) found.set(role, { role, name, reason: unread.get(name) });
  }
  return [...found.values()];
}

/** How the layers of what is read are stored: how many numbers are of which type, most of them first. */
function storedNumbers(tables, read) {
  const kinds = new Map();
  for (const one of read) {
    if (!one.parts.some((part) => part.place.layer !== null)) continue;
    const own = kinds.get(one.tensor.dtype) ?? { type: one.tensor.dtype, numbers: 0, bytes: 0 };
    kinds.set(one.tensor.dtype, { ...own, numbers: own.numbers + numbersOf(one), bytes: own.bytes + one.tensor.end - one.tensor.start });
  }
  return [...kinds.values()].sort((one, other) => other.numbers - one.numbers)
    .map(({ type, numbers, bytes }) => ({ type, bits: Math.max(1, Math.floor((8 * bytes) / numbers)), numbers }));
}

function total(tensors) {
  return tensors.reduce((sum, one) => sum + numbersOf(one), 0);
}

function numbersOf({ shape }) {
  return shape.reduce((product, size) => product * size, 1);
}

function commas(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}
