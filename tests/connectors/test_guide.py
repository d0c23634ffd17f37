"""The guide for adding a service is true: its blocks, put together, are a connector that works."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from connectors._kit import shelf as shelves
from connectors._kit.custom import Custom
from connectors._kit.desk import secret_setting
from connectors._kit.reading import read_connector
from tests.connectors.rig import NOW, ScriptedVendor, asgi, call, open_shelf
from tests.connectors.signing import shown

GUIDE = Path(__file__).parents[2] / "docs/how-to/add-a-service.md"
ENVIRON = {"OPSBOARD_TOKEN": "test-token", secret_setting("opsboard"): "test-secret"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A room with the one connector that the guide describes."""
    here = tmp_path / "opsboard"
    here.mkdir()
    for name, block in re.findall(r"^```yaml (\S+)\n(.*?)^```", GUIDE.read_text(), re.M | re.S):
        path = here / name
        path.write_text((path.read_text() if path.exists() else "") + block)
    monkeypatch.setattr(shelves, "ROOM", tmp_path)
    shelves.find_connectors.cache_clear()
    yield here
    shelves.find_connectors.cache_clear()


@pytest.mark.parametrize("name", ["create_note", "search_notes"])
async def test_its_examples_hold(folder: Path, name: str) -> None:
    connector = read_connector(folder, Custom())
    example = connector.examples.operations[name]
    vendor = ScriptedVendor(example.wire, {"": connector.description.base_url})
    answer = await open_shelf(ENVIRON, transport=asgi(vendor)).perform(call(f"opsboard.{name}", example.ask))
    assert vendor.seen == vendor.expected()
    assert answer.output == example.output


async def test_its_delivery_becomes_its_event(folder: Path) -> None:
    connector = read_connector(folder, Custom())
    told, scheme = connector.examples.triggers["note_created"], connector.description.webhooks
    assert scheme is not None
    body = json.dumps(told.payload).encode()
    headers, _ = shown(scheme, body, NOW, secret="test-secret", headers=dict(told.headers))
    reply = await open_shelf(ENVIRON).receive("opsboard", "", "POST", headers, body)
    assert [(h.event, dict(h.data)) for h in reply.happenings] == [("note_created", told.event)]


async def test_what_is_made_in_its_sandbox_is_found_there(folder: Path) -> None:
    shelf = open_shelf({}, sandbox_mode="all")
    made = await shelf.perform(call("opsboard.create_note", {"board": "Release", "title": "Freeze at noon"}))
    found = await shelf.perform(call("opsboard.search_notes", {"query": "freeze"}, key="another"))
    assert made.sandbox
    assert found.output["items"][0]["id"] == made.output["id"]  # type: ignore[index,call-overload]
