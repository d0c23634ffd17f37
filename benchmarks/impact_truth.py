"""Whether what breaks is told rightly: small graphs against trying everything, and a graph of a million edges. What is asked stands in benchmarks/impact.py."""

from __future__ import annotations

import gc
import random
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks.impact_world import tangled
from engine.graph.structure import availability as module
from engine.graph.structure.answers import Answers
from engine.graph.structure.availability import availability
from engine.graph.structure.cone import Cone
from engine.graph.structure.index import Structure
from engine.graph.structure.model import Node, Requirement
from tests.engine.graph.structure.worlds import drawn, reachable, up

GRAPHS = 1_000


def brute(seed: int) -> dict[str, Any]:

    dice = random.Random(seed)
    wrong = questions = said = true = 0
    for number in range(GRAPHS):
        ids, needs = drawn(dice, dice.randint(6, 18), circles=number % 2 == 1)
        structure = Structure.of([Node(id) for id in ids], needs + needs[:2])
        answers, cone = Answers(structure, long=1 if number % 3 else 1_000), Cone.of(structure, range(len(ids)))
        rows = dict(zip(cone.nodes, cone.fails([1 << node for node in cone.nodes]), strict=True))
        for failed in [[id] for id in ids] + [dice.sample(ids, 2) for _ in range(4)]:
            gone = set(ids) - up(ids, needs, failed)
            found = [set(answers.what_if(failed).down())]
            if len(failed) == 1:
                bit = structure.number(failed[0])
                found.append({structure.nodes[node].id for node, row in rows.items() if row >> bit & 1})
                said, true = said + len(reachable(needs, failed)) - 1, true + len(gone) - 1
            wrong += any(one != gone for one in found)
            questions += 1
    return {"graphs": GRAPHS, "questions": questions, "mismatches": wrong, "over": said / true}


def expected(seed: int) -> dict[str, Any]:

    dice = random.Random(seed)
    errors, naive = [], []
    for number in range(200):
        ids, needs = drawn(dice, dice.randint(8, 16), circles=number % 4 == 3)
        chances = [1 - 10 ** dice.uniform(-4, -1) for _ in ids]
        structure = Structure.of([Node(id, availability=chance) for id, chance in zip(ids, chances, strict=True)], needs)
        down = by_every_state(Cone.of(structure, [0]), chances)
        found = availability(structure, "n0", dice=dice.getrandbits)
        errors.append(abs((1 - found.value) / down - 1))
        naive.append(abs((1 - found.naive) / down - 1))
    return {"graphs": len(errors), "worst": max(errors), "naive": median(naive), "naive_worst": max(naive), **_larger(dice)}


def _larger(dice: random.Random) -> dict[str, Any]:
    """Half of them layers as before, half of them tangled on purpose."""

    spent, inexact, held, off = [], 0, 0, []
    for number in range(60):
        size = dice.randint(20, 40)
        ids, needs = drawn(dice, size, circles=number % 4 == 2)
        needs = tangled(dice, size) if number % 2 else needs
        structure = Structure.of([Node(id, availability=1 - 10 ** dice.uniform(-4, -1)) for id in ids], needs)
        begun = time.perf_counter()
        exact = availability(structure, "n0", dice=dice.getrandbits)
        spent.append((time.perf_counter() - begun) * 1000)
        inexact += not exact.exact
        cone = Cone.of(structure, [0])
        chances = [structure.nodes[node].availability for node in cone.nodes]
        value, low, high, _, _ = module._sampled(cone, cone.place[0], chances, range(len(chances)), dice.getrandbits, module.SAMPLES)
        held += low <= exact.value <= high
        off.append(abs((1 - value) / (1 - exact.value) - 1))
    return {"large": len(spent), "inexact": inexact, "ms": fmean(spent), "worst_ms": max(spent), "held": held, "sampled": median(off)}


def by_every_state(cone: Any, chances: Sequence[float]) -> float:
    """How likely the top is down: all 2ⁿ states as the bits of one number, then weighed by halving. Up to some 16 nodes."""
    count = len(cone.nodes)
    own = []
    for place in range(count):
        half = 1 << place
        block = ((1 << half) - 1) << half  # states in which this one fails: its bit of the state is set
        pattern = block
        width = 2 * half
        while width < 1 << count:
            pattern |= pattern << width
            width *= 2
        own.append(pattern)
    down = cone.fails(own)[cone.place[0]]

    def weigh(row: int, place: int) -> float:
        if not row:
            return 0.0
        if place < 0:
            return 1.0
        half = 1 << place
        chance = chances[cone.nodes[place]]
        return chance * weigh(row & ((1 << half) - 1), place - 1) + (1 - chance) * weigh(row >> half, place - 1)

    return weigh(down, count - 1)


def million(seed: int) -> dict[str, Any]:
    dice = random.Random(seed)
    nodes, edges = 250_000, 1_000_000

    def needs() -> Iterator[Requirement]:
        for number in range(edges // 4):
            owner = number % nodes
            below = [dice.randrange(owner // 2, owner) if owner and dice.random() < 0.9 else dice.randrange(nodes) for _ in range(4)]
            ids = [f"n{part}" for part in below]
            if len(set(below) - {owner}) < 4:
                continue
            yield Requirement.of(f"n{owner}", ids[0])
            yield Requirement.of(f"n{owner}", *ids[1:], at_least=dice.randint(1, 2))

    told = list(needs())
    before = megabytes()
    begun = time.process_time()
    structure = Structure.of((), told)
    build = time.process_time() - begun
    grown = megabytes() - before
    answers = Answers(structure)
    asked = [id for id in map("n{}".format, range(20)) if id in structure] + [dice.choice(structure.nodes).id for _ in range(10)]
    spent, longest = [], 0
    for id in asked:
        begun = time.process_time()
        longest = max(longest, len(answers.what_if([id])))
        spent.append((time.process_time() - begun) * 1000)
    return {
        "nodes": len(structure),
        "edges": structure.edges,
        "build_s": build,
        "mb": grown,
        "longest": longest,
        "worst_ms": max(spent),
    }


def megabytes() -> float:
    """Of the process now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 1e6
