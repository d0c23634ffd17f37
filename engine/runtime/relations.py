"""Who needs whom and what failed together before, as the grouping of alerts asks for both: kept fresh from workflows and past alerts.

    a workflow is saved ─▶ stale ─▶ look ─▶ topology        every LEARNED hours ─▶ look ─▶ together

What it holds is always complete, if perhaps some seconds old: nobody who places an alert ever waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.events import Elsewhere, Event, WorkflowSaved
from engine.graph.topology import topology_of
from engine.monitoring.alert import Alert
from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.spreading import OWN
from engine.monitoring.grouping.together import NOTHING_SEEN, Together
from engine.monitoring.grouping.topology import Topology
from engine.monitoring.pipeline import ALONE, OURS
from engine.ports import Clock, Store
from engine.workflow.catalogue import Catalogue

REMEMBERED: Final = timedelta(days=90)
LEARNED: Final = timedelta(hours=6)
MOST: Final = 10_000  # alerts that are learned from, the newest
AROUND: Final = timedelta(minutes=2)  # before our own network was found to be cut off
SAY_NOTHING: Final = OWN | ALONE | {"forecast"}  # rules that tell of no outage of a service


class Relations:
    """``topology()`` answers at once, with what was learned as its ``past``; ``look`` renews it and is to be called every few seconds.

    ``declared``: lines between services that people and catalogues name, (dependant, what it needs).
    """

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, declared: Callable[[], list[tuple[str, str]]] = list) -> None:
        self._store, self._clock, self._catalogue, self._declared = store, clock, catalogue, declared
        self._lines: list[tuple[str, str]] = []
        self._topology, self._past = topology_of((), catalogue), NOTHING_SEEN
        self._stale = True
        self._learned: datetime | None = None
        store.ledger.listen(self._heard)

    def topology(self) -> Topology:
        return self._topology

    async def look(self) -> None:
        """Renew what is stale. Raises Transient when storage is busy: then what is known stays, and the next look tries again."""
        lines = self._declared()
        if self._stale or lines != self._lines:
            self._stale, self._lines = False, lines
            try:
                self._topology = replace(topology_of(await self._store.workflows.list(), self._catalogue, declared=lines), past=self._past)
            except BaseException:
                self._stale = True
                raise
        now = self._clock.now()
        if self._learned is None or now - self._learned >= LEARNED:
            alerts = await self._store.alerts.between(now - REMEMBERED, now, limit=MOST)
            # Some tenths of a second of arithmetic for a full memory: not on the loop that answers people.
            topology = self._topology
            self._past = await asyncio.to_thread(lambda: Together.of(past(alerts), topology))
            self._topology, self._learned = replace(self._topology, past=self._past), now

    def _heard(self, events: Sequence[Event]) -> None:
        if any(isinstance(event, WorkflowSaved) or (isinstance(event, Elsewhere) and event.noun == "workflow") for event in events):
            self._stale = True


def past(alerts: Iterable[Alert]) -> list[Group]:
    """The incidents of these alerts as groups to learn from."""
    groups: dict[str, Group] = {}
    for alert in telling(alerts):
        groups[alert.leader] = groups.get(alert.leader, Group(alert.leader)).joined(alert, alert.opened_at)
    return list(groups.values())


def telling(alerts: Iterable[Alert]) -> list[Alert]:
    """Those that tell of an outage of a service: without the sandbox's, and without what our own network did to all at once."""
    alerts = [alert for alert in alerts if not alert.sandbox]
    cut_off = [
        (one.opened_at - AROUND, one.resolved_at or one.updated_at) for one in alerts if one.rule == OURS and one.source == "monitor"
    ]
    return [
        alert for alert in alerts if alert.rule not in SAY_NOTHING and not any(begun <= alert.opened_at <= over for begun, over in cut_off)
    ]
