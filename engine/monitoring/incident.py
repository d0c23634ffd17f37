"""An incident: alerts with one cause, told by one card. It is derived from its alerts and never stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.monitoring.alert import Alert, AlertState, Severity


@dataclass(frozen=True, slots=True)
class Incident:
    """``lead``: the alert whose card stands for all; ``members``: every alert of it, the lead among them, oldest first."""

    lead: Alert
    members: tuple[Alert, ...]

    @property
    def id(self) -> str:
        return self.lead.id

    @property
    def open(self) -> tuple[Alert, ...]:
        return tuple(alert for alert in self.members if alert.open)

    @property
    def state(self) -> AlertState:
        """Firing while anything of it fires, resolved when all of it is."""
        states = {alert.state for alert in self.members}
        return next(state for state in AlertState if state in states)

    @property
    def severity(self) -> Severity:
        """The worst of what is open; of a resolved one the worst there was."""
        return max({alert.severity for alert in self.open or self.members}, key=lambda severity: severity.rank)

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(alert.service for alert in self.members))

    @property
    def opened_at(self) -> datetime:
        return min(alert.opened_at for alert in self.members)

    @property
    def resolved_at(self) -> datetime | None:
        ends = [alert.resolved_at for alert in self.members]
        return max(end for end in ends if end is not None) if all(ends) else None


def incident(alerts: Sequence[Alert]) -> Incident:
    """Of alerts that share a leader. Raises ValueError without the leader among them."""
    ordered = tuple(sorted(alerts, key=lambda alert: (alert.opened_at, alert.id)))
    lead = next((alert for alert in ordered if not alert.incident), None)
    if lead is None or any(alert.leader != lead.id for alert in ordered):
        raise ValueError("these alerts do not belong to one incident")
    return Incident(lead, ordered)


def incidents(alerts: Iterable[Alert]) -> tuple[Incident, ...]:
    """Every incident whose leader is among the alerts, newest first."""
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.leader, []).append(alert)
    whole = [incident(group) for leader, group in found.items() if any(one.id == leader for one in group)]
    return tuple(sorted(whole, key=lambda one: (one.opened_at, one.id), reverse=True))
