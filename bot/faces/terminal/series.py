"""A numeric series in a CSV file: read row by row, so that the file may be larger than memory."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from engine.errors import Rejected

COLUMNS = ("timestamp", "value")
MILLISECONDS = 1e11  # numbers from here on are milliseconds since 1970, below it seconds (until the year 5138)


@dataclass(frozen=True, slots=True)
class Row:
    """``timestamp`` and ``number`` are the text as it stood; ``value`` is None for an empty one, and may be NaN or infinite."""

    timestamp: str
    number: str
    at: datetime
    value: float | None


def rows(file: str) -> Iterator[Row]:
    """The rows of a file with a header that names ``timestamp`` and ``value``, among others perhaps; blank lines are skipped.

    Raises Rejected, naming the line, for what cannot be read; the rows before it have been given by then.
    """
    for line, cells, places in cells_of(file, COLUMNS):
        yield _row(file, line, cells, places)


def cells_of(file: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str], tuple[int, ...]]]:
    """(line, its cells, where ``columns`` stand) of each line below the header that is not blank. Raises Rejected, naming the line."""
    with opened(file) as text:
        reader = csv.reader(text)
        try:
            places = places_of(file, next(reader, None), columns)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells, places
        except csv.Error as error:
            raise Rejected(f"{file}, line {reader.line_num}: this is no CSV ({error}).") from error
        except UnicodeDecodeError as error:
            raise Rejected(f"{file} is not UTF-8 text after line {reader.line_num}. Save it as UTF-8.") from error


@contextmanager
def opened(file: str) -> Iterator[TextIO]:
    """Raises Rejected when it cannot be."""
    try:
        text = Path(file).open(encoding="utf-8-sig", newline="")  # noqa: SIM115 - closed below; only opening it is excused
    except (OSError, ValueError) as error:
        raise Rejected(
            f"{file or 'A path without a name'} cannot be read ({getattr(error, 'strerror', None) or error}). Name a CSV file."
        ) from error
    with text:
        yield text


def places_of(file: str, header: list[str] | None, columns: Sequence[str]) -> tuple[int, ...]:
    """Where these columns stand. Raises Rejected when one is missing or named twice."""
    if not header:
        raise Rejected(f"{file} is empty. Its first line names the columns: {','.join(columns)}")
    names = [name.strip().lower() for name in header]
    missing = [name for name in columns if names.count(name) != 1]
    if missing:
        raise Rejected(
            f"{file}, line 1: the header names no column (or several) for {' and '.join(missing)}. It should say: {','.join(columns)}"
        )
    return tuple(map(names.index, columns))


def _row(file: str, line: int, cells: list[str], places: tuple[int, ...]) -> Row:
    if len(cells) <= max(places):
        raise Rejected(f"{file}, line {line}: {len(cells)} column{'s' if len(cells) != 1 else ''} where the header names more.")
    timestamp, number = (cells[place].strip() for place in places)
    at = moment(timestamp)
    if at is None:
        raise Rejected(
            f"{file}, line {line}: “{timestamp[:40]}” is no timestamp. Write for example 2026-11-23 10:00:00, or seconds since 1970."
        )
    try:
        value = float(number) if number else None
    except ValueError as error:
        raise Rejected(f"{file}, line {line}: “{number[:40]}” is no number. Write one, or leave it empty.") from error
    return Row(timestamp, number, at, value)


def moment(text: str) -> datetime | None:
    """From seconds or milliseconds since 1970, or ISO 8601 (UTC when it names no zone); None for what is neither."""
    try:
        return _counted(float(text))
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _counted(number: float) -> datetime | None:
    if not math.isfinite(number):
        return None
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) >= MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
