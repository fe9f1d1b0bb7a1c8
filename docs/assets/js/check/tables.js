// The tables by which names, types and settings are understood: assets/check/reading.json, made of Python's own.

const MAPS = ["roles", "outside", "whole_names", "joined_experts", "without_attention"];

/** What the JSON holds, families with maps in place of objects, patterns compiled. */
export function tablesOf(json) {
  return {
    ...json,
    families: json.families.map(familyOf),
    prefix: new RegExp(json.prefix),
    no_weights: new RegExp(json.no_weights),
    expert: new RegExp(json.expert),
    experts: new RegExp(json.expert, "g"),
    shared: new RegExp(json.shared),
    endings: mapOf(json.endings),
    bits: mapOf(json.bits),
    ggml: mapOf(json.ggml),
    packed: {
      by: mapOf(json.packed.by),
      read_by: mapOf(json.packed.read_by),
      names: json.packed.names.map(([pattern, packer]) => [new RegExp(pattern), packer]),
      together: Object.entries(json.packed.together),
    },
    scales: {
      ...json.scales,
      of_activations: new RegExp(json.scales.of_activations),
      scale_like: new RegExp(json.scales.scale_like),
    },
  };
}

function familyOf(family) {
  const maps = Object.fromEntries(MAPS.map((name) => [name, mapOf(family[name])]));
  const stacks = Object.entries(family.layers).map(([stack, name]) => [stack, new RegExp(`^${escaped(name).replace("\\{layer\\}", "(?<layer>[0-9]{1,6})")}`)]);
  return { ...family, ...maps, stacks };
}

function mapOf(object) {
  return new Map(Object.entries(object));
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
