"""Reopen an alert that was resolved a moment ago: it was not over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.about_alert import AboutOneAlert, called
from engine.commands.alerting import MOST_LOOKED_AT, folded, severity_of
from engine.commands.command import Asking, Outcome
from engine.commands.house import House
from engine.errors import Conflict, NotFound
from engine.monitoring.alert import LEASE_AFTER_RESOLVE, Alert, AlertState, reopened
from engine.monitoring.life import insisted
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenAlert(AboutOneAlert):
    """Named by its service, the alert of it that was resolved last is meant."""

    NAME: ClassVar[str] = "reopen_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts reopen"
    HELP: ClassVar[str] = "Say that an alert resolved in the last 15 minutes is not over; it fires again under the same card."
    EXAMPLE: ClassVar[str] = "/alerts reopen github"
    BUTTON: ClassVar[str] = "alr.reopen"

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ReopenAlert:
        return cls(alert=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        meant = self.alert or await self._last(house, asking)
        because = f"{asking.actor.name} says that it is not over" + (f": {self.note}" if self.note else ".")

        def move(alert: Alert) -> Alert:
            if alert.state is AlertState.RESOLVED and not _fresh(alert, asking):
                raise Conflict(
                    f"Nothing was changed: {called(alert)} was resolved more than 15 minutes ago. If it comes back, it is a new alert."
                )
            return insisted(reopened(alert, at=asking.at, because=because), because, asking.at)

        again = ReopenAlert(alert=meant, note=self.note)
        return await again.moved(house, asking, move, lambda name: f"{name}: firing again, under the same card.")

    async def _last(self, house: House, asking: Asking) -> str:
        service = house.service(self.service).id if self.service else ""
        found = await house.store.alerts.list(
            service=service, severity=severity_of(self.severity), states=(AlertState.RESOLVED,), limit=MOST_LOOKED_AT
        )
        fresh, _ = folded(alert for alert in found if _fresh(alert, asking))
        if not fresh:
            raise NotFound("No such alert was resolved in the last 15 minutes; nothing was changed. /alerts resolved shows the past ones.")
        return max(fresh, key=lambda alert: alert.resolved_at or alert.opened_at).id


def _fresh(alert: Alert, asking: Asking) -> bool:
    return alert.resolved_at is not None and asking.at < alert.resolved_at + LEASE_AFTER_RESOLVE
