"""Causes told in a sentence of their own: "Post in #x. It should happen when a card moves." → "Post in #x when a card moves."."""

from __future__ import annotations

import re

_OCCURS = (
    r"(?:happens?|occurs?|runs?|starts?|fires?|begins?|triggers?|kicks?\s+(?:in|off)|goes\s+off|go\s+off"
    r"|be\s+(?:done|sent|posted|started|triggered|run|fired|kicked\s+off)|is\s+(?:started|triggered|fired|kicked\s+off|done)(?:\s+by)?)"
)
_WHEN = r"(?:when(?:ever)?|if|once|as\s+soon\s+as|each\s+time|every\s+time|any\s?time|the\s+(?:moment|second|minute)|upon|after)"
_TOLD_LATER = re.compile(
    rf"(?<=[^.!?;\s])\s*[.!?;]\s+(?:and\s+|so\s+|please\s+)?"
    rf"(?:(?:(?:it|this|that|the\s+(?:workflow|flow|bot|thing|automation))\s+)?(?:(?:should|must|has\s+to|needs\s+to|is\s+to|shall|will|would|can)\s+)?(?:only\s+)?{_OCCURS}"
    r"|(?:please\s+)?(?:always\s+)?(?:do|start|run|trigger|fire|send|post)\s+(?:this|that|it|so|them)"
    r"|(?:the\s+)?(?:trigger|cause|condition|event)(?:\s+(?:is|should\s+be|being)|\s*:)(?:\s+that)?|namely|that\s+is|i\.e\.)\s*,?\s+"
    rf"(?P<when>{_WHEN}\s|for\s+(?:each|every|any|all)\s|on\s+(?:each|every|any)\s)",
    re.IGNORECASE,
)
_HEADED = re.compile(
    r"(?<=[^.!?;\s])\s*[.!?;]\s+(?:the\s+)?(?:trigger|cause|condition|when|event|start(?:ed)?\s+by|triggered\s+by|caused\s+by)\s*(?::|=|is)\s+(?:when\s+|if\s+|that\s+)?",
    re.IGNORECASE,
)


_WHICHEVER = re.compile(
    r"\s*,?\s+whichever(?:\s+of\s+(?:these|the\s+two|them|both))?\s+(?:occurs|happens|comes)(?:\s+first)?\s*(?::|,|of|is|–|—|-)\s*",
    re.IGNORECASE,
)


def joined(text: str) -> str:
    """``text`` with such a sentence made the end of the one before it; unchanged where there is none."""
    text = _WHICHEVER.sub(" when either ", text, count=1)
    found = _TOLD_LATER.sub(lambda match: f" {match['when']}", text, count=1)
    return _HEADED.sub(" when ", found, count=1) if found == text else found
