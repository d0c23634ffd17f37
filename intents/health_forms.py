"""The exact forms about health: ``/health github forecast``, ``/health github response_time over 24h``, ``/slo set github 99.5% within 800ms``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.workflow.catalogue import did_you_mean
from intents.grammar.monitor import metric_in
from intents.grammar.request import Answer
from intents.grammar.source import Source
from intents.when import window

MakeSource = Callable[[str], Source]
_FORECAST = re.compile(r"\b(?:forecast|outlook)\b", re.IGNORECASE)
_METRICS = re.compile(r"\b(?:metrics|figures)\b", re.IGNORECASE)
_FORMULA = re.compile(r"\b(?:formula\s*[:=]?\s*)?(legacy|signalbox)\b$", re.IGNORECASE)
_WINDOW = re.compile(r"\b(?:over|for|in|last)\s+(?:the\s+)?(?:last\s+)?(?=\d|hour|day|week)(?P<span>.+)$", re.IGNORECASE)
_GOAL = re.compile(r"(?<![\w.])(?P<goal>\d{1,3}(?:[.,]\d{1,4})?)\s*%")
_LIMIT = re.compile(
    r"\b(?:within|under|below)\s+(?P<number>\d{1,6}(?:[.,]\d{1,3})?)\s*(?P<unit>ms|milliseconds?|s|sec(?:onds?)?)\b", re.IGNORECASE
)
_ACCOUNT = re.compile(r"\bas\s+(?P<name>[\w-]{1,40})\b", re.IGNORECASE)
_KIND = re.compile(r"\b(availability|latency)\b", re.IGNORECASE)


def health(words: str, make: MakeSource) -> Answer:
    if not words:
        return Answer("health_report")
    more, rest = _span(words)
    if _FORECAST.search(rest):
        return _service("forecast", _FORECAST.sub(" ", rest), make, {}) if not _alone(_FORECAST, rest) else _which("forecast", "forecast")
    if formula := _FORMULA.search(rest):
        more, rest = {**more, "formula": formula[1].lower()}, rest[: formula.start()]
        return _service("health_report", rest, make, more) if rest.strip() else Answer("health_report", more)
    metric = metric_in(rest.replace("_", " "))
    if metric or _METRICS.search(rest):
        more |= {"metric": metric} if metric else {}
        source = make(rest)
        if named := source.services(source.text):
            return Answer("service_metrics", {"service": named[0], **more})
        return Answer("service_metrics", more, "Of which service?", "service", 0.9)
    return _service("health_report", rest, make, more) if rest.strip() else Answer("health_report", more)


def slo(words: str, make: MakeSource) -> Answer:
    """``list``, a service, ``set SERVICE GOAL% [within TIME] [over SPAN] [as ACCOUNT]``, ``remove SERVICE [availability|latency]``."""
    verb, _, rest = words.partition(" ")
    if verb.lower() in ("set", "add"):
        return _set(rest.strip(), make)
    if verb.lower() in ("remove", "delete", "off"):
        return _remove(rest.strip(), make)
    if verb.lower() in ("", "list"):
        return Answer("show_objectives")
    return _service("show_objectives", words, make, {})


def _set(words: str, make: MakeSource) -> Answer:
    more, words = _span(words)
    goal = _GOAL.search(words)
    if goal is not None:
        more["goal"] = round(float(goal["goal"].replace(",", ".")) / 100, 7)
        words = _GOAL.sub(" ", words, count=1)
    if limit := _LIMIT.search(words):
        seconds = float(limit["number"].replace(",", ".")) / (1000 if limit["unit"].lower().startswith("m") else 1)
        more["limit"] = f"PT{seconds:g}S"
        words = _LIMIT.sub(" ", words, count=1)
    more, words = _account(words, more)
    found = _service("set_objective", words, make, more) if words.strip() else _which("set_objective", "set", more)
    if goal is None and not found.question:
        return Answer("set_objective", found.arguments, "What share of answers is to be good? For example 99.5%.", "goal", 0.9)
    return found


def _remove(words: str, make: MakeSource) -> Answer:
    more: dict[str, Any] = {}
    if kind := _KIND.search(words):
        more["kind"], words = kind[1].lower(), _KIND.sub(" ", words, count=1)
    more, words = _account(words, more)
    return _service("remove_objective", words, make, more) if words.strip() else _which("remove_objective", "remove", more)


def _account(words: str, more: dict[str, Any]) -> tuple[dict[str, Any], str]:
    account = _ACCOUNT.search(words)
    return ({**more, "account": account["name"]}, _ACCOUNT.sub(" ", words, count=1)) if account else (more, words)


def _span(words: str) -> tuple[dict[str, Any], str]:
    """What was said of the window, and the words without it."""
    said = _WINDOW.search(words)
    found = window(said["span"]) if said else None
    return ({"window": found}, words[: said.start()].strip()) if said and found else ({}, words)


def _service(command: str, words: str, make: MakeSource, more: dict[str, Any]) -> Answer:
    plain = " ".join(words.split())
    source = make(plain)
    service = source.lexicon.service(plain)
    if service is not None:
        return Answer(command, {"service": service, **more})
    names = {name: one.id for one in source.lexicon.services.values() for name in (one.id, one.name.lower())}
    hint = did_you_mean(plain[:60], names)
    options = tuple((name, name) for name in re.findall(r"“(\w+)”", hint))
    return Answer(command, more, f"I do not know the service “{plain[:60]}”.{hint}", "service", 0.9, options)


def _which(command: str, verb: str, more: dict[str, Any] | None = None) -> Answer:
    return Answer(command, more or {}, f"Of which service? For example “{verb} github”.", "service", 0.9)


def _alone(pattern: re.Pattern[str], words: str) -> bool:
    return not pattern.sub(" ", words).strip()
