"""What becomes a fact: the outcome of an attempt, a crash, an event that was waited for; each the next fact or facts, none written yet.

What people say to a run lives in ``interventions`` and can be had here too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from engine.errors import Conflict, SignalboxError, Transient, Unanswered
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Approve, Json, RetryRule, Trouble, Wait
from engine.workflow.expression import Condition
from engine.workflow.interventions import (
    cancelled,
    decided,
    late_answer,
    misfit,
    paused,
    resumed,
    retried,
    skipped,
    unfit,
    voted,
)
from engine.workflow.outline import Place
from engine.workflow.progress import Progress, Run
from engine.workflow.run import Fact, FactKind, StepState
from engine.workflow.scope import scope_at
from engine.workflow.timing import LONGEST
from engine.workflow.wayfinding import Router, Taken, Wish, own_way

__all__ = [
    "LOST", "Backoff", "answered", "cancelled", "decided", "failed", "happened", "late_answer", "lost", "paused", "released", "resumed",
    "retried", "skipped", "started", "taken", "voted",
]  # fmt: skip

# (the step's rule, tries so far, what the service asked for) → seconds until the next attempt
Backoff = Callable[[RetryRule, int, "float | None"], float]

LOST = "The house stopped before the answer came."
SHORTEST_PARK = 5.0  # seconds a run waits at least before it tries a service again that was down


def started(
    run: Run,
    now: datetime,
    *,
    event: Mapping[str, Json],
    inputs: Mapping[str, Json],
    actor: str = "",
    queued: bool = False,
    alert: str = "",
) -> tuple[Fact, ...]:
    """``queued``: nothing happens until ``released``."""
    data: dict[str, Json] = {"event": dict(event), "inputs": dict(inputs)}
    if actor:
        data["actor"] = actor
    if queued:
        data["queued"] = True
    if alert:
        data["alert"] = alert
    return (Fact(run.seq + 1, now, FactKind.STARTED, data=data),)


def released(run: Run, now: datetime) -> tuple[Fact, ...]:
    """Its turn has come. Raises Conflict unless it is queued."""
    if not run.queued:
        raise Conflict("The run does not wait for its turn (any more). Nothing was changed.")
    return (Fact(run.seq + 1, now, FactKind.RELEASED),)


def answered(run: Run, now: datetime, step: str, output: Json, *, sandbox: bool = False) -> tuple[Fact, ...]:
    """An answer that says the step came to no good end (a sub-run that failed, an approval that says neither yes nor no) fails it."""
    before = run.steps[step]
    place = run.place(step)
    if place.step.does is not None and (error := misfit(place, output)):
        return (unfit(run, now, step, error, output),)
    data: dict[str, Json] = {"output": output, "sandbox": True} if sandbox else {"output": output}
    return (Fact(run.seq + 1, now, FactKind.ANSWERED, step, before.attempt, before.key, data),)


def taken(run: Run, now: datetime, step: str, *, sandbox: bool = False) -> tuple[Fact, ...]:
    """The ask was taken; its answer comes later."""
    before, does = run.steps[step], run.place(step).step.does
    data: dict[str, Json] = {"sandbox": True} if sandbox else {}
    if isinstance(does, Approve) and does.expires is not None:
        data["until"] = (now + min(timedelta(seconds=does.expires), LONGEST)).isoformat()
    return (Fact(run.seq + 1, now, FactKind.WAITING, step, before.attempt, before.key, data),)


def happened(run: Run, now: datetime, step: str, event: str, data: Mapping[str, Json]) -> tuple[Fact, ...]:
    """``event`` ("service.event") came with ``data``: the answer, if the step waits for it and its ``where`` holds, else nothing.

    A ``where`` that cannot be worked out over this event does not hold.
    """
    before, does = run.progress(step), run.place(step).step.does
    if run.over or before.state is not StepState.WAITING or not isinstance(does, Wait) or does.event != event:
        return ()
    if does.where and not _fits(run, step, does.where, data):
        return ()
    output: dict[str, Json] = {"timed_out": False, "event": dict(data)}
    return (Fact(run.seq + 1, now, FactKind.ANSWERED, step, before.attempt, before.key, {"output": output}),)


def _fits(run: Run, step: str, where: str, data: Mapping[str, Json]) -> bool:
    place = run.place(step)
    scope = {**scope_at(run, place, step[len(place.id) :]), "incoming": dict(data)}
    return Condition.compile(where, place.names).explain(scope)[0]


def failed(run: Run, now: datetime, step: str, error: SignalboxError, backoff: Backoff, router: Router = own_way) -> tuple[Fact, ...]:
    """What follows one failed attempt: another one later, another service, a human's decision, or the end of the step."""
    before = run.steps[step]
    if isinstance(error, Unanswered) and _doubtful(run, step, before):
        return (Fact(run.seq + 1, now, FactKind.IN_DOUBT, step, before.attempt, before.key, {"error": str(error)}),)
    passing = isinstance(error, (Transient, Unanswered))
    data: dict[str, Json] = {"error": str(error), "transient": passing, "retry_at": None}
    if isinstance(error, Unanswered):
        data |= _unsure(run.place(step))
    if passing and not run.ended(step):
        data |= _next_attempt(run, now, step, error, backoff, router)
    return (Fact(run.seq + 1, now, FactKind.REFUSED, step, before.attempt, before.key, data),)


def _doubtful(run: Run, step: str, before: Progress) -> bool:
    """Whether a human must say if it happened: it must not be repeated, or can not be any more though it may have to be undone."""
    return not run.outline.repeatable(step, before.action) or (not run.over and run.ended(step) and bool(run.place(step).undo))


def trouble_of(error: SignalboxError) -> Trouble:
    """What kind of passing failure it is, as retry rules name them."""
    if isinstance(error, Unanswered):
        return Trouble.UNANSWERED
    return Trouble.THROTTLED if isinstance(error, Transient) and error.retry_after is not None else Trouble.TRANSIENT


def _next_attempt(run: Run, now: datetime, step: str, error: SignalboxError, backoff: Backoff, router: Router) -> dict[str, Json]:
    before, place = run.steps[step], run.place(step)
    tries = before.tries + 1
    # What may have been done is repeated where it was, under its key; to another service that key means nothing.
    sure = place.only_reads or not (before.unsure or isinstance(error, Unanswered))
    if sure and (taken := elsewhere(place, before, router)) is not None:
        return {"retry_at": now.isoformat(), "instead": taken.way.action, "because": taken.because}
    wanted = error.retry_after if isinstance(error, Transient) else None
    if tries <= place.retries and trouble_of(error) in place.retry.on:
        return {"retry_at": (now + timedelta(seconds=backoff(place.retry, tries, wanted))).isoformat()}
    last = place.stand_in
    if last is not None and before.action == place.step.action:
        return {"retry_at": now.isoformat(), "instead": last.action, "because": _why_last(place.step.service, last.action)}
    return _parked(run, now, before, place, lambda: backoff(place.retry, tries, wanted))


def _unsure(place: Place) -> dict[str, Json]:
    """Of a write that could go another way: it must not any more."""
    return {"unsure": True} if place.ways and not place.only_reads else {}


def _why_last(own: str, action: str) -> str:
    other = action.partition(".")[0]
    return "" if other == own else f"{product(other)} instead of {product(own)}: {product(own)} has just failed at this step."


def elsewhere(place: Place, before: Progress, router: Router) -> Taken | None:
    """A way to go at once: one that is as good, or the one that goes first as things are now. Not to and fro without end."""
    action = before.action
    here = next((way for way in place.ways if way.action == action), None)
    if here is None or before.attempt > place.retries + len(place.ways):
        return None
    wish = Wish(place.ways, reads=place.only_reads, timeout=place.timeout)
    taken = router(wish)
    if taken.way.action != action and taken.because:
        return taken
    taken = router(wish._replace(tried=frozenset({here.service})))
    return taken if taken.way.action != action and taken.way.order == here.order else None


def _parked(run: Run, now: datetime, before: Progress, place: Place, pause: Callable[[], float]) -> dict[str, Json]:
    """A run that may wait for a service that is down goes on later, and loses no attempt by it."""
    patience = run.outline.definition.options.patience
    until = None if patience is None or before.started_at is None else before.started_at + timedelta(seconds=patience)
    if until is None or now >= until:
        return {}
    return {"retry_at": min(until, now + timedelta(seconds=max(pause(), SHORTEST_PARK))).isoformat(), "lost": True, "held": True}


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
    if _doubtful(run, step, before):
        return Fact(seq, now, FactKind.IN_DOUBT, step, before.attempt, before.key, {"error": LOST})
    data: dict[str, Json] = {"error": LOST, "transient": True, "retry_at": None, **_unsure(run.place(step))}
    if not run.ended(step):
        data |= {"retry_at": now.isoformat(), "lost": True}
    return Fact(seq, now, FactKind.REFUSED, step, before.attempt, before.key, data)
