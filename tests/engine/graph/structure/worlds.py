"""Small structures drawn by hypothesis or by dice, and the plainest possible reading of them to compare with."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from itertools import product

from hypothesis import strategies as st

from engine.graph.structure.index import Structure
from engine.graph.structure.model import Impairment, Node, Requirement

LETTERS = "abcdefgh"


def up(nodes: Iterable[str], requirements: Collection[Requirement], failed: Collection[str]) -> set[str]:
    """Who stands: everybody stands to begin with, and whoever has a need that does not hold is struck out until nobody has."""
    standing = set(nodes) - set(failed)
    while True:
        falls = {one.node for one in requirements if one.node in standing and not holds(one, standing)}
        if not falls:
            return standing
        standing -= falls


def holds(requirement: Requirement, standing: Collection[str]) -> bool:
    """That a node needs itself is no need; the same way told twice is one."""
    ways = {frozenset(way) - {requirement.node} for way in requirement.ways}
    return sum(way <= set(standing) for way in ways) >= requirement.at_least


def reachable(requirements: Iterable[Requirement], failed: Collection[str]) -> set[str]:
    """Who has something to do with what failed, as plain reachability sees it: every mention is a need."""
    found, before = set(failed), 0
    requirements = list(requirements)
    while len(found) != before:
        before = len(found)
        found |= {one.node for one in requirements if any(part in found for way in one.ways for part in way)}
    return found


def chance_up(nodes: Mapping[str, float], requirements: Collection[Requirement], node: str) -> float:
    """By trying every state of the fallible nodes."""
    fallible = [id for id, availability in nodes.items() if availability < 1]
    total = 0.0
    for state in product((True, False), repeat=len(fallible)):
        failed = {id for id, ok in zip(fallible, state, strict=True) if not ok}
        if node in up(nodes, requirements, failed):
            weight = 1.0
            for id, ok in zip(fallible, state, strict=True):
                weight *= nodes[id] if ok else 1 - nodes[id]
            total += weight
    return total


@st.composite
def requirements(draw: st.DrawFn, letters: str = LETTERS, most: int = 12) -> list[Requirement]:
    """With circles, needs of oneself, doubles and ways of several."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        node = draw(st.sampled_from(letters))
        way = st.lists(st.sampled_from(letters), min_size=1, max_size=2, unique=True).map(lambda parts: tuple(sorted(parts)))
        ways = draw(st.lists(way, min_size=1, max_size=4))
        several = len({tuple(part for part in way if part != node) for way in ways})
        rides = draw(st.sets(st.sampled_from(Impairment), max_size=2)) if draw(st.booleans()) else set()
        found.append(Requirement(node, tuple(ways), draw(st.integers(1, several)), f"need {len(found)}", frozenset(rides)))
    return found


def structure(needs: Iterable[Requirement], letters: str = LETTERS, **availability: float) -> Structure:
    return Structure.of([Node(letter, "node", letter.upper(), 1.0, availability.get(letter, 1.0)) for letter in letters], needs)


def drawn(dice: random.Random, size: int, *, circles: bool = False) -> tuple[list[str], list[Requirement]]:
    """Layers with fallbacks, quorums and what they share; n0 stands on top."""
    ids = [f"n{number}" for number in range(size)]
    needs = []
    for place, id in enumerate(ids[:-1]):
        for _ in range(dice.randint(1, 2)):
            below = ids[place + 1 :] if not (circles and dice.random() < 0.15) else ids
            ways = [tuple(dice.sample(below, min(len(below), dice.choice((1, 1, 1, 2))))) for _ in range(dice.choice((1, 1, 2, 2, 3)))]
            count = len({tuple(sorted(part for part in way if part != id)) for way in ways})
            needs.append(Requirement(id, tuple(ways), dice.randint(1, count), f"{id} needs {len(needs)}"))
    return ids, needs
