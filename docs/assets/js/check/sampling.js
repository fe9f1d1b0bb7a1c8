// Which dimensions of a vector are kept: a fixed sample, the same for everybody.

import { sha256Of } from "./sha256.js";

const kept = new Map();

/** The first so many of 0 .. size - 1 in order of the sha256 of "<kind>|<size>|<dimension>". @returns {number[]} */
export function sampledDimensions(kind, size, most) {
  const key = `${kind}|${size}`;
  if (!kept.has(key)) {
    const ranked = Array.from({ length: size }, (_, dimension) => [sha256Of(`${key}|${dimension}`), dimension]);
    kept.set(key, ranked.sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, most).map(([, dimension]) => dimension));
  }
  return kept.get(key);
}
