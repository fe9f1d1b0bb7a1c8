// What config.json says: what cutting a fused matrix needs to know, and the facts that are compared.

/** @typedef {{model_type: string, text_type: string, heads: ?number, kv_heads: ?number, head_dim: ?number, layers: ?number,
 *   further: number, hidden: ?number, units: ?number, experts: ?number, stated_head_dim: ?number, quantisation: string,
 *   kv_heads_by_layer: number[], other_heads: [?number, ?number][], stacks: Map<string, Config>}} Config */

/** What cutting needs to know; of a language model's part where there is one. @returns {Config} */
export function readConfig(content) {
  const inner = innerOf(content);
  const number = (...names) => firstOf(names.map((name) => positive(own(inner, name))));
  const heads = number("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads");
  const hidden = number("hidden_size", "n_embd", "d_model", "dim");
  const oneGroup = own(inner, "multi_query") === true && !own(inner, "new_decoder_architecture");
  const byLayer = own(inner, "num_key_value_heads");
  const listed = Array.isArray(byLayer) && byLayer.every((one) => Number.isInteger(one) && one >= 0);
  const stated = number("head_dim", "d_kv");
  const packing = objectOf(own(content, "quantization_config")) ?? {};
  const whole = {
    model_type: String(own(content, "model_type") ?? ""),
    text_type: String(own(objectOf(own(content, "text_config")) ?? {}, "model_type") ?? ""),
    heads,
    kv_heads: oneGroup ? 1 : number("num_key_value_heads", "n_kv_heads", "num_kv_heads") ?? (listed ? null : heads),
    kv_heads_by_layer: listed ? byLayer : [],
    head_dim: stated ?? (hidden && heads ? Math.floor(hidden / heads) : null),
    stated_head_dim: stated,
    other_heads: otherHeads(inner),
    layers: number("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    further: number("num_nextn_predict_layers") ?? 0,
    hidden,
    units: number("intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim"),
    experts: number("num_experts", "n_routed_experts", "num_local_experts"),
    quantisation: String(own(packing, "quant_method") || ""),
    stacks: new Map(),
  };
  return { ...whole, stacks: new Map(stacksOf(content, whole)) };
}

/** What is said of one stack of several; of the whole where nothing is. */
export function ofStack(config, stack) {
  return config.stacks.get(stack) ?? config;
}

/** Heads of keys and values in a layer; null where that is not known. */
export function kvHeadsOf(config, layer) {
  return layer < config.kv_heads_by_layer.length ? config.kv_heads_by_layer[layer] : config.kv_heads;
}

/** What config.json says of the shape by our names; what it says in another type is left out; null where nothing is. */
export function configFacts(content, { names, kinds }) {
  const outer = innerOf(content);
  const inner = { ...(objectOf(own(outer, "rope_parameters")) ?? {}), ...outer };
  const found = {};
  for (const [name, others] of Object.entries(names)) {
    const value = firstOf(others.map((other) => own(inner, other)));
    if (value !== null && isOfKind(value, kinds[name])) found[name] = value;
  }
  return Object.keys(found).length ? found : null;
}

/** The content of a JSON file of settings; numbers that JSON does not have, such as Infinity, are read as unknown. */
export function parseSettings(text) {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    try {
      return objectOf(JSON.parse(text.replace(/([[:,]\s*)(?:-?Infinity|NaN)(?=\s*[,\]}])/g, "$1null")));
    } catch {
      return null;
    }
  }
}

export function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] ?? null : null;
}

function isOfKind(value, kind) {
  if (kind.type === "string") return typeof value === "string" && value.length <= kind.maxLength && /^[^\p{C}\n\t]+$/u.test(value);
  if (kind.type === "boolean") return typeof value === "boolean";
  if (typeof value !== "number" || !Number.isFinite(value) || (kind.type === "integer" && !Number.isInteger(value))) return false;
  return value >= (kind.minimum ?? -Infinity) && value > (kind.exclusiveMinimum ?? -Infinity) && value <= (kind.maximum ?? Infinity);
}

function innerOf(content) {
  return { ...content, ...(objectOf(own(content, "text_config")) ?? {}) };
}

function otherHeads(inner) {
  const byNumber = objectOf(own(inner, "per_layer_config")) ?? {};
  const others = Object.values(byNumber).filter(objectOf);
  others.push({ head_dim: own(inner, "global_head_dim"), num_key_value_heads: own(inner, "num_global_key_value_heads") });
  const sizes = others.map((one) => [positive(own(one, "head_dim")), positive(own(one, "num_key_value_heads"))]);
  return sizes.filter(([wide, groups]) => wide || groups);
}

function* stacksOf(content, whole) {
  for (const [stack, ofT5] of [["encoder", "num_layers"], ["decoder", "num_decoder_layers"]]) {
    const layers = positive(own(content, `${stack}_layers`) || own(content, ofT5));
    const heads = positive(own(content, `${stack}_attention_heads`)) ?? whole.heads;
    const units = positive(own(content, `${stack}_ffn_dim`)) ?? whole.units;
    const apart = Object.hasOwn(content, "decoder_layers") || Object.hasOwn(content, "num_decoder_layers");
    if (layers && apart) yield [stack, { ...whole, layers, heads, units, kv_heads: whole.kv_heads && heads }];
  }
  for (const [stack, name] of [["text_encoder", "text_config"], ["image_encoder", "vision_config"]]) {
    const part = objectOf(own(content, name));
    if (!part || !objectOf(own(content, "vision_config"))) continue;
    const { text_config: _, vision_config: __, ...said } = part;
    yield [stack, { ...readConfig(said), model_type: whole.model_type, text_type: whole.text_type }];
  }
}

function objectOf(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
}

function positive(value) {
  return Number.isSafeInteger(value) && value > 0 ? value : null;
}

function firstOf(values) {
  return values.find((value) => value !== null && value !== undefined) ?? null;
}
