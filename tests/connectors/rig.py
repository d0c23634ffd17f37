"""What the tests of this room share: a clock to set, calls, shelves, and a vendor that plays a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import NAMESPACE_OID, uuid5

import httpx2

from connectors._kit.description import Exchange, WireAsk
from connectors._kit.encoding import as_form
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


async def whole_body(receive: Any) -> bytes:
    """Of a request to an ASGI server, in however many pieces it comes."""
    body = b""
    more = True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return body


@dataclass
class ScriptedVendor:
    """An ASGI server that expects these requests in this order and gives their answers. ``bases``: name of a host → its address ("": the service's own)."""

    script: Sequence[Exchange]
    bases: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset(SHOWN)  # query parameters that hold credentials
    key: str = "example"
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await whole_body(receive)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = {k: v for k, v in parse_qsl(scope["query_string"].decode(), keep_blank_values=True) if k not in self.hidden}
        host, path = self._place(headers["host"], scope["raw_path"].decode().partition("?")[0])
        read = read_body(headers.get("content-type", ""), body)
        exchange = self.script[len(self.seen)] if len(self.seen) < len(self.script) else None
        shown = {name: headers.get(name.lower(), "") for name in (exchange.request.headers if exchange else {})}
        self.seen.append({"method": scope["method"], "host": host, "path": path, "query": query, "headers": shown, "body": read})
        await self._answer(exchange, send)

    def _place(self, host: str, path: str) -> tuple[str, str]:
        """The host's name and the path under its address; the longest address that fits is meant."""
        fitting = [
            (len(parts.path), name, parts.path)
            for name, url in self.bases.items()
            if (parts := urlsplit(url)).netloc == host and path.startswith(parts.path.rstrip("/"))
        ]
        _, name, base = max(fitting, default=(0, f"http://{host}", ""))
        return name, path.removeprefix(base.rstrip("/"))

    async def _answer(self, exchange: Exchange | None, send: Any) -> None:
        status, headers, content = (599, {}, b"the script is over")
        if exchange:
            status, headers = exchange.answer.status, dict(exchange.answer.headers)
            body = exchange.answer.body
            content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        shown = {"content-type": "application/json", **{key.lower(): value for key, value in headers.items()}}
        await send({"type": "http.response.start", "status": status, "headers": [(k.encode(), str(v).encode()) for k, v in shown.items()]})
        await send({"type": "http.response.body", "body": content})

    def expected(self) -> list[dict[str, Any]]:
        """The script's requests in the form of ``seen``; forms are compared field by field."""
        wanted = [self._wanted(e.request, seen) for e, seen in zip_longest(self.script, self.seen[: len(self.script)])]
        marks = {"{key_mark}": mark_of(self.key), "{key_uuid}": str(uuid5(NAMESPACE_OID, self.key)), "{key}": self.key}
        text = json.dumps(wanted)
        for mark, value in marks.items():
            text = text.replace(mark, value)
        filled: list[dict[str, Any]] = json.loads(text)
        return filled

    def _wanted(self, ask: WireAsk, seen: Mapping[str, Any] | None) -> dict[str, Any]:
        body = ask.body
        if seen is not None and isinstance(seen["body"], dict) and set(seen["body"]) == {FORM} and isinstance(body, Mapping):
            body = read_body(FORM, as_form(body))
        return {
            "method": ask.method, "host": ask.host, "path": ask.path, "query": dict(ask.query), "headers": dict(ask.headers), "body": body,
        }  # fmt: skip


FORM = "application/x-www-form-urlencoded"


def read_body(content_type: str, body: bytes) -> Any:
    """JSON parsed, a form as its sorted fields, parts by name (files as name, media type and text), anything else as text."""
    if not body:
        return None
    if content_type.startswith(FORM):
        return {FORM: sorted([name, value] for name, value in parse_qsl(body.decode(), keep_blank_values=True))}
    if content_type.startswith("multipart/form-data"):
        whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        return {str(part.get_param("name", header="content-disposition")): _part(part) for part in whole.iter_parts()}  # type: ignore[attr-defined]
    if "json" in content_type:
        return json.loads(body)
    return body.decode("utf-8", "replace")


def _part(part: Any) -> Any:
    text = part.get_payload(decode=True).decode("utf-8", "replace")
    return text if part.get_filename() is None else {"name": part.get_filename(), "media_type": part.get_content_type(), "text": text}


def asgi(app: Any) -> httpx2.ASGITransport:
    return httpx2.ASGITransport(app=app)


def open_shelf(environ: Mapping[str, str] | None = None, clock: SetClock | None = None, **more: Any) -> Shelf:
    """A shelf with every credential unless ``environ`` says otherwise."""
    return Shelf.open(CREDENTIALS if environ is None else environ, clock=clock or SetClock(), **more)


def call(action: str, arguments: Mapping[str, Any] | None = None, key: str = "example", **more: Any) -> Call:
    service, _, operation = action.partition(".")
    return Call(service=service, operation=operation, arguments=arguments or {}, key=key, **more)
