// The page of the graph: joins its parts, and keeps it true while it is open.
import { announce } from "./announce.js";
import { get, SignedOut } from "./api.js";
import { byId, el, icon } from "./dom.js";
import { Camera } from "./graph_camera.js";
import { describe, mark, paint, shape } from "./graph_paint.js";
import { showPanel } from "./graph_panel.js";
import { setUpSearch } from "./graph_search.js";
import { listen } from "./stream.js";

const LOOK = 20_000; // ms between looks at what changed without news
const TROUBLED = ["offline", "unhealthy", "degraded", "misconfigured"];
const asked = new URLSearchParams(location.search);
const focus = asked.get("focus") ?? "", hops = asked.get("hops") ?? "", down = asked.get("down") === "true";

const svg = byId("graph");
const camera = new Camera(svg);
let shown = null; // what the house told last
let painted = { world: null, boxes: new Map(), lines: [] };
let byName = new Map(); // id → box
let chosen = "";

function address(id, steps, fails = false) {
  const wanted = new URLSearchParams({ focus: id, ...(steps ? { hops: steps } : {}), ...(fails ? { down: "true" } : {}) });
  return `/graph?${wanted}`;
}

function query() {
  return new URLSearchParams({ ...(focus ? { focus } : {}), ...(hops ? { hops } : {}), ...(down ? { down: "true" } : {}) });
}

// --- what the house tells --------------------------------------------------------------------------------------------

let asking = null;

/** Several news within a moment are one question, and never two questions at once. */
async function refresh() {
  if (asking) return (asking.again = true);
  asking = { again: false };
  try {
    take(await get(`/web/graph?${query()}`));
    if (byId("banner").dataset.about === "answer") hush();
  } catch (failure) {
    if (failure instanceof SignedOut) complain("", "You are signed out. ", el("a", { href: "/login" }, "Sign in again"));
    else complain("answer", failure.message, ...(focus ? [" ", el("a", { href: "/graph" }, "Show the whole graph")] : []));
  } finally {
    const { again } = asking;
    asking = null;
    if (again) refresh();
  }
}

function take(fresh) {
  const before = shown;
  shown = fresh;
  if (before?.version === fresh.version) return;
  byId("headline").textContent = fresh.headline;
  byId("subline").textContent = fresh.subline + (fresh.more ? ` · and ${fresh.rest || fresh.more} more, not shown` : "");
  byId("words").textContent = fresh.alt;
  byId("empty").hidden = fresh.graph.boxes.length > 0;
  document.title = `${fresh.headline} · Signalbox`;
  if (before?.layout !== fresh.layout) repaint(before === null);
  news(before);
  troubles();
  if (chosen && byName.has(chosen)) choose(chosen, { quiet: true });
  else leave();
}

function repaint(first) {
  painted = paint(svg, shown);
  byName = new Map(shown.graph.boxes.map((box) => [box.id, box]));
  camera.attach(painted.world, shown.graph);
  const start = painted.boxes.get(shown.focus) ?? painted.boxes.values().next().value;
  start?.setAttribute("tabindex", "0");
  if (first) camera.fit();
  if (first && byName.has(shown.focus) && !down) {
    choose(shown.focus, { quiet: true, panel: matchMedia("(min-width: 761px)").matches });
    if (svg.classList.contains("far")) camera.centre(byName.get(shown.focus));
  }
  legend();
}

/** Signs anew; what changed for the worse is said. */
function news(before) {
  for (const [id, element] of painted.boxes) {
    const health = shown.health[id] ?? "";
    mark(element, byName.get(id), health, shown.words);
    if (before && (before.health[id] ?? "") !== health && health) announce(describe(byName.get(id), health, shown.words));
  }
}

function troubled() {
  const rank = (box) => TROUBLED.indexOf(shown.health[box.id]);
  return shown.graph.boxes.filter((box) => rank(box) >= 0).sort((one, other) => rank(one) - rank(other));
}

let walked = -1;

function troubles() {
  const boxes = troubled();
  byId("trouble").hidden = !boxes.length;
  byId("trouble").replaceChildren(icon("alert"), ` ${boxes.length} in trouble`);
  byId("trouble").title = boxes.slice(0, 12).map((box) => describe(box, shown.health[box.id], shown.words)).join("\n");
}

function state(name) {
  byId("connection").textContent = name === "open" ? "live" : "";
  if (name === "lost") complain("line", "Connection lost. Trying again… What you see may be out of date.");
  else if (name === "signed-out") complain("", "You are signed out. ", el("a", { href: "/login" }, "Sign in again"));
  else if (byId("banner").dataset.about === "line") hush();
}

function complain(about, ...parts) {
  byId("banner").dataset.about = about;
  byId("banner").replaceChildren(...parts);
  byId("banner").hidden = false;
}

function hush() {
  byId("banner").hidden = true;
}

// --- one box ---------------------------------------------------------------------------------------------------------

/** Lights up a box with everything it is joined to, and tells what is known of it. */
function choose(id, { quiet = false, panel = true } = {}) {
  const box = byName.get(id);
  if (!box) return;
  chosen = id;
  const near = new Set([id]);
  for (const { line, element } of painted.lines) {
    const joined = line.source === id || line.target === id;
    element.classList.toggle("lit", joined);
    if (joined) near.add(line.source).add(line.target);
  }
  for (const [other, element] of painted.boxes) {
    element.classList.toggle("lit", near.has(other));
    element.classList.toggle("chosen", other === id);
    element.setAttribute("tabindex", other === id ? "0" : "-1");
  }
  svg.classList.add("choosing");
  if (panel) showPanel(box, shown, { address, go: jump, close: leave });
  if (!quiet) painted.boxes.get(id).focus({ preventScroll: true });
}

function leave() {
  const had = chosen;
  chosen = "";
  svg.classList.remove("choosing");
  for (const element of svg.querySelectorAll(".lit, .chosen")) element.classList.remove("lit", "chosen");
  byId("panel").hidden = true;
  if (had && byId("panel").contains(document.activeElement)) painted.boxes.get(had)?.focus({ preventScroll: true });
}

function jump(id) {
  const box = byName.get(id);
  if (!box) return;
  choose(id);
  camera.centre(box);
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The next box in a direction: near, and rather ahead than aside. */
function next(from, [dx, dy]) {
  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  const [x, y] = middle(from);
  let best = null, least = Infinity;
  for (const box of byName.values()) {
    const [across, along] = [middle(box)[0] - x, middle(box)[1] - y];
    const ahead = across * dx + along * dy, aside = Math.abs(across * dy) + Math.abs(along * dx);
    const far = ahead + 2.5 * aside;
    if (box !== from && ahead > 1 && ahead > aside * 0.4 && far < least) [best, least] = [box, far];
  }
  return best;
}

function go(box) {
  for (const element of svg.querySelectorAll('.node[tabindex="0"]')) element.setAttribute("tabindex", "-1");
  const element = painted.boxes.get(box.id);
  element.setAttribute("tabindex", "0");
  element.focus({ preventScroll: true });
  camera.reveal(box);
}

// --- hands -----------------------------------------------------------------------------------------------------------

function keys(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.("input, textarea, select")) return;
  const node = event.target.closest?.(".node");
  const within = svg.contains(event.target) || event.target === document.body;
  if (event.key === "/") byId("search").focus();
  else if (event.key === "Escape") leave();
  else if (event.key === "t") nextTheme();
  else if (node && (event.key === "Enter" || event.key === " ")) choose(node.dataset.id);
  else if (within && camera.key(event)) return event.preventDefault();
  else if (within && WAYS[event.key]) {
    const from = byName.get(node?.dataset.id) ?? byName.get(svg.querySelector('.node[tabindex="0"]')?.dataset.id);
    const to = node ? next(from, WAYS[event.key]) : from;
    if (to) go(to);
  } else return;
  event.preventDefault();
}

function legend() {
  const { graph, words } = shown;
  const looks = [...new Map(graph.boxes.map((box) => [box.look, box]))];
  const lines = [...new Set(graph.arrows.map((line) => line.line))].filter((name) => words[name]);
  const sample = (name, ...parts) => shape("svg", { class: "sample", viewBox: "0 0 30 20", width: 30, height: 20, "aria-hidden": "true", ...name }, ...parts);
  byId("legend-items").replaceChildren(
    ...looks.map(([look, box]) => el("li", {}, sample({ "data-look": look },
      shape("rect", { x: 1, y: 1, width: 28, height: 18, rx: Math.min(9, box.corner) }),
      look === box.kind && shape("path", { class: "kind", d: shown.icons[look], transform: "translate(8.5 3.5) scale(.82)" })), words[look] ?? look)),
    ...lines.map((name) => el("li", {}, sample({ "data-line": name }, shape("path", { class: "stroke", d: "M1 10h28", "stroke-width": 2 })), words[name])),
  );
}

const THEMES = { auto: ["auto", "Theme: as the system"], light: ["sun", "Theme: light"], dark: ["moon", "Theme: dark"] };

function nextTheme() {
  const names = Object.keys(THEMES);
  const name = names[(names.indexOf(localStorage.getItem("theme") ?? "auto") + 1) % names.length];
  localStorage.setItem("theme", name);
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  showTheme();
}

function showTheme() {
  const chosenTheme = localStorage.getItem("theme");
  const [symbol, said] = THEMES[chosenTheme] ?? THEMES.auto;
  byId("theme").replaceChildren(icon(symbol));
  byId("theme").title = `${said} (t)`;
  byId("theme").setAttribute("aria-label", said);
  const dark = chosenTheme === "dark" || (chosenTheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  byId("picture").href = `/web/graph.png?${new URLSearchParams([...query(), ["theme", dark ? "dark" : "light"]])}`;
}

function start() {
  byId("whole").hidden = !focus;
  byId("closer").append(icon("plus"));
  byId("farther").append(icon("dash"));
  byId("fit").append(icon("frame"));
  byId("closer").addEventListener("click", () => camera.zoom(1.4));
  byId("farther").addEventListener("click", () => camera.zoom(1 / 1.4));
  byId("fit").addEventListener("click", () => camera.fit());
  byId("theme").addEventListener("click", nextTheme);
  byId("trouble").addEventListener("click", () => {
    const boxes = troubled();
    if (boxes.length) jump(boxes[(walked = (walked + 1) % boxes.length)].id);
  });
  svg.addEventListener("click", (event) => {
    const node = event.target.closest(".node");
    if (node) choose(node.dataset.id);
    else leave();
  });
  svg.addEventListener("dblclick", (event) => {
    const node = event.target.closest(".node");
    if (node) location.assign(address(node.dataset.id, 1));
  });
  svg.addEventListener("focusin", (event) => {
    const box = byName.get(event.target.closest(".node")?.dataset.id);
    if (box && event.target.matches(":focus-visible")) camera.reveal(box);
  });
  document.addEventListener("keydown", keys);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(() => document.hidden || refresh(), LOOK);
  showTheme();
  setUpSearch({ list: () => [...byName.values()], go: (box) => jump(box.id), say: (box) => describe(box, shown.health[box.id], shown.words).slice(box.label.length + 2) });
  let soon = 0;
  const later = () => {
    clearTimeout(soon);
    soon = setTimeout(refresh, 150);
  };
  refresh();
  listen({ hello: (resumed) => resumed || later(), message: () => {}, health: later, state });
}

start();
