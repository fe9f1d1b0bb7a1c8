// What a measurement shares with models on record besides scores: bytes of tensors, vocabulary, configuration.

import { own } from "./config.js";
import { grouped, phrase } from "./words.js";

/** How many matrices and vectors that both have are the same to the bit, and matrices that one has alone. */
export function equalTensors(subject, model) {
  const found = { matrices: 0, matricesEqual: 0, vectors: 0, vectorsEqual: 0, alone: 0 };
  const theirs = new Map(Object.entries(model.checksums).flatMap(([key, rows]) => rows.split(" ").map((row) => {
    const [layer, digest] = row.split(":");
    return [`${key} ${layer}`, digest];
  })));
  for (const [key, digest] of subject.checksums) {
    const vector = key.includes(" vector ");
    if (!theirs.has(key)) found.alone += Number(!vector);
    else {
      found[vector ? "vectors" : "matrices"] += 1;
      found[vector ? "vectorsEqual" : "matricesEqual"] += Number(theirs.get(key) === digest);
    }
  }
  for (const key of theirs.keys()) if (!subject.checksums.has(key) && !key.includes(" vector ")) found.alone += 1;
  return found;
}

/** Sentences for the vocabulary, for each equal field, the rarest first, and for what differs. @returns {import("./words.js").Words[]} */
export function inCommon(record, measured, id) {
  const other = record.others.find((one) => one.id === id);
  if (!other) return [];
  const makers = new Map();
  for (const one of record.others) if (one.maker !== other.maker) makers.set(one.maker, [...(makers.get(one.maker) ?? []), one]);
  return [...ofVocabulary(measured.tokenizer, other.tokenizer, makers), ...ofFields(record.fields, measured.config, other.config, makers)];
}

function* ofVocabulary(one, other, makers) {
  if (!one || !other) return;
  const lists = [one.token_list_sha256, other.token_list_sha256];
  const having = [...makers.values()].filter((all) => all.some(({ tokenizer }) => tokenizer && lists.includes(tokenizer.token_list_sha256))).length;
  if (lists[0] === lists[1]) {
    yield phrase("Vocabulary: the same list of {tokens} tokens; {having} of {makers} other makers on record have it too.", { tokens: grouped(one.tokens), having, makers: makers.size });
    return;
  }
  const sizes = { one: grouped(one.tokens), other: grouped(other.tokens) };
  if (!one.sketch?.length || !other.sketch?.length) {
    yield phrase("Vocabulary: different lists, of {one} and {other} tokens.", sizes);
    return;
  }
  const [a, b] = [new Set(one.sketch), new Set(other.sketch)];
  const union = [...new Set([...a, ...b])].sort().slice(0, Math.min(one.sketch.length, other.sketch.length));
  const share = union.filter((digest) => a.has(digest) && b.has(digest)).length / union.length;
  const margin = 2 * Math.sqrt((share * (1 - share)) / union.length);
  const rounded = Math.round(100 * share);
  if (rounded === 100) yield phrase("Vocabulary: different lists, of {one} and {other} tokens; more than 99 % of all tokens are in both.", sizes);
  else if (!rounded) yield phrase("Vocabulary: different lists, of {one} and {other} tokens; fewer than 1 % of all tokens are in both.", sizes);
  else yield phrase("Vocabulary: different lists, of {one} and {other} tokens; about {share} % of all tokens are in both (within {margin} points).", { ...sizes, share: rounded, margin: Math.round(100 * margin) });
}

function* ofFields(fields, one, other, makers) {
  if (!one || !other) return;
  const known = fields.map((name) => ({ name, mine: own(one, name), theirs: own(other, name) })).filter(({ mine, theirs }) => mine !== null && theirs !== null);
  const equal = known.filter(({ mine, theirs }) => mine === theirs).map(({ name, mine }) => ({
    name, value: mine, having: [...makers.values()].filter((all) => all.some(({ config }) => config && own(config, name) === mine)).length,
  }));
  for (const { name, value, having } of equal.sort((x, y) => x.having - y.having || (x.name < y.name ? -1 : 1))) {
    yield phrase("Equal {field}, {value}: shared by {having} of {makers} other makers on record.", { field: phrase(name.replaceAll("_", " ")), value: valueWords(value), having, makers: makers.size });
  }
  const different = known.filter(({ mine, theirs }) => mine !== theirs).map(({ name }) => name.replaceAll("_", " "));
  if (different.length) yield phrase("Different: {fields}.", { fields: different.map((field) => phrase(field)).reduce((before, one) => phrase("{before}, {one}", { before, one })) });
}

/** The value of a field as a reader writes it: 152 064, 1e-06. */
function valueWords(value) {
  if (Number.isSafeInteger(value)) return grouped(value);
  if (typeof value !== "number") return String(value);
  const rounded = Number(value.toPrecision(6));
  return Math.abs(rounded) < 1e-4 ? rounded.toExponential().replace(/e-(\d)$/, "e-0$1") : String(rounded);
}
