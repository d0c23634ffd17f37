"""``/signalbox model``: what the language model may be used for."""

from __future__ import annotations

import re

from intents.grammar.request import Answer

_SAID = re.compile(
    r"(?:(?P<switch>on|off)|(?:limit|budget)\s+(?P<tokens>[\d][\d,_. ]*)(?P<k>k|m)?)?(?:\s*(?:\b(?:for|in)\s+)?(?P<where>[a-z]+))?",
    re.IGNORECASE,
)
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000}


def model(words: str) -> Answer | None:
    """``on``, ``off``, ``limit 200,000``, each perhaps with a workspace; nothing to see it. None: words of another kind."""
    found = _SAID.fullmatch(words.strip())
    if found is None or (found["where"] and not (found["switch"] or found["tokens"])):
        return None
    arguments: dict[str, str | int] = {}
    if found["switch"]:
        arguments["switch"] = found["switch"].lower()
    if found["tokens"]:
        arguments["tokens"] = int(re.sub(r"\D", "", found["tokens"])) * _SCALE[(found["k"] or "").lower()]
    if found["where"]:
        arguments["workspace"] = found["where"].lower()
    return Answer("language_model", arguments)
