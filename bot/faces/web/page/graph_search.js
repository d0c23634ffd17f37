// Finding a box by its name: a list while one types, Enter goes there.
import { byId, el } from "./dom.js";

const SHOWN = 12;

/** `list()`: the boxes; `go(box)`: show one; `say(box)`: what it is, in words. */
export function setUpSearch({ list, go, say }) {
  const input = byId("search"), found = byId("found");
  let hits = [], at = 0;

  const close = () => {
    found.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (box) => {
    close();
    go(box);
  };

  function show() {
    hits = matches(list(), input.value);
    at = 0;
    if (!input.value.trim()) return close();
    found.replaceChildren(...(hits.length
      ? hits.slice(0, SHOWN).map((box, index) => el("li", {
          role: "option", id: `found-${index}`, on: { pointerdown: (event) => event.preventDefault(), click: () => choose(box) },
        }, el("bdi", {}, box.label), el("span", { className: "hint" }, say(box))))
      : [el("li", { className: "none" }, "Nothing is called that.")]));
    if (hits.length > SHOWN) found.append(el("li", { className: "none" }, `and ${hits.length - SHOWN} more`));
    found.hidden = false;
    input.setAttribute("aria-expanded", "true");
    select(0);
  }

  function select(index) {
    at = (index + Math.min(SHOWN, hits.length)) % Math.max(1, Math.min(SHOWN, hits.length));
    for (const [place, option] of [...found.querySelectorAll('[role="option"]')].entries()) {
      option.setAttribute("aria-selected", String(place === at));
      if (place === at) option.scrollIntoView({ block: "nearest" });
    }
    if (hits.length) input.setAttribute("aria-activedescendant", `found-${at}`);
  }

  input.addEventListener("input", show);
  input.addEventListener("focus", () => input.value && show());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      input.value = "";
      close();
      byId("graph").focus();
    } else if (!found.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      select(at + (event.key === "ArrowDown" ? 1 : -1));
    }
  });
  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    hits = matches(list(), input.value);
    if (hits.length) choose(hits[at] ?? hits[0]);
  });
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Those that begin so first, then words that begin so, then any that hold it. */
export function matches(boxes, typed) {
  const wanted = plain(typed.trim());
  if (!wanted) return [];
  const rank = (box) => {
    const name = plain(box.label);
    if (name.startsWith(wanted)) return 0;
    const place = name.indexOf(wanted);
    return place < 0 ? (plain(box.id).includes(wanted) ? 3 : 9) : /[\s\-_/.:#]/u.test(name[place - 1]) ? 1 : 2;
  };
  return boxes.map((box) => [rank(box), box]).filter(([place]) => place < 9)
    .sort(([one, a], [other, b]) => one - other || a.label.length - b.label.length || a.label.localeCompare(b.label)).map(([, box]) => box);
}
