"""Virtual time: an event loop that never waits. When nothing is ready it jumps to the next timer; when there is none, the world is at rest.

    ready? ─ yes ─▶ run it
      └ no ─▶ a timer? ─ yes ─▶ now = its time
                └ no ─▶ at rest: nothing will ever happen again

Everything that asks the loop for time (sleeps, timeouts) is in it, so a whole house fits in, and a year takes as long as what happens in it.
It runs in a thread of its own, off the loop of the house.
"""

from __future__ import annotations

import asyncio
import hashlib
import selectors
from datetime import datetime, timedelta
from time import perf_counter, sleep

from ulid import ULID

BREATH = 16  # turns after which sockets and bounds are looked at, and the house gets its turn
PAUSE = 50e-6  # real seconds: long enough that a thread which waits for the interpreter gets it
TICK = 1e-6  # seconds added to every jump, so that a timer is over however floats round


class Bounds:
    """``horizon``: virtual seconds; ``until``: of ``perf_counter``. ``reached`` says which one, in a sentence, once one is.

    ``lift`` them for clearing up: what is left then only ends.
    """

    def __init__(self, horizon: float, until: float) -> None:
        self._horizon = horizon
        self._until = until
        self._lifted = False
        self.reached = ""

    def lift(self) -> None:
        self._lifted = True

    def stop(self, why: str) -> None:
        """Something else is enough."""
        self.reached = self.reached or why

    def forbid(self, virtual: float) -> bool:
        """Whether a jump to that moment is too far."""
        if not self._lifted and virtual > self._horizon:
            self.stop(f"after {self._horizon / 86_400:g} days it would still go on")
        return bool(self.reached) and not self._lifted

    def spent(self) -> bool:
        """Whether real time is up."""
        if not self._lifted and perf_counter() > self._until:
            self.stop("the time for rehearsing was up")
        return bool(self.reached) and not self._lifted


class VirtualLoop(asyncio.SelectorEventLoop):
    """``rest`` is done when nothing is left to happen, or a bound is reached: whoever waits for it must end the matter."""

    def __init__(self, bounds: Bounds) -> None:
        self._virtual = 0.0
        self.bounds = bounds
        super().__init__(_Jumping(self))
        self.rest: asyncio.Future[None] = self.create_future()

    def time(self) -> float:
        return self._virtual

    def jump(self, timeout: float | None) -> None:
        """Called where a real loop would wait."""
        if timeout is not None and not self.bounds.forbid(self._virtual + timeout):
            self._virtual += timeout + TICK
        elif not self.come_to_rest():
            raise RuntimeError("A rehearsal hangs: it was told that nothing will happen, and waits for something.")

    def come_to_rest(self) -> bool:
        """False when that was known already."""
        if self.rest.done():
            return False
        self.rest.set_result(None)
        return True


class _Jumping(selectors.SelectSelector):
    """Waits for nothing; sockets (the loop's own wake-up) are looked at in passing."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._turns += 1
        breath = self._turns % BREATH == 0
        if breath and self._loop.bounds.spent():
            self._loop.come_to_rest()
        if timeout is None or timeout > 0:
            self._loop.jump(timeout)
        if breath:
            sleep(PAUSE)
        return super().select(0) if breath else []


class VirtualClock:
    """Fulfils ``ports.Clock`` in a ``VirtualLoop``. Dice and ids follow from ``seed``, so that the same rehearsal comes out the same."""

    longest_sleep = float("inf")  # it does not jump behind anybody's back, so nobody needs to wake and look

    def __init__(self, begin: datetime, seed: str) -> None:
        self._begin = begin
        self._seed = seed
        self._drawn = 0

    def now(self) -> datetime:
        return self._begin + timedelta(seconds=round(asyncio.get_running_loop().time(), 6))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str) -> str:
        self._drawn += 1
        digest = self._digest(f"id {self._drawn}")
        return f"wf_{digest[:4].hex()}" if prefix == "wf" else f"{prefix}_{ULID.from_bytes(digest[:16])}"

    def random(self) -> float:
        self._drawn += 1
        return self.dice(f"draw {self._drawn}")

    def dice(self, about: str) -> float:
        """The same for the same words, in whatever order they are asked."""
        return int.from_bytes(self._digest(about)[:7], "big") / 2**56

    def _digest(self, about: str) -> bytes:
        return hashlib.blake2b(f"{self._seed}\n{about}".encode("utf-8", "replace"), digest_size=32).digest()
