"""What is recorded beside a run's new facts: cards that change, events that are waited for (no longer), people who are reminded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.events import DetectorSaved, Event, PostingsTouched, PostingWanted, Priority, WaitClosed, WaitOpened
from engine.parties import Address
from engine.ports import Postings
from engine.runtime.kinship import ENDED, awaited_child
from engine.workflow.approval import approval_id
from engine.workflow.definition import Json, Wait
from engine.workflow.doubt import doubt_id
from engine.workflow.progress import Run
from engine.workflow.reroute import reroute_of
from engine.workflow.run import Fact, FactKind, StepState

ASK_APPROVAL = "chat.ask_approval"
ENDS = frozenset({FactKind.ANSWERED, FactKind.DECIDED})  # a lost answer may be found by a look, or said by a person
BEGINNINGS = frozenset({FactKind.STARTED, FactKind.ASKED})  # change no card but the run's own


class News:
    def __init__(self, postings: Postings) -> None:
        self._postings = postings

    def of(self, before: Run, after: Run, facts: Sequence[Fact], *, shown: bool) -> list[Event]:
        """For the same transaction as ``facts``. ``shown``: cards about the run itself may stand somewhere.

        A doubt's card is called ``doubt_id`` and stands where the run's card does; the card of an approval is called ``approval_id`` of
        the ask's key.
        """
        news: list[Event] = [PostingsTouched(after.origin.id)] if shown else []
        news += [_rerouted(kept, fact) for fact in facts if fact.kind in ENDS and (kept := reroute_of(before, after, fact))]
        telling = [fact for fact in facts if fact.kind not in BEGINNINGS and not _plain_answer(before, fact)]
        if telling:
            for fact in telling:
                news += _cards(before, after, fact)
            news += _waits(before, after, telling)
        return news

    async def reminders(self, run: Run, facts: Sequence[Fact]) -> list[Event]:
        """A message of its own beside each card of an approval that people were to be reminded of."""
        news: list[Event] = []
        for fact in facts:
            if fact.kind is FactKind.REMINDED:
                standing = await self._postings.of(approval_id(run.progress(fact.step).key))
                news += [_reminder(run, fact, posting.to) for posting in standing]
        return news


def _rerouted(kept: tuple[str, dict[str, Json]], fact: Fact) -> DetectorSaved:
    return DetectorSaved(kept[0], kept[1], fact.at)


def reminds(facts: Sequence[Fact]) -> bool:
    return any(fact.kind is FactKind.REMINDED for fact in facts)


def _plain_answer(before: Run, fact: Fact) -> bool:
    """The answer of a step that was just asked changes no card and ends no wait, as long as it asked no people."""
    if fact.kind is not FactKind.ANSWERED or before.open.get(fact.step) is not StepState.ASKED:
        return False
    return before.steps[fact.step].action != ASK_APPROVAL


def _cards(before: Run, after: Run, fact: Fact) -> Iterable[Event]:
    """What the fact does to cards of doubts and approvals. A fact of the whole run may close every one that is open."""
    if fact.kind is FactKind.WAITING:
        return
    steps = (fact.step,) if fact.step else tuple(before.open)
    if fact.kind is FactKind.IN_DOUBT:
        yield from _doubt(after, fact)
        return
    for step in steps:
        was, progress = before.progress(step), after.progress(step)
        if (was.state is StepState.IN_DOUBT and progress.state is not StepState.IN_DOUBT) or (
            after.over and was.state is StepState.IN_DOUBT
        ):
            yield PostingsTouched(doubt_id(after, step))
        elif ASK_APPROVAL in (was.action, progress.action) and was.state is not StepState.PENDING:
            yield PostingsTouched(approval_id(progress.key or was.key))


def _doubt(after: Run, fact: Fact) -> Iterable[Event]:
    if after.origin.where:
        about: dict[str, Json] = {"run": after.origin.id, "step": fact.step, "attempt": fact.attempt}
        yield PostingWanted(doubt_id(after, fact.step), "doubt", Address.parse(after.origin.where), payload=about)


def _waits(before: Run, after: Run, facts: Sequence[Fact]) -> list[Event]:
    """The index of who waits for which event, and for the end of which run."""
    news: list[Event] = []
    steps = dict.fromkeys(fact.step for fact in facts)
    if "" in steps:
        steps = {**steps, **dict.fromkeys(before.open)}
    for step in steps:
        was, now = before.open.get(step) is StepState.WAITING, after.open.get(step) is StepState.WAITING
        if not (was or now) or not step or was is (now := now and not after.ended(step)):
            continue
        if event := _awaited(after if now else before, step):
            news.append(WaitOpened(after.origin.id, step, event, after.progress(step).until) if now else WaitClosed(after.origin.id, step))
    return news


def _awaited(run: Run, step: str) -> str:
    does = run.place(step).step.does
    if isinstance(does, Wait):
        return does.event
    child = awaited_child(run.progress(step))
    return ENDED + child if child else ""


def _reminder(run: Run, fact: Fact, to: Address) -> PostingWanted:
    arguments = run.progress(fact.step).arguments
    asked, approver = str(arguments.get("text") or fact.step), str(arguments.get("approver") or "")
    text = f"{approver + ', ' if approver else ''}“{asked}” still waits for an answer: see its card."
    payload: dict[str, Json] = {"title": "Reminder", "text": text, "run": run.origin.id, "step": fact.step, "workflow": run.origin.workflow}
    return PostingWanted(f"rem_{run.origin.id.removeprefix('run_')}_{fact.seq}", "note", to, priority=Priority.REPORT, payload=payload)
