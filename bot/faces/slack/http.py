"""Slack over signed HTTP, for workspaces that may not use Socket Mode: one ASGI app to be mounted at ``/slack/events``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY = 3_000_000  # Slack's own are below 1 MB


class SlackHttp:
    """Answers POST wherever it is mounted; bolt checks signature and age, so what is not from Slack gets 401."""

    def __init__(self, app: AsyncApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise TypeError(f"Slack speaks HTTP here, not {scope['type']}.")
        if scope["method"] != "POST":
            await _answer(send, 405, b"Slack posts here.")
            return
        body = await _body(receive)
        if body is None:
            await _answer(send, 413, b"That is larger than anything Slack sends.")
            return
        try:
            text = body.decode()
        except UnicodeDecodeError:
            await _answer(send, 400, b"That is not UTF-8.")
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        response = await self._app.async_dispatch(AsyncBoltRequest(body=text, headers=headers))
        kind = response.headers.get("content-type", ["text/plain;charset=utf-8"])[0]
        await _answer(send, response.status, (response.body or "").encode(), kind)


async def _body(receive: Receive) -> bytes | None:
    """The whole body, None when it is too large."""
    read = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(read)
        read += message.get("body", b"")
        if len(read) > LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(read)


async def _answer(send: Send, status: int, body: bytes, kind: str = "text/plain;charset=utf-8") -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode("latin-1"))]})
    await send({"type": "http.response.body", "body": body})
