"""An approval: which run and step its card is about, who may answer it, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.commands.command import Asking, Outcome
from engine.commands.drafting import noted
from engine.commands.house import OWNER_FACES, House
from engine.commands.show_run import found, shown
from engine.commands.speaking import mentioned
from engine.errors import Conflict, Forbidden, NotFound
from engine.events import PostingsTouched
from engine.parties import Actor
from engine.workflow.definition import Json
from engine.workflow.run import RunRecord, StepState, StepView

OPEN = (StepState.WAITING, StepState.ASKED, StepState.RETRYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An approval as it stands. ``approver`` as it was said, "" = anyone who may confirm."""

    run: RunRecord
    step: StepView
    text: str
    approver: str

    @property
    def open(self) -> bool:
        return self.step.state in OPEN and not self.run.state.over

    @property
    def answer(self) -> Mapping[str, Json] | None:
        """``{"approved", "by", "at", "note"}`` once somebody answered."""
        output = self.step.output
        return output if isinstance(output, dict) and "approved" in output else None


async def wanted(house: House, card: str, payload: Mapping[str, Json] | None = None) -> Wanted:
    """What the card asks; ``payload`` where the posting is at hand. Raises NotFound when it is not known (any more)."""
    about = payload or next((posting.payload for posting in await house.store.postings.of(card) if posting.kind == "approval"), None)
    if not about:
        raise NotFound("This approval is not known here any more. /flow history lists the last runs.")
    run = await found(house, str(about.get("run", "")))
    step = next((one for one in (await shown(house, run)).steps if one.id == about.get("step")), None)
    if step is None:
        raise NotFound("This step is not part of the run any more.")
    text = str(about.get("text") or f"“{run.name}” wants to go on.")
    return Wanted(run=run, step=step, text=text, approver=str(about.get("approver") or ""))


async def answer(house: House, asking: Asking, card: str, *, approved: bool, note: str) -> Outcome:
    """Raises Forbidden for somebody who was not asked, Conflict when it is answered already."""
    ask = await wanted(house, card)
    await _may_answer(house, asking.actor, ask.approver)
    if not ask.open:
        raise _too_late(ask)
    output: dict[str, Json] = {"approved": approved, "by": asking.actor.name, "at": asking.at.isoformat(), "note": note}
    try:
        await house.runner.answer(ask.run.id, ask.step.id, output, asking.actor)
    except Conflict as error:
        raise _too_late(await wanted(house, card)) from error
    verb = "approve_step" if approved else "decline_step"
    await house.store.ledger.record(PostingsTouched(card), house.audit(asking, verb, ask.run.id, f"{ask.step.id} {note}".strip()))
    return await noted(house, asking, card, f"You {'approved' if approved else 'declined'} “{ask.run.name}”.")


async def _may_answer(house: House, actor: Actor, approver: str) -> None:
    """Somebody asked by mention answers alone; an admin may answer for them."""
    asked = mentioned(approver)
    if asked is None or asked[0] == actor.user or actor.face in OWNER_FACES or actor.id in await house.store.members.admins():
        return
    known = await house.names([f"{actor.face}:{asked[0]}"])
    name = known.get(f"{actor.face}:{asked[0]}") or asked[1] or "Somebody else"
    raise Forbidden(f"{name} was asked to decide this, not you. Ask them, or an admin.")


def _too_late(ask: Wanted) -> Conflict:
    if ask.answer is not None:
        what = "approved" if ask.answer["approved"] else "declined"
        return Conflict(f"{ask.answer.get('by') or 'Somebody'} {what} it already. Your press changed nothing.")
    state = ask.run.state.value if ask.run.state.over else ask.step.state.value.replace("_", " ")
    return Conflict(f"No answer is wanted any more: {'the run' if ask.run.state.over else 'the step'} is {state}. Your press changed nothing.")
