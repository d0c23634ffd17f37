"""Times in words: ours beside dateparser, recurrent and parsedatetime, right, silently wrong or asked back, in the same run.

    python -m benchmarks.times [--json]

dev     the development list, known while the grammar was written
seen    a list by somebody else, looked at while improving
unseen  a second one by them, that only this measures: the goals are about it

A recurrence is right when its next six moments are. An expression that has to be asked about is right when it is asked. A peer that is not
installed is said to be so (``make install-parse-peers``). The speaker's zone is UTC throughout; peers are told so.
"""

from __future__ import annotations

import json as jsonlib
import re
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from benchmarks.times_lists import FIRES, LISTS, Answered, Item, Reader, items, verdict
from engine.workflow.calendar import counted, next_fires
from engine.workflow.definition import Trigger, TriggerType
from intents.when import read_moment, read_schedule, until
from intents.when.schedule import ASK_TIME

GOALS = {"right": 95.0, "wrong": 1.0}  # per cent of the unseen list
PATIENCE = 1.0  # seconds that a reader has for one expression
_END = re.compile(r"^\s*for\b|\b(?:until|till|til)\b|\b(?:pause|mute|snooze|silence|maintenance|hold)\b.*\bfor\b", re.IGNORECASE)
_REPEATS = re.compile(r"\b(?:every|each|daily|weekly|monthly|hourly)\b", re.IGNORECASE)


def run(json: bool = False) -> bool:
    """Measure and print; true when the goals are met on the unseen list. Takes some seconds."""
    lists = {name: items(path) for name, path in LISTS.items()}
    result = {name: {reader: _measured(found, peer) for reader, peer in _readers().items()} for name, found in lists.items() if found}
    sys.stdout.write((jsonlib.dumps(result, indent=2) if json else in_words(result)) + "\n")
    return met(result)


def met(result: Mapping[str, Any]) -> bool:
    if "unseen" not in result:
        return False
    ours = result["unseen"]["Signalbox"]["all"]
    return bool(ours["right"] >= GOALS["right"] * ours["of"] / 100 and ours["wrong"] <= GOALS["wrong"] * ours["of"] / 100)


def in_words(result: Mapping[str, Any]) -> str:
    lines = ["right / silently wrong / asked           all              one-off          recurring        to be asked      ms each"]
    for name, readers in result.items():
        for reader, found in readers.items():
            if found is None:
                lines.append(f"{name:8}{reader:32}not installed")
                continue
            cells = "".join(f"{_cell(found[part]):17}" for part in ("all", "once", "recurring", "ask"))
            lines.append(f"{name:8}{reader:32}{cells}{found['ms']:.1f}")
    if "unseen" not in result:
        lines.append("The unseen list is not here, so the goals cannot be met.")
    return "\n".join([*lines, f"goal on unseen: ≥ {GOALS['right']:g} % right, ≤ {GOALS['wrong']:g} % silently wrong"])


def _cell(counts: Mapping[str, int]) -> str:
    return f"{counts['right']} / {counts['wrong']} / {counts['asked']} of {counts['of']}"


def _measured(found: Sequence[Item], read: Reader | None) -> dict[str, Any] | None:
    if read is None:
        return None
    tallies: dict[str, Counter[str]] = {part: Counter(right=0, wrong=0, asked=0, of=0) for part in ("all", "once", "recurring", "ask")}
    spent = 0.0
    read(found[0].text, found[0].now)  # patterns are compiled at first use
    for item in found:
        began = time.process_time()
        said = _bounded(read, item)
        spent += time.process_time() - began
        judged = verdict(item, said)
        for part in ("all", "ask" if item.gold["type"] == "ask" else "once" if item.once else "recurring"):
            tallies[part].update((judged, "of"))
    return {**{part: dict(counts) for part, counts in tallies.items()}, "ms": 1000 * spent / len(found)}


def _bounded(read: Reader, item: Item) -> Answered:
    """What a reader says within its time; one that goes on for longer, or that breaks, has answered nothing."""
    signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        return read(item.text, item.now)
    except Exception:  # peers break in ways of their own, and that is part of what is measured
        if read is ours:
            raise
        return Answered()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _late(number: int, frame: object) -> None:
    raise TimeoutError(f"No answer within {PATIENCE:g} seconds.")


# --- ours ----------------------------------------------------------------------------------------------------------------


def ours(text: str, now: datetime) -> Answered:
    """As the product reads it: the end of a pause by ``until``, anything else as a schedule; quoted words are somebody's text and masked."""
    text = re.sub(r"'[^']*'|\"[^\"]*\"", "\ue000", text)
    if _END.search(text) and not _REPEATS.search(text):
        moment = until(text, now, "UTC")
        if moment is None or moment.problem:
            return Answered()
        return Answered((moment.at.astimezone(UTC).replace(tzinfo=None),), day_only=not moment.has_time)
    schedule = read_schedule(text, now, "UTC")
    if schedule is not None and schedule.question == ASK_TIME and not _REPEATS.search(text):
        day = read_moment(text, now, "UTC")  # the day was understood, and the time of day is asked for
        return Answered((day.at.replace(tzinfo=None),), day_only=True) if day is not None and day.sure_day else Answered()
    if schedule is None or schedule.question:
        return Answered()
    if schedule.at:
        return Answered((datetime.fromisoformat(schedule.at).astimezone(UTC).replace(tzinfo=None),))
    trigger = Trigger(type=TriggerType.SCHEDULED, cron=schedule.cron, rrule=schedule.rrule, timezone=schedule.timezone or "UTC")
    fires = next_fires(counted(trigger, now, "UTC"), now, FIRES, "UTC")
    return Answered(tuple(fire.replace(tzinfo=None) for fire in fires), repeats=True)


# --- peers ---------------------------------------------------------------------------------------------------------------


def _readers() -> dict[str, Reader | None]:
    """By name; None where the library is not installed."""
    beside = str(Path(__file__).resolve().parent.parent / ".parse-peers")
    if beside not in sys.path:
        sys.path.append(beside)  # last, so that nothing of ours is replaced
    made = {"dateparser": _dateparser, "recurrent": _recurrent, "parsedatetime": _parsedatetime}
    return {"Signalbox": ours, **{name: make() if find_spec(name) else None for name, make in made.items()}}


def _dateparser() -> Reader:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = resolve_name("dateparser.search:search_dates")

    def read(text: str, now: datetime) -> Answered:
        settings = {
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "TO_TIMEZONE": "UTC",
            "RETURN_AS_TIMEZONE_AWARE": False,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = search(text, languages=["en"], settings=settings)
        return Answered((found[0][1].replace(tzinfo=None),)) if found else Answered()

    return read


def _recurrent() -> Reader:
    event = resolve_name("recurrent:RecurringEvent")

    def read(text: str, now: datetime) -> Answered:
        from dateutil.rrule import rrulestr

        base = now.replace(tzinfo=None)
        found = event(now_date=base).parse(text)
        if isinstance(found, datetime):
            return Answered((found,))
        if not isinstance(found, str):
            return Answered()
        try:
            fires = rrulestr(found, dtstart=base.replace(second=0)).xafter(base, count=FIRES)
            return Answered(tuple(fire.replace(second=0) for fire in fires), repeats=True)
        except ValueError:  # it writes rules that are none
            return Answered((base,), repeats=True)

    return read


def _parsedatetime() -> Reader:
    calendar = resolve_name("parsedatetime:Calendar")()

    def read(text: str, now: datetime) -> Answered:
        found, status = calendar.parseDT(text, sourceTime=now.replace(tzinfo=None).timetuple())
        return Answered((found,), day_only=status == 1) if status else Answered()

    return read


if __name__ == "__main__":
    sys.exit(0 if run("--json" in sys.argv) else 1)
