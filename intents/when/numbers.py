"""Numbers and durations as people write them: "ten", "half an hour", "2h", "48 hours", "2 hours and 30 minutes"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

WORDS: dict[str, float] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20,
    "twenty-four": 24, "twenty four": 24, "thirty": 30, "forty": 40, "forty-five": 45, "forty five": 45, "forty-eight": 48, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "a hundred": 100, "a couple of": 2, "couple of": 2,
    "a dozen": 12, "once": 1, "twice": 2, "thrice": 3, "no": 0, "zero": 0, "half an": 0.5, "half a": 0.5, "half": 0.5,
}  # fmt: skip

# The words above as one compact pattern: it stands in many others, and alternatives cost time when those are compiled.
NUMBER = (
    r"(?:\d+(?:[.,]\d+)?|half(?:\s+an?)?|a\s+(?:couple\s+of|dozen|hundred)|couple\s+of|an?|on(?:ce|e)|tw(?:o|elve|ice|enty(?:[- ]four)?)"
    r"|th(?:ree|irteen|irty|rice)|fo(?:ur(?:teen)?|rty(?:[- ](?:five|eight))?)|fi(?:ve|fteen|fty)|six(?:teen|ty)?"
    r"|seven(?:ty)?|eight(?:een|y)?"
    r"|nine(?:ty)?|ten|eleven|hundred|no|zero)"
)

UNITS: dict[str, str] = {
    "s": "S", "sec": "S", "secs": "S", "second": "S", "seconds": "S",
    "m": "M", "min": "M", "mins": "M", "minute": "M", "minutes": "M",
    "h": "H", "hr": "H", "hrs": "H", "hour": "H", "hours": "H",
    "d": "D", "day": "D", "days": "D",
    "w": "W", "wk": "W", "wks": "W", "week": "W", "weeks": "W", "fortnight": "F", "fortnights": "F",
    "mo": "mon", "month": "mon", "months": "mon", "quarter": "Q", "quarters": "Q", "yr": "Y", "yrs": "Y", "year": "Y", "years": "Y",
}  # fmt: skip

UNIT = (
    r"(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?|o(?:nths?)?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:(?:ee)?ks?)?|fortnights?"
    r"|quarters?|y(?:ea)?rs?)"
)
SECONDS = {"S": 1, "M": 60, "H": 3600, "D": 86400, "W": 604800, "F": 1209600, "mon": 2592000, "Q": 7776000, "Y": 31536000}

DURATION = rf"(?:{NUMBER}[\s-]*{UNIT}\b(?:\s*(?:and|,)?\s*\d+\s*{UNIT}\b|\s+and\s+a\s+half\b)?|an?\s+{UNIT}\s+and\s+a\s+half\b)"

_ONE = re.compile(rf"\b(?P<n>{NUMBER})[\s-]*(?P<u>{UNIT})\b(?P<half>\s+and\s+a\s+half\b)?", re.IGNORECASE)
_LIMIT = 100_000


def number(text: str) -> float | None:
    """The number written, or None."""
    word = re.sub(r"\s+", " ", text.strip().lower())
    if word in WORDS:
        return float(WORDS[word])
    try:
        return float(word.replace(",", "."))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as it was said, so that 24 hours stay PT24H and a month stays P1M."""

    parts: tuple[tuple[float, str], ...]  # (count, key of SECONDS)

    @property
    def seconds(self) -> float:
        return sum(count * SECONDS[unit] for count, unit in self.parts)

    @property
    def iso(self) -> str:
        if len(self.parts) == 1:
            count, unit = self.parts[0]
            if count == int(count):
                return _iso_of(int(count), unit)
        return _iso_of_seconds(round(self.seconds))

    def after(self, moment: datetime) -> datetime:
        return moment + timedelta(seconds=self.seconds)


def _iso_of(count: int, unit: str) -> str:
    if unit in ("S", "M", "H"):
        return f"PT{count}{unit}"
    factor, letter = {"D": (1, "D"), "W": (7, "D"), "F": (14, "D"), "mon": (1, "M"), "Q": (3, "M"), "Y": (1, "Y")}[unit]
    return f"P{count * factor}{letter}"


def _iso_of_seconds(total: int) -> str:
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    written = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{seconds}S" if seconds else "")
    return "PT" + (written or "0S")


def duration(text: str) -> Duration | None:
    """The first duration written in ``text``; None when there is none or it is absurdly long."""
    first = _ONE.search(text)
    if first is None:
        return None
    count = number(first["n"])
    if count is None or count > _LIMIT:
        return None
    parts = [(count + (0.5 if first["half"] else 0), UNITS[first["u"].lower()])]
    second = _ONE.match(text, re.compile(r"\s*(?:and|,)?\s*").match(text, first.end()).end())  # type: ignore[union-attr]
    if second is not None and second["n"][0].isdigit() and SECONDS[UNITS[second["u"].lower()]] < SECONDS[parts[0][1]]:
        parts.append((number(second["n"]) or 0, UNITS[second["u"].lower()]))
    return Duration(tuple(parts))


_BARE = re.compile(rf"\b(?:last|past|next|previous|coming|this)\s+({UNIT})\b", re.IGNORECASE)


def window(text: str) -> str | None:
    """The ISO 8601 duration of "over the last 30 days", "past 24h", "in the last hour", "today", "15m"."""
    named = re.search(r"\b(today|yesterday|this week|this month|this morning|overnight)\b", text, re.IGNORECASE)
    bare = _BARE.search(text)
    if bare is not None:
        return _iso_of(1, UNITS[bare[1].lower()])
    said = duration(text)
    if said is not None:
        return said.iso
    if named is None:
        return None
    return {"today": "P1D", "yesterday": "P2D", "this week": "P7D", "this month": "P1M"}.get(named[1].lower(), "PT12H")
