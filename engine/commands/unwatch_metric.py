"""Stop reading a metric; what was measured of it stays until its time is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import NotFound
from engine.events import PolicySaved
from engine.monitoring.gauge import KIND
from engine.parties import Role
from engine.workflow.catalogue import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwatchMetric(Command):
    NAME: ClassVar[str] = "unwatch_metric"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/service metric remove"
    HELP: ClassVar[str] = "Stop reading a metric; what was measured stays for its 14 days."
    EXAMPLE: ClassVar[str] = "/service metric remove web.bugs"
    metric: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        name = self.metric.strip()
        stored = await house.store.policies.get(KIND, name)
        if stored is None:
            names = [policy.id for policy in await house.store.policies.of(KIND)]
            raise NotFound(f"No metric “{name[:60]}” is watched.{did_you_mean(name, names)} /service metrics lists those that are.")
        await house.store.ledger.record(
            PolicySaved(KIND, name, None, asking.at, stored.revision + 1), house.audit(asking, self.NAME, f"metric:{name}")
        )
        return done(f"{name} is not read any more.", public=True)
