"""Services whose names are ordinary words too: in a command about services “box” or “monday” is the product where it stands like a name."""

from __future__ import annotations

import re
from dataclasses import replace

from intents.grammar.source import SERVICE, Source
from intents.lexicon import Marked
from intents.when.calendar_words import WEEKDAY

_ARTICLE = (
    r"(?<!\bthe )(?<!\ba )(?<!\bmy )(?<!\bour )(?<!\bthis )(?<!\bthat )(?<!\bdrop )(?<!\btext )(?<!\binput )(?<!\byour )(?<!\bcheck )"
)
_NAMES: tuple[tuple[str, str], ...] = (
    ("box", rf"{_ARTICLE}(?<![\w-])box(?![\w-])"),
    ("teams", r"(?<!\bthe )(?<!\bour )(?<!\ball )(?<!\bother )(?<!\btwo )(?<!\bboth )(?<!\byour )(?<!\bwhich )(?<![\w-])teams(?![\w-])"),
    (
        "monday",
        rf"(?:(?<=\bfor )|(?<=\bto )|(?<=\bof )|(?<=→ )|(?<=\buse )|(?<=\bwith )|(?<=\bthan )|(?<=\bis )|(?<=^))monday(?=\s*[?.!]*$|\s+(?:is|as|down|for|has|goes|instead|alerts?|backup|status|health|{SERVICE})\b|'s|\s*(?:→|=|:))",
    ),
)
_TIMED = re.compile(rf"\b(?:until|till|on|by|from|next|this|every|since)\s+{WEEKDAY}\b", re.IGNORECASE)


def with_bare_names(source: Source, text: str) -> Source:
    """``source`` with such words of ``text`` marked as services; the same object where there are none."""
    services, words = list(source.marked.services), list(source.marked.words)
    marked = source.text
    for service, pattern in _NAMES:
        if service not in source.lexicon.services or (service == "monday" and _TIMED.search(text)):
            continue
        found = re.search(pattern, marked, re.IGNORECASE)
        if found is None or len(services) >= 255:
            continue
        marked = marked[: found.start()] + chr(ord(SERVICE[1]) + len(services)) + marked[found.end() :]
        services.append(service)
        words.append(found[0])
    if len(services) == len(source.marked.services):
        return source
    return replace(source, text=marked, marked=Marked(marked, tuple(services), tuple(words)))
