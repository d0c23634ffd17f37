// The message box: Enter sends, suggestions come while typing, what could not be sent stays.
import { get, newId, post, timezone } from "./api.js";
import { hand, putBack, setUpFiles, taken } from "./attach.js";
import { byId, el } from "./dom.js";
import { formButtons, openWhenDrawn } from "./press.js";

const PAUSE = 90; // ms of silence before suggestions are asked for

const box = byId("composer-text");
const list = byId("suggestions");
const error = byId("composer-error");

let channel = "#ops";
let options = [];
let active = -1;
let asked = 0;
let timer = 0;
let recalled = -1;
let saidBefore = () => [];
let working = () => {};

export function setUp({ said, busy }) {
  saidBefore = said;
  working = busy;
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  box.addEventListener("input", () => {
    recalled = -1;
    error.textContent = "";
    keepDraft();
    grow();
    suggestSoon();
  });
  box.addEventListener("keydown", keys);
  box.addEventListener("blur", () => setTimeout(close, 120));
  setUpFiles(box, (sentence) => { error.textContent = sentence; });
}

let opened = false;

/** Each channel keeps what was begun in it. Words that were quicker than this script stand, and go out if Enter was among them. */
export function openIn(name) {
  channel = name;
  box.placeholder = matchMedia("(max-width: 760px)").matches ? `Message ${name}` : `Say something in ${name}, or type / for commands`;
  const early = opened ? "" : box.value;
  opened = true;
  write(early || (sessionStorage.getItem(`draft ${channel}`) ?? ""));
  close();
  if (early.endsWith("\n")) submit();
}

export function write(text, { focus = false } = {}) {
  box.value = text;
  keepDraft();
  grow();
  if (focus) {
    box.focus();
    box.setSelectionRange(text.length, text.length);
  }
}

export const focus = () => box.focus();

export function suggestNow() {
  clearTimeout(timer);
  suggest();
}

const keepDraft = () => sessionStorage.setItem(`draft ${channel}`, box.value);

function grow() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
}

// --- sending ---------------------------------------------------------------------------------------------------------

async function submit() {
  const text = box.value.trim();
  if (!text && !hand()) return;
  const files = await taken();
  if (!text && !files.length) return;
  close();
  write("");
  error.textContent = "";
  const place = channel;
  const before = formButtons();
  working(place, 1);
  try {
    const turn = await post("/web/say", { id: newId(), channel: place, text, timezone: timezone(), files: files.map(({ id }) => id) });
    if (turn?.opens) openWhenDrawn(turn.opens, before);
  } catch (failure) {
    error.textContent = failure.message;
    putBack(files);
    if (channel === place && !box.value) write(text);
  } finally {
    working(place, -1);
  }
}

// --- keys ------------------------------------------------------------------------------------------------------------

function keys(event) {
  if (event.isComposing) return;
  const open = !list.hidden;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    return open && active >= 0 ? accept(active) : submit();
  }
  if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    return choose(event.key === "ArrowDown" ? active + 1 : active - 1);
  }
  if (open && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    return accept(Math.max(active, 0));
  }
  if (open && event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    return close();
  }
  if (event.key === "ArrowUp" && (!box.value || recalled >= 0)) recall(event, 1);
  else if (event.key === "ArrowDown" && recalled >= 0) recall(event, -1);
}

function recall(event, step) {
  const before = saidBefore().reverse();
  const next = recalled + step;
  if (next >= before.length) return;
  event.preventDefault();
  recalled = next;
  write(recalled < 0 ? "" : before[recalled], { focus: true });
}

// --- suggestions -----------------------------------------------------------------------------------------------------

function suggestSoon() {
  clearTimeout(timer);
  if (box.value.trim().length < (box.value.startsWith("/") ? 1 : 2)) return close();
  timer = setTimeout(suggest, PAUSE);
}

async function suggest() {
  const ask = ++asked;
  const typed = box.value;
  try {
    const found = await get(`/web/complete?q=${encodeURIComponent(typed.slice(0, 500))}`);
    if (ask === asked && box.value === typed) draw(found.filter(({ text }) => text !== typed));
  } catch {
    close(); // suggestions are a help, not a need: without a connection the banner says so
  }
}

function draw(found) {
  options = found;
  active = -1;
  if (!found.length || document.activeElement !== box) return close();
  list.replaceChildren(...found.map(({ text, hint }, index) => el("li", {
    role: "option", id: `suggestion-${index}`, aria: { selected: "false" },
    on: { pointerdown: (event) => { event.preventDefault(); accept(index); } },
  }, el("span", { className: "suggestion-text" }, text), el("span", { className: "suggestion-hint" }, hint))));
  list.hidden = false;
  box.setAttribute("aria-expanded", "true");
}

function choose(index) {
  active = (index + options.length + 1) % (options.length + 1);
  if (active === options.length) active = -1;
  for (const [at, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(at === active));
  if (active < 0) return box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-activedescendant", `suggestion-${active}`);
  list.children[active].scrollIntoView({ block: "nearest" });
}

function accept(index) {
  const chosen = options[index];
  close();
  write(chosen.text.endsWith(" ") ? chosen.text : `${chosen.text} `, { focus: true });
  suggestSoon();
}

function close() {
  asked += 1;
  clearTimeout(timer);
  list.hidden = true;
  active = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}
