// Two curves over depth in one small panel a role, on one scale for all panels.

import { drawing, element, table } from "./dom.js";

const WIDTH = 172;
const HEIGHT = 112;
const PAD = 5;

/**
 * Panels for every role that at least one of two models has, their legend, and the table of what is drawn.
 * @param {Record<string, string>} roles titles by role, in order
 * @param {{name: string, curves: Record<string, number[]>}[]} models two
 * @param {Record<string, string>} correlations by role, in words
 * @param {(words: string, values?: Record<string, string>) => string} say these words in the language of the page
 */
export function curvePanels(roles, models, correlations, say = inEnglish) {
  const shown = Object.keys(roles).filter((role) => models.some((model) => model.curves[role]));
  const values = shown.flatMap((role) => models.flatMap((model) => model.curves[role] ?? []));
  if (!values.length) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return element(
    "div",
    { class: "woe-curves" },
    legend(models, say),
    element("div", { class: "woe-panels" }, ...shown.map((role) => panel(role, roles[role], models, correlations[role], low, high, say))),
    element("p", { class: "woe-legend" }, say("From the first layer (left) to the last. Each curve is standardised: mean 0, spread 1 over its own layers."), " ",
      say("The standard deviation of each layer’s matrix.")),
    numbers(shown, roles, models, say),
  );
}

function panel(role, title, models, correlation, low, high, say) {
  const y = (value) => PAD + ((high - value) / (high - low || 1)) * (HEIGHT - 2 * PAD);
  const x = (at, count) => PAD + (at / (count - 1)) * (WIDTH - 2 * PAD);
  const lines = models.map((model, place) => {
    const curve = model.curves[role];
    if (!curve) return null;
    const points = curve.map((value, at) => `${x(at, curve.length).toFixed(2)} ${y(value).toFixed(2)}`);
    return drawing("path", { class: `curve curve-${place + 1}`, d: `M${points.join("L")}`, "data-role": role, "data-model": String(place) });
  });
  const without = models.filter((model) => !model.curves[role]).map((model) => model.name);
  const note = correlation ? say("correlation {value}", { value: correlation }) : without.length ? say("none drawn of {models}", { models: without.join(", ") }) : say("no correlation on record");
  const svg = drawing(
    "svg",
    { class: "woe-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": say("{role}, over depth: {note}", { role: title, note }) },
    drawing("g", { class: "panel" }, drawing("rect", { x: ".5", y: ".5", width: String(WIDTH - 1), height: String(HEIGHT - 1) })),
    drawing("path", { class: "zero", d: `M${PAD} ${y(0).toFixed(2)}H${WIDTH - PAD}` }),
    ...lines,
  );
  return element("figure", {}, element("figcaption", {}, element("strong", {}, title), element("span", {}, note)), svg);
}

function legend(models, say) {
  const kinds = ["woe-solid", "woe-dashed"];
  return element("p", { class: "woe-legend" }, ...models.map((model, place) =>
    element("span", { class: kinds[place] }, Object.keys(model.curves).length ? model.name : say("{model}: no curves", { model: model.name }))));
}

function numbers(shown, roles, models, say) {
  const rows = shown.flatMap((role) => models.flatMap((model, place) =>
    (model.curves[role] ?? []).map((value, layer) => [roles[role], say(place ? "{model} (dashed)" : "{model} (solid)", { model: model.name }), String(layer), value.toFixed(3).replace("-", "−")])));
  return element("details", { class: "woe-data" }, element("summary", {}, say("The numbers behind these curves")),
    table(say("Standardised spread of each matrix"), [say("Role"), say("Model"), say("Layer"), say("Value")], rows, "curve-numbers"));
}

function inEnglish(words, values = {}) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
