"""What the chance of success may be now, as a distribution: five filters, each with another idea of how chances change.

A filter holds how likely each of 17 chances is. A run that ended multiplies that by how well each explains the outcome (Bayes), and between two runs
the chance may have jumped (to anything that is usual in this house) or wandered (to its neighbours). Which idea fits a workflow is learnt the
same way, with old evidence fading, so that a workflow that was steady for a year and is now unsteady is believed to be so soon.
Sources: the forward algorithm of hidden Markov models (Rabiner 1989); jumps as in Adams and MacKay, Bayesian online changepoint detection (2007).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from engine.prediction.success.logit import chance_of

CELLS: Final = 17
REACH: Final = 4.6  # log odds of the outermost cells: 1 % and 99 %
STEP: Final = 2 * REACH / (CELLS - 1)
CHANCES: Final = tuple(chance_of(-REACH + STEP * cell) for cell in range(CELLS))
FAILURES: Final = tuple(1.0 - chance for chance in CHANCES)
# How likely the chance jumps between two runs, and how likely it moves to a neighbouring cell.
IDEAS: Final = ((0.0005, 0.0), (0.01, 0.03), (0.04, 0.05), (0.12, 0.1), (0.005, 0.3))
FADING: Final = 0.98  # of the evidence for an idea, a run
LEAST: Final = 1e-9  # weight that an idea keeps, so that its time can come
INTERVAL: Final = 0.90


def usual(successes: float = 0.4, failures: float = 0.3) -> list[float]:
    """Before anything is known: a beta distribution over the cells, higher at the ends, since most things nearly always work or nearly never."""
    weights = [chance**successes * (1.0 - chance) ** failures for chance in CHANCES]
    total = sum(weights)
    return [weight / total for weight in weights]


def mean_of(cells: Sequence[float]) -> float:
    return sum(map(float.__mul__, cells, CHANCES))


class Belief:
    """O(1) a run: 85 numbers. ``mean``: the chance that the next run succeeds."""

    __slots__ = ("filters", "mean", "trust")

    def __init__(self, base: Sequence[float]) -> None:
        self.filters: list[Sequence[float]] = [base] * len(IDEAS)  # never changed in place, so that all who know nothing yet share one
        self.trust = [1.0 / len(IDEAS)] * len(IDEAS)
        self.mean = mean_of(base)

    def learn(self, succeeded: bool, base: Sequence[float], weight: float = 1.0) -> None:
        """``base``: what is usual in this house. ``weight`` below 1: the outcome says less, since something else may have been to blame."""
        likely: Sequence[float] = CHANCES if succeeded else FAILURES
        if weight != 1.0:
            likely = [one**weight for one in likely]
        trust = []
        for place, (jumps, wanders) in enumerate(IDEAS):
            cells = list(map(float.__mul__, self.filters[place], likely))
            total = sum(cells)
            trust.append(self.trust[place] ** FADING * total + LEAST)
            if wanders:
                stays, moves = 1.0 - wanders, wanders / 2
                below, above = [cells[0], *cells[:-1]], [*cells[1:], cells[-1]]
                cells = [stays * cell + moves * (low + high) for cell, low, high in zip(cells, below, above, strict=True)]
            kept = (1.0 - jumps) / total
            self.filters[place] = [kept * cell + jumps * one for cell, one in zip(cells, base, strict=True)]
        whole = sum(trust)
        self.trust = [one / whole for one in trust]
        self.mean = sum(map(float.__mul__, self.trust, map(mean_of, self.filters)))

    def cells(self) -> list[float]:
        """How likely each of the chances is, all ideas together."""
        return [sum(map(float.__mul__, self.trust, column)) for column in zip(*self.filters, strict=True)]

    def interval(self) -> tuple[float, float]:
        """Log odds between which the chance lies with 90 %: the quantiles of the distribution, as far in from either end."""
        cells, tail = self.cells(), (1.0 - INTERVAL) / 2
        return _quantile(cells, tail), _quantile(cells, 1.0 - tail)

    def state(self) -> dict[str, Any]:
        return {"filters": self.filters, "trust": self.trust}

    @classmethod
    def restore(cls, state: Any) -> Belief:
        """Raises ValueError, TypeError or KeyError for what is no state of a belief."""
        belief = cls(usual())
        belief.filters = [distribution(cells, CELLS) for cells in state["filters"]]
        belief.trust = distribution(state["trust"], len(IDEAS))
        if len(belief.filters) != len(IDEAS):
            raise ValueError("not the filters of a belief")
        belief.mean = sum(map(float.__mul__, belief.trust, map(mean_of, belief.filters)))
        return belief


def distribution(values: Any, count: int) -> list[float]:
    """Raises ValueError for what is no distribution over so many cells."""
    found = [float(value) for value in values]
    if len(found) != count or not all(0.0 <= value <= 1.0 for value in found) or not math.isclose(sum(found), 1.0, abs_tol=1e-6):
        raise ValueError("not a distribution")
    return found


def _quantile(cells: Sequence[float], share: float) -> float:
    """Log odds; within a cell all are taken as equally likely."""
    below = 0.0
    for place, cell in enumerate(cells):
        if cell > 0.0 and below + cell >= share:
            return -REACH + STEP * (place - 0.5 + (share - below) / cell)
        below += cell
    return REACH + STEP / 2
