// Folded parts of a page: a link to what lies in one, or to the heading above one, opens it; print opens all.
// Without this script each opens by its own line, as any other of the browser's does.

const PART = "details:is(.woe-part, .woe-fold, .woe-data)";

/** Opens every part around the target of the address, and the part that begins below it. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const closed = [];
  for (let part = target.closest(PART); part; part = part.parentElement.closest(PART)) if (!part.open) closed.push(part);
  if (/^H[1-6]$/.test(target.tagName)) {
    const below = partBelow(target);
    if (below && !below.open) below.open = true;
  }
  if (closed.length === 0) return;
  for (const part of closed) part.open = true;
  target.scrollIntoView();
}

/** The part that a section begins with, after one paragraph at most, where it is the only one; else null. */
function partBelow(heading) {
  const section = [];
  for (let next = heading.nextElementSibling; next && next.tagName !== heading.tagName; next = next.nextElementSibling) section.push(next);
  const parts = section.flatMap((one) => (one.matches(".woe-part") ? [one] : [...one.querySelectorAll(":scope > .woe-part")]));
  const before = section.filter((one) => !one.contains(parts[0])).slice(0, section.findIndex((one) => one.contains(parts[0])));
  return parts.length === 1 && before.length <= 1 && before.every((one) => one.tagName === "P") ? parts[0] : null;
}

/** Opens every part around an element, where there is one. */
function openAround(element) {
  for (let part = element?.closest(PART); part; part = part.parentElement.closest(PART)) part.open = true;
}

/** Opens what folds around the first word that a search has marked; whether there is such a word yet. */
function openMarked() {
  const marked = document.querySelector("article mark");
  openAround(marked);
  return Boolean(marked);
}

openTarget();
for (const key of new URLSearchParams(location.search).keys()) // "ties.sort" says how the table "ties" is shown
  if (key.includes(".")) openAround(document.getElementById(key.split(".")[0]));
if (new URLSearchParams(location.search).has("h") && !openMarked()) {
  const watching = new MutationObserver(() => openMarked() && watching.disconnect()); // the theme marks words later
  watching.observe(document.body, { childList: true, subtree: true });
}
addEventListener("hashchange", openTarget);
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#'], a.md-nav__link");
  if (link && link.hash && link.hash === location.hash) setTimeout(openTarget); // no change of the address, so no event
});
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:is(.woe-part, .woe-fold):not([open])")) {
    part.open = true;
    part.dataset.printed = "";
  }
});
addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details[data-printed]")) {
    part.open = false;
    delete part.dataset.printed;
  }
});
