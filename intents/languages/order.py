"""Verbs that another language says last go where English says them: to the beginning of their clause."""

from __future__ import annotations

import re

from intents.languages.data import MOVABLE

_HARD = re.compile(r"(\s*[,.;:!?\n]+(?=\s|$)\s*|\s*→\s*)")
_SOFT = re.compile(r"(\s+(?:and|then|or)\s+)")
_OPENING = re.compile(
    r"\s*(?:(?:please|can you|could you|would you|i want to|i would like to|we want to|then|also|and|now|but|for me|to)\s+)*", re.IGNORECASE
)
_TIME = re.compile(
    r"(?:(?:every|each|on|at|in|from|between|the|first|second|third|last|next|of|and|to|day|days|weekdays?|weekend|week|weeks|month|months|quarter|hour|hours|minutes?|morning|evening|night"
    r"|noon|midnight|afternoon|daily|weekly|monthly|hourly|tomorrow|today|tonight|other|working|business|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|\d[\d:.]*(?:st|nd|rd|th|am|pm)?|two|three|four|half)(?=[\s,]|$)[\s]*)+",
    re.IGNORECASE,
)


def moved(text: str) -> str:
    """``text`` with its movable verbs in front of their clauses, and without the signs that tell them."""
    if MOVABLE not in text:
        return text
    pieces = _HARD.split(text)
    return "".join(piece if index % 2 else _clause(piece) for index, piece in enumerate(pieces)).replace(MOVABLE, "")


def _clause(text: str) -> str:
    """Parts between "and" each have their own verb, or share the next one."""
    parts = _SOFT.split(text)
    out: list[str] = []
    open_part = ""
    for index, part in enumerate(parts):
        if index % 2 == 0 and MOVABLE in part:
            out.append(_fronted(open_part + part))
            open_part = ""
        elif index % 2 and not open_part:
            out.append(part)
        else:
            open_part += part
    return "".join(out) + open_part


def _fronted(text: str) -> str:
    body = text.rstrip()
    match = re.search(
        rf"(?:^|\s)(?P<to>to\s+)?(?P<verb>\w[\w ]*?){MOVABLE}(?P<rest>(?:\s+(?:please|now|today|tomorrow|again|for me|(?:until|at|on|for)\s[^{MOVABLE}]*))?)$",
        body,
    )
    if match is None:
        return text
    opening = _OPENING.match(body)
    start = opening.end() if opening else 0
    verb = _verb_before(body, match.end("verb"))
    head, middle = body[:start], body[start : match.end("verb") - len(verb)].rstrip()
    middle = re.sub(r"\bto$", "", middle).rstrip()
    if not middle.strip():
        return head + verb + match["rest"]
    time = _TIME.match(middle)
    if time is not None and time[0].strip().lower() not in ("the", "of", "in", "on", "and", "to", "the first", "the last"):
        said = re.sub(r"\s*\b(?:the|in|on|from|of|to|at|last|first|next|and)\s*$", "", time[0].rstrip(), flags=re.IGNORECASE)
        head, middle = f"{head}{said} " if said else head, middle[len(said) :].strip()
    return f"{head}{verb} {middle}{match['rest']}"


def _verb_before(text: str, end: int) -> str:
    """The verb that ends at ``end``: one word, or one of the few of several."""
    for verb in _LONG_VERBS:
        if text[:end].endswith(" " + verb) or text[:end] == verb:
            return verb
    return text[:end].rsplit(" ", 1)[-1]


_LONG_VERBS = ("send an email to", "set up", "turn off", "put back", "back up")
