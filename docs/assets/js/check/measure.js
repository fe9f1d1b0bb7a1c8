// A checkpoint that somebody chose -> what is recorded of it: the whole way, off the main thread.

import { fingerprintIn, openChosen } from "./choosing.js";
import { configFacts, readConfig } from "./config.js";
import { readFingerprint } from "./fingerprint.js";
import { tablesOfRows } from "./measured.js";
import { planMeasurement } from "./plan.js";
import { readFiles } from "./reading.js";
import { tokenizerFacts } from "./tokenizer.js";
import { Fault } from "./words.js";

const LONGEST = 250; // characters of the name of a tensor
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * @param {File[]} chosen @param {import("./reading.js").FileDigests} digests @param {(read: number, all: number) => void} progress
 * @returns {Promise<import("./fingerprint.js").Measured>}
 */
export async function measure(tables, chosen, digests, version, progress) {
  const fingerprint = fingerprintIn(chosen);
  if (fingerprint) return readFingerprint(tables, fingerprint);
  const opened = await openChosen(tables, chosen);
  const tensors = opened.headers.flatMap((header) => header.tensors);
  const strange = tensors.find(({ name }) => name.length > LONGEST || INVISIBLE.test(name));
  if (strange) throw new Fault("{file}: names a tensor {name}, which has more than {most} characters or some that nobody sees", { file: strange.file, name: strange.name.slice(0, 60).replace(new RegExp(INVISIBLE, "gu"), "?"), most: LONGEST });
  const plan = planMeasurement(tables, tensors, readConfig(opened.config));
  const all = opened.files.reduce((sum, file) => sum + file.size, 0);
  let read = 0;
  progress(0, all);
  const found = await readFiles(tables, opened.files, plan.wanted, digests, (bytes) => progress((read += bytes), all));
  return {
    family: plan.family,
    files: found.files,
    stored: plan.stored,
    leftOut: [...plan.leftOut, ...opened.notOpened.map((name) => `${name}: the same model in another format`)],
    partial: plan.partial,
    coverage: plan.coverage,
    unread: plan.unread,
    unplaced: plan.unplaced,
    config: configFacts(opened.config, tables.config),
    tokenizer: opened.tokenizer && tokenizerFacts(opened.tokenizer),
    version,
    tables: tablesOfRows(tables, found.rows),
  };
}
