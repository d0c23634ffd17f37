"""“Did you mean …”: the names closest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

CLOSE = 60.0  # of 100; below it a suggestion puzzles more than it helps


def nearest(name: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """At most ``limit`` of ``names``, the closest first, none when nothing is close."""
    found = process.extract(name, list(names), scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=CLOSE)
    return [match for match, _, _ in found]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence to put behind “there is no …”: near names, else all of them when they are few."""
    known = list(dict.fromkeys(names))
    close = nearest(name, known)
    if close:
        return f" Did you mean {' or '.join(f'“{match}”' for match in close)}?"
    if known and len(known) <= 12:
        return f" There is: {', '.join(known)}."
    return ""
