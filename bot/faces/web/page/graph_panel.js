// What is known of the chosen box: how it is, what it needs, who needs it, and where to go from here.
import { byId, el, icon } from "./dom.js";
import { HEALTH } from "./graph_paint.js";

const LISTED = 40;
const FAILING = new Set(["service", "source", "component", "platform", "infra", "external"]); // of which one asks “what if”

/** `address(focus, hops, down)` → a link; `go(id)`; `close()`. */
export function showPanel(box, shown, { address, go, close }) {
  const panel = byId("panel");
  const { graph, words, health } = shown;
  const label = new Map(graph.boxes.map((one) => [one.id, one.label]));
  const ends = (mine, theirs) => graph.arrows.filter((line) => line[mine] === box.id && line[theirs] !== box.id)
    .concat(graph.arrows.filter((line) => line.heads.length > 1 && line[theirs] === box.id && line[mine] !== box.id)
      .map((line) => ({ ...line, [theirs]: line[mine] })));
  const needs = ends("source", "target"), neededBy = ends("target", "source");
  panel.replaceChildren(
    el("header", {},
      el("h2", { id: "panel-title" }, el("bdi", {}, box.label)),
      el("button", { type: "button", className: "icon-button", aria: { label: "Close" }, on: { click: close } }, icon("cross"))),
    el("p", { className: "hint" }, facts(box, words, health[box.id]).join(" · ")),
    el("p", { className: "graph-links" },
      el("a", { className: "button primary", href: address(box.id, 1) }, "Its neighbourhood"),
      el("a", { className: "button", href: address(box.id, 2) }, "Two steps around"),
      FAILING.has(box.kind) ? el("a", { className: "button", href: address(box.id, 0, true) }, "What if it is down?") : null),
    ...part("Needs", needs.filter((line) => line.line !== "alternative"), "target"),
    ...part("Needed by", neededBy.filter((line) => line.line !== "alternative"), "source"),
    ...part("Stand in for each other", needs.filter((line) => line.line === "alternative"), "target"),
  );
  panel.hidden = false;

  function part(title, lines, end) {
    if (!lines.length) return [];
    return [
      el("h3", {}, `${title} (${lines.length})`),
      el("ul", {}, ...lines.slice(0, LISTED).map((line) => el("li", {},
        el("button", { type: "button", on: { click: () => go(line[end]) } }, el("bdi", {}, label.get(line[end]) ?? line[end])),
        el("span", { className: "hint" }, [words[line.line], line.note].filter(Boolean).join(", ")))),
      lines.length > LISTED ? el("li", { className: "hint" }, `and ${lines.length - LISTED} more`) : null),
    ];
  }
}

function facts(box, words, health) {
  const said = [words[box.kind] ?? "service"];
  if (box.state !== "ok" && words[box.state]) said.push(words[box.state]);
  if (health && box.kind !== "workflow") said.push(HEALTH[health] ?? health);
  if (box.badge) said.push(`${box.badge.replace("/h", " runs an hour").replace("/d", " runs a day").replace("/wk", " runs a week")}`);
  return said;
}
