"""What is likely to come, of one service: its trends, its limits, its error budget, and whether it looks like before a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import OPEN
from engine.commands.command import Asking, Command, ForecastShown, Outcome
from engine.commands.foreseeing import foreseen, watched
from engine.commands.house import House
from engine.commands.objectives import spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast(Command):
    NAME: ClassVar[str] = "forecast"
    SLASH: ClassVar[str] = "/health forecast"
    HELP: ClassVar[str] = "What is likely to come of a service, with its chance and its evidence, or that there is not enough data."
    EXAMPLE: ClassVar[str] = "/health forecast github"
    service: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        accounts, now = watched(house, self.service), house.clock.now()
        service = accounts[0].service
        alerts = await house.store.alerts.list(service=service, states=OPEN, limit=100)
        return Outcome(
            result=ForecastShown(
                service=service,
                ahead=tuple([await foreseen(house, account, now) for account in accounts]),
                spending=tuple(await spending(house.store, now, service)),
                alerts=tuple(alert for alert in alerts if alert.source == "forecast"),
                budgets=tuple(house.connections.budget(service)),
                at=now,
            )
        )
