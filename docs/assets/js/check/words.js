// Words with places to fill in: kept apart until they are shown, so that they can be said in the reader's language.

/** @typedef {string | number | {words: string, values: Record<string, Words>}} Words */

/** Words and what is filled into them, {name} by name. @returns {Words} */
export function phrase(words, values = {}) {
  return { words, values };
}

/** The words of a phrase, looked up in a dictionary from English where there is one. @param {Words} said */
export function text(said, dictionary = {}) {
  if (said === null || typeof said !== "object") return String(said);
  const words = Object.hasOwn(dictionary, said.words) ? dictionary[said.words] : said.words;
  return words.replace(/\{(\w+)\}/g, (place, name) => (Object.hasOwn(said.values, name) ? text(said.values[name], dictionary) : place));
}

const LONGEST = 3000; // characters of what is filled in: ten names of tensors have fewer

/** Words that a file says, no longer than a reader would read. */
export function cut(words) {
  return words.length > LONGEST ? `${words.slice(0, LONGEST)} …` : words;
}

/** A phrase in which everything that is filled in is cut. @param {Words} said @returns {Words} */
export function shortened(said) {
  if (said === null || typeof said !== "object") return typeof said === "string" ? cut(said) : said;
  return phrase(said.words, Object.fromEntries(Object.entries(said.values).map(([name, value]) => [name, shortened(value)])));
}

/** Why a checkpoint cannot be read: a sentence with the remedy. */
export class Fault extends Error {
  constructor(words, values = {}) {
    super(text(phrase(words, values)));
    this.said = phrase(words, values);
  }
}

/** Whole numbers with thin spaces between thousands, as everywhere on the site. */
export function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
