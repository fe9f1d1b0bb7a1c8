// What tells one tokenizer from another, as scripts/lineage/checkpoints/facts.py says it.

import { sha256Of, startOfSha256 } from "./sha256.js";

const SKETCH = 256;
const SHOWN = 32; // special tokens

/** The lists that a tokenizer.json holds; null where it has no list of tokens. */
export function readTokenizer(words) {
  try {
    const content = JSON.parse(words);
    const { vocab, merges } = content.model;
    const listed = Array.isArray(vocab) ? vocab.map((pair) => String(pair[0])) : Object.entries(vocab).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([token]) => token);
    const special = (content.added_tokens ?? []).filter((token) => token.special).map((token) => token.content);
    const joined = (merges ?? []).map((merge) => (Array.isArray(merge) ? merge.join(" ") : String(merge)));
    return listed.length ? { tokens: listed, merges: merges?.length ? joined : null, special } : null;
  } catch {
    return null;
  }
}

/** What is recorded of a tokenizer, from its lists. */
export function tokenizerFacts({ tokens, merges, special }) {
  const facts = { tokens: tokens.length, token_list_sha256: sha256Of(tokens.join("\n")) };
  if (merges) facts.merges_sha256 = sha256Of(merges.join("\n"));
  const shown = special.filter((token) => typeof token === "string" && token.trim() && !/[\p{C}\p{Z}]/u.test(token.replaceAll(" ", ""))).slice(0, SHOWN);
  if (shown.length) facts.special_tokens = shown;
  facts.sketch = sketchOf(tokens);
  return facts;
}

/** The 256 smallest checksums of the set of tokens, 12 digits each; the marks that stand for a space count as one. */
function sketchOf(tokens) {
  const plain = new Set(tokens.map((token) => token.replace(/[\u0120\u2581]/g, " ")));
  const starts = Float64Array.from(new Set(Array.from(plain, startOfSha256))).sort();
  return Array.from(starts.subarray(0, SKETCH), (start) => start.toString(16).padStart(12, "0"));
}
