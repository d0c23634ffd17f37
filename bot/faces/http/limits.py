"""Refuses bodies that are too large while they are still being read, so that nobody fills the memory.

Starlette has such a middleware, but it answers in plain text even where a route would have answered in the form of this API.
"""

from __future__ import annotations

import asyncio
import contextlib

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.files import LARGEST

BODY_LIMIT = 1024 * 1024  # bytes
HOOK_LIMIT = 5 * 1024 * 1024  # bytes; what the desk takes of one delivery (vendors send kilobytes; a push of thousands of commits some megabytes)
HEARD_OUT = 16 * 1024 * 1024  # bytes beyond a limit that are read and forgotten
PATIENCE = 5.0  # seconds for that
HOOKS = ("/api/v2/hooks/", "/api/v2/monitoring/inbound/")
FILES = ("/api/v2/files", "/web/files", "/api/v2/map/import")


class BodyLimit:
    """ASGI middleware: a body longer than its path may have is 413, by its declared length or once it has grown too long; never kept."""

    def __init__(self, app: ASGIApp, *, limit: int = BODY_LIMIT, hook_limit: int = HOOK_LIMIT) -> None:
        self._app = app
        self._limit = limit
        self._hook_limit = hook_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._hook_limit if scope["path"].startswith(HOOKS) else LARGEST if scope["path"] in FILES else self._limit
        await self._app(scope, _bounded(scope, receive, limit), send)


def _bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    length = dict(scope["headers"]).get(b"content-length", b"")
    declared = int(length) if length.isdigit() else 0
    read = 0

    async def bounded() -> Message:
        nonlocal read
        if declared > limit + HEARD_OUT:
            raise _too_large(limit)
        message = await receive()
        read += len(message.get("body", b""))
        if declared > limit or read > limit:
            await _hear_out(message, receive)
            raise _too_large(limit)
        return message

    return bounded


async def _hear_out(message: Message, receive: Receive) -> None:
    """Let the sender finish and keep nothing of it: a connection closed in the middle would lose the answer on its way."""
    heard = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while message.get("more_body") and heard <= HEARD_OUT:
                message = await receive()
                heard += len(message.get("body", b""))


def _too_large(limit: int) -> HTTPException:
    size = f"{limit // 1024} kB" if limit < 1024 * 1024 else f"{limit // (1024 * 1024)} MB"
    return HTTPException(413, f"The request is too large; at most {size} are taken.", {"connection": "close"})
