"""Apply a threshold that the report on alert rules proposes; the same card takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.alert_quality import judged, span_of
from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.set_threshold import save, stored
from engine.errors import Rejected
from engine.monitoring.threshold import checked
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyProposal(Command):
    """``report``: the card it stands on; ``service``: whose proposal."""

    NAME: ClassVar[str] = "apply_proposal"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Set the threshold that the report proposes; Undo takes it back."
    BUTTON: ClassVar[str] = "qua.apply"
    report: str
    service: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ApplyProposal:
        return cls(report=card, service=arg)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        span = span_of(self.report)
        shown = await judged(house, *span)
        proposal = next((one for one in shown.proposals if one.service == self.service), None)
        if proposal is None:
            raise Rejected("This proposal does not stand any more: the threshold was changed meanwhile. Ask again: /alerts quality")
        known = await stored(house, proposal.service)
        later = checked(known.with_(proposal.metric, proposal.level, proposal.value))
        await save(house, asking, replace(later, before=known.values()), proposal.because)
        return Outcome(result=await judged(house, *span), public=True)
