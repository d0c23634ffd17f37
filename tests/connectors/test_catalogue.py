"""What the catalogue promises, the connectors keep."""

from __future__ import annotations

import pytest

from connectors._kit.abilities import abilities
from connectors._kit.connector import Connector
from connectors._kit.shelf import find_connectors
from engine.workflow.catalogue_data import KNOWN

CONNECTORS = {connector.id: connector for connector in find_connectors()}


@pytest.mark.parametrize("known", KNOWN, ids=lambda service: service.id)
def test_every_action_and_event_of_the_catalogue_is_there(known: object) -> None:
    wanted = {action.operation for action in known.actions}, {event.event for event in known.events}  # type: ignore[attr-defined]
    there = CONNECTORS[known.id].description  # type: ignore[attr-defined]
    assert (wanted[0] - set(there.operations), wanted[1] - set(there.triggers)) == (set(), set())
    assert there.category == known.category  # type: ignore[attr-defined]


def writes(connector: Connector) -> list[str]:
    return [name for name, operation in connector.description.operations.items() if operation.writes]


@pytest.mark.parametrize("service", sorted(CONNECTORS))
def test_it_is_said_of_every_write_how_it_is_kept_from_being_done_twice(service: str) -> None:
    connector = CONNECTORS[service]
    said = connector.description
    for name in writes(connector):
        operation = said.operations[name]
        by_key = operation.key_in or said.idempotency_header
        looked = operation.read_back or name in connector.custom.look or operation.no_look
        assert by_key or operation.repeatable or looked or said.house or operation.request is None, name


@pytest.mark.parametrize("service", sorted(CONNECTORS))
def test_every_input_says_what_it_is_and_how_long_it_may_be(service: str) -> None:
    for name, operation in CONNECTORS[service].description.operations.items():
        for field, wanted in operation.inputs.items():
            assert wanted.help, f"{name}.{field}"
            assert wanted.longest or wanted.enum or wanted.pattern or wanted.type not in ("string", "array"), f"{name}.{field}"


@pytest.mark.parametrize("service", sorted(set(CONNECTORS) - {"chat", "signalbox", "http", "email"}))
def test_a_service_says_how_it_is_asked_limited_probed_and_connected(service: str) -> None:
    said = CONNECTORS[service].description
    assert said.base_url or said.settings[said.url_setting].needed
    assert said.auth
    assert said.limits.buckets or said.limits.quota
    assert said.probe or CONNECTORS[service].custom.probe
    assert said.credentials_at
    assert all(operation.effect for operation in said.operations.values()), [n for n, o in said.operations.items() if not o.effect]


def test_the_table_of_abilities_counts_what_is_there() -> None:
    row = next(row for row in abilities(CONNECTORS.values()) if row.id == "github")
    assert (row.name, row.actions) == ("GitHub", len(CONNECTORS["github"].description.operations))
    assert "webhooks" in row.events
