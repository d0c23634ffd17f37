// The page's own JSON: a failure is an Error whose message is a sentence for the person at the screen.

const HEADERS = { "X-Signalbox": "web", "Content-Type": "application/json" };

export class SignedOut extends Error {}

export function newId() {
  // crypto.randomUUID exists only on https and on this very machine; getRandomValues everywhere.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const timezone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "";

export const get = (path) => ask(path, { headers: { "X-Signalbox": "web" } });

/** The bytes of a file as the body; its name goes along in the address. */
export const upload = (file) =>
  ask(`/web/files?name=${encodeURIComponent(file.name.slice(0, 200))}`, {
    method: "POST", headers: { "X-Signalbox": "web", "Content-Type": file.type || "application/octet-stream" }, body: file,
  });

export const post = (path, body) => ask(path, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, credentials: "same-origin" });
  } catch {
    throw new Error("Signalbox cannot be reached. It was not sent; try again when the connection is back.");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const sentence = answer?.error ?? `Signalbox answered ${response.status} without a reason.`;
  throw response.status === 401 ? new SignedOut(sentence) : new Error(sentence);
}
