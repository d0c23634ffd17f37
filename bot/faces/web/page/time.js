// Times in the reader's own zone: relative where that helps, the whole truth in the title.
import { el } from "./dom.js";

const SHORT = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

const MINUTE = 60, HOUR = 3600, DAYS = 86400;

export function relative(date, now = new Date()) {
  const seconds = (date - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 45) return seconds > 5 ? "in a moment" : "just now";
  const [amount, unit] = size < 59.5 * MINUTE ? [size / MINUTE, "min"] : size < 22 * HOUR ? [size / HOUR, "h"] : [size / DAYS, "d"];
  if (unit === "d" && amount >= 6.5) return SHORT.format(date);
  const words = `${Math.max(1, Math.round(amount))} ${unit}`;
  return seconds > 0 ? `in ${words}` : `${words} ago`;
}

export const dayKey = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;

export function dayName(date, now = new Date()) {
  if (dayKey(date) === dayKey(now)) return "Today";
  if (dayKey(date) === dayKey(new Date(now - DAYS * 1000))) return "Yesterday";
  return DAY.format(date);
}

const WORDS = { relative, time: (date) => CLOCK.format(date), short: (date) => SHORT.format(date) };

/** A <time>; relative ones are kept true by `refresh`. */
export function moment(iso, style = "short") {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return el("span", {}, iso);
  const words = WORDS[style] ?? WORDS.short;
  return el("time", { dateTime: iso, title: FULL.format(date), data: { style } }, words(date));
}

export function refresh(root = document) {
  for (const time of root.querySelectorAll('time[data-style="relative"]')) {
    const words = relative(new Date(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}
