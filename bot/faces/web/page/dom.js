// Building the page: text only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";

// 16 × 16, drawn with a 1.6 line; one path each.
const ICONS = {
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  alert: "M8 2.2 14.4 13.4H1.6zM8 6.4v3.2M8 11.6v.2",
  info: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 7.2v4M8 4.9v.2",
  progress: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 4.6V8l2.4 1.6",
  dash: "M3.5 8h9",
  ring: "M8 2.6a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 8 2.6",
  skip: "M3 4l5 4-5 4zM12 4v8",
  person: "M8 2.4a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4M2.8 13.8c.5-2.9 2.5-4.2 5.2-4.2s4.7 1.3 5.2 4.2",
  lock: "M4 7.2h8v6.4H4zM5.6 7V5.2a2.4 2.4 0 0 1 4.8 0V7",
  copy: "M5.6 5.6h8v8h-8zM10.4 5.4v-3h-8v8h3",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3.1 3.1l1.1 1.1M11.8 11.8l1.1 1.1M3.1 12.9l1.1-1.1M11.8 4.2l1.1-1.1",
  moon: "M13.6 9.8A6 6 0 0 1 6.2 2.4a6 6 0 1 0 7.4 7.4z",
  auto: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12M10.5 3v10M12.6 4.6v6.8",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  keyboard: "M1.6 4h12.8v8H1.6zM4 6.5h.2M6.6 6.5h.2M9.2 6.5h.2M11.8 6.5h.2M5 9.5h6",
  send: "M2.4 2.8 14 8 2.4 13.2 4.2 8zM4.2 8H14",
  plus: "M8 3v10M3 8h10",
  clip: "M12.6 7.2 7.8 12a2.9 2.9 0 0 1-4.1-4.1l5.2-5.2a1.9 1.9 0 0 1 2.7 2.7l-5 5a.9.9 0 0 1-1.3-1.3l4.4-4.4",
  down: "M8 3v10M3.8 8.8 8 13l4.2-4.2",
  leave: "M9.5 2.6H3v10.8h6.5M7 8h7M11.4 5.2 14.2 8l-2.8 2.8",
  open: "M6 3H3v10h10v-3M9 2.6h4.4V7M13.2 2.8 7.5 8.5",
  frame: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  graph: "M2.2 2.8h5v4.4h-5zM8.8 8.8h5v4.4h-5zM4.7 7.2V11h4.1",
};

export const byId = (id) => document.getElementById(id);

/** An element with properties, data-* (as `data`), aria-* (as `aria`), listeners (as `on`) and children. */
export function el(tag, { data = {}, aria = {}, on = {}, role, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  if (role) element.setAttribute("role", role);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Addresses that may become links; everything else stays text. */
export function safeUrl(url) {
  return /^(https?:\/\/|mailto:)/i.test(url) ? url : "";
}

export function outwards(url, ...children) {
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}
