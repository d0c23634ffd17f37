"""Root-cause cases: PetShop's development cases, and what is made of them so that one cause and one graph are not all that is tried."""

from __future__ import annotations

import json
import math
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot.faces.terminal.service_tables import read_graph, read_table
from engine.graph.blame.series import NodeSeries, Table

SHARED = Path(os.environ.get("SIGNALBOX_SHARED", str(Path(__file__).resolve().parents[2] / "shared"))) / "data/petshop"
TRAFFIC = ("low", "high")
ROWS = 5  # of a case
Lines = list[tuple[str, str]]
Columns = dict[str, tuple[list[float | None], list[float | None], list[float | None]]]


@dataclass(frozen=True)
class Case:
    name: str
    lines: Lines
    table: Table
    history: Table
    target: str
    metric: str
    cause: str


@cache
def calm(traffic: str) -> tuple[Lines, Table]:
    folder = SHARED / f"{traffic}_traffic"
    return read_graph(str(folder / "graph.csv")), read_table(str(folder / "noissue/metrics.csv"), "Average")


def cases() -> list[Case]:
    """The 16 development cases; one cause."""
    found = []
    for traffic in TRAFFIC:
        lines, history = calm(traffic)
        for folder in sorted((SHARED / f"{traffic}_traffic/train").iterdir()):
            told = json.loads((folder / "target.json").read_text())
            target = told["target"]
            table = read_table(str(folder / "metrics.csv"), target["agg"])
            found.append(
                Case(f"{traffic} {folder.name}", lines, table, history, target["node"], target["metric"], told["root_cause"]["node"])
            )
    return found


# --- the same cases, worse ----------------------------------------------------------------------------------------------------


def rewired(case: Case, share: float, seed: str) -> Case:
    """One end of that share of the lines leads somewhere else."""
    dice = random.Random(f"{seed} {case.name}")
    names = sorted(case.table.nodes)
    lines = []
    for caller, callee in case.lines:
        if dice.random() < share:
            caller, callee = (caller, dice.choice(names)) if dice.random() < 0.5 else (dice.choice(names), callee)
        lines.append((caller, callee))
    return replace(case, lines=lines)


def first_row(case: Case) -> Case:
    """Cut off after the first row in which the target is clearly worse than its calm level."""
    from engine.graph.blame.series import Metric
    from engine.graph.blame.symptom import symptom_of

    metric = Metric(case.metric)
    symptom = symptom_of(case.table.column(case.target, metric), case.history.column(case.target, metric))
    assert symptom is not None
    return replace(case, table=cut(case.table, 0, min(symptom.bad) + 1))


def uncounted(case: Case) -> Case:
    def without(table: Table) -> Table:
        return Table(table.rows, {node: NodeSeries((), one.latency, one.availability) for node, one in table.nodes.items()})

    return replace(case, table=without(case.table), history=without(case.history))


def renamed(case: Case, seed: str) -> Case:
    """Every node called otherwise, in another order: nothing may hang on names."""
    dice = random.Random(seed)
    names = sorted({*case.table.nodes, *case.history.nodes, *(end for line in case.lines for end in line)})
    new = {name: f"x{number}" for name, number in zip(names, dice.sample(range(10_000), len(names)), strict=True)}

    def called(table: Table) -> Table:
        return Table(table.rows, {new[node]: table.nodes[node] for node in dice.sample(sorted(table.nodes), len(table.nodes))})

    lines = [(new[caller], new[callee]) for caller, callee in dice.sample(case.lines, len(case.lines))]
    return replace(
        case, lines=lines, table=called(case.table), history=called(case.history), target=new[case.target], cause=new[case.cause]
    )


def cut(table: Table, begin: int, end: int) -> Table:
    return Table(
        end - begin,
        {
            node: NodeSeries(one.requests[begin:end], one.latency[begin:end], one.availability[begin:end])
            for node, one in table.nodes.items()
        },
    )


# --- other causes ---------------------------------------------------------------------------------------------------------------


def moved(case: Case) -> Iterator[Case]:
    """The real excess of the real cause, taken from it and put on another node and those on the way to it: what the target shows stays real."""
    series = case.table.nodes[case.cause]
    field = 1 if case.metric == "latency" else 2
    flows = [_flow(series, row, field) for row in range(case.table.rows)]
    known = sorted(range(case.table.rows), key=lambda row: flows[row])
    usual = [flows[known[0]], flows[known[1]]]
    rate = sum(usual) / 2 / (sum(series.requests[row] or 0 for row in known[:2]) / 2)
    more = [max(0.0, flow - rate * (series.requests[row] or 0)) for row, flow in enumerate(flows)]
    for node in sorted(case.table.nodes):
        way = _way(case.lines, case.target, node)
        if node in (case.cause, case.target) or not way or case.cause in way:
            continue
        columns = _columns(case.table)
        fits = all(_add(columns, case.cause, row, field, -extra) for row, extra in enumerate(more))
        fits = fits and all(_add(columns, each, row, field, extra) for each in way[1:] for row, extra in enumerate(more))
        if fits:
            yield replace(case, name=f"{case.name} at {node}", table=_table(case.table.rows, columns), cause=node)


def injected(seed: str, kind: str) -> Case:
    """A calm stretch of real series with a trouble of ours: ``delay``, ``errors``, or ``new``, a dependency nobody had before that fails.

    What is added at the cause goes up to its callers, divided by their requests and chance, so that calls by calls it adds up; the target is any
    node it gets to, mostly the front. Stretches in which the target does not clearly show it are drawn anew.
    """
    dice = random.Random(seed)
    while (case := _drawn(dice, kind)) is None:
        pass
    return replace(case, name=f"{kind} {seed}")


def _drawn(dice: random.Random, kind: str) -> Case | None:
    lines, history = calm(dice.choice(TRAFFIC))
    begin = dice.randrange(history.rows - ROWS)
    table = cut(history, begin, begin + ROWS)
    least = 10 if kind == "new" else 3
    known = [n for n, one in table.nodes.items() if min(x or 0 for x in one.requests) >= least and None not in one.latency]
    cause = dice.choice(known)
    above = _above(lines, cause)
    reached = [node for node in above if node in known]
    target = "PetSite" if "PetSite" in reached and dice.random() < 0.5 else dice.choice(reached)
    bad = dice.choice(([1, 2], [2, 3], [1, 2, 3], [2], [3]))
    field = 1 if kind == "delay" else 2
    columns = _columns(table)
    size = dice.uniform(0.15, 1.0) * sum(x or 0 for x in table.nodes[target].latency) / ROWS if field == 1 else dice.uniform(0.02, 0.2)
    chances: dict[tuple[str, str], float] = {}
    failing = [0.0] * ROWS
    for row in bad:
        parts = _upward(dice, table, lines, above, cause, row, chances)
        if parts.get(target, 0.0) < 0.05:
            return None
        whole = size * (dice.uniform(0.4, 1) if row == bad[0] else 1.0) * (table.nodes[target].requests[row] or 0) / parts[target]
        if not all(_add(columns, node, row, field, whole * part, strict=node == cause) for node, part in parts.items()):
            return None
        failing[row] = float(round(whole))
    if kind == "new":
        if sum(failing) < 3:
            return None
        lines = [*lines, (cause, "brand new")]
        columns["brand new"] = (list(failing), [0.02 if x else None for x in failing], [0.0 if x else None for x in failing])
    case = Case("", lines, _table(ROWS, columns), history, target, "latency" if field == 1 else "availability", cause)
    return case if _shows(case, bad) else None


def _shows(case: Case, bad: Sequence[int]) -> bool:
    from engine.graph.blame.series import Metric

    values = [value or 0.0 for value in case.table.column(case.target, Metric(case.metric))]
    well = [value for row, value in enumerate(values) if row not in bad]
    mean = sum(well) / len(well)
    spread = math.sqrt(sum((value - mean) ** 2 for value in well) / max(1, len(well) - 1))
    return sum(values[row] for row in bad) / len(bad) - mean >= 3 * spread and max(well) < values[bad[-1]]


def _upward(
    dice: random.Random, table: Table, lines: Lines, above: list[str], cause: str, row: int, chances: dict[tuple[str, str], float]
) -> dict[str, float]:
    """What of the cause's trouble each of those above it has."""
    order = {node: place for place, node in enumerate(above)}
    parts = {cause: 1.0}
    for node in above:
        callers = [a for a, b in lines if b == node and a in order and order[a] > order[node] and a in table.nodes]
        weights = [(table.nodes[a].requests[row] or 0) * chances.setdefault((a, node), math.exp(dice.gauss(0, 0.7))) for a in callers]
        if sum(weights) > 0:
            for caller, weight in zip(callers, weights, strict=True):
                parts[caller] = parts.get(caller, 0.0) + parts.get(node, 0.0) * weight / sum(weights)
    return parts


def _above(lines: Lines, start: str) -> list[str]:
    """Whoever needs it, callees before callers."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(node: str) -> None:
        if node not in seen:
            seen.add(node)
            for caller, callee in lines:
                if callee == node:
                    visit(caller)
            order.append(node)

    visit(start)
    return order[::-1]


def _way(lines: Lines, start: str, end: str) -> list[str]:
    ways = {start: [start]}
    queue = [start]
    while queue:
        node = queue.pop(0)
        for caller, callee in lines:
            if caller == node and callee not in ways:
                ways[callee] = [*ways[node], callee]
                queue.append(callee)
    return ways.get(end, [])


def _flow(series: NodeSeries, row: int, field: int) -> float:
    asked = series.requests[row] or 0.0
    return asked * (series.latency[row] or 0.0) if field == 1 else asked * (1 - (series.availability[row] or 0.0) / 100)


def _add(columns: Columns, node: str, row: int, field: int, extra: float, *, strict: bool = True) -> bool:
    """False where that cannot be: nobody asked, or fewer than would fail."""
    requests, latency, availability = columns.get(node, ([None], [], []))
    asked = requests[row] if row < len(requests) else None
    if not asked:
        return not strict or extra == 0
    if field == 1:
        before = latency[row]
        if before is None:
            return not strict
        latency[row] = max(0.0, before + extra / asked)
        return True
    before = availability[row]
    if before is None:
        return not strict
    failed = asked * (1 - before / 100) + extra
    availability[row] = 100 * (1 - min(asked, max(0.0, round(failed))) / asked)
    return not strict or failed <= asked + 0.5


def _columns(table: Table) -> Columns:
    return {node: (list(one.requests), list(one.latency), list(one.availability)) for node, one in table.nodes.items()}


def _table(rows: int, columns: Columns) -> Table:
    return Table(rows, {node: NodeSeries(tuple(a), tuple(b), tuple(c)) for node, (a, b, c) in columns.items()})
