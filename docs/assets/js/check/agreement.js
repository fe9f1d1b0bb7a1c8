// Whether what was read of a checkpoint is the whole that it says it is, as scripts/lineage/checkpoints/agreement.py asks.

import { kvHeadsOf, ofStack } from "./config.js";
import { layerOf, MOST_EXPERTS, shapeOfPart } from "./names.js";
import { phrase } from "./words.js";

const SHOWN = 3; // problems in one message
const MOST_LAYERS = 1024; // a number beyond is damage, and no list is made of what lies between

/** @typedef {import("./names.js").Part} Part @typedef {{name: string, shape: number[], parts: Part[]}} Placed */

/** What of a checkpoint disagrees with itself or with its configuration, the first few things; null where nothing. */
export function disagreements(tables, tensors, family, config) {
  const beyond = beyondAnyModel(tables, tensors, family, config);
  if (beyond) return beyond;
  const found = [...layerProblems(tables, tensors, family, config), ...roleProblems(tables, tensors, family, config), ...shapeProblems(tables, tensors, config)];
  if (!found.length) return null;
  const shown = found.slice(0, SHOWN).reduce((before, one) => phrase("{before}; {one}", { before, one }));
  return found.length > SHOWN ? phrase("{before}; and {count} more", { before: shown, count: found.length - SHOWN }) : shown;
}

/** Numbers in order, runs as "3 to 7", the first few. */
export function listedNumbers(numbers) {
  const runs = [];
  for (const number of numbers) {
    if (runs.length && number === runs.at(-1)[1] + 1) runs.at(-1)[1] = number;
    else runs.push([number, number]);
  }
  const words = runs.map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`));
  return words.slice(0, 5).join(", ") + (words.length > 5 ? " and more" : "");
}

/** The first layer or expert that no model has; null where there is none. */
function beyondAnyModel(tables, tensors, family, config) {
  if (config.experts > MOST_EXPERTS) return phrase("the configuration says {count} experts, and no model has more than {most}", { count: config.experts, most: MOST_EXPERTS });
  for (const { name, parts } of tensors) {
    if (layerOf(tables, name, family)?.layer >= MOST_LAYERS) return phrase("{name} is of a layer beyond {most}, which no model has; the names are damaged", { name, most: MOST_LAYERS });
    if (parts.some(({ place }) => Number(place.expert) >= MOST_EXPERTS)) return phrase("{name} is of an expert beyond {most}, which no model has; the names are damaged", { name, most: MOST_EXPERTS });
  }
  return null;
}

function* layerProblems(tables, tensors, family, config) {
  const stored = new Map();
  for (const tensor of tensors) {
    const place = layerOf(tables, tensor.name, family);
    if (place) put(stored, place.stack, () => new Set()).add(place.layer);
  }
  for (const [stack, layers] of stored) {
    const of = family.stacks.length > 1 ? `${stack.replace("_", " ")} ` : "";
    const count = Math.max(...layers) + 1;
    const missing = range(count).filter((layer) => !layers.has(layer));
    if (missing.length) yield phrase("{of}layers {numbers} are missing; add every file of the checkpoint", { of, numbers: listedNumbers(missing) });
    const said = ofStack(config, stack).layers;
    if (said === null || family.one_shared_layer) continue;
    if (count < said) yield phrase("the configuration says {said} {of}layers, the files hold {count}; add every file of the checkpoint, or its own config.json", { said, of, count });
    else if (count > said + config.further) yield phrase("the configuration says {said} {of}layers, the files hold {count}; add the checkpoint's own config.json", { said, of, count });
  }
}

function* roleProblems(tables, tensors, family, config) {
  const roles = new Map(); // by stack and layer, then by expert
  for (const { place } of tensors.flatMap((tensor) => tensor.parts)) {
    if (place.layer === null) continue;
    const layer = put(roles, `${place.stack} ${place.layer}`, () => ({ stack: place.stack, layer: place.layer, experts: new Map() }));
    put(layer.experts, place.expert, () => new Set()).add(place.role);
  }
  const layers = [...roles.values()].sort((one, other) => (one.stack < other.stack ? -1 : one.stack > other.stack ? 1 : one.layer - other.layer));
  const plain = (wanted, expert) => layers.map((layer) => ({ ...layer, own: wanted.filter((role) => layer.experts.get(expert)?.has(role)) }));
  yield* lacking(plain(tables.attention, "").filter(({ own }) => own.length), family);
  yield* lacking(plain(tables.mlp, "").filter(({ own }) => own.length), family);
  yield* lacking(plain(tables.mlp, "shared").filter(({ experts }) => experts.has("shared")), family);
  for (const { layer, experts } of layers) {
    const numbered = new Map([...experts].filter(([name]) => /^\d+$/.test(name)).map(([name, own]) => [Number(name), tables.mlp.filter((role) => own.has(role))]));
    if (!numbered.size) continue;
    const wanted = config.experts ?? Math.max(...numbered.keys()) + 1;
    const missing = range(wanted).filter((number) => !numbered.has(number));
    if (missing.length) yield phrase("layer {layer} has no experts {numbers} of {wanted}", { layer, numbers: listedNumbers(missing), wanted });
    const every = [...new Set([...numbered.values()].flat())];
    for (const [number, own] of numbered) {
      const short = every.filter((role) => !own.includes(role));
      if (short.length) yield phrase("layer {layer} has no {roles} of expert {number}", { layer, roles: short.join(", "), number });
    }
  }
}

function* lacking(layers, family) {
  const every = new Map();
  for (const { stack, own } of layers) for (const role of own) put(every, stack, () => new Set()).add(role);
  for (const { stack, layer, own } of layers) {
    const short = [...(every.get(stack) ?? [])].filter((role) => !own.includes(role) && !family.may_lack.includes(role)).sort();
    if (short.length) yield phrase("layer {layer} has no {roles} and other layers have; a file may be missing", { layer, roles: short.join(", ") });
  }
}

function* shapeProblems(tables, tensors, whole) {
  const { reads, writes } = tables.stream;
  const shapes = new Map();
  for (const tensor of tensors) {
    for (const part of tensor.parts) {
      const { stack, layer, role } = part.place;
      if (layer === null || tensor.shape.length < 2 || !(reads.includes(role) || writes.includes(role))) continue;
      const { own } = put(shapes, `${stack} ${layer}`, () => ({ stack, layer, own: new Map() }));
      put(own, role, () => shapeOfPart(part, tensor.shape));
    }
  }
  const told = new Set();
  for (const { stack, layer, own } of [...shapes.values()].sort((one, other) => one.layer - other.layer)) {
    const config = ofStack(whole, stack);
    const width = config.hidden ?? [...own].find(([role]) => reads.includes(role))?.[1][1] ?? null;
    for (const [role, [rows, columns]] of own) {
      const stream = reads.includes(role) ? columns : rows;
      if (!width || stream === width || told.has(role)) continue;
      told.add(role);
      yield phrase("{role} of layer {layer} is {rows}x{columns} as (out, in), where the residual stream is {width} wide; this table of names does not fit it", { role, layer, rows, columns, width });
    }
    if (own.has("up") && !own.has("gate") && config.units && own.get("up")[0] === 2 * config.units) {
      yield phrase("up of layer {layer} has {rows} rows, twice the {units} units of the configuration: gate and up may be in one, which this table of names does not say", { layer, rows: own.get("up")[0], units: config.units });
      return;
    }
    const here = { ...config, kv_heads: kvHeadsOf(config, layer) };
    const misfit = told.has("heads") ? null : misfitOfHeads(own, here);
    if (misfit && !fitsOthers(own, here)) {
      told.add("heads");
      yield phrase("layer {layer}: {misfit}", { layer, misfit });
    }
  }
}

function fitsOthers(own, config) {
  return config.other_heads.some(([wide, groups]) =>
    !misfitOfHeads(own, { ...config, stated_head_dim: wide ?? config.stated_head_dim, kv_heads: groups ?? config.kv_heads }));
}

function misfitOfHeads(own, config) {
  if (!["q", "k", "v", "o"].every((role) => own.has(role))) return null;
  const [q, k, v] = ["q", "k", "v"].map((role) => own.get(role)[0]);
  const o = own.get("o")[1];
  if (!config.heads || !config.kv_heads) {
    return k === v && q !== o ? phrase("q has {q} rows and o {o} columns, and no configuration says of how many heads", { q, o }) : null;
  }
  const wide = Math.floor(q / config.heads);
  if (q % config.heads || (config.stated_head_dim && wide !== config.stated_head_dim)) {
    if (config.stated_head_dim) return phrase("q has {q} rows, which do not fit {heads} heads of {wide}", { q, heads: config.heads, wide: config.stated_head_dim });
    return phrase("q has {q} rows, which do not fit {heads} heads", { q, heads: config.heads });
  }
  const values = Math.floor(v / config.kv_heads);
  if (v % config.kv_heads || k !== config.kv_heads * wide || o !== config.heads * values) {
    return phrase("k has {k} rows, v {v} and o {o} columns, which do not fit {heads} heads of {wide} rows with {groups} of keys and values", { k, v, o, heads: config.heads, wide, groups: config.kv_heads });
  }
  return null;
}

function range(count) {
  return Array.from({ length: count }, (_, at) => at);
}

/** What a map holds under a key, made where there is nothing yet. */
export function put(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}
