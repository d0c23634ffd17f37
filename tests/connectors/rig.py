"""What the tests of this room share: a clock to set, calls, shelves, and a vendor that plays a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from connectors._kit.description import Exchange
from connectors._kit.performing import mark_of
from connectors._kit.shelf import Shelf
from engine.parties import Address, MessageRef
from engine.ports import Call

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CREDENTIALS = {
    "GITHUB_TOKEN": "test-token",
    "TRELLO_KEY": "test-token",
    "TRELLO_TOKEN": "test-token",
    "EMAIL_URL": "smtp://127.0.0.1:2525",
    "EMAIL_FROM": "bot@acme.example",
}
SHOWN = {"key", "token"}  # query parameters that only hold credentials


class SetClock:
    """A clock that stands still until it is told or slept on."""

    def __init__(self, now: datetime = NOW, dice: float = 0.5) -> None:
        self.time = now
        self.dice = dice
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_1"

    def random(self) -> float:
        return self.dice


@dataclass
class HeardSpeaker:
    """Keeps what was said; the same key is said once."""

    said: dict[str, tuple[Address, Mapping[str, Any], str]] = field(default_factory=dict)

    async def say(self, to: Address, payload: Mapping[str, Any], *, key: str, kind: str = "note", priority: int = 0) -> MessageRef:
        self.said.setdefault(key, (to, dict(payload), kind))
        return MessageRef(to.face, to.channel, f"m{list(self.said).index(key) + 1}", to.thread)

    async def standing(self, to: Address, *, key: str) -> MessageRef | None:
        return MessageRef(to.face, to.channel, f"m{list(self.said).index(key) + 1}", to.thread) if key in self.said else None


@dataclass
class ScriptedVendor:
    """An ASGI server that expects these requests in this order, each under ``base``, and gives their answers."""

    script: Sequence[Exchange]
    base: str = ""
    key: str = "example"
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        query = {k: v for k, v in parse_qsl(scope["query_string"].decode(), keep_blank_values=True) if k not in SHOWN}
        path = scope["raw_path"].decode().partition("?")[0].removeprefix(self.base)
        self.seen.append({"method": scope["method"], "path": path, "query": query, "body": json.loads(body) if body else None})
        exchange = self.script[len(self.seen) - 1] if len(self.seen) <= len(self.script) else None
        status, headers, content = (599, {}, b"the script is over")
        if exchange:
            status, headers = exchange.answer.status, dict(exchange.answer.headers)
            content = b"" if exchange.answer.body is None else json.dumps(exchange.answer.body).encode()
        shown = [(b"content-type", b"application/json"), *((k.encode(), v.encode()) for k, v in headers.items())]
        await send({"type": "http.response.start", "status": status, "headers": shown})
        await send({"type": "http.response.body", "body": content})

    def expected(self) -> list[dict[str, Any]]:
        asks = [e.request for e in self.script]
        wanted = [{"method": a.method, "path": a.path, "query": dict(a.query), "body": a.body} for a in asks]
        filled: list[dict[str, Any]] = json.loads(json.dumps(wanted).replace("{key_mark}", mark_of(self.key)))
        return filled


def asgi(app: Any) -> httpx2.ASGITransport:
    return httpx2.ASGITransport(app=app)


def open_shelf(environ: Mapping[str, str] | None = None, clock: SetClock | None = None, **more: Any) -> Shelf:
    """A shelf with every credential unless ``environ`` says otherwise."""
    return Shelf.open(CREDENTIALS if environ is None else environ, clock=clock or SetClock(), **more)


def call(action: str, arguments: Mapping[str, Any] | None = None, key: str = "example", **more: Any) -> Call:
    service, _, operation = action.partition(".")
    return Call(service=service, operation=operation, arguments=arguments or {}, key=key, **more)
