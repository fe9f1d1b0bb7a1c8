// Cells as numbers, so that "14.7 billion" comes after "770 million", and the records of a CSV text.

const UNITS = {
  thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15,
  ms: 1e-3, s: 1, min: 60, h: 3600, days: 86400, years: 31557600,
};
const NUMBER = /^[<>≈~=]?\s*([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)[\s\u00a0]*([a-zA-Z]+)?/i;

/** The number that a cell begins with, in its unit; NaN where it begins with none. */
export function numberIn(text) {
  const found = NUMBER.exec(text.replaceAll("\u202f", "").replaceAll("−", "-").trim());
  return found ? Number(found[1]) * (UNITS[found[2]] ?? 1) : NaN;
}

/** The records of a CSV text as they stand there, without the line feed; one may hold line feeds in quotation marks. */
export function csvRecords(text) {
  const records = [];
  let open = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') open = !open;
    if (text[at] === "\n" && !open) {
      records.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (start < text.length) records.push(text.slice(start));
  return records;
}
