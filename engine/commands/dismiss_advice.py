"""Dismiss a recommendation: it does not come back unless its evidence doubles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.advising import card_id, meant, moved, must_be
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.events import PostingsTouched
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissAdvice(Command):
    """``advice``: its number on the card, or its id."""

    NAME: ClassVar[str] = "dismiss_advice"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Put a recommendation away; it comes back only with twice the evidence."
    EXAMPLE: ClassVar[str] = "/signalbox dismiss advice 1 for release"
    BUTTON: ClassVar[str] = "adv.no"
    workflow: str = ""
    advice: str = ""
    card: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> DismissAdvice:
        return cls(advice=arg, card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        policy, workflow = await meant(house, self.workflow, self.advice)
        must_be(policy, "open")
        await house.store.ledger.record(
            moved(policy, "dismissed", asking.at, by=asking.actor.name, at=asking.at.isoformat()),
            house.audit(asking, self.NAME, workflow.id, str(policy.body.get("title"))),
            PostingsTouched(card_id(workflow.id)),
        )
        return await noted(house, asking, self.card, f"Dismissed: {policy.body.get('title')}. It comes back only with twice the evidence.")
