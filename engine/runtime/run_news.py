"""Which cards a run's new facts change: its own, one for each doubt, and that of an ask that was waited for."""

from __future__ import annotations

from collections.abc import Sequence

from engine.events import Event, PostingsTouched, PostingWanted
from engine.parties import Address
from engine.workflow.approval import approval_id
from engine.workflow.definition import Json
from engine.workflow.doubt import doubt_id
from engine.workflow.progress import Run
from engine.workflow.run import Fact, FactKind, StepState


def news_of(before: Run, after: Run, facts: Sequence[Fact], *, shown: bool) -> list[Event]:
    """What to record beside ``facts``, in the same transaction. ``shown``: cards about the run itself may stand somewhere.

    A doubt's card is called ``doubt_id(run, step)`` and stands where the run's card does; the card of an ask that waits for people is
    called ``approval_id`` of the ask's key.
    """
    news: list[Event] = [PostingsTouched(after.origin.id)] if shown else []
    where = Address.parse(after.origin.where) if after.origin.where else None
    for fact in facts:
        state = before.progress(fact.step).state
        if fact.kind is FactKind.FINISHED:
            news.extend(_closing_news(before))
        elif fact.kind is FactKind.IN_DOUBT and where is not None:
            about: dict[str, Json] = {"run": after.origin.id, "step": fact.step, "attempt": fact.attempt}
            news.append(PostingWanted(doubt_id(after, fact.step), "doubt", where, payload=about))
        elif state is StepState.IN_DOUBT:
            news.append(PostingsTouched(doubt_id(after, fact.step)))
        elif state is StepState.WAITING:
            news.append(PostingsTouched(approval_id(fact.key)))
    return news


def _closing_news(run: Run) -> list[Event]:
    """Cards that still ask something of a run that is over."""
    doubts = [PostingsTouched(doubt_id(run, step)) for step, state in run.open.items() if state is StepState.IN_DOUBT]
    waits = [PostingsTouched(approval_id(run.steps[step].key)) for step, state in run.open.items() if state is StepState.WAITING]
    return [*doubts, *waits]
