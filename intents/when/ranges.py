"""Ends and stretches of time in words: "until Monday", "for 2h", "tonight 22:00 to 23:30", "on Saturday from 9 to 12"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from intents.when.clock import BARE, CLEAR, TimeOfDay, read_time
from intents.when.coverage import unread
from intents.when.moment import PARTS_OF_DAY, Moment, moment_on, shifted
from intents.when.numbers import DURATION, duration
from intents.when.recurrence import NOISE
from intents.when.tape import Tape
from intents.when.wording import reworded

_LEAD = re.compile(
    r"\b(?:(?:not\s+)?(?:until|till|til)|through|thru|up\s+to|to|from|starting(?:\s+(?:at|on))?|between|ending)\b\s*(?:the\s+)?$",
    re.IGNORECASE,
)


def whole_moment(text: str, now: datetime, zone: str) -> Moment | None:
    """As ``read_moment``, but with a ``problem`` where words of time beside it were not read: "until Monday or Tuesday"."""
    worded = reworded(text)
    moment = moment_on(Tape(worded.text), now, zone)
    if moment is None:
        return None
    spans = tuple((_led(worded.text, start), stop) for start, stop in moment.spans)
    left = "" if moment.problem else unread(worded.text, spans, NOISE)
    problem = (
        f"I understood part of the time, but not “{left[:60]}”. Please say it in other words, for example “until Monday 9:00”."
        if left
        else ""
    )
    return replace(moment, spans=worded.back(moment.spans), problem=moment.problem or problem)


def _led(text: str, start: int) -> int:
    """Where the preposition before it begins, which belongs to it."""
    lead = _LEAD.search(text[:start])
    return lead.start() if lead is not None else start


def until(text: str, now: datetime, zone: str) -> Moment | None:
    """The end that "until Monday", "for 2h", "till tomorrow morning", "til 6am" names; a day without a time is its midnight."""
    moment = whole_moment(text, now, zone)
    if moment is None or moment.has_time or moment.problem or moment.part not in PARTS_OF_DAY:
        return moment
    at = moment.at.replace(hour=PARTS_OF_DAY[moment.part])
    return Moment(at if at > now else at + timedelta(days=1), True, moment.zone, moment.spans, moment.part)


_RANGE = re.compile(
    rf"(?:\b(?:from|between)\s+|\bat\s+)?(?P<a>{CLEAR}|{BARE})\s*(?:-|–|to|until|till|til|and)\s*(?P<b>{CLEAR}|{BARE})", re.IGNORECASE
)  # fmt: skip


def read_range(text: str, now: datetime, zone: str) -> tuple[Moment | None, Moment | None]:
    """(start, end) of "tonight 22:00 to 23:30", "on Saturday from 9 to 12", "for the next 3 hours", "from Friday 18:00 until Sunday noon"."""
    clocks = _RANGE.search(text)
    if clocks is not None:
        return _clock_range(text, clocks, now, zone)
    parts = re.split(r"\b(?:until|till|til|through|to)\b|[–→]", text, maxsplit=1, flags=re.IGNORECASE)
    if len(parts) == 2:
        start, end = whole_moment(parts[0], now, zone), whole_moment("until " + parts[1], now, zone)
        if start is not None and end is not None and end.at <= start.at:
            end = whole_moment("until " + parts[1], start.at, zone)
        return start, end
    length = re.search(rf"\bfor\s+(?:the\s+next\s+)?({DURATION})", text, re.IGNORECASE)
    starts = re.sub(rf"\bfor\s+(?:the\s+next\s+)?{DURATION}", " ", text, flags=re.IGNORECASE)
    start = whole_moment(starts, now, zone) if length else None
    if length is not None and start is not None and (lasting := duration(length[1])):
        return start, Moment(shifted(lasting, start.at), True, start.zone)
    return None, whole_moment(text, now, zone)


def _clock_range(text: str, clocks: re.Match[str], now: datetime, zone: str) -> tuple[Moment | None, Moment | None]:
    day = text[: clocks.start()] + " " + text[clocks.end() :]
    night = "night" if re.search(r"\btonight\b|\bevening\b|\bafternoon\b", text, re.IGNORECASE) else ""
    first, last = read_time(clocks["a"], night), read_time(clocks["b"], night)
    if first is None or last is None:
        return None, None
    if "pm" in clocks["b"].lower() and not re.search("[ap]m", clocks["a"].lower()) and first.hour < 12 and first.hour + 12 <= last.hour:
        first = TimeOfDay(first.hour + 12, first.minute)
    spoken = whole_moment(f"{day} at {first.hour:02}:{first.minute:02}", now, zone)
    if spoken is None or spoken.problem:
        return None, spoken
    end = spoken.at.replace(hour=last.hour, minute=last.minute)
    return spoken, Moment(end if end > spoken.at else end + timedelta(days=1), True, spoken.zone)
