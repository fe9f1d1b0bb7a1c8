// What a reader asked of a table, in the address: find, filters and order. "models.maker=Alibaba&models.sort=-parameters".

/** @typedef {{find: string, picked: Record<string, string>, sort: string}} State  sort is a column, "-" before it: down */

/** What the address says of a table. @returns {State} */
export function readState(name, keys) {
  const asked = new URLSearchParams(location.search);
  const picked = Object.fromEntries(keys.map((key) => [key, asked.get(`${name}.${key}`) ?? ""]));
  return { find: asked.get(`${name}.find`) ?? "", picked, sort: asked.get(`${name}.sort`) ?? "" };
}

/** Puts it there; anew is an entry in the history of its own, so that the way back leads to the state before. */
export function writeState(name, state, anew) {
  const asked = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries({ ...state.picked, find: state.find, sort: state.sort })) {
    if (value) asked.set(`${name}.${key}`, value);
    else asked.delete(`${name}.${key}`);
  }
  const address = `${location.pathname}${asked.size ? `?${asked}` : ""}${location.hash}`;
  if (address === `${location.pathname}${location.search}${location.hash}`) return;
  if (anew) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
