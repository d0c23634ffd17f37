"""Words taken back while speaking: "post in #ops, no wait, #support" → "post in #support"."""

from __future__ import annotations

import re

from intents.grammar.clauses import starts_deed
from intents.grammar.source import CHANNEL, EMAIL, PERSON, QUOTE, SERVICE

_MARK = re.compile(
    r"\s*(?:\.{2,}|…|[,;.(–—-])?\s*(?:\b(?:uh+|um+|hm+|oh|ah|er+)\b[\s,]*)?\b(?:no\s*,?\s*(?:wait|sorry)|wait\s*,?\s*(?:no|actually)|hold\s+on|scratch\s+that|strike\s+that"
    r"|forget\s+that|sorry\s*,?\s*(?:I\s+mean(?:t)?|make\s+that|no)|sorry|I\s+mean(?:t)?|make\s+that|correction|(?:or\s+)?rather|or\s+actually|actually(?:\s*,?\s*no)?|oops|nope|nah|no)\b(?:\s*,)?(?:\s*(?:make\s+it|make\s+that|better|use"
    r"|it's|I\s+mean(?:t)?|not\s+that)\b)?[\s,:…]*(?:\.{2,})?\s*",
    re.IGNORECASE,
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_HOUR = r"\d{1,2}(?:[:.]\d{2})?(?:\s*[ap]m)?"
# What a thing is said to be instead: of the same kind as what stands there.
_KINDS = (
    rf"(?:(?:in|to|on)\s+)?(?:{CHANNEL})",
    rf"(?:(?:to|from)\s+)?(?:{EMAIL})",
    rf"(?:(?:to|from|for)\s+)?(?:{PERSON})",
    rf"(?:(?:in|to|on|with|from)\s+)?(?:{SERVICE})(?!\s+{SERVICE})",
    r"(?:at\s+)?\d{1,2}(?::\d{2}\s*(?:am|pm)?|\s*(?:am|pm)\b)",
    rf"(?:on\s+)?(?:every\s+)?{_WEEKDAY}\b",
    QUOTE,
    r"\d+(?:\.\d+)?\s*(?:times|minutes?|hours?|days?|retries|%|euros?|dollars?|EUR|USD|GBP|pounds?)\b",
)
_BEFORE = re.compile(r"(?:[,;:?]|→|\band\b|\bthen\b)\s*(?:then\s+|also\s+)?", re.IGNORECASE)
# "add a row … no, a page in X": another thing in place of the one that was to be made.
_ANOTHER = re.compile(r"(?:an?|one)\s+(?!sec|moment|minute)\w", re.IGNORECASE)
_MADE = re.compile(
    r"\b(?P<deed>add|create|make|open|file|raise|write|log|send|post|put|start|book|schedule|set\s+up|upload|insert|draft|generate|publish)\s+(?:an?|one|the)\s+",
    re.IGNORECASE,
)
_SKIP = re.compile(
    r"^(?:just\s+)?(?:skip|drop|leave\s+out|forget|without|not|don't\s+do|ignore)\s+(?:about\s+)?(?:the\s+|that\s+)?(?P<what>[\w-]+)(?:\s+(?:part|step|thing))?(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_JUST = re.compile(r"^\s*,?\s*(?:just|only)\s+(?:the|that)\s+[\w-]+\s*[.!]*", re.IGNORECASE)
MOST = 4  # corrections in one request


def amended(text: str) -> str:
    """``text`` as it is meant after every correction in it; a mark of correction that corrects nothing we can tell stays where it is."""
    at = 0
    for _ in range(MOST):
        mark = _MARK.search(text, at)
        if mark is None:
            break
        mended = _mended(text[: mark.start()], text[mark.end() :])
        if mended is None:
            at = mark.end()
        else:
            text = mended
    return text


def _mended(old: str, new: str) -> str | None:
    if len(old.split()) < 2 or not new.strip():
        return None
    hour = re.match(rf"(?:at\s+)?(?P<h>{_HOUR})\s*(?=[.!,]|$)", new, re.IGNORECASE)
    told = list(re.finditer(rf"\bat\s+(?P<h>{_HOUR})\b", old, re.IGNORECASE))
    if hour is not None and told:
        return old[: told[-1].start("h")] + hour["h"] + old[told[-1].end("h") :] + new[hour.end() :]
    for kind in _KINDS:
        said = re.match(kind, new, re.IGNORECASE)
        meant = list(re.finditer(kind, old, re.IGNORECASE))
        if said is not None and meant:
            return old[: meant[-1].start()] + said[0] + old[meant[-1].end() :] + new[said.end() :]
    thing = _ANOTHER.match(new)
    before = list(_MADE.finditer(old)) if thing is not None else []
    if before:
        return old[: before[-1].end("deed")] + " " + new
    skipped = _SKIP.match(new)
    if skipped is not None:
        return _without(old, skipped["what"], skipped["rest"])
    if starts_deed(new):
        borders = [border for border in _BEFORE.finditer(old) if starts_deed(old[border.end() :])]
        if borders:
            return f"{old[: borders[-1].end()]} {new}"
        return new if starts_deed(old) else None
    return None


def _without(old: str, what: str, rest: str) -> str | None:
    """The deed that speaks of ``what`` is left out: "… and react, nah, skip the reaction"."""
    stem = re.escape(what.lower()[:5].rstrip("s"))
    borders = list(_BEFORE.finditer(old))
    for index in range(len(borders) - 1, -1, -1):
        end = borders[index + 1].start() if index + 1 < len(borders) else len(old)
        if re.search(rf"\b{stem}", old[borders[index].end() : end], re.IGNORECASE):
            return old[: borders[index].start()] + " " + old[end:] + _JUST.sub("", rest)
    return None
