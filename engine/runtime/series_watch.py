"""The watch over series: each new measurement is judged by what its series has been so far, and an unusual one becomes a signal.

known series with news ─▶ live detector, or restored ─▶ measurements since it was last fed ─▶ alert? over? ─▶ signal and snapshot together

While an alert is open nothing is learnt of it: each value is judged by what was known just before, until five in a row are as expected again.
Aside, the detector goes on learning; after six hours it is believed, and the new level is the usual one.

Whatever is measured is read from the store, so it does not matter which process took it or when. Memory and time are bounded: so many
detectors are alive, and so many are restored in one look; of more series than that each is judged in its turn, later but not less.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.errors import Rejected, SignalboxError
from engine.events import DetectorSaved, Event
from engine.monitoring.alert import Severity
from engine.monitoring.gauge import KIND
from engine.monitoring.measurement import AHEAD, KEPT, OWN, service_of
from engine.monitoring.series.detector import SeriesDetector
from engine.monitoring.series.reading import Reading
from engine.monitoring.signal import Signal
from engine.ports import Clock, SeriesKnown, Store
from engine.runtime.regularly import Regularly

log = logging.getLogger(__name__)

LOOK = 10.0  # seconds
LIVE = 128  # series in memory, of two detectors of at most 400 KB each
RESTORED = 20  # detectors brought back in one look
FED = 2_000  # measurements of one series judged in one look
BREATH = 50  # values judged between two turns of the loop
SAVED = timedelta(minutes=30)  # between snapshots of one detector; what came since is judged again after a restart
CALM = 5  # expected values in a row that end an alert
SILENT = timedelta(hours=6)  # an alert with no further word is over after so long: the new level is the level
PREFIX = "series:"
RULE = "anomaly"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
JUST_AFTER = timedelta(microseconds=1)

Tell = Callable[..., Awaitable[object]]  # Alerting.take: signals, and events to be recorded with them


@dataclass(slots=True)
class _Alarm:
    """An open alert. ``before``: what the detector knew before the value that began it."""

    since: datetime
    before: Mapping[str, Any]
    worst: Severity
    calm: int = 0  # expected values in a row


@dataclass(slots=True)
class _Live:
    """``behind`` knows all but ``owed``, the last value: where that is news, it is what was known before."""

    detector: SeriesDetector
    behind: SeriesDetector
    at: datetime  # of the last value it was fed
    saved: datetime  # when its snapshot was stored last
    kept: datetime  # of the last value in that snapshot
    owed: tuple[datetime, float] | None = None
    alarm: _Alarm | None = None

    def fed(self, name: str, at: datetime, value: float) -> Signal | None:
        """What is to be told of a value: it is unusual, or all is as expected again."""
        self.at = at
        if self.alarm is not None:
            return self._judged(self.alarm, name, at, value)
        if self.owed is not None:
            self.behind.observe(*self.owed)
        self.owed = (at, value)
        reading = self.detector.observe(at, value)
        if not reading.alert or reading.severity is None:
            return None
        self.alarm = _Alarm(at, self.behind.snapshot(), reading.severity)
        return _firing(name, at, reading, reading.severity)

    def _judged(self, alarm: _Alarm, name: str, at: datetime, value: float) -> Signal | None:
        self.detector.observe(at, value)
        reading = SeriesDetector.restore(alarm.before).observe(at, value)
        alarm.calm = alarm.calm + 1 if reading.expected else 0
        if alarm.calm >= CALM:
            self._go_on(alarm.before)
            return _over(name, at, reading, f"{CALM} values in a row were as expected.")
        if at - alarm.since >= SILENT:
            self._go_on(self.detector.snapshot())
            return _over(name, at, reading, "It has stayed so for six hours: this is the usual level from now on.")
        if reading.alert and reading.severity is not None and reading.severity.rank > alarm.worst.rank:
            alarm.worst = reading.severity
            return _firing(name, at, reading, reading.severity)
        return None

    def _go_on(self, known: Mapping[str, Any]) -> None:
        self.detector, self.behind = SeriesDetector.restore(known), SeriesDetector.restore(known)
        self.alarm = self.owed = None

    def state(self) -> dict[str, Any]:
        alarm = self.alarm
        told = {"since": alarm.since.isoformat(), "before": alarm.before, "worst": alarm.worst.value, "calm": alarm.calm} if alarm else None
        return {"detector": self.detector.snapshot(), "alarm": told}

    @classmethod
    def of(cls, state: Mapping[str, Any], at: datetime, now: datetime) -> _Live:
        """From what ``state`` gave. Raises Rejected for what is damaged or of another version."""
        known = _mapping(state.get("detector"))
        live = cls(SeriesDetector.restore(known), SeriesDetector.restore(known), at, now, at)
        told = state.get("alarm")
        if told:
            live.alarm = _alarm(_mapping(told))
        return live


class SeriesWatch:
    """One process of all runs it. ``tell`` takes signals and records them in one transaction with the events beside them."""

    def __init__(self, store: Store, clock: Clock, tell: Tell, *, live: int = LIVE, restored: int = RESTORED) -> None:
        self._store, self._clock, self._tell = store, clock, tell
        self._most, self._restores = live, restored
        self._live: OrderedDict[str, _Live] = OrderedDict()  # the one fed last is at the end
        self._judged: dict[str, datetime] = {}
        self._loop = Regularly("judging metrics", LOOK, clock, self._look)

    async def start(self) -> None:
        self._live.clear()
        self._judged.clear()
        await self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()
        try:
            await self._save([name for name, live in self._live.items() if live.kept != live.at])
        except SignalboxError as error:
            log.warning("What the watched series have taught is not saved; it is judged again after the start: %s", error)

    async def _look(self) -> None:
        await self.look()

    async def look(self) -> int:
        """Judge what is new; how many values that were."""
        known = await self._store.measurements.known()
        self._forget({one.name for one in known})
        watched = {policy.id for policy in await self._store.policies.of(KIND)}
        news = [one for one in known if self._is_new(one) and (service_of(one.name) != OWN or one.name in watched)]
        last = {one.name: one.last_at for one in news}
        alive = [one.name for one in news if one.name in self._live]
        others = sorted((one.name for one in news if one.name not in self._live), key=lambda name: self._judged.get(name, BEGINNING))
        values = 0
        for name in [*alive, *others[: self._restores]]:
            try:
                values += await self._feed(name, last[name])
            except SignalboxError as error:
                log.warning("The series %s could not be judged: %s", name, error)
                self._live.pop(name, None)  # what it was fed is not certain; it begins from its snapshot again
            except Exception:  # ours, and no reason for the other series not to be judged
                log.exception("The series %s could not be judged; it is tried again when it has news", name)
                self._live.pop(name, None)
                self._judged[name] = last[name]
        now = self._clock.now()
        await self._save(
            [name for name, live in self._live.items() if live.kept != live.at and now - live.saved >= SAVED][: self._restores]
        )
        return values

    def _is_new(self, one: SeriesKnown) -> bool:
        # What was written while the clock was ahead lies in the future, so that nothing after it would look new.
        return self._judged.get(one.name, BEGINNING) < one.last_at or one.last_at >= self._clock.now() + 2 * AHEAD

    def _forget(self, known: set[str]) -> None:
        for gone in self._judged.keys() - known:
            del self._judged[gone]
            self._live.pop(gone, None)

    # --- one series

    async def _feed(self, name: str, last_at: datetime) -> int:
        live = await self._alive(name)
        now = self._clock.now()
        until = now + 2 * AHEAD
        if live.at >= until:  # the clock was set back: from now on it is right
            live.at = now
        since = max(live.at + JUST_AFTER, now - KEPT)
        fresh = await self._store.measurements.series(name, since=since, until=until, limit=FED + 1, oldest=True)
        said: Signal | None = None
        for number, one in enumerate(fresh[:FED], 1):
            said = live.fed(name, one.at, one.value) or said
            if live.alarm is not None or number % BREATH == 0:
                await asyncio.sleep(0)
        if said is not None and not (said.ends_at is not None and said.ends_at <= now):  # what is long over is not told
            await self._tell([said], self._snapshot(name, live))
            live.saved, live.kept = now, live.at
        # Where all was fed, also what came too late to be: it is kept, but was not seen in its time.
        self._judged[name] = live.at if len(fresh) > FED else max(live.at, last_at)
        return min(len(fresh), FED)

    async def _alive(self, name: str) -> _Live:
        live = self._live.get(name)
        if live is None:
            while len(self._live) >= self._most:
                await self._put_to_sleep(next(iter(self._live)))
            live = self._live[name] = await self._restored(name)
        self._live.move_to_end(name)
        return live

    async def _put_to_sleep(self, name: str) -> None:
        if self._live[name].kept != self._live[name].at:
            await self._save([name])
        del self._live[name]

    async def _restored(self, name: str) -> _Live:
        learnt = await self._store.detectors.get(PREFIX + name)
        now = self._clock.now()
        if learnt is not None:
            try:
                return _Live.of(learnt.state, learnt.at, now)
            except Rejected as error:
                log.warning("%s: %s", name, error)
        return _Live(SeriesDetector(), SeriesDetector(), BEGINNING, now, BEGINNING)

    # --- what was learnt

    async def _save(self, names: Sequence[str]) -> None:
        for name in names:
            live = self._live[name]
            at = live.at
            await self._store.ledger.record(self._snapshot(name, live))
            live.saved, live.kept = self._clock.now(), at
            await asyncio.sleep(0)

    def _snapshot(self, name: str, live: _Live) -> Event:
        return DetectorSaved(PREFIX + name, live.state(), live.at)


def _firing(name: str, at: datetime, reading: Reading, severity: Severity) -> Signal:
    value = reading.value or 0.0
    bound = reading.high if reading.high is not None and value > reading.high else reading.low
    return Signal(
        rule=RULE, service=service_of(name), account="", at=at, firing=True, because=reading.because, message=f"{name} is unusual.",
        metric=name, value=value, threshold=bound if bound is not None else 0.0, labels={"series": name}, severity=severity, ends_at=at + SILENT,
    )  # fmt: skip


def _over(name: str, at: datetime, reading: Reading, because: str) -> Signal:
    return Signal(
        rule=RULE, service=service_of(name), account="", at=at, firing=False, because=because, metric=name, value=reading.value or 0.0,
        labels={"series": name},
    )  # fmt: skip


def _alarm(told: Mapping[str, Any]) -> _Alarm:
    try:
        before = _mapping(told["before"])
        SeriesDetector.restore(before)
        return _Alarm(datetime.fromisoformat(told["since"]), before, Severity(told["worst"]), int(told["calm"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected("The snapshot of an alert's series is damaged. Let the series be learnt anew.") from error


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
