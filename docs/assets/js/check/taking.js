// What a reader takes away: the fingerprint as files, and an address that holds what they choose to share.

import { coded, element } from "../dom.js";
import { fragmentOf } from "./share.js";

/** Links to the files of the fingerprint. @param {Record<string, Blob>} files by their endings */
export function taking(files, said, say) {
  const stem = stemOf(said.files);
  const links = Object.entries(files).map(([ending, content]) => {
    const link = element("a", { download: stem + ending, href: URL.createObjectURL(content) }, stem + ending);
    return element("li", {}, link);
  });
  return [
    element("h3", {}, say("Take it away")),
    element("p", {}, ...coded(say("The fingerprint, in the form that this project measures in. Save the three files into one folder: `make look MODEL={stem}.toml` and this page both take them.", { stem }))),
    element("ul", { class: "woe-files-made" }, ...links),
  ];
}

/** The way to have the model measured for the record: a link that stands in the page, with where it leads. */
export function proposing(link, say) {
  const own = link.cloneNode(true);
  own.target = "_blank";
  own.rel = "noopener nofollow";
  return [
    element("h3", {}, say("Propose it for the record")),
    element("p", {}, say("Others can compare with this model once it is on record. For that its weights are read from a hub, so the form asks for their address there. Nothing of what was measured here goes with it, and what you write there is public.")),
    element("p", {}, own),
  ];
}

/** An address with the curves alone, made when the reader asks for it. */
export function sharing(share, say) {
  const heading = element("h3", {}, say("Share the curves"));
  if (!share) return [heading, element("p", {}, say("There are no curves to share: this model has not one matrix of each of Q, K, V and O in the same layers."))];
  const name = element("input", { id: "share-name", maxlength: "60", autocomplete: "off" });
  const address = element("input", { id: "share-address", readonly: "" });
  const told = element("span", { role: "status", "aria-live": "polite" });
  const copy = element("button", { type: "button" }, say("Copy a link to this result"));
  const made = () => (address.value = `${location.origin}${location.pathname}${fragmentOf(share, name.value.trim())}`);
  name.addEventListener("input", made);
  address.addEventListener("focus", () => address.select());
  copy.addEventListener("click", async () => {
    made();
    try {
      await navigator.clipboard.writeText(address.value);
      told.textContent = say("Copied.");
    } catch {
      address.focus();
      told.textContent = say("Copy it from the field.");
    }
  });
  made();
  return [
    heading,
    element("p", {}, say("This address holds the four curves over depth, rounded to three digits, and the name that you write. It stands behind the “#”, which browsers do not send to any server. Nothing is stored anywhere; whoever has the address sees the comparison.")),
    element("div", { class: "woe-share" },
      element("div", {}, element("label", { for: "share-name" }, say("A name to show (may stay empty)")), name),
      element("div", {}, element("label", { for: "share-address" }, say("The address")), address),
      copy, told),
  ];
}

function stemOf(files) {
  return (files[0]?.name ?? "model").replace(/\.[^.]*$/, "").replace(/[^\w.-]+/g, "-").slice(0, 80) || "model";
}
