"""End a window before its time, or call it off before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.commands.maintaining import changed, told
from engine.errors import Rejected
from engine.monitoring.silence import Silence
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMaintenance(Command):
    """``window``: its id, or the service. A recurring one ends for good."""

    NAME: ClassVar[str] = "end_maintenance"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts maintenance end"
    HELP: ClassVar[str] = "End a maintenance window or silence now; what still fires is told."
    EXAMPLE: ClassVar[str] = "/alerts maintenance end github"
    BUTTON: ClassVar[str] = "sil.end"
    window: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> EndMaintenance:
        return cls(window=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.window:
            raise Rejected("Which one? For example: /alerts maintenance end github")

        def ended(silence: Silence) -> tuple[Silence, str]:
            # An empty window that lies in the past: told apart from one that ran out by who ended it, in the audit.
            over = replace(silence, every="", told="over", starts=min(silence.starts, asking.at), ends=asking.at)
            return over, told(silence, "UTC")

        silence, _ = await changed(house, asking, self.window, self.NAME, ended)
        begun = silence.starts <= asking.at
        await house.reconsider()
        return await noted(house, asking, silence.card, f"{'Ended' if begun else 'Called off'}: {told(silence, asking.timezone)}")
