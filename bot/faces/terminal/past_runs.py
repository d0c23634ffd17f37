"""A history of runs in a CSV file: workflow, started_at and succeeded of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.faces.terminal.series import cells_of, moment
from engine.errors import Rejected
from engine.prediction.success.replay import PastRun

COLUMNS: Final = ("workflow", "started_at", "succeeded")
OUTCOMES: Final = {"1": True, "true": True, "yes": True, "1.0": True, "0": False, "false": False, "no": False, "0.0": False, "": None}
SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class History:
    """``texts``: the timestamps as they stood. ``day_first``: dates with slashes were read as day/month/year, since some make no sense otherwise."""

    runs: tuple[PastRun, ...]
    texts: tuple[str, ...]
    day_first: bool = False


def read_history(file: str) -> History:
    """All rows of a file whose header names the three columns, in whatever order; blank lines are skipped.

    ``succeeded``: 1, true or yes, 0, false or no; empty while nobody knows. ``started_at``: ISO 8601 (UTC when it names no zone), seconds or milliseconds
    since 1970, or month/day/year with a time. Raises Rejected, naming the line, for what cannot be read.
    """
    rows = list(_rows(file))
    day_first = _day_first(file, [(row.line, row.started) for row in rows if SLASHED.fullmatch(row.started)])
    runs = tuple(PastRun(row.workflow, _seconds(file, row, day_first), row.succeeded) for row in rows)
    return History(runs, tuple(row.started for row in rows), day_first)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    workflow: str
    started: str
    succeeded: bool | None


def _rows(file: str) -> Iterator[_Row]:
    for line, cells, places in cells_of(file, COLUMNS):
        yield _row(file, line, cells, places)


def _row(file: str, line: int, cells: Sequence[str], places: Sequence[int]) -> _Row:
    if len(cells) <= max(places):
        raise Rejected(f"{file}, line {line}: {len(cells)} column{'s' if len(cells) != 1 else ''} where the header names more.")
    workflow, started, succeeded = (cells[place].strip() for place in places)
    if not workflow:
        raise Rejected(f"{file}, line {line}: no workflow is named.")
    if succeeded.lower() not in OUTCOMES:
        raise Rejected(f"{file}, line {line}: “{succeeded[:40]}” says neither that it succeeded nor that it failed. Write 1 or 0, or leave it empty.")
    return _Row(line, workflow, started, OUTCOMES[succeeded.lower()])


def _day_first(file: str, dates: Sequence[tuple[int, str]]) -> bool:
    """Month first, unless a date of the file makes no sense so."""
    firsts: dict[bool, tuple[int, str]] = {}
    seconds: dict[bool, tuple[int, str]] = {}
    for line, text in dates:
        first, second, *_ = text.split("/")
        firsts.setdefault(int(first) > 12, (line, text))
        seconds.setdefault(int(second) > 12, (line, text))
    if True in firsts and True in seconds:
        (line, text), (other_line, other) = firsts[True], seconds[True]
        raise Rejected(
            f"{file}: “{text}” (line {line}) can only be day/month/year, and “{other}” (line {other_line}) only month/day/year."
            " Write all of them in one way, best as 2026-11-23 10:00:00."
        )
    return True in firsts


def _seconds(file: str, row: _Row, day_first: bool) -> float:
    slashed = SLASHED.fullmatch(row.started)
    at = _slashed(slashed, day_first) if slashed else moment(row.started)
    if at is None:
        raise Rejected(
            f"{file}, line {row.line}: “{row.started[:40]}” is no timestamp. Write for example 2026-11-23 10:00:00, 11/23/2026 10:00, or seconds since 1970."
        )
    return at.timestamp()


def _slashed(found: re.Match[str], day_first: bool) -> datetime | None:
    first, second, year, hour, minute, seconds = (int(part or 0) for part in found.groups())
    month, day = (second, first) if day_first else (first, second)
    try:
        return datetime(year, month, day, hour, minute, seconds, tzinfo=UTC)
    except ValueError:
        return None
