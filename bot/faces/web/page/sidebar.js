// Channels, health, and who is signed in.
import { byId, el, icon } from "./dom.js";

const STATUS = {
  healthy: ["check", "healthy"],
  degraded: ["alert", "degraded"],
  unhealthy: ["alert", "unhealthy"],
  offline: ["cross", "offline"],
  misconfigured: ["info", "needs set-up"],
  unknown: ["ring", "unknown"],
};

let channels = [];
let unread = new Map();
let current = "#ops";
let goTo = () => {};
let say = () => {};

/** `open(channel)` shows a channel, `suggest(text)` writes into the message box. */
export function setUp({ open, suggest }) {
  goTo = open;
  say = suggest;
  byId("channel-add").append(icon("plus"));
  byId("channel-add").addEventListener("click", () => {
    byId("channel-form").hidden = !byId("channel-form").hidden;
    if (!byId("channel-form").hidden) byId("channel-new").focus();
  });
  byId("channel-form").addEventListener("submit", add);
  byId("alerts-open").addEventListener("click", () => say("/alerts open"));
}

function add(event) {
  event.preventDefault();
  const name = byId("channel-new").value.trim().toLowerCase().replace(/^#*/, "#");
  if (!/^#[\p{L}\p{N}_-]{1,80}$/u.test(name)) return byId("channel-new").select();
  byId("channel-new").value = "";
  byId("channel-form").hidden = true;
  goTo(name);
}

// --- channels --------------------------------------------------------------------------------------------------------

export function setChannels(names) {
  channels = [...new Set([...names, current])].sort((a, b) => (a === "#ops" ? -1 : b === "#ops" ? 1 : a.localeCompare(b)));
  drawChannels();
}

export const channelNames = () => channels;

export function openChannel(name) {
  current = name;
  unread.delete(name);
  setChannels(channels);
}

/** Somebody spoke elsewhere. */
export function heardIn(name, bad) {
  const held = unread.get(name) ?? { count: 0, bad: false };
  unread.set(name, { count: held.count + 1, bad: held.bad || bad });
  setChannels([...channels, name]);
}

export const unreadCount = () => [...unread.values()].reduce((sum, { count }) => sum + count, 0);

function drawChannels() {
  byId("channels").replaceChildren(...channels.map((name) => {
    const news = unread.get(name);
    const link = el("a", { href: `#${encodeURIComponent(name)}`, className: news ? "news" : "" },
      el("span", { className: "sigil", aria: { hidden: "true" } }, name[0]), el("bdi", {}, name.slice(1)),
      news ? el("span", { className: news.bad ? "badge bad" : "badge", aria: { label: `${news.count} new` } }, String(news.count)) : null);
    if (name === current) link.setAttribute("aria-current", "page");
    return el("li", {}, link);
  }));
}

// --- health ----------------------------------------------------------------------------------------------------------

export function setHealth({ services, healthy, total, alerts }) {
  byId("health-count").textContent = total ? `${healthy} of ${total} healthy` : "";
  byId("health-empty").hidden = total > 0;
  byId("health").replaceChildren(...services.map(service));
  const open = alerts.firing + alerts.acknowledged;
  const words = open ? `${open} ${alerts.firing ? "open" : "acknowledged"} ${open === 1 ? "alert" : "alerts"}` : "";
  for (const id of ["alerts-open", "trouble"]) {
    byId(id).hidden = !open;
    byId(id).dataset.tone = alerts.firing ? "bad" : "warning";
    byId(id).replaceChildren(icon("alert"), words);
  }
}

function service(state) {
  const [symbol, word] = STATUS[state.status] ?? STATUS.unknown;
  const title = [state.detail, state.account && state.account !== state.service && `account ${state.account}`].filter(Boolean).join(" · ");
  const button = el("button", { type: "button", data: { status: state.status }, title, on: { click: () => say(`/health ${state.service}`) } },
    icon(symbol), el("span", { className: "service-name" }, state.name),
    state.sandbox ? el("span", { className: "sandbox", title: "No credentials are set: the sandbox answers" }, "sandbox") : null,
    el("span", { className: "service-word" }, word));
  return el("li", {}, button);
}

