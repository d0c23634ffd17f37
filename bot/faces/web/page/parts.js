// The parts of a card's body.
import { el, icon } from "./dom.js";
import { spans } from "./spans.js";

const MARKS = {
  todo: ["ring", "to do"],
  doing: ["progress", "running"],
  done: ["check", "done"],
  failed: ["cross", "failed"],
  skipped: ["skip", "skipped"],
  waiting: ["progress", "waiting"],
  ask: ["person", "needs you"],
};

const LONG = 24; // lines of code shown before the rest is folded away

export function part(data) {
  const draw = PARTS[data.kind];
  return draw ? draw(data) : null;
}

/** How a cell may be broken: a word or two never, a sentence not into a column of single words. */
const widthOf = (cell) => (cell.length <= 14 ? "short" : cell.length > 30 && cell.includes(" ") ? "long" : "");

const PARTS = {
  text: (data) => el("p", { className: data.small ? "text small" : "text" }, ...spans(data.spans)),

  fields: (data) => el("dl", { className: "fields" }, ...data.items.map(({ label, value }) =>
    el("div", {}, el("dt", {}, label), el("dd", {}, ...spans(value))))),

  table: (data) => {
    const head = el("tr", {}, ...data.columns.map((name) => el("th", { scope: "col" }, name)));
    const rows = data.rows.map((row) => el("tr", {}, ...row.map((cell, at) => el("td", { data: { label: data.columns[at] ?? "", width: widthOf(cell) } }, el("bdi", {}, cell)))));
    const table = el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
    return el("div", { className: "table", tabIndex: 0, role: "region", aria: { label: `Table: ${data.columns.join(", ")}` } }, table);
  },

  // Where nothing has begun (a workflow, no run of it) “to do” at every step would say nothing.
  steps: (data) => {
    const begun = data.items.some(({ mark }) => mark !== "todo" && mark !== "ask");
    return el("ol", { className: "steps" }, ...data.items.map(({ mark, text, depth }) => {
      const [symbol, word] = MARKS[mark] ?? MARKS.todo;
      const said = begun || mark !== "todo" ? el("span", { className: "step-word" }, word) : null;
      return el("li", { data: { mark, ...(depth ? { depth } : {}) } }, icon(symbol), el("span", { className: "step-text" }, ...spans(text)), said);
    }));
  },

  picture: (data) => {
    const image = el("img", { alt: data.alt, loading: "lazy", decoding: "async", width: data.width ?? 0, height: data.height ?? 0 });
    if (!data.width) image.removeAttribute("width");
    if (!data.height) image.removeAttribute("height");
    image.src = data.src;
    return el("figure", { className: "picture" },
      el("a", { href: data.src, target: "_blank", rel: "noopener", title: "Open the picture in full size" }, image));
  },

  code: (data) => {
    const lines = data.text.split("\n");
    const pre = el("pre", { tabIndex: 0, aria: { label: data.language ? `${data.language} text` : "Text" } }, el("code", {}, data.text));
    const block = el("div", { className: "code" },
      el("div", { className: "code-head" }, el("span", {}, data.language || "text"), el("span", {}, ...saveButton(data), copyButton(data.text))), pre);
    if (lines.length > LONG) block.append(unfold(block, lines.length));
    return block;
  },

  file: (data) => el("p", { className: "file" }, icon("clip"),
    el("a", { href: `/web/files/${encodeURIComponent(data.id)}`, download: data.name }, data.name), ` (${Math.max(1, Math.round(data.size / 1024))} KB)`),

  divider: () => el("hr"),
};

// What people go on working with elsewhere.
const DOCUMENTS = { csv: "text/csv", markdown: "text/markdown" };

function saveButton(data) {
  if (!DOCUMENTS[data.language]) return [];
  return [el("button", { type: "button", className: "copy", on: { click: () => {
    const address = URL.createObjectURL(new Blob([data.text], { type: `${DOCUMENTS[data.language]};charset=utf-8` }));
    el("a", { href: address, download: `signalbox.${data.language === "csv" ? "csv" : "md"}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  } } }, el("span", {}, "Save"))];
}

function copyButton(text) {
  const word = el("span", {}, "Copy");
  const button = el("button", { type: "button", className: "copy", on: { click: async () => {
    word.textContent = (await copied(text)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (word.textContent = "Copy"), 2000);
  } } }, icon("copy"), word);
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text);
  }
}

// Where the page is not served over https from another machine, browsers withhold the clipboard API.
function copiedTheOldWay(text) {
  const area = el("textarea", { value: text, className: "unseen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

function unfold(block, count) {
  block.classList.add("folded");
  const button = el("button", { type: "button", className: "unfold", on: { click: () => {
    block.classList.remove("folded");
    button.remove();
  } } }, `Show all ${count} lines`);
  return button;
}
