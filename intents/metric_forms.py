"""The exact forms of metrics: ``/service metric add shop.orders stripe.list_charges data every 5m as eu in orders limit=10``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from intents.grammar.request import Answer
from intents.grammar.source import Source
from intents.named import pairs_of
from intents.when import duration

MakeSource = Callable[[str], Source]

_HEAD = re.compile(r"^metrics?\b\s*", re.IGNORECASE)
_EVERY = re.compile(r"\s+every\s+(?P<length>\d+\s*\w+|minute|hour|day)(?=\s|$)", re.IGNORECASE)
_ACCOUNT = re.compile(r"\s+as\s+(?P<name>[\w-]{1,40})(?=\s|$)", re.IGNORECASE)
_UNIT = re.compile(r"\s+in\s+(?P<unit>\S{1,20})(?=\s|$)", re.IGNORECASE)
_PAIR = re.compile(r"\s+(?=[A-Za-z_][\w.-]*=)")


def is_metric(words: str) -> bool:
    return bool(_HEAD.match(words))


def read(words: str, make: MakeSource) -> Answer:
    """``words``: what stands behind /service, beginning with metric or metrics."""
    verb, _, rest = _HEAD.sub("", words).partition(" ")
    match verb.lower():
        case "" | "list":
            return Answer("list_metrics")
        case "remove" | "unwatch" | "stop":
            name = rest.strip()
            return Answer("unwatch_metric", {"metric": name}) if name else Answer("unwatch_metric", {}, "Which metric?", "metric", 0.9)
        case "add" | "watch":
            return _added(rest.strip(), make)
    return Answer("unwatch_metric" if verb.lower() == "off" else "watch_metric", {}, _HINT, "metric", 0.9)


_HINT = "Say what to do: /service metrics, /service metric add NAME service.operation path every 5m, or /service metric remove NAME."


def _added(words: str, make: MakeSource) -> Answer:
    if not words:
        return Answer(
            "watch_metric",
            {},
            "Which number, and of what? For example “web.bugs github.search_issues count every 10m repo=acme/web”.",
            "name",
            0.9,
        )
    source = make(words)
    cut = _PAIR.search(source.text)
    head, pairs = (source.text[: cut.start()], source.text[cut.start() :]) if cut else (source.text, "")
    head = source.utterance.plain(source.marked.plain(head))
    arguments: dict[str, Any] = {}
    if every := _EVERY.search(head):
        length = duration(every["length"] if every["length"][0].isdigit() else f"1 {every['length']}")
        if length is None:
            return Answer("watch_metric", {}, f"“{every['length']}” is no length of time. How often? For example “every 5m”.", "every", 0.9)
        arguments["every"], head = length.iso, head[: every.start()] + head[every.end() :]
    for pattern, name, group in ((_ACCOUNT, "account", "name"), (_UNIT, "unit", "unit")):
        if found := pattern.search(head):
            arguments[name], head = found[group], head[: found.start()] + head[found.end() :]
    parts = [part for part in head.split() if part != "="]
    said = dict(zip(("metric", "action", "path"), parts, strict=False))
    given = pairs_of(source, pairs.strip()) if pairs else {}
    return Answer("watch_metric", {**said, **arguments, **({"arguments": given} if given else {})})
