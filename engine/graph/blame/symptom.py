"""When the target hurts: which rows are bad, which calm, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Final

HISTORY: Final = 12  # rows of history that make a usual level
USUAL: Final = 3.0  # usual deviations above the usual level up to which a row may be calm
LEAST_SPREAD: Final = 0.02  # of the usual level: a series never strays less than that
CONSTANT: Final = 1e-9  # of the level: smaller differences are none


@dataclass(frozen=True, slots=True)
class Symptom:
    """``bad`` and ``calm``: row → weight, each summing to 1. ``level`` while bad, ``usual`` while calm, as ``NodeSeries.hurt`` says.

    ``past``: no row is calm, so the history is what is compared with. ``clear``: by how many usual deviations bad and calm differ; 0: they do not.
    """

    bad: dict[int, float]
    calm: dict[int, float]
    level: float
    usual: float
    past: bool
    clear: float

    @property
    def excess(self) -> float:
        return self.level - self.usual


def symptom_of(values: Sequence[float | None], history: Sequence[float | None] = ()) -> Symptom | None:
    """None when nothing can be compared: no row, or neither a calm row nor history.

    Rows are split in two where the variance between the halves is largest (Otsu, A threshold selection method from gray-level histograms,
    1979); a bad row counts the more the worse it is. With history, a half of calm rows that are all unusual is no calm half.
    """
    known = {row: value for row, value in enumerate(values) if value is not None}
    past = [value for value in history if value is not None]
    usual, spread = _usual(past)
    if not known:
        return None
    bad, calm = _split(known)
    if len(past) >= HISTORY and (not calm or min(known[row] for row in calm) > usual + USUAL * spread):
        return _against_history({**known}, usual, spread)
    if not calm:
        return None
    level_calm = sum(known[row] for row in calm) / len(calm)
    weights = {row: known[row] - level_calm for row in bad}
    whole = sum(weights.values())
    shares = {row: weight / whole for row, weight in weights.items()}
    level = sum(shares[row] * known[row] for row in bad)
    within = max(_spread([known[row] for row in calm]), spread if len(past) >= HISTORY else 0.0, LEAST_SPREAD * level_calm)
    clear = (level - level_calm) / within if within > 0 else (level - level_calm) / max(level, 1e-12) / LEAST_SPREAD
    return Symptom(shares, dict.fromkeys(calm, 1 / len(calm)), level, level_calm, past=False, clear=clear)


def _against_history(known: dict[int, float], usual: float, spread: float) -> Symptom | None:
    over = {row: value - usual for row, value in known.items() if value > usual}
    if not over:
        return None
    whole = sum(over.values())
    shares = {row: value / whole for row, value in over.items()}
    level = sum(shares[row] * known[row] for row in shares)
    return Symptom(shares, {}, level, usual, past=True, clear=(level - usual) / spread if spread > 0 else 0.0)


def _usual(past: Sequence[float]) -> tuple[float, float]:
    """Level and spread."""
    if len(past) < HISTORY:
        return 0.0, 0.0
    level = median(past)
    high = sorted(past)[int(0.9 * (len(past) - 1))]
    # The second is for what mostly is the same and now and then much more, as failures are.
    spread = max(1.4826 * median(abs(value - level) for value in past), (high - level) / 1.2816)
    return level, max(spread, LEAST_SPREAD * level, 1e-9)


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1))


def _split(known: dict[int, float]) -> tuple[list[int], list[int]]:
    """(bad rows, calm rows); all bad when there is one row or all are alike."""
    order = sorted(known, key=lambda row: known[row])
    values = [known[row] for row in order]
    whole, count = sum(values), len(values)
    if values[-1] - values[0] <= CONSTANT * max(abs(values[-1]), 1e-12):
        return order, []
    best, cut, below = -1.0, 0, 0.0
    for size in range(1, count):
        below += values[size - 1]
        between = size * (count - size) * (below / size - (whole - below) / (count - size)) ** 2
        if between > best and values[size] > values[size - 1]:
            best, cut = between, size
    return order[cut:], order[:cut]
