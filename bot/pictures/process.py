"""The ``Pictures`` port: drawings and charts become pictures in one process of their own, started at the first need and again if it dies.

Not a ``ProcessPoolExecutor``: its spawned workers import ``main.py`` and with it the whole house, and one that hangs cannot be ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.pictures.worker import CHART, DRAWING, HEAD, PAGE, PICTURE
from engine.errors import Rejected, Transient
from engine.monitoring.charting import Chart
from engine.workflow.definition import Json

TIMEOUT = 20.0  # seconds for one picture; a usual one takes a third of one
MOST = 1024 * 1024  # bytes of a drawing
MOST_PAGE = 4 * 1024 * 1024  # bytes of one for a page, which is moved over it
MOST_CHART = 8 * 1024 * 1024  # bytes of a chart: some 400,000 points
ROOT = Path(__file__).resolve().parents[2]


class DrawnPictures:
    """Fulfils ``engine.ports.Pictures``. One picture is drawn at a time; ``close`` ends the process."""

    def __init__(self, *, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def impact(self, drawing: Mapping[str, Json]) -> bytes:
        """PNG bytes. Raises Rejected for what cannot be drawn, Transient when the drawing process died or took too long."""
        return await self._drawn(DRAWING, _packed(drawing, MOST))

    async def page(self, drawing: Mapping[str, Json]) -> bytes:
        """Where everything stands (``bot.pictures.draw.page``) as JSON, for a page that draws it itself. Raises likewise."""
        return await self._drawn(PAGE, _packed(drawing, MOST_PAGE))

    async def chart(self, chart: Chart) -> bytes:
        """Likewise. Pickled: a hundred thousand points take 4 ms that way, 90 as JSON, and the process is our own."""
        ask = pickle.dumps(chart, protocol=5)
        if len(ask) > MOST_CHART:
            raise Rejected(
                f"The chart holds more than {MOST_CHART // 1024 // 1024} MiB of values; ask for a shorter time or a coarser one."
            )
        return await self._drawn(CHART, ask)

    async def _drawn(self, kind: bytes, ask: bytes) -> bytes:
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout):
                    answer, body = await self._asked(kind, ask)
            except (OSError, EOFError, TimeoutError) as error:
                await self._end()
                why = "took too long" if isinstance(error, TimeoutError) else "ended unexpectedly"
                raise Transient(f"The picture could not be drawn: the drawing process {why}. The words say the same.") from error
            except asyncio.CancelledError:
                await self._end()  # its late answer would be taken for the next one's
                raise
        if answer != PICTURE:
            raise Rejected(f"The picture could not be drawn: {body.decode('utf-8', 'replace')}")
        return body

    async def close(self) -> None:
        """End the process and wait for it. Drawing again afterwards starts a new one."""
        async with self._turn:
            await self._end()

    async def _asked(self, kind: bytes, ask: bytes) -> tuple[bytes, bytes]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await _start()
        asks, answers = process.stdin, process.stdout
        if asks is None or answers is None:
            raise EOFError
        asks.write(kind + HEAD.pack(len(ask)) + ask)
        await asks.drain()
        head = await answers.readexactly(1 + HEAD.size)
        return head[:1], await answers.readexactly(HEAD.unpack(head[1:])[0])

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()  # waits, and reads its pipes to their end so that they are closed


def _packed(drawing: Mapping[str, Json], most: int) -> bytes:
    ask = json.dumps(drawing).encode()
    if len(ask) > most:
        raise Rejected(f"The drawing is larger than {most // 1024} KiB; draw a part of it.")
    return ask


async def _start() -> asyncio.subprocess.Process:
    """In a session of its own: a Ctrl-C at the terminal is the house's to handle; the end of its input ends it in any case."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.pictures.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**kept, "PYTHONPATH": path},
        start_new_session=True,
    )
