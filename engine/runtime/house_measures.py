"""What the house measures of itself, once a minute: its runs, its outbox, and how long services take to answer it."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.events import PostingState
from engine.monitoring.measurement import OWN, Measurement
from engine.monitoring.rollup import Span, Tally, total
from engine.monitoring.sample import Source
from engine.ports import Clock, Store
from engine.runtime.measuring import Measuring
from engine.runtime.regularly import Regularly
from engine.workflow.run import RunState

EVERY = 60.0  # seconds
LONG_AGO = timedelta(days=1)  # runs that began earlier and fail now are not counted
MOST = 1_000  # failed runs looked at
PAGE = 1_000
LARGEST = 50_000  # asks of one minute that are measured


class HouseMeasures:
    """One process of all runs it: what it reads is in the store they share."""

    def __init__(self, store: Store, measuring: Measuring, clock: Clock) -> None:
        self._store, self._measuring, self._clock = store, measuring, clock
        self._loop = Regularly("measuring the house", EVERY, clock, self.measure)

    async def start(self) -> None:
        await self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    async def measure(self) -> None:
        """Of the last whole minute; measured again it changes nothing."""
        until = Span.MINUTE.start(self._clock.now())
        since = until - Span.MINUTE.length
        values: list[tuple[str, float, str]] = [*await self._runs(since, until), *await self._outbox(), *await self._asks(since, until)]
        await self._measuring.take([Measurement(f"{OWN}.{name}", since, value, unit) for name, value, unit in values])

    async def _runs(self, since: datetime, until: datetime) -> list[tuple[str, float, str]]:
        started = sum(stats.total for stats in (await self._store.runs.stats(since=since)).values())
        failed = await self._store.runs.list(since=since - LONG_AGO, outcome=RunState.FAILED, limit=MOST)
        census = await self._store.runs.census()
        return [
            ("runs_started", started, "a minute"),
            ("runs_failed", sum(run.finished_at is not None and since <= run.finished_at < until for run in failed), "a minute"),
            ("runs_running", census.get(RunState.RUNNING, 0), "runs"),
            ("runs_waiting", sum(count for state, count in census.items() if state is not RunState.RUNNING), "runs"),
        ]

    async def _outbox(self) -> list[tuple[str, float, str]]:
        census = await self._store.postings.census()
        return [("outbox_waiting", census.get(PostingState.WANTED, 0) + census.get(PostingState.SENDING, 0), "cards")]

    async def _asks(self, since: datetime, until: datetime) -> list[tuple[str, float, str]]:
        """Of real calls; the latency is left out of a minute in which nothing was asked."""
        tally, taken = Tally(), 0
        at, skip = since, 0
        while taken < LARGEST and (page := await self._store.samples.between(at, until, skip=skip, limit=PAGE)):
            for sample in page:
                if sample.source is Source.CALL and not sample.sandbox:
                    tally.take(sample)
            taken += len(page)
            same = sum(sample.at == page[-1].at for sample in page)
            at, skip = page[-1].at, same + (skip if page[-1].at == at else 0)
        whole = total(tally.rollups())
        if whole is None or whole.p95 is None:
            return [("asks", 0.0, "a minute")]
        return [("asks", whole.count, "a minute"), ("ask_p95", whole.p95, "s")]
