// The small files behind the page of comparisons: names, and one file a model, with the rows of its pairs in blocks.

/** @typedef {{slug: string, id: string, name: string, mark: string, also: string}} Name */
/** @typedef {{id: string, slug: string, name: string, address: string, mark: string, measured: boolean, roots: string[],
 *   facts: [string, string, string?][], curves: Record<string, number[]>, missing: string[],
 *   rows: Record<string, object>, blocks: string[], unrecorded: Record<string, {status: string, sentence: string}>}} Model */

/** Every name in so many lists; a name is that of its id where none stands there, and a mark unread. @returns {Promise<Name[]>} */
export async function readNames(base, lists, unread) {
  const all = await Promise.all(Array.from({ length: lists }, (_, at) => read(`${base}assets/compare/names-${at + 1}.json`)));
  return all.flat().map(([slug, id, name, mark, also]) => ({ slug, id, name: name || id.split("/").pop(), mark: mark || unread, also }));
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
  const block = first.blocks.filter((start) => start <= second.slug).length; // 0: the one in its own file
  const rows = block ? await read(`${base}assets/compare/${encodeURIComponent(first.slug)}.pairs-${block}.json`) : first.rows;
  return Object.hasOwn(rows, second.slug) ? rows[second.slug] : null;
}

/** The one name that a reader means: id, slug, name or address on a hub, as anybody writes it, else the only one with
 *  those letters in it; or null. */
export function meant(names, words) {
  const asked = plain(words.trim().replace(/^(?:(?:https?:\/\/)?(?:[\w-]+\.)+[a-z]{2,}\/(?:models\/)?(?=[^/]+\/)|hub:|modelscope:)/i, "").replace(/[@?#].*$|\/(?:tree|blob|resolve)\/.*$|\/$/, ""));
  if (!asked) return null;
  const ways = (one) => [one.slug, one.id, one.name, ...one.also.split(" ")].map(plain);
  const exact = names.filter((one) => ways(one).includes(asked));
  const whole = exact.filter((one) => [one.slug, one.id].map(plain).includes(asked)); // before another of that name alone
  for (const found of [whole, exact, names.filter((one) => ways(one).some((way) => way.includes(asked)))]) if (found.length) return found.length === 1 ? found[0] : null;
  return null;
}

/** Small letters and digits alone: two spellings of a name are one. */
function plain(words) {
  return words.normalize("NFKC").toLowerCase().replace(/[^a-z0-9]+/g, "");
}

/** Up to five names that share a longer piece with what was asked for, those that share most letters first; unread is the mark of a model whose weights were not read here. */
export function alike(names, words, unread) {
  const pieces = words.toLowerCase().split(/[^a-z0-9]+/).filter((piece) => piece.length > 2);
  const shared = (one) => pieces.filter((piece) => one.id.toLowerCase().includes(piece)).join("").length;
  const measured = (one) => one.mark !== unread;
  const near = names.filter((one) => shared(one) > 0);
  return near.sort((one, other) => shared(other) - shared(one) || measured(other) - measured(one)).slice(0, 5);
}

async function read(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}
