"""The exact forms of alerts that people raise themselves: ``/alerts raise severity:high github pushes hang``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from intents.grammar.request import Answer
from intents.grammar.source import SERVICE, Source
from intents.when import duration, read_schedule

_SEVERITY = re.compile(r"\bseverity:(\w{1,20})\s*", re.IGNORECASE)
_SERVICE = re.compile(r"\bservice:(\S{1,60})\s*", re.IGNORECASE)
_RUNBOOK = re.compile(r"\brunbook:(https?://\S{1,400})\s*", re.IGNORECASE)


_CHANNEL = re.compile(r"(?:\b(?:in|to)\s+)?(?:<#(\w+)(?:\|[^>]*)?>|((?<![\w&])#[\w][\w-]*))", re.IGNORECASE)
_METRIC = re.compile(r"\b(response[_ ]time|latency|success[_ ]rate|error[_ ]rate|availability|throughput)\b", re.IGNORECASE)
_FILLING = re.compile(r"\b(?:to|at|of|for|is|above|below|over|under|all|set|the)\b", re.IGNORECASE)
_LEVEL = re.compile(r"\b(warning|warn|critical|high|medium|low)\b", re.IGNORECASE)
_VALUE = re.compile(r"(?<![\w.])(\d[\d.,]*\s*(?:ms|s|sec|min|%|percent)?|learnt|learned|off|auto)(?!\w)", re.IGNORECASE)


_VERDICT = re.compile(r"(?:(?P<about>.+?)\s+)??(?P<verdict>(?:is|was)\s+not|not|is|was)\s+(?P<what>\S.*)", re.IGNORECASE | re.DOTALL)


def reports(words: str, make: Callable[[str], Source]) -> Answer:
    """``/alerts report digest every weekday at 9:00 in #ops``; without a time it is posted now; ``off ID`` ends one."""
    first, _, rest = words.strip().partition(" ")
    if first.lower() in ("", "list"):
        return Answer("plan_report")
    if first.lower() in ("off", "end", "stop"):
        return Answer("plan_report", {"off": rest.strip()} if rest.strip() else {})
    arguments: dict[str, Any] = {"what": first.lower()}
    if found := _CHANNEL.search(rest):
        arguments["channel"] = found[1] or found[2]
        rest = _CHANNEL.sub(" ", rest, count=1)
    if not rest.strip():
        return Answer("plan_report", arguments)
    source = make(rest)
    schedule = read_schedule(rest, source.now, source.timezone)
    if schedule is None or schedule.question or not (schedule.cron or schedule.rrule):
        asked = schedule.question if schedule is not None and schedule.question else "When? For example “every weekday at 9:00”."
        return Answer("plan_report", arguments, asked, "every", 0.9)
    return Answer(
        "plan_report",
        {**arguments, "every": schedule.cron or schedule.rrule, **({"timezone": schedule.timezone} if schedule.timezone else {})},
    )


def cause(words: str, make: Callable[[str], Source]) -> Answer:
    """``/alerts cause``, ``/alerts cause github``, ``/alerts cause github not trello``, ``/alerts cause alr_4711 is platform:Atlassian``."""
    found = _VERDICT.fullmatch(words.strip())
    about = (found["about"] or "" if found else words).strip()
    service = make(about).lexicon.service(about) if about and not about.startswith("alr_") else None
    target = {} if not about else {"service": service} if service else {"alert": about.lstrip("#")}
    if found is None:
        return Answer("find_root_cause", target)
    said = found["what"].strip("\"'“” .!")
    was = "no" if "not" in found["verdict"].lower() else "yes"
    return Answer("judge_suspect", {**target, "suspect": make(said).lexicon.service(said) or said, "was": was})


def runbook(words: str, make: Callable[[str], Source]) -> Answer:
    """``/alerts runbook github availability https://…``; ``github off`` takes it away."""
    found = re.fullmatch(r"(?P<about>.*?)\s*(?P<page>https?://\S+|\boff|\bnone)?\s*", words, re.IGNORECASE | re.DOTALL)
    about, page = (found["about"].strip(), found["page"] or "") if found else ("", "")
    if about and not page:
        return Answer("set_runbook", {"about": about}, "Which page? A web address, or “off”.", "page", 0.9)
    return Answer("set_runbook", {"about": about, "page": page} if about else {})


def spanned(command: str) -> Callable[[str, Callable[[str], Source]], Answer]:
    """``/alerts digest 7d``."""

    def read(words: str, make: Callable[[str], Source]) -> Answer:
        said = duration(words)
        return Answer(command, {"window": said.iso} if said else {})

    return read


def tuned(words: str, make: Callable[[str], Source]) -> Answer:
    """``/alerts tune``: how good the rules are; ``/alerts tune github response_time warning 2s`` sets one; ``/alerts tune undo github``."""
    if not words.strip():
        return Answer("alert_quality")
    source = make(words)
    services = source.services(source.text)
    arguments: dict[str, Any] = {"service": services[0]} if services else {}
    if re.match(r"\s*undo\b", words, re.IGNORECASE):
        return Answer("set_threshold", {**arguments, "undo": "yes"})
    rest = re.sub(SERVICE, " ", source.text)
    for name, pattern in (("metric", _METRIC), ("severity", _LEVEL), ("value", _VALUE)):
        if found := pattern.search(words):
            arguments[name] = found[1].strip().lower()
            rest = pattern.sub(" ", rest, count=1)
    if left := _FILLING.sub(" ", rest).strip(" ,.:=<>"):
        return Answer(
            "set_threshold",
            arguments,
            f"I do not know “{left[:40]}” here. For example “/alerts tune github response_time warning 2s”.",
            "value",
            0.9,
        )
    if missing := next((name for name in ("metric", "severity", "value") if name not in arguments), ""):
        asked = {"metric": "Which metric?", "severity": "For which level: warning or critical?", "value": "At which value?"}[missing]
        return Answer("set_threshold", arguments, f"{asked} For example “/alerts tune github response_time warning 2s”.", missing, 0.9)
    return Answer("set_threshold", arguments)


def raised(words: str, make: Callable[[str], Source]) -> Answer:
    """The service is the one said as ``service:X``, else the first of ours that is named."""
    arguments: dict[str, Any] = {}
    for name, pattern in (("severity", _SEVERITY), ("service", _SERVICE), ("runbook", _RUNBOOK)):
        if found := pattern.search(words):
            arguments[name] = found[1] if name == "runbook" else found[1].lower()
            words = pattern.sub("", words, count=1)
    message = words.strip(" \"'“”")
    if not message:
        return Answer("raise_alert", arguments, "What is wrong? For example “github pushes hang for everybody”.", "text", 0.9)
    if "service" not in arguments:
        source = make(message)
        arguments |= {"service": named[0]} if (named := source.services(source.text)) else {}
    return Answer("raise_alert", {**arguments, "message": message})
