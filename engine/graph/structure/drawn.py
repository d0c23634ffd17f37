"""A structure as a networkx graph, for drawing, walking and editing, and back again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.graph.structure.index import Structure
from engine.graph.structure.model import Impairment, Node, Requirement, distinct

if TYPE_CHECKING:
    import networkx as nx


def graph_of(structure: Structure) -> nx.MultiDiGraph[str]:
    """An edge for each mention of a node in a way; its key is (requirement, way), counted from 0 at each node. Attributes as ``structure_of`` reads them."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in structure.nodes:
        graph.add_node(node.id, kind=node.kind, name=node.name, per_hour=node.per_hour, availability=node.availability)
    for number, node in enumerate(structure.nodes):
        for place, need in enumerate(structure.needs(number)):
            ways = [way for way in distinct(need) if way]
            at_least = need.at_least - (len(distinct(need)) - len(ways))  # what is always open counts, and an edge could not say so
            said = {"label": need.label, "at_least": at_least, "absorbs": tuple(sorted(need.absorbs))}
            for way, parts in enumerate(ways if at_least > 0 else ()):
                for part in parts:
                    graph.add_edge(node.id, part, key=(place, way), requirement=place, way=way, **said)
    return graph


def structure_of(graph: nx.MultiDiGraph[str]) -> Structure:
    """Edges of one node with the same ``requirement`` are alternatives of each other, those with the same ``way`` as well are needed together.

    An edge without ``requirement`` is a need of its own. Of the edges of a requirement the first says how many ways it takes. Raises Invalid.
    """
    nodes = [
        Node(id, said.get("kind", ""), said.get("name", ""), said.get("per_hour", 0.0), said.get("availability", 1.0))
        for id, said in graph.nodes(data=True)
    ]
    return Structure.of(nodes, _requirements(graph))


def _requirements(graph: nx.MultiDiGraph[str]) -> Iterable[Requirement]:
    for id in graph:
        found: dict[object, tuple[dict[object, list[str]], dict[str, object]]] = {}
        for number, (_, part, said) in enumerate(graph.out_edges(id, data=True)):
            ways, _ = found.setdefault(said.get("requirement", ("", number)), ({}, said))
            ways.setdefault(said.get("way", 0), []).append(part)
        for ways, said in found.values():
            absorbs = frozenset(map(Impairment, said.get("absorbs", ())))  # type: ignore[call-overload]
            yield Requirement(id, tuple(map(tuple, ways.values())), int(str(said.get("at_least", 1))), str(said.get("label", "")), absorbs)
