"""Accounts: several of a service, each with its own address, from the environment and from the vault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors._kit.authorizing import is_expired
from connectors._kit.connecting import People
from connectors._kit.connector import Connector
from connectors._kit.custom import Custom, Tools
from connectors._kit.description import SoftError
from connectors._kit.shelf import Shelf
from connectors._kit.wire import WireAnswer
from engine.errors import Invalid, NotFound, Rejected
from engine.ports import Account
from storage.memory import MemoryStore
from tests.connectors.made_connectors import forge
from tests.connectors.oauth_server import OAuthServer
from tests.connectors.rig import SetClock, asgi, call


def shelf_of(folder: Path, environ: dict[str, str], server: OAuthServer, *ways: str, mode: str = "missing") -> Shelf:
    return Shelf.open(
        environ, clock=server.clock, transport=asgi(server), connectors=[forge(folder, *(ways or ("bearer",)))], sandbox_mode=mode
    )


def people_of(shelf: Shelf, store: MemoryStore, clock: SetClock) -> tuple[People, list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []

    async def changed(service: str, account: str) -> None:
        told.append((service, account))

    return People(shelf.places, store.vault, clock, public_url=lambda: "https://house.example", changed=changed), told


def names(shelf: Shelf) -> list[tuple[str, str]]:
    return [(account.name, account.mode) for account in shelf.accounts()]


@pytest.fixture
def server() -> OAuthServer:
    return OAuthServer(SetClock(), static={"test-token", "other-token"})


async def test_a_variable_with_a_name_behind_it_is_a_further_account_with_its_own_address(tmp_path: Path, server: OAuthServer) -> None:
    environ = {"FORGE_TOKEN": "test-token", "FORGE_TOKEN__OPS_EU": "other-token", "FORGE_URL__OPS_EU": "https://forge.acme.example/api"}
    shelf = shelf_of(tmp_path, environ, server)
    assert [(a.name, a.mode, a.url) for a in shelf.accounts()] == [
        ("default", "live", "https://api.forge.example"),
        ("ops_eu", "live", "https://forge.acme.example/api"),
    ]
    assert (await shelf.perform(call("forge.read", account="ops_eu"))).output == {"id": 7, "seen": ""}
    assert server.log == [("GET", "/api/thing")]
    assert [(await shelf.probe(account)).outcome.value for account in shelf.accounts()] == ["ok", "ok"]
    assert [finding.area for finding in await shelf.examine()] == ["Forge", "Forge (ops_eu)"]
    await shelf.close()


async def test_without_a_name_the_only_account_is_meant_or_the_default_one_else_they_are_listed(
    tmp_path: Path, server: OAuthServer
) -> None:
    one = shelf_of(tmp_path, {"FORGE_TOKEN__OPS": "test-token"}, server)
    assert names(one) == [("ops", "live")]
    assert (await one.perform(call("forge.read"))).output == {"id": 7, "seen": ""}
    two = shelf_of(tmp_path, {"FORGE_TOKEN__OPS": "test-token", "FORGE_TOKEN__SALES": "other-token"}, server)
    with pytest.raises(Rejected, match="several accounts: “ops”, “sales”"):
        await two.perform(call("forge.read"))
    with pytest.raises(NotFound, match="has no account “legal”, only “ops”, “sales”"):
        await two.perform(call("forge.read", account="legal"))


@pytest.mark.parametrize("mode", ["missing", "off"])
async def test_an_account_that_is_not_set_up_says_by_which_variables_of_its_own(tmp_path: Path, server: OAuthServer, mode: str) -> None:
    shelf = shelf_of(tmp_path, {"FORGE_URL__OPS": "https://forge.acme.example"}, server, mode=mode)
    ops = next(account for account in shelf.accounts() if account.name == "ops")
    assert ops.mode == {"missing": "sandbox", "off": "off"}[mode]
    assert ops.missing == "Set FORGE_TOKEN__OPS (the settings of Forge)."


async def test_an_account_is_tried_before_it_is_kept_and_used_at_once(tmp_path: Path, server: OAuthServer) -> None:
    store = MemoryStore(server.clock)
    shelf = shelf_of(tmp_path, {}, server)
    await shelf.take_up(store.vault)
    people, told = people_of(shelf, store, server.clock)
    assert names(shelf) == [("default", "sandbox")]
    with pytest.raises(Rejected, match="not connected, and nothing was kept: Forge refused the probe"):
        await people.connect("forge", "", "bearer", {"token": "wrong-token"})
    assert await store.vault.names() == []
    account = await people.connect("forge", "Ops-EU", "bearer", {"token": "test-token", "url": "https://forge.acme.example/api"})
    assert account == Account(service="forge", name="ops_eu", url="https://forge.acme.example/api", mode="live")
    assert (names(shelf), told) == ([("ops_eu", "live")], [("forge", "ops_eu")])
    assert (await shelf.perform(call("forge.read"))).sandbox is False

    other = shelf_of(tmp_path, {}, server)  # another process, or the next start
    await other.take_up(store.vault)
    assert names(other) == [("ops_eu", "live")]
    await people.disconnect("forge", "ops_eu")
    await other.reread("forge")
    assert names(shelf) == names(other) == [("default", "sandbox")]
    assert await store.vault.names() == []
    with pytest.raises(NotFound, match="no connected account “ops_eu”"):
        await people.disconnect("forge", "ops_eu")


async def test_what_the_environment_says_is_changed_there(tmp_path: Path, server: OAuthServer) -> None:
    store = MemoryStore(server.clock)
    shelf = shelf_of(tmp_path, {"FORGE_TOKEN": "test-token"}, server)
    people, _ = people_of(shelf, store, server.clock)
    with pytest.raises(Rejected, match=r"“default” of Forge is set in the environment or .env \(FORGE_TOKEN\)"):
        await people.connect("forge", "", "bearer", {"token": "other-token"})
    with pytest.raises(Rejected, match="set in the environment"):
        await people.disconnect("forge", "default")


async def test_what_does_not_fit_a_form_is_said_at_its_field_without_the_value(tmp_path: Path, server: OAuthServer) -> None:
    shelf = shelf_of(tmp_path, {}, server)
    people, _ = people_of(shelf, MemoryStore(server.clock), server.clock)
    with pytest.raises(Invalid) as told:
        await people.connect("forge", "", "bearer", {"url": "https://x.example", "colour": "hush-hush"})
    assert {problem.path for problem in told.value.problems} == {("token",), ("values",)}
    assert "hush" not in str(told.value)
    for account in ("off", "with blank", "ü", "a" * 31):
        with pytest.raises(Invalid, match="cannot be the name of an account"):
            await people.connect("forge", account, "bearer", {"token": "test-token"})


async def test_people_are_asked_for_what_their_way_needs_and_for_no_other(tmp_path: Path, server: OAuthServer) -> None:
    shelf = shelf_of(tmp_path, {}, server, "oauth", "basic", "bearer")
    people, _ = people_of(shelf, MemoryStore(server.clock), server.clock)
    ways = {way.id: way for way in people.ways("forge")}
    assert (
        ways["oauth"].missing
        == "An OAuth app of Forge is needed once: set FORGE_CLIENT_ID and FORGE_CLIENT_SECRET and start Signalbox again."
    )
    assert [(need.name, need.secret, need.required) for need in ways["basic"].needs] == [
        ("token", True, True),
        ("user", False, True),
        ("url", False, False),
    ]
    assert [need.name for need in ways["bearer"].needs] == ["token", "url"]


async def test_a_place_whose_account_did_not_change_keeps_its_connection(tmp_path: Path, server: OAuthServer) -> None:
    store = MemoryStore(server.clock)
    shelf = shelf_of(tmp_path, {"FORGE_TOKEN": "test-token"}, server)
    before = shelf.places["forge"]
    await shelf.take_up(store.vault)
    assert shelf.places["forge"] is before
    await store.vault.put("account:forge:ops", {"token": "other-token"})
    await shelf.reread()
    assert shelf.places["forge"] is before
    assert names(shelf) == [("default", "live"), ("ops", "live")]


async def test_every_service_that_needs_something_can_be_connected_by_a_form_with_few_fields() -> None:
    shelf = Shelf.open({}, clock=SetClock())
    people, _ = people_of(shelf, MemoryStore(SetClock()), SetClock())
    for place in shelf.places.values():
        ways = people.ways(place.connector.id)
        assert bool(ways) is bool(place.account.missing), place.connector.id
        for way in ways:
            assert 0 < sum(need.required for need in way.needs) <= 5 or way.browser, (place.connector.id, way.id)
            assert all(need.meaning for need in way.needs)
    await shelf.close()


async def test_words_of_an_expired_token_and_errors_inside_a_200_count_like_a_401(tmp_path: Path, server: OAuthServer) -> None:
    said = replace(
        forge(tmp_path, "bearer").description, soft_error=SoftError(where={"ok": False}, says="error", credentials=("token_expired",))
    )
    told = {
        (401, b""): True,
        (403, b'{"message": "Your Session is over."}'): True,
        (404, b'{"message": "Your session is over."}'): False,
        (403, b'{"message": "You may not."}'): False,
        (200, b'{"ok": false, "error": "token_expired"}'): True,
        (200, b'{"ok": false, "error": "channel_not_found"}'): False,
        (200, b'{"ok": true, "error": "token_expired"}'): False,
    }
    assert {case: is_expired(WireAnswer(case[0], {}, case[1]), said) for case in told} == told


async def test_an_own_way_of_hooks_shows_who_asks(tmp_path: Path, server: OAuthServer) -> None:
    async def authorize(tools: Tools) -> dict[str, str]:
        return {"Authorization": f"Bearer {tools.credentials.get('token')}-token"}

    described = forge(tmp_path, "own")
    connector = Connector(described.description, described.examples, Custom(authorize=authorize))
    shelf = Shelf.open({"FORGE_TOKEN": "other"}, clock=server.clock, transport=asgi(server), connectors=[connector])
    assert (await shelf.perform(call("forge.read"))).output == {"id": 7, "seen": ""}
    assert server.shown == ["other-token"]
