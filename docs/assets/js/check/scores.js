// A measurement and every model on record by each screening method, as scripts/lineage/methods/ scores two models.

import { meanOf, ROLES } from "./subject.js";
import { phrase } from "./words.js";

const CLIP = 0.999; // of a correlation before atanh
const NOTHING_LEFT = 1e-6;
const DEGREE = 3; // of the polynomial that stands in for a library

/** By method, the most that a score can be where that is less than 1. */
export const MOST = { std_profile_detrended: CLIP };

/** A score in [-1, 1], or why there is none. @typedef {{score: ?number, why: ?import("./words.js").Words, parts: Record<string, number>}} Score */

/** By method, what two models score. model is one of the record. @returns {Record<string, Score>} */
export function scoresOf(subject, model, trends) {
  return {
    std_profile: reasoned(subject.why.std_profile, model.std_profile) ?? profileScore(subject.std, model.std),
    std_profile_detrended: reasoned(subject.why.std_profile_detrended, model.std_profile_detrended) ?? detrendedScore(subject.std, model.std, trends[model.trend]),
    residual_norms: reasoned(subject.why.residual_norms, model.residual_norms) ?? residualScore(subject, model),
  };
}

/** A curve interpolated linearly to so many points over the same relative depth. */
export function stretched(curve, length) {
  return Array.from({ length }, (_, at) => {
    const place = length > 1 ? (at / (length - 1)) * (curve.length - 1) : 0;
    const left = Math.min(Math.floor(place), curve.length - 2);
    return left < 0 ? curve[0] : curve[left] + (place - left) * (curve[left + 1] - curve[left]);
  });
}

export function correlation(one, other) {
  const [a, b] = [one, other].map(centred);
  const product = (x, y) => x.reduce((sum, value, at) => sum + value * y[at], 0);
  return Math.max(-1, Math.min(1, product(a, b) / Math.sqrt(product(a, a) * product(b, b))));
}

function reasoned(own, other) {
  if (own) return { score: null, why: own, parts: {} };
  return other ? { score: null, why: other, parts: {} } : null;
}

function profileScore(one, other) {
  const parts = correlations(one, other);
  return { score: meanOf(Object.values(parts)), why: null, parts };
}

function correlations(one, other) {
  return Object.fromEntries(ROLES.map((role) => {
    const length = Math.max(one[role].length, other[role].length);
    return [role, correlation(stretched(one[role], length), stretched(other[role], length))];
  }));
}

function detrendedScore(one, other, trend) {
  const [a, b] = [one, other].map((curves) => residuals(curves, trend));
  const flat = [a, b].map((own) => ROLES.filter((role) => Math.sqrt(meanOf(own[role].map((value) => value ** 2))) < NOTHING_LEFT)).find((roles) => roles.length);
  if (flat) return { score: null, why: phrase("nothing is left of {roles} once the trend is removed", { roles: flat.map((role) => role.toUpperCase()).join(", ") }), parts: {} };
  const parts = correlations(a, b);
  const angles = Object.values(parts).map((value) => Math.atanh(Math.max(-CLIP, Math.min(CLIP, value))));
  return { score: Math.tanh(meanOf(angles)), why: null, parts };
}

/** What least squares leaves of each log curve at its own layers. */
function residuals(curves, trend) {
  return Object.fromEntries(ROLES.map((role) => {
    const values = curves[role].map(Math.log);
    return [role, left(values, design(trend, role, values.length))];
  }));
}

/** The columns to regress on, an intercept first: components, or a polynomial where the library is too small. */
function design({ components }, role, length) {
  if (!components) return Array.from({ length: DEGREE + 1 }, (_, power) => Array.from({ length }, (__, at) => (length > 1 ? -1 + (2 * at) / (length - 1) : -1) ** power));
  return [Array(length).fill(1), ...components[role].map((component) => stretched(component, length))];
}

/** A vector without its projection on columns, which are made orthogonal one after another (twice, against rounding). */
function left(values, columns) {
  const basis = [];
  const without = (vector) => {
    let rest = vector;
    for (let twice = 0; twice < 2; twice += 1) {
      for (const unit of basis) {
        const share = unit.reduce((sum, value, at) => sum + value * rest[at], 0);
        rest = rest.map((value, at) => value - share * unit[at]);
      }
    }
    return rest;
  };
  for (const column of columns) {
    const rest = without(column);
    const [size, whole] = [rest, column].map((vector) => Math.sqrt(vector.reduce((sum, value) => sum + value ** 2, 0)));
    if (size > 1e-10 * whole) basis.push(rest.map((value) => value / size));
  }
  return without(values);
}

function residualScore(subject, model) {
  const [own, other] = [subject.shape.width, model.shape[2]];
  if (own !== other) return { score: null, why: phrase("residual streams of different width: {own} and {other}", { own, other }), parts: {} };
  if (subject.residual[0].length !== model.residual[0].length || subject.sampledElsewhere) return { score: null, why: phrase("different dimensions were sampled"), parts: {} };
  const parts = Object.fromEntries(["read", "write"].map((name, at) => [name, correlation(subject.residual[at], model.residual[at])]));
  return { score: meanOf(Object.values(parts)), why: null, parts };
}

function centred(values) {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}
