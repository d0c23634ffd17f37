// Buttons: pressed once, pending until answered, out of date when a newer version of their card stands elsewhere.
import { announce } from "./announce.js";
import { newId, post, timezone } from "./api.js";
import { sure } from "./dialogs.js";
import { el, icon, outwards, safeUrl } from "./dom.js";
import { plainText } from "./spans.js";

const pending = new Set(); // "message/verb/arg"
const forms = new Map(); // message id → {key, version, form}
let newest = () => null; // (message) → the message that shows a newer version of its card
let show = () => {};

/** `newestOf(message)` finds the message with a newer version of the same card; `goTo(message)` brings it into view. */
export function wire(newestOf, goTo) {
  newest = newestOf;
  show = goTo;
}

export function actions(message) {
  const { card } = message;
  if (!card.actions.length) return [];
  const newer = newest(message);
  const row = el("div", { className: "actions", role: "group", aria: { label: "Actions" } });
  row.append(...card.actions.map((button) => draw(message, button, newer)));
  const parts = [row];
  if (newer) parts.push(outOfDate(newer));
  const open = forms.get(message.id);
  if (open && card.actions.some((button) => keyOf(message, button) === open.key)) {
    open.form.dataset.behind = open.version !== card.version;
    parts.push(open.form);
  } else {
    forms.delete(message.id);
  }
  parts.push(el("p", { className: "press-error", role: "alert" }));
  return parts;
}

function draw(message, button, newer) {
  const url = safeUrl(button.url);
  const className = `button ${button.style}`;
  if (url) return Object.assign(outwards(url, button.label || "Open", icon("open")), { className });
  const element = el("button", {
    type: "button", className, data: { verb: button.verb, arg: button.arg },
    on: { click: () => (newest(message) ? show(newest(message)) : pressed(element, message, button)) },
  }, button.label || button.verb);
  if (newer) {
    element.setAttribute("aria-disabled", "true");
    element.title = "This card is out of date";
  }
  if (button.form) element.setAttribute("aria-expanded", String(forms.get(message.id)?.key === keyOf(message, button)));
  if (pending.has(keyOf(message, button))) busy(element, true);
  return element;
}

function outOfDate(newer) {
  const link = el("button", { type: "button", className: "link", on: { click: () => show(newer) } }, "Show the newest");
  return el("p", { className: "out-of-date" }, icon("info"), "Out of date: a newer version of this card stands elsewhere in this channel. ", link);
}

const keyOf = (message, button) => `${message.id}/${button.verb}/${button.arg}`;

async function pressed(element, message, button) {
  if (pending.has(keyOf(message, button))) return;
  if (button.form) return toggleForm(element, message, button);
  if (button.confirm && !(await sure(button.confirm, button.label))) return;
  await send(element, message, button, {});
}

/** True when it was done. */
async function send(element, message, button, values) {
  const key = keyOf(message, button);
  pending.add(key);
  busy(element, true);
  const failed = element.closest(".card")?.querySelector(".press-error");
  if (failed) failed.textContent = "";
  try {
    return await post("/web/press", {
      id: newId(), channel: message.channel, message: message.id, timezone: timezone(), form: values,
      card: button.card, verb: button.verb, arg: button.arg, version: button.version,
    });
  } catch (failure) {
    if (failed) failed.textContent = failure.message;
    announce(failure.message);
    return null;
  } finally {
    pending.delete(key);
    busy(element, false);
  }
}

function busy(element, on) {
  element.classList.toggle("pending", on);
  element.setAttribute("aria-busy", String(on));
  element.setAttribute("aria-disabled", String(on));
}

// --- a form that was asked for in words ---------------------------------------------------------------------------------

const PATIENCE = 40; // looks for its card, which comes by the stream
const LOOK = 75; // ms

/** The buttons that open a form now; those of a card that is still to come are not among them. */
export const formButtons = () => new Set(document.querySelectorAll(".actions [aria-expanded]"));

export function openWhenDrawn({ card, verb, arg }, before, looks = PATIENCE) {
  const mine = `.card[data-card="${CSS.escape(card)}"] [data-verb="${CSS.escape(verb)}"][data-arg="${CSS.escape(arg)}"][aria-expanded]`;
  const found = [...document.querySelectorAll(mine)].filter((element) => !before.has(element)).at(-1);
  if (found) return void (found.getAttribute("aria-expanded") === "false" && found.click());
  if (looks > 0) setTimeout(() => openWhenDrawn({ card, verb, arg }, before, looks - 1), LOOK);
}

// --- forms -----------------------------------------------------------------------------------------------------------

function toggleForm(element, message, button) {
  const open = forms.get(message.id);
  if (open?.key === keyOf(message, button)) return close(message, element);
  open?.form.remove();
  const form = drawForm(element, message, button);
  forms.set(message.id, { key: keyOf(message, button), version: message.card.version, form });
  element.setAttribute("aria-expanded", "true");
  element.closest(".actions").after(form);
  form.querySelector("input, textarea, select")?.focus();
}

function close(message, element) {
  forms.get(message.id)?.form.remove();
  forms.delete(message.id);
  element.setAttribute("aria-expanded", "false");
  element.focus();
}

function drawForm(element, message, button) {
  const prefix = `form-${message.id}-${button.verb}`;
  const error = el("p", { className: "form-error", role: "alert" });
  const fields = new Map(button.form.fields.map((field, index) => [field.name, drawField(field, `${prefix}-${index}`)]));
  const submit = el("button", { type: "submit", className: "button primary" }, button.form.submit || "Save");
  const cancel = el("button", { type: "button", className: "button", on: { click: () => close(message, current(element, button)) } }, "Cancel");
  const form = el("form", { className: "card-form", noValidate: false, aria: { label: button.form.title } },
    el("h4", {}, button.form.title),
    el("p", { className: "behind" }, "The card has changed since you opened this form; sending it will probably be refused. Copy what you need."),
    ...fields.values(),
    error, el("div", { className: "row" }, submit, cancel));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    for (const field of fields.values()) faulty(field, "");
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const turn = await send(submit, message, button, values);
    if (turn?.ok) return done(message, form);
    if (turn) tell(turn, fields, error);
    else error.textContent = "Not sent. Your text is kept; try again.";
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close(message, current(element, button));
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit();
    }
  });
  return form;
}

// What is wrong stands where it was typed; what belongs to no line stands below.
function tell(turn, fields, error) {
  const known = Object.entries(turn.faults ?? {}).filter(([name]) => fields.has(name));
  for (const [name, why] of known) faulty(fields.get(name), why);
  if (known.length) return void fields.get(known[0][0]).querySelector("input, textarea, select")?.focus();
  error.textContent = turn.cards.map(reason).join("\n") || "That was refused.";
}

function faulty(field, why) {
  field.querySelector(".field-error").textContent = why;
  const control = field.querySelector("input, textarea, select");
  if (why) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

// The card may have been drawn anew while the form was open.
function current(element, button) {
  if (element.isConnected) return element;
  const all = document.querySelectorAll(`[data-verb="${CSS.escape(button.verb)}"]`);
  return [...all].find((each) => each.getAttribute("aria-expanded") === "true") ?? element;
}

function done(message, form) {
  if (forms.get(message.id)?.form === form) forms.delete(message.id);
  const item = form.closest(".message");
  form.remove();
  item?.focus();
}

function reason(card) {
  const texts = card.body.filter((part) => part.kind === "text").map((part) => plainText(part.spans));
  const code = card.body.filter((part) => part.kind === "code").map((part) => part.text);
  return [card.title, ...texts, ...code].filter(Boolean).join("\n");
}

function drawField(field, id) {
  const control = CONTROLS[field.kind]?.(field) ?? CONTROLS.line(field);
  Object.assign(control, { id, name: field.name, required: field.required });
  const optional = field.required ? null : el("span", { className: "hint" }, " (optional)");
  const help = field.help ? el("p", { className: "hint", id: `${id}-help` }, field.help) : null;
  const wrong = el("p", { className: "field-error", id: `${id}-error`, role: "alert" });
  control.setAttribute("aria-describedby", [help?.id, wrong.id].filter(Boolean).join(" "));
  return el("div", { className: "field" }, el("label", { htmlFor: id }, field.label, optional), control, help, wrong);
}

const CONTROLS = {
  number: (field) => el("input", { type: "number", step: "any", value: field.value, autocomplete: "off" }),
  integer: (field) => el("input", { type: "number", step: "1", value: field.value, autocomplete: "off" }),
  line: (field) => el("input", { type: "text", value: field.value, autocomplete: "off" }),
  secret: () => el("input", { type: "password", value: "", autocomplete: "off", spellcheck: false }),
  text: (field) => {
    const rows = Math.min(Math.max(field.value.split("\n").length + 1, 4), 22);
    return el("textarea", { value: field.value, rows, spellcheck: false, className: "mono" });
  },
  choice: (field) => el("select", {}, ...nothing(field), ...field.options.map(({ value, label }) => el("option", { value, selected: value === field.value }, label))),
};

// A choice without a value to begin with must be made, or left: the browser would take the first.
function nothing(field) {
  const known = field.options.some(({ value }) => value === field.value);
  return known ? [] : [el("option", { value: "", selected: true }, field.required ? "Choose…" : "–")];
}
