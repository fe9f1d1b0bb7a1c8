// A chart as a picture: drawn in the browser from the file beside it, which holds its question, source, date and licence.

import { element } from "./dom.js";

const SCALE = 2; // pixels of the picture for one of the drawing: sharp on paper and on fine screens

for (const links of document.querySelectorAll(".woe-figure .woe-files[data-png]")) {
  const svg = links.querySelector("a[href$='.svg']");
  const button = element("button", { type: "button" }, links.dataset.png);
  button.addEventListener("click", () => void takeAway(svg.href));
  links.append(" ", button);
}

/** A file as an address that holds it: a picture may load no other. @param {Blob} file @returns {Promise<string>} */
function asData(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}

/** Draws the file at an address and hands the picture over as a download of the same name. */
async function takeAway(address) {
  const asked = [address, new URL("../fonts/inter-latin-400-650.woff2", import.meta.url)].map((one) => fetch(one));
  const [drawing, typeface] = await Promise.all(asked);
  const face = `@font-face { font-family: Inter; font-weight: 400 650; src: url("${await asData(await typeface.blob())}"); }`;
  const text = (await drawing.text()).replace("(prefers-color-scheme: dark)", "not all").replace("<style>", `<style>${face}`); // on white
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = element("canvas", { width: String(image.naturalWidth * SCALE), height: String(image.naturalHeight * SCALE) });
  const drawn = canvas.getContext("2d");
  drawn.fillStyle = "#fff";
  drawn.fillRect(0, 0, canvas.width, canvas.height);
  drawn.drawImage(image, 0, 0, canvas.width, canvas.height);
  const link = element("a", { href: canvas.toDataURL("image/png"), download: address.replace(/^.*\/(.*)\.svg.*$/, "$1.png") });
  link.click();
}
