// What the theme's search box asks: finds every part of a word in titles, addresses and text, in any script.
// It stands in for the theme's own worker, which finds only how words begin and knows no Chinese, and speaks its protocol.

const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3;
const BEFORE = 60, SHOWN = 220; // characters of a text: before the first place found, and in all
// Latin letters that no mark makes, though readers write them without their stroke or dot.
const STROKES = { ø: "o", ł: "l", đ: "d", ħ: "h", ŧ: "t", ı: "i" };
const BREAK = /[\s\-_/.,:;()（）、。，：；]/;

let settings; // names of the kinds of page, and where the other languages are: see scripts/lineage/site/out/search.py
let pages = []; // of every language, from the first question on
let own; // settles once the pages of this language are here
let latest = "";
const variants = new Map(); // of Chinese characters: the simplified form of each traditional one that may be met

addEventListener("message", ({ data }) => {
  if (data.type === SETUP) {
    settings = data.data.config;
    postMessage({ type: READY });
  } else if (data.type === QUERY) {
    latest = data.data;
    if (!latest.trim()) return postMessage({ type: RESULT, data: { items: [] } });
    own ??= start();
    own.then(answer);
  }
});

/** Reads the pages of this language, and then, without keeping anybody waiting, of the others. */
async function start() {
  await load({ folder: "" });
  void Promise.all(settings.others.map(load)).then(answer);
}

function answer() {
  postMessage({ type: RESULT, data: { items: results(latest) } });
}

/** Adds the pages of a language; without them, where they are missing, the others are searched alone. */
async function load({ folder, name, lang }) {
  try {
    const answered = await fetch(new URL(`../../${folder}search/pages.json`, location.href));
    if (!answered.ok) return;
    const { docs, same } = await answered.json();
    for (let at = 0; at < same.length; at += 2) variants.set(same[at], same[at + 1]);
    pages.push(...pagesOf(docs, folder, name, lang));
  } catch { /* offline, or built without that language */ }
}

/** The entries of an index by page: its title, and its parts with what is compared of each. */
function pagesOf(docs, folder, language, lang) {
  const found = new Map();
  for (const doc of docs) {
    const [address] = doc.location.split("#");
    if (!found.has(address)) {
      const kind = kindOf(address);
      const name = address.slice(settings.kinds[kind][0].length).replaceAll("_", "/"); // "maker_name" is "maker/name"
      found.set(address, { address, name, folder, language, lang, kind, title: folded(doc.title), parts: [] });
    }
    found.get(address).parts.push({ ...doc, heading: folded(doc.title), words: folded(doc.text) });
  }
  return [...found.values()];
}

/** The place among the kinds of that which an address begins with; an index of a kind is a page like any other. */
function kindOf(address) {
  const among = settings.kinds.findIndex(([start]) => start && address.startsWith(start) && address !== start);
  return among < 0 ? settings.kinds.findIndex(([start]) => !start) : among;
}

/** Text as it is compared: without case, width and accents, Chinese simplified, each character at its place. */
function folded(text) {
  const whole = text.normalize("NFKC").toLowerCase();
  return (whole.length === text.length ? whole : Array.from(text, small).join("")).replace(/\P{ASCII}/gu, bare);
}

function small(one) {
  const other = one.normalize("NFKC").toLowerCase();
  return other.length === one.length ? other : one;
}

/** A letter without what stands above, below or through it; a Chinese character in its simplified form. */
function bare(one) {
  const letter = /[\p{sc=Latin}\p{sc=Greek}]/u.test(one) ? one.normalize("NFD").replace(/\p{Mn}/gu, "") : one;
  return STROKES[letter] ?? variants.get(letter) ?? (letter.length === one.length ? letter : one);
}

/** The groups of entries that the theme shows, best page first. */
function results(query) {
  const asked = folded(query.normalize("NFC").trim()).replace(/\s+/g, " ");
  const terms = termsOf(asked);
  if (!terms.length) return [];
  const matches = pages.map((page) => match(page, asked, terms)).filter(({ terms }) => terms.size);
  const most = Math.max(0, ...matches.map(({ terms }) => terms.size)); // all words, or as many as any page has
  const best = matches.filter(({ terms }) => terms.size === most);
  const stands = new Set(pages.filter((page) => !page.folder).map(({ address }) => address));
  const late = ({ page }) => Number(Boolean(page.folder) && stands.has(page.address)); // this language has that page too
  const own = new Set(best.filter(({ page }) => !page.folder).map(({ page }) => page.address));
  return best
    .filter(({ page }) => !page.folder || !own.has(page.address))
    .sort((one, other) => late(one) - late(other) || other.rank - one.rank || one.page.title.length - other.page.title.length)
    .map((found, place, { length }) => group(found, terms, length - place));
}

/** Words, quoted phrases and runs of Chinese; a run that stands nowhere is asked for by every two characters of it. */
function termsOf(asked) {
  const found = asked.match(/"[^"]+"|\p{sc=Han}+|[^\s"\p{sc=Han}]+/gu) ?? [];
  return [...new Set(found.flatMap((one) => {
    const term = one.replaceAll('"', "");
    const han = /^\p{sc=Han}{3,}$/u.test(term) && !pages.some(({ parts }) => parts.some((part) => isIn(part, term)));
    return han ? Array.from(term.slice(1), (_, place) => term.slice(place, place + 2)) : [term];
  }))];
}

function isIn(part, term) {
  return part.words.includes(term) || part.heading.includes(term);
}

/** Which terms stand on a page, in which parts, and its rank: where they stand, language, kind, how it begins. */
function match(page, asked, terms) {
  const inTitle = (term) => page.title.includes(term) || page.name.includes(term);
  const parts = page.parts.filter((part) => terms.some((term) => isIn(part, term)));
  const seen = new Set(terms.filter((term) => inTitle(term) || parts.some((part) => isIn(part, term))));
  const place = page.title.indexOf(asked);
  const starts = place === 0 || (place > 0 && BREAK.test(page.title[place - 1]));
  let where = 0;
  if ([page.title, page.name, page.name.replace(/^[^/]*\//, "")].some((one) => one === asked || one === `${asked}/`)) where = 4;
  else if (starts) where = 3;
  else if (terms.every(inTitle)) where = 2;
  else if (parts.some((part) => terms.every((term) => part.heading.includes(term)))) where = 1;
  const own = page.folder ? 0 : 1;
  const kind = settings.kinds.length - page.kind;
  // A name is asked for in any language, words in one; of names the shorter is nearer, of texts that with more places.
  const finer = where > 1 ? [kind, own, place === 0 ? 1 : 0] : [own, kind, Math.min(9, parts.length)];
  const rank = [where, ...finer];
  return { page, parts, terms: seen, rank: rank.reduce((sum, one) => 10 * sum + one, 0) };
}

/** A page as the theme shows it: itself where it matches, and its parts; the best first, with falling scores. */
function group({ page, parts, terms: seen }, terms, score) {
  const shown = Object.fromEntries(terms.map((term) => [term, seen.has(term)]));
  const [whole] = page.parts;
  const first = parts.includes(whole) || !parts.length;
  const weight = (part) => terms.filter((term) => part.heading.includes(term)).length;
  const rest = parts.filter((part) => part !== whole).sort((one, other) => weight(other) - weight(one));
  const ordered = first ? [whole, ...rest] : [...rest, whole];
  return ordered.map((part, place) => ({
    location: page.folder + part.location,
    title: (part === whole ? label(page) : "") + spoken(marked(part.title, part.heading, terms), page.lang),
    text: spoken(excerpt(part, terms), page.lang),
    score: score - place / (ordered.length + 1),
    terms: shown,
  }));
}

/** What kind of page it is, and its language where that is another. */
function label({ kind, language }) {
  const words = [settings.kinds[kind][1], language].filter(Boolean).join(" · ");
  return `<span class="woe-found">${escaped(words)}</span> `;
}

/** Markup in another language, that says so. */
function spoken(html, lang) {
  return lang && html ? `<span lang="${escaped(lang)}">${html}</span>` : html;
}

/** The part of a text around the first place found, with every term marked. */
function excerpt({ text, words }, terms) {
  const places = terms.map((term) => words.indexOf(term)).filter((place) => place >= 0);
  const first = Math.max(0, (places.length ? Math.min(...places) : 0) - BEFORE);
  const start = first && first + Math.max(0, text.slice(first, first + BEFORE).search(/[\s，。；：]/) + 1);
  const cut = text.slice(0, start + SHOWN).search(/\s\S*$/);
  const end = start + SHOWN < text.length && cut > start + SHOWN / 2 ? cut : start + SHOWN;
  const shown = marked(text.slice(start, end), words.slice(start, end), terms);
  return `${start ? "… " : ""}${shown}${end < text.length ? " …" : ""}`;
}

/** Text as markup, with the terms marked that stand in it. */
function marked(text, words, terms) {
  const inside = new Array(text.length).fill(false);
  for (const term of terms)
    for (let at = words.indexOf(term); at >= 0; at = words.indexOf(term, at + 1)) inside.fill(true, at, at + term.length);
  let html = "";
  for (let at = 0, end; at < text.length; at = end) {
    for (end = at + 1; end < text.length && inside[end] === inside[at]; ) end++;
    const piece = escaped(text.slice(at, end));
    html += inside[at] ? `<mark>${piece}</mark>` : piece;
  }
  return html;
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt()};`);
}
