"""A token that ran out, for every operation of every service that is connected by OAuth: refreshed once, kept, and the ask is done as if nothing had been."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors._kit.authorizing import filled, named
from connectors._kit.connector import Connector
from connectors._kit.credentials import read_credentials
from connectors._kit.description import Auth
from connectors._kit.shelf import Shelf
from connectors._kit.tokens import Kept, Token
from connectors._kit.ways import fingerprint
from storage.memory import MemoryStore
from tests.connectors.contract_map import ENVIRON
from tests.connectors.rig import ScriptedVendor, SetClock, asgi, call
from tests.connectors.test_examples import CONNECTORS, bases_of, hidden_of

BY_OAUTH = [c.id for c in CONNECTORS.values() if any(way.kind == "oauth" for way in c.description.auth)]


class Expiring:
    """The vendor behind a token server: the old token is refused, the new one is not."""

    def __init__(self, vendor: ScriptedVendor, token_url: str, scheme: str) -> None:
        self.vendor, self.token, self.scheme = vendor, urlsplit(token_url), scheme
        self.refreshed: list[bytes] = []
        self.refused = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if (headers["host"].partition(":")[0], scope["path"]) == (self.token.hostname, self.token.path):
            self.refreshed.append((await receive())["body"])
            await answer(send, 200, {"access_token": "new-token", "refresh_token": "refresh-2", "expires_in": 3600, "ok": True})
        elif headers.get("authorization") == f"{self.scheme} new-token".strip():
            await self.vendor(scope, receive, send)
        else:
            assert headers.get("authorization") == f"{self.scheme} old-token".strip(), "an account shows its own token and no other"
            self.refused += 1
            await answer(send, 401, {"message": "token expired"})


async def answer(send: Any, status: int, body: Any) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def environ_of(connector: Connector, way: Auth) -> dict[str, str]:
    """What the map says of the service, without the other ways' credentials, and with the app."""
    said = connector.description
    others = {key for other in said.auth if other is not way for key in named(other)} - named(way)
    environ = {name: value for name, value in ENVIRON.items() if name not in {said.settings[key].name for key in others}}
    return environ | {said.settings[key].name: "app-value" for key in named(way)}


@pytest.mark.parametrize("service", BY_OAUTH)
async def test_a_token_that_ran_out_costs_one_refresh_and_the_ask_is_done(service: str) -> None:
    connector = CONNECTORS[service]
    way = next(way for way in connector.description.auth if way.kind == "oauth")
    environ = environ_of(connector, way)
    credentials = read_credentials(connector.description, environ, "missing", kept={}, granted=True)
    assert (credentials.way, credentials.account.missing) == (way, "")
    assert way.oauth is not None
    done = 0
    for name, example in connector.examples.operations.items():
        if not example.wire:
            continue
        store = MemoryStore()
        await Kept(lambda vault=store.vault: vault, service, "default").write(
            Token("old-token", "refresh-1", bound=fingerprint(way, credentials))
        )
        await store.vault.put(f"account:{service}:default", {})
        world = Expiring(
            ScriptedVendor(example.wire, bases_of(connector), hidden=hidden_of(connector)),
            filled(way.oauth.token_url, credentials.values),
            way.scheme,
        )
        shelf = Shelf.open(environ, clock=SetClock(), transport=asgi(world), connectors=[connector])
        await shelf.take_up(store.vault, store.leases)
        got = await shelf.perform(call(f"{service}.{name}", example.ask))
        assert got.output == example.output, name
        assert world.vendor.seen == world.vendor.expected(), name
        assert (len(world.refreshed), world.refused >= 1) == (1, True), name
        assert b"refresh-1" in world.refreshed[0]
        assert "refresh-2" in (await store.vault.get(f"token:{service}:default") or {})["token"]
        await shelf.close()
        done += 1
    assert done
