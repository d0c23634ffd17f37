"""Vendors that take batches apart, ask themselves each part, and put the answers together: one small fake for each way of framing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import httpx2

from tests.connectors.rig import asgi, whole_body

Part: TypeAlias = "tuple[str, str, Mapping[str, str], Any]"  # method, target, headers, body
Told: TypeAlias = "tuple[int, Mapping[str, str], Any]"
Unframe: TypeAlias = Callable[[bytes, Mapping[str, str]], Sequence[Part]]
Compose: TypeAlias = Callable[[bytes, Sequence[Told]], "tuple[str, bytes]"]


@dataclass
class Splitting:
    """``inner`` answers single requests, and judges whole ones too when ``judged``; ``whole``: what answers a batch instead, once."""

    inner: Any
    path: str
    unframe: Unframe
    compose: Compose
    prefix: str = ""
    judged: bool = False
    whole: list[Told] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = await whole_body(receive)
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        target = scope["raw_path"].decode().partition("?")[0] + (f"?{query}" if (query := scope["query_string"].decode()) else "")
        if scope["path"] == self.path:
            status, shown, content = await self._batch(scope["method"], target, headers, raw)
        else:
            self.alone.append(target)
            status, shown, content = await self._ask(scope["method"], target, headers, raw)
        await send({"type": "http.response.start", "status": status, "headers": [(k.encode(), v.encode()) for k, v in shown.items()]})
        await send({"type": "http.response.body", "body": content})

    async def _batch(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = self.unframe(raw, headers)
        self.batches.append(len(parts))
        if self.whole:
            status, shown, body = self.whole.pop(0)
            return status, {"content-type": "application/json", **shown}, json.dumps(body).encode()
        if self.judged:
            status, _, _ = await self._ask(method, target, headers, raw)
            assert status < 300, f"the whole is not as described: {status}"
        told = [await self._part(part, headers) for part in parts]
        content_type, content = self.compose(raw, told)
        return 200, {"content-type": content_type}, content

    async def _part(self, part: Part, outer: Mapping[str, str]) -> Told:
        method, target, headers, body = part
        content = b"" if body is None else json.dumps(body).encode()
        shown = {**headers, "authorization": outer["authorization"], **({"content-type": "application/json"} if content else {})}
        status, told, found = await self._ask(method, target, shown, content)
        return status, told, json.loads(found) if found else None

    async def _ask(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> tuple[int, dict[str, str], bytes]:
        kept = {name: value for name, value in headers.items() if name.lower() in ("authorization", "content-type", "x-own")}
        async with httpx2.AsyncClient(transport=asgi(self.inner)) as client:
            led = "" if target.startswith(f"{self.prefix}/") else self.prefix
            answer = await client.request(method, f"http://inner{led}{target}", headers=kept, content=raw)
        return answer.status_code, {"content-type": "application/json", **_own(answer.headers)}, answer.content


def _own(headers: Any) -> dict[str, str]:
    return {name: headers[name] for name in ("retry-after",) if name in headers}


def graph(root: str) -> tuple[Unframe, Compose]:
    """Answers come back in another order than they were asked in."""

    def unframe(raw: bytes, headers: Mapping[str, str]) -> list[Part]:
        return [(one["method"], root + one["url"], one.get("headers", {}), one.get("body")) for one in json.loads(raw)["requests"]]

    def compose(raw: bytes, told: Sequence[Told]) -> tuple[str, bytes]:
        ids = [one["id"] for one in json.loads(raw)["requests"]]
        found = [{"id": i, "status": s, "headers": h, "body": b} for i, (s, h, b) in zip(ids, told, strict=True)]
        return "application/json", json.dumps({"responses": found[::-1]}).encode()

    return unframe, compose


def asana(root: str) -> tuple[Unframe, Compose]:
    def unframe(raw: bytes, headers: Mapping[str, str]) -> list[Part]:
        parts = []
        for one in json.loads(raw)["data"]["actions"]:
            method, options, data = one["method"].upper(), one.get("options", {}), one.get("data", {})
            query = {"opt_fields": ",".join(options["fields"])} if "fields" in options else {}
            query |= data if method == "GET" else {}
            parts.append(
                (
                    method,
                    root + one["relative_path"] + (f"?{urlencode(query)}" if query else ""),
                    {},
                    None if method == "GET" else {"data": data},
                )
            )
        return parts

    def compose(raw: bytes, told: Sequence[Told]) -> tuple[str, bytes]:
        return "application/json", json.dumps({"data": [{"status_code": s, "headers": h, "body": b} for s, h, b in told]}).encode()

    return unframe, compose


def composite(root: str) -> tuple[Unframe, Compose]:
    def unframe(raw: bytes, headers: Mapping[str, str]) -> list[Part]:
        return [(one["method"], one["url"], one.get("httpHeaders", {}), one.get("body")) for one in json.loads(raw)["compositeRequest"]]

    def compose(raw: bytes, told: Sequence[Told]) -> tuple[str, bytes]:
        ids = [one["referenceId"] for one in json.loads(raw)["compositeRequest"]]
        found = [{"referenceId": i, "httpStatusCode": s, "httpHeaders": h, "body": b} for i, (s, h, b) in zip(ids, told, strict=True)]
        return "application/json", json.dumps({"compositeResponse": found}).encode()

    return unframe, compose


def google(root: str) -> tuple[Unframe, Compose]:
    """As Google's documentation shows it: ids come back with ``response-`` before them, and the parts are whole HTTP answers."""

    def parts_of(raw: bytes, headers: Mapping[str, str]) -> list[Any]:
        whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {headers['content-type']}\r\n\r\n".encode() + raw)
        assert whole.get_content_type() == "multipart/mixed"
        return list(whole.iter_parts())  # type: ignore[attr-defined]

    ids: list[str] = []

    def unframe(raw: bytes, headers: Mapping[str, str]) -> list[Part]:
        found = []
        ids.clear()
        for part in parts_of(raw, headers):
            assert part.get_content_type() == "application/http"
            ids.append(part["Content-ID"].strip("<>"))
            line, _, rest = part.get_payload(decode=True).partition(b"\r\n")
            method, target, _ = line.decode().split(" ")
            inside = BytesParser(policy=HTTP).parsebytes(rest)
            body = rest.partition(b"\r\n\r\n")[2]
            assert int(inside.get("Content-Length", 0)) == len(body)
            found.append((method, target, {n: v for n, v in inside.items() if n.lower() == "x-own"}, json.loads(body) if body else None))
        return found

    def compose(raw: bytes, told: Sequence[Told]) -> tuple[str, bytes]:
        lines = []
        for id_, (status, headers, body) in list(zip(ids, told, strict=True))[::-1]:
            content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
            head = [f"HTTP/1.1 {status} Whatever", *(f"{n}: {v}" for n, v in headers.items()), f"Content-Length: {len(content)}"]
            lines += [
                b"--batch_x",
                b"Content-Type: application/http",
                f"Content-ID: <response-{id_}>".encode(),
                b"",
                *(h.encode() for h in head),
                b"",
                content,
            ]
        return "multipart/mixed; boundary=batch_x", b"\r\n".join([*lines, b"--batch_x--", b""])

    return unframe, compose


WAYS: Mapping[str, Callable[[str], tuple[Unframe, Compose]]] = {"graph": graph, "asana": asana, "composite": composite, "google": google}


def splitting(kind: str, inner: Any, url: str, path: str, **more: Any) -> Splitting:
    root = urlsplit(url).path.rstrip("/")
    unframe, compose = WAYS[kind](root)
    return Splitting(inner, (more.pop("root", root)) + path, unframe, compose, **more)
