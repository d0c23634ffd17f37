"""An executor: this process as one of several that drive runs. It lives as long as it renews the lease on its own name.

desk hands out a run ─▶ runner.drive ─▶ waits or over
lease renewed in time? ─ no ─▶ it may not drive: it only writes down what comes back, and takes up nothing
renewed after a gap ─▶ first it lets go of what was handed to somebody else meanwhile
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from engine.errors import SignalboxError, Transient
from engine.ports import Clock, Leases
from engine.runtime.distributed.desk import Desk
from engine.runtime.distributed.tempo import USUAL, Tempo
from engine.workflow.run import RunRecord

log = logging.getLogger(__name__)

AT_ONCE = 8  # stretches put at the same time
LONGEST_PAUSE = 5.0  # seconds between tries while the desk does not answer


class Drives(Protocol):
    """What an executor needs of the runner."""

    async def drive(self, run_id: str) -> None:
        """Read the run afresh, judge asks without an answer as lost, go on; until it waits, is over, or may not be driven any more."""
        ...

    async def stop(self) -> None:
        """Ask nothing more; write down what comes back."""
        ...


def lease_of(executor: str) -> str:
    return f"executor:{executor}"


class Executor:
    """Fulfils ``turns.Turns``. ``name`` must never have been anybody's before. ``join`` the runner, then ``start``; ``stop`` at the end."""

    def __init__(self, name: str, desk: Desk, leases: Leases, clock: Clock, *, tempo: Tempo = USUAL) -> None:
        self.name = name
        self._desk = desk
        self._leases = leases
        self._clock = clock
        self._tempo = tempo
        self._runner: Drives | None = None
        self._driving: dict[str, int] = {}
        self._sure = False  # that nothing of what it drives was given away
        self._lived = asyncio.Event()
        self._stopping = False
        self._wanted: dict[tuple[str, str], int] = {}
        self._putting: set[asyncio.Task[None]] = set()
        self._beating: asyncio.Task[None] | None = None

    def join(self, runner: Drives) -> None:
        self._runner = runner

    # --- turns

    def may_drive(self, run_id: str) -> bool:
        return run_id in self._driving and self.alive

    @property
    def alive(self) -> bool:
        """Whether it surely holds the lease on its name, so that nobody can have given its stretches away."""
        return self._sure and self._leases.left(lease_of(self.name)) > 0

    def pass_on(self, record: RunRecord, seq: int) -> None:
        if record.state.over:
            return
        due = record.wake_at is not None and record.wake_at <= self._clock.now()
        self._wanted.setdefault((record.id, f"{seq}.due" if due else str(seq)), record.rank)
        if len(self._putting) < AT_ONCE:
            task = asyncio.get_running_loop().create_task(self._put_all(), name="passing on")
            self._putting.add(task)
            task.add_done_callback(self._putting.discard)

    async def _put_all(self) -> None:
        while self._wanted:
            (run_id, token), rank = next(iter(self._wanted.items()))
            del self._wanted[run_id, token]
            await self._put(run_id, token, rank)

    async def _put(self, run_id: str, token: str, rank: int) -> None:
        """However long the desk does not answer; what is lost with this process, the caretaker finds."""
        pause = 0.05
        while True:
            try:
                await self._desk.put(run_id, token, rank)
                return
            except Transient as error:
                log.warning("Run %s waits to be passed on: %s", run_id, error)
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    # --- living

    async def start(self) -> None:
        """Raises Transient when the database does not answer."""
        await self._beat()
        self._beating = asyncio.create_task(self._beat_for_ever(), name="heartbeat")
        await self._desk.open(self._take)

    async def stop(self) -> None:
        """Take up nothing more, let the runner write down what comes back, and leave the rest to the others at once."""
        self._stopping = True
        self._lived.set()
        try:
            await self._desk.close()
            if self._runner is not None:
                await self._runner.stop()
        finally:
            if self._beating is not None:
                self._beating.cancel()
                await asyncio.gather(self._beating, return_exceptions=True)
            await self._leave()

    async def _leave(self) -> None:
        if self._putting:
            await asyncio.wait(self._putting, timeout=1.0)
        for task in tuple(self._putting):
            task.cancel()
        self._sure = False
        try:
            await self._desk.give_back(self.name)
            await self._leases.release(lease_of(self.name))
        except SignalboxError as error:
            log.warning("What this process holds is given to others when its lease has run out: %s", error)
        await self._desk.leave()

    async def _beat_for_ever(self) -> None:
        while True:
            await self._clock.sleep(self._tempo.beat)
            try:
                await self._beat()
            except SignalboxError as error:
                if self.alive:  # said once; what follows from it is heard of when it is over
                    log.warning("The lease of this process could not be renewed: %s", error)

    async def _beat(self) -> None:
        """Renew; after a gap, let go of what was given to somebody else meanwhile."""
        unbroken = self._sure = self.alive
        if not await self._leases.acquire(lease_of(self.name)):
            if unbroken:
                log.warning("The lease of this process has run out; until it is renewed nothing is planned here.")
            return
        if self._driving and not unbroken:
            self._let_go(await self._desk.held())
        self._sure = True
        if self.alive:
            self._lived.set()

    def _let_go(self, mine: frozenset[str]) -> None:
        for run_id in self._driving.keys() - mine:
            log.warning("Run %s is driven by another process by now.", run_id)
            del self._driving[run_id]

    # --- driving

    async def _take(self, run_id: str) -> None:
        """One stretch. A run that cannot be read is left alone; the caretaker asks for it again."""
        assert self._runner is not None
        if not await self._is_mine(run_id):
            return
        self._driving[run_id] = self._driving.get(run_id, 0) + 1
        try:
            await self._drive(self._runner, run_id)
        finally:
            self._put_down(run_id)

    async def _is_mine(self, run_id: str) -> bool:
        """At once while this process lives; one that was taken for dead first lives again and looks whether it still holds the stretch."""
        if self.alive:
            return True
        while not self.alive:
            if self._stopping:
                raise asyncio.CancelledError
            self._lived.clear()
            await self._lived.wait()
        return run_id in await self._desk.held()

    async def _drive(self, runner: Drives, run_id: str) -> None:
        pause = 0.05
        while not self._stopping:
            try:
                await runner.drive(run_id)
                break
            except Transient as error:
                log.warning("Run %s waits to be driven: %s", run_id, error)
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except SignalboxError as error:
                log.error("Run %s cannot be driven: %s", run_id, error)
                return
        if self._stopping:
            raise asyncio.CancelledError  # it stays in the name of this process, which gives it back

    def _put_down(self, run_id: str) -> None:
        left = self._driving.get(run_id, 1) - 1
        if left > 0:
            self._driving[run_id] = left
        else:
            self._driving.pop(run_id, None)
