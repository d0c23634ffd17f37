"""The page's own door: who gets in, from where, and what they may send."""

from __future__ import annotations

import re

import httpx2
import pytest

from bot.cards.card import Card
from bot.faces.http.limits import HEARD_OUT
from engine.parties import Actor, Address
from tests.bot.web.house import SmallHouse
from tests.engine.clock import StandingClock

ACT = {"x-signalbox": "web", "origin": "http://127.0.0.1:8321"}
SAY = {"id": "id-0000001", "channel": "#ops", "text": "hello"}


@pytest.fixture
async def house():
    house = SmallHouse(clock=StandingClock(), hosts=("signalbox.example.org",))
    await house.face.start()
    yield house
    await house.face.stop()


def browser(house: SmallHouse, **headers: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(house.app), base_url="http://127.0.0.1:8321", headers=headers)


@pytest.fixture
async def ana(house: SmallHouse):
    async with browser(house, **ACT) as client:
        assert (await client.get(house.face.invite("ana", "Ana"))).status_code == 200
        yield client


async def test_a_file_from_the_page_goes_with_what_is_said_and_is_only_its_owners_to_mean(house: SmallHouse, ana: httpx2.AsyncClient):
    kept = (await ana.post("/web/files", params={"name": "report.csv"}, content=b"a,b\n", headers={"content-type": "text/csv"})).json()
    assert (kept["name"], kept["size"]) == ("report.csv", "4 B")
    foreign = await house.store.files.keep("other.txt", b"x", by="web:ben")
    assert (await ana.post("/web/say", json={**SAY, "files": [kept["id"], foreign.id]})).status_code == 200
    assert house.conversation.heard[-1].files == (kept["id"],)
    assert (await ana.post("/web/say", json={**SAY, "id": "id-0000002", "text": "", "files": [kept["id"]]})).status_code == 200
    assert house.conversation.heard[-1].text == ""
    told = [message["text"] for message in (await ana.get("/web/history", params={"channel": "#ops"})).json()["messages"]]
    assert "hello\n📎 report.csv (4 B)" in told
    back = await ana.get(f"/web/files/{kept['id']}")
    assert (back.content, back.headers["content-type"]) == (b"a,b\n", "application/octet-stream")
    assert back.headers["content-disposition"].startswith("attachment")
    async with browser(house) as stranger:
        assert (await stranger.get(f"/web/files/{kept['id']}")).status_code == 401
        assert (await stranger.post("/web/files", params={"name": "x"}, content=b"x")).status_code == 403
    assert (await ana.get("/web/files/file_none")).status_code == 404


async def test_a_link_signs_in_once(house: SmallHouse):
    link = house.face.invite("ana", "Ana")
    async with browser(house) as first, browser(house) as second:
        welcome = await first.get(link)
        cookie = welcome.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert 'http-equiv="refresh"' in welcome.text
        assert (await first.get("/web/me")).json()["name"] == "Ana"
        assert (await second.get(link)).status_code == 401
        assert (await second.get("/web/me")).status_code == 401


async def test_fetching_ahead_does_not_use_a_link_up(house: SmallHouse):
    link = house.face.invite()
    async with browser(house) as client:
        for header in ({"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}):
            assert (await client.get(link, headers=header)).status_code == 503
        assert (await client.get(link)).status_code == 200


async def test_the_page_without_a_cookie_is_the_door(house: SmallHouse):
    async with browser(house) as client:
        page = await client.get("/")
        assert page.status_code == 401
        assert "Sign in" in page.text


@pytest.mark.parametrize("path", ["/web/me", "/web/history?channel=%23ops", "/web/health", "/web/complete?q=x", "/web/events", "/web/pictures/m/0"])
async def test_nothing_is_told_to_strangers(house: SmallHouse, path: str):
    async with browser(house) as client:
        answer = await client.get(path)
        assert answer.status_code == 401
        assert "signed out" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/web/say", "/web/press", "/web/me"])
async def test_strangers_cannot_act(house: SmallHouse, path: str):
    bodies = {"/web/say": SAY, "/web/press": {"id": "id-0000001", "channel": "#ops", "card": "c", "verb": "v", "version": 1}, "/web/me": {"name": "X"}}
    async with browser(house, **ACT) as client:
        assert (await client.post(path, json=bodies[path])).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "x-signalbox": "web"},
        {"origin": "null", "x-signalbox": "web"},
        {"origin": "http://127.0.0.1:9999", "x-signalbox": "web"},
        {"sec-fetch-site": "cross-site", "x-signalbox": "web"},
        {"sec-fetch-site": "same-site", "x-signalbox": "web"},
        {"origin": "http://127.0.0.1:8321", "x-signalbox": ""},
    ],
)
async def test_other_pages_cannot_act_with_our_cookie(house: SmallHouse, ana: httpx2.AsyncClient, headers: dict):
    async with browser(house, **headers) as foreign:
        foreign.cookies.update(ana.cookies)
        answer = await foreign.post("/web/say", json=SAY)
    assert answer.status_code == 403
    assert house.conversation.heard == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1", "signalbox.example.org.evil"])
async def test_a_foreign_name_for_this_machine_gets_nothing(house: SmallHouse, ana: httpx2.AsyncClient, host: str):
    for path in ("/", "/web/me", "/login"):
        assert (await ana.get(path, headers={"host": host})).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8321", "127.0.0.1:8321", "[::1]:8321", "192.168.1.20", "Signalbox.Example.org", "ops.localhost"])
async def test_our_own_names_are_answered(ana: httpx2.AsyncClient, host: str):
    assert (await ana.get("/web/me", headers={"host": host})).status_code == 200


async def test_the_page_allows_nothing_but_its_own_files(ana: httpx2.AsyncClient):
    page = await ana.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert page.headers["cache-control"] == "no-store"
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert scripts
    assert not any(body.strip() for body in scripts)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    assert not re.search(r"\son\w+=|style=", page.text)


async def test_every_file_of_the_page_is_served_under_an_address_of_its_content(ana: httpx2.AsyncClient):
    page = await ana.get("/")
    addresses = set(re.findall(r'(?:src|href)="(/web/assets/[^"]+)"', page.text))
    assert len(addresses) >= 4
    for address in addresses:
        file = await ana.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    assert (await ana.get("/web/assets/0/index.html")).status_code == 404
    assert (await ana.get("/web/assets/0/../face.py")).status_code == 404
    assert (await ana.get("/web/assets/old/style.css")).headers["cache-control"] == "no-store"


async def test_saying_something_is_heard(house: SmallHouse, ana: httpx2.AsyncClient):
    answer = await ana.post("/web/say", json={**SAY, "timezone": "Europe/Berlin"})
    assert answer.json()["ok"]
    assert house.conversation.heard[0].actor.id == "web:ana"
    assert [m["text"] for m in (await ana.get("/web/history", params={"channel": "#ops"})).json()["messages"]] == ["hello", "You said: hello"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({**SAY, "text": ""}, 422, "Nothing was said"),
        ({**SAY, "text": "x" * 20_001}, 422, "too long"),
        ({**SAY, "channel": "#a b"}, 422, "channel"),
        ({"id": "id-0000001", "channel": "#ops"}, 400, "Missing required field: text"),
        ({**SAY, "text": "x" * 1_100_000}, 413, "too large"),
        ([1], 400, "JSON object"),
    ],
)
async def test_what_cannot_be_said_is_answered_with_a_sentence(ana: httpx2.AsyncClient, body, status: int, says: str):
    answer = await ana.post("/web/say", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]


async def test_broken_json_is_answered_with_a_sentence(ana: httpx2.AsyncClient):
    answer = await ana.post("/web/say", content=b'{"id": ', headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["error"]


async def test_a_body_that_does_not_end_is_cut_off(ana: httpx2.AsyncClient):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    answer = await ana.post("/web/say", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert sent <= 1024 * 1024 + HEARD_OUT + 2 * 65536


async def test_a_new_name_is_kept_by_the_browser(ana: httpx2.AsyncClient):
    assert (await ana.post("/web/me", json={"name": " Ana\nKovač "})).json() == {"id": "web:ana", "name": "Ana Kovač"}
    assert (await ana.get("/web/me")).json()["name"] == "Ana Kovač"
    assert (await ana.post("/web/me", json={"name": " "})).status_code == 400


async def test_the_token_signs_in_and_guessing_it_is_bounded(house: SmallHouse):
    async with browser(house, **ACT) as client:
        for number in range(10):
            assert (await client.post("/web/login", json={"token": f"wrong-{number}"})).status_code == 401
        blocked = await client.post("/web/login", json={"token": "right-token"})
        assert blocked.status_code == 503
        assert int(blocked.headers["retry-after"]) <= 60
        await house.clock.pass_(61)
        assert (await client.post("/web/login", json={"token": "right-token"})).status_code == 200
        assert (await client.get("/web/me")).json()["id"] == "web:owner"


async def test_signing_out_forgets_the_browser(ana: httpx2.AsyncClient):
    await ana.post("/web/logout", json={})
    assert (await ana.get("/web/me")).status_code == 401


async def test_suggestions_come_from_the_conversation(ana: httpx2.AsyncClient):
    assert (await ana.get("/web/complete", params={"q": "/flow l"})).json() == [{"text": "/flow list", "hint": "every workflow"}]


async def test_history_is_of_the_reader(house: SmallHouse, ana: httpx2.AsyncClient):
    await house.face.whisper(Actor("web", "ben", "Ben"), Address("web", "#ops"), Card("for ben"))
    assert (await ana.get("/web/history", params={"channel": "#ops"})).json()["messages"] == []
