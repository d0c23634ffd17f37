"""Causes that are figures of a watched service, and things told by what they are instead of what happened to them."""

from __future__ import annotations

import re

from intents.grammar.conditions import quoted, read_number, written
from intents.grammar.events import Heard, hear_event
from intents.grammar.source import QUOTE, Source

_OPERATORS = (
    (
        ">",
        r"over|above|more\s+than|greater\s+than|higher\s+than|longer\s+than|slower\s+than|exceed(?:s|ing)?|beyond|past|passes|tops|crosses|climbs?\s+to|>",
    ),
    ("<", r"under|below|beneath|less\s+than|lower\s+than|fewer\s+than|<"),
    (">=", r"at\s+least|reach(?:es)?|hits?|>="),
    ("<=", r"at\s+most|<="),
)
_LIMIT = re.compile(
    rf"(?:{'|'.join(f'(?P<o{index}>{words})' for index, (_, words) in enumerate(_OPERATORS))})\s*(?P<figure>\d+(?:[.,]\d+)?)\s*(?P<unit>%|percent\b|ms\b|milliseconds?\b|s\b|secs?\b|seconds?\b|minutes?\b|min\b)?",
    re.IGNORECASE,
)
_NAMES = (
    ("response_time", r"response[\s_-]?times?|latenc(?:y|ies)|answer\s+times?|p9[59]"),
    ("error_rate", r"error[\s_-]?rates?|failure\s+rates?|share\s+of\s+errors|errors\b"),
    ("success_rate", r"success[\s_-]?rates?"),
    ("availability", r"availability|uptime"),
    ("throughput", r"throughput|requests?\s+(?:per|a)\s+(?:second|minute)"),
)


def measured(source: Source, clause: str) -> tuple[str, str]:
    """(service, condition) of "stripe's error rate exceeds 2 %", ("", "") if none: a figure the product measures, past a limit."""
    services = [service for service in source.services(clause) if service not in ("google_analytics", "mixpanel", "signalbox")]
    metric = next((name for name, words in _NAMES if re.search(rf"\b(?:{words})", clause, re.IGNORECASE)), "")
    limit = _LIMIT.search(clause)
    if len(services) != 1 or not metric or limit is None:
        return "", ""
    value = read_number(limit["figure"].replace(",", "."), limit["unit"] if limit["unit"] in ("%", "percent") else "")
    if value is None:
        return "", ""
    unit = (limit["unit"] or "").lower()
    scale = 60.0 if re.match(r"min(?!i?lli)", unit) else 0.001 if unit in ("ms",) or unit.startswith("milli") else 1.0
    sign = next(sign for index, (sign, _) in enumerate(_OPERATORS) if limit[f"o{index}"])
    return services[0], (
        f"event.service == {quoted(services[0])} && event.metric == {quoted(metric)} && event.value {sign} {written(value * scale)}"
    )


_IS = re.compile(r"\b(?:is|are|has|have|comes?\s+with|carries|contains?|mentions?|includes?|says?|exceeds?)\b\s*", re.IGNORECASE)
_QUALITY = re.compile(
    rf"\b(?:urgent|high|highest|low|lowest|critical|blocker|major|minor|p[0-4]|sev\s?-?\d|vip|priority|labels?|tags?|labell?ed|tagged|titled|worth|over|above|more\s+than|bigger\s+than"
    rf"|larger\s+than|greater\s+than|at\s+least|under|below|less\s+than|exceeds?|the\s+words?|{QUOTE})(?!\w)|[<>]=?\s*\d",
    re.IGNORECASE,
)


def by_nature(source: Source, clause: str) -> Heard | None:
    """ "a zendesk ticket is urgent", "a deal is over 10k": what it is, is told when it is new; None where the words tell of no such thing."""
    match = _IS.search(clause)
    if match is None or not _QUALITY.search(clause[match.start() :]):
        return None
    thing = re.sub(r"^\s*(?:an?|any|every|each|some|the)\s+", "", clause[: match.start()], flags=re.IGNORECASE)
    heard = hear_event(source, f"new {thing}")
    return (
        heard if heard is not None and (not heard.event or heard.event.endswith(("_created", "_opened", "_posted", "_received"))) else None
    )
