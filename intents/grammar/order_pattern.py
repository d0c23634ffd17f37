"""The small language of ``intents.order_forms``: one form of an order in words → a pattern with a named place for each input.

    (move|drag) [the] card {card} to [the] [list] {list}

Words stand for themselves, ``(a|b)`` is one of several, ``[x]`` may be left out, ``{input}`` or ``{input:kind}`` is what was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from intents.grammar.source import BLANK, CAPITALS, CHANNEL, EMAIL, LINK, PERSON, QUOTE, REPO

_CHARS = f"[^{BLANK}]"
_NO_BEGINNING = r"(?-i:for|in|with|to|on|at|from|of|by|and|as|under|into|about|via|using|when|if|called|named|titled)\b"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_TIME = (
    r"(?:(?:today|tomorrow|tonight|next|this|coming|noon|midnight|eod|(?:day|week)\s+after|(?:mon|tues?|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?)\b"
    rf"|\d{{4}}-\d\d-\d\d|\d{{1,2}}[:.]\d\d\b|\d{{1,2}}\s?[ap]m\b|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})|(?:{_MONTHS})[a-z]*\s+\d"
    r"|\d{1,3}\s+(?:minutes?|min|hours?|days?|weeks?)\b|end\s+of\b)"
)
# What may stand at a place. “name”: what something is called; “text”: words to write; “rest”: all that follows; “said”: words that may hold a time.
KINDS: dict[str, str] = {
    "name": rf"(?!{_NO_BEGINNING}){_CHARS}{{1,120}}?",
    "capitals": rf"(?:{QUOTE}|{CAPITALS})",
    "query": rf"{_CHARS}{{1,120}}?",
    "words": rf"{_CHARS}{{1,200}}?",
    "text": rf"{_CHARS}{{1,200}}?",
    "message": rf"{_CHARS}{{1,200}}?",
    "said": rf"{_CHARS}{{1,200}}?",
    "rest": rf"{_CHARS}{{1,600}}",
    "word": rf"(?:{QUOTE}|[\w][\w.+-]*)",
    "status": rf"(?:{QUOTE}|[\w][\w'-]*(?:\s+[\w'-]+){{0,3}}?)",
    "state": r"(?:open|closed|unsolved|solved|pending|overdue|unpaid|paid|failed|succeeded|successful|new|done|won|lost|merged|refunded|disputed|hold)",
    "number": r"#?\d{1,12}",
    "ref": rf"(?:{LINK}|{REPO}[#!]\d{{1,9}}|[#!]?\d{{1,9}})",
    "here": rf"(?:{LINK}|{REPO}[#!]\d{{1,9}})",
    "repo": REPO,
    "key": rf"(?:{LINK}|(?-i:[A-Z][A-Z0-9]+-\d+))",
    "link": LINK,
    "email": EMAIL,
    "person": rf"(?:{EMAIL}|{PERSON}|me|(?!the\b|a\b|an\b)[\w.'-]+(?:\s+[A-Z][\w.'-]*)?)",
    "who": rf"(?:{EMAIL}|{PERSON})",
    "people": rf"(?:{EMAIL}|{PERSON})(?:\s*(?:,|and|&)\s*(?:and\s+)?(?:{EMAIL}|{PERSON}))*",
    "mails": rf"(?:{EMAIL}|{PERSON})(?:\s*(?:,|and|&)\s*(?:and\s+)?(?:{EMAIL}|{PERSON}))*",
    "channel": rf"(?:{CHANNEL})",
    "slug": r"#?[\w][\w-]*(?:\s+(?!with\b|and\b|for\b|in\b)[\w-]+){0,4}",
    "going": r"in\s+(?:progress|review|testing|test|qa|development)",
    "sought": r"[\w.-]+(?:\s+[\w.-]+){0,3}",
    "yml": r"[\w.-]+\.ya?ml",
    "emoji": r":[\w+-]+:",
    "id": r"[a-z]{2,6}_\w+",
    "money": r"(?:[€$£]\s?|(?:EUR|USD|GBP|CHF)\s?)?\d[\d,.']*k?(?:\s?(?:€|\$|£|EUR|USD|GBP|CHF|euros?|dollars?|pounds?)(?!\w))?",
    "day": r"(?:tomorrow|(?:next\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{4}-\d\d-\d\d)",
    "listed": rf"(?:{QUOTE}|[\w-]+)(?:\s*(?:,|and)\s*(?:{QUOTE}|[\w-]+))*",
    "metric": r"[\w][\w -]{1,40}?",
    "when": rf"(?:(?:on|at|in|by|from)\s+)?(?:the\s+)?{_TIME}.{{0,50}}?",
    "span": r"\S.{1,40}?",
    "long": r"\S.{1,30}?",
    "branch": r"[\w][\w./-]*",
    "verb": r"(?:GET|POST|PUT|PATCH|DELETE|HEAD)",
    "payer": rf"(?:{EMAIL}|{QUOTE}|cus_\w+|(?-i:[A-Z][\w&.'-]*(?:\s+[A-Z][\w&.'-]*){{0,3}}))",
    "code": r"#?[\w-]*\d[\w-]*",
    "tracked": rf"(?:{QUOTE}|[\w][\w.-]*)",
    "actor": rf"(?:{EMAIL}|{PERSON}|{QUOTE}|[\w][\w.-]*)",
}
FREE = frozenset(
    {"name", "text", "said", "rest", "status", "when", "message", "words", "query", "span", "long", "metric", "slug", "sought"}
)
TIMED = frozenset(
    {"rest", "words", "said", "when", "span", "long", "day", "money", "number", "ref", "code"}
)  # a time in these belongs to what was said there
_TOKEN = re.compile(r"\s+|\[|\]|\(|\)|\||\{(?P<slot>\w+)(?::(?P<kind>\w+))?\}|(?P<word>[^\s\[\](){}|]+)")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say ``action``. ``bare``: its service need not be named. ``kinds``: by input. ``always``: what these words also mean."""

    action: str
    pattern: re.Pattern[str]
    bare: bool
    kinds: Mapping[str, str]
    always: Mapping[str, object] = field(default_factory=dict)

    @property
    def strict(self) -> bool:
        """Nothing in it could swallow another order."""
        return not FREE & set(self.kinds.values())


def form(action: str, written: str) -> Form:
    """Read one form as written in the table. ``~`` in front: bare; ``=> name=value`` behind: always."""
    words, _, always = written.partition("=>")
    bare, words = words.startswith("~"), words.lstrip("~").strip()
    kinds: dict[str, str] = {}
    parts = [_translated(match, kinds) for match in _TOKEN.finditer(words)]
    return Form(action, re.compile(rf"{''.join(parts)}\s*[.!?]*\s*\Z", re.IGNORECASE | re.DOTALL), bare, kinds, _constants(always))


def _translated(match: re.Match[str], kinds: dict[str, str]) -> str:
    if match["slot"]:
        kind = match["kind"] or (match["slot"] if match["slot"] in KINDS else "name")
        kinds[match["slot"]] = kind
        return rf"\s+(?P<{match['slot']}>{KINDS[kind]})"
    if match["word"]:
        word = match["word"]
        return rf"\s*{word}" if word in (",", ":") else rf"\s+{re.escape(word)}"
    return {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|"}.get(match[0].strip(), "")


def _constants(text: str) -> dict[str, object]:
    pairs = [pair.strip().partition("=") for pair in text.split(",") if pair.strip()]
    return {name: {"true": True, "false": False}.get(value, value) for name, _, value in pairs}


def first_words(written: str) -> frozenset[str]:
    """The words a form can begin with; none = any."""
    words = written.lstrip("~").strip()
    if words.startswith("("):
        return frozenset(option.split()[0].lower() for option in words[1 : words.index(")")].split("|"))
    return frozenset() if words[0] in "[{" else frozenset({words.split()[0].lower()})
