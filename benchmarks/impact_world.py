"""A made-up company for the benchmark of impact: people, schedules, workflows, steps, services, infrastructure, vendors. What it is like stands in benchmarks/impact.py."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from engine.graph.structure.model import Node, Requirement

# Shares of all nodes.
SHARES = {"vendor": 0.005, "infra": 0.015, "service": 0.08, "workflow": 0.2, "step": 0.5, "schedule": 0.1, "person": 0.1}
FALLBACK = 0.35  # of steps
FIRST = 10  # who is there from the start, of each kind that is chosen by others


@dataclass(frozen=True, slots=True)
class World:
    """``parts``: ids by kind."""

    seed: int
    nodes: tuple[Node, ...]
    requirements: tuple[Requirement, ...]
    parts: dict[str, tuple[str, ...]]

    @property
    def edges(self) -> int:
        return sum(len(way) for requirement in self.requirements for way in requirement.ways)


class _Popular:
    """Who was chosen often is chosen more often; now and then it is somebody new (Simon, On a class of skew distribution functions, Biometrika 42, 1955)."""

    def __init__(self, dice: random.Random, names: Sequence[str], choices: float) -> None:
        """``choices``: how many there will be, about; everybody is to come up."""
        self.dice, self.names = dice, names
        self.urn, self.new, self.chance = list(names[:FIRST]), FIRST, len(names) / choices

    def one(self, *but: str) -> str:
        while True:
            if self.new < len(self.names) and self.dice.random() < self.chance:
                chosen, self.new = self.names[self.new], self.new + 1
            else:
                chosen = self.dice.choice(self.urn)
            if chosen not in but:
                self.urn.append(chosen)
                return chosen


def drawn(size: int, seed: int) -> World:
    """About ``size`` nodes and three times as many edges."""
    dice = random.Random(seed)
    names = {kind: [f"{kind}:{number}" for number in range(max(FIRST, round(size * share)))] for kind, share in SHARES.items()}
    nodes = [_node(dice, id, kind) for kind, ids in names.items() for id in ids]
    vendors = _Popular(dice, names["vendor"], len(names["infra"]) + 0.2 * len(names["service"]))
    infra = _Popular(dice, names["infra"], 1.8 * len(names["service"]))
    services = _Popular(dice, names["service"], 1.35 * len(names["step"]) + 0.4 * len(names["workflow"]))
    needs = [*_below(dice, names, vendors, infra), *_services(dice, names, infra, vendors), *_flows(dice, names, services)]
    dice.shuffle(needs)
    return World(seed, tuple(nodes), tuple(needs), {kind: tuple(ids) for kind, ids in names.items()})


def _node(dice: random.Random, id: str, kind: str) -> Node:
    per_hour = round(dice.paretovariate(1.2), 2) if kind == "workflow" else 0.0
    availability = 1 - 10 ** dice.uniform(-5, -2) if kind in ("vendor", "infra", "service") else 1.0
    return Node(id, kind, id.replace(":", " ").capitalize(), per_hour, availability)


def _below(dice: random.Random, names: dict[str, list[str]], vendors: _Popular, infra: _Popular) -> list[Requirement]:
    """Infrastructure stands on vendors, and on other infrastructure further down, now and then in a circle."""
    needs = []
    for place, id in enumerate(names["infra"]):
        needs.append(Requirement.of(id, vendors.one(), label="runs on"))
        if place > 3 and dice.random() < 0.6:
            others = dice.sample(names["infra"][: place // 2 + 2], 2)
            needs.append(Requirement.of(id, *others[: 1 + (dice.random() < 0.4)], label="base"))
        if dice.random() < 0.02:
            needs.append(Requirement.of(id, infra.one(id), label="circle"))
    return needs


def _services(dice: random.Random, names: dict[str, list[str]], infra: _Popular, vendors: _Popular) -> list[Requirement]:
    needs = []
    for place, id in enumerate(names["service"]):
        needs.append(Requirement.of(id, infra.one(), label="host"))
        if dice.random() < 0.3:
            copies = [infra.one() for _ in range(3)]
            needs.append(Requirement.of(id, *copies[:2], label="replicas") if len(set(copies)) < 3 or dice.random() < 0.6 else
                         Requirement.of(id, *copies, at_least=2, label="quorum"))  # fmt: skip
        if place > 3 and dice.random() < 0.5:
            others = dice.sample(names["service"][: max(4, place // 3)], 2)
            needs.append(Requirement.of(id, *others[: 1 + (dice.random() < 0.3)], label="calls"))
        if dice.random() < 0.2:
            needs.append(Requirement.of(id, vendors.one(), label="vendor"))
    return needs


def _flows(dice: random.Random, names: dict[str, list[str]], services: _Popular) -> list[Requirement]:
    """Steps ask services, with or without a fallback, and often go on with what the one before made; workflows need their steps."""
    needs = []
    flows = names["workflow"]
    last: dict[str, str] = {}
    for place, id in enumerate(names["step"]):
        flow = flows[place] if place < len(flows) else dice.choice(flows)
        usual = services.one()
        others = [services.one(usual)] if dice.random() < FALLBACK else []
        needs.append(Requirement.of(id, usual, *others, label="asks"))
        if flow in last and dice.random() < 0.8:
            needs.append(Requirement.of(id, last[flow], label="goes on with"))
        last[flow] = id
        needs.append(Requirement.of(flow, id, label="step"))
    for place, id in enumerate(flows):
        if dice.random() < 0.4:
            needs.append(Requirement.of(id, services.one(), label="trigger"))
        if place and dice.random() < 0.05:
            needs.append(Requirement.of(id, flows[dice.randrange(place)], label="waits for"))
    return [*needs, *_people(dice, names, flows)]


def _people(dice: random.Random, names: dict[str, list[str]], flows: Sequence[str]) -> list[Requirement]:
    popular = _Popular(dice, flows, 12 * len(names["person"]))
    needs = [Requirement.of(id, dice.choice(flows), label="starts") for id in names["schedule"]]
    for id in names["person"]:
        needs += [Requirement.of(id, popular.one(), label="uses") for _ in range(dice.randint(5, 20))]
    return needs


def tangled(dice: random.Random, size: int) -> list[Requirement]:
    """Needs of n0 … n(size − 1) that are hard to reckon with: n0 needs any of three pairs, many times over; or each node any of three near it."""
    ids = [f"n{number}" for number in range(size)]
    if dice.random() < 0.5:
        return [Requirement.of("n0", *(dice.sample(ids[1:], 2) for _ in range(3))) for _ in range(size * 5 // 8)]
    ways = ([other for other in (place + 1, place + 6, place + 7) if other < size] for place in range(size - 1))
    return [Requirement.of(ids[place], *(ids[other] for other in others)) for place, others in enumerate(ways)]
