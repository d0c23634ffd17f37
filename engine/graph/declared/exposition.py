"""Reads the text format of Prometheus line by line: name, labels, value, and perhaps a time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = re.compile(r"\s*([A-Za-z_:][A-Za-z0-9_:]*)\s*\{")
_LABEL = re.compile(r"\s*\"?([A-Za-z_][A-Za-z0-9_.]*)\"?\s*=\s*\"((?:[^\"\\]|\\.)*)\"\s*(,|(?=\}))")
_REST = re.compile(r"\s*\}\s*(\S+)(?:\s+-?[0-9]+(?:\.[0-9]+)?)?\s*(?:#.*)?")
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
        if row.lstrip().startswith(prefix):
            yield (_sample(row, number) if len(row) <= LONGEST else None) or number


def _sample(row: str, number: int) -> Sample | None:
    """From left to right, so that no line takes longer than it is long."""
    found = _NAME.match(row)
    if found is None:
        return None
    labels: dict[str, str] = {}
    at = found.end()
    while label := _LABEL.match(row, at):
        labels[label[1]] = _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], label[2])
        at = label.end()
    rest = _REST.fullmatch(row, at)
    return Sample(found[1], labels, finite(rest[1]), number) if rest else None


def finite(raw: object) -> float | None:
    """A finite number from a number or its text, as Prometheus writes them; None for NaN, infinities and anything else."""
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
