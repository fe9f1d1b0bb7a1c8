// Heat maps by pointer, finger and keyboard: one square takes part in tabbing, arrows move, and each is named in words.
// A first tap on a square shows what it is, with a link; a second one follows it.

import { phrase, text } from "./check/words.js";

for (const map of document.querySelectorAll(".woe-heat")) {
  const dictionary = JSON.parse(map.dataset.words);
  const said = (words, values = {}) => text(phrase(words, values), dictionary);
  const readout = map.querySelector(".woe-readout");
  const table = map.querySelector("table");
  const heads = [...map.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  const rows = [...map.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td a")]);
  const links = rows.flat();

  const nameOf = (row) => row.querySelector("th a").textContent;
  const say = (link) => {
    const cell = link.closest("td");
    const score = cell.classList.contains("heat-none") ? said("no score") : said("score {score}", { score: link.textContent.replace("†", "") });
    const [one, other] = [nameOf(cell.parentElement), heads[cell.cellIndex]];
    readout.textContent = said("{one} and {other}: {score}, {mark}; {words}.", { one, other, score, mark: link.dataset.mark ?? map.dataset.mark, words: link.dataset.say });
    light(link);
  };
  const light = (link) => {
    const cell = link.closest("td");
    for (const one of map.querySelectorAll(".woe-on")) one.classList.remove("woe-on");
    for (const one of [cell.parentElement.cells[0], table.tBodies[0].rows[cell.cellIndex - 1].querySelector(".woe-corner")]) one?.classList.add("woe-on");
  };
  const lead = (link) => {
    const way = document.createElement("a");
    way.href = link.href;
    way.textContent = said("Both models side by side");
    readout.append(document.createElement("br"), way);
  };
  const take = (link) => {
    for (const other of links) other.tabIndex = other === link ? 0 : -1;
  };
  const at = (link) => {
    const row = rows.findIndex((all) => all.includes(link));
    return [row, rows[row].indexOf(link)];
  };

  let pressed = "";
  let tapped = null;
  table.setAttribute("role", "grid");
  if (links.length) take(links[0]);
  map.addEventListener("focusin", (event) => {
    if (!links.includes(event.target)) return;
    take(event.target);
    say(event.target);
  });
  map.addEventListener("pointerover", (event) => {
    const link = event.target.closest("td a");
    if (link) say(link);
  });
  map.addEventListener("pointerdown", (event) => {
    pressed = event.pointerType;
  });
  map.addEventListener("click", (event) => {
    const link = event.target.closest("td a");
    if (!link || pressed !== "touch" || event.detail === 0) return; // detail is 0 for a click by keyboard or a reader
    if (link === tapped) return;
    event.preventDefault();
    tapped = link;
    say(link);
    lead(link);
  });
  map.addEventListener("keydown", (event) => {
    if (!links.includes(event.target)) return;
    const [row, column] = at(event.target);
    const steps = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, rows[row].length - 1] };
    const next = steps[event.key];
    if (!next) return;
    event.preventDefault();
    rows[next[0]]?.[next[1]]?.focus();
  });
}
