// Files for the next message: chosen, dropped or pasted, handed over at once, shown until the message is sent.
import { upload } from "./api.js";
import { byId, el } from "./dom.js";

const LARGEST = 25 * 1024 * 1024; // bytes; what the house keeps
const MOST = 10;

const shelf = byId("attached");
const chooser = byId("files");

let waiting = []; // {name, done: Promise<{id, name, size} | null>}
let complain = () => {};

export function setUpFiles(box, tell) {
  complain = tell;
  byId("attach").addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    add(chooser.files);
    chooser.value = "";
    box.focus();
  });
  box.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => dropped(event, kind === "drop"));
}

/** How many files wait for the next message. */
export const hand = () => waiting.length;

/** Those files, once they are all handed over; none wait any more. */
export async function taken() {
  const files = waiting;
  waiting = [];
  draw();
  return (await Promise.all(files.map(({ done }) => done))).filter(Boolean);
}

/** What could not be sent waits again. */
export function putBack(files) {
  waiting = [...files.map((file) => ({ name: file.name, done: Promise.resolve(file) })), ...waiting];
  draw();
}

function dropped(event, let_go) {
  if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
  event.preventDefault();
  if (let_go) add(event.dataTransfer.files);
}

function add(files) {
  for (const file of files) {
    if (waiting.length >= MOST) return complain(`At most ${MOST} files go with one message.`);
    if (file.size > LARGEST) complain(`“${file.name}” is too large: at most 25 MB are kept.`);
    else waiting.push(handed(file));
  }
  draw();
}

function handed(file) {
  const entry = { name: file.name, done: null };
  entry.done = upload(file).catch((failure) => {
    remove(entry);
    complain(failure.message);
    return null;
  });
  return entry;
}

function remove(entry) {
  waiting = waiting.filter((one) => one !== entry);
  draw();
}

function draw() {
  shelf.replaceChildren(...waiting.map((entry) => el("li", {}, entry.name, el("button", {
    type: "button", className: "remove", title: "Remove", aria: { label: `Remove ${entry.name}` }, on: { click: () => remove(entry) },
  }, "×"))));
  shelf.hidden = !waiting.length;
}
