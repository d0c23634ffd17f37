"""Guesses who needs whom from what failed together, and asks people: at most one card a day, with a yes and a no for each guess.

past alerts ─▶ outages ─▶ suggest(known lines, noes) ─▶ kept as found last ─▶ what nobody was asked about yet: one card
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from engine.errors import Invalid
from engine.events import DetectorSaved, Event, PostingWanted, Priority
from engine.graph.discovery.map import Map
from engine.graph.discovery.suggestions import Rejection, Suggestion, suggest
from engine.graph.discovery.together import Outage
from engine.graph.stored import ANSWERS, SUGGESTED, suggested_body
from engine.monitoring.alert import Alert
from engine.parties import Address
from engine.ports import Clock, Store
from engine.runtime.relations import MOST, REMEMBERED, telling

log = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=6)  # between two looks through the past
ASKED: Final = timedelta(days=1)  # between two cards
ON_A_CARD: Final = 5  # the surest; the others wait for the next one, or for /deps suggestions


class Suggesting:
    """``look`` is called every few minutes by one process of all; ``addresses``: where alerts go, of which the first is asked."""

    def __init__(self, store: Store, clock: Clock, map: Callable[[], Map], addresses: Callable[[], Sequence[Address]]) -> None:
        self._store, self._clock, self._map, self._addresses = store, clock, map, addresses

    async def look(self) -> None:
        """What was found and the card that asks about it are one record: a crash neither asks twice nor forgets to."""
        now = self._clock.now()
        last = await self._store.detectors.get(SUGGESTED)
        if last is not None and now - last.at < EVERY:
            return
        state = dict(last.state) if last else {}
        alerts = await self._store.alerts.between(now - REMEMBERED, now, limit=MOST)
        noes, known = await self._noes(), [(line.source, line.target) for line in self._map().lines]
        found = await asyncio.to_thread(self._found, alerts, known, noes, now)
        events: list[Event] = []
        asked = dict(_asked(state.get("asked")))
        at = _moment(state.get("asked_at"))
        fresh = [one for one in found if asked.get(one.id, 0) * 2 <= one.together][:ON_A_CARD]
        if fresh and (at is None or now - at >= ASKED) and (to := next(iter(self._addresses()), None)) is not None:
            events.append(PostingWanted(f"sug_{now:%Y%m%d}", "suggestions", to, Priority.REPORT, {"ids": [one.id for one in fresh]}))
            asked |= {one.id: one.together for one in fresh}
            at = now
        body: dict[str, Any] = {
            "found": [suggested_body(one) for one in found],
            "asked": asked,
            "asked_at": at.isoformat() if at else None,
        }
        await self._store.ledger.record(DetectorSaved(SUGGESTED, body, now), *events)

    @staticmethod
    def _found(
        alerts: Sequence[Alert], known: Iterable[tuple[str, str]], noes: Sequence[Rejection], now: datetime
    ) -> tuple[Suggestion, ...]:
        outages = [Outage(one.service, one.opened_at, one.resolved_at) for one in telling(alerts) if one.service]
        since = min((one.begins for one in outages), default=now)
        return suggest(outages, known=known, rejected=noes, since=since, until=now)

    async def _noes(self) -> list[Rejection]:
        found = []
        for policy in await self._store.policies.of(ANSWERS):
            if policy.body.get("answer") != "no":
                continue
            try:
                found.append(Rejection.from_json(policy.body))
            except Invalid as error:
                log.warning("The no to the suggestion %s cannot be read and is left out: %s", policy.id, error)
        return found


def _asked(raw: Any) -> Iterable[tuple[str, int]]:
    """id → how often the two had failed together when people were asked."""
    return ((str(id), count) for id, count in raw.items() if isinstance(count, int)) if isinstance(raw, dict) else ()


def _moment(raw: Any) -> datetime | None:
    return datetime.fromisoformat(raw) if isinstance(raw, str) else None
