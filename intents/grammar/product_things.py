"""Of which product a text speaks: the named ones, and those whose things it names."""

from __future__ import annotations

import re

from intents.grammar.source import EMAIL, SERVICE, Source
from intents.product_words import (
    CODE_HOSTS,
    FILE_STORES,
    MESSENGERS,
    THINGS,
    TOPICS,
)

TOPIC_SAID = {service: re.compile(rf"(?<![\w#@-])(?:{words})\b", re.IGNORECASE) for service, words in TOPICS.items()}


THING_SAID = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in THINGS.items()}


def topics(source: Source, text: str) -> list[str]:
    """The services that ``text`` names or whose things it names, in order; a named one counts before what its things are called."""
    found = [(match.start(), source.marked.service_at(match[0])) for match in re.finditer(SERVICE, text)]
    named = {service for _, service in found}
    for service, words in TOPIC_SAID.items():
        if service in source.lexicon.services and service not in named and (match := words.search(text)) is not None:
            found.append((match.start(), service))
    reply = re.search(rf"\b(?:reply|replying|respond|answer|send|picture)\b.*?{EMAIL}|^to\s+{EMAIL}", text, re.IGNORECASE)
    if reply is not None and "email" in source.lexicon.services:
        found.append((reply.start(), "email"))
    return list(dict.fromkeys(service for _, service in sorted(found) if service))


def own_thing(text: str, service: str) -> bool:
    if service in MESSENGERS:
        return bool(THING_SAID["messages"].search(text))
    if service in FILE_STORES:
        return bool(THING_SAID["files"].search(text))
    if service in CODE_HOSTS:
        return bool(THING_SAID["code"].search(text))
    return service in ("email", "google_calendar")
