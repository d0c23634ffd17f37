"""Which alert a request means."""

from __future__ import annotations

from engine.commands.command import Asked, Outcome
from engine.commands.house import House
from engine.errors import NotFound
from engine.monitoring.alert import Alert, AlertState

OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)


async def meant(house: House, verb: str, alert: str, service: str, severity: str) -> Alert | Outcome:
    """The one alert, or a question when several fit. Raises NotFound when none does."""
    if alert:
        known = await house.store.alerts.get(alert)
        if known is None:
            raise NotFound(f"There is no alert {alert}. /alerts lists the open ones.")
        return known
    open_ones = await house.store.alerts.list(service=service, severity=severity, states=OPEN)
    if not open_ones:
        about = f" for {service}" if service else ""
        raise NotFound(f"There is no open alert{about}; nothing was changed.")
    if len(open_ones) == 1:
        return open_ones[0]
    options = tuple((f"{one.service}: {one.message}"[:70], f"/{verb} {one.id}") for one in open_ones[:5])
    return Outcome(result=Asked(question=f"{len(open_ones)} alerts are open. Which one?", options=options))
