// What was found -> the sections of the page. It shows words and numbers, and computes none.

import { curvePanels } from "../curves.js";
import { coded, element, table } from "../dom.js";
import { correlation, MOST, stretched } from "./scores.js";
import { proposing, sharing, taking } from "./taking.js";
import { grouped, phrase } from "./words.js";

const FIRST = 5; // rows of a method that are shown at once

/** The sections of a measured checkpoint, each made when it is asked for. @returns {Iterable<Node>} */
export function* checked(found) {
  const { say, title, said, share, fingerprint, propose } = found;
  yield element("h2", { id: "checked" }, title);
  yield* identical(found);
  yield element("p", { class: "woe-status" }, element("strong", {}, say("No finding.")), " ",
    ...coded(say("No exact test was run here, and scores alone make no finding. The command `make look` runs the exact tests on the same files.")));
  yield* coverage(found);
  yield* screenings(found);
  yield* equal(found);
  yield* chosen(found);
  yield* taking(fingerprint, said, say);
  yield* sharing(share, say);
  yield* proposing(propose, say);
}

/** That everything that both have is the same, where it is: no score says more. */
function* identical({ equal: all, known, say, root }) {
  const rows = all.map((own, place) => ({ ...own, model: known.models[place] })).filter((own) => own.matrices && own.matricesEqual === own.matrices && own.vectorsEqual === own.vectors);
  for (const { model, matrices, vectors } of rows) {
    yield element("p", { class: "woe-status" }, element("strong", {}, say("The same bytes.")), " ", modelLink(model, root), ": ",
      say("all {matrices} matrices and {vectors} vectors that both have are equal to the byte.", { matrices, vectors }));
  }
}

/** The same of curves that came with an address. */
export function* shared(found) {
  const { say, said } = found;
  const name = said.name || say("The curves in this address");
  yield element("h2", { id: "checked" }, say("{files} beside the record", { files: name }));
  yield element("p", { class: "woe-status" }, element("strong", {}, say("No finding.")), " ",
    say("Whoever made this address shared curves of {layers} layers, rounded, and the name above. Only the standard-deviation profile can be computed of these.", { layers: said.layers }));
  yield* screenings(found);
  yield* chosen({ ...found, names: name });
}

function coverage({ said, say }) {
  const bytes = said.files.reduce((sum, file) => sum + file.bytes, 0);
  const rows = said.coverage.map(({ role, read, there }) => [
    role,
    read === null ? say("numbered experts, summarised") : say("{read} of {there}", { read: grouped(read), there: grouped(there) }),
    read === null || read === there ? "" : say("not read here: {why}", { why: whyOf(said, role) }),
  ]);
  const more = said.leftOutAll - said.leftOut.length;
  const list = said.leftOut.length ? [element("details", { class: "woe-data" }, element("summary", {}, say("Tensors that were not read ({count} kinds)", { count: grouped(said.leftOutAll) })),
    element("ul", {}, ...said.leftOut.map((name) => element("li", {}, element("code", {}, name)))), ...(more ? [element("p", {}, say("{count} more stand in the fingerprint.", { count: grouped(more) }))] : []))] : [];
  return [
    element("h3", {}, say("What was read")),
    element("p", {}, say("Read as {family}: {files} of {bytes} bytes in all.", { family: said.family, files: filesWords(said.files.length, say), bytes: grouped(bytes) }), " ",
      ...(said.unplaced ? [say("{count} matrices in the layers have names that no table knows, and were not read.", { count: said.unplaced })] : [])),
    ...(said.partial ? [element("p", {}, element("strong", {}, say("A part only:")), " ", said.partial, ". ", say("Nothing is computed of a part."))] : []),
    table(say("Matrices of the layers, by role"), [say("Role"), say("Read"), say("Why not")], rows, "check-coverage"),
    ...list,
  ];
}

function whyOf(said, role) {
  const one = (said.unread ?? []).find((unread) => unread.role === role);
  return one ? phrase("{name} {reason}", one) : phrase("the list below names what was not read");
}

function filesWords(count, say) {
  return count === 1 ? say("1 file") : say("{count} files", { count });
}

function* screenings({ screenings: methods, known, say, root }) {
  yield element("h3", {}, say("Nearest on record"));
  yield element("p", { class: "woe-meta" }, say("Compared with {count} of the {measured} measured models on record. “Higher than k of n”: this model, and the other, with one model of each independent root in place of the other.", { count: known.models.length, measured: known.measured }), " ",
      say("A p is given from {count} control roots on; below that number only the rank is.", { count: known.fewest }), " ", ...coded(say("The p by permutation of the residual norm profile is not computed in the browser; `make look` gives it.")));
  for (const method of methods) yield* screening(method, known, say, root);
}

function* screening(method, known, say, root) {
  const scored = method.rows.filter((row) => row.score !== null);
  const name = element("h4", {}, element("a", { href: root + method.address, target: "_blank", rel: "noopener" }, say(method.name)));
  yield name;
  if (!scored.length) {
    yield element("p", {}, say("Cannot tell: {why}.", { why: whyNone(method) }));
    return;
  }
  const rows = method.rows.map((row) => [modelLink(known.models[row.model], root), scoreWords(row, say), ...places(row, say)]);
  const headers = [say("Model"), say("Score"), say("Among all independent roots"), say("Among those of its shape")];
  const most = MOST[method.id];
  if (most && scored.some((row) => row.score >= most - 1e-9)) yield element("p", { class: "woe-meta" }, say("{most} is the most that this score can give.", { most }));
  yield table(say("{method}: the nearest", { method: say(method.name) }), headers, rows.slice(0, FIRST), `check-${method.id}`);
  const rest = rows.slice(FIRST);
  if (rest.length) yield element("details", { class: "woe-data" }, element("summary", {}, say("The other {count} models", { count: rest.length })), table(say("{method}: the other {count} models", { method: say(method.name), count: rest.length }), headers, rest, `check-${method.id}-rest`));
}

/** Why no model on record has a score: the one reason of all, or that of the first and that others have others. */
function whyNone({ rows }) {
  const reasons = [...new Map(rows.map(({ why }) => [why.words ?? why, why])).values()];
  if (!reasons.length) return phrase("nothing is on record");
  if (reasons[0].values?.own && reasons.length === 1) return phrase("no model that it is compared with has a residual stream of width {own}", reasons[0].values);
  return reasons.slice(1).reduce((before, one) => phrase("{before}; {one}", { before, one }), reasons[0]);
}

function modelLink(model, root) {
  return element("a", { href: root + model.address, target: "_blank", rel: "noopener" }, model.name);
}

function scoreWords(row, say) {
  return row.score === null ? say("not testable: {why}", { why: row.why }) : element("span", { class: "woe-value" }, row.score.toFixed(3).replace("-", "−"));
}

function places(row, say) {
  if (row.score === null) return []; // why there is none takes their room
  return row.places.map((place) => {
    if (!place) return say("cannot tell: no such control on record");
    const [[a, b], [n, m]] = [place.below, place.of];
    const words = say("higher than {a} of {n} and {b} of {m} control roots", { a, n, b, m });
    return place.p === null ? words : say("{words}; p = {p}", { words, p: Number(place.p.toPrecision(2)) });
  });
}

function equal({ equal: all, known, say, root }) {
  const rows = all.map((own, place) => ({ ...own, model: known.models[place] })).filter((own) => own.matricesEqual || (own.vectors && own.vectorsEqual === own.vectors))
    .sort((one, other) => other.matricesEqual - one.matricesEqual);
  const items = rows.map((own) => element("li", {}, modelLink(own.model, root), ": ",
    say("{equal} of {matrices} matrices and {equalVectors} of {vectors} vectors that both have", { equal: own.matricesEqual, matrices: own.matrices, equalVectors: own.vectorsEqual, vectors: own.vectors }),
    own.alone ? say("; {count} matrices stand in one of the two alone", { count: own.alone }) : ""));
  return [
    element("h3", {}, say("Tensors with the same bytes")),
    items.length ? element("ul", {}, ...items) : element("p", {}, say("None with the {count} models that it was compared with.", { count: known.models.length })),
  ];
}

/** One model of the record beside the checked one, which the reader chooses; the nearest at first. */
function chosen(found) {
  const { screenings: [first], known, say } = found;
  const order = first.rows.map((row) => row.model);
  const place = element("div", { class: "woe-beside" });
  const choice = element("select", { id: "beside" }, ...order.map((model) => element("option", { value: String(model) }, known.models[model].name)));
  const showChosen = () => place.replaceChildren(...beside(found, Number(choice.value)));
  choice.addEventListener("change", showChosen);
  showChosen();
  return [
    element("h3", {}, say("Side by side")),
    element("p", { class: "woe-pick" }, element("label", { for: "beside" }, say("Beside this model of the record")), " ", choice),
    place,
  ];
}

function beside({ subject, names, known, common, say, root }, at) {
  const model = known.models[at];
  const roles = Object.fromEntries(Object.entries(known.roles).map(([role, title]) => [role, say(title)]));
  const drawn = curvePanels(roles, [{ name: names, curves: subject.curves }, { name: model.name, curves: model.curves }], correlations(subject, model), say);
  const sentences = common[at] ?? [];
  return [
    drawn ?? element("p", {}, say("No curves can be drawn of these.")),
    ...(sentences.length ? [
      element("h4", {}, say("In common beside the weights")),
      element("p", { class: "woe-meta" }, say("What configurations and tokenizers have in common is no evidence of shared weights.")),
      element("ul", {}, ...sentences.map((words) => element("li", {}, say(words)))),
    ] : []),
    element("p", {}, element("a", { href: root + model.address, target: "_blank", rel: "noopener" }, say("What is on record of {model}", { model: model.name }))),
  ];
}

/** The correlations of the curves that both have, by role. */
function correlations(subject, model) {
  const both = Object.keys(subject.curves).filter((role) => model.curves[role]);
  return Object.fromEntries(both.map((role) => {
    const [one, other] = [subject.curves[role], model.curves[role]];
    const length = Math.max(one.length, other.length);
    return [role, correlation(stretched(one, length), stretched(other, length)).toFixed(2).replace("-", "−")];
  }));
}
