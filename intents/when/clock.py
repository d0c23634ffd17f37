"""Times of day: "9", "9:15", "4pm", "noon", "half past four in the afternoon", "8 of the morning"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.when.numbers import UNIT, number

_AMPM = r"(?:[ap]\.?m\b\.?|[ap]m\b)"
_HOUR_WORD = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_PAST = (
    rf"(?:half|quarter|(?:\d{{1,2}}|five|ten|twenty|twenty-five)(?:\s+minutes)?)\s+(?:past|to)\s+(?:\d{{1,2}}|{_HOUR_WORD})(?=\b|[ap]\.?m)"
)

CLEAR = (
    rf"(?:\d{{1,2}}[:h]\d{{2}}(?::00)?(?:\s*{_AMPM})?(?!\d)|\d{{1,2}}(?:\.\d\d)?\s*{_AMPM}|\d{{1,2}}h\b|\bnoon\b"
    rf"|\bmidday\b|\bmidnight\b|{_PAST}(?:\s*{_AMPM})?"
    rf"|(?:\d{{1,2}}|{_HOUR_WORD})\s+o['’]?clock(?:\s*{_AMPM})?)"
)
BARE = rf"(?:\d{{1,2}}(?:\.\d\d)?(?![\d%/])(?!:\S)(?!\.\d)(?!\s*(?:{UNIT})\b)(?!(?:st|nd|rd|th)\b)|(?:{_HOUR_WORD})\b(?!\s+{UNIT}\b))"
PART = r"(?:\s*,?\s*(?:in\s+the|of\s+the|at|this)\s+(?P<{0}>morning|afternoon|evening|night)\b)"

_UNNAMED_PART = r"(?:\s*,?\s*(?:in\s+the|of\s+the|at)\s+(?:morning|afternoon|evening|night)\b)?"
TIMES = re.compile(
    rf"(?:(?:\bat|@|\bby|\baround|\bat\s+about)\s*(?:{CLEAR}|{BARE}){_UNNAMED_PART}|(?<![\w.#:-]){CLEAR}{_UNNAMED_PART})"
    rf"(?:\s*(?:,\s*and|,|and|&)\s*(?:at\s+)?(?:{CLEAR}|(?:(?<=at\s){BARE}|{BARE}(?=\s*(?:$|[,;:.!?)]|\s[a-z#@\ue200-\ue3ff]))))){{0,23}}",
    re.IGNORECASE,
)
_EACH = re.compile(rf"(?P<time>{CLEAR}|{BARE}){PART.format('part')}?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class TimeOfDay:
    hour: int
    minute: int = 0


NAMED = {"noon": TimeOfDay(12), "midday": TimeOfDay(12), "midnight": TimeOfDay(0)}


def read_time(text: str, part: str = "") -> TimeOfDay | None:
    """One written time; ``part`` (morning, afternoon, evening, night) turns 4 into 16. None when it is no time (25:00)."""
    word = text.strip().lower().rstrip(".")
    if word in NAMED:
        return NAMED[word]
    evening = part in ("afternoon", "evening", "night", "tonight")
    found = _read_time(word, evening)
    if found is None or not part:
        return found
    if "past" in word or " to " in word:
        small = part in ("night", "tonight") and 12 <= found.hour < 18 and not re.search(r"p\.?m", word)
        return TimeOfDay(found.hour - 12, found.minute) if small else found  # "half past two at night"
    if part in ("night", "tonight") and not re.search(r"[ap]\.?m|:\d|\d{2}h", word) and found.hour == 12:
        return TimeOfDay(0, found.minute)
    late = (
        found.hour - 12 if part == "night" and 13 <= found.hour <= 17 and not re.search(r"p\.?m|1[3-7]", word) else found.hour
    )  # "at 2 at night"
    fits = {"morning": late < 12, "afternoon": 12 <= late < 19, "evening": late >= 16 or late == 0, "night": late >= 18 or late < 7}.get(
        part, True
    )
    return TimeOfDay(late, found.minute) if fits else None


def _read_time(word: str, evening: bool) -> TimeOfDay | None:
    past = re.match(r"(half|quarter|[\w-]+)(?:\s+minutes)?\s+(past|to)\s+(\d+|[a-z]+?)\s*(?:([ap])\.?m\b\.?)?(?=$|[\s,])", word)
    if past is not None:
        return _past(past, evening)
    match = re.match(r"(\d{1,2}|[a-z]+)(?:[:.h](\d{2}))?(?::00)?\s*(?:o['’]?clock)?\s*(a|p)?", word)
    if match is None:
        return None
    hour = number(match[1])
    return None if hour is None else _clocked(int(hour), int(match[2] or 0), match[3] or "", evening)


def _past(match: re.Match[str], evening: bool) -> TimeOfDay | None:
    minutes = {"half": 30, "quarter": 15}.get(match[1]) or int(number(match[1]) or 0)
    hour = number(match[3])
    if hour is None or not 0 < minutes < 60:
        return None
    whole = _clocked(int(hour), 0, (match[4] or "")[:1], evening)
    if whole is None:
        return None
    total = (whole.hour * 60 + (minutes if match[2] == "past" else -minutes)) % 1440
    return TimeOfDay(*divmod(total, 60))


def _clocked(hour: int, minute: int, ap: str, evening: bool) -> TimeOfDay | None:
    if ap and not 1 <= hour <= 12:
        return None
    if ap:
        hour = hour % 12 + (12 if ap == "p" else 0)
    elif evening and 1 <= hour < 12:
        hour += 12
    if hour == 24 and minute == 0:
        hour = 0
    return TimeOfDay(hour, minute) if hour < 24 and minute < 60 else None


def read_times(text: str, part: str = "") -> list[TimeOfDay] | None:
    """Every time in a matched list, in order; None when one of them is impossible."""
    found = []
    for match in _EACH.finditer(text):
        time = read_time(match["time"], match["part"] or part)
        if time is None:
            return None
        found.append(time)
    return sorted(set(found)) or None
