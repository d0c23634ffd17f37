"""Pictures of the graph: how long they take, how heavy they are, whether they can be read; beside them other layouts of the same graphs.

    python -m benchmarks.draw [--json] [--seed 7]

speed     one picture of 18, 60 and 300 boxes, from the drawing to the PNG, processor time, median of ROUNDS; bytes, pixels, height of a label where
          the picture is shown 1,080 pixels wide; and the layout of all 300 for the page
geometry  GRAPHS random graphs of 3 to 60 boxes with circles, edges to themselves, parts that nothing joins and long names: boxes over boxes, graphs in
          which an arrow runs through a box, crossings of arrows, arrows that are not drawn; the same of HOUSES houses of 60
peers     the same boxes where fast-sugiyama puts them (rows become columns as wide as the widest box, its own bends; circles broken before, because it
          ends the process on some), and where networkx's spring layout does (the same area as ours, straight arrows; only where numpy is installed)
"""

from __future__ import annotations

import argparse
import json as jsonlib
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from bot.pictures.draw import laid_out, page, png
from bot.pictures.labels import needed
from bot.pictures.layout import LABEL, Edge, Layout, Node, arrange
from bot.pictures.looks import KINDS
from bot.pictures.routes import along
from engine.graph.portrait import Line, Spot, portrait

ROUNDS = 7
GRAPHS, HOUSES = 150, 30
GOALS = {18: 0.300, 60: 1.000, 300: 1.000}  # seconds of processor
BYTES = 500 * 1024
READABLE = 13.0  # pixels of a label at 1,080
PIERCED = 0.05  # share of graphs
Path = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Laid:
    """``boxes``: left, top, right, bottom."""

    boxes: list[tuple[float, float, float, float]]
    paths: list[Path]


def run(json: bool = False, seed: int | None = None) -> bool:
    """Measure and print; true when every goal is met. Takes about half a minute."""
    seed = random.SystemRandom().randrange(1_000, 1_000_000) if seed is None else seed
    result: dict[str, Any] = {"seed": seed, "speed": [_speed(count, seed) for count in GOALS], "page_s": _page(seed)}
    graphs = [_random_graph(random.Random(seed + at)) for at in range(GRAPHS)]
    houses = [_parts(house(60, seed + at)) for at in range(HOUSES)]
    result |= {"geometry": _geometry(graphs), "houses": _geometry(houses)}
    result["load"] = os.getloadavg()[0]
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return met(result)


def met(result: dict[str, Any]) -> bool:
    ours = [result[name]["Signalbox"] for name in ("geometry", "houses")]
    quick = all(
        row["seconds"] < GOALS[row["boxes"]] and row["bytes"] < BYTES and row["label"] >= READABLE and row["wide"] >= 1_080
        for row in result["speed"]
    )
    return quick and all(one["overlaps"] == 0 and one["pierced"] <= PIERCED and one["undrawn"] == 0 for one in ours)


def in_words(result: dict[str, Any]) -> str:
    lines = [f"seed {result['seed']}"]
    for row in result["speed"]:
        lines.append(
            f"{row['boxes']:>4} boxes ({row['drawn']} drawn, {row['arrows']} arrows)  {1000 * row['seconds']:.0f} ms (layout {1000 * row['layout']:.0f}), "
            f"{row['bytes'] // 1024} KiB, {row['wide']} × {row['high']}, label {row['label']:.1f} px    goal < {1000 * GOALS[row['boxes']]:.0f} ms, < 500 KiB, ≥ {READABLE:g} px"
        )
    lines.append(f" 300 boxes for the page  {1000 * result['page_s']:.0f} ms")
    for title, name in ((f"{GRAPHS} random graphs", "geometry"), (f"{HOUSES} believable houses", "houses")):
        lines.append(f"{title:<32} boxes over boxes   graphs with a pierced box   crossings   arrows not drawn   ms a layout")
        lines += [_row(peer, row) for peer, row in result[name].items()]
    lines.append(f"goal: 0, ≤ {100 * PIERCED:g} %, none    {os.cpu_count()} cores, load {result['load']:.1f}")
    return "\n".join(lines)


def _row(name: str, row: dict[str, Any] | str) -> str:
    if isinstance(row, str):
        return f"  {name:<30} {row}"
    share = f"{100 * row['pierced']:.1f} %"
    return f"  {name:<30} {row['overlaps']:>16,} {share:>27} {row['crossings']:>11,} {row['undrawn']:>18,} {row['ms']:>13.1f}"


# --- speed ------------------------------------------------------------------------------------------------------------------


def _speed(count: int, seed: int) -> dict[str, Any]:
    drawing = house(count, seed)
    png(drawing)  # what is read once: font, libraries
    times, layouts, data = [], [], b""
    for _ in range(ROUNDS):
        layouts.append(_timed(lambda: laid_out(drawing)))
        began = time.process_time()
        data = png(drawing)
        times.append(time.process_time() - began)
    return {
        "boxes": count,
        "drawn": len(drawing["nodes"]),
        "arrows": len(drawing["edges"]),
        "seconds": median(times),
        "layout": median(layouts),
        "bytes": len(data),
        "wide": int.from_bytes(data[16:20], "big"),
        "high": int.from_bytes(data[20:24], "big"),
        "label": LABEL * 1_080 / laid_out(drawing).width,
    }


def _page(seed: int) -> float:
    drawing = house(300, seed, most=1_000)
    return median(_timed(lambda: page(drawing)) for _ in range(3))


def _timed(does: Callable[[], object]) -> float:
    began = time.process_time()
    does()
    return time.process_time() - began


def house(count: int, seed: int, most: int = 60) -> dict[str, Any]:
    """A believable house whose tracker is down: half workflows, some services that most of them need, components on infrastructure."""
    dice = random.Random(seed + count)
    flows = [f"wf_{at}" for at in range(count // 2)]
    services = [f"service {at}" for at in range(max(4, count // 6))]
    parts = [f"component-{at}" for at in range(count // 5)]
    infra = [f"infra-{at}" for at in range(count - len(flows) - len(services) - len(parts))]
    lines = [Line(source=flow, target=services[int(dice.random() ** 2 * len(services))], kind="step") for flow in flows for _ in range(2)]
    lines += [Line(source=dice.choice(flows), target=part, kind="observed", volume=dice.choice([3.0, 40.0, 6_000.0])) for part in parts]
    lines += [Line(source=part, target=dice.choice(infra)) for part in parts for _ in range(2)] if infra else []
    hit = {line.source for line in lines if line.target == services[0]}
    names = {flow: f"{dice.choice(['release', 'invoice', 'onboarding'])}-{dice.choice(['notes', 'sync', 'report'])} {at}" for at, flow in enumerate(flows)}  # fmt: skip
    spots = [
        Spot(id=flow, label=names[flow], kind="workflow", state="stops" if flow in hit else "ok", badge="3/h", rate=dice.random())
        for flow in flows
    ]
    spots += [Spot(id=one, label=one.title(), state="down" if one == services[0] else "ok") for one in services]
    spots += [Spot(id=one, label=one, kind=kind) for kind, group in (("component", parts), ("infra", infra)) for one in group]
    lines = [Line(source=line.source, target=line.target, kind=line.kind, volume=line.volume, state="broken" if line.target == services[0] else "plain") for line in lines]  # fmt: skip
    return portrait(
        spots, lines, headline="Service 0 is down", subline=f"{len(hit)} workflows stop · severity high", focus=services[0], most=most
    )


# --- geometry ---------------------------------------------------------------------------------------------------------------


Graph = tuple[list[Node], list[Edge]]


def _geometry(graphs: Sequence[Graph]) -> dict[str, Any]:
    layouts = {"Signalbox": _ours, "fast-sugiyama as it comes": _sugiyama, "networkx spring layout": _spring}
    return {name: _judged(graphs, lay) for name, lay in layouts.items()}


def _parts(drawing: dict[str, Any]) -> Graph:
    nodes = [Node(*(node[key] for key in ("id", "label", "badge", "kind", "state"))) for node in drawing["nodes"]]
    edges = [Edge(*(edge[key] for key in ("source", "target", "kind", "state"))) for edge in drawing["edges"]]
    return nodes, list({(edge.source, edge.target): edge for edge in edges}.values())


def _random_graph(dice: random.Random) -> tuple[list[Node], list[Edge]]:
    count = dice.randint(3, 60)
    words = ["sync", "invoice", "release-notes", "onboarding of everybody who is new", "a-very-long-name-without-any-blank-" * 2]
    nodes = [
        Node(f"n{at}", f"{dice.choice(words)} {at}", dice.choice(["", "16/h"]), dice.choice(KINDS), dice.choice(["ok", "ok", "stops"]))
        for at in range(count)
    ]
    pairs = [(dice.choice(nodes).id, dice.choice(nodes).id) for _ in range(int(count * dice.uniform(0.5, 1.6)))]
    return nodes, [Edge(one, other, "declared", "plain") for one, other in dict.fromkeys(pairs)]


def _judged(graphs: Sequence[tuple[list[Node], list[Edge]]], lay: Callable[[list[Node], list[Edge]], Laid]) -> dict[str, Any] | str:
    overlaps = pierced = crossed = undrawn = 0
    spent = 0.0
    for nodes, edges in graphs:
        began = time.process_time()
        try:
            laid = lay(nodes, edges)
        except ImportError as error:
            return f"not measured: {error}"
        spent += time.process_time() - began
        overlaps += _overlaps(laid.boxes)
        pierced += _pierced(laid)
        crossed += crossings(laid.paths)
        undrawn += len({tuple(sorted((edge.source, edge.target))) for edge in edges}) - len(laid.paths)
    return {
        "overlaps": overlaps,
        "pierced": pierced / len(graphs),
        "crossings": crossed,
        "undrawn": undrawn,
        "ms": 1000 * spent / len(graphs),
    }


def _ours(nodes: list[Node], edges: list[Edge]) -> Laid:
    return _walked(arrange(nodes, edges))


def _walked(layout: Layout) -> Laid:
    paths = []
    for arrow in layout.arrows:
        path, start = [arrow.start], arrow.start
        for curve in arrow.curves:
            path += [along(start, curve, step / 10) for step in range(1, 11)]
            start = curve[4:]
        paths.append(path)
    return Laid([(box.x, box.y, box.right, box.y + box.height) for box in layout.boxes], paths)


def _sugiyama(nodes: list[Node], edges: list[Edge]) -> Laid:
    """Its rows as columns, so wide that the widest box fits beside a gap; boxes are 34 high and 45 apart, as ours are."""
    import fast_sugiyama

    at = {node.id: index for index, node in enumerate(nodes)}
    kept = _without_circles([(at[edge.source], at[edge.target]) for edge in edges])
    widths = [min(230.0, needed(node)) for node in nodes]
    across = max(widths) + 70
    layouts = fast_sugiyama.from_edges(kept, vertex_spacing=45, dummy_vertices=True, dummy_size=1.0, check_layout=False) if kept else []
    spots: dict[int, tuple[float, float]] = {}
    bends: list[tuple[int, int]] = []
    top = 0.0
    for found, *_, steps in layouts:
        lowest = min(x for _, (x, _) in found)
        spots |= {int(vertex): (-y / 45 * across, x - lowest + top) for vertex, (x, y) in found}
        top = max(y for vertex, (_, y) in spots.items()) + 45
        bends += [(int(one), int(other)) for one, other in steps or ()]
    for index in range(len(nodes)):
        if index not in spots:
            spots[index] = (0.0, top)
            top += 45
    boxes = [(spots[at][0] - width / 2, spots[at][1] - 17, spots[at][0] + width / 2, spots[at][1] + 17) for at, width in enumerate(widths)]
    after: dict[int, list[int]] = {}
    for one, other in bends or kept:
        after.setdefault(one, []).append(other)
    return Laid(boxes, [_line(path, spots, boxes) for path in _followed(after, len(nodes))])


def _followed(after: dict[int, list[int]], count: int) -> Iterable[list[int]]:
    """From box to box along the vertices it split long arrows with."""
    for source in [vertex for vertex in after if vertex < count]:
        for step in after[source]:
            path = [source, step]
            while path[-1] >= count and after.get(path[-1]):
                path.append(after[path[-1]][0])
            yield path


def _line(path: Sequence[int], spots: dict[int, tuple[float, float]], boxes: Sequence[tuple[float, float, float, float]]) -> Path:
    points = [spots[vertex] for vertex in path]
    points[0] = (boxes[path[0]][2], points[0][1])
    if path[-1] < len(boxes):
        points[-1] = (boxes[path[-1]][0], points[-1][1])
    return _dense(points)


def _dense(points: Sequence[tuple[float, float]]) -> Path:
    return [(a[0] + (b[0] - a[0]) * step / 20, a[1] + (b[1] - a[1]) * step / 20) for a, b in pairwise(points) for step in range(21)]


def _without_circles(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    after: dict[int, list[int]] = {}
    for one, other in pairs:
        waiting, seen = [other], set()
        while waiting:
            vertex = waiting.pop()
            if vertex not in seen:
                seen.add(vertex)
                waiting += after.get(vertex, [])
        if one not in seen:
            after.setdefault(one, []).append(other)
            kept.append((one, other))
    return kept


def _spring(nodes: list[Node], edges: list[Edge]) -> Laid:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(node.id for node in nodes)
    graph.add_edges_from((edge.source, edge.target) for edge in edges if edge.source != edge.target)
    ours = arrange(nodes, edges)
    spots = nx.spring_layout(graph, seed=1)
    middle = {id: ((x + 1) / 2 * ours.width, (y + 1) / 2 * ours.height) for id, (x, y) in spots.items()}
    boxes = []
    for node in nodes:
        (x, y), wide = middle[node.id], min(230.0, needed(node))
        boxes.append((x - wide / 2, y - 17, x + wide / 2, y + 17))
    return Laid(boxes, [_dense([middle[one], middle[other]]) for one, other in graph.edges])


def _overlaps(boxes: Sequence[tuple[float, float, float, float]]) -> int:
    found = 0
    for at, (left, top, right, bottom) in enumerate(boxes):
        found += sum(1 for one in boxes[:at] if left < one[2] and one[0] < right and top < one[3] and one[1] < bottom)
    return found


def _pierced(laid: Laid) -> bool:
    """Whether any arrow runs through a box; where it begins and ends does not count."""
    for path in laid.paths:
        ends = {at for at, box in enumerate(laid.boxes) for x, y in (path[0], path[-1]) if _within(box, x, y, -1.0)}
        if any(_within(box, x, y, 1.0) for at, box in enumerate(laid.boxes) if at not in ends for x, y in path):
            return True
    return False


def _within(box: tuple[float, float, float, float], x: float, y: float, inset: float) -> bool:
    left, top, right, bottom = box
    return left + inset < x < right - inset and top + inset < y < bottom - inset


def crossings(paths: Sequence[Path]) -> int:
    """Pairs of arrows that cross, ends that meet left out."""
    lines = sorted((min(a[0], b[0]), max(a[0], b[0]), number, a, b) for number, path in enumerate(paths) for a, b in pairwise(path))  # fmt: skip
    found: set[tuple[int, int]] = set()
    for at, (_, right, number, a, b) in enumerate(lines):
        for left, _, other, c, d in lines[at + 1 :]:
            if left > right:
                break
            if number != other and _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0:
                found.add((min(number, other), max(number, other)))
    return len(found)


def _side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--json", action="store_true")
    given.add_argument("--seed", type=int, default=None)
    asked = given.parse_args()
    sys.exit(0 if run(asked.json, asked.seed) else 1)
