// The graph as SVG: where everything stands comes from the house, what it looks like from the style sheet. Text only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";
const PADDING = 11, ICON = 21, LINE = 18, SIGN = 19;

export function shape(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== "") element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

export const HEALTH = {
  healthy: "healthy", degraded: "degraded", unhealthy: "unhealthy", offline: "offline", misconfigured: "not set up", unknown: "not probed yet",
};

const SIGNS = {
  healthy: ["M-6.6 0a6.6 6.6 0 1 0 13.2 0a6.6 6.6 0 1 0 -13.2 0z", "M-3 .2l2.2 2.4l4 -4.8"],
  degraded: ["M0 -6.6l7 12.2h-14z", "M0 -2.2v3.4M0 3.7v.1"],
  unhealthy: ["M-6.2 -6.2h12.4v12.4h-12.4z", "M-3 0h6"],
  offline: ["M-6.8 0a6.8 6.8 0 1 0 13.6 0a6.8 6.8 0 1 0 -13.6 0z", "M-2.6 -2.6l5.2 5.2m0 -5.2l-5.2 5.2"],
};
const RING = ["M-5.4 0a5.4 5.4 0 1 0 10.8 0a5.4 5.4 0 1 0 -10.8 0z", ""];

/** Paints everything anew. Returns {world, boxes: id → element, lines: [{line, element}]}. */
export function paint(svg, shown) {
  const { graph, icons } = shown;
  const lines = graph.arrows.map((line) => ({ line, element: arrow(line) }));
  const boxes = new Map(graph.boxes.map((box) => [box.id, node(box, icons)]));
  const world = shape("g", { class: "world" },
    shape("g", { class: "captions", "aria-hidden": "true" }, ...graph.captions.map((one) => caption(one, shown.words))),
    shape("g", { class: "lines", "aria-hidden": "true" }, ...lines.map((one) => one.element)),
    shape("g", { class: "boxes" }, ...boxes.values()),
    shape("g", { class: "notes", "aria-hidden": "true" }, ...graph.arrows.filter((line) => line.at && line.note).map(note)),
  );
  svg.replaceChildren(world);
  for (const text of svg.querySelectorAll("text[data-room]")) squeeze(text);
  return { world, boxes, lines };
}

function node(box, icons) {
  const middle = box.y + box.height / 2;
  const first = middle + 5.2 - ((box.lines.length - 1) * LINE) / 2;
  const badge = box.badge ? box.badge.length * 7.2 + 15 : 0;
  const right = box.x + box.width - PADDING;
  const room = right - (badge ? badge + 5 : 0) - (box.kind === "workflow" ? 0 : SIGN) - (box.x + PADDING + ICON);
  const element = shape("g", { class: "node", "data-look": box.look, "data-id": box.id, role: "button", tabindex: "-1" },
    shape("title"),
    shape("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: box.corner }),
    shape("path", { class: "kind", d: icons[box.kind] ?? icons.service, transform: `translate(${box.x + PADDING - 1} ${middle - 8})` }),
    ...box.lines.map((line, at) => words(line, box.x + PADDING + ICON, first + at * LINE, "label", Math.max(10, room))),
    box.badge && shape("rect", { class: "badge", x: right - badge + 3, y: middle - 10, width: badge, height: 20, rx: 10 }),
    box.badge && words(box.badge, right - badge / 2 + 3, middle + 4.4, "badge-text"),
    shape("g", { class: "sign", transform: `translate(${right - (badge ? badge + 5 : 0) - SIGN / 2 + 3} ${middle})` }),
  );
  return element;
}

function words(text, x, y, name, room) {
  const element = shape("text", { x, y, class: name, "data-room": room });
  element.textContent = text;
  return element;
}

/** Names in scripts the house has no measures for, and other fonts than its own, stay in their boxes. */
function squeeze(text) {
  const room = Number(text.dataset.room);
  if (text.getComputedTextLength() <= room) return;
  text.setAttribute("textLength", room);
  text.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

/** How a service is by now, on the box and in its name for those who hear it. */
export function mark(element, box, health, shownWords) {
  const supposed = ["down", "degraded"].includes(box.state) && ["healthy", "unknown"].includes(health); // what if, not what is
  const state = box.kind === "workflow" || supposed ? "" : health;
  element.dataset.health = state ?? "";
  const [body, inner] = SIGNS[state] ?? (state ? RING : ["", ""]);
  element.querySelector(".sign").replaceChildren(...(state
    ? [shape("path", { class: SIGNS[state] ? "sign-body" : "sign-ring", d: body }), inner && shape("path", { class: "sign-inner", d: inner })].filter(Boolean)
    : []));
  const said = describe(box, health, shownWords);
  element.setAttribute("aria-label", said);
  element.querySelector("title").textContent = said;
}

export function describe(box, health, shownWords) {
  const parts = [box.label, shownWords[box.kind] ?? "service"];
  if (box.state !== "ok" && shownWords[box.state]) parts.push(shownWords[box.state]);
  if (health && box.kind !== "workflow") parts.push(HEALTH[health] ?? health);
  if (box.badge) parts.push(`${box.badge.replace("/h", " an hour").replace("/d", " a day").replace("/wk", " a week")}`);
  return parts.join(", ");
}

function arrow(line) {
  return shape("g", { class: "line", "data-line": line.line },
    shape("path", { class: "stroke", d: line.d, "stroke-width": line.width }),
    ...line.heads.map(([x, y, way]) => {
      const half = Math.max(4.2, line.width * 0.8 + 2);
      return shape("path", { class: "head", d: `M${x} ${y}l${-8.5 * way} ${-half}v${2 * half}z` });
    }),
  );
}

function note(line) {
  const element = shape("text", { class: "note", "data-line": line.line, x: line.at[0], y: line.at[1] + 4.4 });
  element.textContent = line.note;
  return element;
}

const MEMBERS = {
  source: "Event sources", schedule: "Schedules", person: "People", channel: "Channels", workflow: "Workflows", service: "Services",
  component: "Components", platform: "Platforms", infra: "Infrastructure", external: "External services", alone: "On their own",
};

function caption({ kind, count, x, y }, shownWords) {
  const element = shape("text", { class: "caption", x, y: y + 12 });
  const one = shownWords[kind] ?? MEMBERS.alone;
  element.textContent = count > 1 ? `${MEMBERS[kind] ?? MEMBERS.service} (${count})` : one[0].toUpperCase() + one.slice(1);
  return element;
}
