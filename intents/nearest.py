"""For what was not understood: the three commands whose words come nearest, each with an example to say."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from engine.commands.registry import commands

USUAL = ("create_workflow", "health_report", "list_alerts")  # where no word is shared with anything
_COMMON = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "for",
        "and",
        "or",
        "is",
        "are",
        "be",
        "was",
        "it",
        "its",
        "that",
        "this",
        "my",
        "our",
        "your",
        "you",
        "i",
        "we",
        "me",
        "us",
        "can",
        "do",
        "does",
        "with",
        "at",
        "by",
        "from",
        "as",
        "not",
        "what",
        "how",
        "which",
    ]
)


def nearest(text: str, limit: int = 3) -> tuple[tuple[str, str], ...]:
    """(what it does, an example), best first, always ``limit`` of them. Rare words count more: inverse document frequency over the commands' help."""
    rows, weights = _rows(), _weights()
    said = _stems(text)
    scores = {name: sum(weights.get(word, 0.0) for word in said & words) / math.sqrt(len(words) + 4) for name, words in rows.items()}
    ranked = sorted((name for name in rows if scores[name] > 0), key=lambda name: (-scores[name], name))
    chosen = dict.fromkeys([*ranked, *(name for name in USUAL if name in rows)])
    return tuple((commands()[name].HELP, commands()[name].EXAMPLE) for name in list(chosen)[:limit])


@cache
def _rows() -> Mapping[str, frozenset[str]]:
    return {name: _stems(f"{name} {one.HELP} {one.EXAMPLE}") for name, one in commands().items() if one.EXAMPLE and one.HELP}


@cache
def _weights() -> Mapping[str, float]:
    found = Counter(word for words in _rows().values() for word in words)
    return {word: math.log(1 + len(_rows()) / count) for word, count in found.items()}


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W\d_]{2,}", text[:2_000].casefold().replace("_", " "))
    return frozenset(re.sub(r"(?:ies|ing|ed|es|s)$", "", word) or word for word in words if word not in _COMMON)
