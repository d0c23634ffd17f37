"""The forms of trying things out: ``/flow rehearse release trello down, 20 times``, ``/flow replay release 7d``, and the same in sentences.

What goes wrong is handed on as it was said: whoever rehearses reads it, the same for a button's form and for REST.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from intents.grammar.request import Answer, Request, known_name, which_workflow
from intents.grammar.source import QUOTE, Source
from intents.named import KEY, pairs_of, split_name
from intents.text import LINK
from intents.when import window

MakeSource = Callable[[str], Source]

_PAIR = re.compile(rf"(?:^|(?<=\s)){KEY}=(?:{QUOTE}|{LINK}|[^\s]*)")
_SEED = re.compile(r"^(?:seed|share)=", re.IGNORECASE)
_REHEARSE = re.compile(
    r"^(?:rehears(?:e|ing)|dry[\s-]?run|simulate(?=\s+a\s+run\s+of))\s+(?:a\s+run\s+of\s+|the\s+|our\s+|my\s+)?(?:work\s?flow\s+)?(?P<rest>.+)$",
    re.IGNORECASE,
)
_REPLAY = re.compile(
    r"^replay(?:ing)?\s+(?:the\s+)?(?:(?P<before>last\s+.+?)\s+(?:against|with|on|of|for)\s+)?(?:the\s+|our\s+|my\s+)?(?:work\s?flow\s+)?(?P<rest>.+)$",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"\s+(?:with|where|while|when|if|under|and)\s+", re.IGNORECASE)
_OVER = re.compile(
    r"\s+(?:(?:on|over|against|with|for|of)\s+)?(?:the\s+)?(?:(?:last|past)\s+.+|P\d\w*|\d+\s*(?:d|days?|h|hours?|w|weeks?))\s*$",
    re.IGNORECASE,
)


def rehearse(words: str, make: MakeSource) -> Answer:
    """A name, then ``name=value`` of its inputs or event, then what goes wrong."""
    source = make(words)
    given = [match for match in _PAIR.finditer(source.text) if not _SEED.match(match[0])]
    inputs = pairs_of(source, " ".join(match[0] for match in given))
    rest = source.text
    for match in reversed(given):
        rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    name, faults = split_name(replace(source, text=rest.strip()))
    if not name:
        return which_workflow(source, "rehearse_workflow", {}, "rehearse")
    return _rehearsal(name, faults, inputs)


def replay(words: str, make: MakeSource) -> Answer:
    """A name, then how far back."""
    source = make(words)
    plain = source.plain(source.text)
    name, span = _apart(plain, source)
    if not name:
        return which_workflow(source, "replay_workflow", {}, "replay")
    return _replayed(name, span)


def read_rehearsal(request: Request) -> Answer | None:
    """“rehearse release with github down”, “replay release over the last 3 days”; None for anything else."""
    text = request.source.plain(request.text)
    if found := _REHEARSE.match(text):
        name, faults = _name_first(found["rest"], request.source)
        return _rehearsal(name, faults, {})
    if found := _REPLAY.match(text):
        name, span = _apart(found["rest"], request.source)
        return _replayed(name, span or found["before"] or "")
    return None


def _rehearsal(name: str, faults: str, inputs: dict[str, Any]) -> Answer:
    said = {"workflow": name, "words": faults.strip(" .!?"), "inputs": inputs}
    return Answer("rehearse_workflow", {key: value for key, value in said.items() if value})


def _replayed(name: str, span: str) -> Answer:
    length = window(span.strip()) or (span.strip() if span.strip().upper().startswith("P") else "")
    return Answer("replay_workflow", {"workflow": name, **({"window": length} if length else {})})


def _name_first(text: str, source: Source) -> tuple[str, str]:
    """The longest name the team has; else what stands before “with”; else all of it."""
    for name in sorted(source.workflows, key=len, reverse=True):
        if text.casefold().startswith(name.casefold()) and not text[len(name) : len(name) + 1].isalnum():
            return name, text[len(name) :].strip(" ,:")
    behind = _BEHIND.search(text)
    name = text[: behind.start()] if behind else text
    return known_name(name.strip(), source.workflows) or name.strip(" .!?"), text[behind.end() :] if behind else ""


def _apart(text: str, source: Source) -> tuple[str, str]:
    """(name, how far back)."""
    over = _OVER.search(text)
    name = (text[: over.start()] if over else text).strip(" .!?\"'“”")
    return known_name(name, source.workflows) or name, over[0] if over else ""
