// The messages of the open channel.
import { announce } from "./announce.js";
import { drawCard, inWords } from "./card.js";
import { byId, el, icon } from "./dom.js";
import { dayKey, dayName, moment } from "./time.js";

const NEAR = 90; // pixels from the end that still count as the end
const TOGETHER = 5 * 60 * 1000; // ms within which one author's messages stand together

const list = byId("timeline");
const scroll = byId("scroll");
const newestButton = byId("newest");

const known = new Map(); // id → {message, seq, item}
let me = "";
let stick = true;
let unseen = 0;

export function setUp(reader) {
  me = reader;
  let before = 0;
  scroll.addEventListener("scroll", () => {
    // Only a move upwards is somebody reading back: a picture that comes in late moves the end away as well.
    const near = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    if (near) stick = true;
    else if (scroll.scrollTop < before) stick = false;
    before = scroll.scrollTop;
    if (near) seen();
  });
  new ResizeObserver(() => stick && toEnd()).observe(list.parentElement);
  new ResizeObserver(() => stick && toEnd()).observe(scroll);
  newestButton.addEventListener("click", () => {
    stick = true;
    toEnd();
  });
}

/** Another channel: nothing is shown until its history comes. */
export function clear() {
  known.clear();
  list.replaceChildren();
  stick = true;
  seen();
}

/** The house counts its notices anew (it was started again): what was held is older than anything it says from now on. */
export function startOver() {
  for (const held of known.values()) held.seq = 0;
}

/** Show a channel's history as of notice `seq`; what is younger than that stays as it is. */
export function load({ messages, seq }) {
  for (const message of messages) {
    const held = known.get(message.id);
    if (!held || held.seq <= seq) known.set(message.id, { message, seq: held?.seq ?? 0, item: null });
  }
  arrange();
}

/** A new message, or a new state of one. */
export function take(message, seq) {
  const held = known.get(message.id);
  if (held && held.seq > seq) return;
  if (held) {
    change(held, message, seq);
  } else {
    append(message, seq);
  }
}

export const count = () => known.size;

export const said = () => sorted().map(({ message }) => message).filter((m) => m.author_id === me && !m.card).map((m) => m.text);

// --- versions --------------------------------------------------------------------------------------------------------

/** The message that shows a newer version of the same card than `message` does. A card without a version (a call about an alert) is never out of date. */
export function newestOf(message) {
  let best = null;
  if (!message.card.version) return best;
  for (const { message: other } of known.values()) {
    if (other.card?.id && other.card.id === message.card.id && other.card.version > (best ?? message).card.version) best = other;
  }
  return best;
}

export function goTo(message) {
  const item = known.get(message.id)?.item;
  if (!item) return;
  item.scrollIntoView({ block: "center" });
  item.focus({ preventScroll: true });
  flash(item);
}

// --- drawing ---------------------------------------------------------------------------------------------------------

function sorted() {
  return [...known.values()].sort((a, b) => Date.parse(a.message.at) - Date.parse(b.message.at));
}

function arrange() {
  const entries = sorted();
  const items = [];
  let before = null;
  for (const entry of entries) {
    items.push(...place(entry, before));
    before = entry;
  }
  const focused = document.activeElement;
  list.replaceChildren(...items);
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

function place(entry, before) {
  const at = new Date(entry.message.at);
  const newDay = !before || dayKey(new Date(before.message.at)) !== dayKey(at);
  entry.item = draw(entry.message, !newDay && together(before.message, entry.message));
  return newDay ? [el("li", { className: "day" }, el("span", {}, dayName(at))), entry.item] : [entry.item];
}

const together = (a, b) => a.author_id === b.author_id && a.private === b.private && Date.parse(b.at) - Date.parse(a.at) < TOGETHER;

function append(message, seq) {
  const entry = { message, seq, item: null };
  const last = sorted().at(-1);
  known.set(message.id, entry);
  if (last && Date.parse(last.message.at) > Date.parse(message.at)) {
    arrange();
  } else {
    list.append(...place(entry, last));
  }
  refreshCopies(message);
  if (message.author_id === me) stick = true;
  else announce(`${message.author}: ${inWords(message)}`);
  if (stick) toEnd();
  else unread();
}

function change(entry, message, seq) {
  const said = inWords(entry.message);
  Object.assign(entry, { message, seq });
  redraw(entry);
  refreshCopies(message);
  flash(entry.item);
  if (inWords(message) !== said) announce(`${message.author}: ${inWords(message)}`);
}

/** Draw a message's content anew, leaving the keyboard where it was. */
function redraw(entry) {
  const { item, message } = entry;
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  const content = item.querySelector(".content");
  content.replaceChildren(...contents(message));
  if (!focused || document.activeElement === focused) return;
  if (focused.isConnected) return focused.focus();
  const same = focused.dataset.verb && content.querySelector(`[data-verb="${CSS.escape(focused.dataset.verb)}"]`);
  (same || item).focus({ preventScroll: true });
}

/** Older copies of a card show that they are out of date. */
function refreshCopies(message) {
  if (!message.card?.id) return;
  for (const other of known.values()) {
    const stale = other.message !== message && other.message.card?.id === message.card.id && other.message.card.actions.length;
    if (stale && other.item) redraw(other);
  }
}

function draw(message, continued) {
  const bot = Boolean(message.card);
  const avatar = bot
    ? el("img", { className: "avatar", src: byId("sidebar").querySelector(".brand img").src, alt: "" })
    : el("span", { className: "avatar", aria: { hidden: "true" }, data: { hue: hue(message.author_id) } }, initials(message.author));
  const head = el("div", { className: "head" }, el("span", { className: "author" }, el("bdi", {}, message.author)), moment(message.at, "relative"),
    message.private ? onlyYou(bot) : null);
  return el("li", {
    className: ["message", continued && "continued", message.private && "private", message.author_id === me && "mine"].filter(Boolean).join(" "),
    tabIndex: -1, data: { id: message.id },
  }, avatar, head, el("div", { className: "content" }, ...contents(message)));
}

/** In words on an answer; on one's own command a lock says it too. */
function onlyYou(inWords) {
  const words = el("span", { className: inWords ? "" : "unseen" }, "Only you see this");
  return el("span", { className: "only-you", title: "Only you see this" }, icon("lock"), words);
}

function contents(message) {
  return message.card ? [drawCard(message)] : [el("p", { className: message.text.startsWith("/") ? "said command" : "said" }, el("bdi", {}, message.text))];
}

export function initials(name) {
  const words = name.trim().split(/\s+/u).map((word) => [...word][0] ?? "");
  return (words.length > 1 ? words[0] + words.at(-1) : words[0] || "?").toUpperCase();
}

export function hue(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 6;
  return sum;
}

function flash(item) {
  item.classList.remove("changed");
  void item.offsetWidth; // lets the same animation start again
  item.classList.add("changed");
}

// --- the end of the list ---------------------------------------------------------------------------------------------

function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
  seen();
}

export const endIt = () => {
  stick = true;
  toEnd();
};

function unread() {
  unseen += 1;
  newestButton.replaceChildren(icon("down"), unseen === 1 ? "1 new message" : `${unseen} new messages`);
  newestButton.hidden = false;
}

function seen() {
  unseen = 0;
  newestButton.hidden = true;
}

/** Move the keyboard by `step` messages. */
export function walk(step) {
  const items = [...list.querySelectorAll(".message")];
  const at = items.indexOf(document.activeElement?.closest?.(".message"));
  const next = at < 0 ? items.at(-1) : items[Math.min(Math.max(at + step, 0), items.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
