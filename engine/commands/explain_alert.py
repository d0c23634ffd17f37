"""Why was this sent, or why was it quiet? The alert's evidence, what each stage of the pipeline said, and everything people did to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from engine.commands.alerting import incident_of, meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import local
from engine.errors import NotFound
from engine.monitoring.alert import Alert
from engine.monitoring.incident import Incident
from engine.workflow.catalogue_data import product

LATELY = timedelta(days=7)
MOST_ROWS = 20  # of what was done to it


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAlert(Command):
    NAME: ClassVar[str] = "explain_alert"
    HELP: ClassVar[str] = "Why an alert was sent, or why it was quiet, and who did what since."
    EXAMPLE: ClassVar[str] = "/alerts why github"
    BUTTON: ClassVar[str] = "alr.why"
    alert: str = ""
    service: str = ""
    severity: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ExplainAlert:
        return cls(alert=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        alert = await self._meant(house)
        if isinstance(alert, Outcome):
            return alert
        whole = incident_of(await house.store.alerts.of_incident(alert.leader), alert)
        named = product(alert.service) or alert.rule.replace("_", " ")
        lines = [f"Why {named} was quiet" if alert.quiet else f"Why {named} alerted"]
        lines += [alert.quiet] if alert.quiet else []
        lines += [alert.because, _rule(alert)]
        lines += [f"{ruling.stage}: {ruling.outcome}. {ruling.because}" for ruling in alert.trace]
        lines += _members(whole, alert)
        lines += await _history(house, asking, whole)
        lines += [await _lately(house, asking, alert)]
        return replace(done("\n".join(lines)), about=alert.leader)

    async def _meant(self, house: House) -> Alert | Outcome:
        """The open one; where a service has none, its latest."""
        try:
            return await meant(house, self)
        except NotFound:
            past = await house.store.alerts.list(service=house.service(self.service).id, limit=1) if self.service else []
            if not past:
                raise
            return past[0]


def _rule(alert: Alert) -> str:
    rule = f"Rule “{alert.rule.replace('_', ' ')}”"
    if not alert.metric:
        return f"{rule}, said by {alert.source}."
    return f"{rule}: {alert.metric} {alert.value:g}, the limit is {alert.threshold:g}."


def _members(whole: Incident, alert: Alert) -> list[str]:
    others = [one for one in whole.members if one.id != alert.id]
    said = [f"{product(one.service) or one.rule}: {one.state.value}. {_joined(one)}".strip() for one in others[:10]]
    more = [f"… and {len(others) - 10} more alerts"] if len(others) > 10 else []
    return ["On the same card:", *said, *more] if others else []


def _joined(alert: Alert) -> str:
    return next((ruling.because for ruling in alert.trace if ruling.stage == "group" and alert.incident), "")


async def _history(house: House, asking: Asking, whole: Incident) -> list[str]:
    rows = await house.store.audit.list(subject=whole.id, limit=MOST_ROWS)
    return [
        f"{local(row.at, asking.timezone):%Y-%m-%d %H:%M %Z} · {row.actor_name}: {row.verb.replace('_', ' ')}"
        + (f" ({row.outcome})" if row.outcome != "done" else "")
        for row in reversed(rows)
    ]


async def _lately(house: House, asking: Asking, alert: Alert) -> str:
    """How often the same trouble was there, and anything else of the service."""
    past = await house.store.alerts.between(asking.at - LATELY, asking.at)
    of_it: Sequence[Alert] = [one for one in past if one.service == alert.service and one.id != alert.id]
    same = [one for one in of_it if one.fingerprint == alert.fingerprint]
    if not of_it:
        return f"Nothing else of it in the last {LATELY.days} days."
    newest = max(of_it, key=lambda one: one.opened_at)
    when = f"{local(newest.opened_at, asking.timezone):%Y-%m-%d %H:%M %Z}"
    others = len(of_it) - len(same)
    return f"In the last {LATELY.days} days: the same {_times(len(same))} before, other alerts of it {_times(others)}; the last on {when}."


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
