"""Who is to blame, kept beside each incident of several services: what flowed, who alerts, who needs whom; found anew while it lasts.

    an alert changes, or a minute passes ─▶ look ─▶ blame(flows, alerts, lines, what people said) ─▶ kept ─▶ the card is edited

Only traffic to what hurts, or to what that needs, is weighed: another trouble of the house is another incident. The house sees what workflows ask of
services, not what services ask of each other; where two that hurt have such a line between them, flows are hardly believed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from engine.commands.alerting import OPEN, group_of, kept_of, learnt
from engine.errors import NotFound
from engine.events import AlertSaved, DetectorSaved, Elsewhere, Event, PostingsTouched
from engine.graph.blame.blame import blame
from engine.graph.blame.cone import Needs
from engine.graph.blame.flows import from_traffic
from engine.graph.blame.kept import STREAM, Kept
from engine.graph.blame.memory import Memory
from engine.graph.blame.named import namer
from engine.graph.blame.of_group import blame_of
from engine.graph.blame.series import Metric
from engine.graph.blame.told import ALL
from engine.graph.blame.verdict import Verdict
from engine.graph.discovery.map import EMPTY, Map
from engine.graph.traffic import SPAN, Traffic, span_of
from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.topology import Topology
from engine.monitoring.incident import Incident, incidents
from engine.monitoring.storm import RULE as STORM
from engine.ports import Clock, Store

log = logging.getLogger(__name__)

CALM: Final = timedelta(hours=3)  # before it began, that it is compared with
BAD: Final = timedelta(hours=2)  # the latest of it that is looked at
AGAIN: Final = timedelta(minutes=1)  # while it lasts
FORGOTTEN: Final = timedelta(days=90)
PRUNED: Final = timedelta(hours=6)
BLIND: Final = 0.2  # of how sure flows are, where what one that hurts asks of another is not counted
MOST: Final = 2_000  # open alerts
MOST_INCIDENTS: Final = 50  # the newest
SLOW: Final = frozenset({"response_time"})
PREFIX: Final = STREAM + "alr_"


@dataclass(frozen=True, slots=True)
class Window:
    """Traffic while it hurt, and before."""

    now: tuple[Traffic, ...]
    calm: tuple[Traffic, ...]


class Blaming:
    """``find`` and ``of_service`` answer now; ``look`` is to be called every few seconds by one process of all. ``watched``: services that can alert."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        topology: Callable[[], Topology],
        map: Callable[[], Map] = lambda: EMPTY,
        watched: Callable[[], Collection[str]] | None = None,
    ) -> None:
        self._store, self._clock, self._topology, self._map, self._watched = store, clock, topology, map, watched
        self._stale = True
        self._looked: datetime | None = None
        self._pruned: datetime | None = None
        store.ledger.listen(self._heard)

    async def look(self) -> None:
        """Renew what is kept of each open incident of several services. A verdict and the edit of its card are one record."""
        now = self._clock.now()
        if not self._stale and self._looked is not None and now - self._looked < AGAIN:
            return
        self._stale = False
        try:
            await self._renew(now)
        except BaseException:
            self._stale = True
            raise
        self._looked = now

    async def _renew(self, now: datetime) -> None:
        memory = await learnt(self._store)
        open_ = await self._store.alerts.list(states=OPEN, limit=MOST)
        leaders = list(dict.fromkeys(one.leader for one in open_))[:MOST_INCIDENTS]
        for leader in leaders:
            found = incidents(await self._store.alerts.of_incident(leader))
            if found and found[0].lead.rule != STORM and len(set(group_of(found[0]).services) - {""}) > 1:
                await self._renew_one(found[0], memory, now)
        if self._pruned is None or now - self._pruned >= PRUNED:
            await self._store.detectors.prune(now - FORGOTTEN, prefix=PREFIX)
            self._pruned = now

    async def _renew_one(self, whole: Incident, memory: Memory, now: datetime) -> None:
        verdict = await self.find(whole, memory=memory)
        before = await kept_of(self._store, whole.id)  # read last: a person may have judged meanwhile
        after = (before or Kept()).found(verdict)
        if before is None or _told(before) != _told(after):
            await self._store.ledger.record(DetectorSaved(STREAM + whole.id, after.to_json(), now), PostingsTouched(whole.id))

    async def find(self, whole: Incident, *, memory: Memory | None = None, denied: Collection[str] = ()) -> Verdict:
        """Who is to blame for an incident, as it is known now."""
        known = memory if memory is not None else await learnt(self._store)
        group, topology, watched = group_of(whole), self._topology(), self._all_watched()
        window = await self._window(whole.opened_at, whole.resolved_at)
        named = namer(self._map(), topology)
        watching = None if watched is None else {*watched, *group.services}

        def work() -> Verdict:
            flows = _flows(window, group, topology, named)
            return blame_of(
                group, topology, flows=flows, watched=watching, memory=known, target=whole.lead.service, denied=denied, named=named
            )

        return await asyncio.to_thread(work)

    async def of_service(self, node: str) -> Verdict | None:
        """Who is to blame for what a service, or a workflow, suffers lately by what flows; None where nothing flowed, or nothing hurts."""
        now = self._clock.now()
        window = await self._window(now - 3 * SPAN, None)
        named = namer(self._map(), self._topology())
        lines = [(one, other) for one, others in self._topology().needs.items() for other in others]
        return await asyncio.to_thread(_of_node, window, node, lines, named)

    def _all_watched(self) -> frozenset[str] | None:
        return None if self._watched is None else frozenset(self._watched())

    async def _window(self, began: datetime, over: datetime | None) -> Window:
        until = over or self._clock.now()
        first = span_of(max(began, until - BAD))
        calm_until = span_of(began)  # its first span is half calm, half bad
        rows = await self._store.traffic.between(calm_until - CALM, until + SPAN)
        return Window(tuple(row for row in rows if row.at >= first), tuple(row for row in rows if row.at < calm_until))

    def _heard(self, events: Sequence[Event]) -> None:
        if any(isinstance(event, AlertSaved) or (isinstance(event, Elsewhere) and event.noun == "alert") for event in events):
            self._stale = True


def _flows(window: Window, group: Group, topology: Topology, named: Callable[[str], str]) -> Verdict | None:
    """What flowed to what hurts and to what that needs; None where nothing did."""
    hurting = set(group.services) - {""}
    near = {node for service in hurting for node in (service, *topology.causes(service))}
    now, calm = ([row for row in rows if row.target in near] for rows in (window.now, window.calm))
    if not now:
        return None
    lines = [(one, other) for one in near for other in topology.needs.get(one, ()) if other in near]
    slow = {rule for member in group for rule in member.rules} <= SLOW
    first, second = (Metric.LATENCY, Metric.AVAILABILITY) if slow else (Metric.AVAILABILITY, Metric.LATENCY)
    found = [_kept_to(near, from_traffic(now, calm, ALL, metric, lines, named)) for metric in (first, second)]
    best = found[0] if found[0].suspects and found[0].sure >= 0.5 else max(found, key=lambda one: (bool(one.suspects), one.sure))
    counted = {(row.source, row.target) for row in now}
    asks = [
        (a, b) for a in sorted(hurting) for b in sorted(hurting) if a != b and topology.hops(a, b) is not None and (a, b) not in counted
    ]
    unseen = hurting - {row.target for row in now}
    if best.suspects and (asks or unseen):
        doubt = f"What {named(asks[0][0])} asks of {named(asks[0][1])} is not counted." if asks else "Not all of it is asked by workflows."
        return replace(best, sure=best.sure * BLIND, doubt=doubt)
    return best


def _kept_to(near: Collection[str], verdict: Verdict) -> Verdict:
    """Without workflows: what asks is no cause of a service's alert."""
    return replace(verdict, suspects=tuple(one for one in verdict.suspects if one.node in near))


def _of_node(window: Window, node: str, lines: Sequence[tuple[str, str]], named: Callable[[str], str]) -> Verdict | None:
    about = window.now
    found = []
    for metric in (Metric.AVAILABILITY, Metric.LATENCY):
        try:
            verdict = from_traffic(about, window.calm, node, metric, lines, named)
        except NotFound:
            return None
        if verdict.suspects and verdict.sure >= 0.5:
            found.append(verdict)
    if not found:
        return None
    best = max(found, key=lambda one: one.sure)
    return blame(lines=Needs.of(lines), hurts=(), flows=best, target=node, named=named)


def _told(kept: Kept) -> Mapping[str, object]:
    """What of it the card shows: smaller changes are not worth an edit."""
    first = kept.first
    return {
        "first": (first.node, first.because) if first else None,
        "others": [one.node for one in kept.suspects[:3]],
        "sure": round(10 * kept.sure),
        "doubt": kept.doubt,
    }
