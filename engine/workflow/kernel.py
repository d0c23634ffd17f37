"""The kernel: a run is its facts, ``run = reduce(apply, facts, begin(…))``, and ``plan(run, now)`` says what to do next.

    outline_of(definition) ─▶ begin ─▶ apply(run, fact) ─▶ … ─▶ plan(run, now) ─▶ asks to put, facts to write first, when to look again
                                          ▲                                            │
                                          └───── answered / failed / decided … ◀───────┘   one attempt's outcome becomes facts

Pure: time is passed in, dice arrive as a ``backoff`` function. Conditions, templates and constructs are not journalled. A condition is
decided at the fact that makes its step ready, over what was known at that fact, so a replay decides it the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from engine.workflow.asking import Ask, asked
from engine.workflow.fold import fold
from engine.workflow.interventions import cancelled_facts
from engine.workflow.outline import Outline, Part
from engine.workflow.progress import Run, state_of
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState
from engine.workflow.timing import expired, expiry, time_is_up, waiting, wake_at
from engine.workflow.views import steps_of, view_of, views_of
from engine.workflow.wayfinding import Router, own_way

__all__ = ["Ask", "Plan", "apply", "begin", "plan", "record_of", "replay", "steps_of", "view_of", "views_of", "wake_at"]

_NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``facts`` must be durable before any of ``asks`` leaves; ``run`` is the run after them. ``wake_at``: plan again then."""

    run: Run
    asks: tuple[Ask, ...] = ()
    facts: tuple[Fact, ...] = ()
    wake_at: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.run.over


def begin(outline: Outline, record: RunRecord) -> Run:
    """The run before its first fact."""
    return Run(outline=outline, origin=record)


def apply(run: Run, fact: Fact) -> Run:
    """The run after ``fact``. Raises Conflict when the fact cannot follow, NotFound for a strange step."""
    return fold(run, (fact,))


def replay(outline: Outline, record: RunRecord, facts: Iterable[Fact]) -> Run:
    return fold(begin(outline, record), facts)


# --- from the run to what is next ---------------------------------------------------------------------------------------


def plan(run: Run, now: datetime, held: Mapping[str, str] | None = None, router: Router = own_way) -> Plan:
    """What to do next. Calling it again on ``Plan.run`` plans nothing new.

    ``held``: claims (see ``Ask.claim``) that others hold → the id of the run that does; such a step is skipped instead of asked.
    ``router``: which of several services does a step; asked once a step, its answer is in the ASKED fact.
    """
    asks: list[Ask] = []
    facts: list[Fact] = []
    held = held or _NOBODY
    while not run.over:
        fresh = _next_facts(run, now, asks, held, router)
        if not fresh:
            break
        facts.extend(fresh)
        run = fold(run, fresh)
        if not (run.ready or run.broken or run.timers) and run.fate.part is not Part.OVER and not run.fate.denied:
            break
    return Plan(run=run, asks=tuple(asks), facts=tuple(facts), wake_at=wake_at(run))


def _next_facts(run: Run, now: datetime, asks: list[Ask], held: Mapping[str, str], router: Router) -> list[Fact]:
    fate = run.fate
    if fate.paused:
        return []
    if fate.denied:
        return [*cancelled_facts(run, now, fate.denied)]
    if expired(run, now):
        return [expiry(run, now)]
    if fate.part is Part.OVER:
        return [_finish(run, now)]
    facts = _asks(run, now, asks, held, router)
    seq = run.seq + len(facts)
    for step, error in run.broken.items():
        seq += 1
        why = f"Its condition could not be evaluated, so it was skipped: {error}"
        facts.append(Fact(seq, now, FactKind.SKIPPED, step, data={"error": why}))
    return facts


def _asks(run: Run, now: datetime, asks: list[Ask], held: Mapping[str, str], router: Router) -> list[Fact]:
    facts: list[Fact] = []
    taken: dict[str, str] = {}
    seq = run.seq
    steps = (*run.ready, *_due(run, now)) if run.timers else run.ready
    for step in steps:
        seq += 1
        state = run.progress(step).state
        if state is StepState.WAITING:
            facts.append(time_is_up(run, step, seq, now))
        elif state is StepState.PENDING and run.place(step).kind == "wait":
            facts.append(waiting(run, step, seq, now))
        else:
            fact, ask = asked(run, step, seq, now, held, taken, router)
            facts.append(fact)
            if ask is not None:
                asks.append(ask)
    return facts


def _due(run: Run, now: datetime) -> list[str]:
    return [step for step, at in run.timers.items() if at <= now]


def _finish(run: Run, now: datetime) -> Fact:
    """What went wrong behind the main part is told; in finally it fails a run that was doing well."""
    fate = run.fate
    state, error = fate.ending or RunState.SUCCEEDED, fate.error
    if fate.troubles and state is RunState.SUCCEEDED:
        state, error = RunState.FAILED, "; ".join(fate.troubles)
    elif fate.troubles:
        error = f"{error} (and then {'; '.join(fate.troubles)})"
    return Fact(run.seq + 1, now, FactKind.FINISHED, data={"state": state.value, "error": error})


# --- what is stored beside the facts ------------------------------------------------------------------------------------


def record_of(run: Run) -> RunRecord:
    """The projection that is stored beside the facts; the very record it began with while nothing has changed."""
    origin, state, wake, fate = run.origin, state_of(run), wake_at(run), run.fate
    alert = run.begun.alert or origin.alert
    if (state, wake, fate.sandbox, fate.error, fate.finished_at, alert) == (
        origin.state, origin.wake_at, origin.sandbox, origin.error, origin.finished_at, origin.alert,
    ):  # fmt: skip
        return origin
    return replace(
        origin, state=state, wake_at=wake, sandbox=fate.sandbox, error=fate.error, finished_at=fate.finished_at, alert=alert
    )  # fmt: skip
