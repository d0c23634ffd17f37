"""Tokens that are fetched: the dance, refreshing once for all and written down first, apps and service accounts, and every failure in its word."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors._kit.failures import Misconfigured, Throttled
from connectors._kit.oauth import mended
from connectors._kit.shelf import Shelf
from connectors._kit.token_endpoint import Revoked
from engine.errors import Forbidden, Rejected, Transient
from engine.monitoring.sample import Outcome
from engine.parties import Actor
from storage.memory import MemoryStore
from tests.connectors.oauth_server import CLIENT, CLIENT_SECRET, KEY_FILE, PEM, OAuthServer
from tests.connectors.rig import SetClock, call
from tests.connectors.test_accounts import names, people_of, shelf_of

APP = {"FORGE_CLIENT_ID": CLIENT, "FORGE_CLIENT_SECRET": CLIENT_SECRET}
ADA = Actor("web", "ada", "Ada")


class Rig:
    """A shelf with an OAuth app, and a person who connects by it."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = APP, *ways: str) -> None:
        self.clock = SetClock()
        self.server = OAuthServer(self.clock)
        self.store = MemoryStore(self.clock)
        self.folder, self.environ, self.ways = folder, dict(environ), ways or ("oauth", "bearer")
        self.shelf = self.another()
        self.people, self.told = people_of(self.shelf, self.store, self.clock)

    def another(self) -> Shelf:
        return shelf_of(self.folder, self.environ, self.server, *self.ways)

    async def connect(self, account: str = "") -> None:
        await self.shelf.take_up(self.store.vault, self.store.leases)
        link = await self.people.begin("forge", account, ADA)
        going = await self.people.open(link.rpartition("/")[2])
        await self.people.finish(self.server.say_yes(going.url), going.browser)

    async def read(self, shelf: Shelf | None = None) -> object:
        return (await (shelf or self.shelf).perform(call("forge.read"))).output


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


# --- the dance ---------------------------------------------------------------------------------------------------------


async def test_saying_yes_in_the_browser_makes_the_service_live_at_once(rig: Rig) -> None:
    assert "nobody has connected it yet: /connect forge" in rig.shelf.accounts()[0].missing
    link = await rig.people.begin("forge", "", ADA)
    assert link.startswith("https://house.example/api/v2/connect/")
    ticket = link.rpartition("/")[2]
    assert (await rig.people.who(ticket)) == ADA
    going = await rig.people.open(ticket)
    asked = dict(parse_qsl(urlsplit(going.url).query))
    assert (asked["redirect_uri"], asked["scope"]) == ("https://house.example/api/v2/connect/callback", "things.read things.write")
    await rig.shelf.take_up(rig.store.vault)
    connected = await rig.people.finish(rig.server.say_yes(going.url), going.browser)
    assert (connected.account.mode, connected.actor, rig.told) == ("live", ADA, [("forge", "default")])
    assert await rig.read() == {"id": 7, "seen": ""}
    assert rig.shelf.places["forge"].credentials.get("realm") == "r-1"
    assert sorted(await rig.store.vault.names()) == ["account:forge:default", "token:forge:default"]
    with pytest.raises(Rejected, match="This link is over"):
        await rig.people.open(ticket)


async def test_a_state_counts_once_for_ten_minutes_and_in_the_browser_it_was_begun_in(rig: Rig) -> None:
    await rig.shelf.take_up(rig.store.vault)
    ticket = (await rig.people.begin("forge", "", ADA)).rpartition("/")[2]
    going = await rig.people.open(ticket)
    back = rig.server.say_yes(going.url)
    with pytest.raises(Rejected, match="This link is over"):
        await rig.people.finish({**back, "state": "made-up"}, going.browser)
    with pytest.raises(Rejected, match="This link is over"):
        await rig.people.finish({**back, "state": ticket}, going.browser)
    with pytest.raises(Forbidden, match="begun in another browser"):
        await rig.people.finish(back, "another-browser")
    with pytest.raises(Rejected, match="This link is over"):  # the state was used up by the attempt
        await rig.people.finish(back, going.browser)
    again = await rig.people.open(ticket)
    rig.clock.time += timedelta(minutes=10)
    with pytest.raises(Rejected, match="This link is over"):
        await rig.people.finish(rig.server.say_yes(again.url), again.browser)
    assert names(rig.shelf) == [("default", "sandbox")]
    assert rig.server.fetched == {}
    await rig.people.begin("forge", "", ADA)
    assert len(await rig.store.vault.names()) == 1, "what is over is swept away"


async def test_a_no_at_the_service_and_a_code_that_is_not_taken_are_told_in_words(rig: Rig) -> None:
    await rig.shelf.take_up(rig.store.vault)
    ticket = (await rig.people.begin("forge", "", ADA)).rpartition("/")[2]
    going = await rig.people.open(ticket)
    with pytest.raises(Rejected, match=r"came back without a yes \(access_denied\)"):
        await rig.people.finish({"state": dict(parse_qsl(urlsplit(going.url).query))["state"], "error": "access_denied"}, going.browser)
    going = await rig.people.open(ticket)
    with pytest.raises(Revoked) as told:
        await rig.people.finish({**rig.server.say_yes(going.url), "code": "stolen-code"}, going.browser)
    assert "stolen-code" not in str(told.value)
    assert await rig.store.vault.get("account:forge:default") is None


async def test_a_link_is_only_made_where_the_app_is_set_up(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {})
    with pytest.raises(Rejected, match="set FORGE_CLIENT_ID and FORGE_CLIENT_SECRET and start Signalbox again"):
        await rig.people.begin("forge", "", ADA)


async def test_several_accounts_share_the_app_and_have_a_token_each(rig: Rig) -> None:
    await rig.connect("eu")
    await rig.connect("us")
    assert names(rig.shelf) == [("eu", "live"), ("us", "live")]
    kept = [(await rig.store.vault.get(f"token:forge:{name}") or {})["token"] for name in ("eu", "us")]
    assert kept[0] != kept[1]


# --- refreshing --------------------------------------------------------------------------------------------------------


async def test_five_callers_with_a_token_that_ran_out_cost_one_refresh_and_none_is_refused(rig: Rig) -> None:
    await rig.connect()
    rig.server.expire()
    assert await asyncio.gather(*(rig.read() for _ in range(5))) == [{"id": 7, "seen": ""}] * 5
    assert rig.server.fetched["refresh_token"] == 1
    rig.clock.time += timedelta(seconds=3600)
    await asyncio.gather(*(rig.read() for _ in range(5)))
    assert rig.server.fetched["refresh_token"] == 2
    assert ("GET", "/thing") in rig.server.log


async def test_a_write_that_was_refused_for_its_token_is_put_once_more_and_done_once(rig: Rig) -> None:
    await rig.connect()
    rig.server.expire()
    assert (await rig.shelf.perform(call("forge.make", {"title": "x"}))).output == {"id": 1, "seen": ""}
    assert rig.server.made == [{"title": "x"}]
    assert rig.server.log.count(("POST", "/things")) == 2


async def test_a_refresh_token_that_works_once_is_written_down_before_it_is_used(rig: Rig) -> None:
    await rig.connect()
    rig.server.expire()
    vault, put, seen = rig.store.vault, rig.store.vault.put, []

    async def full(name: str, secret: Mapping[str, str]) -> None:
        seen.append(name)
        raise Transient("The disk is full.")

    vault.put = full  # type: ignore[method-assign]
    with pytest.raises(Transient, match="disk is full"):
        await rig.read()
    with pytest.raises(Transient, match="disk is full"):
        await rig.read()
    assert set(rig.server.shown) == {"access-1"}, "it is not used before it is kept"
    vault.put = put  # type: ignore[method-assign]
    assert await rig.read() == {"id": 7, "seen": ""}
    assert rig.server.fetched["refresh_token"] == 1, "what was fetched was not lost"
    rig.server.expire()
    other = rig.another()
    await other.take_up(rig.store.vault)
    assert await rig.read(other) == {"id": 7, "seen": ""}


async def test_what_another_process_refreshed_is_taken_over_instead_of_refreshing_again(rig: Rig) -> None:
    await rig.connect()
    other = rig.another()
    await other.take_up(rig.store.vault, rig.store.leases)
    await rig.read(other)
    rig.server.expire()
    await rig.read()
    assert await rig.read(other) == {"id": 7, "seen": ""}
    assert rig.server.fetched["refresh_token"] == 1


async def test_a_caller_that_gives_up_takes_nobody_elses_token_with_it(rig: Rig) -> None:
    await rig.connect()
    rig.server.expire()
    first = asyncio.create_task(rig.read())
    await asyncio.sleep(0)
    second = asyncio.create_task(rig.read())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == {"id": 7, "seen": ""}
    assert rig.server.fetched["refresh_token"] == 1


async def test_a_fresh_token_that_is_refused_too_is_not_fetched_again_and_again(rig: Rig) -> None:
    await rig.connect()
    rig.server.denies = True
    for _ in range(4):
        with pytest.raises(Rejected, match="bad credentials"):
            await rig.read()
    assert rig.server.fetched["refresh_token"] == 1
    rig.server.denies = False
    assert await rig.read() == {"id": 7, "seen": ""}


async def test_a_grant_that_was_revoked_is_asked_for_once_and_says_how_to_connect_anew(rig: Rig) -> None:
    await rig.connect("eu")
    rig.server.expire()
    rig.server.refresh.clear()
    for _ in range(3):
        with pytest.raises(Revoked, match="Connect it again: /connect forge as eu") as told:
            await rig.read()
        assert "refresh-" not in str(told.value)
    assert rig.server.fetched["refresh_token"] == 1
    sample = await rig.shelf.probe(rig.shelf.accounts()[0])
    assert sample.outcome is Outcome.MISCONFIGURED
    await rig.connect("eu")
    assert await rig.read() == {"id": 7, "seen": ""}


@pytest.mark.parametrize(
    ("status", "headers", "body", "word", "sentence"),
    [
        (429, {"retry-after": "7"}, b"", Throttled, "asks for a pause"),
        (503, {}, b"", Transient, "failed .status 503."),
        (200, {}, b"<html>", Transient, "cannot be read"),
        (400, {}, b"<html>", Misconfigured, "refused .status 400."),
        (302, {"location": "https://evil.example"}, b"", Misconfigured, "redirects elsewhere"),
        (401, {}, b'{"error": "invalid_client"}', Misconfigured, "does not know the app"),
        (200, {}, b'{"error": "bad_verification_code"}', Revoked, "does not take what this account was connected with"),
        (200, {}, b'{"ok": false}', Misconfigured, "refused"),
        (200, {}, b'{"scope": "things"}', Misconfigured, "gave no token"),
    ],
)
async def test_what_goes_wrong_at_the_token_server_has_one_of_three_words(
    rig: Rig, status: int, headers: dict[str, str], body: bytes, word: type[Exception], sentence: str
) -> None:
    await rig.connect()
    rig.server.expire()
    rig.server.fail = [(status, headers, body)]
    with pytest.raises(word, match=sentence):
        await rig.read()
    if word is Transient or word is Throttled:
        assert await rig.read() == {"id": 7, "seen": ""}


# --- without a person ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "environ", "asked"),
    [
        ("client_credentials", APP, "client_credentials"),
        ("in_json", APP, "client_credentials"),
        ("service_account", {"FORGE_KEY": KEY_FILE}, "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("github_app", {"FORGE_KEY": PEM, "FORGE_APP_ID": "4711", "FORGE_INSTALLATION": "99"}, "installation"),
        ("github_app", {"FORGE_KEY": PEM.replace("\n", " "), "FORGE_APP_ID": "4711", "FORGE_INSTALLATION": "99"}, "installation"),
    ],
)
async def test_apps_and_service_accounts_fetch_their_own_token_and_a_new_one_when_it_runs_out(
    tmp_path: Path, way: str, environ: dict[str, str], asked: str
) -> None:
    rig = Rig(tmp_path, environ, way)
    await rig.shelf.take_up(rig.store.vault)
    assert names(rig.shelf) == [("default", "live")]
    await asyncio.gather(*(rig.read() for _ in range(3)))
    assert rig.server.fetched == {asked: 1}
    assert await rig.store.vault.names() == ["token:forge:default"]
    rig.server.expire()
    assert await rig.read() == {"id": 7, "seen": ""}
    assert rig.server.fetched == {asked: 2}
    other = rig.another()  # the next start goes on with the token that was kept
    await other.take_up(rig.store.vault)
    await rig.read(other)
    assert rig.server.fetched == {asked: 2}


async def test_a_service_account_is_connected_by_its_key_file_once_it_was_taken(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {}, "service_account")
    await rig.shelf.take_up(rig.store.vault)
    with pytest.raises(Misconfigured, match="not the JSON file that Google gave"):
        await rig.people.connect("forge", "", "service_account", {"key": "secret-nonsense"})
    await rig.people.connect("forge", "", "service_account", {"key": KEY_FILE})
    assert await rig.read() == {"id": 7, "seen": ""}


async def test_a_token_of_other_settings_is_not_used(tmp_path: Path) -> None:
    rig = Rig(tmp_path, APP, "client_credentials")
    await rig.shelf.take_up(rig.store.vault)
    await rig.read()
    rig.environ = {**APP, "FORGE_CLIENT_SECRET": "another"}
    other = rig.another()
    await other.take_up(rig.store.vault)
    with pytest.raises(Misconfigured, match="does not know the app"):
        await rig.read(other)


def test_a_key_that_lost_its_line_breaks_is_mended() -> None:
    assert mended(PEM.replace("\n", "")) == mended(PEM.replace("\n", "\\n")) == mended(PEM) == PEM
    assert mended("nothing like a key") == "nothing like a key"
