"""Names that were said and are nowhere in what was read: asked about, because a place left out is a person who is not told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from intents.grammar.source import CHANNEL, EMAIL, LINK, PERSON, QUOTE, SERVICE, Source
from intents.when import DURATION

_NAMED = re.compile(rf"{QUOTE}|{LINK}|{EMAIL}|{CHANNEL}|{PERSON}")
# What a workflow made of a sentence has no step for: to wait between two deeds, and what comes of an answer that stays out.
_PAUSED = re.compile(
    rf"\b(?P<said>wait(?:s|ing)?\s+(?:for\s+)?(?:another\s+)?{DURATION}|{DURATION}\s+(?:later|afterwards)\b(?!\s+than)"
    r"|(?:if|when)\s+(?:he|she|they|nobody|no\s+one|somebody|someone)\s+(?:refuses?|declines?|rejects?|says?\s+no|disagrees?|(?:doesn't|does\s+not|don't|isn't|is\s+not)\s+(?:reply|answer|react|respond|agree)\w*)"
    r"|no\s+(?:reply|answer|response|reaction)\s+(?:in|within|for|after)\s+\w+(?:\s+\w+)?)",
    re.IGNORECASE,
)
_APPROVED = re.compile(
    r"\b(?P<said>(?:only\s+)?(?:after|with|needs?|requires?|subject\s+to|pending|upon|without)\s+(?:an?\s+|the\s+|prior\s+|written\s+|explicit\s+)*(?:approval|consent|sign-?off|permission|go-?ahead))\b", re.IGNORECASE
)
_ASK_APPROVER = "Who should approve it (“{}”)? Say for example “approval by @ops-lead”, or “without it”."
_ASK_PAUSED = (
    "I could not fit in “{}”: a workflow made of a sentence does one step after the other at once. “Without it” leaves it out; waiting and branches are written as YAML."
)
_ASK = "What should become of “{}”? I could not fit it in. Say it as a sentence of its own, for example “also post in #ops”, or “without it”."


def unused(source: Source, workflow: Mapping[str, Any]) -> str:
    """The first channel, person, address, link, quotation or product of the request that ``workflow`` has nowhere; "" where all are used."""
    values = [value.casefold().replace("\\", "") for value in _strings(workflow)]
    kept = " ".join(values)
    for match in _NAMED.finditer(source.text):
        said = source.plain(match[0])
        whole = said.casefold()
        forms = [whole.lstrip("@#"), match[0].casefold().lstrip("@#")]
        if re.fullmatch(LINK, match[0]):
            forms.append(said.casefold().rstrip("/").rpartition("/")[2])  # a link to an issue is its number
        if re.fullmatch(QUOTE, match[0]):
            used = any(whole.strip("@#") == value.strip("@#") or f"'{whole}'" in value or (whole in value and "event." not in value and len(value) < len(whole) + 4) for value in values)
        else:
            used = any(form and form in kept for form in forms)
        if not used:
            return said
    for mark in re.findall(SERVICE, source.text):
        if (source.marked.service_at(mark) or "") not in kept:
            return source.plain(mark)
    approved = _APPROVED.search(source.text)
    if approved is not None and "approval" not in (workflow.get("options") or {}) and "chat.ask_approval" not in values:
        return source.plain(approved["said"])
    held = _PAUSED.search(source.text)
    return source.plain(held["said"]) if held is not None and not any(value.startswith("wait") for value in values) else ""


def unused_question(words: str) -> str:
    """What to ask about ``words``."""
    return (_ASK_PAUSED if _PAUSED.search(words) else _ASK_APPROVER if _APPROVED.search(words) else _ASK).format(words[:80])


def without_words(text: str, words: str) -> str:
    """``text`` without the first ``words`` and the small word or sign that led to them."""
    lead = r"(?:[,;]?\s*(?:and|or|also|in|to|on|at|via|with)\s+(?:the\s+)?|[,;&+]\s*)?"
    return re.sub(rf"{lead}[\"'“‘]?{re.escape(words)}[\"'”’]?", "", text, count=1, flags=re.IGNORECASE).strip()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _strings(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _strings(inner)
    else:
        yield str(value)
