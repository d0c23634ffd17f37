"""When a recurrence begins and ends: "until 1 June", "through Friday", "starting next Monday"."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from intents.when.calendar_words import WEEKDAY
from intents.when.clock import CLEAR
from intents.when.moment import Moment, moment_on
from intents.when.tape import BLANK, Tape

_UNTIL = re.compile(r"\b(?:until|till|til|through|up\s+to|ending(?:\s+on)?)\s+(?=\S)", re.IGNORECASE)
_START = re.compile(
    r"\b(?:(?:starting|beginning|as\s+of|effective)(?:\s+from|\s+on)?|from(?=\s+(?:tomorrow|next)))\s+(?=\S)", re.IGNORECASE
)
_LONGEST = 60  # characters that the naming of a day takes


def take_end(tape: Tape, now: datetime, zone: str) -> datetime | None:
    """The last local moment (naive; a day counts to its end); cut from the tape. None when no day is named."""
    found = _take(tape, _UNTIL, now, zone)
    if found is None:
        return None
    return found.at.replace(tzinfo=None) if found.has_time else datetime.combine(found.at.date(), time(23, 59, 59))


def take_start(tape: Tape, now: datetime, zone: str) -> date | None:
    found = _take(tape, _START, now, zone)
    return found.at.date() if found is not None else None


def _take(tape: Tape, lead: re.Pattern[str], now: datetime, zone: str) -> Moment | None:
    for match in lead.finditer(tape.text):
        before, behind = tape.text[: match.start()].rstrip(), tape.text[match.end() : match.end() + _LONGEST]
        if _within(before, behind):
            continue
        said = Tape(BLANK * match.end() + re.split(r"\b(?:at|every|each)\b|[,;!]", behind, maxsplit=1)[0])
        moment = moment_on(said, now, zone)
        if moment is None or moment.problem or not moment.sure_day or not said.spans:
            continue
        first, last = min(start for start, _ in said.spans), max(stop for _, stop in said.spans)
        if re.fullmatch(r"(?:on|the|and|including)?\s*", behind[: max(0, first - match.end())], re.IGNORECASE):
            tape.cut(match.start(), last)
            return moment
    return None


def _within(before: str, behind: str) -> bool:
    """ "monday until friday", "9:00 till 17:00": a range of days or hours, no end."""
    days = re.search(rf"\b(?:{WEEKDAY})s?$", before, re.IGNORECASE) and re.match(rf"(?:{WEEKDAY})\b", behind, re.IGNORECASE)
    return bool(days or re.match(rf"(?:{CLEAR}|\d{{1,2}}\b(?!\s*[a-z]|[./-]\d))", behind, re.IGNORECASE))
