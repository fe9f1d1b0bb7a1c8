// The first rows of a long table, and a button for the others, where the style of narrow screens asks for it.

import { element } from "./dom.js";

const FIRST = 12;
const WORTH = 4; // fewer are shown at once

/** Puts the button below a table; gives the function that marks its later rows anew, after rows were found or moved. */
export function addRest(table, say) {
  const button = element("button", { type: "button", class: "woe-rest" });
  table.closest(".woe-table").after(button);
  let whole = false;

  const mark = () => {
    const rows = [...table.tBodies[0].rows];
    const shown = rows.filter((row) => !row.hidden);
    const later = whole || shown.length < FIRST + WORTH ? [] : shown.slice(FIRST);
    for (const row of rows) row.classList.toggle("woe-remaining", later.includes(row));
    button.hidden = later.length === 0;
    button.textContent = say(later.length, shown.length);
    return later;
  };
  const open = () => {
    whole = true;
    mark();
  };
  button.addEventListener("click", () => {
    const [next] = mark();
    open();
    next?.querySelector("a, button")?.focus({ preventScroll: true });
  });
  const reach = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest(".woe-remaining") || !table.contains(target)) return;
    open();
    target.scrollIntoView();
  };
  addEventListener("hashchange", reach);
  queueMicrotask(reach); // once the rows are marked
  return mark;
}
