"""Between kernel and guard: an ask as the call that leaves, and what came of it as the facts that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from engine.errors import SignalboxError, Unanswered
from engine.ports import Answer, Call
from engine.resilience.retry import backoff
from engine.runtime.guard import PLAIN, Terms
from engine.runtime.live import Live
from engine.runtime.pace import Held, Limit
from engine.runtime.roads import NO_ROADS, Roads
from engine.runtime.routes import Shut
from engine.workflow import outcomes
from engine.workflow.asking import account_of
from engine.workflow.definition import Json, RetryRule
from engine.workflow.kernel import Ask
from engine.workflow.progress import Progress, Run
from engine.workflow.run import Fact, FactKind, StepState

LATE = frozenset({StepState.RETRYING, StepState.IN_DOUBT})  # where an answer still counts that nobody hoped for any more


def call_of(live: Live, ask: Ask) -> Call:
    service, _, operation = ask.action.partition(".")
    definition, record = live.workflow.definition, live.record
    return Call(
        service=service,
        operation=operation,
        arguments=ask.arguments,
        key=ask.key,
        account=ask.account,
        run=record.id,
        step=ask.step,
        workflow=record.workflow,
        actor=live.run.actor,
        where=record.where,
        alert=record.alert,
        places=definition.places,
        home=definition.home,
    )


def looking_call(live: Live, step: str) -> Call:
    """The call that the step's last ask was, for a look whether it happened."""
    progress, place = live.run.progress(step), live.run.place(step)
    account = account_of(place, progress.action)
    ask = Ask(
        step=step, action=progress.action or place.step.action, arguments=progress.arguments, key=progress.key, attempt=progress.attempt,
        account=account, timeout=place.timeout,
    )  # fmt: skip
    return replace(call_of(live, ask), asked_at=progress.started_at)


def terms_of(ask: Ask) -> Terms:
    if ask.rank == PLAIN.rank and not (ask.rates or ask.secrets or ask.cache or ask.reads or ask.patience):
        return PLAIN
    return Terms(
        rank=ask.rank, limits=tuple(Limit(*rate) for rate in ask.rates), cache=ask.cache, secrets=ask.secrets,
        reads=ask.reads, early=ask.early, tries=ask.tries, patience=ask.patience,
    )  # fmt: skip


def facts_of(
    ask: Ask, outcome: Answer | SignalboxError, run: Run, now: datetime, dice: Callable[[], float], roads: Roads = NO_ROADS
) -> tuple[Fact, ...]:
    """What follows; nothing, where somebody answered before the service did. ``roads``: how services are, for what goes another way now."""
    before = run.progress(ask.step)
    if before.attempt != ask.attempt:
        return ()
    if before.state is not StepState.ASKED:
        return _late(ask, outcome, before, run, now)
    if isinstance(outcome, Held):
        return (_held(outcome, run, ask.step, now, roads),)
    if isinstance(outcome, SignalboxError):

        def pause(rule: RetryRule, tries: int, wanted: float | None) -> float:
            # A call behind an open breaker is as good as lost, and repeats have a budget: the next attempt waits until it may be more.
            return roads.pause(ask.action.partition(".")[0], ask.account, backoff(rule, tries, dice, wanted))

        return outcomes.failed(run, now, ask.step, outcome, pause, roads.router)
    if outcome.pending:
        return outcomes.taken(run, now, ask.step, sandbox=outcome.sandbox)
    return _answered(ask, outcome, run, now)


def _answered(ask: Ask, outcome: Answer, run: Run, now: datetime) -> tuple[Fact, ...]:
    facts = outcomes.answered(run, now, ask.step, outcome.output, sandbox=outcome.sandbox)
    return tuple(replace(fact, data={**fact.data, "cached": True}) for fact in facts) if outcome.cached else facts


def _held(outcome: Held, run: Run, step: str, now: datetime, roads: Roads) -> Fact:
    """It never left, so it is no attempt that failed: as after a crash it does not count against the retries. Before a breaker that opened in the very
    moment nobody waits who has another way.
    """
    before, place = run.progress(step), run.place(step)
    until = now + timedelta(seconds=outcome.retry_after or 0.0)
    data: dict[str, Json] = {"error": str(outcome), "transient": True, "retry_at": until.isoformat(), "lost": True, "held": True}
    stuck = isinstance(outcome, Shut) and place.ways and not run.ended(step) and (place.only_reads or not before.unsure)
    if stuck and (taken := outcomes.elsewhere(place, before, roads.router)) is not None:
        data |= {"retry_at": now.isoformat(), "instead": taken.way.action, "because": taken.because}
    return Fact(run.seq + 1, now, FactKind.REFUSED, step, before.attempt, before.key, data)


def _late(ask: Ask, outcome: Answer | SignalboxError, before: Progress, run: Run, now: datetime) -> tuple[Fact, ...]:
    """Another process gave the ask up for lost; what the service says counts all the same. An error that is sure says: it did not happen."""
    if before.state not in LATE or run.over:
        return ()
    if isinstance(outcome, Answer):
        return () if outcome.pending else _answered(ask, outcome, run, now)
    if before.state is StepState.IN_DOUBT and not isinstance(outcome, Unanswered):
        return outcomes.decided(run, now, ask.step, happened=False, output=None, by=str(outcome))
    return ()
