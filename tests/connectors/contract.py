"""The vendors' own descriptions as a judge: the contract server in process, where the measuring data is at hand."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

import httpx2
import pytest

from connectors._kit.shelf import Shelf, find_connectors
from tests.connectors.contract_map import ENVIRON, JUDGED
from tests.connectors.rig import SetClock, asgi, open_shelf
from tests.shared_data import shared


@cache
def _module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contract_server", shared("tools/contract_server.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _service(name: str) -> Any:
    document = json.loads(shared(f"data/specs/{name}.json").read_text(), object_hook=_mended)
    for part in document["paths"].values() if name in CLOSED else ():
        for operation in filter(lambda one: isinstance(one, dict), part.values()):
            operation.pop("security", None)
    words = shared(f"data/specs/{document['x-graphql-schema']}").read_text() if "x-graphql-schema" in document else None
    return _module().Service(name, document, sdl=words)


def _mended(part: dict[str, Any]) -> dict[str, Any]:
    """Jira's description holds its example answers as texts of JSON, and takes the public parts of public sites for a way to show who asks."""
    said, ways = part.get("example"), part.get("security")
    if isinstance(ways, list) and len(ways) > 1:
        part["security"] = [way for way in ways if way]
    if isinstance(said, str) and said.startswith(("{", '["', "[{")) and "schema" in part:
        part["example"] = json.loads(said)
    return part


CLOSED = frozenset({"notion"})  # whose description leaves every operation open, which the service does not


class _Services(dict[str, Any]):
    """Read when they are asked for first: a document takes a while."""

    def get(self, name: str, default: Any = None) -> Any:
        return _service(name) if any(name in judged.specs for judged in JUDGED.values()) else default


class ByHost(httpx2.AsyncBaseTransport):
    """Leads every vendor's hosts to the contract server."""

    def __init__(self, app: Any, hosts: Mapping[str, str]) -> None:
        self._inner = asgi(app)
        self._hosts = hosts

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        spec = self._hosts.get(request.url.host)
        if spec is None:
            raise httpx2.ConnectError(f"no description judges {request.url.host}")
        target = request.url.raw_path.decode()
        raw = f"/{spec}{target}".encode()
        return await self._inner.handle_async_request(
            httpx2.Request(
                request.method,
                request.url.copy_with(scheme="http", host="contract", raw_path=raw),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )


@cache
def hosts_of(service: str) -> Mapping[str, str]:
    """Host → description: what the map says, and else the connector's own addresses by the first description of its service."""
    judged = JUDGED[service]
    connector = next(connector for connector in find_connectors() if connector.id == service)
    account = next(account for account in open_shelf(ENVIRON).accounts() if account.service == service)
    urls = [account.url, *(host.url for host in connector.description.hosts.values())]
    return {**{httpx2.URL(url).host: judged.specs[0] for url in urls if url}, **judged.hosts}


class Judge:
    """A contract server of one test, and a shelf whose every request goes to it. ``service``: whose hosts are led there (several may share one)."""

    def __init__(self, service: str = "github", clock: SetClock | None = None, **environ: str) -> None:
        self._specs = JUDGED[service].specs
        self.app = _module().App(_Services())
        self.calm()
        self.shelf: Shelf = open_shelf({**ENVIRON, **environ}, clock=clock, transport=ByHost(self.app, hosts_of(service)))

    def calm(self) -> None:
        """No faults any more, and the credential is good."""
        self.app.faults.clear()
        for spec in self._specs:
            _service(spec).tokens = {"test-token": None}

    async def fault(self, **fault: Any) -> None:
        async with httpx2.AsyncClient(transport=asgi(self.app), base_url="http://contract") as client:
            await client.post("/__faults", json=[fault])

    @property
    def violations(self) -> list[Any]:
        return [(seen["method"], seen["path"], seen["violations"]) for seen in self.app.ledger if seen["violations"]]


@pytest.fixture
def judge() -> Judge:
    return Judge()
