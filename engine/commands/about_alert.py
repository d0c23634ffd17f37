"""What the commands about one alert share: how it is named, and the sentence for whoever said it in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.commands.alerting import change, meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.monitoring.alert import Alert
from engine.workflow.catalogue_data import product


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutOneAlert(Command):
    """``alert`` (id), or ``service`` and ``severity`` where only one open alert fits."""

    alert: str = ""
    service: str = ""
    severity: str = ""
    note: str = ""

    async def moved(
        self, house: House, asking: Asking, move: Callable[[Alert], Alert], said: Callable[[str], str], detail: str = ""
    ) -> Outcome:
        """``move`` on every alert of the incident, see ``alerting.change``. ``said``: the sentence, given what the alert is called."""
        alert = await meant(house, self)
        if isinstance(alert, Outcome):
            return alert
        outcome = await change(house, asking, self, alert, move, detail or self.note)
        return replace(outcome, note=said(called(alert))) if outcome.note else outcome


def called(alert: Alert) -> str:
    """“GitHub”; of an alert of no service the rule it goes by."""
    return product(alert.service) or alert.rule.replace("_", " ")
