// Tensor names -> what each is for, as scripts/lineage/checkpoints/names.py does it, by the same tables.

import { kvHeadsOf, ofStack } from "./config.js";
import { Fault } from "./words.js";

/** @typedef {{stack: string, layer: ?number, role: string, expert: string}} Place */
/** Some of a stored matrix, which is (out, in) unless transposed; see Part in names.py.
 * @typedef {{place: Place, rows: [number, number][], columns: [number, number, number][], every: number, transposed: boolean,
 *   pairs: number}} Part */

const STACKED = "all"; // of a matrix of all experts, before it is cut
export const MOST_EXPERTS = 4096; // of a layer: more is damage
const CUT_IN_TWO = ["gate+up", "up+gate", "k+v", "gate+up by turns"];

/** The family of a checkpoint: as its configuration says, else the only one whose table fits its names. */
export function findFamily(tables, names, config) {
  const stated = statedFamily(tables, names, config);
  if (stated) return stated;
  if (config.model_type.startsWith("gguf:")) return tables.families.find((family) => family.id === "gguf");
  const fitting = tables.families.filter((family) => fits(tables, names, family));
  if (!fitting.length) {
    const shown = names.slice(0, 10).join(", ");
    if (config.model_type) throw new Fault("no table of names is for the type {type}, and none knows these names: {names}", { type: config.model_type, names: shown });
    throw new Fault("no table of names knows these names: {names}", { names: shown });
  }
  const readings = new Set(fitting.map((family) => JSON.stringify(names.map((name) => placeOf(tables, name, family)))));
  if (readings.size > 1) {
    throw new Fault("several tables of names fit, and no configuration says which ({families}): put its config.json beside it", { families: fitting.map((family) => family.id).join(", ") });
  }
  const order = (one, other) => one.roles.size - other.roles.size || Number(one.like !== null) - Number(other.like !== null) || (one.id < other.id ? -1 : 1);
  return [...fitting].sort(order)[0];
}

/** The family that a configuration names; null where it names none. Of several, the first that has what it needs. */
export function statedFamily(tables, names, config) {
  for (const type of [config.model_type, config.text_type]) {
    const stated = tables.families.filter((family) => family.model_types.includes(type));
    const held = stated.length > 1 ? stems(tables, names, stated[0]) : new Set();
    if (stated.length) return stated.find((family) => family.needs.every((need) => held.has(need))) ?? stated.at(-1);
  }
  return null;
}

/** Whether a configuration, or every family whose table fits, says if gains are stored less one. */
export function gainsAreKnown(tables, names, config) {
  if (statedFamily(tables, names, config) || config.model_type.startsWith("gguf:")) return true;
  return new Set(tables.families.filter((family) => fits(tables, names, family)).map((family) => family.gains_less_one)).size < 2;
}

/** What a tensor holds: one part, several where it is fused, none where the table does not know it. @returns {Part[]} */
export function findParts(tables, name, shape, family, whole) {
  const place = placeOf(tables, name, family);
  if (!place || shape.length < 1 || shape.length > 3) return [];
  const config = ofStack(whole, place.stack);
  if (config.layers && place.layer !== null && place.layer >= config.layers) return [];
  if ((shape.length === 3) !== (place.expert === STACKED)) return [];
  if (shape.length === 3) return expertParts(place, shape, family, config, name);
  const turned = shape.length === 2 && family.transposed && place.layer !== null;
  const bias = place.role.endsWith("_bias") ? "_bias" : "";
  const role = bias ? place.role.slice(0, -bias.length) : place.role;
  if (!isFused(role)) {
    const pairs = family.rotated_pairs && (role === "q" || role === "k") ? rowsOfAHead(role, shape, config, place, name) : 0;
    if (pairs && turned) throw new Fault("{name}: is stored as (in, out) and in the order of pairs, which is not read here", { name });
    return [partOf(place, { transposed: turned, pairs })];
  }
  const size = turned ? shape[1] : shape[0];
  return cuts(role, size, config, name).map(([piece, spans]) =>
    partOf({ ...place, role: piece + bias }, { ...stored(spans, turned), transposed: turned }));
}

/** The stack and number of the layer that a tensor stands in; null outside, and after the number that is configured. */
export function layerOf(tables, name, family, config = null) {
  const bare = bareName(tables, name);
  for (const [stack, pattern] of family.stacks) {
    const match = pattern.exec(bare);
    if (!match) continue;
    const layer = Number(match.groups.layer);
    if (layer < ((config && ofStack(config, stack).layers) || layer + 1)) return { stack, layer };
  }
  return null;
}

/** What each layer has in the place of attention, such as "Mamba", by "stack layer". @returns {Map<string, string>} */
export function layerKinds(tables, names, family) {
  const found = new Map();
  for (const name of names) {
    const kind = layerKind(inLayer(tables, name, family), family);
    const place = kind && layerOf(tables, name, family);
    if (place) found.set(`${place.stack} ${place.layer}`, kind);
  }
  return found;
}

/** The rows and columns of a part as (out, in). */
export function shapeOfPart(part, shape) {
  const [height, width] = storedShape(part, shape);
  return part.transposed ? [width, height] : [height, width];
}

/** The rows and columns of a part as they are stored; [rows] of a vector. */
export function storedShape(part, shape) {
  const all = shape.length > 1 ? shape.slice(0, -1).reduce((product, size) => product * size, 1) : shape[0];
  const rows = part.rows.length ? part.rows.reduce((sum, [start, end]) => sum + Math.ceil((end - start) / part.every), 0) : all;
  if (shape.length < 2) return [rows, 1];
  return [rows, part.columns.reduce((sum, [start, end, step]) => sum + Math.ceil((end - start) / step), 0) || shape.at(-1)];
}

export function bareName(tables, name) {
  return name.replace(tables.prefix, "");
}

function partOf(place, more) {
  return { place, rows: [], columns: [], every: 1, transposed: false, pairs: 0, ...more };
}

function placeOf(tables, name, family) {
  const bare = bareName(tables, name);
  for (const [stack, pattern] of family.stacks) {
    const match = pattern.exec(bare);
    if (!match) continue;
    const held = roleInLayer(tables, bare.slice(match[0].length), family);
    return held && { stack, layer: Number(match.groups.layer), ...held };
  }
  const [stem, suffix] = stemOf(tables, bare);
  const role = family.outside.get(stem);
  return role && suffix !== undefined ? { stack: family.stacks[0][0], layer: null, role: role + suffix, expert: "" } : null;
}

function roleInLayer(tables, rest, family) {
  if (family.whole_names.has(rest)) return { role: family.whole_names.get(rest), expert: "" };
  if (family.joined_experts.has(rest)) return { role: family.joined_experts.get(rest), expert: STACKED };
  const [stem, suffix] = stemOf(tables, rest);
  const expert = tables.expert.exec(stem);
  const role = family.roles.get(stem.replace(tables.experts, "{e}"));
  if (role === undefined || suffix === undefined) return null;
  const shared = role !== "shared_gate" && tables.shared.test(stem);
  return { role: role + suffix, expert: expert ? expert[0] : shared ? "shared" : "" };
}

function stemOf(tables, name) {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? ["", tables.endings.get(name)] : [name.slice(0, dot), tables.endings.get(name.slice(dot))];
}

function inLayer(tables, name, family) {
  const bare = bareName(tables, name);
  for (const [, pattern] of family.stacks) {
    const match = pattern.exec(bare);
    if (match) return bare.slice(match[0].length);
  }
  return "";
}

function layerKind(rest, family) {
  for (const [first, kind] of family.without_attention) if (`${rest}.`.startsWith(`${first}.`)) return kind;
  return "";
}

function fits(tables, names, family) {
  let inside = false;
  for (const name of names) { // most families are told by the first name that they do not know
    const rest = inLayer(tables, name, family);
    if (!rest || tables.no_weights.test(rest)) continue;
    if (!roleInLayer(tables, rest, family) && !layerKind(rest, family)) return false;
    inside = true;
  }
  if (!inside || !family.needs.length) return inside;
  const held = stems(tables, names, family);
  return family.needs.every((need) => held.has(need));
}

/** Names outside the layers, and in a layer, without the last word. */
function stems(tables, names, family) {
  const all = [...names.map((name) => bareName(tables, name)), ...names.map((name) => inLayer(tables, name, family))];
  return new Set(all.map((name) => name.slice(0, Math.max(0, name.lastIndexOf(".")))));
}

function rowsOfAHead(role, shape, config, place, name) {
  const heads = role === "q" ? config.heads : kvHeadsOf(config, place.layer ?? 0);
  const wide = heads ? Math.floor(shape[0] / heads) : config.head_dim ?? 0;
  const odd = heads ? shape[0] % heads : 0;
  if (odd || !wide || wide % 2 || shape[0] % wide) throw new Fault("{name}: is stored in the order of pairs, and nothing says how its rows make heads", { name });
  return wide;
}

function isFused(role) {
  return role.includes("+") || role.includes(" by ");
}

function expertParts(place, shape, family, config, name) {
  // A name does not say whether each expert is (out, in): under the same one GPT-OSS keeps (in, out).
  if (family.model_types.length && ![config.model_type, config.text_type].some((type) => family.model_types.includes(type))) return [];
  const turned = family.experts_transposed;
  const [experts, height, width] = shape;
  if (experts > MOST_EXPERTS) throw new Fault("{name}: has {count} experts in one tensor, which is none of a model", { name, count: experts });
  const size = turned ? width : height;
  const pieces = isFused(place.role) ? cuts(place.role, size, config, name) : [[place.role, [[0, size, 1]]]];
  const parts = [];
  for (let expert = 0; expert < experts; expert += 1) {
    for (const [role, spans] of pieces) {
      const held = stored(spans, turned);
      const rows = (held.rows.length ? held.rows : [[0, height]]).map(([first, end]) => [expert * height + first, expert * height + end]);
      parts.push(partOf({ ...place, role, expert: String(expert) }, { ...held, rows, transposed: turned }));
    }
  }
  return parts;
}

function stored(spans, turned) {
  if (turned) return { rows: [], columns: spans, every: 1 };
  return { rows: spans.map(([start, end]) => [start, end]), columns: [], every: spans[0][2] };
}

/** The output dimensions of each piece of a fused matrix that has so many: [role, [first, end, step][]]. */
function cuts(role, size, config, name) {
  if (CUT_IN_TWO.includes(role)) {
    const pieces = role.replace(/ by turns$/, "").split("+");
    if (size % 2) throw new Fault("{name}: has {size} rows, which two matrices cannot share evenly", { name, size });
    if (role.endsWith("by turns")) return pieces.map((piece, at) => [piece, [[at, size, 2]]]);
    return pieces.map((piece, at) => [piece, [[(at * size) / 2, ((at + 1) * size) / 2, 1]]]);
  }
  const { heads, kv_heads: groups, head_dim: wide } = config;
  if (!(heads && groups && wide)) throw new Fault("{name}: is fused; put config.json beside the file, which says how many heads there are", { name });
  const group = Math.floor(heads / groups);
  if (heads % groups || size !== (role === "q+gate by head" ? 2 * heads : heads + 2 * groups) * wide) {
    throw new Fault("{name}: has {size} rows, which do not fit the number of heads in config.json", { name, size });
  }
  if (role === "q+k+v") return oneAfterAnother([["q", heads * wide], ["k", groups * wide], ["v", groups * wide]]);
  if (role === "q+gate by head") return byTurns(heads, [["q", wide], ["q_gate", wide]]);
  if (role === "q+kv by group") return [["q", [[0, heads * wide, 1]]], ...byTurns(groups, [["k", wide], ["v", wide]], heads * wide)];
  return byTurns(groups, [["q", group * wide], ["k", wide], ["v", wide]]); // "qkv by group", or by head
}

function oneAfterAnother(sizes) {
  let start = 0;
  return sizes.map(([piece, size]) => [piece, [[start, (start += size), 1]]]);
}

function byTurns(groups, sizes, first = 0) {
  const step = sizes.reduce((sum, [, size]) => sum + size, 0);
  return oneAfterAnother(sizes).map(([piece, [[start, end]]]) =>
    [piece, Array.from({ length: groups }, (_, at) => [first + at * step + start, first + at * step + end, 1])]);
}
