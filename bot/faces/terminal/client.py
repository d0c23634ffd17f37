"""The terminal's wire: a running Signalbox, spoken to through its REST API."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from engine.errors import Rejected, Transient
from engine.files import check_size

PATIENCE = aiohttp.ClientTimeout(total=60, connect=2)
GLANCE = aiohttp.ClientTimeout(total=5, connect=2)
FOR_EVER = aiohttp.ClientTimeout(total=None, connect=2)
EVENT = 4 * 1024 * 1024  # bytes of one server-sent event
BYTES = {"Content-Type": "application/octet-stream"}


class Client:
    """``async with Client(base, token)``; every answer is the parsed JSON body.

    Raises Transient when nobody (any more) answers there, Rejected when our token is refused.
    """

    def __init__(self, base: str, token: str) -> None:
        self._base = base.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=PATIENCE, read_bufsize=EVENT)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def alive(self) -> bool:
        """Whether a Signalbox answers there; what takes the call and says nothing is none."""
        try:
            async with self._opened().get(f"{self._base}/healthz", timeout=GLANCE) as answer:
                body = await answer.json(content_type=None) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False
        return isinstance(body, dict) and body.get("alive") is True

    async def say(self, text: str, name: str, channel: str, files: Sequence[str] = ()) -> dict[str, Any]:
        """``files``: ids of kept files that the words mean."""
        return await self._ask("POST", "/api/v2/chat", {"text": text, "actor": name, "channel": channel, "files": list(files)})

    async def hand_over(self, path: Path) -> str:
        """The id under which a file of this machine is kept from now on. Raises Rejected for what cannot be read or is not taken."""
        try:
            content = await asyncio.to_thread(_content_of, path)
        except (OSError, RuntimeError) as error:
            raise Rejected(f"{path} cannot be read ({getattr(error, 'strerror', None) or error}). Name a file.") from error
        check_size(path.name, len(content))
        try:
            async with self._opened().post(f"{self._base}/api/v2/files", params={"name": path.name}, data=content, headers=BYTES) as answer:
                said = await self._read(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._silent(error) from error
        if "id" not in said:
            raise Rejected(str(said.get("error") or f"{path} was not taken."))
        return str(said["id"])

    async def press(self, button: Mapping[str, Any], name: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        body = {key: button[key] for key in ("card", "verb", "arg", "version")} | {"actor": name}
        return await self._ask("POST", "/api/v2/actions", body | ({"form": dict(form)} if form else {}))

    async def get(self, path: str) -> dict[str, Any]:
        return await self._ask("GET", path)

    async def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._ask("PUT", path, body)

    async def delete(self, path: str) -> dict[str, Any]:
        return await self._ask("DELETE", path)

    async def card(self, id: str) -> dict[str, Any] | None:
        """The card of a draft, run, alert or workflow as it is now; None when there is none."""
        card: dict[str, Any] | None = (await self.get(f"/api/v2/cards/{id}")).get("card")
        return card

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Server-sent events as (name, data), from now on, until the server ends them."""
        try:
            async with self._opened().get(f"{self._base}/api/v2/events", timeout=FOR_EVER) as answer:
                self._check(answer)
                name = "message"
                async for raw in answer.content:
                    line = raw.decode("utf-8", "replace").rstrip("\r\n")
                    if line.startswith("event:"):
                        name = line[6:].strip()
                    elif line.startswith("data:"):
                        yield name, json.loads(line[5:])
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise self._silent(error) from error

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            async with self._opened().request(method, self._base + path, json=body) as answer:
                return await self._read(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._silent(error) from error

    async def _read(self, answer: aiohttp.ClientResponse) -> dict[str, Any]:
        self._check(answer)
        try:
            body = await answer.json(content_type=None)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Transient(f"{self._base} answered {answer.status} and no JSON object; is another program listening on that port?")
        return body

    def _check(self, answer: aiohttp.ClientResponse) -> None:
        if answer.status == 429:
            raise Transient("The running Signalbox was offered too many wrong tokens just now. Try again in a minute.", 60.0)
        if answer.status in (401, 403):
            raise Rejected("The running Signalbox refuses our token. Start this command in the same folder, or set SIGNALBOX_API_TOKEN.")

    def _silent(self, error: Exception) -> Transient:
        number = error.os_error.errno if isinstance(error, aiohttp.ClientConnectorError) else None
        why = os.strerror(number).lower() if number else str(error) or "no answer in time"
        return Transient(f"Signalbox does not answer at {self._base} ({why}). Is it still running?")

    def _opened(self) -> aiohttp.ClientSession:
        assert self._session is not None, "use: async with Client(...)"
        return self._session


def _content_of(path: Path) -> bytes:
    return path.expanduser().read_bytes()
