// What a reader may share: curves over depth, rounded, and a name if they choose one, as text after "#".

import { isFlat, ROLES, standardCurve } from "./subject.js";
import { Fault, phrase } from "./words.js";

const DIGITS = 3; // of a curve whose mean is 0 and whose spread is 1
const MOST = 512; // layers
const NAME = 60; // characters
const LONGEST = 50_000; // characters of an address: such curves with such a name have fewer
const FORM = "1"; // of the text: raised when it means something else

/** What of a measurement can be shared: its curves of q, k, v, o, standardised and rounded, and its kind of stack and depth. */
export function shareOf({ tables: { matrices } }) {
  const own = matrices.filter((row) => ROLES.includes(row.role) && row.layer !== null);
  const stacks = [...new Set(own.map((row) => row.stack))];
  const curves = ROLES.map((role) => {
    const rows = own.filter((row) => row.role === role).sort((one, other) => one.layer - other.layer);
    return new Set(rows.map((row) => row.layer)).size === rows.length ? standardCurve(rows.map((row) => row.std)) : null;
  });
  const lengths = new Set(curves.map((curve) => curve?.length));
  if (stacks.length !== 1 || curves.includes(null) || lengths.size > 1 || curves[0].length > MOST) return null;
  return { stack: stacks[0], curves: curves.map((curve) => curve.map((value) => Math.round(value * 10 ** DIGITS))) };
}

/** The text of what is shared. name may be "". */
export function fragmentOf({ stack, curves }, name) {
  const said = new URLSearchParams({ curves: FORM, stack });
  ROLES.forEach((role, at) => said.set(role, curves[at].join("_")));
  if (name) said.set("name", name.slice(0, NAME));
  return `#${said}`;
}

/** Whether an address holds something shared. */
export function isShared(fragment) {
  return fragment.startsWith("#curves=");
}

/** What a text says, to be set beside the record by its curves alone. A Fault where it is not whole. */
export function sharedSubject(fragment, record) {
  const said = new URLSearchParams(fragment.length > LONGEST ? "" : fragment.slice(1));
  const curves = ROLES.map((role) => (said.get(role) ?? "").split("_"));
  const sound = curves.every((curve) => curve.length === curves[0].length && curve.length > 1 && curve.length <= MOST && curve.every((value) => /^-?\d{1,6}$/.test(value)));
  const stack = said.get("stack") ?? "";
  if (said.get("curves") !== FORM || !sound || !/^[a-z_]{1,20}$/.test(stack)) throw new Fault("this address does not hold whole curves; ask whoever sent it to copy it again");
  const std = Object.fromEntries(ROLES.map((role, at) => [role, curves[at].map((value) => Number(value) / 10 ** DIGITS)]));
  const flat = ROLES.some((role) => isFlat(std[role]));
  if (flat) throw new Fault("this address does not hold whole curves; ask whoever sent it to copy it again");
  const unsaid = phrase("not shared");
  const subject = {
    std, curves: std,
    shape: { stack, layers: std.q.length, width: null },
    residual: [[], []],
    why: { std_profile: null, std_profile_detrended: phrase("only standardised curves were shared"), residual_norms: unsaid },
  };
  return { subject, said: { name: cleaned(said.get("name") ?? ""), layers: std.q.length, compared: record.models.length } };
}

function cleaned(name) {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ").slice(0, NAME).trim();
}
