// The thread that measures: it is given files, and answers with what is said of them. It asks nobody for anything.

import { besideRecord, scoresBeside } from "./beside.js";
import { fingerprintFiles } from "./fingerprint.js";
import { measure } from "./measure.js";
import { FileDigests } from "./reading.js";
import { serveDigests } from "./digests.js";
import { sharedSubject, shareOf } from "./share.js";
import { tablesOf } from "./tables.js";
import { Fault, phrase } from "./words.js";

const OFTEN = 100; // milliseconds between words of progress

let tables, record, digests, version;
let running = 0; // the number of the file that is read now: what is stopped has another

const TASKS = {
  digests: ({ port }) => serveDigests(port),
  begin({ reading, compared, port, tool }) {
    const decoder = new TextDecoder();
    tables = tablesOf(JSON.parse(decoder.decode(reading)));
    record = JSON.parse(decoder.decode(compared));
    digests = port && new FileDigests(port);
    version = tool;
    postMessage({ kind: "ready", models: record.models, roles: record.roles, measured: record.measured, fewest: record.fewest_roots });
  },
  stop() {
    running += 1;
    postMessage({ kind: "stopped" });
  },
  read: ({ files, day }) => answered(async (mine) => {
    const progress = often((read, all) => mine === running && postMessage({ kind: "progress", read, all }));
    const measured = await measure(tables, files, digests, version, (read, all) => {
      if (mine !== running) throw new Stopped();
      progress(read, all);
    });
    const { tables: { matrices }, files: read, ...said } = measured;
    return { kind: "measured", said: { ...said, rows: matrices.length, files: read }, fingerprint: fingerprintFiles(tables, measured, day), share: shareOf(measured), ...besideRecord(tables, record, measured) };
  }),
  shared: ({ fragment }) => answered(async () => {
    const { subject, said } = sharedSubject(fragment, record);
    return { kind: "shared", said, subject, ...scoresBeside(record, subject), equal: [], common: [] };
  }),
};

class Stopped extends Error {}

addEventListener("message", ({ data }) => void TASKS[data.task](data));

async function answered(work) {
  const mine = (running += 1);
  let answer;
  try {
    answer = await work(mine);
  } catch (fault) {
    if (fault instanceof Stopped) return;
    answer = { kind: "fault", said: fault instanceof Fault ? fault.said : phrase("the browser gave up: {why}; another browser, or the command `make look`, may read it", { why: String(fault?.message ?? fault) }) };
  }
  if (mine === running) postMessage(answer);
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
