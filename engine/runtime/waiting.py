"""Steps that wait for an event: each happening is offered to all of them, and each that begins to wait is shown what came just before.

    happening is durable ─▶ who waits for such a one? ─▶ offered to each, whose ``where`` decides
    WaitOpened           ─▶ what came in lately?      ─▶ offered to this one

Often the step before a wait causes what is waited for (create a payment, wait until it is paid), and a service may tell faster than it
answers. So a wait looks back: an event counts when it came in at most ``LOOK_BACK`` before the wait began, after its run had begun (what
started the run is no answer to it), and when no other step of the run had taken it before (two waits one after the other are two events).
Steps that wait side by side are each offered every event, and each takes what fits it.

The event is stored before it is offered and the wait before it looks back, so that whichever was first, the other sees it; that holds
through crashes and between processes, too. A step that has taken an event waits no longer, so it takes none twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from engine.errors import Rejected
from engine.events import Elsewhere, Event, Happening, WaitOpened
from engine.ports import Clock, Inbox, Runner, Runs, Waits
from engine.runtime.deliveries import PREFIX, read
from engine.runtime.patience import patiently
from engine.workflow.run import Fact, FactKind

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(minutes=5)
MOST_LOOKED_AT = 1_000  # deliveries of a service that a wait looks back over
AT_ONCE = 32  # steps offered an event at the same time; each may have to be read back
AFTER_A_CRASH = 500  # the newest deliveries that are offered again at start

Place: TypeAlias = tuple[str, str]  # run id, step id
Spawn: TypeAlias = Callable[[Coroutine[Any, Any, Any]], object]


@dataclass(slots=True)
class _Look:
    """A look at the inbox that several waits share: it begins after each of them was stored."""

    begun: bool
    found: asyncio.Future[list[Happening]]


class WaitingSteps:
    """``shared``: other processes run on the same database, so who waits is asked of the store each time."""

    def __init__(self, *, waits: Waits, runs: Runs, runner: Runner, inbox: Inbox, clock: Clock, spawn: Spawn, shared: bool = False) -> None:
        self._waits = waits
        self._runs = runs
        self._runner = runner
        self._inbox = inbox
        self._clock = clock
        self._spawn = spawn
        self._shared = shared
        self._awaited: set[str] = set()
        self._looks: dict[str, _Look] = {}
        self._shown: dict[tuple[str, str, Place], datetime] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        """What came in right before a crash may not have reached who waited, or began to wait in that moment."""
        self._awaited |= await self._waits.events()
        if self._awaited:
            now = self._clock.now()
            latest = await self._inbox.between(datetime.fromtimestamp(0, now.tzinfo), now, prefix=PREFIX, limit=AFTER_A_CRASH)
            for happening in (one for _, payload in latest for one in read(payload)):
                places = await self.waiting_for(f"{happening.service}.{happening.event}")
                self._spawn(self.offer(happening, places, again=True))

    def heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, WaitOpened):
                self._awaited.add(event.event)
                self._spawn(self._look_back(event))
            elif isinstance(event, Elsewhere):
                self._shared = True

    async def awaited(self) -> frozenset[str]:
        """Every "service.event" that some step waits for now."""
        return await patiently(self._clock, self._waits.events)

    async def waiting_for(self, name: str) -> list[Place]:
        """Who waits for such an event ("service.event") now. To be asked before it starts anything: no run is answered by what started it."""
        if name not in self._awaited and not self._shared:
            return []
        return await patiently(self._clock, partial(self._waits.for_event, name))

    async def offer(self, happening: Happening, places: Iterable[Place], *, again: bool = False) -> int:
        """How many took it. ``again``: it may have been offered before, so it counts only for whom it was meant then."""
        taken = await asyncio.gather(*(self._offer(happening, place, again=again) for place in places))
        return sum(taken)

    async def _offer(self, happening: Happening, place: Place, *, again: bool) -> bool:
        run, step = place
        async with self._places:
            if again and not counts(await patiently(self._clock, partial(self._runs.facts, run)), step, happening):
                return False
            try:
                return await patiently(self._clock, partial(self._runner.happened, run, step, happening))
            except Rejected as error:
                log.info("%s of %s does not take %s.%s: %s", step, run, happening.service, happening.event, error)
                return False

    async def look_around(self) -> None:
        """For waits that processes without a dispatcher have opened: what came in lately is shown to each of them once."""
        if not self._shared:
            return
        now, awaited = self._clock.now(), await self._waits.events()
        self._shown = {pair: at for pair, at in self._shown.items() if at >= now - 2 * LOOK_BACK}
        if not awaited:
            return
        lately = await self._inbox.between(now - LOOK_BACK, now + LOOK_BACK, prefix=PREFIX, limit=MOST_LOOKED_AT)
        happenings = [one for _, payload in lately for one in read(payload)]
        for name in awaited & {f"{one.service}.{one.event}" for one in happenings}:
            places = await self._waits.for_event(name)
            for happening in (one for one in happenings if f"{one.service}.{one.event}" == name):
                unseen = [place for place in places if (happening.service, happening.id, place) not in self._shown]
                self._shown |= {(happening.service, happening.id, place): now for place in unseen}
                await self.offer(happening, unseen, again=True)

    # --- looking back

    async def _look_back(self, wait: WaitOpened) -> None:
        service, _, name = wait.event.partition(".")
        for happening in await self._lately(service):
            if happening.event == name and await self._offer(happening, (wait.run, wait.step), again=True):
                return

    async def _lately(self, service: str) -> list[Happening]:
        """Happenings of a service in the last ``LOOK_BACK``, in the order they came in; many waits that begin together look once."""
        look = self._looks.get(service)
        if look is None or look.begun:
            look = self._looks[service] = _Look(False, asyncio.get_running_loop().create_future())
            self._spawn(self._look(service, look))
        return await asyncio.shield(look.found)

    async def _look(self, service: str, look: _Look) -> None:
        await asyncio.sleep(0)  # whoever was told in the same turn looks along
        look.begun = True
        now = self._clock.now()
        between = partial(self._inbox.between, now - LOOK_BACK, now + LOOK_BACK, prefix=f"{PREFIX}{service}:", limit=MOST_LOOKED_AT)
        try:
            found = await patiently(self._clock, between)
            look.found.set_result([one for _, payload in found for one in read(payload)])
        except BaseException as error:
            look.found.cancel()
            log.warning("What %s told lately could not be looked up: %s", service, error)
            raise
        finally:
            if self._looks.get(service) is look:
                del self._looks[service]


def counts(facts: Sequence[Fact], step: str, happening: Happening) -> bool:
    """Whether a step that waits may take an event that came in before it was asked: see the top of this file."""
    opened = next((fact for fact in reversed(facts) if fact.step == step and fact.kind is FactKind.WAITING), None)
    if opened is None or not facts[0].at < happening.at or happening.at < opened.at - LOOK_BACK:
        return False
    return not any(_took(fact, happening) for fact in facts if fact.step != step and fact.seq < opened.seq)


def _took(fact: Fact, happening: Happening) -> bool:
    """The same data, after it came in: facts keep what an event said, not its delivery."""
    output: Any = fact.data.get("output")
    answered = fact.kind is FactKind.ANSWERED and fact.at >= happening.at and isinstance(output, Mapping)
    return answered and output.get("event") == dict(happening.data)
