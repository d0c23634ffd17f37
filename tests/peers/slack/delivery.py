"""How the fake sends things to the app: over Socket Mode's connections or as signed HTTP, with retries, measuring every answer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

ACK_WITHIN = 3.0


class NotAcknowledged(AssertionError):
    """The app did not answer in time: in Slack somebody would read “operation_timeout”."""


@dataclass
class Delivery:
    """One thing sent to the app. ``response`` is what came with the acknowledgement, ``latency`` the seconds until it."""

    kind: str
    payload: dict[str, Any]
    attempts: int = 0
    acked: bool = False
    response: dict[str, Any] | None = None
    latency: float = 0.0
    status: int = 0

    @property
    def errors(self) -> dict[str, str]:
        """What the app complained about in a sent form: block_id → text."""
        said = self.response or {}
        return dict(said.get("errors") or {}) if said.get("response_action") == "errors" else {}


@dataclass(eq=False)
class Connection:
    """One Socket Mode connection. ``silent``: open, but nothing is answered any more."""

    socket: web.WebSocketResponse
    waiting: dict[str, asyncio.Future[dict[str, Any] | None]] = field(default_factory=dict)
    leaving: bool = False
    silent: bool = False


class SocketMode:
    """``handshake`` is how long a new connection takes to be of use, as over a long line."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.opened = 0
        self.hanging = 0  # connections that were asked for and are not there yet
        self.handshake = 0.0
        self.strays = 0  # acknowledgements on another connection than the envelope came by
        self._numbers = itertools.count(1)
        self._turn = itertools.count()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        if len(self.connections) >= 10:
            raise web.HTTPTooManyRequests(text="too_many_websockets")
        self.hanging += 1
        await asyncio.sleep(self.handshake)
        self.hanging -= 1
        await socket.prepare(request)
        connection = Connection(socket)
        self.connections.append(connection)
        self.opened += 1
        await socket.send_json({"type": "hello", "num_connections": len(self.connections), "connection_info": {"app_id": "A0APP"}})
        try:
            await self._listen(connection)
        finally:
            self.connections.remove(connection)
            for future in connection.waiting.values():
                if not future.done():
                    future.cancel()
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.silent:
                continue
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledged(connection, json.loads(message.data))

    def _acknowledged(self, connection: Connection, said: dict[str, Any]) -> None:
        envelope = said["envelope_id"]
        owner = next((one for one in self.connections if envelope in one.waiting), None)
        if owner is None:
            return  # too late: Slack ignores it as well
        self.strays += owner is not connection
        future = owner.waiting[envelope]
        if not future.done():
            future.set_result(said.get("payload"))

    async def deliver(self, delivery: Delivery, *, retry: int = 0, reason: str = "") -> None:
        """One attempt on one of the connections, each in its turn."""
        connection = self._a_connection()
        if connection is None:
            return
        envelope = f"e{next(self._numbers)}"
        frame = {"envelope_id": envelope, "type": delivery.kind, "payload": delivery.payload, "accepts_response_payload": delivery.kind != "events_api"}
        if delivery.kind == "events_api":
            frame |= {"retry_attempt": retry, "retry_reason": reason}
        future: asyncio.Future[dict[str, Any] | None] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope] = future
        started = time.perf_counter()
        try:
            await connection.socket.send_json(frame)
            delivery.response = await asyncio.wait_for(future, ACK_WITHIN)
            delivery.acked, delivery.latency = True, time.perf_counter() - started
        except (TimeoutError, asyncio.CancelledError, ConnectionError):
            if (current := asyncio.current_task()) is not None and current.cancelling():
                raise
        finally:
            connection.waiting.pop(envelope, None)

    def _a_connection(self) -> Connection | None:
        """None while there is none: Slack does not wait for one, the asker reads “operation_timeout”."""
        usable = [one for one in self.connections if not one.leaving]
        return usable[next(self._turn) % len(usable)] if usable else None

    async def refresh(self, connection: Connection) -> None:
        """Slack's way to ask for a new connection; the old one is closed a little later."""
        connection.leaving = True
        await connection.socket.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "fake"}})

    async def cut(self) -> None:
        """The network goes away under every connection."""
        for connection in list(self.connections):
            if (transport := connection.socket._req.transport if connection.socket._req else None) is not None:
                transport.abort()

    async def close(self) -> None:
        for connection in list(self.connections):
            await connection.socket.close()


class SignedHttp:
    """Delivery to a URL, signed with the app's secret. ``clock`` gives the seconds that are signed."""

    def __init__(self, url: str, secret: str, clock: Callable[[], float]) -> None:
        self.url, self._secret, self._clock = url, secret, clock

    async def deliver(self, delivery: Delivery, *, retry: int = 0, reason: str = "") -> None:
        body, kind = _body(delivery)
        stamp = str(int(self._clock()))
        headers = {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": signature(self._secret, stamp, body)}
        if retry:
            headers |= {"x-slack-retry-num": str(retry), "x-slack-retry-reason": reason}
        started = time.perf_counter()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ACK_WITHIN)) as session:
            try:
                async with session.post(self.url, data=body.encode(), headers=headers) as response:
                    text = await response.text()
            except (TimeoutError, aiohttp.ClientError):
                return
        delivery.status, delivery.latency = response.status, time.perf_counter() - started
        delivery.acked = response.status == 200
        delivery.response = json.loads(text) if text.startswith("{") else None


def signature(secret: str, stamp: str, body: str) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()


def _body(delivery: Delivery) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload), "application/json"
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload), form
    return urlencode({"payload": json.dumps(delivery.payload)}), form


async def send(way: SocketMode | SignedHttp, delivery: Delivery, retries: Sequence[float]) -> Delivery:
    """Events are tried again while unacknowledged, everything else once."""
    for number, pause in enumerate((0.0, *(retries if delivery.kind == "events_api" else ()))):
        await asyncio.sleep(pause)
        delivery.attempts += 1
        await way.deliver(delivery, retry=number, reason="timeout" if number else "")
        if delivery.acked:
            break
    return delivery
