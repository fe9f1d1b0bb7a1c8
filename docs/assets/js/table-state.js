// What a reader asks of a table, in the address: "models.maker=Alibaba&models.sort=-parameters".

/** @typedef {{find: string, picked: Record<string, string>, sort: string}} State  sort is a column, "-" before it: down */

/** What the address asks of a table. @param {{key: string}[]} facets @returns {State} */
export function readState(table, facets) {
  const asked = new URLSearchParams(location.search);
  const value = (key) => asked.get(`${table}.${key}`) ?? "";
  return { find: value("find"), picked: Object.fromEntries(facets.map(({ key }) => [key, value(key)])), sort: value("sort") };
}

/** Puts it there; anew is an entry of its own in the history, so that the way back leads to the state before. */
export function writeState(table, { find, picked, sort }, anew) {
  const asked = new URLSearchParams(location.search);
  for (const key of [...asked.keys()].filter((one) => one.startsWith(`${table}.`))) asked.delete(key);
  for (const [key, value] of Object.entries({ ...picked, find, sort })) if (value) asked.set(`${table}.${key}`, value);
  const search = asked.size ? `?${asked}` : "";
  if (search === location.search) return;
  const address = `${location.pathname}${search}${location.hash}`;
  if (anew) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
