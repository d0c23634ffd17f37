// The keyboard: single letters while no text is being written, Alt and Escape always.
import { byId, el } from "./dom.js";

const DOCUMENTED = [
  [["Enter"], "Send; with Shift a new line"],
  [["Tab"], "Take the suggestion; arrows choose another"],
  [["↑"], "In the empty message box: what you said before"],
  [["/"], "Write a command"],
  [["i"], "To the message box"],
  [["Esc"], "Leave the message box; close what is open"],
  [["j", "k"], "Next and previous message; then Tab to its buttons"],
  [["b"], "First button of the message"],
  [["g"], "To the newest message"],
  [["Alt+↑", "Alt+↓"], "Other channel"],
  [["Ctrl+Enter"], "Send the form you are in"],
  [["t"], "Light, dark, as the system"],
  [["?"], "This list"],
];

export function shortcuts(act) {
  byId("shortcuts").append(...DOCUMENTED.flatMap(([keys, words]) => [
    el("dt", {}, ...keys.flatMap((key, index) => (index ? [" ", el("kbd", {}, key)] : [el("kbd", {}, key)]))), el("dd", {}, words),
  ]));
  const letters = {
    "/": act.slash, i: act.focus, c: act.focus, t: act.theme, g: act.end,
    j: () => act.walk(1), k: () => act.walk(-1), b: firstButton, "?": () => byId("help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      return act.step(event.key === "ArrowUp" ? -1 : 1);
    }
    if (event.key === "Escape") return leave(act);
    if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return;
    const does = letters[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  });
}

const writing = (target) => target.matches?.("input, textarea, select") ?? false;

function leave(act) {
  act.closeMenu();
  if (document.activeElement === byId("composer-text")) byId("scroll").focus();
  else act.focus();
}

function firstButton() {
  const message = document.activeElement?.closest?.(".message") ?? [...document.querySelectorAll(".message:has(.actions .button)")].at(-1);
  message?.querySelector(".actions .button")?.focus();
}
