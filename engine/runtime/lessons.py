"""What the past of every account teaches about failures, learnt one account at a time and kept over restarts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from engine.commands.histories import LESSONS, history
from engine.errors import Invalid
from engine.events import DetectorSaved
from engine.monitoring.forecast.failure import HORIZONS, Tallies, Tally, of_body, tallies, to_body, together
from engine.monitoring.period import Period
from engine.ports import Account, Store

PAST = timedelta(days=14)  # so long minutes are kept
RENEWED = timedelta(hours=20)
PAGE = timedelta(days=1)  # read at once

Name = tuple[str, str]  # service, account


class Lessons:
    """``own`` and ``others`` are what ``failure_ahead`` takes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Name, tuple[datetime, Tallies]] = {}

    async def take_up(self) -> None:
        """What was learnt before the start. What cannot be read is learnt anew."""
        for kept in await self._store.detectors.under(LESSONS):
            service, _, account = kept.stream.removeprefix(LESSONS).partition("/")
            try:
                self._known[service, account] = kept.at, of_body(kept.state)
            except Invalid:
                continue

    async def learn(self, accounts: Iterable[Account], now: datetime) -> DetectorSaved | None:
        """The account whose lessons are oldest, where they are too old: one a round, as the past of one is thousands of rows."""
        never = datetime.min.replace(tzinfo=now.tzinfo)
        names = sorted((self._known.get((one.service, one.name), (never, {}))[0], one.service, one.name) for one in accounts)
        if not names or now - names[0][0] < RENEWED:
            return None
        _, service, account = names[0]
        found = tallies(await self._past(service, account, now))
        self._known[service, account] = now, found
        return DetectorSaved(f"{LESSONS}{service}/{account}", to_body(found), now)

    def own(self, name: Name) -> Tallies:
        return self._known[name][1] if name in self._known else {horizon: Tally() for horizon in HORIZONS}

    def others(self, name: Name, accounts: Sequence[Account]) -> Tallies:
        """Of accounts that are connected now."""
        there = {(one.service, one.name) for one in accounts} - {name}
        return together(known for one, (_, known) in self._known.items() if one in there)

    async def _past(self, service: str, account: str, now: datetime) -> list[Period]:
        found: list[Period] = []
        at = now - PAST
        while at < now:
            until = min(now, at + PAGE)
            found += await history(self._store, service, account, at, until)
            at = until
        return found
