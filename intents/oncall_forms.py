"""The exact forms of who is called: ``/oncall set ops @ada @bob weekly monday 9:00``, ``/escalation set critical: rota ops, 10m @ada``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from intents.grammar.request import Answer
from intents.grammar.source import PERSON, Source
from intents.when import number, read_range, until
from intents.when.zones import zone_named

MakeSource = Callable[[str], Source]

_WHO = rf"(?:{PERSON}|(?<![\w:])(?:slack|discord|web|rest|terminal):[\w.-]+|(?<!\w)me(?!\w))"
_EVERY = re.compile(
    r"\b(?:(?P<daily>daily|every\s+day)|(?P<weekly>weekly|every\s+week)|(?P<two>bi-?weekly|fortnightly|every\s+(?:other|second)\s+week)"
    r"|every\s+(?P<n>\d{1,3}|two|three|four|five|six)\s+(?P<unit>days?|weeks?))\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\b(?:on\s+)?(mon|tues?|wed(?:nes)?|thurs?|thu|fri|satur|sat|sun)(?:day)?s?\b", re.IGNORECASE)
_TIME = re.compile(r"(?<![\w:.-])(?:at\s+)?(\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?)(?![\w:.-])", re.IGNORECASE)
_ZONE = re.compile(r"\b([A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?|UTC)\b")
_DAYS = {"mon": "monday", "tue": "tuesday", "wed": "wednesday", "thu": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday"}
SET = "Who is in it, in the order of their turns? For example /oncall set ops @ada @bob weekly monday 9:00"
UNTIL = "Until when? For example “until tomorrow 9:00” or “for 2 hours”."


def oncall(words: str, make: MakeSource) -> Answer:
    verb, _, rest = words.strip().partition(" ")
    source = make(rest)
    text = source.utterance.plain(source.marked.plain(source.text))
    match verb.lower():
        case "" | "now" | "list" | "show":
            return Answer("on_call", {"rota": text} if text else {})
        case "set":
            return set_rota(text)
        case "override":
            return override(text, source)
        case "take":
            return take(text, source)
        case "remove" | "delete":
            return Answer("remove_rota", {"rota": text})
    return Answer("on_call", {"rota": words.strip()})


def set_rota(text: str) -> Answer:
    people = list(re.finditer(_WHO, text))
    if not people:
        return Answer("set_rota", {"rota": text.split(None, 1)[0]} if text else {}, SET, "members", 0.9)
    name = text[: people[0].start()].strip(" :,")
    rest = re.sub(_WHO, " ", text[people[0].start() :])
    more, unread = _handed_over(rest)
    arguments: dict[str, Any] = {"rota": name, "members": " ".join(one[0] for one in people), **more}
    if not name:
        return Answer(
            "set_rota", arguments, "What is the rota called? For example /oncall set ops @ada @bob weekly monday 9:00", "rota", 0.9
        )
    if unread:
        return Answer("set_rota", arguments, f"I could not read “{unread[:40]}”. {SET}", "members", 0.9)
    return Answer("set_rota", arguments)


def _handed_over(text: str) -> tuple[dict[str, Any], str]:
    """What is said of the hand-over, and what could not be read of it."""
    said: dict[str, Any] = {}
    if found := _EVERY.search(text):
        weeks = {"days": 1, "day": 1}.get((found["unit"] or "").lower(), 7)
        count = 1 if found["daily"] else 7 if found["weekly"] else 14 if found["two"] else int(number(found["n"]) or 1) * weeks
        said["every"] = str(count)
        text = text.replace(found[0], " ", 1)
    if found := _ZONE.search(text):
        said["zone"] = found[1]
        text = text.replace(found[0], " ", 1)
    if found := _DAY.search(text):
        said["day"] = _DAYS[found[1].lower()[:3]]
        text = text.replace(found[0], " ", 1)
    if found := _TIME.search(text):
        said["at"] = found[1].strip()
        text = text.replace(found[0], " ", 1)
    left = re.sub(r"[\s,;.]+|\b(?:and|on|at|from|with|hand(?:ed)?[\s-]?over|time)\b", " ", text, flags=re.IGNORECASE).strip()
    if left and (zone := zone_named(left)):
        said["zone"] = zone
        left = ""
    return said, left


_LAST = re.compile(r"\s+(?:on\s+|of\s+|for\s+)?(?:the\s+)?rota\s+(?P<name>[\w.-]+)\s*$", re.IGNORECASE)


def _rota_last(text: str) -> tuple[str, dict[str, Any]]:
    """Without “rota ops” at its end, which some faces put there."""
    found = _LAST.search(text)
    return (text[: found.start()], {"rota": found["name"]}) if found else (text, {})


def override(text: str, source: Source) -> Answer:
    """``[NAME] @c from … until …``."""
    text, last = _rota_last(text)
    who = re.search(_WHO, text)
    if who is None:
        return Answer(
            "override_rota", {}, "Who stands in? For example /oncall override ops @cem from friday 18:00 until monday 9:00", "user", 0.9
        )
    arguments: dict[str, Any] = {"user": who[0], **({"rota": name} if (name := text[: who.start()].strip(" :,")) else last)}
    start, end = read_range(text[who.end() :], source.now, source.timezone)
    for moment in (start, end):
        if moment is not None and moment.problem:
            return Answer("override_rota", arguments, moment.problem, "until", 0.9)
    arguments |= {"start": start.at.isoformat(timespec="seconds")} if start is not None else {}
    if end is None:
        return Answer("override_rota", arguments, UNTIL, "until", 0.9)
    return Answer("override_rota", {**arguments, "until": end.at.isoformat(timespec="seconds")})


_ENDS = re.compile(r"(?:^|\s)(?:until|till|til|for)\s+.+$|(?:^|\s)\d+(?:\.\d+)?\s*(?:m|min\w*|h|hours?|hrs?|d|days?)$", re.IGNORECASE)


def take(text: str, source: Source) -> Answer:
    """``[NAME] [until …]``, ``[NAME] 2h``."""
    text, last = _rota_last(text)
    end = _ENDS.search(text)
    name = (text[: end.start()] if end else text).strip(" :,")
    arguments: dict[str, Any] = {"rota": name} if name else last
    said = end[0].strip() if end else ""
    moment = until(said if not said[:1].isdigit() else f"for {said}", source.now, source.timezone) if said else None
    if moment is None or moment.problem:
        return Answer("take_on_call", arguments, (moment.problem if moment else "") or UNTIL, "until", 0.9)
    return Answer("take_on_call", {**arguments, "until": moment.at.isoformat(timespec="seconds")})


_ABOUT = re.compile(r"^(?:for\s+)?(?P<about>[^:,@#<]{1,60}?)\s*:\s+(?P<levels>.+)$|^(?:for\s+)?(?P<word>\S+)\s+(?P<rest>.+)$", re.DOTALL)


def escalation(words: str, make: MakeSource) -> Answer:
    """``critical: rota ops, 10m @ada``, ``set …``, ``remove critical``."""
    source = make(words.strip())
    text = source.utterance.plain(source.marked.plain(source.text))
    verb, _, rest = text.partition(" ")
    if verb.lower() in ("", "list", "show"):
        return Answer("list_escalations")
    if verb.lower() in ("remove", "delete", "off"):
        return Answer("remove_escalation", {"about": rest.strip()})
    found = _ABOUT.match(rest.strip() if verb.lower() == "set" else text)
    if found is None:
        question = "Who is to be called, and when? For example /escalation set critical: rota ops, 10m @ada, 20m #ops-leads"
        return Answer("set_escalation", {"about": rest.strip() if verb.lower() == "set" else text}, question, "levels", 0.9)
    return Answer(
        "set_escalation", {"about": (found["about"] or found["word"]).strip(), "levels": (found["levels"] or found["rest"]).strip()}
    )
