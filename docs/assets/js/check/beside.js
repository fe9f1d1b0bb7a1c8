// A measurement beside the record: everything that the page says of it.

import { equalTensors, inCommon } from "./overlap.js";
import { knownScores, placesOf } from "./places.js";
import { sampledDimensions } from "./sampling.js";
import { scoresOf } from "./scores.js";
import { subjectOf } from "./subject.js";

const DIGITS = 10; // of a score, as scripts/lineage/site/pages/checking/record.py writes them

/** One method with every model, the most alike first, those without a score last. @typedef {{id: string, name: string, address: string,
 *   rows: {model: number, score: ?number, why: ?import("./words.js").Words, parts: object, places: import("./places.js").Place[]}[]}} Screening */

/** @param {import("./fingerprint.js").Measured} measured */
export function besideRecord(tables, record, measured) {
  const subject = subjectOf(measured, record);
  const { dimensions, shape: { width } } = subject;
  subject.sampledElsewhere = width !== null && dimensions.join() !== sampledDimensions("residual", width, tables.profile.sample).join();
  return { ...scoresBeside(record, subject), subject: { curves: subject.curves, shape: subject.shape, std: subject.std }, ...overlaps(record, measured, subject) };
}

/** The screenings of a subject, whole or with curves alone. */
export function scoresBeside(record, subject) {
  const scores = record.models.map((model) => rounded(scoresOf(subject, model, record.trends)));
  const screenings = record.methods.map((method) => {
    const own = scores.map((by) => by[method.id].score);
    const places = placesOf(record, subject.shape, own, knownScores(record.scores[method.id]));
    const rows = record.models.map((_, model) => ({ model, ...scores[model][method.id], places: places[model] }));
    const order = (row) => (row.score === null ? Infinity : -row.score);
    return { ...method, rows: rows.sort((one, other) => order(one) - order(other) || (record.models[one.model].id < record.models[other.model].id ? -1 : 1)) };
  });
  return { screenings };
}

/** Scores with as many digits as those on record have, so that equal ones are equal. */
function rounded(scores) {
  return Object.fromEntries(Object.entries(scores).map(([method, one]) => [method, { ...one, score: one.score === null ? null : Number(one.score.toFixed(DIGITS)) }]));
}

function overlaps(record, measured, subject) {
  return {
    equal: record.models.map((model) => equalTensors(subject, model)),
    common: record.models.map((model) => inCommon(record, measured, model.id)),
  };
}
