// The live line to the house: news, and whether it stands.
import { get, SignedOut } from "./api.js";

const PATIENCE = 1500; // ms without a line before we speak of it

/** `on`: {hello(resumed), message(data, seq), health(), state("open" | "lost" | "signed-out")}. */
export function listen(on) {
  let last = "";
  let worry = 0;
  let source;

  const lost = () => {
    worry ||= setTimeout(() => on.state("lost"), PATIENCE);
  };
  const found = () => {
    clearTimeout(worry);
    worry = 0;
    on.state("open");
  };

  function open() {
    source = new EventSource(`/web/events?last=${encodeURIComponent(last)}`);
    source.addEventListener("hello", (event) => {
      keep(event);
      found();
      on.hello(JSON.parse(event.data).resumed);
    });
    source.addEventListener("message", (event) => on.message(JSON.parse(event.data), keep(event)));
    source.addEventListener("health", (event) => {
      keep(event);
      on.health();
    });
    source.addEventListener("error", () => {
      lost();
      // Browsers come back by themselves from a broken line, but not from a refusal.
      if (source.readyState === EventSource.CLOSED) setTimeout(again, 2000);
    });
  }

  function keep(event) {
    last = event.lastEventId || last;
    return Number(last.slice(last.lastIndexOf(".") + 1)) || 0;
  }

  async function again() {
    try {
      await get("/web/health");
    } catch (failure) {
      if (failure instanceof SignedOut) return on.state("signed-out");
    }
    open();
  }

  open();
}
