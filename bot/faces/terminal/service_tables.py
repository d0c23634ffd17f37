"""The files of `root-cause`: who calls whom as a matrix, and measurements of many services in PetShop's layout (headers of several rows)."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.errors import Rejected
from engine.graph.blame.series import EMPTY, NodeSeries, Table
from engine.workflow.catalogue import listed

HEADERS: Final = ("microservice", "metric", "statistic")
METRICS: Final = ("latency", "requests", "availability")
MEAN: Final = "Average"  # as CloudWatch calls it
LARGEST: Final = 200_000_000  # bytes of a file
LINES: Final = 1_000_000  # lines of a graph
CELLS: Final = 20_000_000  # values of a table


def read_graph(file: str) -> list[tuple[str, str]]:
    """(caller, callee): a matrix with names in the first row and column and 1 where the row's calls the column's; or a list with the columns
    ``caller,callee`` (``source,target``). Raises Rejected, naming the line."""
    rows = _rows(file)
    header = next(rows, (0, []))[1]
    if not header:
        raise Rejected(f"{file} is empty. Its first row names the services.")
    if [name.strip().lower() for name in header[:2]] in (["caller", "callee"], ["source", "target"]):
        return _limited(file, _listed_lines(file, rows))
    return _limited(file, _matrix_lines(file, [name.strip() for name in header[1:]], rows))


def read_table(file: str, statistic: str) -> Table:
    """Measurements, a time row each: latency of that ``statistic`` in seconds, requests, availability in percent. Empty cells and NaN are gaps.

    Rows are put in time order. Raises Rejected, naming the line.
    """
    rows = _rows(file)
    columns, line = _columns(file, rows, statistic)
    found: list[tuple[float, int, list[float | None]]] = []
    for number, cells in rows:
        if cells[0].strip() == "unix_timestamp" and not any(cell.strip() for cell in cells[1:]):
            continue  # pandas writes the name of the index into a row of its own
        if len(cells) > line:
            raise Rejected(f"{file}, line {number}: {len(cells)} cells where the header has {line}.")
        if (len(found) + 1) * len(columns) > CELLS:
            raise Rejected(f"{file} has more than {CELLS:,} values. Cut out the time in question.")
        at = _number(file, number, cells[0])
        values = [_number(file, number, cells[place] if place < len(cells) else "") for place in columns]
        found.append((at if at is not None else float(number), number, values))
    found.sort(key=lambda row: row[:2])
    nodes: dict[str, dict[str, tuple[float | None, ...]]] = {}
    for index, (node, metric) in enumerate(columns.values()):
        nodes.setdefault(node, {})[metric] = tuple(values[index] for _, _, values in found)
    return Table(
        len(found),
        {
            node: NodeSeries(series.get("requests", ()), series.get("latency", ()), series.get("availability", ()))
            for node, series in nodes.items()
        },
    )


def read_means(metrics: str, baseline: str, statistic: str) -> tuple[Table, Table] | None:
    """Both files with mean latencies, for a ``statistic`` that is none; None where they have no means. Raises Rejected."""
    if statistic.lower() == MEAN.lower() or not _has(metrics, MEAN) or (baseline and not _has(baseline, MEAN)):
        return None
    return read_table(metrics, MEAN), read_table(baseline, MEAN) if baseline else EMPTY


def _has(file: str, statistic: str) -> bool:
    rows = _rows(file)
    headers = [[cell.strip().lower() for cell in cells] for _, (_, cells) in zip(HEADERS, rows, strict=False)]
    return len(headers) == len(HEADERS) and ("latency", statistic.lower()) in zip(headers[1], headers[2], strict=False)


# --- the layouts --------------------------------------------------------------------------------------------------------------


def _columns(file: str, rows: Iterator[tuple[int, list[str]]], statistic: str) -> tuple[dict[int, tuple[str, str]], int]:
    """Place → (service, metric) of the columns that are read, and how many cells a row has."""
    headers: list[list[str]] = []
    for name in HEADERS:
        number, cells = next(rows, (0, []))
        if not cells or cells[0].strip().lower() != name:
            line = f", line {number}" if number else ""
            raise Rejected(f"{file}{line}: the header's rows should begin with {listed(HEADERS)}, one below the other.")
        headers.append([cell.strip() for cell in cells])
    width = max(map(len, headers))
    found: dict[int, tuple[str, str]] = {}
    taken: set[tuple[str, str]] = set()
    offered: set[str] = set()
    for place in range(1, width):
        node, kind, told = (cells[place] if place < len(cells) else "" for cells in headers)
        metric = kind.lower()
        if metric == "latency":
            offered.add(told)
        if not node or metric not in METRICS or (metric == "latency" and told.lower() != statistic.lower()):
            continue
        if (node, metric) in taken:
            raise Rejected(f"{file}: {metric} of “{node[:60]}” stands there twice.")
        taken.add((node, metric))
        found[place] = (node, metric)
    if offered and not any(metric == "latency" for _, metric in found.values()):
        raise Rejected(f"{file} has no latency of the statistic “{statistic[:40]}”. It has {listed(sorted(offered))}.")
    if not found:
        raise Rejected(f"{file} has no column of {listed(METRICS, 'or')}.")
    return found, width


def _matrix_lines(file: str, names: list[str], rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[str, str]]:
    for number, cells in rows:
        if len(cells) > len(names) + 1:
            raise Rejected(f"{file}, line {number}: {len(cells)} cells where the header has {len(names) + 1}.")
        caller = cells[0].strip()
        for callee, cell in zip(names, cells[1:], strict=False):
            if _number(file, number, cell):
                yield caller, callee


def _listed_lines(file: str, rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[str, str]]:
    for number, cells in rows:
        if len(cells) < 2 or not cells[0].strip() or not cells[1].strip():
            raise Rejected(f"{file}, line {number}: name a caller and a callee.")
        yield cells[0].strip(), cells[1].strip()


def _limited(file: str, lines: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in lines:
        found.append(line)
        if len(found) > LINES:
            raise Rejected(f"{file} has more than {LINES:,} lines. Leave out what the target does not need.")
    return list(dict.fromkeys(found))


# --- cells ----------------------------------------------------------------------------------------------------------------------


def _number(file: str, line: int, cell: str) -> float | None:
    """None for an empty cell and for NaN."""
    text = cell.strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise Rejected(f"{file}, line {line}: “{text[:40]}” is no number. Write one, or leave it empty.") from error
    return value if math.isfinite(value) else None


def _rows(file: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells); blank lines are skipped."""
    try:
        path = Path(file)
        if path.stat().st_size > LARGEST:
            raise Rejected(f"{file} is larger than {LARGEST // 1_000_000} MB. Cut out the time in question.")
        text = path.open(encoding="utf-8-sig", newline="")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise Rejected(f"{file or 'A path without a name'} cannot be read ({said}). Name a CSV file.") from error
    with text:
        reader = csv.reader(text)
        try:
            for cells in reader:
                if cells and any(cells):
                    yield reader.line_num, cells
        except csv.Error as error:
            raise Rejected(f"{file}, line {reader.line_num}: this is no CSV ({error}).") from error
        except UnicodeDecodeError as error:
            raise Rejected(f"{file} is not UTF-8 text after line {reader.line_num}. Save it as UTF-8.") from error
        except MemoryError as error:
            raise Rejected(f"{file} does not fit into memory. Cut out the time in question.") from error
