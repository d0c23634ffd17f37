"""The pace of one account: what a vendor allows is kept ahead of time, shared by all who ask, people first.

an ask ─▶ paused? limits used up? all places taken? ─ no ─▶ go
                │ yes
                ├─▶ free within a moment: stand in the queue
                └─▶ Later: told a moment of its own, after all that were told one before; when it comes back then, it is let in first
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from connectors._kit.described_wire import Bucket, Limits
from connectors._kit.errand import Asker, Errand
from connectors._kit.failures import Later
from connectors._kit.filling import as_text, fill, names_in
from connectors._kit.pausing import Pause
from connectors._kit.queueing import Queue, Waiting
from connectors._kit.quota import Allowance, quota_name, read_quota
from connectors._kit.windows import Window
from connectors._kit.wire import WireAnswer
from engine.ports import Budget, Clock, Tokens
from engine.workflow.durations import in_words

PATIENCE = 2.0  # seconds; who would wait longer comes back later, and holds no place of the house meanwhile
STAY = 5.0  # seconds; who was overtaken for so long comes back later too
ON_THE_WAY = 0.25  # seconds; over several processes a limit counts from the sending, so ways may differ by so much
APART = 0.02  # seconds between those who were told to come after a pause
SOON = 0.5  # seconds after which somebody comes back for whom only a place was missing
GRACE = 5.0  # seconds for which the turn of one who does not come back is kept
MOST = 1_000  # windows of single channels, boards …; idle ones beyond that are dropped


@dataclass(frozen=True, slots=True)
class Need:
    """What one request takes: units of windows, and of the vendor's own quota. ``place``: one of those that may be under way at a time."""

    windows: tuple[tuple[Window, int, str], ...]
    allowance: Allowance | None
    units: int
    place: bool


NOTHING = Need((), None, 0, False)


@dataclass(slots=True, eq=False)
class Passage:
    """One request under way."""

    need: Need
    sent_at: float


@dataclass(slots=True, eq=False)
class _Standing(Waiting):
    need: Need = field(kw_only=True)


class Pacing:
    """``tokens``: the windows hold for every process of the house; without them each process keeps its own. ``place``: ``service/account``."""

    def __init__(self, name: str, place: str, limits: Limits, clock: Clock, tokens: Callable[[], Tokens | None] = lambda: None) -> None:
        self._name = name
        self._place = place
        self._limits = limits
        self._clock = clock
        self._tokens = tokens
        self._pause = Pause(limits.concurrent)
        self._queue: Queue[_Standing] = Queue()
        self._windows: dict[tuple[int, str], Window] = {}
        self._allowances: dict[str, Allowance] = {}
        self._quota_of: dict[tuple[str, str], str] = {}
        self._costs: dict[str, int] = {}
        self._told: dict[str, tuple[float, bool, Need]] = {}
        self._under_way = 0
        self._timer: asyncio.Task[None] | None = None

    # --- going ----------------------------------------------------------------------------------------------------------------

    async def enter(self, errand: Errand, who: Asker, *, units: int = 1, place: bool = True) -> Passage:
        """Waits for a turn, at most a moment. Raises Later. What entered must ``leave``."""
        need = self._need(errand, units, place)
        now = self._now()
        back = self._back(who, now)
        promised = [] if back else self._promised(who, now)
        if promised or len(self._queue) or not self._free(need, who, now):
            await self._wait_for(need, replace(who, person=True) if back else who, promised, now)
        else:
            self._take(need, now)
        try:
            await self._shared(need, who)
        except BaseException:
            self._give(need)
            raise
        return Passage(need, self._now())

    async def _wait_for(self, need: Need, who: Asker, promised: Sequence[Need], now: float) -> None:
        """A free place that was promised to others is not taken from them."""
        before = [one.need for one in self._queue.ahead_of(who)]
        wait = self._wait(need, who, now, [*before, *promised])
        if wait > PATIENCE or (wait and promised):
            raise self._later(need, who, wait, now)
        await self._stand(need, who, now)

    def leave(self, passage: Passage) -> None:
        self._give(passage.need)

    def heard(self, errand: Errand, answer: WireAnswer, passage: Passage | None = None, units: int = 1) -> None:
        """What an answer says of the vendor's own quota. Without a ``passage`` it was one of a batch, and only counts when it says less."""
        said = self._limits.quota
        if said is None:
            return
        reading = read_quota(said, answer, self._now())
        if reading is None:
            return
        of = _of(said.of, errand)
        name = " ".join(filter(None, (quota_name(said, answer), of)))
        self._quota_of[errand.operation, of] = name
        self._costs[errand.operation] = ceil(reading.cost / units)
        one = self._allowances.setdefault(name, Allowance())
        own = passage.need.units if passage is not None and passage.need.allowance is one else 0
        one.told(reading, passage.sent_at if passage is not None else 0.0, own)
        if len(self._allowances) > MOST:
            self._allowances.pop(next(iter(self._allowances)))

    def throttled(self, wait: float | None) -> float:
        """“Too fast”: everybody stops. Who stands in the queue for longer than a moment is told when to come back, one after another."""
        now = self._now()
        wait = self._pause.throttled(wait, now)
        if self._pause.left(now) > PATIENCE:
            for one in sorted(self._queue, key=lambda one: not one.who.person):
                self._dismiss(one, self._pause.left(now), now)
        self._set_timer()
        return wait

    def fine(self) -> None:
        self._pause.fine()

    # --- waiting --------------------------------------------------------------------------------------------------------------

    async def _stand(self, need: Need, who: Asker, now: float) -> None:
        one = _Standing(who, now, asyncio.get_running_loop().create_future(), need=need)
        self._queue.join(one)
        self._go_on()
        try:
            await one.called
        except asyncio.CancelledError:
            if one.called.done() and not one.called.cancelled() and one.called.exception() is None:
                self._give(need)  # called in the very moment of leaving
            else:
                self._queue.leave(one)
                self._set_timer()
            raise

    def _go_on(self) -> None:
        """Let in whoever can go now; see to it that somebody looks again when the next can."""
        now = self._now()
        while len(self._queue):
            one = self._queue.next(lambda one: self._free(one.need, one.who, now))
            if one is None:
                break
            if one.called.done():
                continue
            self._take(one.need, now)
            one.called.set_result(None)
        for one in [one for one in self._queue if now - one.since >= STAY]:
            self._dismiss(one, max(self._wait(one.need, one.who, now), SOON), now)
        self._set_timer()

    def _dismiss(self, one: _Standing, wait: float, now: float) -> None:
        self._queue.leave(one)
        if not one.called.done():
            one.called.set_exception(self._later(one.need, one.who, wait, now))

    def _set_timer(self) -> None:
        if self._timer is not None and not self._timer.done():
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().create_task(self._look_again()) if len(self._queue) else None

    async def _look_again(self) -> None:
        now = self._now()
        ends = min(one.since for one in self._queue) + STAY - now
        # Whoever only waits for a place is let in by the one who gives it.
        waits = [wait for one in self._queue if (wait := self._wait(one.need, one.who, now))]
        await self._clock.sleep(max(min([ends, *waits]), 0.001))
        self._timer = None
        self._go_on()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # --- coming back later ------------------------------------------------------------------------------------------------------

    def _later(self, need: Need, who: Asker, wait: float, now: float) -> Later:
        """After a pause all are told moments of their own; otherwise ``wait`` already counts those who were told one before."""
        paused = self._pause.left(now)
        moment = now + max(wait, 0.001)
        if paused >= wait - 0.001:
            moment += APART * len(self._promised(who, now))
        if who.key:
            self._told[who.key] = (moment, who.person, need)
            self._told |= {key: (moment, who.person, NOTHING) for key in who.others if key}
        why = "asked for a pause" if paused else "has limits that are used up for now"
        return Later(f"{self._name} {why}; in {in_words(ceil(moment - now))} it can be asked again.", moment - now)

    def _back(self, who: Asker, now: float) -> bool:
        """Whether somebody comes back at the moment that was promised; nobody overtakes him any more, people neither."""
        told = [self._told.pop(key) for key in (who.key, *who.others) if key in self._told]
        return any(moment <= now + 0.01 for moment, _, _ in told)

    def _promised(self, who: Asker, now: float) -> list[Need]:
        """What those are to take who were told to come back, and whom somebody who comes now does not go before."""
        if not self._told:
            return []
        self._told = {key: told for key, told in self._told.items() if told[0] + GRACE > now}
        return [need for _, person, need in self._told.values() if person or not who.person]

    # --- what is free -----------------------------------------------------------------------------------------------------------

    def _free(self, need: Need, who: Asker, now: float) -> bool:
        if need.place and self._under_way >= self._pause.width:
            return False
        return not self._wait(need, who, now)

    def _wait(self, need: Need, who: Asker, now: float, before: Sequence[Need] = ()) -> float:
        """Seconds until the limits let it go, after those before it."""
        wait = self._pause.left(now)
        for window, units, _ in need.windows:
            ahead = sum(taken for other in before for theirs, taken, _ in other.windows if theirs is window)
            wait = max(wait, window.wait(units, now, ahead))
        if need.allowance is not None:
            ahead = sum(other.units for other in before if other.allowance is need.allowance)
            wait = max(wait, need.allowance.wait(now, person=who.person, ahead=ahead, units=need.units))
        return wait

    def _take(self, need: Need, now: float) -> None:
        self._under_way += need.place
        for window, units, _ in need.windows:
            window.take(units)
        if need.allowance is not None:
            need.allowance.sent(need.units, now)

    def _give(self, need: Need) -> None:
        self._under_way -= need.place
        now = self._now()
        for window, units, _ in need.windows:
            window.land(units, now)
        if need.allowance is not None:
            need.allowance.ended(need.units)
        if len(self._queue):
            # Soon, not at once: what was just answered may say that nobody is to go.
            asyncio.get_running_loop().call_soon(self._go_on)

    async def _shared(self, need: Need, who: Asker) -> None:
        """The same limits over all processes. Raises Later."""
        tokens = self._tokens()
        if tokens is None:
            return
        for window, units, name in need.windows:
            for _ in range(min(units, window.limit)):
                while wait := await tokens.take(f"vendor:{self._place}:{name}", window.limit, window.per + ON_THE_WAY):
                    if wait > PATIENCE:
                        raise self._later(need, who, wait, self._now())
                    await self._clock.sleep(wait)

    # --- what a request takes -----------------------------------------------------------------------------------------------------

    def largest(self, errand: Errand, most: int) -> int:
        """How many requests may be put as one without going beyond a bucket."""
        return min([most, *(max(bucket.limit // bucket.cost, 1) for bucket in self._limits.buckets if holds(bucket, errand))])

    def _need(self, errand: Errand, units: int, place: bool) -> Need:
        windows = tuple(
            (self._window(number, bucket, of), units * bucket.cost, f"{number}:{of}")
            for number, bucket in enumerate(self._limits.buckets)
            if holds(bucket, errand)
            for of in [_of(bucket.of, errand)]
        )
        return Need(windows, self._allowance(errand), units * self._costs.get(errand.operation, 1), place)

    def _window(self, number: int, bucket: Bucket, of: str) -> Window:
        window = self._windows.get((number, of))
        if window is None:
            if len(self._windows) > MOST:
                self._drop_idle()
            window = self._windows[number, of] = Window(bucket.limit, bucket.per)
        return window

    def _drop_idle(self) -> None:
        now = self._now()
        self._windows = {key: window for key, window in self._windows.items() if window.used(now)}

    def _allowance(self, errand: Errand) -> Allowance | None:
        said = self._limits.quota
        if said is None:
            return None
        of = _of(said.of, errand)
        return self._allowances.get(self._quota_of.get((errand.operation, of), of))

    # --- what people are shown ----------------------------------------------------------------------------------------------------

    def budget(self, service: str, account: str) -> Sequence[Budget]:
        """Every limit of which something is used or known, the fullest first."""
        now = self._now()
        rows = [
            Budget(service, account, _label(self._limits.buckets[number], of), window.used(now), window.limit, window.resets_in(now))
            for (number, of), window in self._windows.items()
        ]
        for name, one in self._allowances.items():
            if one.current(now) and one.limit:
                resets = None if one.resets_at is None else max(one.resets_at - now, 0.0)
                used = min(max(one.limit - one.remaining, 0), one.limit)
                rows.append(Budget(service, account, f"told by the service{f' ({name})' if name else ''}", used, one.limit, resets))
        if paused := self._pause.left(now):
            rows.append(Budget(service, account, "pause the service asked for", 1, 1, paused))
        return sorted(rows, key=lambda row: -row.used / max(row.limit, 1))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def holds(bucket: Bucket, errand: Errand) -> bool:
    """Whether a bucket counts this request."""
    if (bucket.writes and not errand.writes) or (bucket.only and errand.operation not in bucket.only):
        return False
    named = names_in(bucket.of) - {"operation"}
    return not named or any(errand.scope.get(name) is not None for name in named)


def _of(template: str, errand: Errand) -> str:
    if not template:
        return ""
    scope = {**dict.fromkeys(names_in(template), ""), **{name: value for name, value in errand.scope.items() if value is not None}}
    return as_text(fill(template, {**scope, "operation": errand.operation}))


def _label(bucket: Bucket, of: str) -> str:
    what = ", ".join(bucket.only) if bucket.only else "writes" if bucket.writes else "requests"
    return f"{what}{f' to {of}' if of else ''} in {bucket.per:g} s"
