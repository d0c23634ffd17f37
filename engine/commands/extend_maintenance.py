"""Let a window last longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.commands.maintaining import meant, told
from engine.errors import Rejected
from engine.events import PolicySaved, PostingsTouched
from engine.monitoring.silence import KIND, body_of, checked
from engine.parties import Role
from engine.workflow.durations import duration, in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendMaintenance(Command):
    """``window``: its id, or the service. Only this window of a recurring one grows."""

    NAME: ClassVar[str] = "extend_maintenance"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts maintenance extend"
    HELP: ClassVar[str] = "Let a maintenance window or silence last longer."
    EXAMPLE: ClassVar[str] = "/alerts maintenance extend github 30m"
    BUTTON: ClassVar[str] = "sil.extend"
    window: str = ""
    by: timedelta | None = None

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ExtendMaintenance:
        said = form.get("by", "").strip()
        return cls(window=card, by=timedelta(seconds=duration(said)) if said else None)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.window or self.by is None or self.by <= timedelta():
            raise Rejected("Which one, and by how long? For example: /alerts maintenance extend github 30m")
        silence = await meant(house, self.window, asking)
        later = checked(replace(silence, ends=silence.ends + self.by), asking.at)
        await house.store.ledger.record(
            PolicySaved(KIND, later.id, body_of(later), asking.at, later.revision + 1),
            PostingsTouched(silence.card),
            house.audit(asking, self.NAME, later.id, told(later, "UTC")),
        )
        said = in_words(self.by.total_seconds())
        return await noted(house, asking, silence.card, f"{said} longer: {told(later, asking.timezone)}")
