"""List alerts, the open ones unless asked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import OPEN, severity_of
from engine.commands.command import AlertsShown, Asking, Command, Outcome
from engine.commands.house import House
from engine.errors import Rejected
from engine.monitoring.alert import AlertState
from engine.workflow.catalogue import listed

STATES: dict[str, tuple[AlertState, ...]] = {
    "open": OPEN,
    "firing": (AlertState.FIRING,),
    "acknowledged": (AlertState.ACKNOWLEDGED,),
    "mine": (AlertState.ACKNOWLEDGED,),
    "resolved": (AlertState.RESOLVED,),
    "all": (),
}


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
        state = self.state.strip().casefold() or "open"
        if state not in STATES:
            raise Rejected(f"“{self.state[:40]}” is no state of an alert. Say {listed(STATES, 'or')}.")
        service = house.service(self.service).id if self.service else ""
        severity = severity_of(self.severity)
        alerts = await house.store.alerts.list(service=service, severity=severity, states=STATES[state])
        if state == "mine":
            alerts = [alert for alert in alerts if alert.acknowledged_by == asking.actor.name]
        said = " ".join(filter(None, ("" if state == "open" else state, severity, service)))
        return Outcome(result=AlertsShown(alerts=tuple(alerts), filter=said, timezone=asking.timezone))
