// Tables that find, filter, sort and copy. The table itself stands in the page; without this script it is all there.

import { element } from "./dom.js";
import { addCopying } from "./table-copy.js";
import { facetField, field } from "./table-filters.js";
import { addSorting } from "./table-order.js";
import { addRest } from "./table-rest.js";
import { readState, writeState } from "./table-state.js";
import { filled } from "./table-values.js";

const WIDE = matchMedia("(min-width: 45em)"); // as in site.css: below it, filters fold
const PAUSE = 300; // ms without a key, after which the address says what is looked for

for (const box of document.querySelectorAll(".woe-live")) enliven(box);

function enliven(box) {
  const table = box.querySelector("table");
  const words = JSON.parse(box.dataset.words);
  const name = table.id.replace(/-table$/, "");
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    values: JSON.parse(row.dataset.values ?? "[]"),
    text: row.textContent.toLowerCase(),
  }));
  const facets = JSON.parse(box.dataset.facets).map((facet, place) => facetField(facet, rows.map((one) => one.values[place]), name, words.any));
  const find = element("input", { type: "search", id: `${name}-find`, autocomplete: "off", spellcheck: "false" });
  const controls = addControls(box, words, [...(rows.length >= words.findFrom ? [field(words.find, find)] : []), ...facets.map((facet) => facet.label)]);
  const order = addSorting(table, words.unknown, (sort) => change({ sort }));
  const rest = addRest(table, (left, all) => filled(words.rest, { rest: left, all }));
  let state = readState(name, facets);
  let waiting;

  const fits = ({ values, text }) =>
    text.includes(state.find.trim().toLowerCase()) &&
    facets.every(({ key }, place) => !state.picked[key] || values[place] === state.picked[key]);

  /** Shows what the state asks for, and says what it asks for that is not there. */
  function show() {
    for (const one of rows) one.row.hidden = !fits(one);
    const numbers = { shown: rows.filter((one) => !one.row.hidden).length, all: rows.length };
    const missing = facets
      .filter((facet) => !facet.set(state.picked[facet.key] ?? ""))
      .map((facet) => filled(words.strange, { ...numbers, name: facet.name, value: state.picked[facet.key] }));
    if (!order(state.sort)) missing.push(filled(words.column, { value: state.sort.replace(/^-/, "") }));
    if (numbers.shown === 0 && missing.length === 0) missing.push(filled(words.none, numbers));
    find.value = state.find;
    controls.say(filled(numbers.shown < rows.length ? words.part : words.whole, numbers), missing, active());
    box.classList.toggle("woe-empty", numbers.shown === 0);
    rest();
  }
  const active = () => [state.find, ...Object.values(state.picked)].filter(Boolean).length;
  const change = (changed) => {
    clearTimeout(waiting);
    state = { ...state, ...changed };
    show();
    writeState(name, state, true);
  };
  const restore = () => {
    clearTimeout(waiting);
    state = readState(name, facets);
    show();
  };

  find.addEventListener("input", () => {
    state = { ...state, find: find.value };
    show();
    clearTimeout(waiting);
    waiting = setTimeout(() => writeState(name, state, false), PAUSE);
  });
  find.addEventListener("change", () => writeState(name, state, false)); // before the reader goes on to another control
  for (const { key, select } of facets) select.addEventListener("change", () => change({ picked: { ...state.picked, [key]: select.value } }));
  controls.reset.addEventListener("click", () => {
    change({ find: "", picked: {}, sort: order(state.sort) ? state.sort : "" });
    controls.first().focus();
  });
  addEventListener("popstate", restore);
  addCopying(box, rows, words);
  restore();
}

/** Puts the fields and the line that counts above a table; on narrow screens the fields fold. */
function addControls(box, words, fields) {
  const summary = element("summary", {}, words.filter);
  const filters = element("details", { class: "woe-filters", ...(WIDE.matches && { open: "" }) }, summary, element("div", {}, ...fields));
  const count = element("span", { class: "woe-count", role: "status" });
  const reset = element("button", { type: "button" }, words.all);
  box.querySelector(".woe-tools").append(...(fields.length ? [filters] : []), element("p", { class: "woe-counted" }, count, " ", reset));
  WIDE.addEventListener("change", () => {
    filters.open ||= WIDE.matches;
  });
  return {
    reset,
    first: () => (WIDE.matches || filters.open ? filters.querySelector("input, select") : summary),
    say: (counted, missing, active) => {
      count.textContent = missing.length ? `${counted}. ${missing.join(" ")}` : counted;
      summary.textContent = active ? `${words.filter} (${active})` : words.filter;
      reset.hidden = active === 0 && missing.length === 0;
    },
  };
}
