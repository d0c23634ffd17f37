"""What others do to name the cause of several alerts, restated in a few lines each: a world in, its nodes out, likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Lines = Sequence[tuple[str, str]]
Alerts = Sequence[tuple[str, float]]


def earliest(lines: Lines, alerts: Alerts) -> list[str]:
    """Who alerted first."""
    return [node for node, _ in sorted(alerts, key=lambda alert: alert[1])]


def upstream_most(lines: Lines, alerts: Alerts) -> list[str]:
    """Alerting, and nothing that it needs alerts; of those, the one that most alerting nodes need, directly or not."""
    import networkx as nx

    graph = _graph(lines, alerts)
    alerting = {node for node, _ in alerts}
    needing = {node: len(nx.ancestors(graph, node) & alerting) for node in alerting}
    deepest = [node for node in alerting if not alerting & set(graph.successors(node))]
    return sorted(deepest, key=lambda node: (-needing[node], node)) + sorted(
        alerting - set(deepest), key=lambda node: (-needing[node], node)
    )


def page_rank(lines: Lines, alerts: Alerts) -> list[str]:
    """Personalised PageRank (networkx): a walk from the alerts along who needs whom."""
    from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python  # the public one wants numpy

    graph = _graph(lines, alerts)
    ranks = _pagerank_python(graph, alpha=0.85, personalization={node: 1.0 for node, _ in alerts})
    return sorted(ranks, key=lambda node: (-ranks[node], node))


def page_rank_alerting(lines: Lines, alerts: Alerts) -> list[str]:
    """The same walk only among the nodes that alert."""
    from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python

    alerting = {node for node, _ in alerts}
    graph = _graph([line for line in lines if set(line) <= alerting], alerts)
    ranks = _pagerank_python(graph, alpha=0.85)
    return sorted(ranks, key=lambda node: (-ranks[node], node))


def _graph(lines: Lines, alerts: Alerts) -> Any:
    import networkx as nx

    graph: Any = nx.DiGraph()
    graph.add_nodes_from(node for node, _ in alerts)
    graph.add_edges_from(lines)
    return graph
