"""The atlas: the current map of who needs whom, merged from everything that tells, and its history.

    workflows ─┐
    what people and files declare (policies ``map``, one a source) ─┼─▶ merge ─▶ map() ─▶ the catalogue learns the declared alternatives
    traffic ───┘                                                        └─▶ History: what changed, written down once

What it holds is always complete, if perhaps some seconds old: nobody who asks ever waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from engine.errors import Invalid
from engine.events import DetectorSaved, Elsewhere, Event, MapChanged, PolicySaved, WorkflowSaved
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.line import Line
from engine.graph.discovery.history import diff
from engine.graph.discovery.map import EMPTY, Knowledge, Map, Told
from engine.graph.discovery.merging import merge
from engine.graph.discovery.observed import traffic
from engine.graph.discovery.workflows import workflow_lines
from engine.graph.falling import answers_of
from engine.graph.stored import KIND, knowledge_of
from engine.graph.structure.answers import Answers
from engine.graph.traffic import Traffic
from engine.ports import Clock, Policy, Store
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Workflow

log = logging.getLogger(__name__)

SEEN: Final = timedelta(days=7)  # of traffic
RECOUNTED: Final = timedelta(minutes=10)
LAST: Final = "map:last"  # the map as the history knows it
SMALL: Final = 2_000  # lines and components up to which merging takes no longer than some tens of milliseconds


class Atlas:
    """``map()`` answers at once; ``look`` renews it and is to be called every few seconds."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue) -> None:
        self._store, self._clock, self._catalogue = store, clock, catalogue
        self._map = EMPTY
        self._answers: tuple[Map, Answers] | None = None
        self._stale = True
        self._counted: datetime | None = None
        self._traffic: Sequence[Traffic] = ()
        self._looking = asyncio.Lock()  # people who changed something look at once, beside the regular looks
        store.ledger.listen(self._heard)

    def map(self) -> Map:
        return self._map

    def answers(self) -> Answers:
        """What falls with what, by the current map; made when it is first asked for: some milliseconds for a thousand nodes."""
        if self._answers is None or self._answers[0] is not self._map:
            self._answers = (self._map, answers_of(self._map))
        return self._answers[1]

    def declared(self) -> list[tuple[str, str]]:
        """(dependant, what it needs) of lines between services and components, as the grouping of alerts asks; those of workflows it knows itself."""
        return [(line.source, line.target) for line in self._map.lines if _between_things(line)]

    async def look(self) -> None:
        """Renew what is stale. Raises Transient when storage is busy: then what is known stays, and the next look tries again."""
        async with self._looking:
            await self._renew()

    async def would(self, source: str, told: Told) -> Map:
        """The map as it would be if ``source`` declared this in place of what it declares now."""
        workflows, policies = await self._store.workflows.list(), await self._store.policies.of(KIND)
        others = told_by(policy for policy in policies if policy.id != source)
        rows, catalogue, now = self._traffic, self._catalogue, self._clock.now()
        return await asyncio.to_thread(
            lambda: merge([workflow_lines(workflows, catalogue), *others, told, traffic(rows, window=SEEN)], at=now)
        )

    async def _renew(self) -> None:
        now = self._clock.now()
        recount = self._counted is None or now - self._counted >= RECOUNTED
        if not (self._stale or recount):
            return
        self._stale = False
        try:
            if recount:
                self._traffic = await self._store.traffic.between(now - SEEN, now + SEEN)
                self._counted = now
            workflows, policies = await self._store.workflows.list(), await self._store.policies.of(KIND)
            self._map = await self._merged(workflows, policies, now)
        except BaseException:
            self._stale = True
            raise

    async def _merged(self, workflows: list[Workflow], policies: list[Policy], now: datetime) -> Map:
        told = told_by(policies)
        self._catalogue.declare(fills_of((one for part in told for one in part.alternatives), self._catalogue))
        rows, catalogue = self._traffic, self._catalogue

        def work() -> Map:
            # Declared alternatives are in the catalogue by now, so that workflows say by themselves which of them they lean on.
            return merge([workflow_lines(workflows, catalogue), *told, traffic(rows, window=SEEN)], at=now)

        size = len(workflows) + sum(len(part.lines) + len(part.components) for part in told)
        return work() if size <= SMALL else await asyncio.to_thread(work)

    def _heard(self, events: Sequence[Event]) -> None:
        if any(_tells(event) for event in events):
            self._stale = True


class History:
    """Writes down what changed since the map it saw last. One process of all does that."""

    def __init__(self, atlas: Atlas, store: Store, clock: Clock) -> None:
        self._atlas, self._store, self._clock = atlas, store, clock
        self._seen: Map | None = None

    async def look(self) -> None:
        """A change and the map it leads to are one record: a crash neither loses nor repeats an entry."""
        now, after = self._clock.now(), self._atlas.map()
        if after is self._seen or after is EMPTY:
            return
        known = await self._store.detectors.get(LAST)
        before = last_map(known.state if known else {})
        changes = await asyncio.to_thread(diff, before, after, at=now)
        if changes or known is None:
            await self._store.ledger.record(MapChanged(tuple(changes)), DetectorSaved(LAST, after.to_json(), now))
        self._seen = after


def told_by(policies: Iterable[Policy]) -> list[Knowledge]:
    """What people and files declared. One that cannot be read is left out and told in the log: the others still hold."""
    found = []
    for policy in policies:
        try:
            found.append(knowledge_of(policy.body))
        except Invalid as error:
            log.error("What %s declares of the map cannot be read and is left out: %s", policy.id, error)
    return found


def fills_of(alternatives: Iterable[Alternative], catalogue: Catalogue) -> dict[tuple[str, str], Mapping[str, Any]]:
    """(action, the one that stands in) → how the latter's inputs are filled, as ``Catalogue.declare`` takes it; without what could not work."""
    return {one.key: one.inputs for one in alternatives if not one.faults(catalogue)}


def last_map(state: Mapping[str, Any]) -> Map:
    """What the history saw last; what cannot be read counts as nothing seen."""
    if not state:
        return EMPTY
    try:
        return Map.from_json(state)
    except Invalid as error:
        log.warning("The map that the history saw last cannot be read, so everything is told as new: %s", error)
        return EMPTY


def _tells(event: Event) -> bool:
    if isinstance(event, Elsewhere):
        return event.noun in ("workflow", "policy")
    return isinstance(event, WorkflowSaved) or (isinstance(event, PolicySaved) and event.kind == KIND)


def _between_things(line: Line) -> bool:
    return line.kind.can_break and not line.soft and not line.group and not line.source.startswith("wf_")
