// The page of comparisons: what the address names is shown; what a reader chooses becomes the address.

import { phrase, text } from "./check/words.js";
import { alike, meant, readModel, readNames, readPair } from "./compare-data.js";
import { answer, details } from "./compare-view.js";
import { element } from "./dom.js";

const form = document.querySelector(".woe-choose");
const said = document.querySelector(".woe-said");
const shown = document.querySelector(".woe-compared");
const begin = document.querySelector(".woe-begin");
const { base, rule } = form.dataset;
const dictionary = JSON.parse(form.dataset.words);
const gap = form.dataset.gap; // between two sentences: a space, or nothing
const roles = JSON.parse(form.dataset.roles);
const inputs = [form.elements.namedItem("a"), form.elements.namedItem("b")];
const ask = form.querySelector(".woe-ask").href; // the form that asks for a measurement, or how else one asks
const title = document.title;
const SLUG = /^[a-z0-9.-]+_[a-z0-9._-]+$/; // as the links of this site name models
let latest = 0; // the number of the last thing asked for: what arrives later for an earlier one is dropped

let listing = null; // what was asked for of all names: two models that a link names are shown without them

/** Words in the language of the page. */
function say(words, values = {}) {
  return text(phrase(words, values), dictionary);
}

/** Every name, or null where they cannot be read; they come with the first need, and are offered in both fields. */
function names() {
  listing ??= readNames(base, Number(form.dataset.lists), say("not measured here")).then(suggest).catch(() => null);
  return listing;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void choose();
});
window.addEventListener("popstate", () => void show());
for (const input of inputs) {
  input.addEventListener("focus", () => {
    void names();
    input.select();
  });
}
document.querySelector(".woe-otherwise button").addEventListener("click", () => {
  chosen(false);
  inputs[0].focus();
});
said.classList.remove("woe-late"); // the script has run
said.replaceChildren();
void show();

function suggest(listed) {
  const options = listed.map((one) => element("option", { value: one.id, label: one.name + say(", ") + one.mark }));
  document.getElementById("model-names").replaceChildren(...options);
  return listed;
}

/** Folds the words and fields above what is shown, or unfolds them. */
function chosen(folded) {
  document.documentElement.classList.toggle("woe-chosen", folded);
}

async function choose() {
  const listed = await names();
  const slugs = inputs.map((input) => (listed && meant(listed, input.value)?.slug) || input.value.trim());
  history.pushState(null, "", addressOf(slugs));
  await show({ focus: true });
}

function addressOf(slugs) {
  const [a, b] = [...slugs].sort();
  return `?${new URLSearchParams({ a, b })}`;
}

async function show({ focus = false } = {}) {
  const mine = (latest += 1);
  const before = inputs.map((input) => input.value); // what a reader writes while this waits is theirs
  const asked = ["a", "b"].map((key) => new URLSearchParams(location.search).get(key)?.trim() ?? "");
  if (await readAtOnce(asked, mine, focus)) return;
  const listed = await names();
  if (mine !== latest) return;
  const found = asked.map((words) => (listed ? meant(listed, words) : words && { slug: words.toLowerCase(), id: words, name: words }));
  inputs.forEach((input, place) => {
    if (input.value === before[place]) input.value = found[place]?.id ?? asked[place];
  });
  const problem = await problemWith(asked, found, listed);
  if (problem) return tell(problem);
  await read([found[0].slug, found[1].slug].sort(), mine, focus);
}

/** Shows two models that the address names as links of this site do, without waiting for all names; false where it does not. */
async function readAtOnce(asked, mine, focus) {
  if (asked[0] === asked[1] || !asked.every((slug) => SLUG.test(slug))) return false;
  const slow = saySoon(mine);
  const known = await Promise.all(asked.map((slug) => readModel(base, slug))).catch(() => null);
  clearTimeout(slow);
  if (known && mine === latest) await read(asked.toSorted(), mine, focus);
  return Boolean(known);
}

/** What stands in the way, as children of the message; [] where nothing was asked for; null where all is well. */
async function problemWith(asked, found, listed) {
  if (!asked[0] && !asked[1]) return [];
  const unknown = asked.findIndex((words, place) => words && !found[place]);
  if (unknown >= 0) {
    const near = alike(listed, asked[unknown], say("not measured here"));
    return [
      say("No one model on record is called “{name}”. It may have been renamed, or never recorded.", { name: asked[unknown] }), gap,
      ...(near.length ? [say("On record: {names}.", { names: near.map((one) => one.id).join(say(", ")) }), gap] : []),
      ...filled(say("Choose another above, or see {models}."), { models: way("models/", say("all models")) }),
    ];
  }
  const alone = found.find((_, place) => !asked[1 - place]);
  if (alone) return [say("Choose a second model to set beside {name}.", { name: alone.name })];
  if (found[0].slug === found[1].slug) return [say("That is one model twice: {name}. Choose another beside it.", { name: found[0].name })];
  return null;
}

async function read(slugs, mine, focus) {
  const slow = saySoon(mine);
  try {
    const [first, second] = await Promise.all(slugs.map((slug) => readModel(base, slug)));
    const pair = await readPair(base, first, second);
    if (mine !== latest) return;
    history.replaceState(history.state, "", addressOf(slugs));
    [inputs[0].value, inputs[1].value] = [first.id, second.id];
    document.title = `${say("{one} and {other}", { one: first.name, other: second.name })} – ${title}`;
    begin.hidden = true;
    said.replaceChildren();
    chosen(true);
    const words = { roles, rule, ask, say, gap };
    shown.replaceChildren(...answer(base, words, first, second, pair));
    if (focus) shown.focus({ preventScroll: true });
    await painted();
    if (mine === latest) shown.append(...details(base, words, first, second, pair));
  } catch {
    if (mine !== latest) return;
    const ways = { again: element("a", { href: addressOf(slugs) }, say("Try again")), pairs: way("pairs/", say("the pairs with a page of their own")), models: way("models/", say("all models")) };
    tell([say("A file behind this comparison could not be read: the connection failed, or one of the two is no longer on record."), gap,
      ...filled(say("{again}, or see {pairs} and {models}."), ways)]);
  } finally {
    clearTimeout(slow);
  }
}

/** Waits until what is shown is drawn, where it is drawn at all: laying out all sections takes a phone a quarter of a second. */
function painted() {
  const drawn = new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return Promise.race([drawn, new Promise((done) => setTimeout(done, 200))]);
}

/** A message for who waits long: one for a moment only moves the page. */
function saySoon(mine) {
  return setTimeout(() => mine === latest && tell([say("Reading …")], true), 1500);
}

function tell(children, folded = false) {
  document.title = title;
  if (!folded) chosen(false);
  begin.hidden = false;
  shown.replaceChildren();
  said.replaceChildren(...children);
}

/** Words with nodes in the places that name them. */
function filled(words, nodes) {
  return words.split(/\{(\w+)\}/).map((piece, at) => (at % 2 ? nodes[piece] : piece));
}

function way(address, words) {
  return element("a", { href: base + address }, words);
}
