// A measurement as the three files of a fingerprint, and such files read again: the form of scripts/measure.py.

import { own } from "./config.js";
import { Fault } from "./words.js";

const MODEL = "checked/model"; // as scripts/look.py calls what is on no record
const LARGEST = 16 << 20; // bytes of a file

/** What was measured of a checkpoint.
 * @typedef {{family: string, files: import("./reading.js").ReadFile[], stored: object[], leftOut: string[], partial: string,
 *   coverage: {role: string, read: ?number, there: ?number}[], config: ?object, tokenizer: ?object, version: string,
 *   tables: import("./measured.js").Tables}} Measured */

/** The text of each file by its ending. @param {Measured} measured @param {string} day as 2026-11-25 @returns {Record<string, string>} */
export function fingerprintFiles(tables, measured, day) {
  return {
    ".toml": recordText(tables, measured, day),
    ".csv": csv(tables.columns.matrices, measured.tables.matrices),
    ".vectors.csv": csv(tables.columns.vectors, measured.tables.vectors),
  };
}

/** What three files say. A Fault where they are not of this form. @returns {Promise<Measured>} */
export async function readFingerprint(tables, { record, matrices, vectors }) {
  const large = [record, matrices, vectors].find((file) => file.size > LARGEST);
  if (large) throw new Fault("{file}: has {size} bytes, too many for what it should hold", { file: large.name, size: large.size });
  const said = readRecord(await record.text(), record.name);
  if (said.not_testable) throw new Fault("{file}: says that its weights cannot be measured: {why}", { file: record.name, why: String(said.not_testable) });
  const found = { matrices: readTable(tables.columns.matrices, await matrices.text(), matrices.name), vectors: readTable(tables.columns.vectors, await vectors.text(), vectors.name) };
  if (said.matrices !== found.matrices.length) throw new Fault("{file}: says that {said} rows were measured; the table beside it has {count}", { file: record.name, said: String(said.matrices), count: found.matrices.length });
  const lists = [said.files, said.stored ?? [], said.not_measured ?? [], said.coverage ?? []].every(Array.isArray);
  const texts = [said.family, said.partial ?? "", ...(lists ? said.not_measured ?? [] : [])].every((one) => typeof one === "string");
  if (!lists || !texts) throw new Fault("{file}: is no record of a measurement; choose what `make measure` or this page wrote", { file: record.name });
  return {
    family: said.family, files: said.files, stored: said.stored ?? [], leftOut: said.not_measured ?? [], partial: said.partial ?? "",
    coverage: coverageIn(tables, found.matrices, said.coverage ?? []), config: said.config ?? null, tokenizer: said.tokenizer ?? null, version: String(said.tool_version ?? ""), tables: found,
  };
}

function recordText(tables, measured, day) {
  const { kinds } = tables.config;
  const lines = [
    '# Written by the page "Check a model". Do not edit.',
    `date = ${day}`,
    ...Object.entries({ model: MODEL, address: "a local copy", command: 'the page "Check a model", in a browser', tool_version: measured.version, family: measured.family, matrices: measured.tables.matrices.length, ...(measured.partial ? { partial: measured.partial } : {}) }).map(keyed),
    "not_measured = [", ...measured.leftOut.map((name) => `  ${JSON.stringify(name)},`), "]",
  ];
  const parts = [
    ...measured.files.map((one) => ["[[files]]", one]),
    ...measured.stored.map((one) => ["[[stored]]", one]),
    ...measured.coverage.filter(({ read, there }) => read !== null && read < there).map((one) => ["[[coverage]]", one]),
    ...(measured.config ? [["[config]", measured.config]] : []),
    ...(measured.tokenizer ? [["[tokenizer]", measured.tokenizer]] : []),
  ];
  for (const [head, part] of parts) {
    const float = (name, value) => head === "[config]" && own(kinds, name)?.type === "number" && Number.isInteger(value);
    lines.push("", head, ...Object.entries(part).map(([name, value]) => (float(name, value) ? `${name} = ${value.toFixed(1)}` : keyed([name, value]))));
  }
  return `${lines.join("\n")}\n`;
}

function keyed([name, value]) {
  return `${name} = ${Array.isArray(value) ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]` : JSON.stringify(value)}`;
}

function csv(columns, lines) {
  return `${[columns.join(","), ...lines.map((line) => columns.map((name) => cell(line[name])).join(","))].join("\n")}\n`;
}

function cell(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? sevenDigits(value) : String(value);
}

/** A number as C's %.7g writes it; whole numbers whole. */
export function sevenDigits(value) {
  if (Number.isSafeInteger(value)) return String(value);
  const [digits, power] = value.toExponential(6).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 7) return `${trimmed(digits)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return trimmed(value.toFixed(6 - exponent));
}

function trimmed(digits) {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** The keys of a record as measure.py writes it: values are JSON but for the date, and lists may go over several lines. */
function readRecord(words, file) {
  const found = {};
  let part = found;
  const joined = words.replace(/= \[\n([\s\S]*?)\n?\]/g, (_, inner) => `= [${inner.replace(/\n/g, " ").replace(/,\s*$/, "")}]`);
  for (const [place, line] of joined.split(/\r?\n/).entries()) {
    if (!line.trim() || line.startsWith("#")) continue;
    const head = /^\[(\[)?([a-z_.]+)\]\]?$/.exec(line);
    const entry = /^([a-z0-9_]+) = (.+)$/.exec(line);
    try {
      if (head) part = opened(found, head);
      else part[entry[1]] = /^\d{4}-\d\d-\d\d$/.test(entry[2]) ? entry[2] : JSON.parse(entry[2]);
    } catch {
      throw new Fault("{file}: line {line} is not as `make measure` writes it", { file, line: place + 1 });
    }
  }
  return found;
}

function opened(found, [, several, name]) {
  const part = {};
  if (several) (found[name] ??= []).push(part);
  else found[name] = part;
  return part;
}

function readTable(columns, words, file) {
  const [head, ...lines] = words.replace(/\n$/, "").split("\n");
  if (head !== columns.join(",")) throw new Fault("{file}: has other columns than a fingerprint; choose what `make measure` or this page wrote", { file });
  return lines.map((line, place) => {
    const cells = line.split(",");
    const numbers = columns.map((name, at) => (TEXTS.includes(name) ? cells[at] : cells[at] === "" ? null : Number(cells[at])));
    if (cells.length !== columns.length || numbers.some((value) => typeof value === "number" && !Number.isFinite(value))) throw new Fault("{file}: line {line} is not as `make measure` writes it", { file, line: place + 2 });
    return Object.fromEntries(columns.map((name, at) => [name, numbers[at]]));
  });
}

const TEXTS = ["stack", "role", "expert", "sha256"];
const SUMMARIES = ["mean", "q10", "q90"]; // what stands for numbered experts

/** How much of every role was read, as a record and its table say it; null where numbered experts are summarised. */
function coverageIn(tables, matrices, inPart) {
  const inLayers = matrices.filter((row) => row.layer !== null && row.cols > 1);
  return [...tables.attention, ...tables.mlp, "router"].flatMap((role) => {
    const said = inPart.find((one) => one.role === role);
    const rows = inLayers.filter((row) => row.role === role);
    if (said) return [said];
    if (!rows.length) return [];
    const count = rows.some((row) => SUMMARIES.includes(row.expert)) ? null : rows.length;
    return [{ role, read: count, there: count }];
  });
}
