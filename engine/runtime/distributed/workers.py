"""Further processes of this house on this machine that only drive runs.

Each is held by its standard input: when this process ends, however it ends, the pipe is closed and the worker stops, too. One that
ends by itself is started again, at longer and longer pauses while it keeps ending at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Sequence
from threading import Thread

from engine.ports import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before one is started again
LIVED = 60.0  # seconds after which one counts as having lived
GRACE = 20.0  # seconds that workers get to write down what comes back


class Workers:
    """``command`` starts one; ``count`` of them are kept running from ``start`` to ``stop``."""

    def __init__(self, count: int, command: Sequence[str], clock: Clock) -> None:
        self._count = count
        self._command = command
        self._clock = clock
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._keeping: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._keeping = [asyncio.create_task(self._keep(number), name=f"worker {number}") for number in range(1, self._count + 1)]

    async def stop(self) -> None:
        for keeping in self._keeping:
            keeping.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await asyncio.gather(*(self._end(process) for process in self._running.values()))
        self._running.clear()

    async def _keep(self, number: int) -> None:
        pause = FIRST_PAUSE
        while True:
            begun = self._clock.now()
            process = self._running[number] = await asyncio.create_subprocess_exec(*self._command, stdin=asyncio.subprocess.PIPE)
            code = await process.wait()
            lived = (self._clock.now() - begun).total_seconds() > LIVED
            pause = FIRST_PAUSE if lived else min(pause * 2, LONGEST_PAUSE)
            log.warning("Worker %d ended (%s); it is started again in %g seconds.", number, code, pause)
            await self._clock.sleep(pause)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(GRACE):
                await process.wait()
        except TimeoutError:
            log.warning("Worker %d did not stop in time and is ended; what it drove is taken up by others.", process.pid)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def parent_gone(stream: int = 0) -> None:
    """Returns when the other end of standard input is closed. Reads on a thread of its own: a pipe, a file or a terminal may stand there."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()

    def watch() -> None:
        while os.read(stream, 1024):
            pass
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(gone.set)

    Thread(target=watch, name="parent", daemon=True).start()
    await gone.wait()
