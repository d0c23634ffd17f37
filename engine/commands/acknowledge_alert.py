"""Acknowledge an alert: somebody is on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from engine.commands.alerting import change, meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.monitoring.alert import acknowledged
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlert(Command):
    NAME: ClassVar[str] = "acknowledge_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/ack"
    HELP: ClassVar[str] = "Say that you are on it: the alert's card names you everywhere it stands."
    EXAMPLE: ClassVar[str] = "/ack github"
    BUTTON: ClassVar[str] = "alr.acknowledge"
    alert: str = ""
    service: str = ""
    severity: str = ""
    note: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> AcknowledgeAlert:
        return cls(alert=card, note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        alert = await meant(house, self)
        if isinstance(alert, Outcome):
            return alert
        move = partial(acknowledged, by=asking.actor.name, actor=asking.actor.id, at=asking.at, note=self.note)
        return await change(house, asking, self, alert, move, self.note)
