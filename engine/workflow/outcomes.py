"""What becomes a fact: the outcome of an attempt, a crash, and what people say to a run; each the next fact or facts, none written yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from engine.errors import Conflict, SignalboxError, Transient, Unanswered
from engine.workflow.definition import Json
from engine.workflow.progress import OPEN, Progress, Run, state_of
from engine.workflow.run import Fact, FactKind, RunState, StepState

Backoff = Callable[[int, "float | None"], float]  # (tries so far, what the service asked for) → seconds until the next attempt

LOST = "The house stopped before the answer came."


def started(run: Run, now: datetime, *, event: Mapping[str, Json], inputs: Mapping[str, Json], actor: str = "") -> tuple[Fact, ...]:
    data: dict[str, Json] = {"event": dict(event), "inputs": dict(inputs)}
    return (Fact(run.seq + 1, now, FactKind.STARTED, data={**data, "actor": actor} if actor else data),)


def answered(run: Run, now: datetime, step: str, output: Json, *, sandbox: bool = False) -> tuple[Fact, ...]:
    before = run.steps[step]
    data: dict[str, Json] = {"output": output, "sandbox": True} if sandbox else {"output": output}
    return (Fact(run.seq + 1, now, FactKind.ANSWERED, step, before.attempt, before.key, data),)


def taken(run: Run, now: datetime, step: str, *, sandbox: bool = False) -> tuple[Fact, ...]:
    """The ask was taken; its answer comes later."""
    before = run.steps[step]
    data: dict[str, Json] = {"sandbox": True} if sandbox else {}
    return (Fact(run.seq + 1, now, FactKind.WAITING, step, before.attempt, before.key, data),)


def failed(run: Run, now: datetime, step: str, error: SignalboxError, backoff: Backoff) -> tuple[Fact, ...]:
    """What follows one failed attempt: another one later, another service, a human's decision, or the end of the step."""
    before, outline = run.steps[step], run.outline
    if isinstance(error, Unanswered) and not outline.repeatable(step, before.action):
        return (Fact(run.seq + 1, now, FactKind.IN_DOUBT, step, before.attempt, before.key, {"error": str(error)}),)
    passing = isinstance(error, (Transient, Unanswered))
    data: dict[str, Json] = {"error": str(error), "transient": passing, "retry_at": None}
    if passing and not run.over:
        data |= _next_attempt(run, now, step, error, backoff)
    return (Fact(run.seq + 1, now, FactKind.REFUSED, step, before.attempt, before.key, data),)


def _next_attempt(run: Run, now: datetime, step: str, error: SignalboxError, backoff: Backoff) -> dict[str, Json]:
    before, place = run.steps[step], run.outline.places[step]
    tries = before.tries + 1
    if tries <= place.retries:
        wanted = error.retry_after if isinstance(error, Transient) else None
        return {"retry_at": (now + timedelta(seconds=backoff(tries, wanted))).isoformat()}
    if place.stand_in is not None and before.action == place.step.action:
        return {"retry_at": now.isoformat(), "instead": place.stand_in.action}
    return {}


def lost(run: Run, now: datetime, flying: Collection[str] = ()) -> tuple[Fact, ...]:
    """After a crash: every ask without an answer is repeated under its key if that is safe, else put to a human.

    ``flying``: steps whose call is in flight in this process, which are not lost.
    """
    if run.over:
        return ()
    steps = [step for step, state in run.open.items() if state is StepState.ASKED and step not in flying]
    return tuple(_lost(run, now, step, seq) for seq, step in enumerate(steps, run.seq + 1))


def _lost(run: Run, now: datetime, step: str, seq: int) -> Fact:
    before = run.steps[step]
    if run.outline.repeatable(step, before.action):
        data: dict[str, Json] = {"error": LOST, "transient": True, "retry_at": now.isoformat(), "lost": True}
        return Fact(seq, now, FactKind.REFUSED, step, before.attempt, before.key, data)
    return Fact(seq, now, FactKind.IN_DOUBT, step, before.attempt, before.key, {"error": LOST})


def late_answer(run: Run, now: datetime, step: str, output: Json, by: str) -> tuple[Fact, ...]:
    """Taken from wherever an answer may arrive: while it is waited for, asked, to be repeated or in doubt. Raises Conflict elsewhere."""
    before = _standing(run, step, OPEN, "waits for no answer")
    data: dict[str, Json] = {"output": output, "by": by}
    return (Fact(run.seq + 1, now, FactKind.ANSWERED, step, before.attempt, before.key, {**data, "sandbox": before.sandbox}),)


def decided(run: Run, now: datetime, step: str, *, happened: bool, output: Json, by: str) -> tuple[Fact, ...]:
    """Raises Conflict unless the step is in doubt."""
    before = _standing(run, step, (StepState.IN_DOUBT,), "is not in doubt (any more)")
    data: dict[str, Json] = {"happened": happened, "actor": by, "output": output}
    return (Fact(run.seq + 1, now, FactKind.DECIDED, step, before.attempt, before.key, data),)


def _standing(run: Run, step: str, states: Collection[StepState], otherwise: str) -> Progress:
    run.place(step)
    before = run.progress(step)
    if before.state not in states or run.over:
        now = f"the run is {run.state}" if run.over else f"it is {before.state.replace('_', ' ')}"
        raise Conflict(f"Step “{step}” {otherwise}: {now}. Nothing was changed.")
    return before


def cancelled(run: Run, now: datetime, by: str) -> tuple[Fact, ...]:
    """Raises Conflict when the run is over."""
    if run.over:
        raise Conflict(f"The run is {run.state} already, so there is nothing to cancel.")
    return cancelled_facts(run, now, f"{by} cancelled it.")


def retried(run: Run, now: datetime, by: str) -> tuple[Fact, ...]:
    """Raises Conflict unless the run has failed."""
    if run.state is not RunState.FAILED:
        raise Conflict(f"Only a failed run can go on from where it failed; this one is {state_of(run)}.")
    return (Fact(run.seq + 1, now, FactKind.RETRIED, data={"actor": by}),)


def cancelled_facts(run: Run, now: datetime, why: str) -> tuple[Fact, ...]:
    return (
        Fact(run.seq + 1, now, FactKind.CANCELLED, data={"error": why}),
        Fact(run.seq + 2, now, FactKind.FINISHED, data={"state": RunState.CANCELLED.value, "error": why}),
    )
