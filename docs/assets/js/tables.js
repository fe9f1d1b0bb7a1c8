// Tables that find, filter, sort and copy. The table itself stands in the page; without this script it is all there.

import { element } from "./dom.js";
import { readState, writeState } from "./table-state.js";
import { csvRecords, numberIn } from "./table-values.js";

const WIDE = matchMedia("(min-width: 45em)");
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });

/* global Tablesort */
// Tablesort turns its order over, so what comes first counts as greater.
Tablesort.extend("number", () => false, (a, b) => Number(b) - Number(a));
Tablesort.extend("words", () => false, (a, b) => collator.compare(b, a));

for (const box of document.querySelectorAll(".woe-live")) enliven(box);

function enliven(box) {
  const table = box.querySelector("table");
  const words = JSON.parse(box.dataset.words);
  const facets = JSON.parse(box.dataset.facets);
  const name = table.id.replace(/-table$/, "");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({
    row,
    values: JSON.parse(row.dataset.values ?? "[]"),
    text: row.textContent.toLowerCase(),
  }));
  const columns = [...table.tHead.rows[0].cells].map((head) => slug(head.textContent));
  const headers = [...table.tHead.rows[0].cells];
  const keys = facets.map((facet) => facet.key);
  const sorter = prepareSorting(table, words);

  const status = element("p", { class: "woe-count", role: "status" });
  const find = element("input", { type: "search", id: `${name}-find`, autocomplete: "off", spellcheck: "false" });
  const choices = facets.map((facet, place) => choice(facet, place, rows, name, words));
  const fields = [
    ...(rows.length >= words.findFrom ? [field(words.find, find)] : []),
    ...choices.map((select, place) => field(facets[place].name, select)),
  ];
  const reset = element("button", { type: "button", class: "woe-reset" }, words.all);
  const filters = element("details", { class: "woe-filters" }, element("summary", {}, words.filter), element("div", {}, ...fields, reset));
  const nothing = element("p", { class: "woe-nothing", hidden: "" });
  box.querySelector(".woe-tools").append(...(fields.length ? [filters] : []), status);
  box.querySelector(".woe-table").after(nothing);
  copyButton(box, words, rows, body, status);

  let state;
  const show = (anew) => {
    for (const one of rows) one.row.hidden = !fits(one);
    order(state.sort);
    const shown = rows.filter((one) => !one.row.hidden).length;
    status.textContent = filled(shown === rows.length ? words.whole : words.part, { shown, all: rows.length });
    const strange = facets.flatMap((facet, place) =>
      state.picked[facet.key] && choices[place].selectedIndex < 0
        ? [filled(words.strange, { name: facet.name, value: state.picked[facet.key] })]
        : [],
    );
    nothing.replaceChildren(...[...strange, ...(shown === 0 ? [words.none] : [])].flatMap((text) => [text, " "]));
    if (nothing.textContent) nothing.append(again());
    nothing.hidden = !nothing.textContent;
    const active = [state.find, ...Object.values(state.picked)].filter(Boolean).length;
    filters.querySelector("summary").textContent = active ? `${words.filter} (${active})` : words.filter;
    reset.hidden = active === 0;
    if (anew !== null) writeState(name, state, anew);
  };
  const fits = ({ values, text }) =>
    text.includes(state.find.trim().toLowerCase()) &&
    facets.every((facet, place) => {
      const asked = state.picked[facet.key];
      return !asked || choices[place].selectedIndex < 0 || values[place] === asked;
    });
  const order = (asked) => {
    const down = asked.startsWith("-");
    const place = columns.indexOf(asked.replace(/^-/, ""));
    for (const head of headers) head.removeAttribute("aria-sort");
    body.append(...rows.map((one) => one.row));
    if (place < 0 || asked === "") return;
    headers[place].setAttribute("aria-sort", down ? "descending" : "ascending");
    sorter.sortTable(headers[place], true);
    body.append(...rows.map((one) => one.row).filter((row) => row.cells[place].dataset.sort === "")); // unknown comes last
  };
  const restore = () => {
    state = readState(name, keys);
    find.value = state.find;
    choices.forEach((select, place) => {
      select.value = state.picked[keys[place]];
    });
    filters.open = WIDE.matches || Object.values(state.picked).some(Boolean) || state.find !== "";
    show(null);
  };
  const again = () => {
    const button = element("button", { type: "button" }, words.all);
    button.addEventListener("click", clear);
    return button;
  };
  const clear = () => {
    state = { find: "", picked: Object.fromEntries(keys.map((key) => [key, ""])), sort: state.sort };
    find.value = "";
    for (const select of choices) select.value = "";
    show(true);
    (fields.length ? filters.querySelector("summary") : table).focus();
  };

  find.addEventListener("input", () => {
    state.find = find.value;
    show(false);
  });
  choices.forEach((select, place) =>
    select.addEventListener("change", () => {
      state.picked[keys[place]] = select.value;
      show(true);
    }),
  );
  reset.addEventListener("click", clear);
  headers.forEach((head, place) => {
    if (!head.querySelector("button")) return;
    head.addEventListener("click", () => {
      state.sort = { "": columns[place], [columns[place]]: `-${columns[place]}`, [`-${columns[place]}`]: "" }[state.sort] ?? columns[place];
      show(true);
    });
  });
  addEventListener("popstate", restore);
  restore();
}

/** Buttons in the headers, and what each cell is sorted by: "" where nothing is known. */
function prepareSorting(table, words) {
  const headers = [...table.tHead.rows[0].cells];
  for (const head of headers) head.dataset.sortMethod = "none"; // no handlers of its own: ours are buttons
  const sorter = new Tablesort(table);
  headers.forEach((head, place) => {
    const cells = [...table.tBodies[0].rows].map((row) => row.cells[place]);
    const numbers = head.classList.contains("number");
    for (const cell of cells) {
      const text = cell.textContent.trim();
      const number = numberIn(text);
      const known = numbers ? !Number.isNaN(number) : text && text !== "–" && text.toLowerCase() !== words.unknown.toLowerCase();
      cell.dataset.sort = known ? (numbers ? String(number) : text) : "";
    }
    head.dataset.sortMethod = numbers ? "number" : "words";
    if (!head.textContent.trim()) {
      head.removeAttribute("role"); // nothing to sort by
    } else {
      const button = element("button", { type: "button" });
      button.append(...head.childNodes);
      head.append(button);
    }
  });
  return sorter;
}

function choice(facet, place, rows, name, words) {
  const counts = new Map();
  for (const { values } of rows) counts.set(values[place], (counts.get(values[place]) ?? 0) + 1);
  const listed = [...counts.keys()].sort((a, b) => (facet.order ? facet.order.indexOf(a) - facet.order.indexOf(b) : collator.compare(a, b)));
  const options = listed.map((value) => element("option", { value }, `${value} (${counts.get(value)})`));
  return element("select", { id: `${name}-${facet.key}` }, element("option", { value: "" }, words.any), ...options);
}

function field(title, control) {
  return element("label", { for: control.id }, element("span", {}, title), control);
}

/** Copies the rows that are shown, in their order, as they stand in the CSV file of the whole table. */
function copyButton(box, words, rows, body, status) {
  const link = box.querySelector(".woe-files a[data-csv]");
  if (!link) return;
  const button = element("button", { type: "button" }, words.copy);
  const shownText = async () => {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(String(answer.status));
    const records = csvRecords(await answer.text());
    const places = new Map(rows.map((one, place) => [one.row, place]));
    const shown = [...body.rows].filter((row) => !row.hidden).map((row) => records[places.get(row) + 1]);
    return { text: `${[records[0], ...shown].join("\n")}\n`, count: shown.length };
  };
  button.addEventListener("click", async () => {
    try {
      const { text, count } = await shownText();
      await navigator.clipboard.writeText(text);
      status.textContent = filled(words.copied, { shown: count });
    } catch {
      status.textContent = words.failed;
    }
  });
  link.before(button);
}

function filled(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

function slug(text) {
  return text.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
}
