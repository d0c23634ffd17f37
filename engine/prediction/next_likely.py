"""Which workflow somebody is likely to run next: a suggestion with its chance and its evidence, or nothing. Never an act.

Six views remember what was run the last forty times in the same context: in the house, in this channel, by this person, by this person at this time of
the week, by this person after that workflow, and both. A view that has seen little is drawn to the one before it. How far each is believed is learnt from its
squared errors (exponential weights with a fixed share, so that a view can come back: Vovk 1990, Herbster and Warmuth 1998). By likelihood, as Bayes has it,
what follows no rule would drive belief to the view that knows least.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Rejected

VERSION: Final = 1
KEPT: Final = 40  # runs a context remembers
MOST: Final = 5_000  # contexts; the one not met for longest is forgotten first
DRAWN: Final = 3.0  # runs that the view before counts for
QUICK: Final = 0.5  # how much an error counts against a view
SHARED: Final = 0.01  # of belief that is dealt out evenly after each run
BAR: Final = 0.5  # chance below which nothing is suggested,
ENOUGH: Final = 3  # and runs in the same context
PARTS: Final = ("night", "morning", "noon", "afternoon", "evening")
ENDS: Final = (6, 11, 14, 18, 24)  # hours at which they end
VIEWS: Final = ("house", "channel", "person", "time", "after", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where somebody is. ``hour`` 0..23 and ``weekday`` 0..6 (Monday first) of their own zone; ``last``: what they ran before, "" when that is hours ago."""

    actor: str
    channel: str
    hour: int
    weekday: int
    last: str = ""

    @property
    def part(self) -> str:
        """Of the week: ``morning``, ``weekend night``."""
        part = next(name for name, end in zip(PARTS, ENDS, strict=True) if self.hour < end)
        return f"weekend {part}" if self.weekday >= 5 else part

    @property
    def contexts(self) -> tuple[str, ...]:
        """One of each of ``VIEWS``."""
        who, when, after = f"a {self.actor}", self.part, self.last
        return ("h", f"c {self.channel}", who, f"t {when} {self.actor}", f"l {after} {self.actor}", f"b {when} {after} {self.actor}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """``count`` of the last ``of`` runs in the same context (``view``) were of this workflow."""

    workflow: str
    probability: float
    view: str
    count: int
    of: int

    def because(self, moment: Moment, names: Mapping[str, str]) -> str:
        """``names``: of workflows, by id; one sentence for the person themselves."""
        last = names.get(moment.last, moment.last)
        whose, where = {
            "house": ("the last", "here"),
            "channel": ("the last", "from this channel"),
            "person": ("your last", ""),
            "time": ("your last", "at night" if "night" in moment.part else f"in the {moment.part}"),
            "after": ("your last", f"after “{last}”" if moment.last else "after a while of none"),
            "both": ("your last", f"at this time after “{last}”" if moment.last else "at this time after a while of none"),
        }[self.view]
        runs = f"{self.of} runs {where}".rstrip()
        return f"{self.count} of {whose} {runs} were of “{names.get(self.workflow, self.workflow)}”."


class NextLikely:
    """At most 5,000 contexts of forty runs. Deterministic; O(1) a run."""

    __slots__ = ("contexts", "trust")

    def __init__(self) -> None:
        self.contexts: dict[str, list[str]] = {}
        self.trust = [1.0 / len(VIEWS)] * len(VIEWS)

    def ran(self, moment: Moment, workflow: str) -> None:
        """Somebody ran it there and then. What a schedule or an event starts says nothing about people."""
        seen = {run for context in moment.contexts for run in self.contexts.get(context, ())} | {workflow}
        good = [
            math.exp(QUICK * (2 * view[workflow] - sum(chance * chance for chance in view.values())))
            for view in self._chances(moment, sorted(seen))
        ]
        weighed = list(map(float.__mul__, self.trust, good))
        total = sum(weighed)
        self.trust = [(1.0 - SHARED) * one / total + SHARED / len(VIEWS) for one in weighed]
        for context in moment.contexts:
            runs = self.contexts.pop(context, [])
            runs.append(workflow)
            self.contexts[context] = runs[-KEPT:]
        while len(self.contexts) > MOST:
            del self.contexts[next(iter(self.contexts))]

    def ranked(self, moment: Moment, most: int = 3) -> list[tuple[str, float]]:
        """Workflows with their chances, likeliest first, whatever the bar; by name where they are as likely."""
        seen = {workflow for context in moment.contexts for workflow in self.contexts.get(context, ())}
        views = self._chances(moment, sorted(seen))
        chances = {workflow: sum(trust * view[workflow] for trust, view in zip(self.trust, views, strict=True)) for workflow in seen}
        return sorted(chances.items(), key=lambda item: (-item[1], item[0]))[:most]

    def suggest(self, moment: Moment, among: Sequence[str] | None = None) -> Suggestion | None:
        """``among``: workflows that may be run there, all when None. None below the bar, or where the same context was met fewer than three times."""
        found = [item for item in self.ranked(moment, most=KEPT) if among is None or item[0] in among][:1]
        if not found or found[0][1] < BAR:
            return None
        workflow, probability = found[0]
        told = [
            (self._share(context, workflow), place)
            for place, context in enumerate(moment.contexts)
            if len(self.contexts.get(context, ())) >= ENOUGH
        ]
        if not told:
            return None
        _, place = max(told, key=lambda one: (one[0], -one[1]))  # the plainer of two that say as much
        runs = self.contexts[moment.contexts[place]]
        return Suggestion(workflow=workflow, probability=probability, view=VIEWS[place], count=runs.count(workflow), of=len(runs))

    def forget(self, workflow: str) -> None:
        """It was deleted."""
        self.contexts = {context: kept for context, runs in self.contexts.items() if (kept := [run for run in runs if run != workflow])}

    def _share(self, context: str, workflow: str) -> float:
        runs = self.contexts[context]
        return runs.count(workflow) / (len(runs) + DRAWN)

    def _chances(self, moment: Moment, workflows: Sequence[str]) -> list[dict[str, float]]:
        """By view: each drawn to the one before it, except that what follows a workflow is drawn to the person, not to the time."""
        found: list[dict[str, float]] = []
        for place, context in enumerate(moment.contexts):
            runs, before = self.contexts.get(context, []), found[2 if VIEWS[place] == "after" else place - 1] if place else {}
            found.append({one: (runs.count(one) + DRAWN * before.get(one, 0.0)) / (len(runs) + DRAWN) for one in workflows})
        return found

    def state(self) -> dict[str, Any]:
        """For JSON."""
        return {"version": VERSION, "contexts": self.contexts, "trust": self.trust}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> NextLikely:
        """Raises Rejected for another version's state, or for a damaged one."""
        model = cls()
        try:
            model.contexts = {str(context): [str(run) for run in runs] for context, runs in state["contexts"].items()}
            model.trust = [float(value) for value in state["trust"]]
            fits = (
                len(model.trust) == len(VIEWS)
                and all(value >= 0 for value in model.trust)
                and math.isclose(sum(model.trust), 1.0, abs_tol=1e-6)
            )
            if state["version"] != VERSION or not fits or not all(0 < len(runs) <= KEPT for runs in model.contexts.values()):
                raise ValueError("not the state of suggestions")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Rejected("What was learnt of who runs what is damaged or of another version. Let it be learnt anew.") from error
        return model
