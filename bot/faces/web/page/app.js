// The page: joins its parts.
import { get, post, SignedOut } from "./api.js";
import * as composer from "./composer.js";
import { answer } from "./dialogs.js";
import { byId, el, icon } from "./dom.js";
import { shortcuts } from "./keys.js";
import { wire } from "./press.js";
import * as sidebar from "./sidebar.js";
import { listen } from "./stream.js";
import { refresh } from "./time.js";
import * as timeline from "./timeline.js";

const EXAMPLES = [
  "when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases",
  "every weekday at 9 post the health report in #ops",
  "what breaks if trello goes down?",
];
const PAGE = 100; // messages asked for at once

let me = { id: "", name: "" };
let channel = "#ops";
let limit = PAGE;
let heard = new Set(); // ids of messages that arrived while the page was open
const busy = new Map(); // channel → turns under way

// --- start -----------------------------------------------------------------------------------------------------------

async function start() {
  dress();
  const known = await get("/web/me");
  me = known;
  showMe();
  timeline.setUp(me.id);
  wire(timeline.newestOf, timeline.goTo);
  composer.setUp({ said: timeline.said, busy: working });
  sidebar.setUp({ open: (name) => (location.hash = encodeURIComponent(name)), suggest });
  sidebar.setChannels(known.channels);
  sidebar.setHealth(known.health);
  shortcuts({ walk: timeline.walk, focus: composer.focus, slash, step: stepChannel, end: timeline.endIt, theme: nextTheme, closeMenu });
  addEventListener("hashchange", () => openChannel(fromHash()));
  setInterval(refresh, 20_000);
  openChannel(fromHash());
  listen({ hello, message, health, state });
  composer.focus();
}

function dress() {
  byId("menu").append(icon("menu"));
  byId("help-open").append(icon("keyboard"));
  byId("sign-out").append(icon("leave"));
  byId("send").append(icon("send"));
  byId("attach").append(icon("clip"));
  byId("menu").addEventListener("click", () => menu(!document.body.classList.contains("menu-open")));
  byId("veil").addEventListener("click", closeMenu);
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  byId("theme").addEventListener("click", nextTheme);
  byId("sign-out").addEventListener("click", signOut);
  byId("me").addEventListener("click", rename);
  byId("earlier").addEventListener("click", earlier);
  byId("examples").append(...EXAMPLES.map((text) => el("li", {}, el("button", { type: "button", on: { click: () => suggest(text) } }, text))));
  showTheme();
}

function fromHash() {
  try {
    const name = decodeURIComponent(location.hash.slice(1)).toLowerCase();
    return /^[#@][\p{L}\p{N}_-]{1,80}$/u.test(name) ? name : "#ops";
  } catch {
    return "#ops";
  }
}

// --- channels --------------------------------------------------------------------------------------------------------

async function openChannel(name) {
  channel = name;
  limit = PAGE;
  closeMenu();
  byId("channel-title").textContent = name;
  sidebar.openChannel(name);
  composer.openIn(name);
  byId("earlier").hidden = byId("empty").hidden = true;
  showTitle();
  showWorking();
  timeline.clear();
  if (greeted) await loadHistory();
}

async function loadHistory() {
  const wanted = channel;
  byId("timeline").setAttribute("aria-busy", "true");
  try {
    const history = await get(`/web/history?channel=${encodeURIComponent(wanted)}&limit=${limit}`);
    if (wanted !== channel) return;
    timeline.load(history);
    byId("earlier").hidden = !history.more || limit >= 1000;
    showEmpty();
  } catch (failure) {
    trouble(failure);
  } finally {
    byId("timeline").setAttribute("aria-busy", "false");
  }
}

async function earlier() {
  const fromEnd = byId("scroll").scrollHeight - byId("scroll").scrollTop;
  limit = Math.min(limit + 200, 1000);
  await loadHistory();
  byId("scroll").scrollTop = byId("scroll").scrollHeight - fromEnd;
}

function stepChannel(step) {
  const names = sidebar.channelNames();
  const next = names[(names.indexOf(channel) + step + names.length) % names.length];
  location.hash = encodeURIComponent(next);
}

const showEmpty = () => (byId("empty").hidden = timeline.count() > 0);

function showTitle() {
  const news = sidebar.unreadCount();
  document.title = `${news ? `(${news}) ` : ""}${channel} · Signalbox`;
}

// --- news ------------------------------------------------------------------------------------------------------------

let greeted = false; // the live line stands or is known not to: only then can a history be without gaps

async function hello(resumed) {
  const again = greeted;
  greeted = true;
  if (!resumed) {
    timeline.startOver();
    await loadHistory();
  }
  if (!resumed && again) {
    sidebar.setChannels((await get("/web/me").catch(() => ({ channels: [] }))).channels);
    health();
  }
}

function message(data, seq) {
  if (data.channel === channel) {
    timeline.take(data, seq);
    showEmpty();
  } else if (!heard.has(data.id) && Date.now() - Date.parse(data.at) < 60_000) {
    sidebar.heardIn(data.channel, data.card?.tone === "bad");
  }
  heard.add(data.id);
  showTitle();
}

let asking = 0;

/** Several changes within a moment are one question. */
function health() {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    try {
      sidebar.setHealth(await get("/web/health"));
    } catch (failure) {
      trouble(failure);
    }
  }, 150);
}

function state(name) {
  const banner = byId("banner");
  document.body.dataset.connection = name;
  byId("connection").textContent = name === "open" ? "live" : "";
  banner.hidden = name === "open";
  if (name === "lost" && !greeted) hello(false);
  if (name === "lost") banner.textContent = "Connection lost. Trying again… What you see may be out of date.";
  if (name === "signed-out") signedOut();
}

function trouble(failure) {
  if (failure instanceof SignedOut) signedOut();
}

function signedOut() {
  byId("banner").hidden = false;
  byId("banner").replaceChildren("You are signed out. ", el("a", { href: "/login" }, "Sign in again"));
}

function working(place, step) {
  busy.set(place, (busy.get(place) ?? 0) + step);
  setTimeout(showWorking, step > 0 ? 350 : 0);
}

function showWorking() {
  const on = (busy.get(channel) ?? 0) > 0;
  byId("working").hidden = !on;
  byId("working").replaceChildren(...(on ? [el("span", { className: "dots" }), "Signalbox is working on it"] : []));
}

// --- the person ------------------------------------------------------------------------------------------------------

function suggest(text) {
  closeMenu();
  composer.write(text, { focus: true });
}

function slash() {
  composer.write("/", { focus: true });
  composer.suggestNow();
}

function showMe() {
  byId("me-name").textContent = me.name;
  byId("me-face").textContent = timeline.initials(me.name);
  byId("me-face").dataset.hue = timeline.hue(me.id);
}

async function rename() {
  byId("rename-name").value = me.name;
  byId("rename-error").textContent = "";
  if (!(await answer(byId("rename")))) return;
  try {
    me = await post("/web/me", { name: byId("rename-name").value });
    showMe();
  } catch (failure) {
    byId("rename-error").textContent = failure.message;
    byId("rename").showModal();
  }
}

async function signOut() {
  await post("/web/logout", {});
  location.replace("/login");
}

// --- looks -----------------------------------------------------------------------------------------------------------

const THEMES = { auto: ["auto", "Theme: as the system"], light: ["sun", "Theme: light"], dark: ["moon", "Theme: dark"] };

function nextTheme() {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(localStorage.getItem("theme") ?? "auto") + 1) % names.length];
  localStorage.setItem("theme", next);
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  showTheme();
}

function showTheme() {
  const [symbol, words] = THEMES[localStorage.getItem("theme")] ?? THEMES.auto;
  byId("theme").replaceChildren(icon(symbol));
  byId("theme").title = `${words} (t)`;
  byId("theme").setAttribute("aria-label", words);
}

function menu(open) {
  document.body.classList.toggle("menu-open", open);
  byId("veil").hidden = !open;
  byId("menu").setAttribute("aria-expanded", String(open));
  if (open) byId("channels").querySelector("a")?.focus();
}

function closeMenu() {
  if (document.body.classList.contains("menu-open")) menu(false);
}

start().catch((failure) => {
  byId("banner").hidden = false;
  byId("banner").textContent = failure.message;
  trouble(failure);
});
