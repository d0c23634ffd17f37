"""The lists of time expressions, and how an answer to one is judged: by the moments it means, never by its spelling."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

FIRES = 6  # that have to agree
ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIGNALBOX_SHARED", str(ROOT.parent / "shared")))
LISTS: Mapping[str, Path] = {
    "dev": SHARED / "data/nl/time_expressions.jsonl",
    "seen": ROOT / "tests/intents/requests/times_seen.jsonl",
    "unseen": ROOT / "tests/intents/requests/times_unseen.jsonl",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """``fires`` are naive moments in UTC: one for a one-off. ``day_only``: no time of day was found. Empty and no day: it was asked back or refused."""

    fires: tuple[datetime, ...] = ()
    repeats: bool = False
    day_only: bool = False


Reader = Callable[[str, datetime], Answered]


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    text: str
    now: datetime
    gold: Mapping[str, Any]

    @property
    def once(self) -> bool:
        return bool(self.gold["type"] == "once")

    @property
    def zone(self) -> tzinfo:
        """That the moments of ``gold`` are local to: an IANA name or an offset."""
        offset = self.gold.get("zone", "")
        if offset[:1] in ("+", "-"):
            return datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo or UTC
        named = re.search(r"\b[A-Z][a-z]+/[A-Z]\w+", self.text)
        return ZoneInfo(self.gold.get("zone") or (named[0] if named else "UTC"))


def items(path: Path) -> list[Item]:
    """Those of one list; empty where it is not there."""
    if not path.exists():
        return []
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [Item(row["id"], row["text"], datetime.fromisoformat(row["now"].split(" ")[0]).replace(tzinfo=UTC), row["gold"]) for row in rows]


def verdict(item: Item, said: Answered) -> str:
    """right, wrong (silently) or asked."""
    if item.gold["type"] == "ask":
        return "wrong" if said.fires and not said.day_only else "right"
    if said.day_only and "at" in item.gold and datetime.fromisoformat(item.gold["at"]).time() != time(0):
        return "asked"
    if not said.fires:
        return "asked"
    return "right" if _fits(item, said) else "wrong"


def _fits(item: Item, said: Answered) -> bool:
    gold, now = item.gold, item.now.astimezone(item.zone).replace(tzinfo=None)
    said = replace(said, fires=tuple(fire.replace(tzinfo=UTC).astimezone(item.zone).replace(tzinfo=None) for fire in said.fires))
    if item.once:
        return not said.repeats and _moment_fits(gold, said)
    if not said.repeats:
        return False
    if gold["type"] == "rrule":
        wanted = [one.replace(second=0) for one in rrulestr(gold["rrule"], dtstart=now.replace(second=0)).xafter(now, count=FIRES)]
        return list(said.fires[: len(wanted)]) == wanted and (len(wanted) == FIRES or len(said.fires) == len(wanted))
    return _beats(gold, said) if gold["type"] == "interval" else _windowed(gold, said, now)


def _moment_fits(gold: Mapping[str, Any], said: Answered) -> bool:
    at = said.fires[0]
    if "at" in gold:
        wanted = datetime.fromisoformat(gold["at"])
        wanted = wanted.astimezone(UTC).replace(tzinfo=None) if wanted.tzinfo else wanted
        return abs((at - wanted).total_seconds()) < 60 and not (said.day_only and wanted.time() != time(0))
    return at.date() == date.fromisoformat(gold["date"]) and (said.day_only or at.hour >= gold.get("hour_at_least", 0))


def _beats(gold: Mapping[str, Any], said: Answered) -> bool:
    """Always so long apart; where the beat begins is nobody's to say."""
    apart = timedelta(seconds=gold["seconds"])
    even = len(said.fires) == FIRES and all(later - before == apart for before, later in zip(said.fires, said.fires[1:], strict=False))
    first = said.fires[0]
    return (
        even
        and all(getattr(first, key) == gold[key] for key in ("hour", "minute") if key in gold)
        and gold.get("weekday", first.weekday()) == first.weekday()
    )


def _windowed(gold: Mapping[str, Any], said: Answered, now: datetime) -> bool:
    """Every so many minutes between two times on some weekdays; whether the last moment still counts is left open."""
    first, last = (datetime.strptime(gold[key], "%H:%M").time() for key in ("from", "to"))
    either = []
    for closed in (False, True):
        moments = []
        for day in range(40):
            base = datetime.combine(now.date() + timedelta(days=day), time(0))
            if base.weekday() in gold["weekdays"]:
                beats = (base + timedelta(minutes=step * gold["every_minutes"]) for step in range(1440 // gold["every_minutes"]))
                start = datetime.combine(base.date(), first)
                beats = (start + (one - base) for one in beats)
                moments += [
                    one
                    for one in beats
                    if one > now and one.date() == base.date() and (one.time() < last or (closed and one.time() == last))
                ]
        either.append(moments[:FIRES])
    return list(said.fires) in either
