// Two models and what is on record of the pair -> the sections of the page. It shows words, and computes none.

import { curvePanels } from "./curves.js";
import { element, table } from "./dom.js";

/** What is said first of two models, and the two. first and second are models, pair the row of both or null; say gives words in the language of the page. */
export function answer(base, { say, gap }, first, second, pair) {
  return [
    element("h2", { id: "compared" }, say("{one} and {other}", { one: first.name, other: second.name })),
    ...finding(base, { say, gap }, first, second, pair),
    element("div", { class: "woe-pairhead" }, ...[first, second].map((model) => card(base, model))),
  ];
}

/** Every section behind the answer, in reading order. */
export function details(base, { roles, rule, ask, say, gap }, first, second, pair) {
  const models = [first, second];
  return [
    ...scores(base, { rule, ask, say, gap }, first, second, pair),
    ...curves(roles, models, pair, say),
    ...published(base, pair, say),
    element("h3", {}, say("Side by side")),
    facts(models, say),
    element("p", { class: "woe-meta" }, say("Each fact with where it is known from; where nothing is said, it stands in the record of the model. An equal shape is no evidence about weights: many independent models share one.")),
    ...missing(models, pair, say),
    ...ways(base, first, second, pair, say),
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

function finding(base, { say, gap }, first, second, pair) {
  const found = pair?.finding ?? first.unrecorded[second.measured ? "measured" : "unmeasured"];
  return [
    element("dl", { class: "woe-facts woe-known" },
      element("dt", {}, say("Finding")), element("dd", { class: "woe-finding" }, element("strong", {}, sentence(found.status, say)), gap, ...(found.plain ? [sentence(found.plain, say), gap] : []), sentence(found.sentence, say),
        ...(found.later ? [gap, element("span", { class: "woe-later" }, found.later)] : [])),
      ...measured(pair, say),
      element("dt", {}, say("Relation")), element("dd", {}, pair?.relation ?? relation(first, second, say),
        ...(pair?.cases ?? []).flatMap(([title, address]) => [say(". "), element("a", { href: base + address }, say("The case: {title}", { title }))]))),
    element("p", { class: "woe-meta" }, say("A program makes the finding from the measurements, by fixed rules. Weights cannot show distillation, which of two came first, or whether trained weights or only a random start is shared."), gap,
      element("a", { href: `${base}how-to-read/` }, say("How to read this")), say(".")),
  ];
}

/** The scores of the pair in short: those that a finding rests on, then the others; nothing where none was measured. */
function measured(pair, say) {
  const scored = (pair?.scores ?? []).filter((row) => row.mark);
  const told = (title, rows) => (rows.length ? [element("dt", {}, title), element("dd", {}, ...rows.map((row) => inShort(row, say)))] : []);
  return [...told(say("Exact tests, on which a finding rests"), scored.filter((row) => row.exact)), ...told(say("Screening scores, which make no finding"), scored.filter((row) => !row.exact))];
}

function inShort(row, say) {
  const p = row.exact ? row.places.flatMap((words) => [say(", "), words]) : [];
  return element("span", { class: "woe-each" }, row.method, say(": "), element("span", { class: "woe-value" }, row.score), ...p);
}

function relation(first, second, say) {
  if (!first.roots.length || !second.roots.length) return say("unknown: the root of one or both is not settled");
  if (!first.roots.some((root) => second.roots.includes(root))) return say("independent roots, as documented");
  return first.roots.join() === second.roots.join() ? say("same root") : say("a root in common: one of the two is made from several");
}

function scores(base, { rule, ask, say, gap }, first, second, pair) {
  const heading = element("h3", {}, say("Scores, and where they stand"));
  if (!pair?.scores.length) {
    return [heading, element("p", {}, say("Not measured: no score of this pair was measured here."), gap, lacking(first, second, say), gap,
      element("a", { href: `${base}measure/` }, say("How to measure a model")), say(".")),
    element("p", {}, ...[first, second].filter((model) => model.ask).flatMap((model) => [askFor(ask, model, say), " "]))];
  }
  const rows = pair.scores.map((row) => [
    element("a", { href: base + row.address }, row.method),
    element("span", {}, element("span", { class: row.mark ? "woe-value" : "woe-no-value" }, row.score), ...(row.mark ? [" ", mark(row.mark)] : [])),
    element("span", {}, ...row.places.map((words) => element("span", { class: "woe-place" }, words))),
  ]);
  return [heading, table(say("Every score of this pair"), [say("Method"), say("Score"), say("Where it stands, and p")], rows, "pair-scores"),
    element("p", { class: "woe-meta" }, say("Each of the two is held against independent models, one of each training run (a control root), in place of the other."), gap, rule, gap, say("A screening score alone makes no finding."))];
}

/** A link to the form, filled in for a model where there is a form. */
function askFor(ask, model, say) {
  const href = new URL(ask).searchParams.has("template") ? `${ask}&${model.ask}` : ask;
  return element("a", { class: "woe-ask", href, rel: "nofollow" }, say("Ask for a measurement of {name}", { name: model.name }));
}

function lacking(first, second, say) {
  const without = [first, second].filter((model) => !model.measured).map((model) => model.name);
  return without.length ? say("The weights of {models} have not been read here.", { models: without.join(say(" and ")) }) : say("Both were measured, but they were not put side by side.");
}

function curves(roles, models, pair, say) {
  const drawn = curvePanels(roles, models, pair?.correlations ?? {}, say);
  const heading = element("h3", {}, say("Curves over depth"));
  return [heading, drawn ?? element("p", {}, say("None to draw: the weights of neither have been read here."))];
}

function published(base, pair, say) {
  const heading = element("h3", {}, say("What others published"));
  if (!pair?.published.length) return [heading, element("p", {}, say("No published score of this pair is on record."))];
  const rows = pair.published.map((row) => [
    element("a", { href: base + row.address }, row.title), row.measure,
    element("span", {}, element("span", { class: "woe-value" }, row.value), " ", mark(say("published"))), row.scale,
  ]);
  return [heading, table(say("Published scores of this pair"), [say("Source"), say("What it is"), say("Value"), say("Scale")], rows, "pair-published")];
}

function facts(models, say) {
  const [none, unknown, notOnRecord] = [say("none"), say("unknown"), say("not on record")];
  const untold = [notOnRecord, say("not measured here"), say("none documented")]; // equal, and nothing that is known of both
  const [one, other] = models.map((model) => new Map(model.facts.map(([title, words]) => [title, words])));
  const [origins, others] = models.map((model) => new Map(model.facts.map(([title, , origin]) => [title, origin])));
  const provenance = [say("Weights"), say("Measured again"), say("Named in")]; // how it is known, and nothing that two models share
  const titles = [...new Set([...one.keys(), ...other.keys()])].filter((title) => one.get(title) !== none || other.get(title) !== none);
  const rows = titles.map((title) => {
    const cells = [one, other].map((known) => known.get(title) ?? notOnRecord);
    const open = cells.some((words) => untold.includes(words) || words.includes(unknown));
    const told = [origins, others].map((from, at) => (from.get(title) ? element("span", {}, cells[at], " ", element("span", { class: "woe-origin" }, from.get(title))) : cells[at]));
    return [title, ...told, provenance.includes(title) ? "" : open ? say("cannot tell") : cells[0] === cells[1] ? say("same") : say("differs")];
  });
  return table(say("Facts of both"), ["", models[0].name, models[1].name, say("Compared")], rows, "pair-facts");
}

function missing(models, pair, say) {
  const items = models.flatMap((model) => model.missing.map((words) => say("{model}: {words}", { model: model.name, words })));
  if (!pair?.scores.length) items.unshift(say("No score of this pair was measured here"));
  const list = items.length ? element("ul", {}, ...items.map((words) => element("li", {}, say("{words}.", { words })))) : element("p", {}, say("Nothing that these records ask for."));
  return [element("h3", {}, say("What is missing")), list];
}

function ways(base, first, second, pair, say) {
  const here = `?a=${encodeURIComponent(first.slug)}&b=${encodeURIComponent(second.slug)}`;
  return [element("p", { class: "woe-ways" },
    pair?.page ? element("a", { href: base + pair.page }, say("The page of this pair, with its sources")) : element("a", { href: `${base}pairs/` }, say("Pairs with a page of their own")),
    element("a", { href: here }, say("Link to this comparison")))];
}

function sentence(words, say) {
  const whole = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?。]$/.test(whole) ? whole : say("{words}.", { words: whole });
}
