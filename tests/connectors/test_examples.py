"""Every connector's examples are true: the ask leads to that wire, the wire's answer to that output, the payload to that event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from connectors._kit.connector import Connector
from connectors._kit.description import Pick
from connectors._kit.shelf import find_connectors
from tests.connectors.contract_map import ENVIRON
from tests.connectors.rig import ScriptedVendor, asgi, call, open_shelf

CONNECTORS = {connector.id: connector for connector in find_connectors()}
OVER_THE_WIRE = [(c.id, name) for c in CONNECTORS.values() for name in c.description.operations if c.examples.operations[name].wire]
SANDBOXED = [(c.id, name) for c in CONNECTORS.values() if not c.description.house for name in c.description.operations]
PYTHON = {
    "string": str,
    "number": int | float,
    "integer": int,
    "boolean": bool,
    "datetime": str,
    "array": list,
    "object": dict,
    "any": object,
}


def assert_typed(fields: Mapping[str, Pick], values: Mapping[str, Any]) -> None:
    for name, pick in fields.items():
        value = values[name]
        assert value is None or isinstance(value, PYTHON[pick.type]), f"{name} should be {pick.type}, is {value!r}"  # type: ignore[arg-type]
        if pick.type == "datetime" and value is not None:
            datetime.fromisoformat(value)
        for item in value if pick.each and value else []:
            assert_typed(pick.each, item)


def bases_of(connector: Connector) -> dict[str, str]:
    """Its own address, as the settings of the map make it, and its further hosts by name."""
    account = next(account for account in open_shelf(ENVIRON).accounts() if account.service == connector.id)
    said = connector.description
    further = {name: ENVIRON.get(said.settings[host.setting].name, host.url) for name, host in said.hosts.items()}
    return {"": account.url, **further}


def hidden_of(connector: Connector) -> frozenset[str]:
    """Query parameters that only hold credentials."""
    return frozenset(name for way in connector.description.auth if way.kind == "query" for name in way.parameters)


@pytest.mark.parametrize(("service", "name"), OVER_THE_WIRE)
async def test_an_ask_becomes_exactly_the_wire_of_its_example_and_its_answer_the_output(service: str, name: str) -> None:
    connector = CONNECTORS[service]
    example = connector.examples.operations[name]
    vendor = ScriptedVendor(example.wire, bases_of(connector), hidden=hidden_of(connector))
    shelf = open_shelf(ENVIRON, transport=asgi(vendor))
    answer = await shelf.perform(call(f"{service}.{name}", example.ask))
    assert vendor.seen == vendor.expected()
    assert answer.output == example.output
    assert not answer.sandbox
    assert_typed(connector.description.operations[name].outputs, example.output)
    await shelf.close()


@pytest.mark.parametrize(("service", "name"), SANDBOXED)
async def test_the_sandbox_answers_in_the_shape_of_the_real_thing_and_says_so(service: str, name: str) -> None:
    connector = CONNECTORS[service]
    shelf = open_shelf({}, sandbox_mode="all")
    answer = await shelf.perform(call(f"{service}.{name}", connector.examples.operations[name].ask))
    assert answer.sandbox
    assert isinstance(answer.output, dict)
    assert_typed(connector.description.operations[name].outputs, answer.output)
    assert [field for field, value in answer.output.items() if value is None] == []


@pytest.mark.parametrize(("service", "name"), SANDBOXED)
async def test_the_sandbox_gives_the_same_key_the_same_answer_even_after_a_restart(service: str, name: str) -> None:
    ask = CONNECTORS[service].examples.operations[name].ask
    first = await open_shelf({}, sandbox_mode="all").perform(call(f"{service}.{name}", ask, key="k7"))
    again = await open_shelf({}, sandbox_mode="all").perform(call(f"{service}.{name}", ask, key="k7"))
    assert first == again
