// "Copy as CSV": the rows that are shown, in their order, as they stand in the CSV file of the whole table.

import { element } from "./dom.js";
import { csvRecords, filled } from "./table-values.js";

/** Puts the button after the link to the file; none where the browser gives pages no clipboard. */
export function addCopying(box, rows, words) {
  const link = box.querySelector(".woe-files a[data-csv]");
  if (!link || !navigator.clipboard || !globalThis.ClipboardItem) return;
  const button = element("button", { type: "button" }, words.copy);
  const said = element("span", { role: "status" });
  button.addEventListener("click", async () => {
    said.textContent = "";
    const shown = [...box.querySelector("tbody").rows].filter((row) => !row.hidden);
    const places = new Map(rows.map((one, place) => [one.row, place]));
    const text = shownText(link.href, shown.map((row) => places.get(row)));
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]); // at once: some browsers forget the click
      said.textContent = filled(words.copied, { shown: shown.length });
    } catch {
      said.textContent = words.failed;
    }
  });
  link.parentElement.append(button, said);
}

/** The header and some rows of a CSV file, as plain text. @returns {Promise<Blob>} */
async function shownText(address, places) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const [header, ...records] = csvRecords(await answer.text());
  return new Blob([[header, ...places.map((place) => records[place]), ""].join("\n")], { type: "text/plain" });
}
