// A card's text: spans become elements, strings become text.
import { el, outwards, safeUrl } from "./dom.js";
import { moment } from "./time.js";

export function spans(line) {
  return line.map(span);
}

function span(part) {
  if (typeof part === "string") return el("bdi", {}, part);
  switch (part.kind) {
    case "bold":
      return el("strong", {}, part.text);
    case "code":
      return el("code", {}, part.text);
    case "link":
      return safeUrl(part.url) ? outwards(part.url, part.text || part.url) : el("bdi", {}, part.text);
    case "user":
      return el("span", { className: "user", data: { ping: part.ping } }, `@${part.name || part.id}`);
    case "channel":
      return el("span", { className: "channel-name" }, part.name || part.id);
    case "moment":
      return moment(part.at, part.style);
    default:
      return el("bdi", {}, part.text ?? "");
  }
}

export function plainText(line) {
  return line.map((part) => (typeof part === "string" ? part : part.text ?? part.name ?? part.at ?? "")).join("");
}

