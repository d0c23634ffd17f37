// A card: tone in colour, word and symbol; title, body, buttons, footer.
import { el, icon, outwards, safeUrl } from "./dom.js";
import { actions } from "./press.js";
import { part } from "./parts.js";
import { spans } from "./spans.js";

const TONES = {
  good: ["check", "OK"],
  warning: ["alert", "Attention"],
  bad: ["cross", "Problem"],
  progress: ["progress", "In progress"],
  muted: ["dash", "Closed"],
};

export function drawCard(message) {
  const card = message.card;
  const card_ = el("article", { className: "card", data: { tone: card.tone, card: card.id, version: card.version } }, header(card));
  for (const data of card.body) {
    const drawn = part(data);
    if (drawn) card_.append(drawn);
  }
  card_.append(...actions(message));
  if (card.footer.length) card_.append(el("footer", {}, ...spans(card.footer)));
  return card_;
}

function header(card) {
  const title = el("h3", {}, el("bdi", {}, card.title || "Untitled"));
  const url = safeUrl(card.link);
  return el("header", {}, tone(card.tone), url ? outwards(url, title) : title);
}

function tone(name) {
  const known = TONES[name];
  return known ? el("span", { className: "tone" }, icon(known[0]), known[1]) : null;
}

/** One line for notifications and screen readers. */
export function inWords(message) {
  const card = message.card;
  if (!card) return message.text;
  const word = TONES[card.tone]?.[1];
  return [word, card.summary || card.title].filter(Boolean).join(": ");
}
