"""Server-sent events: frames, heartbeats, and streams that end at once when the house stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.responses import StreamingResponse

from engine.workflow.definition import Json

HEARTBEAT = 15.0  # seconds; proxies close streams that are silent for a minute
RETRY = 1000  # milliseconds after which a browser that lost the stream asks again

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event; ``id`` is what a reader sends back as Last-Event-ID."""

    name: str
    data: Mapping[str, Json]
    id: str = ""

    def encode(self) -> bytes:
        lines = [f"event: {_one_line(self.name)}"]
        if self.id:
            lines.append(f"id: {_one_line(self.id)}")
        # JSON escapes every line end, so one data line always suffices.
        lines.append("data: " + json.dumps(self.data, ensure_ascii=True, separators=(",", ":")))
        return ("\n".join(lines) + "\n\n").encode("ascii", "replace")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def event_stream(source: AsyncGenerator[Frame, None], closing: asyncio.Event, *, heartbeat: float = HEARTBEAT) -> StreamingResponse:
    """The response that sends ``source`` until it ends, the reader leaves, or ``closing`` is set."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_bytes(source, closing, heartbeat), media_type="text/event-stream", headers=headers)


async def _bytes(source: AsyncGenerator[Frame, None], closing: asyncio.Event, heartbeat: float) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY}\n\n".encode()
    async with aclosing(source), aclosing(until(source, closing, heartbeat)) as frames:
        async for frame in frames:
            yield frame.encode() if frame else b": still here\n\n"


async def until(source: AsyncIterator[T], closing: asyncio.Event, heartbeat: float) -> AsyncGenerator[T | None, None]:
    """The items of ``source``, and None whenever ``heartbeat`` seconds pass without one; ends when ``closing`` is set."""
    closed = asyncio.create_task(closing.wait())
    upcoming: asyncio.Task[T] | None = None
    try:
        while not closing.is_set():
            upcoming = upcoming or asyncio.create_task(_next(source))
            await asyncio.wait((upcoming, closed), timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED)
            if closing.is_set():
                return
            if not upcoming.done():
                yield None
                continue
            done, upcoming = upcoming, None
            try:
                item = done.result()
            except StopAsyncIteration:
                return
            yield item
    finally:
        await _end(closed, upcoming)


async def _next(source: AsyncIterator[T]) -> T:
    return await anext(source)


async def _end(*waiting: asyncio.Task[Any] | None) -> None:
    for task in waiting:
        if task is not None:
            task.cancel()
    await asyncio.gather(*(task for task in waiting if task is not None), return_exceptions=True)
