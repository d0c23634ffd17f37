"""What the house knows when the tests read, and a short way of reading."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.graph.declared.detect import read_declared
from engine.graph.declared.known import Known
from engine.graph.declared.line import Line
from engine.graph.declared.reading import Reading
from tests.engine.graph.houses import CATALOGUE

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUSE = Known(services=CATALOGUE.services)


def reading(text: bytes | str, *, hours: float | None = None) -> Reading:
    return read_declared(text, origin="a file", at=NOW, known=HOUSE, hours=hours)


def drawn(lines: tuple[Line, ...]) -> set[str]:
    """``web needs db``; with a question mark where it is soft, and the group behind."""
    return {
        f"{one.source} {one.kind.value}{'?' if one.soft else ''} {one.target}{f' ({one.at_least}: {one.group})' if one.group else ''}"
        for one in lines
    }


def told(found: Reading) -> str:
    return "\n".join(str(problem) for problem in found.problems)
