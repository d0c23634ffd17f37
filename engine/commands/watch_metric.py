"""Have a number of a service read again and again, and watched for what is unusual in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import NotFound, Rejected
from engine.events import PolicySaved
from engine.monitoring.gauge import KIND, MOST_GAUGES, Gauge, body_of, gauge_of
from engine.monitoring.measurement import OWN, service_of
from engine.parties import Role
from engine.workflow.catalogue import did_you_mean
from engine.workflow.durations import in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchMetric(Command):
    """``action``: service.operation, one that only reads; ``path`` leads to the number in its answer (rows.0.value; a list is its length).

    Without an action ``metric`` is a series that the house measures of itself.
    """

    NAME: ClassVar[str] = "watch_metric"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/service metric add"
    HELP: ClassVar[str] = "Have a number of a service read regularly, and hear when it is unusual."
    EXAMPLE: ClassVar[str] = "/service metric add web.bugs github.search_issues count every 10m repo=acme/web"
    metric: str
    action: str = ""
    path: str = ""
    every: timedelta = timedelta(minutes=5)
    unit: str = ""
    account: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if house.gauging is None:
            raise Rejected("Metrics cannot be watched from this process.")
        gauge = self._gauge(asking)
        stored = await house.store.policies.get(KIND, gauge.series)
        if stored is None and len(await house.store.policies.of(KIND)) >= MOST_GAUGES:
            raise Rejected(
                f"{MOST_GAUGES} metrics are watched already, which is as many as fit. Take one away first: /service metric remove NAME"
            )
        said = await self._tried(house, gauge)
        revision = stored.revision + 1 if stored else 1
        await house.store.ledger.record(
            PolicySaved(KIND, gauge.series, body_of(gauge), asking.at, revision),
            house.audit(asking, self.NAME, f"metric:{gauge.series}", f"{gauge.service}.{gauge.operation} every {gauge.every:g} s"),
        )
        return done(said, public=True)

    def _gauge(self, asking: Asking) -> Gauge:
        """Raises Invalid, naming every fault; Rejected for what is no plain value."""
        if "{{" in repr(self.arguments) or "secret(" in repr(self.arguments):
            raise Rejected("A metric is asked for with plain values: nothing is filled into them, and no secret belongs there.")
        service, _, operation = self.action.strip().partition(".")
        body = {
            "service": service or service_of(self.metric), "operation": operation, "path": self.path.strip(), "every": self.every.total_seconds(),
            "unit": self.unit.strip(), "account": self.account.strip(), "arguments": self.arguments, "by": asking.actor.name,
        }  # fmt: skip
        return gauge_of(self.metric.strip(), body, 1)

    async def _tried(self, house: House, gauge: Gauge) -> str:
        """What will be done, once it has been seen to work."""
        if not gauge.operation:
            known = {one.name for one in await house.store.measurements.known(prefix=f"{OWN}.")}
            if gauge.series not in known:
                raise NotFound(
                    f"The house has no series “{gauge.series}”.{did_you_mean(gauge.series, sorted(known))} /service metrics lists them."
                )
            return f"{gauge.series} is watched from now on."
        assert house.gauging is not None
        read = await house.gauging.read(gauge)
        often = f"read every {in_words(gauge.every)}"
        unit = f" {gauge.unit}" if gauge.unit else ""
        if read.sandbox:
            return (
                f"{gauge.series} is {often} once {gauge.service} is connected.\nUntil then the sandbox answers ({read.value:g}{unit}), and what it "
                f"makes up is not kept. /connect {gauge.service} says how."
            )
        return f"{gauge.series} is {often} and watched.\nNow it is {read.value:g}{unit}. What is unusual shows once some hours are known."
