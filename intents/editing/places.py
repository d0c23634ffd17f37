"""Another place for what is told: “no, #support”, “#ops instead of #dev”, “post it to @max instead”."""

from __future__ import annotations

import re

from intents.editing.work import Result, Work
from intents.grammar.source import CHANNEL, EMAIL, PERSON

_D = rf"(?:{CHANNEL}|{PERSON}|{EMAIL})"
_NAMES = ("channel", "to", "user")
_LEAD = r"(?:(?:make|use|tell|post|put|send|move|change|switch|notify|ping|set|take|I\s+mean|I\s+meant|replace)\s+(?:it|that|this|the\s+(?:channel|post|message|place)|them)?\s*)?"


def read_place(work: Work) -> Result:
    swapped = work.match(
        rf"{_LEAD}(?:to|in|into|with|on)?\s*(?P<new>{_D})\s+(?:instead\s+of|not|rather\s+than|,\s*not)\s+(?:in\s+|to\s+)?(?P<old>{_D})"
    )
    swapped = swapped or work.match(
        rf"(?:replace|change|switch|move|swap)\s+(?:it\s+)?(?:from\s+)?(?P<old>{_D})\s+(?:with|to|by|into|for|→)\s+(?P<new>{_D})(?:\s+instead)?"
    )
    swapped = swapped or work.match(rf"not\s+(?:in\s+|to\s+)?(?P<old>{_D})\s*,?\s+(?:but\s+)?(?:in\s+|to\s+)?(?P<new>{_D})")
    plain = work.match(
        rf"{_LEAD}(?:to|in|into|with|on)?\s*(?P<new>{_D})(?:\s+instead)?(?:\s+(?:for|of|in)\s+(?:the\s+)?step\s+(?P<n>\d+))?"
    )
    found = swapped or plain
    if found is None:
        return None
    new = found["new"]
    old = swapped["old"] if swapped else ""
    spots = _spots(work, old)
    if plain is not None and not swapped and plain["n"]:
        spots = [(index, name) for index, name in spots if index == int(plain["n"]) - 1]
    if not spots:
        return work.raw if _spots(work, new) else None
    kinds = {index for index, _ in spots}
    if len(kinds) > 1 and not old:
        asked = work.source.plain(new)
        return work.which(f"Which of the {len(kinds)} should go to {asked}?", sorted(kinds), f"use {asked} for step {{n}}")
    for index, name in spots:
        work.steps[index]["with"][name] = new
    return work.raw


def _spots(work: Work, old: str) -> list[tuple[int, str]]:
    """Where a place stands that is ``old``, or any."""
    found = []
    for index, step in enumerate(work.steps):
        for name in _NAMES:
            value = step.get("with", {}).get(name)
            if isinstance(value, str) and (value.casefold() == old.casefold() if old else re.fullmatch(rf"{_D}|@me", value)):
                found.append((index, name))
    return found
