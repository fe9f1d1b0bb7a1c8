// Where a score stands among those of independent roots, as scripts/lineage/evidence/positions.py places it.

/** Lower scores of either side among how many roots, and p where there are roots enough; null where nothing can be told.
 * @typedef {{below: [number, number], of: [number, number], p: ?number} | null} Place */

/**
 * The place of what the checked model scores with each model on record, under each matching.
 * @param {(?number)[]} own its score with each model, by their places @param {Map<string, number>} known of every two, by "a b"
 * @returns {Place[][]} by model, then by matching
 */
export function placesOf(record, shape, own, known) {
  return record.models.map((model, place) => record.matchings.map((matching) => (own[place] === null ? null : placed(record, shape, own, known, place, matching))));
}

/** The scores of every two models on record, by "a b" of their places, either way. */
export function knownScores(scores) {
  return new Map(scores.flatMap(([a, b, score]) => [[`${a} ${b}`, score], [`${b} ${a}`, score]]));
}

function placed(record, shape, own, known, place, matching) {
  const observed = own[place];
  const other = record.models[place];
  const [stack, layers, width] = other.shape;
  const besideOwn = representatives(record, other, (at) => at !== place && own[at] !== null && admits(matching, record.models[at].shape, { stack, layers, width }));
  const besideOther = representatives(record, other, (at) => at !== place && known.has(`${place} ${at}`) && admits(matching, record.models[at].shape, shape));
  if (!besideOwn.length || !besideOther.length) return null;
  const scores = [besideOwn.map((at) => own[at]), besideOther.map((at) => known.get(`${place} ${at}`))];
  const below = scores.map((all) => all.filter((score) => score < observed).length);
  const of = scores.map((all) => all.length);
  const p = Math.min(...of) < record.fewest_roots ? null : Math.max(...of.map((count, side) => (1 + count - below[side]) / (1 + count)));
  return { below, of, p };
}

/** One model for every root with nothing in common with another model, in order of id: places of those that are admitted. */
function representatives(record, apartFrom, admitted) {
  const marks = new Set(apartFrom.marks);
  const found = new Map();
  for (const [place, model] of [...record.models.entries()].sort(([, one], [, other]) => (one.id < other.id ? -1 : 1))) {
    if (model.root === null || found.has(model.root) || !admitted(place) || model.marks.some((mark) => marks.has(mark))) continue;
    found.set(model.root, place);
  }
  return [...found.values()];
}

function admits(matching, [stack, layers, width], replaced) {
  if (matching.stack && (stack === null || stack !== replaced.stack)) return false;
  if (matching.layers !== null && (layers === null || replaced.layers === null || Math.abs(layers - replaced.layers) > matching.layers)) return false;
  return !matching.width || (width !== null && width === replaced.width);
}
