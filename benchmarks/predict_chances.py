"""Runs whose true chance of success is known, since it was made up: does the 90 % interval hold it as often as it says?

Four kinds of workflow: one whose chance never changes, one that drifts a little with every run, one whose chance jumps to a new one every 33 runs or so,
and one where it jumps every ten. Chances are drawn from four houses: where most things work, where nearly everything does, where nobody knows, and where
things nearly always or nearly never work.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

HOUSES = {"most works": (4.0, 1.0), "nearly all works": (12.0, 1.0), "anything goes": (1.0, 1.0), "all or nothing": (0.5, 0.5)}
KINDS = ("steady", "drifting", "jumping", "restless")
JUMPS = {"steady": 0.0, "drifting": 0.0, "jumping": 0.03, "restless": 0.1}
DRIFT = 0.12  # log odds a run
ASKED = frozenset((5, 8, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100, 120, 140, 160, 180))
RUNS = 181
FLOWS = 24  # of each kind in each house


@dataclass(slots=True)
class Held:
    inside: int = 0
    asked: int = 0
    width: float = 0.0

    @property
    def share(self) -> float:
        return self.inside / self.asked


def coverage(seed: int) -> dict[str, dict[str, float]]:
    """By house, by kind and over all: how often the interval held the truth, and how wide it was."""
    from engine.prediction.success.model import SuccessModel

    dice, found = random.Random(seed), {name: Held() for name in ("all", *HOUSES, *KINDS, "5 to 20 runs", "25 to 60 runs", "80 and more")}
    for house, prior in HOUSES.items():
        model = SuccessModel()  # a house of its own
        flows = [(f"{kind} {number}", kind, _truth(kind, prior, dice)) for kind in KINDS for number in range(FLOWS)]
        for place in range(RUNS):
            for name, kind, truth in flows:
                chance = model.began(str(place), name, float(place))
                if place in ASKED:
                    stage = "5 to 20 runs" if place <= 20 else "25 to 60 runs" if place <= 60 else "80 and more"
                    for held in (found["all"], found[house], found[kind], found[stage]):
                        held.asked += 1
                        held.inside += chance.low <= truth[place] <= chance.high
                        held.width += chance.high - chance.low
                model.ended(str(place), name, dice.random() < truth[place])
    return {name: {"held": held.share, "width": held.width / held.asked, "asked": held.asked} for name, held in found.items()}


def _truth(kind: str, prior: tuple[float, float], dice: random.Random) -> list[float]:
    chance, found = dice.betavariate(*prior), []
    for _ in range(RUNS):
        found.append(chance)
        if dice.random() < JUMPS[kind]:
            chance = dice.betavariate(*prior)
        if kind == "drifting":
            chance = min(0.999, max(0.001, chance))
            odds = math.log(chance / (1 - chance)) + dice.gauss(0, DRIFT)
            chance = 1 / (1 + math.exp(-min(5.0, max(-5.0, odds))))
    return found
