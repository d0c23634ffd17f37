"""A whole house with one service behind an OAuth server: real store on a disk, real commands, page, REST and runner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from bot.conversation import HouseConversation
from bot.desk import HouseDesk
from bot.faces.face import Face, Press, Turn, Utterance
from bot.faces.http.app import create_app
from bot.faces.rest.face import RestFace
from bot.faces.web.face import WebFace
from connectors._kit.connecting import People
from connectors._kit.shelf import Shelf
from engine.commands.house import House
from engine.events import AccountChanged, Happening
from engine.parties import Actor, Address
from engine.runtime.bus import Bus
from engine.runtime.guard import Guard
from engine.runtime.rereading import Rereading
from engine.runtime.runner import JournalRunner
from engine.workflow.catalogue import Catalogue
from intents.recognise import Recogniser
from storage.sql import SqlStore
from tests.bot.cards.any_card import png
from tests.connectors.made_connectors import forge
from tests.connectors.oauth_server import OAuthServer
from tests.connectors.rig import SetClock, asgi

TOKEN = "the-right-token"
BASE = "http://127.0.0.1:8321"
OWNER = Actor("web", "owner", "Owner")
OPS = Address("web", "#ops")


UNDERSTANDING: list[Recogniser] = []


def _understanding(catalogue: Catalogue) -> Recogniser:
    """Built once: the service is called the same in every test."""
    if not UNDERSTANDING:
        UNDERSTANDING.append(Recogniser(catalogue))
    return UNDERSTANDING[0]


class CountingClock(SetClock):
    """No two things are called the same."""

    count = 0

    def new_id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count}"


class NoPicture:
    async def impact(self, drawing: Mapping[str, Any]) -> bytes:
        return png()

    async def chart(self, chart: Any) -> bytes:
        return png()


class AccountsHouse:
    """``environ`` is what the house was started with. ``client`` holds the API token, ``browser`` a cookie jar and nothing else."""

    def __init__(self, data: Path, environ: Mapping[str, str], ways: Sequence[str], mark: str = "") -> None:
        self.data, self.environ = data, dict(environ)
        self.clock = CountingClock()
        self.server = OAuthServer(self.clock, mark=mark)
        self.connector = forge(data / "described", *ways)
        self.asked = 0
        self.key = "a secret key, long enough"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AccountsHouse]:
        self.store = await SqlStore.open(f"sqlite:///{self.data / 'signalbox.db'}", secret_key=self.key, clock=self.clock)
        self.shelf = Shelf.open(self.environ, clock=self.clock, transport=asgi(self.server), connectors=[self.connector])
        await self.shelf.take_up(self.store.vault, self.store.leases)
        catalogue = Catalogue(self.shelf.services())
        self.runner = JournalRunner(store=self.store, guard=Guard(self.shelf, self.clock), clock=self.clock, catalogue=catalogue)

        async def changed(service: str, account: str) -> None:
            await self.store.ledger.record(AccountChanged(service, account))

        people = People(self.shelf.places, self.store.vault, self.clock, public_url=lambda: BASE, changed=changed)
        self.store.ledger.listen(Rereading(self.shelf.reread).heard)
        self.house = House(
            store=self.store, clock=self.clock, catalogue=catalogue, runner=self.runner, connections=self.shelf, connecting=people,
            sandbox=self.shelf.sandbox, timezone="UTC", examine=self.shelf.examine,
        )  # fmt: skip
        self.conversation = HouseConversation(self.house, _understanding(catalogue), NoPicture())
        self.web = WebFace(self.conversation, self.store, self.clock, "a secret key")
        faces: dict[str, Face] = {"web": self.web}
        desk = HouseDesk(self.house, self.conversation, self.shelf, self._accept, NoPicture(), faces)
        self.rest = RestFace(desk, self.conversation, self.store, Bus(self.store.ledger), self.shelf.sandbox, self.clock)
        app = create_app(self.web, self.rest, TOKEN)
        await self.web.start()
        await self.rest.start()
        held = {"authorization": f"Bearer {TOKEN}"}
        async with (
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE, headers=held) as self.client,
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE) as self.browser,
        ):
            yield self
        await self.rest.stop()
        await self.web.stop()
        await self.runner.stop()
        await self.shelf.close()
        await self.store.close()

    async def _accept(self, happenings: Sequence[Happening]) -> int:
        return len(happenings)

    def _id(self) -> str:
        self.asked += 1
        return f"t{self.asked}"

    async def say(self, text: str, actor: Actor = OWNER) -> Turn:
        said = Utterance(id=self._id(), actor=actor, where=Address(actor.face, "#ops"), text=text)
        await self.conversation.accept(said)
        return await self.conversation.hear(said)

    async def press(self, card: str, verb: str, arg: str = "", form: Mapping[str, str] | None = None, actor: Actor = OWNER) -> Turn:
        return await self.conversation.press(Press(self._id(), actor, Address(actor.face, "#ops"), card, verb, arg, 0, dict(form or {})))

    async def dance(self, link: str, **changed: str) -> httpx2.Response:
        """Open the link in the browser, say yes at the service, and come back."""
        going = await self.browser.get(link)
        if going.status_code != 303:
            return going
        back = self.server.say_yes(going.headers["location"]) | changed
        return await self.browser.get("/api/v2/connect/callback", params=back)


def link_in(turn: Turn) -> str:
    """The path of the personal link on the card."""
    button = next(button for reply in turn.replies for button in reply.card.actions if button.url)
    parts = urlsplit(button.url)
    assert f"{parts.scheme}://{parts.netloc}" == BASE
    return parts.path


def words(turn: Turn) -> str:
    """Everything the cards of a turn say."""
    return "\n".join(repr(reply.card) for reply in turn.replies)
