"""Where an app's secret and an account's tokens go, and that a token fetched at the last moment is kept."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from connectors._kit.custom import Custom
from connectors._kit.reading import read_connector
from connectors._kit.shelf import Shelf
from engine.errors import Rejected
from storage.memory import MemoryStore
from tests.connectors.made_connectors import forge
from tests.connectors.oauth_server import OAuthServer
from tests.connectors.rig import SetClock, asgi
from tests.connectors.test_accounts import people_of
from tests.connectors.test_oauth import ADA, APP, Rig


class Housed:
    """A service whose token server is where the account is, and everything that was sent to it by host."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None, **takes: str) -> None:
        forge(folder, "oauth", "bearer")
        place = folder / "forge" / "connector.yml"
        said = yaml.safe_load(place.read_text())
        said["auth"][0]["oauth"] |= {
            "token_url": "{url}/token",
            "authorize_url": "{url}/authorize",
            "takes": {"realm": "realm", **takes},
        }
        place.write_text(yaml.safe_dump(said))
        self.clock = SetClock()
        self.server = OAuthServer(self.clock)
        self.hosts: set[str] = set()
        inner = asgi(self.server)
        hosts = self.hosts

        class Noted(httpx2.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
                hosts.add(request.url.host)
                return await inner.handle_async_request(request)

        self.shelf = Shelf.open(
            {**APP, **(environ or {})}, clock=self.clock, transport=Noted(), connectors=[read_connector(folder / "forge", Custom())]
        )
        self.store = MemoryStore(self.clock)
        self.people, _ = people_of(self.shelf, self.store, self.clock)

    async def dance(self, account: str, url: str = "", **more: str) -> None:
        await self.shelf.take_up(self.store.vault, self.store.leases)
        link = await self.people.begin("forge", account, ADA, {"url": url} if url else {})
        going = await self.people.open(link.rpartition("/")[2])
        await self.people.finish({**self.server.say_yes(going.url), **more}, going.browser)


async def test_the_secret_of_the_houses_app_goes_to_no_host_that_somebody_typed_in(tmp_path: Path) -> None:
    house = Housed(tmp_path)
    for url in ("https://evil.example", "http://api.forge.example", "https://api.forge.example.evil.example", "https://evilforge.example"):
        with pytest.raises(Rejected, match=r"belongs to api\.forge\.example"):
            await house.dance("lab", url)
    assert house.hosts == set()
    await house.dance("lab", "https://eu.forge.example")  # the vendor's own, beside the usual one
    assert house.hosts == {"eu.forge.example"}
    await house.shelf.close()


async def test_an_account_with_an_app_of_its_own_may_be_anywhere(tmp_path: Path) -> None:
    house = Housed(tmp_path, {"FORGE_CLIENT_ID__LAB": APP["FORGE_CLIENT_ID"], "FORGE_CLIENT_SECRET__LAB": APP["FORGE_CLIENT_SECRET"]})
    await house.dance("lab", "https://forge.lab.example")
    assert house.hosts == {"forge.lab.example"}
    await house.shelf.close()


async def test_where_tokens_are_sent_is_never_believed_from_the_browsers_address(tmp_path: Path) -> None:
    house = Housed(tmp_path, url="here")
    await house.dance("ops", here="https://evil.example")
    assert house.hosts == {"api.forge.example"}
    assert (await house.store.vault.get("account:forge:ops") or {}) == {"realm": "r-1"}
    await house.shelf.close()


class Slow(OAuthServer):
    """Its token endpoint answers when it is let."""

    def hold(self) -> None:
        self.let, self.waiting = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].endswith("/token") and hasattr(self, "let"):
            self.waiting.set()
            await self.let.wait()
        await super().__call__(scope, receive, send)


async def test_a_refresh_under_way_when_the_house_closes_is_written_down_first(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.server.__class__ = Slow
    await rig.connect()
    rig.server.expire()
    assert isinstance(rig.server, Slow)
    rig.server.hold()
    reading = asyncio.create_task(rig.read())
    await rig.server.waiting.wait()
    reading.cancel()
    closing = asyncio.create_task(rig.shelf.close())
    await asyncio.sleep(0)
    rig.server.let.set()
    await closing
    kept = json.loads((await rig.store.vault.get("token:forge:default") or {})["token"])
    assert kept["refresh"] in rig.server.refresh
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("fetching")]
