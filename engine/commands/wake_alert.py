"""End a snooze before its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.about_alert import AboutOneAlert
from engine.commands.command import Asking, Outcome
from engine.commands.house import House
from engine.errors import Conflict
from engine.monitoring.alert import Alert
from engine.monitoring.keeping import woken
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAlert(AboutOneAlert):
    NAME: ClassVar[str] = "wake_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts wake"
    HELP: ClassVar[str] = "End an alert's snooze now: it is as it was before."
    EXAMPLE: ClassVar[str] = "/alerts wake github"
    BUTTON: ClassVar[str] = "alr.wake"

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> WakeAlert:
        return cls(alert=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        def move(alert: Alert) -> Alert:
            if not alert.open or alert.snoozed_until is None:
                raise Conflict("Nothing was changed: this alert is not snoozed.")
            return woken(alert, asking.at)

        return await self.moved(house, asking, move, lambda name: f"{name}: the snooze is over.")
