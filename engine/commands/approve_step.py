"""Approve: a run that waits for a yes goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.show_run import found
from engine.errors import NotFound
from engine.parties import Role
from engine.workflow.definition import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveStep(Command):
    """The card of an approval is called after its ask: ``<run id>:<step id>``."""

    NAME: ClassVar[str] = "approve_step"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Approve what a run asks for."
    BUTTON: ClassVar[str] = "run.approve"
    ask: str
    note: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ApproveStep:
        return cls(ask=card, note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await decide(house, asking, self.ask, approved=True, note=self.note)


async def decide(house: House, asking: Asking, ask: str, *, approved: bool, note: str) -> Outcome:
    run_id, colon, step = ask.partition(":")
    if not colon or not step:
        raise NotFound("This card asks for no approval.")
    run = await found(house, run_id)
    output: dict[str, Json] = {"approved": approved, "by": asking.actor.name, "at": asking.at.isoformat(), "note": note}
    await house.runner.answer(run.id, step, output, asking.actor)
    await house.store.ledger.record(house.audit(asking, "approve_step" if approved else "decline_step", run.id, note or step))
    return done(f"{'Approved' if approved else 'Declined'}: {run.name}.")
