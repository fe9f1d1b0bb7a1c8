// What was measured of a checkpoint -> the two tables of its fingerprint, as scripts/lineage/measuring/tables.py makes them.

import { put } from "./agreement.js";
import { sampledDimensions } from "./sampling.js";
import { sha256Of } from "./sha256.js";

/** @typedef {import("./cutting.js").Row} Row @typedef {Record<string, string | number | null>} Line */
/** @typedef {{matrices: Line[], vectors: Line[]}} Tables */

const DIGITS = 7; // of a number on record: what is compared is what the fingerprint says, here and by every other reader of it

/** Both tables. @param {Row[]} rows @returns {Tables} */
export function tablesOfRows(tables, rows) {
  return { matrices: matricesOf(rows).map(recorded), vectors: vectorsOf(tables, rows).map(recorded) };
}

function recorded(line) {
  return Object.fromEntries(Object.entries(line).map(([name, value]) => [name, Number.isSafeInteger(value) || typeof value !== "number" ? value : Number(value.toPrecision(DIGITS))]));
}

function matricesOf(rows) {
  const single = rows.filter((row) => !isNumbered(row));
  const grouped = new Map();
  for (const row of rows.filter(isNumbered)) put(grouped, `${row.place.stack} ${row.place.layer} ${row.place.role}`, () => []).push(row);
  const lines = [...single.map((row) => lineOf(row, row.place.expert, row.statistics, row.sha256)), ...[...grouped.values()].flatMap(expertLines)];
  return lines.sort(inOrder);
}

function isNumbered(row) {
  return /^\d+$/.test(row.place.expert);
}

function inOrder(one, other) {
  if (one.stack !== other.stack) return one.stack < other.stack ? -1 : 1;
  const [a, b] = [one, other].map(({ layer }) => layer ?? Infinity);
  if (a !== b) return a - b;
  if (one.role !== other.role) return one.role < other.role ? -1 : 1;
  return one.expert < other.expert ? -1 : one.expert > other.expert ? 1 : 0;
}

function lineOf({ place, rows, cols }, expert, statistics, digest) {
  return { stack: place.stack, layer: place.layer, role: place.role, expert, rows, cols, ...statistics, sha256: digest.slice(0, 16) };
}

/** Numbered experts as mean and quantiles over them. */
function expertLines(experts) {
  const ordered = [...experts].sort((one, other) => Number(one.place.expert) - Number(other.place.expert));
  const digest = sha256Of(ordered.map((row) => row.sha256).join(""));
  const over = { mean: meanOf, q10: (values) => quantileOf(values, 0.1), q90: (values) => quantileOf(values, 0.9) };
  return Object.entries(over).map(([label, of]) => {
    const names = Object.keys(ordered[0].statistics);
    const statistics = Object.fromEntries(names.map((name) => {
      const values = ordered.map((row) => row.statistics[name]);
      return [name, values.includes(null) ? null : of(values)];
    }));
    return lineOf(ordered[0], label, { ...statistics, n: ordered[0].statistics.n }, digest);
  });
}

function vectorsOf(tables, rows) {
  const { reads, writes, sample } = tables.profile;
  const widths = new Set(rows.map((row) => row.width).filter(Boolean));
  const width = widths.size === 1 ? [...widths][0] : 0; // one residual stream, or none that could be told
  const columns = { read: profileOf(rows, reads, width), write: profileOf(rows, writes, width) };
  for (const role of tables.columns.vectors.slice(4)) columns[role] = sampledMean(rows, role, width, sample);
  const dimensions = sampledDimensions("residual", width, sample);
  const count = Math.max(Math.min(sample, width), ...Object.values(columns).map((values) => values.length));
  return Array.from({ length: count }, (_, rank) => ({
    rank,
    dimension: dimensions[rank] ?? null,
    ...Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[rank] ?? null])),
  }));
}

/** The mean over layers and roles of sampled centred log norms; experts are averaged first. */
function profileOf(rows, roles, width) {
  const found = new Map();
  for (const row of rows) {
    if (roles.includes(row.place.role) && row.profile.length && row.width === width) put(found, `${row.place.layer} ${row.place.role}`, () => []).push(row.profile);
  }
  return found.size ? meanOver([...found.values()].map(meanOver)) : [];
}

function sampledMean(rows, role, width, sample) {
  const vectors = rows.filter((row) => row.place.role === role && row.numbers.length).map((row) => row.numbers);
  if (new Set(vectors.map((vector) => vector.length)).size !== 1) return [];
  const size = vectors[0].length;
  const mean = meanOver(vectors);
  return sampledDimensions(size === width ? "residual" : role, size, sample).map((dimension) => mean[dimension]);
}

function meanOver(vectors) {
  const sums = new Float64Array(vectors[0].length);
  for (const vector of vectors) for (let at = 0; at < sums.length; at += 1) sums[at] += vector[at];
  return Array.from(sums, (sum) => sum / vectors.length);
}

function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quantileOf(values, level) {
  const sorted = [...values].sort((one, other) => one - other);
  const place = level * (sorted.length - 1), left = Math.floor(place);
  return sorted[left] + (place - left) * ((sorted[left + 1] ?? sorted[left]) - sorted[left]);
}
