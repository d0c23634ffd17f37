"""The chance that a run succeeds: foretold as it begins, learnt from as it ends, in that order and never the other way round.

last, last two, last three ┐
length of the streak       │           ┌ weights all share ┐
belief (five filters)      ├─ log odds ┤                   ├─▶ set right by what came of it ─▶ probability, 90 % interval, samples
its steps, at all          │           └ weights of its own┘
its services, now          ┘
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final

from engine.prediction.rate import ENOUGH
from engine.prediction.success.circumstances import NOTHING_KNOWN, Circumstances, Part, Weather
from engine.prediction.success.logit import chance_of, log_odds
from engine.prediction.success.mixing import OWN, mixed, moved
from engine.prediction.success.past import MOST_OPEN, Opening, Past, Pool

LEVEL: Final = 0.3  # what the last view always says
COLD: Final = 8.0  # runs of its own that count for as much as what its steps say
KNOWN: Final = 5.0  # calls of a step that make what it says count for half
DRAWN: Final = 4.0  # runs that the house's record of a weather counts for in the workflow's own
WHILE_STORMY: Final = 0.1  # what a run counts for that began while one of its services was known to be in trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """``low`` to ``high``: where the probability itself lies with 90 %. ``samples``: runs of this workflow whose end was known."""

    probability: float
    low: float
    high: float
    samples: int

    @property
    def enough(self) -> bool:
        """Whether that is worth saying; below, what is said rests on other workflows."""
        return self.samples >= ENOUGH

    def __str__(self) -> str:
        if not self.enough:
            return f"not enough data ({self.samples} of {ENOUGH} finished runs)"
        return f"{self.probability:.0%} ({self.low:.0%} to {self.high:.0%}, {self.samples} runs)"


class SuccessModel:
    """All workflows of a house. ``at``: seconds since 1970, all of one clock. Deterministic; O(1) a run, about 0.1 ms. Not for several threads at once.

    Say what a house knows in the order in which it became known: ``began`` as a run begins, ``heard`` as a step is answered, ``ended`` as a run is over.
    What was cancelled by a person says nothing: ``forgotten``.
    """

    __slots__ = ("pasts", "pool")

    def __init__(self) -> None:
        self.pool = Pool()
        self.pasts: dict[str, Past] = {}

    def foresee(self, workflow: str, at: float, circumstances: Circumstances = NOTHING_KNOWN) -> Chance:
        """What would be said of a run that began now; nothing is learnt or remembered."""
        past = self.pasts.get(workflow) or Past(self.pool)
        return _said(self.pool, past, self._opening(past, at, circumstances))

    def began(self, run: str, workflow: str, at: float, circumstances: Circumstances = NOTHING_KNOWN) -> Chance:
        """The same, remembered until that run ends. A second beginning of one run takes the place of the first."""
        past = self._past(workflow)
        opening = self._opening(past, at, circumstances)
        past.opened[run] = opening
        if len(past.opened) > MOST_OPEN:
            del past.opened[next(iter(past.opened))]
        return _said(self.pool, past, opening)

    def heard(self, part: Part, succeeded: bool, at: float) -> None:
        """A step was answered, of whatever workflow; with all its tries, as far as its run is concerned."""
        self.pool.records.heard(part, succeeded, at)

    def ended(self, run: str, workflow: str, succeeded: bool) -> None:
        """A run of which no beginning was said, or one too old to be remembered, counts for the past alone."""
        past, pool = self._past(workflow), self.pool
        opening = past.opened.pop(run, None)
        weather = opening.weather if opening else Weather.CALM
        if opening is not None:
            own = past.weights.setdefault(weather.value, list(pool.weights[weather.value]))
            value = 1.0 if succeeded else 0.0
            moved(pool.weights[weather.value], opening.views, value - opening.shared)
            moved(own, opening.views, value - opening.own)
            pool.correction.learn(opening.both, succeeded)
        if weather is not Weather.CALM:
            for counts in (past.weathers[weather.value], pool.weathers[weather.value]):
                counts[0] += succeeded
                counts[1] += 1.0
        past.belief.learn(succeeded, pool.base, 1.0 if weather is Weather.CALM else WHILE_STORMY)
        past.contexts.learn(succeeded)
        pool.learn_base(past.belief.cells())

    def forgotten(self, run: str, workflow: str) -> None:
        """It will never be known how this run would have ended."""
        if workflow in self.pasts:
            self.pasts[workflow].opened.pop(run, None)

    def samples(self, workflow: str) -> int:
        return self.pasts[workflow].samples if workflow in self.pasts else 0

    def remove(self, workflow: str) -> None:
        """It was deleted."""
        self.pasts.pop(workflow, None)

    def state(self, workflow: str) -> dict[str, Any]:
        """What is remembered of one workflow, for JSON. ``pool.state()`` is the other part; both must be saved of one moment."""
        return self._past(workflow).state()

    @classmethod
    def restore(
        cls, pool: Mapping[str, Any], pasts: Mapping[str, Mapping[str, Any]] | Iterable[tuple[str, Mapping[str, Any]]] = ()
    ) -> SuccessModel:
        """Raises Rejected for another version's states, or for damaged ones."""
        model = cls()
        model.pool = Pool.restore(pool)
        model.pasts = {workflow: Past.restore(state) for workflow, state in dict(pasts).items()}
        return model

    def _past(self, workflow: str) -> Past:
        past = self.pasts.get(workflow)
        if past is None:
            past = self.pasts[workflow] = Past(self.pool)
        return past

    def _opening(self, past: Past, at: float, circumstances: Circumstances) -> Opening:
        pool, weather = self.pool, circumstances.weather
        views = _views(pool, past, at, circumstances, weather)
        shared = pool.weights[weather.value]
        own = past.weights.get(weather.value, shared)
        by_all, by_own = mixed(shared, views), mixed(own, views)
        return Opening(weather, views, chance_of(by_all), chance_of(by_own), chance_of((1.0 - OWN) * by_all + OWN * by_own))


def _views(pool: Pool, past: Past, at: float, circumstances: Circumstances, weather: Weather) -> tuple[float, ...]:
    """Log odds, in the order of ``mixing.INPUTS``."""
    belief = log_odds(past.belief.mean)
    steps = lately = stormy = 0.0
    if circumstances.parts:
        records, parts = pool.records, circumstances.parts
        of_parts = log_odds(prod(map(records.at_all, parts)))
        known = records.known(parts)
        steps = (of_parts - belief) * COLD / (past.samples + COLD) * known / (known + KNOWN)
        lately = log_odds(prod(records.now(part, at) for part in parts)) - of_parts
    if weather is not Weather.CALM:
        good, runs = pool.weathers[weather.value]
        usual = (good + DRAWN * pool.usual) / (runs + DRAWN)
        good, runs = past.weathers[weather.value]
        stormy = log_odds((good + DRAWN * usual) / (runs + DRAWN))
    alerts, missing = -float(min(3, circumstances.alerts)), -3.0 * circumstances.missing
    return (*map(log_odds, past.contexts.chances(pool.usual)), belief, steps, lately, stormy, alerts, missing, LEVEL)


def _said(pool: Pool, past: Past, opening: Opening) -> Chance:
    probability = pool.correction.set_right(opening.both)
    moved_by = log_odds(probability) - log_odds(past.belief.mean)
    low, high = (chance_of(odds + moved_by) for odds in past.belief.interval())
    return Chance(probability=probability, low=min(low, probability), high=max(high, probability), samples=past.samples)
