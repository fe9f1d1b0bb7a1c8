// Elements from data: text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element of HTML with attributes and children. A child that is a string becomes text; null is left out.
 * @param {string} tag @param {Record<string, string>} attributes @param {...(Node|string|null)} children
 */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of SVG. @param {string} tag @param {Record<string, string>} attributes @param {...(Node|string|null)} children */
export function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * A table that scrolls by itself; the first cell of a row is its head, and the last reaches to the end of the row.
 * @param {string} caption @param {string[]} headers @param {(Node|string)[][]} rows @param {string} id
 */
export function table(caption, headers, rows, id) {
  const head = element("tr", {}, ...headers.map((words) => element("th", { scope: "col" }, words)));
  const body = rows.map(([first, ...rest]) =>
    element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((cell, at) => element("td", across(headers.length - rest.length, at === rest.length - 1), cell))),
  );
  return element(
    "div",
    { class: "woe-table", tabindex: "0", role: "region", "aria-label": caption },
    element("table", { class: "woe-grid", id }, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body)),
  );
}

function across(columns, last) {
  return last && columns > 1 ? { colspan: String(columns) } : {};
}

/** Words as nodes: what stands between backticks is code. @param {string} words @returns {(Node|string)[]} */
export function coded(words) {
  return words.split("`").map((piece, at) => (at % 2 ? element("code", {}, piece) : piece));
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}
