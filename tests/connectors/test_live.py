"""Over real connections on loopback: every service's requests as they leave the house, judged by its vendor's description."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest
import uvicorn

from connectors._kit.shelf import Shelf
from tests.connectors.contract import Judge, hosts_of
from tests.connectors.contract_map import ENVIRON
from tests.connectors.loopback import unused_port
from tests.connectors.rig import call, open_shelf
from tests.connectors.test_contract import CONNECTORS, JUDGED, ask_of


class Abroad(httpx2.AsyncBaseTransport):
    """Leads every vendor's hosts to one address, over TCP."""

    def __init__(self, port: int, hosts: Mapping[str, str]) -> None:
        self._port, self._hosts = port, hosts
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raw = f"/{self._hosts[request.url.host]}{request.url.raw_path.decode()}".encode()
        request.url = httpx2.URL(scheme="http", host="127.0.0.1", port=self._port, raw_path=raw)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Live:
    """A contract server on loopback, and shelves that speak with it."""

    def __init__(self, port: int, ledger: list[Any]) -> None:
        self.port, self.ledger = port, ledger

    def shelf(self, service: str) -> Shelf:
        return open_shelf(ENVIRON, transport=Abroad(self.port, hosts_of(service)))


@pytest.fixture
async def live() -> AsyncIterator[Live]:
    app, port = Judge().app, unused_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield Live(port, app.ledger)
    server.should_exit = True
    await serving


async def said(live: Live, service: str, names: list[str]) -> None:
    Judge(service)  # its tokens, fresh
    shelf = live.shelf(service)
    for name in names:
        await shelf.perform(call(f"{service}.{name}", ask_of(service, name), key=name))
    await shelf.close()
    assert [(seen["method"], seen["path"], seen["violations"]) for seen in live.ledger if seen["violations"]] == []
    assert len(live.ledger) >= len(names)


@pytest.mark.parametrize("service", sorted(CONNECTORS))
async def test_every_operation_of_a_service_is_valid_over_the_wire(service: str, live: Live) -> None:
    await said(live, service, [name for one, name in JUDGED if one == service])
