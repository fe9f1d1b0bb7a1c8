// Heat maps by pointer and by keyboard: one square takes part in tabbing, arrows move, and each is named in words.

for (const map of document.querySelectorAll(".woe-heat")) {
  const readout = map.querySelector(".woe-readout");
  const heads = [...map.querySelectorAll("thead th")].map((head) => head.querySelector(".woe-hidden")?.textContent.trim() ?? "");
  const rows = [...map.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td a")]);
  const links = rows.flat();

  const nameOf = (row) => row.querySelector("th a").textContent;
  const say = (link) => {
    const cell = link.closest("td");
    const names = `${nameOf(cell.parentElement)} and ${heads[cell.cellIndex]}`;
    const score = link.textContent === "none" ? "no score" : `score ${link.textContent.replace("†", "")}`;
    readout.textContent = `${names}: ${score}, ${link.dataset.mark ?? map.dataset.mark}; ${link.dataset.say}.`;
  };
  const take = (link) => {
    for (const other of links) other.tabIndex = other === link ? 0 : -1;
  };
  const at = (link) => {
    const row = rows.findIndex((all) => all.includes(link));
    return [row, rows[row].indexOf(link)];
  };

  map.querySelector("table").setAttribute("role", "grid");
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
