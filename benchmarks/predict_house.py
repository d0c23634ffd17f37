"""A made-up house: services with outages, workflows of some steps, a monitor that notices late and now and then cries wolf.

Outages as in the simulation of routing: a service is well 95.3 % of the time, its outages last 12 minutes on average (45 % refuse at once, 25 % hang, 30 % are
brownouts in which half the calls fail), and 1.65 % of all calls fail for no reason that lasts. A workflow has two to five steps, one after the other, and now
and then somebody breaks it: then one of its steps fails nearly always until it is mended. What is foretold of a run, is foretold as it begins.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import exp, log, prod
from typing import Any

SERVICES = 15
WORKFLOWS = 60
HOURS = 120
PACE = 0.05  # runs a second, all workflows together
UP = 0.953
OUTAGE = 720.0  # seconds, on average
BLIP = 0.0165
BREAKS = 1 / (60 * 3600.0)  # a second and workflow
BROKEN = 2 * 3600.0  # seconds until it is mended, on average
WORKS = {"refuses": 0.03, "hangs": 0.05, "brownout": 0.5}
SAID = {"refuses": ("offline", 15.0), "hangs": ("offline", 25.0), "brownout": ("unhealthy", 60.0)}  # what the monitor says, after so long
FALSE = 1 / (200 * 3600.0)  # cries of wolf, a second and service; they last five minutes


@dataclass(frozen=True, slots=True)
class Spell:
    """``status`` is what the monitor says from ``noticed`` until ``over``; empty for a time in which it says nothing."""

    start: float
    end: float
    kind: str
    status: str
    noticed: float
    over: float


@dataclass(frozen=True, slots=True)
class Flow:
    name: str
    steps: tuple[tuple[str, str], ...]
    broken: tuple[tuple[float, float], ...]
    share: float


@dataclass(frozen=True, slots=True)
class Ran:
    """``truth``: the chance it really had. ``answers``: (service, action, succeeded, when)."""

    number: int
    flow: Flow
    at: float
    truth: float
    succeeded: bool
    ended: float
    answers: tuple[tuple[str, str, bool, float], ...]


class HouseWorld:
    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        self.length = HOURS * 3600.0
        self.spells = {f"service{number}": self._spells(dice) for number in range(SERVICES)}
        self.flows = [self._flow(number, dice) for number in range(WORKFLOWS)]
        self.runs = list(self._runs(dice))

    def _spells(self, dice: random.Random) -> list[Spell]:
        found, at = [], 0.0
        while (at := at + dice.expovariate((1 - UP) / UP / OUTAGE)) < self.length:
            kind = dice.choices(tuple(WORKS), (0.45, 0.25, 0.3))[0]
            end = at + dice.expovariate(1 / OUTAGE)
            status, late = SAID[kind]
            noticed = at + late * exp(dice.gauss(0, 0.65))
            heard = noticed < end  # short ones pass unnoticed
            found.append(Spell(at, end, kind, status if heard else "", noticed, end + 45 * exp(dice.gauss(0, 0.5)) if heard else noticed))
            at = end
        at = 0.0
        while (at := at + dice.expovariate(FALSE)) < self.length:
            found.append(Spell(at, at, "", dice.choice(("degraded", "unhealthy")), at, at + 300))
        return sorted(found, key=lambda spell: spell.start)

    def _flow(self, number: int, dice: random.Random) -> Flow:
        steps = tuple((f"service{dice.randrange(SERVICES)}", f"action{dice.randrange(3)}") for _ in range(dice.randint(2, 5)))
        broken, at = [], 0.0
        while (at := at + dice.expovariate(BREAKS)) < self.length:
            end = at + dice.expovariate(1 / BROKEN)
            broken.append((at, end))
            at = end
        return Flow(f"workflow{number}", steps, tuple(broken), dice.paretovariate(1.2))

    def _runs(self, dice: random.Random) -> Iterator[Ran]:
        at, number, shares = 0.0, 0, [flow.share for flow in self.flows]
        while (at := at + dice.expovariate(PACE)) < self.length:
            flow, answers, when, fine = dice.choices(self.flows, shares)[0], [], at, True
            broken = any(start <= at < end for start, end in flow.broken)
            truth = prod(self._works(service, at) for service, _ in flow.steps) * (0.05 if broken else 1.0)
            for place, (service, action) in enumerate(flow.steps):
                when += exp(dice.gauss(log(0.35), 0.6))
                fine = dice.random() < self._works(service, when) * (0.05 if broken and place == 0 else 1.0)
                answers.append((service, action, fine, when))
                if not fine:
                    break
            yield Ran(number, flow, at, truth, fine, when, tuple(answers))
            number += 1

    def _works(self, service: str, at: float) -> float:
        chance = 1 - BLIP
        for spell in self.spells[service]:
            if spell.start > at:
                break
            if at < spell.end and spell.kind:
                chance = WORKS[spell.kind]
        return chance

    def said(self, service: str, at: float) -> str:
        """The monitor's word at that moment."""
        word = "healthy"
        for spell in self.spells[service]:
            if spell.start > at:
                break
            if spell.status and spell.noticed <= at < spell.over:
                word = spell.status
        return word


SCORES = {"healthy": 97.0, "degraded": 80.0, "unhealthy": 60.0, "offline": 15.0}


def foretold(world: HouseWorld, *, steps: bool, health: bool) -> list[float]:
    """By the shipped model, each run as it begins; every answer and every end is told it when it comes."""
    from engine.prediction.success.circumstances import Circumstances, Part, ServiceNow
    from engine.prediction.success.model import SuccessModel

    model, waiting, found = SuccessModel(), [], []
    for run in world.runs:
        while waiting and waiting[0][0] <= run.at:
            _, _, _, told = heapq.heappop(waiting)
            told(model)
        parts = tuple(Part(service, action) for service, action in run.flow.steps) if steps else ()
        touched = dict.fromkeys(service for service, _ in run.flow.steps)
        now = tuple(_now(service, world.said(service, run.at), ServiceNow) for service in touched) if health else ()
        found.append(model.began(str(run.number), run.flow.name, run.at, Circumstances(parts=parts, services=now)).probability)
        if steps:
            for place, (service, action, fine, when) in enumerate(run.answers):
                heapq.heappush(waiting, (when, run.number, place, _heard(Part(service, action), fine, when)))
        heapq.heappush(waiting, (run.ended, run.number, 99, _ended(run)))
    return found


def _now(service: str, word: str, made: Any) -> Any:
    return made(service=service, status=word, score=SCORES[word], alerts=int(word in ("unhealthy", "offline")))


def _heard(part: Any, fine: bool, when: float) -> Any:
    return lambda model: model.heard(part, fine, when)


def _ended(run: Ran) -> Any:
    return lambda model: model.ended(str(run.number), run.flow.name, run.succeeded)


def last_quarters(runs: Sequence[Ran]) -> tuple[dict[int, float], list[int]]:
    """The success rate of the first 60 % of each workflow's runs, by run, and the places of the last 25 %."""
    places: dict[str, list[int]] = {}
    for place, run in enumerate(runs):
        places.setdefault(run.flow.name, []).append(place)
    rates, judged = {}, []
    for of in places.values():
        train = of[: int(len(of) * 0.6)]
        rate = sum(runs[place].succeeded for place in train) / max(1, len(train))
        rates.update(dict.fromkeys(of, rate))
        judged += of[int(len(of) * 0.75) :]
    return rates, judged


def skills(seed: int) -> dict[str, Any]:
    """Over each workflow's train rate, with more and more of what is known; and of the chance each run really had."""
    world = HouseWorld(seed)
    train, judged = last_quarters(world.runs)
    reference = sum((train[place] - world.runs[place].succeeded) ** 2 for place in judged)

    def skill(said: Sequence[float]) -> float:
        return 1 - sum((said[place] - world.runs[place].succeeded) ** 2 for place in judged) / reference

    tell: Callable[..., list[float]] = partial(foretold, world)
    return {
        "runs": len(world.runs), "judged": len(judged), "succeeded": sum(run.succeeded for run in world.runs) / len(world.runs),
        "history": skill(tell(steps=False, health=False)), "steps": skill(tell(steps=True, health=False)),
        "health": skill(tell(steps=False, health=True)), "both": skill(tell(steps=True, health=True)), "truth": skill([run.truth for run in world.runs]),
    }  # fmt: skip
