// Two models and what is on record of the pair -> the sections of the page. It shows words, and computes none.

import { curvePanels } from "./curves.js";
import { element, table } from "./dom.js";

const NOT_ON_RECORD = "not on record";

/** Every section, in reading order. first and second are models, pair the row of both or null. */
export function comparison(base, { roles, rule, ask }, first, second, pair) {
  const models = [first, second];
  return [
    element("h2", { id: "compared" }, `${first.name} and ${second.name}`),
    element("div", { class: "woe-pairhead" }, ...models.map((model) => card(base, model))),
    ...finding(base, first, second, pair),
    ...scores(base, { rule, ask }, first, second, pair),
    ...curves(roles, models, pair),
    ...published(base, pair),
    element("h3", {}, "Side by side"),
    facts(models),
    element("p", { class: "woe-meta" }, "Each fact with where it is known from; where nothing is said, it stands in the record of the model. An equal shape is no evidence about weights: many independent models share one."),
    ...missing(base, models, pair),
    ...ways(base, first, second, pair),
  ];
}

/** A mark of where a number comes from, as a word. */
export function mark(words) {
  return element("span", { class: "woe-mark-word" }, words);
}

function card(base, model) {
  return element("div", { class: "woe-card" },
    element("p", { class: "woe-cardname" }, element("a", { href: base + model.address }, model.name)),
    element("p", { class: "woe-meta" }, element("code", {}, model.id)),
    element("p", {}, mark(model.mark)));
}

function finding(base, first, second, pair) {
  const found = pair?.finding ?? first.unrecorded[second.measured ? "measured" : "unmeasured"];
  return [
    element("h3", {}, "What is known"),
    element("dl", { class: "woe-facts" },
      element("dt", {}, "Relation"), element("dd", {}, pair?.relation ?? relation(first, second),
        ...(pair?.cases ?? []).flatMap(([title, address]) => [". ", element("a", { href: base + address }, `The case: ${title}`)])),
      element("dt", {}, "Finding"), element("dd", { class: "woe-finding" }, element("strong", {}, sentence(found.status)), ` ${sentence(found.sentence)}`,
        ...(found.later ? [" ", element("span", { class: "woe-later" }, found.later)] : []))),
    element("p", { class: "woe-meta" }, "A finding is computed, never typed. Weights cannot show distillation, which of two came first, or whether trained weights or only a random start is shared. ",
      element("a", { href: `${base}how-to-read/` }, "How to read this"), "."),
  ];
}

function relation(first, second) {
  if (!first.roots.length || !second.roots.length) return "unknown: the root of one or both is not settled";
  if (!first.roots.some((root) => second.roots.includes(root))) return "independent roots, as documented";
  return first.roots.join() === second.roots.join() ? "same root" : "a root in common: one of the two is made from several";
}

function scores(base, { rule, ask }, first, second, pair) {
  const heading = element("h3", {}, "Scores, and where they stand");
  if (!pair?.scores.length) {
    return [heading, element("p", {}, `Not measured: no score of this pair is on record. ${lacking(first, second)} `,
      element("a", { href: `${base}measure/` }, "How to measure a model"), "."),
    element("p", {}, ...[first, second].filter((model) => model.ask).flatMap((model) => [askFor(ask, model), " "]))];
  }
  const rows = pair.scores.map((row) => [
    element("a", { href: base + row.address }, row.method),
    element("span", {}, element("span", { class: "woe-value" }, row.score), " ", mark(row.mark)),
    element("span", {}, ...row.places.map((words) => element("span", { class: "woe-place" }, words))),
  ]);
  return [heading, table("Every score of this pair", ["Method", "Score", "Where it stands, and p"], rows, "pair-scores"),
    element("p", { class: "woe-meta" }, "“Higher than k of n and k of n”: each of the two with independent control roots in place of the other. ", rule, " A screening score alone makes no finding.")];
}

/** A link to the form, filled in for a model where there is a form. */
function askFor(ask, model) {
  const href = new URL(ask).searchParams.has("template") ? `${ask}&${model.ask}` : ask;
  return element("a", { class: "woe-ask", href, rel: "nofollow" }, `Ask for a measurement of ${model.name}`);
}

function lacking(first, second) {
  const without = [first, second].filter((model) => !model.measured).map((model) => model.name);
  return without.length ? `The weights of ${without.join(" and ")} have not been read here.` : "Both were measured, but they were not put side by side.";
}

function curves(roles, models, pair) {
  const drawn = curvePanels(roles, models, pair?.correlations ?? {});
  const heading = element("h3", {}, "Curves over depth");
  return [heading, drawn ?? element("p", {}, "None to draw: the weights of neither have been read here.")];
}

function published(base, pair) {
  if (!pair?.published.length) return [element("h3", {}, "What others published"), element("p", {}, "No published score of this pair is on record.")];
  const rows = pair.published.map((row) => [
    element("a", { href: base + row.address }, row.title), row.measure,
    element("span", {}, element("span", { class: "woe-value" }, row.value), " ", mark("published")), row.scale,
  ]);
  return [element("h3", {}, "What others published"), table("Published scores of this pair", ["Source", "What it is", "Value", "Scale"], rows, "pair-published")];
}

function facts(models) {
  const [one, other] = models.map((model) => new Map(model.facts.map(([title, words]) => [title, words])));
  const [origins, others] = models.map((model) => new Map(model.facts.map(([title, , origin]) => [title, origin])));
  const titles = [...new Set([...one.keys(), ...other.keys()])].filter((title) => one.get(title) !== "none" || other.get(title) !== "none");
  const rows = titles.map((title) => {
    const cells = [one, other].map((known) => known.get(title) ?? NOT_ON_RECORD);
    const unknown = cells.some((words) => words === NOT_ON_RECORD || words.includes("unknown"));
    const told = [origins, others].map((from, at) => (from.get(title) ? element("span", {}, cells[at], " ", element("span", { class: "woe-origin" }, from.get(title))) : cells[at]));
    return [title, ...told, unknown ? "cannot tell" : cells[0] === cells[1] ? "same" : "differs"];
  });
  return table("Facts of both", ["", models[0].name, models[1].name, "Compared"], rows, "pair-facts");
}

function missing(base, models, pair) {
  const items = models.flatMap((model) => model.missing.map((words) => `${model.name}: ${words}`));
  if (!pair?.scores.length) items.unshift("No score of this pair is on record");
  const list = items.length ? element("ul", {}, ...items.map((words) => element("li", {}, `${words}.`))) : element("p", {}, "Nothing that these records ask for.");
  return [element("h3", {}, "What is missing"), list];
}

function ways(base, first, second, pair) {
  const here = `?a=${encodeURIComponent(first.slug)}&b=${encodeURIComponent(second.slug)}`;
  return [element("p", { class: "woe-ways" },
    pair?.page ? element("a", { href: base + pair.page }, "The page of this pair, with its sources") : element("a", { href: `${base}pairs/` }, "Pairs with a page of their own"),
    element("a", { href: here }, "Link to this comparison"))];
}

function sentence(words) {
  const whole = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
