// The thread that measures: it is given files, and answers with what is said of them. It asks nobody for anything.
// Whoever wants it to stop ends it and begins another: a long header is read in one go, in which no word would be heard.

import { besideRecord, scoresBeside } from "./beside.js";
import { fingerprintFiles } from "./fingerprint.js";
import { measure } from "./measure.js";
import { FileDigests } from "./reading.js";
import { serveDigests } from "./digests.js";
import { sharedSubject, shareOf } from "./share.js";
import { tablesOf } from "./tables.js";
import { cut, Fault, phrase, shortened } from "./words.js";

const OFTEN = 100; // milliseconds between words of progress
const NAMED = 200; // names of what was not read that the page shows; the fingerprint has all

let tables, record, digests, version, begun;

const TASKS = {
  digests: ({ port }) => serveDigests(port),
  begin(given) {
    begun = begin(given);
    begun.catch(reportError);
  },
  read: ({ files, day }) => answered(async () => {
    const progress = often((read, all) => postMessage({ kind: "progress", read, all }));
    const measured = await measure(tables, files, digests, version, progress);
    const { leftOut, coverage, unread, unplaced, partial, family, files: read } = measured;
    const said = { leftOut: leftOut.slice(0, NAMED).map(cut), leftOutAll: leftOut.length, coverage, unread, unplaced, partial: cut(partial), family: cut(family), files: read };
    const made = Object.entries(fingerprintFiles(tables, measured, day)).map(([ending, words]) => [ending, new Blob([words], { type: "text/plain" })]);
    return { kind: "measured", said, fingerprint: Object.fromEntries(made), share: shareOf(measured), ...besideRecord(tables, record, measured) };
  }),
  shared: ({ fragment }) => answered(async () => {
    const { subject, said } = sharedSubject(fragment, record);
    return { kind: "shared", said, subject, ...scoresBeside(record, subject), equal: [], common: [] };
  }),
};

addEventListener("message", ({ data }) => void TASKS[data.task](data));

async function begin({ reading, compared, port, tool }) {
  const [own, other] = await Promise.all([reading, compared].map(async (file) => JSON.parse(await file.text())));
  [tables, record, digests, version] = [tablesOf(own), other, port && new FileDigests(port), tool];
  postMessage({ kind: "ready", models: record.models, roles: record.roles, measured: record.measured, fewest: record.fewest_roots });
}

async function answered(work) {
  await begun;
  let answer;
  try {
    answer = await work();
  } catch (fault) {
    answer = { kind: "fault", said: fault instanceof Fault ? shortened(fault.said) : phrase("the browser gave up: {why}; another browser, or the command `make look`, may read it", { why: String(fault?.message ?? fault) }) };
  }
  postMessage(answer);
}

function often(say) {
  let last = 0;
  return (read, all) => {
    const now = performance.now();
    if (now - last < OFTEN && read < all) return;
    last = now;
    say(read, all);
  };
}
