"""Why was this sent? The alert's evidence and everything people did to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import local
from engine.workflow.catalogue_data import product


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAlert(Command):
    NAME: ClassVar[str] = "explain_alert"
    HELP: ClassVar[str] = "Why an alert was sent, and who did what since."
    EXAMPLE: ClassVar[str] = "/signalbox why was I alerted about github?"
    BUTTON: ClassVar[str] = "alr.why"
    alert: str = ""
    service: str = ""
    severity: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ExplainAlert:
        return cls(alert=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        alert = await meant(house, self)
        if isinstance(alert, Outcome):
            return alert
        rows = await house.store.audit.list(subject=alert.id, limit=10)
        history = [
            f"{local(row.at, asking.timezone):%Y-%m-%d %H:%M %Z} · {row.actor_name}: {row.verb.replace('_', ' ')}"
            + (f" ({row.outcome})" if row.outcome != "done" else "")
            for row in reversed(rows)
        ]
        rule = f"Rule “{alert.rule.replace('_', ' ')}”: {alert.metric} {alert.value:g}, the limit is {alert.threshold:g}."
        return done("\n".join([f"Why {product(alert.service)} alerted", alert.because, rule, *history]))
