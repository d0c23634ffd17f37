"""Blame from what flows through each node: series of a table, or the house's own traffic along each line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from engine.errors import NotFound
from engine.graph.blame.attribution import Part, Portions, parts
from engine.graph.blame.excess import Excess, excesses
from engine.graph.blame.series import EMPTY, Metric, NodeSeries, Table
from engine.graph.blame.symptom import Symptom, symptom_of
from engine.graph.blame.told import ALL, THE_HOUSE, Told, because
from engine.graph.blame.verdict import Suspect, Verdict
from engine.workflow.catalogue import did_you_mean

CLEAR: Final = 3.0  # usual deviations between bad and calm that are half sure
FEW: Final = 10.0  # requests of the target while bad; with fewer little can be told
UNCOMPARED: Final = 0.3  # what a score is worth where nothing can be compared

Line = tuple[str, str]


class Flow(Protocol):
    """What went along one line in one span of time. ``source`` asked ``target``; ``seconds`` is the time all asks took together."""

    @property
    def at(self) -> datetime: ...
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def seconds(self) -> float: ...


def from_tables(
    table: Table, lines: Iterable[Line], target: str, metric: Metric, history: Table = EMPTY, means: tuple[Table, Table] | None = None
) -> Verdict:
    """``lines``: (caller, callee). Raises NotFound for a target that neither the table nor the lines name.

    ``means``: the same rows and history with mean latencies, where the table has a percentile: that says when the target hurts, but only means add up
    along calls.

    45 nodes with 600 rows of history take some ten milliseconds, 10,000 nodes a third of a second.
    """
    known = list(lines)
    names = {*table.nodes, *(end for line in known for end in line)}
    if target not in names:
        raise NotFound(f"There is no node “{target[:80]}”.{did_you_mean(target, names)}")
    symptom = symptom_of(table.column(target, metric), history.column(target, metric))
    compared = symptom if symptom is not None and symptom.excess > 0 else None
    if compared is not None and means is not None:
        verdict = _judged(*means, known, target, metric, compared, True, None)
        if verdict.suspects:
            return verdict
    return _judged(table, history, known, target, metric, compared or _as_it_stands(table, target, metric), compared is not None, None)


def from_traffic(
    now: Iterable[Flow],
    calm: Iterable[Flow],
    target: str = ALL,
    metric: Metric = Metric.AVAILABILITY,
    lines: Iterable[Line] = (),
    named: Callable[[str], str] = str,
) -> Verdict:
    """The house's own traffic. A node's flow is what came in by its lines; what nobody asks (a workflow) has what it asks. ``calm``: an earlier time
    in which all was well, at the same hour if days have a shape. ``lines``: further ones that are known. ``target``: ALL, a workflow or a service.
    ``named``: what people call a node."""
    bad_rows, calm_rows = list(now), list(calm)
    table, spans = _table([*calm_rows, *bad_rows], target)
    first = {row.at for row in bad_rows}
    bad = [place for place, at in enumerate(spans) if at in first]
    quiet = [place for place, at in enumerate(spans) if at not in first]
    if target not in table.nodes:
        names = [node for node in table.nodes if node]
        raise NotFound(f"Nothing was asked of or by “{target[:80]}” in that time.{did_you_mean(target, names)}")
    values = table.column(target, metric)
    symptom = _given(values, bad, quiet)
    known = [*lines, *((row.source, row.target) for row in (*calm_rows, *bad_rows))]
    if target == ALL:
        asked = {row.target for row in (*calm_rows, *bad_rows)}
        known += [(ALL, row.source) for row in (*calm_rows, *bad_rows) if row.source not in asked]
    portions = _portions(bad_rows, calm_rows, metric)
    compared = symptom is not None and symptom.excess > 0
    stands = symptom if symptom is not None and compared else _as_it_stands(table, target, metric, bad)
    return _judged(table, EMPTY, list(dict.fromkeys(known)), target, metric, stands, compared, portions, named)


# --- judging ----------------------------------------------------------------------------------------------------------------


def _judged(
    table: Table,
    history: Table,
    lines: Sequence[Line],
    target: str,
    metric: Metric,
    symptom: Symptom | None,
    compared: bool,
    portions: Portions | None,
    named: Callable[[str], str] = str,
) -> Verdict:
    about = named(target) if target != ALL else THE_HOUSE
    if symptom is None:
        return Verdict(doubt=f"Not enough data: nothing was measured of {about}.")
    found = excesses(table, history, target, metric, symptom)
    if target not in found or found[target].more <= 0:
        return Verdict(doubt=f"Not enough data: nothing of {about} can be compared.")
    ranked = parts(found, lines, target, portions)
    asked = sum(table.nodes[target].asked(row) or 0.0 for row in symptom.bad)
    sure, doubt = _sure(symptom, compared, asked, found[target], about)
    told = Told(target, metric, found[target].more * asked, doubt, named)
    weight = 1.0 if compared else UNCOMPARED
    return Verdict(tuple(_suspect(part, found[part.node], told, weight) for part in ranked if part.node != ALL), sure, doubt)


def _suspect(part: Part, excess: Excess, told: Told, weight: float) -> Suspect:
    score = min(1.0, max(0.0, part.score * weight))
    return Suspect(part.node, round(score, 6), round(part.share, 4), because(part, excess, told))


def _sure(symptom: Symptom, compared: bool, asked: float, excess: Excess, about: str) -> tuple[float, str]:
    if not compared:
        return 0.1, "Not enough data: there is nothing calm to compare with."
    clear = min(symptom.clear, 1e6)
    sure = clear**2 / (clear**2 + CLEAR**2)
    if excess.guessed:
        return sure / 2, "Not enough data to be sure: requests were not counted."
    if asked < FEW:
        return sure * asked / FEW, f"Not enough data to be sure: {asked:.0f} requests of {about} while it hurt."
    if symptom.clear < CLEAR:
        return sure, "Not enough data to be sure: the trouble hardly stands out from what is usual."
    return sure, ""


def _as_it_stands(table: Table, target: str, metric: Metric, rows: Sequence[int] | None = None) -> Symptom | None:
    """Where nothing can be compared: all rows as bad, against nothing at all."""
    values = table.column(target, metric)
    known = [row for row in (rows if rows is not None else range(table.rows)) if values[row] is not None]
    if not known:
        return None
    level = sum(values[row] or 0.0 for row in known) / len(known)
    return Symptom(dict.fromkeys(known, 1 / len(known)), {}, level, 0.0, past=True, clear=0.0)


def _given(values: Sequence[float | None], bad: Sequence[int], calm: Sequence[int]) -> Symptom | None:
    """The symptom where it is known which rows are bad."""
    calm_values = {row: value for row in calm if (value := values[row]) is not None}
    bad_values = {row: value for row in bad if (value := values[row]) is not None}
    if not calm_values or not bad_values:
        return None
    usual = sum(calm_values.values()) / len(calm_values)
    spread = (sum((value - usual) ** 2 for value in calm_values.values()) / max(1, len(calm_values) - 1)) ** 0.5
    over = {row: max(0.0, value - usual) for row, value in bad_values.items()}
    whole = sum(over.values())
    weights = {row: value / whole for row, value in over.items()} if whole > 0 else dict.fromkeys(over, 1 / len(over))
    level = sum(weight * bad_values[row] for row, weight in weights.items())
    noise = max(spread, 0.02 * usual, 0.002)
    return Symptom(weights, dict.fromkeys(calm_values, 1 / len(calm_values)), level, usual, past=False, clear=(level - usual) / noise)


# --- from lines to nodes ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sum:
    count: float = 0.0
    failed: float = 0.0
    seconds: float = 0.0

    def add(self, flow: Flow) -> None:
        self.count += max(0, flow.count)
        self.failed += max(0, flow.failed)
        self.seconds += max(0.0, flow.seconds)


def _table(rows: Sequence[Flow], target: str) -> tuple[Table, list[datetime]]:
    spans = sorted({row.at for row in rows})
    places = {at: place for place, at in enumerate(spans)}
    asked = {row.target for row in rows}
    sums: dict[str, list[_Sum]] = {}

    def into(node: str, row: Flow) -> None:
        sums.setdefault(node, [_Sum() for _ in spans])[places[row.at]].add(row)

    for row in rows:
        if row.source == row.target:
            continue
        into(row.target, row)
        if row.source not in asked:
            into(row.source, row)
            if target == ALL:
                into(ALL, row)
    return Table(len(spans), {node: _series(each) for node, each in sums.items()}), spans


def _series(sums: Sequence[_Sum]) -> NodeSeries:
    return NodeSeries(
        tuple(one.count for one in sums),
        tuple(one.seconds / one.count if one.count else None for one in sums),
        tuple(100 * (1 - min(one.failed, one.count) / one.count) if one.count else None for one in sums),
    )


def _portions(bad: Sequence[Flow], calm: Sequence[Flow], metric: Metric) -> dict[Line, float]:
    """Of what came into each node more than when all was calm, what came by each line."""
    more: dict[Line, float] = {}
    for rows, sign in ((bad, 1.0), (calm, -1.0)):
        spans = max(1, len({row.at for row in rows}))
        for row in rows:
            flow = row.seconds if metric is Metric.LATENCY else row.failed
            more[row.source, row.target] = more.get((row.source, row.target), 0.0) + sign * flow / spans
    whole: dict[str, float] = {}
    for (_, callee), value in more.items():
        whole[callee] = whole.get(callee, 0.0) + max(0.0, value)
    return {line: max(0.0, value) / whole[line[1]] for line, value in more.items() if whole[line[1]] > 0}
