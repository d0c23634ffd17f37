"""Who carries the excess by itself: a node's share of the symptom, less what its own dependencies carry, as far as the symptom can have come from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, TypeAlias

from engine.graph.blame.excess import Excess

Portions: TypeAlias = Mapping[tuple[str, str], float]

DOUBT: Final = 2.0  # noises that a share must stand above to count half
NOTICED: Final = 3.0  # noises from which a node without counts counts half
OPEN: Final = 1.0  # noises by which a node on the way may carry more than was seen, before it counts as closed
HIDDEN: Final = 0.3  # what a node weighs that no known line leads to: lines are missing in every graph
LOST: Final = 0.5  # what is added to that as nothing known explains the target
ABOVE: Final = 0.1  # what a node weighs that needs the target itself: it suffers, unless the line is drawn the wrong way round
NEWCOMER: Final = 0.2  # what a dependency weighs that its caller never had before: it is the caller that changed


@dataclass(frozen=True, slots=True)
class Part:
    """One node's part in the symptom, each 0..1: ``share`` that flows through it, ``own`` that its dependencies do not explain, ``way`` how well the
    path from the target carries it. ``score`` = own x way. ``reached``: known lines lead from the target to it."""

    node: str
    share: float
    own: float
    way: float
    reached: bool
    score: float


def share_of(excess: Excess, whole: float) -> float:
    """0..1, shrunk by the node's own usual noise: a share of DOUBT noises counts half."""
    if whole <= 0 or excess.more <= 0:
        return 0.0
    if excess.guessed:
        return _noticeable(excess, whole)
    share, noise = excess.more / whole, DOUBT * excess.noise / whole
    return min(1.0, share) * share * share / (share * share + noise * noise)


def _most(excess: Excess, whole: float) -> float:
    return 1.0 if excess.guessed else min(1.0, max(0.0, (excess.more + OPEN * excess.noise) / whole)) if whole > 0 else 0.0


def _noticeable(excess: Excess, whole: float) -> float:
    """Without counts nobody knows how much flows through it: what is left is how unusual it is, and how much of itself it grew."""
    noises = excess.more / excess.noise if excess.noise > 0 else NOTICED
    return noises**2 / (noises**2 + NOTICED**2) * sqrt(min(1.0, excess.more / whole))


def parts(found: Mapping[str, Excess], lines: Iterable[tuple[str, str]], target: str, portions: Portions | None = None) -> list[Part]:
    """Best first. ``lines``: (caller, callee); circles and lines to oneself are allowed. ``portions``: of the callee's excess, what came by that
    line; without them it is split between callers as they carry the symptom themselves."""
    whole = found[target].more
    shares = {node: share_of(excess, whole) for node, excess in found.items()} | {target: 1.0}
    most = {node: max(shares[node], _most(excess, whole)) for node, excess in found.items()}
    callees = _callees(lines, shares)
    callers = _turned(callees)
    order = list(_callees_first(target, callees, found))
    owns = _owns(order, callers, found, shares, most, portions)
    ways = _ways(target, order, most)
    above = _closure(target, callers)
    hidden = HIDDEN + LOST * owns[target]
    elsewhere = max((shares[node] * own for node, own in owns.items() if node not in ways and node not in above), default=0.0)
    owns[target] *= 1 - LOST * owns[target] * elsewhere
    made = []
    for node, share in shares.items():
        aside = (ABOVE if node in above else hidden) * share
        way = max(ways.get(node, 0.0), aside)
        score = owns[node] * way * (NEWCOMER if found[node].new and node != target else 1.0)
        made.append(Part(node, share, owns[node], way, node in ways, score))
    return sorted(made, key=lambda part: (-part.score, -part.share, -found[part.node].more, part.node))


def _owns(
    order: Sequence[tuple[str, list[str]]],
    callers: Mapping[str, set[str]],
    found: Mapping[str, Excess],
    shares: Mapping[str, float],
    most: Mapping[str, float],
    portions: Portions | None,
) -> dict[str, float]:
    """For each node its share less what its callees carry. What a noisy callee passes on counts as carried by it, even if its own share drowns."""
    owns: dict[str, float] = {}
    carried: dict[str, float] = {}
    whole: dict[str, float] = {}
    for node, onward in order:
        explained = 0.0
        for callee in onward:
            if found[callee].new:
                continue
            if portions is not None and (node, callee) in portions:
                explained += carried[callee] * portions[node, callee]
                continue
            if callee not in whole:
                whole[callee] = sum(most[other] for other in callers[callee])
            explained += carried[callee] * most[node] / whole[callee] if whole[callee] > 0 else 0.0
        owns[node] = max(0.0, shares[node] - explained)
        carried[node] = min(most[node], max(shares[node], explained))
    return owns


def _callees_first(target: str, callees: Mapping[str, set[str]], found: Mapping[str, Excess]) -> Iterator[tuple[str, list[str]]]:
    """Every node after those it calls, with those; of a circle, the line that closes it is left out. Depth first, from the target."""
    done: set[str] = set()
    for start in (target, *found):
        if start in done:
            continue
        path: list[tuple[str, list[str], int]] = [(start, _in_order(start, callees, found), 0)]
        open_nodes = {start}
        while path:
            node, onward, place = path.pop()
            while place < len(onward) and (onward[place] in done or onward[place] in open_nodes):
                place += 1
            if place < len(onward):
                path.append((node, onward, place))
                after = onward[place]
                open_nodes.add(after)
                path.append((after, _in_order(after, callees, found), 0))
                continue
            open_nodes.discard(node)
            done.add(node)
            yield node, [callee for callee in onward if callee in done and callee != node and callee not in open_nodes]


def _in_order(node: str, callees: Mapping[str, set[str]], found: Mapping[str, Excess]) -> list[str]:
    return sorted(callees.get(node, ()), key=lambda callee: (-found[callee].bad, callee))


def _callees(lines: Iterable[tuple[str, str]], measured: Mapping[str, float]) -> dict[str, set[str]]:
    """Who calls whom among the measured: what was not measured is passed through, for its callees may be."""
    direct: dict[str, set[str]] = {}
    for caller, callee in lines:
        if caller != callee:
            direct.setdefault(caller, set()).add(callee)
    return {caller: _measured(caller, direct, measured) for caller in direct if caller in measured}


def _turned(callees: Mapping[str, set[str]]) -> dict[str, set[str]]:
    callers: dict[str, set[str]] = {}
    for caller, others in callees.items():
        for callee in others:
            callers.setdefault(callee, set()).add(caller)
    return callers


def _measured(caller: str, direct: Mapping[str, set[str]], measured: Mapping[str, float]) -> set[str]:
    found: set[str] = set()
    seen = {caller}
    queue = deque(direct[caller])
    while queue:
        node = queue.popleft()
        if node in seen:
            continue
        seen.add(node)
        if node in measured:
            found.add(node)
        else:
            queue.extend(direct.get(node, ()))
    return found


def _ways(target: str, order: Sequence[tuple[str, list[str]]], most: Mapping[str, float]) -> dict[str, float]:
    """For every node that can be reached: what can have come down to it from the target, if no node on the way carries more than it may. What comes
    by several callers adds up, as where many workflows ask one service."""
    inflow = {target: 1.0}
    for node, onward in reversed(order):
        if node in inflow:
            inflow[node] = min(inflow[node], most[node])
            for callee in onward:
                inflow[callee] = inflow.get(callee, 0.0) + inflow[node]
    return inflow


def _closure(start: str, lines: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    queue = [start]
    while queue:
        for node in lines.get(queue.pop(), ()):
            if node not in found:
                found.add(node)
                queue.append(node)
    return found
