"""Names and values behind a command: which part is the workflow's name, and what stands as ``name=value``."""

from __future__ import annotations

import re
from typing import Any

from intents.grammar.request import known_name
from intents.grammar.source import QUOTE, Source
from intents.grammar.steps import typed
from intents.text import LINK

KEY = r"[A-Za-z_][\w.]*(?:\[\d+\][\w.]*)*"  # also of one entry of a foreach: post[3].text


def split_name(source: Source) -> tuple[str, str]:
    """(workflow, the rest): a quoted name, the longest name the team has, else the first word (up to a colon)."""
    text = source.text.strip()
    if re.match(QUOTE, text):
        return source.quote(text[0]), source.plain(text[1:])
    plain = source.utterance.plain(source.marked.plain(text), quoted=True)
    for name in sorted(source.workflows, key=len, reverse=True):
        if plain.casefold().startswith(name.casefold()) and (len(plain) == len(name) or not plain[len(name)].isalnum()):
            return name, plain[len(name) :].lstrip(" :")
    first, _, rest = plain.partition(" ")
    if first.endswith(":"):
        return first[:-1], rest.strip()
    whole = known_name(plain, source.workflows)
    if whole:
        return whole, ""
    return known_name(first, source.workflows) or first, rest.strip()


def whole_name(source: Source) -> str:
    """For forms that take nothing but a name: several words are one name."""
    plain = source.plain(source.text)
    return known_name(plain, source.workflows) or plain


def pairs_of(source: Source, text: str) -> dict[str, Any]:
    """``name=value …``; a value in quotes stays text."""
    out: dict[str, Any] = {}
    for match in re.finditer(rf"(?:^|(?<=\s))(?P<k>{KEY})=(?P<v>{QUOTE}|{LINK}|[^\s]*)", text):
        value = source.utterance.plain(source.marked.plain(match["v"]))
        out[match["k"]] = value if re.match(QUOTE, match["v"]) else typed(value)
    return out
