"""The kernel: a run is its facts, ``run = reduce(apply, facts, begin(…))``, and ``plan(run, now)`` says what to do next.

    outline_of(definition) ─▶ begin ─▶ apply(run, fact) ─▶ … ─▶ plan(run, now) ─▶ asks to put, facts to write first, when to look again
                                          ▲                                            │
                                          └───── answered / failed / decided … ◀───────┘   one attempt's outcome becomes facts

Pure: time is passed in, dice arrive as a ``backoff`` function. Conditions and templates are not journalled. A condition is decided at
the fact that makes its step ready, over what was known at that fact, so a replay decides it the same way; a template is filled in when
its step is asked, and the ASKED fact keeps the result, so a repeated ask says the same under the same key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from engine.errors import Rejected
from engine.workflow.definition import Definition, Json
from engine.workflow.expression import render
from engine.workflow.fold import fold
from engine.workflow.interventions import cancelled_facts
from engine.workflow.outline import Outline, Place, outline_of
from engine.workflow.progress import Progress, Run, scope_of, state_of
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState, StepView
from engine.workflow.secrets import SecretPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One step to be put to a service. ``key`` is the same for every repeat; ``timeout`` is seconds for this attempt.

    ``claim`` is recorded as KeyClaimed beside the ASKED fact ("" = none); ``cache`` (key, seconds): an answer may be taken from there;
    ``secrets``: what ``secrets.composed`` puts into the arguments right before the call; ``rates`` (name, limit, per seconds): tokens to
    take first; ``rank``: smaller goes first where there is a choice.
    """

    step: str
    action: str
    arguments: Mapping[str, Json]
    key: str
    attempt: int
    account: str
    timeout: float
    claim: str = ""
    cache: tuple[str, float] | None = None
    secrets: tuple[SecretPart, ...] = ()
    rates: tuple[tuple[str, int, float], ...] = ()
    rank: int = 2


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
    return Run(outline=outline, origin=record, unmet=outline.unmet)


def apply(run: Run, fact: Fact) -> Run:
    """The run after ``fact``. Raises Conflict when the fact cannot follow, NotFound for a strange step."""
    return fold(run, (fact,))


def replay(outline: Outline, record: RunRecord, facts: Iterable[Fact]) -> Run:
    return fold(begin(outline, record), facts)


# --- from the run to what is next ---------------------------------------------------------------------------------------


def plan(run: Run, now: datetime, held: Mapping[str, str] | None = None) -> Plan:
    """What to do next. Calling it again on ``Plan.run`` plans nothing new.

    ``held``: claims (see ``Ask.claim``) that others hold → the id of the run that does; such a step is skipped instead of asked.
    """
    asks: list[Ask] = []
    facts: list[Fact] = []
    while not run.over:
        fresh = _next_facts(run, now, asks)
        if not fresh:
            break
        facts.extend(fresh)
        run = fold(run, fresh)
    return Plan(run=run, asks=tuple(asks), facts=tuple(facts), wake_at=wake_at(run))


def _next_facts(run: Run, now: datetime, asks: list[Ask]) -> list[Fact]:
    if run.denied:
        return [*cancelled_facts(run, now, run.denied)]
    facts: list[Fact] = []
    seq = run.seq
    for step in (*run.ready, *_due(run, now)):
        seq += 1
        facts.append(_asked(run, step, seq, now, asks))
    for step, error in run.broken.items():
        seq += 1
        why = f"Its condition could not be evaluated, so it was skipped: {error}"
        facts.append(Fact(seq, now, FactKind.SKIPPED, step, data={"error": why}))
    if facts or run.open:
        return facts
    state = RunState.FAILED if run.failed else RunState.SUCCEEDED
    return [Fact(seq + 1, now, FactKind.FINISHED, data={"state": state.value, "error": run.error})]


def _due(run: Run, now: datetime) -> list[str]:
    return [
        step
        for step, state in run.open.items()
        if state is StepState.RETRYING and (at := run.steps[step].retry_at) is not None and at <= now
    ]


def wake_at(run: Run) -> datetime | None:
    if run.over:
        return None
    times = (run.steps[step].retry_at for step, state in run.open.items() if state is StepState.RETRYING)
    return min((at for at in times if at is not None), default=None)


def _asked(run: Run, step: str, seq: int, now: datetime, asks: list[Ask]) -> Fact:
    """The fact that goes before the ask; or, when the arguments cannot be filled in, the one that says so."""
    place, before = run.outline.places[step], run.progress(step)
    action = before.action or place.step.action
    try:
        arguments = _arguments(run, place, before, action)
    except Rejected as error:
        return Fact(seq, now, FactKind.REFUSED, step, data={"error": str(error), "transient": False, "retry_at": None})
    own = action == place.step.action
    ask = Ask(
        step=step,
        action=action,
        arguments=arguments,
        key=_key(run, place, action),
        attempt=before.attempt + 1,
        account=place.step.account if own else "",
        timeout=place.timeout,
    )
    asks.append(ask)
    data: dict[str, Json] = {"arguments": dict(arguments)} if own else {"arguments": dict(arguments), "action": action}
    return Fact(seq, now, FactKind.ASKED, step, ask.attempt, ask.key, data)


def _arguments(run: Run, place: Place, before: Progress, action: str) -> Mapping[str, Json]:
    """Under the same key the same arguments; translated when another service stands in; else filled in now."""
    if before.key == _key(run, place, action):
        return before.arguments
    if place.stand_in is not None and action == place.stand_in.action:
        return {theirs: before.arguments[ours] for theirs, ours in place.stand_in.inputs.items() if ours in before.arguments}
    return _filled(run, place)


def _filled(run: Run, place: Place) -> Mapping[str, Json]:
    if place.fixed:
        return place.step.arguments
    scope = scope_of(run.origin, run.event, run.inputs, run.known, run.error)
    return {name: render(value, scope) for name, value in place.step.arguments.items()}


def _key(run: Run, place: Place, action: str) -> str:
    """``run:step``; a stand-in's ask has its service at the end, an on-failure step of a later round its number."""
    key = f"{run.origin.id}:{place.step.id}"
    if place.rescue and run.round > 1:
        key += f":{run.round}"
    return key if action == place.step.action else f"{key}:{action.partition('.')[0]}"


# --- what people see ----------------------------------------------------------------------------------------------------


def record_of(run: Run) -> RunRecord:
    """The projection that is stored beside the facts; the very record it began with while nothing has changed."""
    origin, state = run.origin, state_of(run)
    if (state, run.sandbox, run.error, run.finished_at) == (origin.state, origin.sandbox, origin.error, origin.finished_at):
        return origin
    return replace(origin, state=state, sandbox=run.sandbox, error=run.error, finished_at=run.finished_at)


def views_of(run: Run) -> tuple[StepView, ...]:
    """The steps in order; the on-failure ones only once they have begun."""
    return tuple(_view(run, run.outline.places[step]) for step in run.outline.order if run.failing or not run.outline.places[step].rescue)


def _view(run: Run, place: Place) -> StepView:
    progress = run.progress(place.step.id)
    return StepView(
        id=place.step.id,
        action=progress.action or place.step.action,
        state=progress.state,
        attempts=progress.attempt,
        output=progress.output,
        error=progress.error,
        sandbox=progress.sandbox,
        started_at=progress.started_at,
        finished_at=progress.finished_at,
    )


def steps_of(definition: Definition, facts: Sequence[Fact], record: RunRecord | None = None) -> tuple[StepView, ...]:
    """The steps of a stored run as people see them; ``definition`` is the version the run started with.

    Without its ``record``, conditions that read ``run`` or ``workflow`` see no ids there.
    """
    if not facts:
        return ()
    started_at = facts[0].at
    record = record or RunRecord(
        id="", workflow="", version=0, name=definition.name, state=RunState.RUNNING, started_at=started_at, by=""
    )  # fmt: skip
    return views_of(reduce(apply, facts, begin(outline_of(definition), record)))
