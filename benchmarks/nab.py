"""The scoring rule of the Numenta Anomaly Benchmark (version 1.1), and average precision; plain Python.

NAB: the first 15 % of a file, at most 750 rows, are not scored. A labelled window is worth its best detection,
``(2 / (1 + e^5y) − 1)`` with y from −1 at its first row to 0 behind its last; one without a detection costs. A detection outside costs by
the same curve, the more the farther behind a window. One threshold for the whole corpus, the best one; 0 is a detector that says nothing, 100 one
that says everything at the right moment. Checked against the benchmark's own published results, all 15 detectors and 3 profiles.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

PROFILES = {"standard": (1.0, 0.11), "low FP": (1.0, 0.22), "low FN": (2.0, 0.11)}  # cost of a miss, of a false alarm


@dataclass(frozen=True, slots=True)
class Series:
    """``worth``: of a detection at each row. ``window``: the number of the window a row lies in, −1 outside; ``live``: the row is scored."""

    name: str
    at: list[datetime]
    values: list[float | None]
    window: list[int]
    worth: list[float]
    live: list[bool]
    windows: int


@dataclass(frozen=True, slots=True)
class Labelled:
    name: str
    at: list[datetime]
    values: list[float | None]
    labels: list[bool]


def nab(folder: Path) -> list[Series]:
    """Every file that the labels name."""
    windows = json.loads((folder / "labels/combined_windows.json").read_text())
    return [_series(name, folder / "data" / name, windows[name]) for name in sorted(windows)]


def labelled(folder: Path) -> list[Labelled]:
    """Of the cloud-monitoring data set: TimeStamp, Value, Label; series without a label are left out."""
    found = []
    for file in sorted(folder.glob("*/*.csv")):
        with file.open(newline="") as text:
            rows = list(csv.DictReader(text))
        labels = [row["Label"].strip() in ("1", "1.0") for row in rows]
        if any(labels):
            name = f"{file.parent.name}/{file.name}"
            found.append(Labelled(name, [_moment(row["TimeStamp"]) for row in rows], [_value(row["Value"]) for row in rows], labels))
    return found


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text.strip())
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _value(text: str) -> float | None:
    value = float(text) if text.strip() else math.nan
    return None if math.isnan(value) else value


def _series(name: str, file: Path, windows: Sequence[Sequence[str]]) -> Series:
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))
    stamps = [row["timestamp"] for row in rows]
    count = len(rows)
    window, worth = [-1] * count, [-1.0] * count
    behind, width = -1, 0
    for number, (first, last) in enumerate(windows):
        left, right = stamps.index(first.split(".")[0]), stamps.index(last.split(".")[0])
        _fill_behind(worth, behind, left, width)
        behind, width = right, right - left + 1
        for row in range(left, right + 1):
            window[row], worth[row] = number, _curve(-(right - row + 1) / width)
    _fill_behind(worth, behind, count, width)
    quiet = min(math.floor(0.15 * count), 750)
    at, values = [_moment(stamp) for stamp in stamps], [_value(row["value"]) for row in rows]
    return Series(name, at, values, window, worth, [row >= quiet for row in range(count)], len(windows))


def _fill_behind(worth: list[float], behind: int, until: int, width: int) -> None:
    if behind >= 0:
        for row in range(behind + 1, until):
            worth[row] = _curve((row - behind) / (width - 1))


def _curve(y: float) -> float:
    return -1.0 if y > 3 else 2 / (1 + math.exp(5 * y)) - 1


def nab_scores(corpus: Sequence[Series], scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """By profile, each at its own best threshold."""
    return {profile: _best(corpus, scores, *costs) for profile, costs in PROFILES.items()}


def _best(corpus: Sequence[Series], scores: Mapping[str, Sequence[float]], miss: float, alarm: float) -> float:
    """What each detection adds as the threshold falls past it, summed."""
    steps: list[tuple[float, float]] = []  # (score, what is gained when the threshold is at it)
    nothing, windows = 0.0, 0
    for series in corpus:
        given = scores[series.name]
        windows += series.windows
        inside: dict[int, list[int]] = {}
        for row, live in enumerate(series.live):
            if live and series.window[row] >= 0:
                inside.setdefault(series.window[row], []).append(row)
            elif live:
                steps.append((given[row], series.worth[row] * alarm))
        nothing -= miss * len(inside)
        for rows in inside.values():
            had = -miss
            for row in sorted(rows, key=lambda row: -given[row]):
                gained = series.worth[row] / _curve(-1.0)
                if gained > had:
                    steps.append((given[row], gained - had))
                    had = gained
    best = raw = nothing
    for _, together in groupby(sorted(steps, key=lambda step: -step[0]), key=lambda step: step[0]):
        raw += sum(gain for _, gain in together)
        best = max(best, raw)
    return 100 * (best - nothing) / (windows - nothing)


def average_precision(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """The area under precision over recall, by steps; equal scores count together."""
    found = seen = 0
    area = 0.0
    ranked = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    for _, together in groupby(ranked, key=lambda pair: pair[0]):
        hits = [label for _, label in together]
        seen, found = seen + len(hits), found + sum(hits)
        area += sum(hits) * found / seen
    return area / sum(labels)


def deduplicated(scores: Sequence[float], rows: int = 200) -> list[float]:
    """Only what beats every score of the rows before counts."""
    return [score if score > max(scores[max(0, row - rows) : row], default=-1.0) else 0.0 for row, score in enumerate(scores)]
