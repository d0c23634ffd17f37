"""How much more of the symptom flows through each node than when all is calm, for every request of the target.

    latency        requests x seconds     ÷ the target's requests     seconds that a node adds to an average request of the target
    availability   requests x failing     ÷ the target's requests     failures that it adds

Both add up along calls, so that they can be compared between nodes, and are held against the same rows' calm level: what is always slow is no news,
nor is more traffic that everybody has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from engine.graph.blame.series import Metric, NodeSeries, Table
from engine.graph.blame.symptom import Symptom

LEARNT: Final = 8  # pairs of neighbouring rows of history from which usual noise is known
BEFORE: Final = 4.0  # rows that the noise of counting weighs beside measured noise
STRAY: Final = 3.0  # variance of one request's duration, in squares of its mean
ROUGH: Final = 0.1  # of its level, by which a row strays where nobody counted requests
SOME: Final = 3.0  # requests while bad from which a dependency that had none is new


@dataclass(frozen=True, slots=True)
class Excess:
    """``more``: flow while bad less flow while calm; ``noise``: its standard deviation when nothing is wrong. ``calm``, ``bad``: the flows.

    ``calls``: requests while bad, for every request of the target; ``before``: while calm. ``new``: it was never called before.
    ``guessed``: its requests were not counted, so that one for each of the target's is assumed.
    """

    node: str
    more: float
    noise: float
    bad: float
    calm: float
    calls: float
    before: float
    new: bool = False
    guessed: bool = False
    measured: bool = True


@dataclass(frozen=True, slots=True)
class _Flow:
    """A node's flow in each row, for every request of the target, and the calls; None where it is not known."""

    flow: list[float | None]
    calls: list[float | None]
    guessed: bool


def excesses(table: Table, history: Table, target: str, metric: Metric, symptom: Symptom) -> dict[str, Excess]:
    """For every node of which something was measured in the rows compared."""
    base = _Base.of(table, target)
    past = _Base.of(history, target)
    found = (_excess(node, table.nodes[node], history.nodes.get(node), base, past, metric, symptom) for node in table.nodes)
    return {excess.node: excess for excess in found if excess is not None}


@dataclass(frozen=True, slots=True)
class _Base:
    """The target's requests in each row; 1 where they were never counted."""

    rows: int
    requests: list[float | None]
    counted: bool

    @classmethod
    def of(cls, table: Table, target: str) -> _Base:
        series = table.nodes.get(target, NodeSeries())
        counted = series.counted
        requests = [series.asked(row) if counted else 1.0 for row in range(table.rows)]
        return cls(table.rows, requests, counted)

    def flow(self, series: NodeSeries, metric: Metric) -> _Flow:
        counted = series.counted and self.counted
        flow: list[float | None] = []
        calls: list[float | None] = []
        for row, whole in enumerate(self.requests):
            hurt, asked = series.hurt(metric, row), series.asked(row) if counted else whole
            if not whole or asked is None:
                flow.append(None)
                calls.append(None)
                continue
            calls.append(asked / whole)
            flow.append(0.0 if not asked else None if hurt is None else asked * hurt / whole)
        return _Flow(flow, calls, not counted)


def _excess(
    node: str, series: NodeSeries, before: NodeSeries | None, base: _Base, past: _Base, metric: Metric, symptom: Symptom
) -> Excess | None:
    now = base.flow(series, metric)
    then = past.flow(before, metric) if before is not None and past.rows else None
    bad, bad_squares = _mean(now.flow, symptom.bad)
    if bad is None:
        return None
    if symptom.past:
        known = [value for value in then.flow if value is not None] if then else []
        calm, calm_squares = (_middle(known) if known else 0.0), 1 / max(1, len(known))
        called = [value for value in then.calls if value is not None] if then else []
        calls_before = sum(called) / len(called) if called else 0.0
    else:
        mean, calm_squares = _mean(now.flow, symptom.calm)
        if mean is None:
            return None
        calm = mean
        calls_before = _mean(now.calls, symptom.calm)[0] or 0.0
    calls = _mean(now.calls, symptom.bad)[0] or 0.0
    variance = _variance(now, then, symptom, _counting(calm, calls_before or calls, base, metric, now.guessed))
    asked = sum(series.asked(row) or 0.0 for row in symptom.bad)
    return Excess(
        node, bad - calm, sqrt(variance * (bad_squares + calm_squares)), bad, calm, calls, calls_before,
        new=not now.guessed and asked >= SOME and _new(now, then, past.rows, symptom, calls), guessed=now.guessed,
    )  # fmt: skip


def _new(now: _Flow, then: _Flow | None, rows: int, symptom: Symptom, calls: float) -> bool:
    """Never called in the history; without any, not called in most calm rows (one of which may be the beginning of the trouble)."""
    if rows >= LEARNT:
        return then is None or not any(then.calls)
    calm = [count for row in symptom.calm if (count := now.calls[row]) is not None]
    return bool(calm) and _middle(calm) == 0 and sum(calm) / len(calm) < calls / 2


def _mean(values: Sequence[float | None], weights: Mapping[int, float]) -> tuple[float | None, float]:
    """Weighted over the rows that are known, and the sum of the squared weights."""
    known = [(weight, value) for row, weight in weights.items() if (value := values[row]) is not None]
    whole = sum(weight for weight, _ in known)
    if not whole:
        return None, 0.0
    return sum(weight * value for weight, value in known) / whole, sum(weight * weight for weight, _ in known) / whole**2


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _counting(calm: float, calls: float, base: _Base, metric: Metric, guessed: bool) -> float:
    """The variance of one row that counting alone makes: failures are Poisson; a request's duration strays about as much as it is long."""
    known = [value for value in base.requests if value]
    whole = sum(known) / len(known) if known and base.counted else 1.0
    if not base.counted or guessed:
        return max(ROUGH * calm, 1e-3 if metric is Metric.AVAILABILITY else 1e-6) ** 2
    if metric is Metric.AVAILABILITY:
        return (calm * whole + 1.0) / whole**2
    each = calm / calls if calls else 0.0
    return STRAY * each * each * calls / whole


def _variance(now: _Flow, then: _Flow | None, symptom: Symptom, counting: float) -> float:
    """Of one row: from neighbouring rows of the history (half the mean squared difference, which a slow drift does not enlarge: von Neumann 1941),
    else from the calm rows, never far below what counting makes."""
    if then is not None:
        steps = [(b - a) ** 2 for a, b in zip(then.flow, then.flow[1:], strict=False) if a is not None and b is not None]
        if len(steps) >= LEARNT:
            return max(sum(steps) / len(steps) / 2, counting if now.guessed else 0.0)
    calm = [value for row in symptom.calm if (value := now.flow[row]) is not None]
    if len(calm) < 2:
        return counting
    mean = sum(calm) / len(calm)
    squares = sum((value - mean) ** 2 for value in calm)
    return (squares + BEFORE * counting) / (len(calm) - 1 + BEFORE)
