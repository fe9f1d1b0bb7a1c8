// The page "Check a model": it reads the record, forbids itself every connection, and only then takes files.

import { coded, element } from "../dom.js";
import { chosenIn, droppedIn, MOST } from "./picking.js";
import { isShared } from "./share.js";
import { checked, shared } from "./view.js";
import { phrase, text } from "./words.js";

const root = document.querySelector(".woe-check");
const said = document.querySelector(".woe-said");
const shown = document.querySelector(".woe-checked");
const drop = root.querySelector(".woe-drop");
const buttons = [...root.querySelectorAll(".woe-choices button")];
const reading = root.querySelector(".woe-reading");
const [what, bar, left, stop] = [".woe-reading-what", "progress", ".woe-reading-left", ".woe-stop"].map((one) => reading.querySelector(one));
const dictionary = JSON.parse(root.dataset.words);
// From then on the page can ask nobody, this site included: a policy that is added can only forbid more.
const LOCKED = "connect-src 'none'";

const AT_ONCE = 8; // milliseconds of work

let given, threads, known, names, started;
let asked = false; // whether an answer is awaited
let latest = 0; // the number of what is shown: an earlier one is not completed

/** Words in the language of the page. */
function say(words, values = {}) {
  return text(typeof words === "string" ? phrase(words, values) : words, dictionary);
}

said.classList.remove("woe-late"); // the script has run
tell("Reading the record …");
void begin();

async function begin() {
  try {
    given = await Promise.all([root.dataset.threads, root.dataset.reading, root.dataset.record].map(async (address) => {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return answer.blob();
    }));
  } catch {
    tell("The record could not be read: the connection failed. Load the page again.");
    return;
  }
  document.head.append(element("meta", { "http-equiv": "Content-Security-Policy", content: LOCKED }));
  // A worker from an address would have the policy of the server; one from a text has that of this page.
  given[0] = URL.createObjectURL(new Blob([given[0]], { type: "text/javascript" }));
  start();
}

/** Two threads, one that measures and one for checksums of files, both bound by the policy of this page. */
function start() {
  const [code, readingTables, compared] = given;
  const { port1, port2 } = new MessageChannel();
  const [worker, digests] = (threads = [new Worker(code), new Worker(code)]);
  digests.postMessage({ task: "digests", port: port1 }, [port1]);
  worker.addEventListener("message", ({ data }) => worker === threads[0] && HEARD[data.kind](data));
  for (const one of threads) one.addEventListener("error", failed);
  worker.postMessage({ task: "begin", reading: readingTables, compared, port: port2, tool: root.dataset.tool }, [port2]);
}

/** Ends the threads, whatever they do, and begins others. */
function startAnew() {
  for (const one of threads) one.terminate();
  start();
}

/** Gives the threads something to do: one thing at a time, the last. */
function ask(task, values) {
  if (asked) startAnew();
  asked = true;
  threads[0].postMessage({ task, ...values });
}

const HEARD = {
  ready(data) {
    if (known) return; // of threads that take the place of others
    known = data;
    for (const button of buttons) button.disabled = false;
    tell("Ready. Everything that this page needs is here: you may switch off your network now.");
    root.classList.add("woe-ready");
    openShared();
  },
  progress({ read, all }) {
    bar.value = all ? read / all : 1;
    left.textContent = say("{read} of {all}; {left}", { read: bytesWords(read), all: bytesWords(all), left: timeLeft(read, all) });
  },
  measured(data) {
    rest();
    const title = say("{files} beside the record", { files: names });
    tell("Done. Nothing left your machine.");
    void show(checked({ ...data, known, title, names, say, root: root.dataset.root, propose: root.querySelector(".woe-ask") }));
  },
  shared(data) {
    rest();
    tell("These curves came with the address. Nothing here checks whose they are.");
    void show(shared({ ...data, known, say, root: root.dataset.root }));
  },
  fault({ said: why }) {
    rest();
    forget();
    tell(why);
  },
};

function read(files) {
  if (!files.length || !known) return;
  forget();
  if (files.length > MOST) {
    tell("More than {count} files were chosen; choose the folder of one checkpoint.", { count: MOST });
    return;
  }
  names = nameOf(files);
  started = performance.now();
  said.replaceChildren();
  reading.hidden = false;
  drop.hidden = true;
  what.textContent = say("Reading {files}", { files: names });
  bar.value = 0;
  left.textContent = "";
  stop.focus();
  ask("read", { files, day: new Date().toISOString().slice(0, 10) });
}

function stopReading() {
  startAnew();
  rest();
  tell("Stopped. What was read so far is forgotten.");
}

function forget() {
  latest += 1;
  shown.replaceChildren();
}

/** What a choice is called: its folder, its one file of weights, or how many files it is. */
function nameOf(files) {
  const [folder, inside] = files[0].webkitRelativePath.split("/");
  const weights = files.filter(({ name }) => /\.(?:safetensors|gguf|toml)$/.test(name));
  if (inside) return folder;
  return weights.length === 1 ? weights[0].name : files.length === 1 ? files[0].name : say("{count} files", { count: files.length });
}

function rest() {
  asked = false;
  reading.hidden = true;
  drop.hidden = false;
}

/** Puts sections in, some at a time, so that the page answers meanwhile. */
async function show(sections) {
  const mine = (latest += 1);
  shown.replaceChildren();
  shown.setAttribute("aria-busy", "true");
  let begun = performance.now();
  for (const section of sections) {
    if (mine !== latest) return;
    shown.append(section);
    if (performance.now() - begun < AT_ONCE) continue;
    await new Promise((resolve) => setTimeout(resolve));
    begun = performance.now();
  }
  shown.setAttribute("aria-busy", "false");
  shown.focus({ preventScroll: true });
}

function tell(words, values) {
  said.replaceChildren(...coded(say(words, values)));
}

function failed(event) {
  event.preventDefault();
  rest();
  tell("The browser gave up, perhaps for want of memory. Load the page again, or use the command `make look`.");
}

function openShared() {
  if (isShared(location.hash)) ask("shared", { fragment: location.hash });
}

function timeLeft(bytes, all) {
  const passed = (performance.now() - started) / 1000;
  if (passed < 2 || !bytes) return say("time left: unknown yet");
  const seconds = Math.round(((all - bytes) * passed) / bytes);
  return seconds < 90 ? say("about {count} seconds left", { count: seconds }) : say("about {count} minutes left", { count: Math.round(seconds / 60) });
}

function bytesWords(bytes) {
  const [size, unit] = bytes >= 1e9 ? [1e9, "GB"] : [1e6, "MB"];
  return `${(bytes / size).toFixed(bytes >= 1e9 ? 2 : 1)}\u00a0${unit}`;
}

const [pickFiles, pickFolder] = [".woe-pick-files", ".woe-pick-folder"].map((one) => root.querySelector(one));
root.querySelector(".woe-files").addEventListener("click", () => pickFiles.click());
root.querySelector(".woe-folder").addEventListener("click", () => pickFolder.click());
for (const input of [pickFiles, pickFolder]) {
  input.addEventListener("change", () => {
    read(chosenIn(input.files));
    input.value = ""; // so that the same file can be chosen again
  });
}
stop.addEventListener("click", stopReading);
addEventListener("hashchange", openShared);
for (const name of ["dragover", "dragenter"]) {
  addEventListener(name, (event) => {
    event.preventDefault(); // a file that misses the place is not opened in place of this page
    drop.classList.toggle("woe-over", drop.contains(event.target));
  });
}
addEventListener("dragleave", () => drop.classList.remove("woe-over"));
addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("woe-over");
  if (!drop.hidden) read(await droppedIn(event.dataTransfer));
});
