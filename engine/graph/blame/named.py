"""What people call a node of the graph: by the map, by what grouping knows, else by its own id."""

from __future__ import annotations

from collections.abc import Callable

from engine.graph.discovery.map import Map
from engine.monitoring.grouping.topology import Topology
from engine.workflow.catalogue_data import product


def namer(map: Map, topology: Topology) -> Callable[[str], str]:
    """Of a node of no known name its id stands."""

    def named(node: str) -> str:
        if node in map.components:
            return map.label(node)
        return topology.names.get(node) or product(topology.name(node)) or node

    return named
