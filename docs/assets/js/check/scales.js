// Which tensors may be scales of which weights, as scripts/lineage/checkpoints/scales.py finds it. None is applied here.

import { put } from "./agreement.js";

/** By the name of a weight, the names of what lies beside it and may change what its numbers mean. @returns {Map<string, string[]>} */
export function beside(tables, tensors) {
  const { scales } = tables;
  const weights = new Map(tensors.filter((one) => one.shape.length > 1).map((one) => [withoutWeight(one.name), one]));
  const narrow = new Map([...weights].filter(([, one]) => scales.eight_bits.includes(one.dtype)));
  const found = new Map();
  for (const tensor of tensors) {
    const last = tensor.name.slice(tensor.name.lastIndexOf(".") + 1);
    const ways = scales.scale_like.test(last) ? splits(tensor.name) : [];
    const way = ways.find(([module]) => weights.has(module));
    const owner = way ? [weights.get(way[0]), way[1]] : ownerOf(tables, tensor.name, narrow);
    if (!owner || owner[0].name === tensor.name || scales.of_activations.test(owner[1])) continue;
    const [weight, ending] = owner;
    const mayBeScaled = scales.eight_bits.includes(weight.dtype) || weight.name.startsWith(scales.gguf_layer);
    if (!mayBeScaled && scales.common.includes(ending)) continue;
    put(found, weight.name, () => []).push(tensor.name);
  }
  return found;
}

export function isScaleLike(tables, name) {
  return tables.scales.scale_like.test(name);
}

function ownerOf(tables, name, narrow) {
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    const [stem, ending] = [name.slice(0, dot), name.slice(dot + 1)];
    if (narrow.has(stem) && !tables.scales.of_the_module.includes(ending)) return [narrow.get(stem), ending];
    const own = withoutWeight(ending);
    if (narrow.has(own) && narrow.get(own).name !== name) return [narrow.get(own), stem];
  }
  return null;
}

function splits(name) {
  const dot = name.lastIndexOf(".");
  const [stem, last] = [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
  const ways = stem.endsWith(".weight") ? [[withoutWeight(stem), `weight.${last}`]] : [];
  ways.push([stem, last]);
  for (let at = name.indexOf("_"); at >= 0; at = name.indexOf("_", at + 1)) {
    if (at > stem.length + 1) ways.push([name.slice(0, at), name.slice(at + 1)]);
  }
  return ways;
}

function withoutWeight(name) {
  return name.replace(/\.weight$/, "");
}
