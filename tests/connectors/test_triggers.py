"""Every event that a service delivers: genuine it becomes its event, altered, old or unsigned it is refused, repeated it is the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors._kit.connector import Connector
from connectors._kit.description import Delivery, Webhooks
from connectors._kit.desk import secret_setting
from connectors._kit.proving import BY_HOOKS
from connectors._kit.shelf import Shelf, find_connectors
from engine.errors import Forbidden
from engine.ports import HookReply
from tests.connectors.contract_map import ENVIRON
from tests.connectors.rig import NOW, ScriptedVendor, asgi, open_shelf
from tests.connectors.signing import secret_for, shown
from tests.connectors.test_examples import assert_typed, bases_of, hidden_of

CONNECTORS = {connector.id: connector for connector in find_connectors()}
OURS = "https://bot.acme.example/api/v2/hooks"
DELIVERED = [
    (c.id, name)
    for c in CONNECTORS.values()
    for name, trigger in c.description.triggers.items()
    if trigger.match and name in c.examples.triggers and not c.examples.triggers[name].poll
]
# Schemes whose proof is a token signed by keys of the vendor: tests/connectors/test_signatures.py tries them with keys of its own.
PROVABLE = [
    (service, name) for service, name in DELIVERED if (hooks := CONNECTORS[service].description.webhooks) and hooks.scheme not in BY_HOOKS
]


@dataclass
class Sender:
    """The vendor as it delivers one example, and what it answers when its payload is completed."""

    connector: Connector
    example: Delivery
    shelf: Shelf

    @classmethod
    def of(cls, service: str, name: str) -> Sender:
        connector = CONNECTORS[service]
        example, scheme = connector.examples.triggers[name], scheme_of(connector)
        environ = {**ENVIRON, secret_setting(service): secret_for(scheme), "SIGNALBOX_PUBLIC_URL": "https://bot.acme.example"}
        if scheme.secret_setting:
            environ[connector.description.settings[scheme.secret_setting].name] = secret_for(scheme)
        if scheme.url_setting:
            environ[connector.description.settings[scheme.url_setting].name] = f"{OURS}/{service}/default"
        vendor = ScriptedVendor(example.wire, bases_of(connector), hidden=hidden_of(connector))
        return cls(connector, example, open_shelf(environ, transport=asgi(vendor)))

    def body(self, payload: Any) -> tuple[bytes, dict[str, str]]:
        field = scheme_of(self.connector).form_field
        if field and any("urlencoded" in value for value in self.example.headers.values()):
            return urlencode({field: json.dumps(payload)}).encode(), {}
        return json.dumps(payload).encode(), {"Content-Type": "application/json"}

    async def send(self, body: bytes, headers: dict[str, str], query: dict[str, str]) -> HookReply:
        url = f"{OURS}/{self.connector.id}/default"
        return await self.shelf.receive(self.connector.id, "", "POST", headers, body, query={**self.example.query, **query}, url=url)

    def proof(self, body: bytes, headers: dict[str, str], **more: Any) -> tuple[dict[str, str], dict[str, str]]:
        url = f"{OURS}/{self.connector.id}/default"
        now = more.pop("now", NOW)
        return shown(scheme_of(self.connector), body, now, url=url, headers={**headers, **self.example.headers}, **more)


def scheme_of(connector: Connector) -> Webhooks:
    scheme = connector.description.webhooks
    assert scheme is not None
    return scheme


@pytest.mark.parametrize(("service", "name"), PROVABLE)
async def test_a_genuine_delivery_becomes_the_event_of_its_example_and_sent_again_the_same(service: str, name: str) -> None:
    sender = Sender.of(service, name)
    body, kind = sender.body(sender.example.payload)
    headers, query = sender.proof(body, kind)
    reply = await sender.send(body, headers, query)
    assert reply.status == 202
    told = next(happening for happening in reply.happenings if happening.event == name)
    trigger = sender.connector.description.triggers[name]
    wanted = {field: value for field, value in sender.example.event.items() if not (trigger.spread and field == "headers")}
    assert {field: told.data[field] for field in wanted} == wanted
    assert_typed(trigger.fields, told.data)
    assert set(trigger.fields) <= set(sender.example.event)
    again = Sender.of(service, name)
    repeated = await again.send(body, headers, query)
    assert [happening.id for happening in repeated.happenings] == [happening.id for happening in reply.happenings]


@pytest.mark.parametrize(("service", "name"), PROVABLE)
async def test_a_delivery_that_was_altered_or_shows_no_proof_is_refused(service: str, name: str) -> None:
    sender = Sender.of(service, name)
    body, kind = sender.body(sender.example.payload)
    headers, query = sender.proof(body, kind)
    scheme = scheme_of(sender.connector)
    if scheme.scheme != "token":  # which proves the sender, not the body
        with pytest.raises(Forbidden):
            await sender.send(body.replace(b"{", b"{ ", 1), headers, query)
    with pytest.raises(Forbidden):
        await sender.send(body, {**kind, **sender.example.headers}, {})
    wrong, where = sender.proof(body, kind, secret=f"{secret_for(scheme)[:-4]}beef")
    if scheme.scheme != "ed25519":  # whose rig has one key
        with pytest.raises(Forbidden):
            await sender.send(body, wrong, where)


TIMED = [(s, n) for s, n in PROVABLE if (hooks := scheme_of(CONNECTORS[s])).timestamp_header or "timestamp" in hooks.parts]


@pytest.mark.parametrize(("service", "name"), TIMED)
async def test_a_delivery_of_an_hour_ago_is_refused_though_its_proof_is_right(service: str, name: str) -> None:
    sender = Sender.of(service, name)
    body, kind = sender.body(sender.example.payload)
    headers, query = sender.proof(body, kind, now=NOW - timedelta(hours=1))
    with pytest.raises(Forbidden):
        await sender.send(body, headers, query)
