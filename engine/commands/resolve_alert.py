"""Resolve an alert by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from engine.commands.alerting import change, meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.monitoring.alert import resolved
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveAlert(Command):
    NAME: ClassVar[str] = "resolve_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/resolve"
    HELP: ClassVar[str] = "Close an alert; if the fault goes on it reopens in place after 15 minutes."
    EXAMPLE: ClassVar[str] = "/resolve github"
    BUTTON: ClassVar[str] = "alr.resolve"
    alert: str = ""
    service: str = ""
    severity: str = ""
    note: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ResolveAlert:
        return cls(alert=card, note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        alert = await meant(house, self)
        if isinstance(alert, Outcome):
            return alert
        move = partial(resolved, by=asking.actor.name, at=asking.at, note=self.note)
        return await change(house, asking, self, alert, move, self.note)
