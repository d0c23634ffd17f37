"""Acknowledge an alert: somebody is on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import meant
from engine.commands.command import AlertShown, Asking, Command, Outcome
from engine.commands.house import House
from engine.events import AlertSaved, PostingsTouched
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
        alert = await meant(house, "ack", self.alert, self.service, self.severity)
        if isinstance(alert, Outcome):
            return alert
        changed = acknowledged(alert, by=asking.actor.name, at=asking.at, note=self.note, seen=asking.version)
        await house.store.ledger.record(
            AlertSaved(changed), PostingsTouched(alert.id), house.audit(asking, self.NAME, alert.id, self.note)
        )
        return Outcome(result=AlertShown(alert=changed), tracked=asking.version > 0, public=True)
