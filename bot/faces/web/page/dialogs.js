// Questions that need an answer before anything else.
import { byId } from "./dom.js";

/** Ask “sure?”; resolves to true when it was said. */
export function sure(question, label) {
  byId("sure-title").textContent = label;
  byId("sure-text").textContent = question;
  byId("sure-yes").textContent = label;
  return answer(byId("sure"));
}

export function answer(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
