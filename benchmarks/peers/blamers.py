"""What others do to name the cause behind one hurting service, restated in a few lines each: series and lines in, node → score out."""

from __future__ import annotations

from statistics import median
from typing import Any

from engine.graph.blame.series import Metric, Table

Lines = list[tuple[str, str]]
ANOMALOUS = 3.0  # robust z


def robust_z(lines: Lines, table: Table, history: Table, target: str, metric: str) -> dict[str, float]:
    """The largest deviation from the median of the history, in its MADs (never under 2 %), of what the target can reach."""
    reached = _reached(lines, target)
    return {node: z for node, z in _zs(table, history, metric).items() if node in reached}


def traversal(lines: Lines, table: Table, history: Table, target: str, metric: str) -> dict[str, float]:
    """PetShop's baseline: from the target along anomalous callees; those that call nothing anomalous are blamed."""
    zs = _zs(table, history, metric)
    callees = _callees(lines)
    found: dict[str, float] = {}
    seen, queue = {target}, [target]
    while queue:
        node = queue.pop()
        onward = [callee for callee in callees.get(node, ()) if zs.get(callee, 0.0) >= ANOMALOUS]
        if not onward:
            found[node] = 1.0
        for callee in onward:
            if callee not in seen:
                seen.add(callee)
                queue.append(callee)
    return found


def page_rank(lines: Lines, table: Table, history: Table, target: str, metric: str) -> dict[str, float]:
    """Personalised PageRank (networkx) on the anomalous nodes, drawn to each by how unusual it is."""
    import networkx as nx
    from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python  # the public one wants numpy

    zs = {node: min(z, 100.0) for node, z in _zs(table, history, metric).items() if z >= ANOMALOUS} | {target: 1.0}
    graph: Any = nx.DiGraph()
    graph.add_nodes_from(zs)
    graph.add_edges_from((a, b) for a, b in lines if a in zs and b in zs and a != b)
    ranks: dict[str, float] = _pagerank_python(graph, personalization=zs)
    return {node: rank for node, rank in ranks.items() if node != target}


def _zs(table: Table, history: Table, metric: str) -> dict[str, float]:
    kind, known = Metric(metric), _usual(history, metric)
    found = {}
    for node in table.nodes:
        now = [value for value in table.column(node, kind) if value is not None]
        if now:
            usual, spread = known.get(node) or _level(now)
            found[node] = max(0.0, (max(now) - usual) / spread)
    return found


_KEPT: dict[tuple[int, str], tuple[Table, dict[str, tuple[float, float]]]] = {}  # many cases share a history


def _usual(history: Table, metric: str) -> dict[str, tuple[float, float]]:
    key = (id(history), metric)
    if key not in _KEPT:
        columns = {node: [value for value in history.column(node, Metric(metric)) if value is not None] for node in history.nodes}
        _KEPT[key] = history, {node: _level(values) for node, values in columns.items() if values}
    return _KEPT[key][1]


def _level(values: list[float]) -> tuple[float, float]:
    usual = median(values)
    return usual, max(1.4826 * median(abs(value - usual) for value in values), 0.02 * usual, 1e-3)


def _callees(lines: Lines) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for caller, callee in lines:
        found.setdefault(caller, []).append(callee)
    return found


def _reached(lines: Lines, target: str) -> set[str]:
    callees, found, queue = _callees(lines), {target}, [target]
    while queue:
        for callee in callees.get(queue.pop(), ()):
            if callee not in found:
                found.add(callee)
                queue.append(callee)
    return found
