"""What vendors say of themselves while our checks of them suffer: evidence for the card of the incident, and an alert where both say “down”."""

from __future__ import annotations

from collections.abc import Collection

from engine.events import PostingsTouched
from engine.monitoring.alert import Severity
from engine.monitoring.signal import Signal
from engine.ports import Clock, Connections, Standing, Store
from engine.runtime.alerts import Alerting

RULE = "status_page"
MOST = 50  # services asked in one look
DOWN = "down"


class VendorWatch:
    def __init__(self, store: Store, connections: Connections, alerting: Alerting, clock: Clock) -> None:
        self._store, self._connections, self._alerting, self._clock = store, connections, alerting, clock
        self._said: dict[str, str] = {}  # service → what stands on the cards

    async def look(self, services: Collection[str], suffering: Collection[str]) -> None:
        """``services``: those with trouble of any kind; ``suffering``: those whose checks fail just now.

        A page alone is never an alert: vendors announce much that does not reach us. It says “down” and our checks fail: then it is one, before
        the detector has seen enough.
        """
        signals: list[Signal] = []
        touched: list[PostingsTouched] = []
        for service in sorted(services)[:MOST]:
            standing = await self._connections.standing(service)
            if standing is None or standing.state == "unknown":
                continue
            signals.append(self._signal(standing, firing=standing.state == DOWN and service in suffering))
            if self._said.get(service) != standing.says:
                self._said[service] = standing.says
                touched += [PostingsTouched(leader) for leader in self._alerting.leaders_of(service)]
        # By the alerts and not by what was said, which a restart forgets.
        signals += [self._over(service) for service in sorted(self._alerting.services_of(RULE) - set(services))]
        for service in set(self._said) - set(services):
            del self._said[service]
        await self._alerting.take(signals, *touched)

    def _signal(self, standing: Standing, *, firing: bool) -> Signal:
        says = f"{standing.service}'s status page says: {standing.says}"
        return Signal(
            rule=RULE, service=standing.service, account="", at=self._clock.now(), firing=firing, severity=Severity.HIGH, message=says,
            because=f"Our checks fail, too. {says}" if firing else says,
        )  # fmt: skip

    def _over(self, service: str) -> Signal:
        return Signal(rule=RULE, service=service, account="", at=self._clock.now(), firing=False, because="Our checks are good again.")
