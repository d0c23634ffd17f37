"""The exact forms of alerts that people raise themselves: ``/alerts raise severity:high github pushes hang``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from intents.grammar.request import Answer
from intents.grammar.source import Source

_SEVERITY = re.compile(r"\bseverity:(\w{1,20})\s*", re.IGNORECASE)
_SERVICE = re.compile(r"\bservice:(\S{1,60})\s*", re.IGNORECASE)
_RUNBOOK = re.compile(r"\brunbook:(https?://\S{1,400})\s*", re.IGNORECASE)


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
