// The fields that a table is filtered by: one for each facet, with the values that its rows have.

import { element } from "./dom.js";
import { collator } from "./table-values.js";

/** A control with its words above it. */
export function field(title, control) {
  return element("label", { for: control.id }, element("span", {}, title), control);
}

/**
 * The field of a facet. set(value) shows a value and gives whether any row has it; "" is any.
 * @param {{key: string, name: string, order: string[]|null}} facet @param {string[]} values of each row
 */
export function facetField({ key, name, order }, values, table, any) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const listed = [...counts.keys()].sort(order ? (a, b) => order.indexOf(a) - order.indexOf(b) : collator.compare);
  const options = listed.map((value) => element("option", { value }, `${value} (${counts.get(value)})`));
  const select = element("select", { id: `${table}-${key}` }, element("option", { value: "" }, any), ...options);
  const set = (value) => {
    select.querySelector(".woe-strange")?.remove();
    const known = value === "" || counts.has(value);
    if (!known) select.append(element("option", { value, class: "woe-strange" }, `${value} (0)`));
    select.value = value;
    return known;
  };
  return { key, name, select, label: field(name, select), set };
}
