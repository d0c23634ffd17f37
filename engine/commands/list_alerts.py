"""List alerts, the open ones unless asked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import OPEN
from engine.commands.command import AlertsShown, Asking, Command, Outcome
from engine.commands.house import House
from engine.errors import Rejected
from engine.monitoring.alert import AlertState, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAlerts(Command):
    NAME: ClassVar[str] = "list_alerts"
    SLASH: ClassVar[str] = "/alerts"
    HELP: ClassVar[str] = "List the open alerts; narrow with open, mine, resolved, service:X or severity:Y."
    EXAMPLE: ClassVar[str] = "/alerts service:github"
    service: str = ""
    severity: str = ""
    state: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if self.severity and self.severity not in list(Severity):
            raise Rejected(f"“{self.severity}” is no severity. Use low, medium, high or critical.")
        states: tuple[AlertState, ...] = OPEN
        if self.state in list(AlertState):
            states = (AlertState(self.state),)
        elif self.state in ("all", "any"):
            states = ()
        alerts = await house.store.alerts.list(service=self.service, severity=self.severity, states=states)
        if self.state == "mine":
            alerts = [alert for alert in alerts if alert.acknowledged_by == asking.actor.name]
        said = " ".join(filter(None, (self.state, self.service, self.severity)))
        return Outcome(result=AlertsShown(alerts=tuple(alerts), filter=said))
