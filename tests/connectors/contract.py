"""The vendors' own descriptions as a judge: the contract server in process, where the measuring data is at hand."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType
from typing import Any

import httpx2
import pytest

from connectors._kit.shelf import Shelf
from tests.connectors.rig import CREDENTIALS, SetClock, asgi, open_shelf
from tests.shared_data import shared

BASES = {"GITHUB_URL": "http://contract/github", "TRELLO_URL": "http://contract/trello/1"}
_loaded: dict[str, Any] = {}


def _module() -> ModuleType:
    if "module" not in _loaded:
        spec = importlib.util.spec_from_file_location("contract_server", shared("tools/contract_server.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        _loaded["module"] = module
    return _loaded["module"]  # type: ignore[no-any-return]


def _services() -> dict[str, Any]:
    if "services" not in _loaded:
        module = _module()
        documents = {name: json.loads(shared(f"data/specs/{name}.json").read_text()) for name in ("github", "trello")}
        _loaded["services"] = {name: module.Service(name, document) for name, document in documents.items()}
    return _loaded["services"]  # type: ignore[no-any-return]


class Judge:
    """A contract server of one test, and a shelf whose every request goes to it."""

    def __init__(self, clock: SetClock | None = None) -> None:
        for service in _services().values():
            service.tokens = {"test-token": None}
        self.app = _module().App(_services())
        self.shelf: Shelf = open_shelf({**CREDENTIALS, **BASES}, clock=clock, transport=asgi(self.app))

    async def fault(self, **fault: Any) -> None:
        async with httpx2.AsyncClient(transport=asgi(self.app), base_url="http://contract") as client:
            await client.post("/__faults", json=[fault])

    @property
    def violations(self) -> list[Any]:
        return [(seen["method"], seen["path"], seen["violations"]) for seen in self.app.ledger if seen["violations"]]


@pytest.fixture
def judge() -> Judge:
    return Judge()
