"""Say that one is still on it: the lease of an acknowledgement begins anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.about_alert import AboutOneAlert
from engine.commands.command import Asking, Outcome
from engine.commands.house import House
from engine.errors import Conflict
from engine.monitoring.alert import LEASES, Alert, AlertState, kept
from engine.parties import Role
from engine.workflow.durations import in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAlert(AboutOneAlert):
    NAME: ClassVar[str] = "keep_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts keep"
    HELP: ClassVar[str] = "Say that you are still on an alert you acknowledged; you are asked again after the same time."
    EXAMPLE: ClassVar[str] = "/alerts keep github"
    BUTTON: ClassVar[str] = "alr.keep"

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> KeepAlert:
        return cls(alert=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        spans: list[str] = []

        def move(alert: Alert) -> Alert:
            holder = alert.acknowledged_actor
            if alert.state is AlertState.ACKNOWLEDGED and holder not in ("", asking.actor.id):
                raise Conflict(
                    f"Nothing was changed: {alert.acknowledged_by} has it. To take it over, press Un-acknowledge and acknowledge it."
                )
            spans.append(in_words(LEASES[alert.severity]))
            return kept(alert, at=asking.at)

        return await self.moved(house, asking, move, lambda name: f"{name}: still yours. You are asked again in {spans[0]}.")
