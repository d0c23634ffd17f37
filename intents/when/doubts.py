"""What may mean two times although every word of it was read: "at 3", "next Friday", "Friday midnight", "Monday 20 March" when that is a Friday."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

from intents.when.calendar_words import MONTH, WEEKDAY, weekday_of
from intents.when.clock import TIMES
from intents.when.coverage import small_words

_NEXT = re.compile(rf"\bnext\s+(?P<d>{WEEKDAY})\b", re.IGNORECASE)
_DATED = rf"(?:{WEEKDAY}|tomorrow|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH})"
_MIDNIGHT = re.compile(rf"\b(?:{_DATED}(?:\s+(?:at|night\s+at))?\s+midnight|midnight\s+(?:on\s+|of\s+)?{_DATED})\b", re.IGNORECASE)
_REPEATED = re.compile(rf"\b(?:every|each|daily|weekly|monthly)\b|\b(?:{WEEKDAY})s\b", re.IGNORECASE)
_SMALL = re.compile(
    r"(?:\bat|@|\bby|\baround|\band|,|\bdaily)\s*(?P<h>[1-6]|one|two|three|four|five|six)(?![\d:.h/%]|\w)(?!\s*(?:hours?|hrs?|min|days?|weeks?|months?|years?|times)\b)(?P<behind>.{0,24})",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\s*(?:o['’]?clock\s*)?(?:[ap]\.?m\b|sharp\s+[ap]m|,?\s*(?:in\s+the|of\s+the|at)\s+(?:morning|afternoon|evening|night)\b|(?:past|to)\b)",
    re.IGNORECASE,
)
_PAST_SMALL = re.compile(
    r"\b(?P<t>(?:half|quarter)\s+(?:past|to)\s+(?:[1-6]|one|two|three|four|five|six))\b(?!\s*(?:[ap]\.?m\b|:|o['’]?clock\s+in))", re.IGNORECASE
)
_PART = re.compile(r"\b(?:morning|afternoon|evening|night|nightly|tonight)s?\b", re.IGNORECASE)
_TURNED = re.compile(r"(?:\bnot\s+)?(?:before|after)\b", re.IGNORECASE)


def doubt(text: str, spans: tuple[tuple[int, int], ...], local: datetime) -> str:
    """The question that what was read (``spans`` of ``text``) leaves open; "" when none. ``local`` is now where the speaker is."""
    said = " ".join(text[start:stop] for start, stop in sorted(spans))
    return _which_half(said) or _which_week(text, said, local) or _which_midnight(said) or _turned(text, spans) or _scattered(text, spans)


def _which_half(said: str) -> str:
    """One to six o'clock, bare: half of those who say it mean the afternoon."""
    if _PART.search(said):
        return ""
    for match in _PAST_SMALL.finditer(said):
        return f"Is “{match['t']}” in the morning or in the afternoon? For example “{match['t']} in the afternoon”."
    for match in _SMALL.finditer(said):
        ranged = re.search(r"\b(?:between|from)\b[^a-z]*(?:and\s*)?$", said[: match.start("h")], re.IGNORECASE)
        listed = re.match(
            r"(?:\s*(?:,\s*and|,|and|&)\s*(?:at\s+)?\d{1,2}(?::\d\d)?(?!\d|\s*[ap]m))*?\s*(?:,\s*and|,|and|&)\s*(?:at\s+)?(?:1[3-9]|2[0-3])\b",
            match["behind"],
        )
        if not _HALF.match(match["behind"]) and not ranged and not listed:
            return f"Is “{match['h']}” in the morning or in the afternoon? For example “at {match['h']}am” or “at {match['h']}pm”."
    return ""


def _which_week(text: str, said: str, local: datetime) -> str:
    """A weekday that lies ahead in this week may be "next" or not."""
    match = _NEXT.search(said)
    if match is None or _REPEATED.search(said):
        return ""
    ahead = weekday_of(match["d"]) - local.weekday()
    if ahead <= 0:
        return ""
    near, far = local + timedelta(days=ahead), local + timedelta(days=ahead + 7)
    return f"Is “{match[0]}” {near:%A} {near.day} {near:%B} or {far:%A} {far.day} {far:%B}? Please say the date."


def _which_midnight(said: str) -> str:
    match = None if _REPEATED.search(said) else _MIDNIGHT.search(said)
    return (
        f"Is “{match[0]}” the midnight at which that day begins, or at which it ends? Please say the date with 00:00."
        if match is not None
        else ""
    )


def _turned(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """ "before 9" is a limit and no time."""
    for start, stop in spans:
        if (
            _TURNED.match(text, start, stop)
            and re.search(r"\d|noon|midnight", text[start:stop])
            and not re.match(r"after\s+\S+\s+\w", text[start:stop])
        ):
            return f"At what exact time? “{text[start:stop].strip()}” leaves it open."
    return ""


def _scattered(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """ "every weekday at 8:55 remind us that it starts at 9": the second time may belong to what is to be said."""
    times = sorted((start, stop) for start, stop in spans if TIMES.fullmatch(text[start:stop].strip()))
    for (_, stop), (start, _) in pairwise(times):
        between = [at for at in range(stop, start) if not any(begin <= at < end for begin, end in spans)]
        if not small_words("".join(text[at] for at in between)):
            return "I read two times there. At which should it run? Put what is only to be said into quotation marks."
    return ""
