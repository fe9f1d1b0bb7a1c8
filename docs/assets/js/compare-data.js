// The small files behind the page of comparisons: names, one file a model, and rows of pairs in blocks.

/** @typedef {{slug: string, id: string, name: string, mark: string}} Name */
/** @typedef {{id: string, slug: string, name: string, address: string, mark: string, measured: boolean, roots: string[],
 *   facts: [string, string, string?][], curves: Record<string, number[]>, missing: string[], blocks: string[],
 *   unrecorded: Record<string, {status: string, sentence: string}>}} Model */

/** Every name in so many lists. @returns {Promise<Name[]>} */
export async function readNames(base, lists) {
  const all = await Promise.all(Array.from({ length: lists }, (_, at) => read(`${base}assets/compare/names-${at + 1}.json`)));
  return all.flat().map(([slug, id, name, mark]) => ({ slug, id, name, mark }));
}

const models = new Map(); // by slug: what was asked for, so that nothing is read twice

/** What is known of one model. @returns {Promise<Model>} */
export function readModel(base, slug) {
  if (!models.has(slug)) {
    const asked = read(`${base}assets/compare/${encodeURIComponent(slug)}.json`);
    models.set(slug, asked);
    asked.catch(() => models.delete(slug)); // it can be tried again
  }
  return models.get(slug);
}

/** The row of two models, or null where none is on record. It stands with the one whose slug comes first. */
export async function readPair(base, first, second) {
  const block = first.blocks.filter((start) => start <= second.slug).length;
  if (block === 0) return null;
  const rows = await read(`${base}assets/compare/${encodeURIComponent(first.slug)}.pairs-${block}.json`);
  return Object.hasOwn(rows, second.slug) ? rows[second.slug] : null;
}

/** The one name that a reader means: id, slug or name as written, else the only one with those letters in it; or null. */
export function meant(names, words) {
  const asked = words.trim().toLowerCase();
  const exact = names.filter((one) => [one.slug, one.id.toLowerCase(), one.name.toLowerCase()].includes(asked));
  const found = exact.length ? exact : names.filter((one) => asked && one.id.toLowerCase().includes(asked));
  return found.length === 1 ? found[0] : null;
}

/** Up to five names that share a longer piece with what was asked for. */
export function alike(names, words) {
  const pieces = words.toLowerCase().split(/[^a-z0-9]+/).filter((piece) => piece.length > 2);
  return names.filter((one) => pieces.some((piece) => one.id.toLowerCase().includes(piece))).slice(0, 5);
}

async function read(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}
