"""Raise an alert by hand: what people see and no probe does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import severity_of, shown
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import seen
from engine.commands.house import House
from engine.errors import NotFound, Rejected, Transient
from engine.monitoring.alert import Severity
from engine.monitoring.inbound import link, plain
from engine.monitoring.signal import Signal
from engine.parties import Role

LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseAlert(Command):
    """``message`` says what is wrong; the same message about the same service is the same alert. ``runbook``: a link."""

    NAME: ClassVar[str] = "raise_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts raise"
    HELP: ClassVar[str] = "Raise an alert yourself: it is told, acknowledged, escalated and resolved like any other."
    EXAMPLE: ClassVar[str] = "/alerts raise severity:high github pushes hang for everybody"
    service: str = ""
    message: str = ""
    severity: str = ""
    runbook: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        message = plain(self.message, LONGEST)
        if not message:
            raise Rejected(f"What is wrong? For example: {self.EXAMPLE}")
        if house.alerting is None:
            raise Transient("This process makes no alerts; say it again in a moment.", 5.0)
        signal = Signal(
            rule="manual", service=_service(house, self.service), account="default", at=asking.at, firing=True,
            because=f"{asking.actor.name} raised it by hand.", severity=Severity(severity_of(self.severity) or Severity.HIGH), message=message,
            metric="manual", source="person", labels={"says": message.casefold()}, runbook=link(self.runbook),
        )  # fmt: skip
        raised = await house.alerting.take([signal], house.audit(asking, self.NAME, signal.fingerprint, message))
        known = await house.store.alerts.latest(raised[-1].fingerprint if raised else signal.fingerprint)
        if known is None:
            raise Rejected("Nothing was raised; look at /alerts.")
        stands = await seen(house, asking, known.leader)  # then a second card would only be out of date soon
        return Outcome(result=await shown(house, known), tracked=stands, public=False, note="" if raised else "It is known already; this is its card.")


def _service(house: House, said: str) -> str:
    """Ours where it is known; what a team calls its own things is taken as it is said."""
    if not said:
        return "team"
    try:
        return house.service(said).id
    except NotFound:
        return plain(said, 60)
