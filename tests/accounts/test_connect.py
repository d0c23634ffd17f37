"""Connecting in a chat, on the page and by REST: who may, what is asked, and that the service is live at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from engine.events import MemberSaved
from engine.parties import Actor, Role
from tests.accounts.house import AccountsHouse, link_in, words
from tests.connectors.oauth_server import CLIENT, CLIENT_SECRET

APP = {"FORGE_CLIENT_ID": CLIENT, "FORGE_CLIENT_SECRET": CLIENT_SECRET}
ADA, BO = Actor("slack", "U1", "Ada"), Actor("slack", "U2", "Bo")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[AccountsHouse]:
    async with AccountsHouse(tmp_path, APP, ["oauth", "bearer"]).open() as house:
        house.server.static = {"test-token"}
        yield house


async def test_a_form_connects_and_the_service_is_live_at_once(house: AccountsHouse) -> None:
    turn = await house.say("/connect forge as ops")
    card = turn.replies[0].card
    assert (card.id, card.title, turn.replies[0].private) == ("con_forge.ops", "Connect Forge (ops)", True)
    keep = next(button for button in card.actions if button.verb == "keep")
    assert keep.form is not None
    assert [(field.name, field.kind, field.required) for field in keep.form.fields] == [("token", "secret", True), ("url", "line", False)]
    refused = await house.press(card.id, "keep", keep.arg, {"token": "wrong-token"})
    assert not refused.ok
    assert "nothing was kept" in words(refused)
    missing = await house.press(card.id, "keep", keep.arg, {"token": " "})
    assert missing.faults == {"token": "is needed"}
    done = await house.press(card.id, "keep", keep.arg, {"token": "test-token"})
    assert "Forge (ops) is connected" in words(done)
    assert [(one.name, one.mode) for one in house.shelf.accounts()] == [("ops", "live")]
    rows = [(row.verb, row.subject, row.outcome) for row in await house.store.audit.list()]
    assert rows[0] == ("keep_connection", "account:forge:ops", "done")
    assert ("keep", "con_forge.ops", "refused") in rows
    assert "Account ops: live" in words(await house.say("/service forge"))
    off = await house.say("/connect forge as ops off")
    assert "is disconnected, and what was kept of it is forgotten" in words(off)
    assert [name for name in await house.store.vault.names() if not name.startswith("dance:")] == []


async def test_in_the_browser_a_link_leads_to_the_service_and_back(house: AccountsHouse) -> None:
    answer = await house.dance(link_in(await house.say("/connect forge")))
    assert (answer.status_code, "Forge is connected" in answer.text) == (200, True)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert [(one.name, one.mode) for one in house.shelf.accounts()] == [("default", "live")]
    rows = [(row.verb, row.subject, row.actor, row.detail) for row in await house.store.audit.list()]
    assert rows == [("connect_service", "account:forge:default", "web:owner", "in the browser")]
    again = await house.say("/connect forge")
    assert "Forge is connected" in words(again)
    assert any(button.verb == "off" and button.confirm for button in again.replies[0].card.actions)


async def test_another_browser_cannot_finish_it_and_made_up_states_are_turned_away(house: AccountsHouse) -> None:
    link = link_in(await house.say("/connect forge"))
    going = await house.browser.get(link)
    back = house.server.say_yes(going.headers["location"])
    stranger = await house.client.get("/api/v2/connect/callback", params=back)
    assert (stranger.status_code, "begun in another browser" in stranger.text) == (403, True)
    for said in ({}, {"state": "x"}, {"code": "y"}, {"state": "<script>", "code": "z"}):
        answer = await house.browser.get("/api/v2/connect/callback", params=said)
        assert answer.status_code == 400
        assert "<script>" not in answer.text
    assert (await house.browser.get("/api/v2/connect/never-made")).status_code == 400
    assert house.server.fetched == {}
    assert [(one.name, one.mode) for one in house.shelf.accounts()] == [("default", "sandbox")]


async def test_only_admins_connect_and_it_is_looked_at_again_when_the_link_is_used(house: AccountsHouse) -> None:
    await house.store.ledger.record(MemberSaved(ADA.id, "Ada", Role.ADMIN))
    seen = await house.say("/connect forge", BO)
    assert seen.replies[0].card.actions == ()
    assert "An admin can connect it" in words(seen)
    assert not (await house.press("con_forge.default", "keep", "bearer", {"token": "test-token"}, BO)).ok
    assert not (await house.press("con_forge.default", "off", "", {}, BO)).ok
    link = link_in(await house.say("/connect forge", ADA))
    await house.store.ledger.record(MemberSaved(BO.id, "Bo", Role.ADMIN))
    await house.store.ledger.record(MemberSaved(ADA.id, "Ada", Role.VIEWER))
    answer = await house.browser.get(link)
    assert (answer.status_code, "needs the role admin" in answer.text) == (403, True)


async def test_by_rest_an_account_is_connected_listed_and_disconnected(house: AccountsHouse) -> None:
    described = (await house.client.get("/api/v2/connections/forge")).json()
    assert [(way["id"], way["browser"]) for way in described["ways"]] == [("oauth", True), ("bearer", False)]
    put = await house.client.put("/api/v2/connections/forge/ops", json={"way": "bearer", "values": {"token": "test-token"}})
    assert put.json()["connection"] == {
        "service": "forge", "account": "ops", "mode": "live", "url": "https://api.forge.example", "missing": "", "kept": True,
    }  # fmt: skip
    wrong = await house.client.put("/api/v2/connections/forge/ops", json={"way": "bearer", "values": {"colour": "red"}})
    assert wrong.status_code == 400
    assert {tuple(place["path"]) for place in wrong.json()["problems"]} == {("values",), ("token",)}
    link = (await house.client.post("/api/v2/connections/forge/eu/link")).json()["url"]
    assert (await house.dance(urlsplit(link).path)).status_code == 200
    listed = (await house.client.get("/api/v2/connections")).json()["connections"]
    assert [(one["account"], one["mode"]) for one in listed] == [("eu", "live"), ("ops", "live")]
    assert (await house.client.delete("/api/v2/connections/forge/eu")).status_code == 200
    assert (await house.client.delete("/api/v2/connections/forge/eu")).status_code == 404
    assert (await house.client.get("/api/v2/connections/nothing")).status_code == 404


async def test_the_state_in_the_address_is_fresh_for_every_browser(house: AccountsHouse) -> None:
    link = link_in(await house.say("/connect forge"))
    states = [dict(parse_qsl(urlsplit((await house.browser.get(link)).headers["location"]).query))["state"] for _ in range(2)]
    assert len(set(states)) == 2
    assert link.rpartition("/")[2] not in states


async def test_a_step_names_an_account_that_there_is_or_is_refused_when_it_is_stored(house: AccountsHouse) -> None:
    await house.client.put("/api/v2/connections/forge/ops", json={"values": {"token": "test-token"}, "way": "bearer"})
    for account, status in (("ops", 201), ("legal", 422)):
        flow = {"name": f"Flow {account}", "trigger": {"type": "manual"}, "steps": [{"action": "forge.read", "account": account}]}
        answer = await house.client.post("/api/v2/ai-workflows", json={"definition": flow})
        assert answer.status_code == status, answer.text
    assert "Forge has no account “legal”, only “ops”" in answer.json()["error"]


async def test_an_account_of_its_own_address_is_connected_in_the_browser_there(house: AccountsHouse) -> None:
    card = (await house.say("/connect forge as lab")).replies[0].card
    elsewhere = next(button for button in card.actions if button.verb == "begin")
    assert elsewhere.form is not None
    assert [(field.name, field.value) for field in elsewhere.form.fields] == [("url", "https://api.forge.example")]
    assert not (await house.press(card.id, "begin", "", {"url": "nonsense"})).ok
    turn = await house.press(card.id, "begin", "", {"url": "https://forge.lab.example/api"})
    assert (await house.dance(link_in(turn))).status_code == 200
    assert [(one.name, one.url) for one in house.shelf.accounts()] == [("lab", "https://forge.lab.example/api")]
    assert house.server.log[-1] == ("GET", "/api/me")
    body = {"values": {"url": "https://forge.two.example"}}
    link = (await house.client.post("/api/v2/connections/forge/two/link", json=body)).json()["url"]
    assert (await house.dance(urlsplit(link).path)).status_code == 200
    assert (await house.client.post("/api/v2/connections/forge/two/link", json={"values": {"x": "y"}})).status_code == 400


async def test_with_another_secret_key_the_house_starts_says_so_and_is_connected_anew(tmp_path: Path) -> None:
    house = AccountsHouse(tmp_path, APP, ["oauth", "bearer"])
    house.server.static = {"test-token"}
    async with house.open():
        assert (await house.press("con_forge.ops", "keep", "bearer", {"token": "test-token"})).ok
        assert (await house.dance(link_in(await house.say("/connect forge as eu")))).status_code == 200
    house.key = "quite another secret key"
    async with house.open():
        (eu, ops) = house.shelf.accounts()
        assert (ops.name, ops.mode, eu.mode) == ("ops", "off", "off")
        assert "encrypted with another secret key" in ops.missing
        assert any("another secret key" in finding.message + finding.advice for finding in await house.shelf.examine())
        assert (await house.press("con_forge.ops", "keep", "bearer", {"token": "test-token"})).ok
        assert (await house.dance(link_in(await house.say("/connect forge as eu")))).status_code == 200
        assert [one.mode for one in house.shelf.accounts()] == ["live", "live"]
