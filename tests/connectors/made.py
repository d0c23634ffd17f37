"""Connectors made for one test: a description of a few lines, and a vendor in process that keeps count."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter

from connectors._kit.connector import Connector
from connectors._kit.custom import Custom
from connectors._kit.description import Description, Examples
from connectors._kit.shelf import Shelf
from tests.connectors.rig import SetClock, asgi, whole_body

READ = {
    "title": "Read",
    "writes": False,
    "inputs": {"name": {}},
    "request": {"method": "GET", "path": "/things/{name}"},
    "outputs": {"n": {}},
}
WRITE = {
    "title": "Write", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"n": {}},
    "request": {"method": "POST", "path": "/things", "body": {"name": "{name}"}},
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    raw: bytes
    at: float


Answering = Callable[[Asked], "tuple[int, Mapping[str, str], Any]"]


def fine(asked: Asked) -> tuple[int, Mapping[str, str], Any]:
    return 200, {}, {"n": 1}


@dataclass
class Vendor:
    """An ASGI server that remembers what it was asked; ``held`` keeps every answer back until it is set."""

    clock: Any
    answer: Answering = fine
    asked: list[Asked] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = await whole_body(receive)
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        body = json.loads(raw) if raw and "json" in headers.get("content-type", "") else None
        query = dict(parse_qsl(scope["query_string"].decode()))
        one = Asked(scope["method"], scope["path"], query, headers, body, raw, self.clock.now().timestamp())
        self.asked.append(one)
        if self.held is not None:
            await self.held.wait()
        status, shown, found = self.answer(one)
        content = found if isinstance(found, bytes) else b"" if found is None else json.dumps(found).encode()
        lines = {"content-type": "application/json", **shown}
        await send({"type": "http.response.start", "status": status, "headers": [(k.encode(), str(v).encode()) for k, v in lines.items()]})
        await send({"type": "http.response.body", "body": content})


def made(
    vendor: Vendor, *, custom: Custom | None = None, environ: Mapping[str, str] | None = None, transport: Any = None, **said: Any
) -> Shelf:
    """A shelf with one connector ``maker`` at that vendor, or behind ``transport``."""
    whole: dict[str, Any] = {
        "id": "maker", "name": "Maker", "category": "development", "base_url": "http://maker.example/v1", "auth": [{"kind": "bearer"}],
        "settings": {"token": {"name": "MAKER_TOKEN", "meaning": "its token", "secret": True, "needed": True}},
        "operations": {"read": READ, "write": WRITE}, **said,
    }  # fmt: skip
    connector = Connector(TypeAdapter(Description).validate_python(whole), Examples(), custom or Custom())
    return Shelf.open(
        {"MAKER_TOKEN": "test-token", **(environ or {})}, clock=vendor.clock, transport=transport or asgi(vendor), connectors=[connector]
    )


class SteppingClock(SetClock):
    """Sleeps last until it is stepped on, so that many can sleep at once."""

    def __init__(self) -> None:
        super().__init__()
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self.time.timestamp() + seconds, called))
        await called

    async def step(self, seconds: float) -> None:
        """Time goes on, in the order in which sleepers wake."""
        until = self.time.timestamp() + seconds
        await rest()
        while due := [(at, called) for at, called in self._sleeping if at <= until and not called.done()]:
            at = min(moment for moment, _ in due)
            self.time += timedelta(seconds=max(at - self.time.timestamp(), 0.0))
            for entry in due:
                if entry[0] == at:
                    self._sleeping.remove(entry)
                    entry[1].set_result(None)
            await rest()
        self._sleeping = [entry for entry in self._sleeping if not entry[1].done()]
        self.time += timedelta(seconds=until - self.time.timestamp())
        await rest()


async def rest() -> None:
    """Let everything run that can."""
    for _ in range(60):
        await asyncio.sleep(0)
