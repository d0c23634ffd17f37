// Says to screen readers what others see happen.
import { byId, el } from "./dom.js";

export function announce(words) {
  const log = byId("announcer");
  log.append(el("p", {}, words));
  while (log.childElementCount > 5) log.firstElementChild.remove();
}
