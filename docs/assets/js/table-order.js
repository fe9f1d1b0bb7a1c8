// The order of a table's rows: a button in each header, and what each cell counts as. Tablesort moves the rows.

import { element } from "./dom.js";
import { collator, columnNames, numberIn } from "./table-values.js";

/* global Tablesort */
// Tablesort turns its order over, so what comes first counts as greater.
Tablesort.extend("number", () => false, (a, b) => Number(b) - Number(a));
Tablesort.extend("words", () => false, (a, b) => collator.compare(b, a));

/**
 * Puts the buttons in; pick gets what a click asks for: a column, "-" and a column for the other way round, or "".
 * Gives the function that puts rows into such an order, and false where there is no such column.
 */
export function addSorting(table, unknown, pick) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const before = [...body.rows];
  const names = columnNames(heads.map((head) => head.textContent));
  for (const head of heads) head.dataset.sortMethod = "none"; // no handlers of its own on headers: ours are buttons
  const sorter = new Tablesort(table);
  heads.forEach((head, place) => {
    head.removeAttribute("role"); // a header has it already, and an empty one must not
    head.dataset.sortMethod = valueColumn(before.map((row) => row.cells[place]), head.classList.contains("number"), unknown);
    if (names[place]) addButton(head);
  });

  let sorted = "";
  const order = (asked) => {
    const down = asked.startsWith("-");
    const place = asked ? names.indexOf(down ? asked.slice(1) : asked) : -1;
    const known = place >= 0 || asked === "";
    if (sorted === (known ? asked : "")) return known;
    sorted = known ? asked : "";
    for (const head of heads) head.removeAttribute("aria-sort");
    body.append(...(place < 0 ? before : before.toReversed())); // 5.7.1 turns the order of equal rows over, both ways
    if (place < 0) return known;
    heads[place].setAttribute("aria-sort", down ? "descending" : "ascending");
    sorter.sortTable(heads[place], true);
    body.append(...before.filter((row) => row.cells[place].dataset.sort === "")); // unknown comes last both ways
    return true;
  };
  heads.forEach((head, place) => {
    const name = names[place];
    head.querySelector("button")?.addEventListener("click", () => pick({ [name]: `-${name}`, [`-${name}`]: "" }[sorted] ?? name));
  });
  return order;
}

function addButton(head) {
  const button = element("button", { type: "button" });
  button.append(...head.childNodes);
  head.append(button);
}

/** Says in each cell of a column what it is sorted by, "" where nothing is known; gives "number" or "words". */
function valueColumn(cells, numeric, unknown) {
  const given = cells.map((cell) => cell.querySelector("[data-sort]")?.dataset.sort);
  const numbers = numeric || given.some((value) => value && !Number.isNaN(Number(value)));
  cells.forEach((cell, place) => {
    const text = cell.textContent.trim();
    const number = given[place] === undefined ? numberIn(text) : numberIn(given[place]);
    if (numbers) cell.dataset.sort = Number.isNaN(number) ? "" : String(number);
    else cell.dataset.sort = given[place] ?? (text === "–" || text.toLowerCase() === unknown.toLowerCase() ? "" : text);
  });
  return numbers ? "number" : "words";
}
