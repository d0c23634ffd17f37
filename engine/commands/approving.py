"""An approval: which run and step it is about, who may answer it and has, what it is bound to, and the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from engine.commands.approvers import Approver, approvers, refuse_unasked
from engine.commands.command import Asked, Asking, Outcome, RunShown, Starter
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.commands.run_steps import in_definition, is_approval, the_step
from engine.commands.running import UNDER_WAY, AboutRun, found, meant
from engine.commands.show_run import shown
from engine.commands.upcoming import upcoming
from engine.errors import Conflict, Invalid, NotFound, Problem
from engine.events import PostingsTouched
from engine.workflow.approval import approval_id
from engine.workflow.definition import Approve, Json, Step
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState, StepView

OPEN = (StepState.WAITING, StepState.ASKED, StepState.RETRYING)
MOST_OPTIONS = 5


@dataclass(frozen=True, slots=True)
class Vote:
    by: str  # name
    actor: str  # id
    approved: bool
    note: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An approval as it stands. ``asked``: who may answer, empty = whoever may confirm. ``requester``: who wants it. ``next``: what a
    yes lets happen. ``key`` is that of its ask, "" before it was put."""

    run: RunRecord
    step: StepView
    text: str
    rule: Approve = field(default_factory=Approve)
    asked: tuple[Approver, ...] = ()
    votes: tuple[Vote, ...] = ()
    requester: Starter = field(default_factory=lambda: Starter(""))
    next: tuple[Step, ...] = ()
    reminded: int = 0
    key: str = ""
    put_at: datetime | None = None

    @property
    def card(self) -> str:
        return approval_id(self.key)

    @property
    def until(self) -> datetime | None:
        """When it expires; foretold while its card is drawn for the first time, before the run knows that it stands."""
        if self.step.until is not None or self.rule.expires is None or self.put_at is None:
            return self.step.until
        return self.put_at + timedelta(seconds=self.rule.expires)

    @property
    def open(self) -> bool:
        return self.step.state in OPEN and not self.run.state.over

    @property
    def answer(self) -> Mapping[str, Json] | None:
        """``{"approved", "by", "at", "note"}`` once it is decided."""
        output = self.step.output
        return output if isinstance(output, dict) and "approved" in output else None

    @property
    def yeses(self) -> int:
        return sum(vote.approved for vote in self.votes)


class AboutApproval(AboutRun, Protocol):
    """A command about one approval, named by its card, or by its run and step."""

    @property
    def ask(self) -> str: ...
    @property
    def step(self) -> str: ...


async def wanted(house: House, card: str, payload: Mapping[str, Json] | None = None) -> Wanted:
    """What the card asks; ``payload`` where the posting is at hand. Raises NotFound when it is not known (any more)."""
    about = payload or next((posting.payload for posting in await house.store.postings.of(card) if posting.kind == "approval"), None)
    if not about:
        raise NotFound("This approval is not known here any more. /flow history lists the last runs.")
    run = await found(house, str(about.get("run", "")))
    view = await shown(house, run)
    step = next((one for one in view.steps if one.id == about.get("step")), None)
    if step is None:
        raise NotFound("This step is not part of the run any more.")
    return await _wanted(house, view, step, about)


async def _wanted(house: House, view: RunShown, step: StepView, about: Mapping[str, Json] | None = None) -> Wanted:
    run = view.run
    facts = await house.store.runs.facts(run.id)
    asked = next((fact for fact in reversed(facts) if fact.kind is FactKind.ASKED and fact.step == step.id), None)
    said = about or (_arguments(asked) if asked else {})
    workflow = await house.store.workflows.at_version(run.workflow, run.version)
    rule = Approve(by=_by(said))
    if workflow is None:
        return Wanted(run=run, step=step, text=_text(run, said), rule=rule, key=asked.key if asked else "")
    definition = workflow.definition
    written = in_definition(definition, step.id)
    if written is not None and isinstance(written.does, Approve):
        rule = _filled_in(written.does, said)
    return Wanted(
        run=run,
        step=step,
        text=_text(run, said),
        rule=rule,
        asked=approvers(rule.by, definition.places, definition.home),
        votes=_votes(facts, step.id),
        requester=view.starter,
        next=upcoming(definition, facts, run, view.steps, step.id),
        reminded=sum(fact.kind is FactKind.REMINDED and fact.step == step.id for fact in facts),
        key=asked.key if asked else "",
        put_at=asked.at if asked else None,
    )


def _arguments(fact: Fact) -> Mapping[str, Json]:
    given = fact.data.get("arguments")
    return given if isinstance(given, dict) else {}


def _by(said: Mapping[str, Json]) -> tuple[str, ...]:
    by = said.get("by") or said.get("approver") or said.get("user") or ()
    return tuple(str(one) for one in by) if isinstance(by, list) else (str(by),) if by else ()


def _filled_in(rule: Approve, said: Mapping[str, Json]) -> Approve:
    """Who is asked may be worked out by the run: then what was asked says it, one behind the other."""
    approver = said.get("approver")
    if not any("{{" in one for one in rule.by) or not isinstance(approver, str):
        return rule
    return replace(rule, by=tuple(one.strip() for one in approver.split(",") if one.strip()))


def _text(run: RunRecord, said: Mapping[str, Json]) -> str:
    return str(said.get("text") or f"May “{run.name}” go on?")


def _votes(facts: Sequence[Fact], step: str) -> tuple[Vote, ...]:
    """Those since it was last put: what was answered before a retry counts no more."""
    own = [fact for fact in facts if fact.step == step]
    last = max((at for at, fact in enumerate(own) if fact.kind is FactKind.ASKED), default=-1)
    return tuple(
        Vote(
            str(fact.data.get("by") or ""),
            str(fact.data.get("actor") or ""),
            fact.data.get("approved") is True,
            str(fact.data.get("note") or ""),
            fact.at,
        )
        for fact in own[last + 1 :]
        if fact.kind is FactKind.VOTED
    )


# --- answering ------------------------------------------------------------------------------------------------------------


async def answer(house: House, asking: Asking, command: AboutApproval, *, approved: bool, note: str) -> Outcome:
    """Raises Forbidden for somebody who was not asked, Conflict when it is answered already, Invalid without a needed reason."""
    ask = await _meant(house, asking, command)
    if isinstance(ask, Outcome):
        return ask
    await refuse_unasked(house, asking.actor, ask.asked)
    if not ask.open:
        raise _too_late(ask)
    if asking.version and asking.version != max(1, ask.step.attempts):
        raise Conflict(
            "This was asked anew since your screen showed it. Look at the new card and answer there. Your press changed nothing."
        )
    if ask.rule.reason and not note.strip():
        raise Invalid("Nothing was answered.", [Problem("say why, in a few words", ("note",))])
    try:
        await house.runner.vote(ask.run.id, ask.step.id, approved=approved, actor=asking.actor, note=note.strip())
    except Conflict as error:
        newer = await _again(house, ask)
        raise (error if newer.open else _too_late(newer)) from error
    verb = "approve_step" if approved else "decline_step"
    await house.store.ledger.record(PostingsTouched(ask.card), house.audit(asking, verb, ask.run.id, f"{ask.step.id} {note}".strip()[:300]))
    return await noted(house, asking, ask.card, _said(ask, approved))


def _said(ask: Wanted, approved: bool) -> str:
    if not approved:
        return f"You declined “{ask.run.name}”."
    left = ask.rule.quorum - ask.yeses - 1
    more = f" {ask.yeses + 1} of {ask.rule.quorum}: {left} more {'is' if left == 1 else 'are'} needed." if left > 0 else ""
    return f"You approved “{ask.run.name}”.{more}"


async def _again(house: House, ask: Wanted) -> Wanted:
    run = await found(house, ask.run.id)
    step = next((one for one in (await shown(house, run)).steps if one.id == ask.step.id), ask.step)
    return replace(ask, run=run, step=step)


async def _meant(house: House, asking: Asking, command: AboutApproval) -> Wanted | Outcome:
    """The approval by its card, else the one that fits; a question when several do. Raises NotFound or Rejected."""
    if command.ask:
        return await wanted(house, command.ask)
    if command.run or command.workflow:
        run = await meant(house, asking, command, UNDER_WAY)
        return run if isinstance(run, Outcome) else await _of_run(house, run, command.step)
    runs = [run for state in (RunState.WAITING, RunState.RUNNING) for run in await house.store.runs.list(outcome=state.value)]
    views = [await shown(house, run) for run in runs]
    waiting = [(view, step) for view in views for step in view.steps if step.state is StepState.WAITING and is_approval(step)]
    if len(waiting) == 1:
        return await _wanted(house, *waiting[0])
    if not waiting:
        raise NotFound("No run waits for an approval; nothing was changed.")
    first = waiting[:MOST_OPTIONS]
    verb = command.NAME.partition("_")[0]
    options = tuple((f"{view.run.name}: {step.id}"[:70], f"{verb} {view.run.name}") for view, step in first)
    deeds = tuple((command.NAME, {"run": view.run.id, "step": step.id}) for view, step in first)
    return Outcome(result=Asked(question=f"{len(waiting)} approvals are wanted. Which one shall I {verb}?", options=options, deeds=deeds))


async def _of_run(house: House, run: RunRecord, step: str) -> Wanted:
    view = await shown(house, run)
    among = [one.id for one in view.steps if is_approval(one) and one.state in OPEN]
    if not among:
        raise Conflict(f"This run of “{run.name}” waits for no approval; it is {run.state.value}. Nothing was changed.")
    id = the_step(step, view.steps, among, "answered")
    return await _wanted(house, view, next(one for one in view.steps if one.id == id))


def _too_late(ask: Wanted) -> Conflict:
    if ask.answer is not None:
        what = "approved" if ask.answer["approved"] else "declined"
        return Conflict(f"{who_decided(ask.answer)} {what} it already. Your press changed nothing.")
    state = ask.run.state.value if ask.run.state.over else ask.step.state.value.replace("_", " ")
    return Conflict(
        f"No answer is wanted any more: {'the run' if ask.run.state.over else 'the step'} is {state}. Your press changed nothing."
    )


def who_decided(answer: Mapping[str, Json]) -> str:
    by = answer.get("by")
    names = [str(name) for name in by] if isinstance(by, list) else [str(by)] if by else []
    return ", ".join(names) or "Nobody in time"
