"""Everything that is learnt of runs, in one place: chances, durations, and what is said of the next run.

as a run begins   began(…) ─▶ Foretold, to be recorded beside the run
as a step ends    heard(…)
as a run ends     ended(…), or forgotten(…) when a person cancelled it
at any time       foresee(…) ─▶ Prospect: chance, duration, risks
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from engine.errors import Rejected
from engine.prediction.duration.course import course_of
from engine.prediction.duration.expected import Expected, PastDurations, expected
from engine.prediction.duration.timings import Timings
from engine.prediction.foretold import Foretold
from engine.prediction.risk import PastRun, Risk, risks
from engine.prediction.success.circumstances import Part, ServiceNow
from engine.prediction.success.model import Chance, SuccessModel
from engine.prediction.success.reading import circumstances_of
from engine.workflow.definition import Definition, Json
from engine.workflow.durations import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Of the next run of one workflow. ``duration``: None while nobody can say."""

    workflow: str
    chance: Chance
    duration: Expected | None
    risks: tuple[Risk, ...]

    def seed_form(self, further: Sequence[str] = ()) -> dict[str, Json]:
        """``further``: risks that are known elsewhere. What of the REST contract's AIPrediction it knows; ``confidence_score`` is 1 minus the width of the 90 % interval."""
        form: dict[str, Json] = {
            "predicted_success_rate": round(self.chance.probability, 4),
            "confidence_score": round(max(0.0, 1.0 - (self.chance.high - self.chance.low)), 4) if self.chance.samples else 0.0,
            "risk_factors": [*(risk.words for risk in self.risks), *further, *(() if self.chance.enough else (f"There is {self.chance}.",))],
            "samples": self.chance.samples,
        }
        return form | ({"estimated_completion_time": iso(round(self.duration.median, 3))} if self.duration else {})

    @property
    def words(self) -> tuple[str, ...]:
        """For people: the chance, how long it takes, and what speaks against it."""
        if self.chance.enough:
            first = f"It succeeds with {self.chance.probability:.0%} (90 % sure: between {self.chance.low:.0%} and {self.chance.high:.0%}; {self.chance.samples} runs)."
        else:
            first = f"There is {self.chance}."
        takes = f"It takes {self.duration}." if self.duration else "How long it takes, nobody knows yet."
        return (first, takes, *(risk.words for risk in self.risks))


class Learnt:
    """Of a whole house. Not for several threads at once; all moments of one clock, in the order in which things became known."""

    __slots__ = ("durations", "success", "timings")

    def __init__(self) -> None:
        self.success = SuccessModel()
        self.timings = Timings()
        self.durations: dict[str, PastDurations] = {}

    def foresee(
        self,
        workflow: str,
        definition: Definition,
        at: datetime,
        *,
        services: Iterable[ServiceNow] = (),
        runs: Sequence[PastRun] = (),
        zone: tzinfo = UTC,
    ) -> Prospect:
        """``services``: as they do now, all that are known. ``runs``: those of the workflow that ended before ``at``, oldest first; the risks are told from them."""
        now = circumstances_of(definition, services)
        return Prospect(
            workflow=workflow, chance=self.success.foresee(workflow, at.timestamp(), now), duration=self._expected(workflow, definition),
            risks=risks(self.success, runs, now, at, zone),
        )  # fmt: skip

    def began(self, run: str, workflow: str, definition: Definition, at: datetime, *, services: Iterable[ServiceNow] = ()) -> Foretold:
        """What is foretold of a run that begins now; what it rests on is remembered until it ends."""
        chance = self.success.began(run, workflow, at.timestamp(), circumstances_of(definition, services))
        takes = self._expected(workflow, definition)
        return Foretold(
            run=run, workflow=workflow, at=at, probability=chance.probability, low=chance.low, high=chance.high, samples=chance.samples,
            median=takes.median if takes else None, long=takes.long if takes else None,
        )  # fmt: skip

    def heard(self, service: str, operation: str, succeeded: bool, at: datetime, seconds: float | None = None) -> None:
        """A step was over, of whatever run, with all its tries. ``seconds``: from when it was asked; of one that succeeded."""
        part = Part(service, operation)
        self.success.heard(part, succeeded, at.timestamp())
        if succeeded and seconds is not None:
            self.timings.heard(part, seconds)

    def ended(self, run: str, workflow: str, succeeded: bool, seconds: float | None = None) -> None:
        """A run was over. ``seconds``: how long it took; of one that failed that says nothing of those that succeed, and is not learnt."""
        self.success.ended(run, workflow, succeeded)
        if succeeded and seconds is not None:
            self.durations.setdefault(workflow, PastDurations()).learn(seconds)

    def forgotten(self, run: str, workflow: str) -> None:
        """A person cancelled it: how it would have ended, nobody knows."""
        self.success.forgotten(run, workflow)

    def remove(self, workflow: str) -> None:
        """It was deleted."""
        self.success.remove(workflow)
        self.durations.pop(workflow, None)

    def _expected(self, workflow: str, definition: Definition) -> Expected | None:
        return expected(self.durations.get(workflow) or PastDurations(), self.timings, course_of(definition))

    @property
    def workflows(self) -> tuple[str, ...]:
        """Those of which something is remembered."""
        return tuple(dict.fromkeys((*self.success.pasts, *self.durations)))

    def house_state(self) -> dict[str, Any]:
        """For JSON: what all workflows share. To be saved together with the states of those that changed."""
        return {"success": self.success.pool.state(), "timings": self.timings.state()}

    def state(self, workflow: str) -> dict[str, Any]:
        """For JSON: what is remembered of one workflow, about 6 KB."""
        return {"success": self.success.state(workflow), "durations": (self.durations.get(workflow) or PastDurations()).state()}

    @classmethod
    def restore(cls, house: Mapping[str, Any], workflows: Mapping[str, Mapping[str, Any]]) -> Learnt:
        """Raises Rejected for what is damaged or of another version."""
        learnt = cls()
        try:
            learnt.success = SuccessModel.restore(house["success"], {workflow: state["success"] for workflow, state in workflows.items()})
            learnt.timings = Timings.restore(house["timings"])
            learnt.durations = {workflow: PastDurations.restore(state["durations"]) for workflow, state in workflows.items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Rejected("What was learnt of runs is damaged. Let it be learnt anew from the runs that are kept.") from error
        return learnt
