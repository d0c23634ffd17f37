"""The exact forms of maintenance and silences: ``/alerts maintenance set github every Sunday 02:00 to 04:00 because of backups``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from engine.workflow.calendar import next_fire
from engine.workflow.definition import Trigger, TriggerType
from intents.grammar.request import Answer
from intents.grammar.source import SERVICE, Source
from intents.when import duration, read_range, read_schedule

MakeSource = Callable[[str], Source]
WHEN = "From when until when? For example “tonight 22:00 to 23:30”, “for 2 hours” or “every Sunday 02:00 to 04:00”."
_WHY = re.compile(r"\s*(?:\bbecause(?:\s+of)?\b|\bnote\s*[:=]|\breason\s*[:=])\s*(.+)$", re.IGNORECASE | re.DOTALL)
_NOTICE = re.compile(r",?\s*(?:\bwith\s+)?(?P<length>\d+\s*(?:m|min|minutes?|h|hours?|d|days?))\s+notice\b", re.IGNORECASE)
_NO_NOTICE = re.compile(r",?\s*\bwithout\s+(?:any\s+)?notice\b", re.IGNORECASE)
_RULE = re.compile(r"\brule:(\w{1,60})\b", re.IGNORECASE)
_SEVERITY = re.compile(r"\bseverity:(\w{1,20})\b", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:every|each|daily|weekly|monthly|weekdays|weekends)\b|\b\w+days\b", re.IGNORECASE)
_ID = re.compile(r"\bsil_\w{1,40}(?:\.\d{1,6})?\b")
_LENGTH = re.compile(r"(?:\bby\b|\bfor\b|\banother\b)?\s*(\d[\w\s]*)$", re.IGNORECASE)


def maintenance(kind: str) -> Callable[[str, MakeSource], Answer]:
    """``kind``: maintenance or silence; what is set without another word is one of that kind."""

    def read(words: str, make: MakeSource) -> Answer:
        verb, _, rest = words.strip().partition(" ")
        match verb.lower():
            case "" | "list":
                found = make(rest).services(make(rest).text) if rest else []
                return Answer("list_maintenance", {"service": found[0]} if found else {})
            case "end" | "stop" | "cancel" | "remove":
                return _of_one("end_maintenance", rest, make)
            case "extend":
                return _extended(rest, make)
            case "set" | "add" | "new":
                return _set(kind, rest, make)
        return _set(kind, words, make)

    return read


def _of_one(command: str, words: str, make: MakeSource) -> Answer:
    if found := _ID.search(words):
        return Answer(command, {"window": found[0]})
    source = make(words)
    services = source.services(source.text)
    if not services:
        return Answer(command, {}, "Which one? Name its service or its id.", "window", 0.9)
    return Answer(command, {"window": services[0]})


def _extended(words: str, make: MakeSource) -> Answer:
    answer = _of_one("extend_maintenance", words, make)
    length = _LENGTH.search(_ID.sub(" ", words))
    lasting = duration(length[1]) if length else None
    if lasting is None:
        return Answer(answer.command, answer.arguments, "By how long? For example “30m”.", "by", 0.9)
    return Answer(answer.command, {**answer.arguments, "by": lasting.iso}, answer.question, answer.slot, answer.sure)


def _set(kind: str, words: str, make: MakeSource) -> Answer:
    arguments: dict[str, Any] = {"kind": kind} if kind != "maintenance" else {}
    if why := _WHY.search(words):
        words, arguments["note"] = words[: why.start()], why[1].strip()
    for pattern, name in ((_RULE, "rule"), (_SEVERITY, "severity")):
        if found := pattern.search(words):
            arguments[name] = found[1].lower()
            words = pattern.sub(" ", words, count=1)
    if notice := _NOTICE.search(words):
        length = duration(notice["length"])
        words, arguments["notice"] = _NOTICE.sub(" ", words, count=1), length.iso if length else "PT15M"
    elif _NO_NOTICE.search(words):
        words, arguments["notice"] = _NO_NOTICE.sub(" ", words, count=1), "PT0S"
    source = make(words)
    services = source.services(source.text)
    if services:
        arguments["service"] = services[0]
    elif kind == "maintenance":
        return Answer("set_maintenance", arguments, "For which service?", "service", 0.85)
    plain = re.sub(SERVICE, " ", source.text)
    times = _recurring(plain, source) if _AGAIN.search(plain) else _once(plain, source)
    return Answer("set_maintenance", {**arguments, **times}) if times else Answer("set_maintenance", arguments, WHEN, "until", 0.9)


def _once(plain: str, source: Source) -> dict[str, Any]:
    start, end = read_range(plain, source.now, source.timezone)
    if end is None or end.problem or (start is not None and start.problem):
        return {}  # asked: half a window is none
    said = {"until": end.at.isoformat(timespec="seconds")}
    return {"start": start.at.isoformat(timespec="seconds"), **said} if start is not None and not start.problem else said


def _recurring(plain: str, source: Source) -> dict[str, Any]:
    """The first window and the rule of the others."""
    length = _length(plain, source.now, source.timezone)
    schedule = read_schedule(
        re.sub(r"\s*(?:\bto\b|\buntil\b|–|-)\s*\d{1,2}(?::\d{2})?\s*(?:am|pm)?", " ", plain), source.now, source.timezone
    )
    if length is None or schedule is None or not (schedule.cron or schedule.rrule):
        return {}
    trigger = Trigger(type=TriggerType.SCHEDULED, cron=schedule.cron, rrule=schedule.rrule, timezone=schedule.timezone or source.timezone)
    first = next_fire(trigger, source.now, source.timezone)
    if first is None:
        return {}
    return {
        "start": first.isoformat(timespec="seconds"),
        "until": (first + length).isoformat(timespec="seconds"),
        "every": schedule.rrule or schedule.cron,
    }


def _length(plain: str, now: datetime, zone: str) -> timedelta | None:
    """From “02:00 to 04:00” or “for 2 hours”."""
    clocks = re.search(
        r"\d{1,2}(?::\d{2})?\s*(?:am|pm)?\s*(?:\bto\b|\buntil\b|–|-)\s*\d{1,2}(?::\d{2})?\s*(?:am|pm)?", plain, re.IGNORECASE
    )
    if clocks is not None:
        start, end = read_range(f"tomorrow {clocks[0]}", now, zone)
        return end.at - start.at if start is not None and end is not None and not (start.problem or end.problem) else None
    spoken = re.search(r"\bfor\s+(.+)$", plain, re.IGNORECASE)
    lasting = duration(spoken[1]) if spoken else None
    return timedelta(seconds=lasting.seconds) if lasting else None
