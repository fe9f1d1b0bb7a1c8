// What stands in a table as values: numbers in cells, names of columns, records of a CSV text, words with values in them.

export const collator = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });

/** The number that a text begins with; NaN where it begins with none, as "unknown" does. */
export function numberIn(text) {
  return Number.parseFloat(text.replaceAll("\u202f", "").replaceAll("−", "-"));
}

/** A name in the address for each header, "" for an empty one; a second one of the same words gets its number. */
export function columnNames(headers) {
  const names = headers.map((text) => text.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, ""));
  return names.map((name, place) => (names.indexOf(name) < place && name ? `${name}-${place + 1}` : name));
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

/** A text with values in the place of their names in braces. */
export function filled(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
