"""Reads the text format of Prometheus line by line: name, labels, value, and perhaps a time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SAMPLE = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)\s*\{(.*)\}\s*(\S+)(?:\s+(-?[0-9]+(?:\.[0-9]+)?))?\s*(?:#.*)?")
_LABEL = re.compile(r"\s*\"?([A-Za-z_][A-Za-z0-9_.]*)\"?\s*=\s*\"((?:[^\"\\]|\\.)*)\"\s*(?:,|$)")
_ESCAPED = re.compile(r"\\(.)")
LONGEST = 8_000  # characters of a line


@dataclass(frozen=True, slots=True)
class Sample:
    """``value`` None: not a finite number. ``line``: where it stands, 1-based."""

    name: str
    labels: dict[str, str]
    value: float | None
    line: int


def samples(text: str, prefix: str) -> Iterator[Sample | int]:
    """Of the metrics whose name begins with ``prefix``; for a line that cannot be read its number."""
    for number, row in enumerate(text.split("\n"), 1):
        if not row.lstrip().startswith(prefix):
            continue
        found = _SAMPLE.fullmatch(row.strip()) if len(row) <= LONGEST else None
        labels = _labels(found[2]) if found else None
        yield number if found is None or labels is None else Sample(found[1], labels, finite(found[3]), number)


def finite(raw: object) -> float | None:
    """A finite number from a number or its text, as Prometheus writes them; None for NaN, infinities and anything else."""
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _labels(text: str) -> dict[str, str] | None:
    """None where something else stands between the braces."""
    made: dict[str, str] = {}
    at = 0
    while at < len(text) and text[at:].strip():
        found = _LABEL.match(text, at)
        if not found:
            return None
        made[found[1]] = _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], found[2])
        at = found.end()
    return made
