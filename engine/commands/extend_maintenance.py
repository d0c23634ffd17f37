"""Let a window last longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.commands.maintaining import changed, told
from engine.errors import Rejected
from engine.monitoring.silence import Silence, checked
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
        by = self.by

        def longer(silence: Silence) -> tuple[Silence, str]:
            later = checked(replace(silence, ends=silence.ends + by), asking.at)
            return later, told(later, "UTC")

        silence, later = await changed(house, asking, self.window, self.NAME, longer)
        said = in_words(by.total_seconds())
        return await noted(house, asking, silence.card, f"{said} longer: {told(later, asking.timezone)}")
