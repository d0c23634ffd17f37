"""List alerts, one line an incident, the open ones unless asked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import MOST_LOOKED_AT, OPEN, folded, service_meant, severity_of
from engine.commands.command import AlertsShown, Asking, Command, Outcome
from engine.commands.house import House
from engine.errors import Rejected
from engine.monitoring.alert import AlertState
from engine.workflow.catalogue import listed

MOST_SHOWN = 50
STATES: dict[str, tuple[AlertState, ...]] = {
    "open": OPEN,
    "firing": (AlertState.FIRING,),
    "acknowledged": (AlertState.ACKNOWLEDGED,),
    "mine": (AlertState.ACKNOWLEDGED,),
    "resolved": (AlertState.RESOLVED,),
    "quiet": OPEN,
    "snoozed": OPEN,
    "all": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAlerts(Command):
    NAME: ClassVar[str] = "list_alerts"
    SLASH: ClassVar[str] = "/alerts"
    HELP: ClassVar[str] = "List the open alerts; narrow with open, mine, resolved, quiet, service:X or severity:Y. “why X” tells why."
    EXAMPLE: ClassVar[str] = "/alerts service:github"
    service: str = ""
    severity: str = ""
    state: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        state = self.state.strip().casefold() or "open"
        if state not in STATES:
            raise Rejected(f"“{self.state[:40]}” is no state of an alert. Say {listed(STATES, 'or')}.")
        service = await service_meant(house, self.service) if self.service else ""
        severity = severity_of(self.severity)
        alerts = await house.store.alerts.list(service=service, severity=severity, states=STATES[state], limit=MOST_LOOKED_AT)
        if state == "mine":
            alerts = [alert for alert in alerts if alert.acknowledged_by == asking.actor.name]
        if state == "quiet":
            alerts = [alert for alert in alerts if alert.quiet]
        if state == "snoozed":
            alerts = [alert for alert in alerts if alert.snoozed_until]
        shown, more = folded(alerts)
        said = " ".join(filter(None, ("" if state == "open" else state, severity, service)))
        return Outcome(result=AlertsShown(alerts=shown[:MOST_SHOWN], folded=more, filter=said, timezone=asking.timezone))
