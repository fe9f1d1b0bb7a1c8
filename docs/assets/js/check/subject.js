// What a measurement is compared by: curves, shape and residual norms, or why it cannot be, as in scripts/lineage/methods/.

import { put } from "./agreement.js";
import { phrase } from "./words.js";

export const ROLES = ["q", "k", "v", "o"];
const MIN_DIMENSIONS = 3;

/** What of a measurement is set beside others.
 * @typedef {{shape: {stack: ?string, layers: ?number, width: ?number}, std: Record<string, number[]>, curves: Record<string, number[]>,
 *   residual: number[][], dimensions: number[], why: Record<string, ?import("./words.js").Words>, checksums: Map<string, string>}} Subject */

/** @param {import("./fingerprint.js").Measured} measured @returns {Subject} */
export function subjectOf({ tables: { matrices, vectors }, partial }, record) {
  const shape = shapeOf(matrices);
  const std = curvesOf(matrices, ROLES);
  const sampled = vectors.filter((row) => row.dimension !== null);
  const residual = ["read", "write"].map((name) => sampled.map((row) => row[name]));
  const part = partial ? phrase("partial: {why}", { why: partial }) : null;
  const profile = part ?? whyNoProfile(matrices, std);
  return {
    shape, std, residual,
    curves: drawnCurves(matrices, Object.keys(record.roles)),
    dimensions: sampled.map((row) => row.dimension),
    why: {
      std_profile: profile,
      std_profile_detrended: profile ?? whyNotDetrendable(std, record.min_layers),
      residual_norms: part ?? whyNoNorms(shape, residual),
    },
    checksums: new Map(matrices.map((row) => [keyOf(row), row.sha256])),
  };
}

/** What names a row of a fingerprint, and whether it is a vector. */
export function keyOf({ stack, layer, role, expert, cols }) {
  return `${stack} ${role} ${expert ?? ""} ${cols === 1 ? "vector" : "matrix"} ${layer ?? ""}`;
}

/** A curve with mean 0 and spread 1 over its own layers; null where it is constant or too short. */
export function standardCurve(curve) {
  if (curve.length < 2 || !curve.every(Number.isFinite) || isFlat(curve)) return null;
  const mean = meanOf(curve);
  const spread = Math.sqrt(meanOf(curve.map((value) => (value - mean) ** 2)));
  return curve.map((value) => (value - mean) / spread);
}

export function isFlat(values) {
  return values.every((value) => value === values[0]);
}

export function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function shapeOf(matrices) {
  const queries = matrices.filter((row) => row.role === "q");
  if (!queries.length) return { stack: null, layers: null, width: null };
  const widths = new Set(queries.map((row) => row.cols));
  return {
    stack: [...new Set(queries.map((row) => row.stack))].sort().join("+"),
    layers: new Set(queries.map((row) => `${row.stack} ${row.layer}`)).size,
    width: widths.size === 1 ? [...widths][0] : null,
  };
}

function curvesOf(matrices, roles) {
  const found = {};
  for (const role of roles) {
    const rows = matrices.filter((row) => row.role === role).sort((one, other) => (one.layer ?? Infinity) - (other.layer ?? Infinity));
    if (rows.length) found[role] = rows.map((row) => row.std);
  }
  return found;
}

function drawnCurves(matrices, roles) {
  const found = {};
  for (const role of roles) {
    const rows = matrices.filter((row) => row.role === role);
    const single = rows.every((row) => row.layer !== null) && new Set(rows.map((row) => row.layer)).size === rows.length;
    const curve = rows.length && single && standardCurve(curvesOf(rows, [role])[role]);
    if (curve) found[role] = curve;
  }
  return found;
}

function whyNoProfile(matrices, std) {
  const missing = ROLES.filter((role) => !std[role]).map((role) => role.toUpperCase());
  if (missing.length) return phrase("no {roles} matrices", { roles: missing.join(", ") });
  const own = matrices.filter((row) => ROLES.includes(row.role));
  if (new Set(own.map((row) => row.stack)).size > 1) return phrase("more than one stack of layers");
  const layers = new Map();
  for (const row of own) put(layers, row.role, () => []).push(row.layer);
  if ([...layers.values()].some((numbers) => new Set(numbers).size < numbers.length)) return phrase("more than one matrix of a role in a layer");
  if (new Set([...layers.values()].map((numbers) => [...numbers].sort((a, b) => a - b).join())).size > 1) return phrase("the roles do not stand in the same layers");
  if (layers.get("q").length < 2) return phrase("one layer only");
  const flat = ROLES.filter((role) => isFlat(std[role])).map((role) => role.toUpperCase());
  return flat.length ? phrase("the curve of {roles} is constant", { roles: flat.join(", ") }) : null;
}

function whyNotDetrendable(std, fewest) {
  if (ROLES.some((role) => std[role].some((value) => value <= 0))) return phrase("a standard deviation is zero");
  const layers = std.q.length;
  return layers < fewest ? phrase("{layers} layers, fewer than {fewest}: too few to remove a trend", { layers, fewest }) : null;
}

function whyNoNorms({ width }, residual) {
  if (width === null) return phrase("the width of the residual stream cannot be told");
  if (residual[0].length < MIN_DIMENSIONS) return phrase("no residual norm profile");
  for (const [place, name] of ["read", "write"].entries()) {
    const values = residual[place];
    if (values.every((value) => value === null)) return phrase("no {name} profile", { name });
    if (!values.every((value) => value !== null && Number.isFinite(value))) return phrase("the {name} profile is not finite", { name });
    if (isFlat(values)) return phrase("the {name} profile is constant", { name });
  }
  return null;
}
