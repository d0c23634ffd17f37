"""Analytics as they are typed and said: ``/analytics team Finance this month``, “what did failures cost us this week?”."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.workflow.catalogue import did_you_mean
from intents.grammar.request import Answer, Request, known_name
from intents.grammar.runs import read_analytics
from intents.grammar.source import CHANNEL, Source
from intents.named import whole_name
from intents.when import NUMBER, UNIT, window

MakeSource = Callable[[str], Source]

_FROM = r"(?:(?:in|over|for|of|during|from|within)\s+)?(?:the\s+)?"
_CALENDAR = re.compile(rf"(?:^|\s+){_FROM}(?:(?P<today>today)|this\s+(?P<name>week|month|quarter|year))\s*[.?!]*$", re.IGNORECASE)
_LENGTH = re.compile(
    rf"(?:^|\s+){_FROM}(?P<span>(?:(?:last|past|previous)\s+)?{NUMBER}\s*{UNIT}|(?:last|past|previous)\s+{UNIT})\s*[.?!]*$", re.IGNORECASE
)
_ISO = re.compile(r"(?:^|\s+)(?P<iso>P(?=[\dT])[\dWDHMSTY.]+)\s*$")
_KIND = re.compile(
    r"^(?:of\s+|for\s+)?(?:the\s+)?(?P<kind>workflow|flow|service|team|owner)\s*[:=]?\s+(?P<name>\S.*)$", re.IGNORECASE | re.DOTALL
)
_TEAM_BEHIND = re.compile(r"^(?:of\s+|for\s+)?(?:the\s+)?(?P<name>\S.*?)\s+team$", re.IGNORECASE | re.DOTALL)
_EVERYTHING = re.compile(
    r"^(?:(?:of|for)\s+)?(?:all|everything|everyone|(?:all\s+)?(?:our\s+|the\s+)?(?:work\s?flows|flows|automations))$", re.IGNORECASE
)
_HOW = "For example “/analytics”, “/analytics release 30 days”, “/analytics service github” or “/analytics team Finance this month”."


def analytics(words: str, make: MakeSource) -> Answer:
    """``/analytics [NAME | workflow NAME | service X | team Y] [this week | 30 days | …]``."""
    span, rest = spoken_span(words.strip())
    if not rest or _EVERYTHING.match(rest):
        return Answer("workflow_analytics", span)
    said = _KIND.match(rest)
    if said is None:
        return _bare(rest, span, make)
    kind, name = said["kind"].lower(), said["name"].strip()
    if kind in ("team", "owner"):
        return Answer("workflow_analytics", {"team": _unquoted(name), **span})
    if kind == "service":
        return _service(name, span, make)
    return Answer("workflow_analytics", {"workflow": whole_name(make(name)), **span})


def read_said_analytics(request: Request) -> Answer | None:
    """Sentences about what workflows are worth, and “this month” as the month of the calendar."""
    found = _team_asked(request) or _worth_asked(request) or read_analytics(request)
    if found is None or found.question:
        return found
    calendar = request.search(r"\b(?:(?P<today>today)|this\s+(?P<name>week|month|quarter|year))\b")
    return found if calendar is None else Answer(found.command, {**found.arguments, **_named(calendar)}, sure=found.sure)


def _team_asked(request: Request) -> Answer | None:
    if request.search(rf"{CHANNEL}|→|\b(?:every|whenever|each)\b"):
        return None
    match = request.match(
        r"^(?:(?:show|give|get|display)\s+(?:me\s+|us\s+)?)?(?:the\s+)?(?:analytics|statistics|stats)\s+(?:of|for)\s+(?:the\s+)?"
        r"(?:team\s+(?P<t>[\w@&-]+(?:\s+[\w@&-]+){0,2}?)|(?P<u>[\w@&-]+(?:\s+[\w@&-]+){0,2}?)\s+team)"
        rf"(?:\s+{_FROM}(?:last|past|previous|this|today|\d).*)?\s*[.?!]*$"
    )
    if match is None:
        return None
    return Answer("workflow_analytics", {"team": request.source.plain(match["t"] or match["u"]), **_window(request)})


def _worth_asked(request: Request) -> Answer | None:
    """“How much time did we save …”, “what did failures cost us …”: of everything."""
    if request.search(rf"{CHANNEL}|→|\b(?:every|whenever|each)\b") or request.service:
        return None
    match = request.match(
        r"^(?:how\s+much\s+(?:time|work|effort)|how\s+many\s+hours)\s+(?:do|did|have|are|were)\s+(?:we|you|our\s+(?:work\s?flows|automations)|automations)\s+"
        r"sav(?:e|ed|ing)\b|^(?:what|how\s+much)\s+(?:do|did|have)\s+(?:our\s+|the\s+|all\s+)*(?:failures|failed\s+runs|failing\s+(?:runs|work\s?flows))\s+cost\b"
        r"|^(?:what|how\s+much)\s+(?:time\s+)?(?:do|did|have)\s+we\s+los[et]\b.*\b(?:failures|failed\s+runs|failing\s+(?:runs|work\s?flows))\b"
    )
    return Answer("workflow_analytics", _window(request)) if match else None


def spoken_span(words: str) -> tuple[dict[str, Any], str]:
    """What was said of the time at the end of the words, and the words without it."""
    if calendar := _CALENDAR.search(words):
        return _named(calendar), words[: calendar.start()].strip()
    if exact := _ISO.search(words):
        return {"window": exact["iso"]}, words[: exact.start()].strip()
    said = _LENGTH.search(words)
    found = window(said["span"]) if said else None
    return ({"window": found}, words[: said.start()].strip()) if said and found else ({}, words)


def _named(calendar: re.Match[str]) -> dict[str, Any]:
    return {"calendar": "today" if calendar["today"] else calendar["name"].lower()}


def _window(request: Request) -> dict[str, Any]:
    return {"window": request.window} if request.window else {}


def _bare(name: str, span: dict[str, Any], make: MakeSource) -> Answer:
    """A name without its kind: a workflow of the team, a team, or a service; nothing is guessed beyond that."""
    source = make(name)
    if known := known_name(source.plain(source.text), source.workflows):
        return Answer("workflow_analytics", {"workflow": known, **span})
    if team := _TEAM_BEHIND.match(name):
        return Answer("workflow_analytics", {"team": _unquoted(team["name"]), **span})
    if (service := source.lexicon.service(name)) is not None:
        return Answer("workflow_analytics", {"service": service, **span})
    names = [*source.workflows, *source.lexicon.services]
    options = tuple((one, f"/analytics {one}") for one in re.findall(r"“([^”]+)”", did_you_mean(name[:60], names)))
    asked = f"“{name[:60]}” is no workflow and no service. Which workflow? {_HOW}"
    return Answer("workflow_analytics", span, asked, "workflow", 0.9, options)


def _service(name: str, span: dict[str, Any], make: MakeSource) -> Answer:
    source = make(name)
    service = source.lexicon.service(_unquoted(name)) or next(iter(source.services(source.text)), None)
    if service is not None:
        return Answer("workflow_analytics", {"service": service, **span})
    hint = did_you_mean(name[:60], {one.name.lower(): one.id for one in source.lexicon.services.values()})
    return Answer("workflow_analytics", span, f"I do not know the service “{name[:60]}”.{hint} Which service?", "service", 0.9)


def _unquoted(name: str) -> str:
    return name.strip().strip("\"'“”").strip()
