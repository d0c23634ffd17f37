"""What is remembered of one workflow, and what all workflows of a house have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Rejected
from engine.prediction.success.belief import CELLS, Belief, distribution, mean_of, usual
from engine.prediction.success.circumstances import Weather
from engine.prediction.success.contexts import Contexts
from engine.prediction.success.mixing import INPUTS, Correction, first_weights, restored_correction, restored_weights
from engine.prediction.success.records import Records

VERSION: Final = 1
MOST_OPEN: Final = (
    64  # runs of one workflow that are under way at once; of an older one only the outcome is learnt, not how well it was foretold
)
LEARNT: Final = 0.001  # what the usual chances of the house learn of one outcome,
YOUNG: Final = 150  # and more at first: one in 150 of the first, one in 151 of the second
_DAMAGED = "What was learnt of runs is damaged. Let it be learnt anew from the runs that are kept."


@dataclass(frozen=True, slots=True)
class Opening:
    """What a run was foretold by, kept until it ends. Chances by the shared weights, by the workflow's own, by both, and with the lot set right."""

    weather: Weather
    views: tuple[float, ...]
    shared: float
    own: float
    both: float


def _counts() -> dict[str, list[float]]:
    return {weather.value: [0.0, 0.0] for weather in Weather if weather is not Weather.CALM}


class Pool:
    """Shared by all workflows. ``base``: how likely each chance is of a workflow nobody knows (empirical Bayes: Robbins 1956, learnt run by run)."""

    __slots__ = ("base", "correction", "outcomes", "records", "usual", "weathers", "weights")

    def __init__(self) -> None:
        self.base = usual()
        self.usual = mean_of(self.base)
        self.outcomes = 0
        self.weights = first_weights()
        self.correction = Correction()
        self.records = Records()
        self.weathers = _counts()  # succeeded and all runs that began in such a weather

    def learn_base(self, cells: list[float]) -> None:
        learnt = max(LEARNT, 1.0 / (YOUNG + self.outcomes))
        self.outcomes += 1
        self.base = [one + learnt * (cell - one) for one, cell in zip(self.base, cells, strict=True)]
        self.usual = mean_of(self.base)

    def state(self) -> dict[str, Any]:
        return {
            "version": VERSION, "base": self.base, "weights": self.weights, "correction": self.correction.points, "records": self.records.state(),
            "weathers": self.weathers, "outcomes": self.outcomes,
        }  # fmt: skip

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Pool:
        """From ``state()``, after JSON or not. Raises Rejected for another version's, or for a damaged one."""
        _of_this_version(state)
        pool = cls()
        try:
            pool.base = distribution(state["base"], CELLS)
            pool.usual = mean_of(pool.base)
            pool.weights = restored_weights(state["weights"])
            pool.correction = restored_correction(state["correction"])
            pool.records = Records.restore(state["records"])
            pool.weathers = _restored_counts(state["weathers"])
            pool.outcomes = max(0, int(state["outcomes"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Rejected(_DAMAGED) from error
        return pool


class Past:
    """Of one workflow; about 5 KB as JSON. ``samples``: runs whose end is known."""

    __slots__ = ("belief", "contexts", "opened", "weathers", "weights")

    def __init__(self, pool: Pool) -> None:
        self.belief = Belief(pool.base)
        self.contexts = Contexts()
        self.weathers = _counts()
        self.weights: dict[str, list[float]] = {}  # by weather, from the first outcome in it on
        self.opened: dict[str, Opening] = {}

    @property
    def samples(self) -> int:
        return self.contexts.total

    def state(self) -> dict[str, Any]:
        opened = {run: [one.weather.value, list(one.views), one.shared, one.own, one.both] for run, one in self.opened.items()}
        return {
            "version": VERSION, "belief": self.belief.state(), "contexts": self.contexts.state(), "weathers": self.weathers, "weights": self.weights,
            "opened": opened,
        }  # fmt: skip

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Past:
        """From ``state()``, after JSON or not. Raises Rejected for another version's, or for a damaged one."""
        _of_this_version(state)
        past = cls(Pool())
        try:
            past.belief = Belief.restore(state["belief"])
            past.contexts = Contexts.restore(state["contexts"])
            past.weathers = _restored_counts(state["weathers"])
            past.weights = restored_weights({**first_weights(), **state["weights"]})
            past.weights = {weather: past.weights[weather] for weather in state["weights"]}
            past.opened = {str(run): _opening(given) for run, given in state["opened"].items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Rejected(_DAMAGED) from error
        return past


def _of_this_version(state: Mapping[str, Any]) -> None:
    if not isinstance(state, Mapping) or state.get("version") != VERSION:
        raise Rejected("What was learnt of runs is of another version of Signalbox. Let it be learnt anew from the runs that are kept.")


def _restored_counts(given: Any) -> dict[str, list[float]]:
    found = {weather: [float(value) for value in given[weather]] for weather in _counts()}
    if not all(len(counts) == 2 and 0.0 <= counts[0] <= counts[1] for counts in found.values()):
        raise ValueError("not counts")
    return found


def _opening(given: Any) -> Opening:
    weather, views, shared, own, both = given
    opening = Opening(Weather(weather), tuple(float(view) for view in views), float(shared), float(own), float(both))
    if len(opening.views) != len(INPUTS) or not all(0.0 <= chance <= 1.0 for chance in (opening.shared, opening.own, opening.both)):
        raise ValueError("not what a run was foretold by")
    return opening
