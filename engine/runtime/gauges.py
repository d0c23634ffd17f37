"""Gauges: numbers that services are asked for at their pace, in the limits every other ask of the house keeps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.errors import Rejected, SignalboxError, Transient
from engine.monitoring.gauge import KIND, Gauge, gauge_of, number_at
from engine.monitoring.measurement import Measurement
from engine.ports import Answer, Call, Clock, GaugeRead, GaugeState, Policy, Store
from engine.runtime.measuring import Measuring
from engine.runtime.regularly import Regularly
from engine.workflow.catalogue import Catalogue

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds between looks at what is due
PATIENCE = 30.0  # seconds for one reading
AT_ONCE = 8  # readings side by side
SLOWEST = timedelta(hours=1)  # between readings of one that fails, or its own pace where that is slower

Perform = Callable[[Call, float], Awaitable[Answer | SignalboxError]]


@dataclass(slots=True)
class _Held:
    gauge: Gauge
    due: datetime
    asked: datetime  # when it was read last, or taken up
    failures: int = 0
    last: GaugeRead | None = None
    trouble: str = ""

    def is_due(self, now: datetime) -> bool:
        """In its time; or the clock was set back, and nobody is to wait until it is as late again."""
        return self.due <= now or now < self.asked

    def put_off(self, trouble: str) -> timedelta:
        """It failed, once more; how long it is left alone."""
        self.failures, self.trouble = self.failures + 1, trouble
        pace = timedelta(seconds=self.gauge.every)
        return min(pace * 2.0 ** min(self.failures, 10), max(SLOWEST, pace))


class Gauges:
    """Fulfils ``ports.Gauging``. One process of all reads at their pace; any may be asked to read one now."""

    def __init__(self, store: Store, perform: Perform, measuring: Measuring, catalogue: Catalogue, clock: Clock) -> None:
        self._store, self._perform, self._measuring = store, perform, measuring
        self._catalogue, self._clock = catalogue, clock
        self._held: dict[str, _Held] = {}
        self._loop = Regularly("reading metrics", LOOK, clock, self.look)

    async def start(self) -> None:
        await self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    def states(self) -> Mapping[str, GaugeState]:
        return {series: GaugeState(held.last, held.trouble, held.due) for series, held in self._held.items() if held.gauge.operation}

    async def read(self, gauge: Gauge) -> GaugeRead:
        action = self._catalogue.action(f"{gauge.service}.{gauge.operation}")
        if action.writes:
            raise Rejected(f"{action.id} changes something, so it cannot be asked again and again. Choose one that only reads.")
        call = Call(
            service=gauge.service,
            operation=gauge.operation,
            arguments=gauge.arguments,
            account=gauge.account,
            key=self._clock.new_id("ask"),
        )
        outcome = await self._perform(call, PATIENCE)
        if isinstance(outcome, SignalboxError):
            raise outcome
        if outcome.pending:
            raise Rejected(f"{action.id} answers later, by somebody's hand; it has no number to go by.")
        return GaugeRead(number_at(outcome.output, gauge.path), self._clock.now(), outcome.sandbox)

    async def look(self) -> None:
        """Read those that are due."""
        now = self._clock.now()
        self._take_up(await self._store.policies.of(KIND), now)
        due = sorted((held for held in self._held.values() if held.gauge.operation and held.is_due(now)), key=lambda held: held.due)
        for first in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._measure(held) for held in due[first : first + AT_ONCE]))

    def _take_up(self, policies: list[Policy], now: datetime) -> None:
        wanted: dict[str, Gauge] = {}
        for policy in policies:
            try:
                wanted[policy.id] = gauge_of(policy.id, policy.body, policy.revision)
            except Rejected as error:
                log.warning("%s", error)
        for series in self._held.keys() - wanted.keys():
            del self._held[series]
        for series, gauge in wanted.items():
            if series not in self._held or self._held[series].gauge != gauge:
                self._held[series] = _Held(gauge, now, now)

    async def _measure(self, held: _Held) -> None:
        gauge = held.gauge
        held.asked = self._clock.now()
        try:
            read = await self.read(gauge)
            if not read.sandbox:  # what the sandbox made up is no measurement
                taken = await self._measuring.take([Measurement(gauge.series, read.at, read.value, gauge.unit)])
                if taken.refused:
                    raise Rejected(taken.refused[0][1])
            held.last, held.failures, held.trouble = read, 0, ""
            wait = timedelta(seconds=gauge.every)
        except SignalboxError as error:
            if not held.failures:
                log.warning("The metric %s could not be read (%s); /service metrics says why.", gauge.series, type(error).__name__)
            wait = held.put_off(str(error))
            if isinstance(error, Transient) and error.retry_after:
                wait = max(wait, timedelta(seconds=error.retry_after))
        except Exception:  # ours, and no reason for the other metrics not to be read
            if not held.failures:
                log.exception("The metric %s could not be read", gauge.series)
            wait = held.put_off("An internal fault; the log has it.")
        held.due = self._clock.now() + wait
