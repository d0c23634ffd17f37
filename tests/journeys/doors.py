"""The four doors people come in by, each the real face against its wire: say something, see cards, press what is on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Protocol

import aiohttp

import main
from engine.ports import Clock
from engine.settings import read_settings
from tests.peers.discord import FakeDiscord
from tests.peers.slack.fake import FakeSlack

PATIENCE = 10.0


@dataclass(frozen=True)
class Seen:
    """One message as a reader sees it. ``private``: only they do."""

    id: str
    words: str
    buttons: tuple[str, ...]
    private: bool
    raw: Any = None


class Door(Protocol):
    name: str

    async def say(self, text: str, user: str = "ana") -> None: ...
    async def press(self, seen: Seen, label: str, user: str = "ben") -> None: ...
    async def press_old(self, seen: Seen, label: str, user: str = "ben") -> None: ...
    async def fill(self, seen: Seen, label: str, values: dict[str, str], user: str = "ben") -> None: ...
    def public(self, channel: str) -> list[Seen]: ...
    def private(self, user: str) -> list[Seen]: ...
    async def refresh(self) -> None: ...


async def see(door: Door, wanted: Callable[[Seen], bool], *, channel: str = "#ops", private: str = "", what: str = "") -> Seen:
    """The newest message that ``wanted`` accepts, waited for. Fails with what stands there."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while True:
        await door.refresh()
        there = door.private(private) if private else door.public(channel)
        for seen in reversed(there):
            if wanted(seen):
                return seen
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"{door.name}: waited in vain for {what or wanted}; there stand:\n" + "\n---\n".join(s.words for s in there))
        await asyncio.sleep(0.03)


def containing(*words: str, button: str = "", no_button: str = "") -> Callable[[Seen], bool]:
    """A message with all these words (any case), perhaps with a button that begins so, perhaps without."""

    def fits(seen: Seen) -> bool:
        low = seen.words.casefold()
        has = any(label.startswith(button) for label in seen.buttons)
        lacks = not (no_button and any(label.startswith(no_button) for label in seen.buttons))
        return all(word.casefold() in low for word in words) and (not button or has) and lacks

    return fits


class SlackDoor:
    name = "slack"

    def __init__(self, fake: FakeSlack) -> None:
        self.fake = fake

    async def say(self, text: str, user: str = "ana") -> None:
        if text.startswith("/"):
            await self.fake.slash(text, user)
        else:
            await self.fake.mention(text, user)

    async def press(self, seen: Seen, label: str, user: str = "ben") -> None:
        await self.fake.click(seen.raw, label, user)

    async def press_old(self, seen: Seen, label: str, user: str = "ben") -> None:
        await self.fake.click(seen.raw, label, user, old=True)

    async def fill(self, seen: Seen, label: str, values: dict[str, str], user: str = "ben") -> None:
        await self.fake.click(seen.raw, label, user)
        await self.fake.submit(await self.fake.modal(user), values)

    def public(self, channel: str) -> list[Seen]:
        return [self._seen(m) for m in self.fake.messages(channel)]

    def private(self, user: str) -> list[Seen]:
        return [self._seen(m) for m in (*self.fake.directs(user), *self.fake.ephemerals(user))]

    async def refresh(self) -> None:
        return

    @staticmethod
    def _seen(message: Any) -> Seen:
        return Seen(message.ts, f"{message.text}\n{message.words()}", tuple(message.buttons()), bool(message.only_for), message)


class DiscordDoor:
    name = "discord"

    def __init__(self, fake: FakeDiscord) -> None:
        self.fake = fake

    async def say(self, text: str, user: str = "ana") -> None:
        if text.startswith("/"):
            await self.fake.slash(text[1:], user)
        else:
            await self.fake.mention(text, user)

    async def press(self, seen: Seen, label: str, user: str = "ben") -> None:
        await self.fake.click(seen.raw, label, user)

    async def press_old(self, seen: Seen, label: str, user: str = "ben") -> None:
        await self.press(seen, label, user)

    async def fill(self, seen: Seen, label: str, values: dict[str, str], user: str = "ben") -> None:
        await self.fake.submit(await self.fake.click(seen.raw, label, user), values)

    def public(self, channel: str) -> list[Seen]:
        """What stands in its threads is part of it, as it is on Slack."""
        place = self.fake.world.channel(channel)
        threads = [one for one in self.fake.world.channels.values() if one.parent == place.id]
        return [self._seen(m) for one in (place, *threads) for m in self.fake.messages(one)]

    def private(self, user: str) -> list[Seen]:
        return [self._seen(m) for m in (*self.fake.dms(user), *self.fake.private(user))]

    async def refresh(self) -> None:
        return

    @staticmethod
    def _seen(message: Any) -> Seen:
        return Seen(message.id, message.text.replace("\\", ""), tuple(message.buttons), message.ephemeral, message)


class RestDoor:
    """REST, which the terminal speaks too; what stands in channels is read from the web chat's own memory."""

    name = "rest"

    def __init__(self, app: main.App, http: aiohttp.ClientSession) -> None:
        self._app, self._http = app, http
        self._said: list[dict[str, Any]] = []
        self._standing: dict[str, list[Seen]] = {}

    async def say(self, text: str, user: str = "ana", files: Sequence[str] = ()) -> None:
        await self._post("/api/v2/chat", {"text": text, "actor": user, "channel": "#ops", "files": list(files)})

    async def press(self, seen: Seen, label: str, user: str = "ben") -> None:
        button = next(one for one in seen.raw["actions"] if one["label"].startswith(label))
        await self._post("/api/v2/actions", {key: button[key] for key in ("card", "verb", "arg", "version")} | {"actor": user})

    async def press_old(self, seen: Seen, label: str, user: str = "ben") -> None:
        await self.press(seen, label, user)

    async def fill(self, seen: Seen, label: str, values: dict[str, str], user: str = "ben") -> None:
        button = next(one for one in seen.raw["actions"] if one["label"].startswith(label))
        body = {key: button[key] for key in ("card", "verb", "arg", "version")} | {"actor": user, "form": values}
        await self._post("/api/v2/actions", body)

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        async with self._http.post(self._app.server.url + path, json=body) as answer:
            said = await answer.json()
        assert answer.status in (200, 409), said
        self._said += said["cards"]

    def public(self, channel: str) -> list[Seen]:
        return self._standing.get(channel, [])

    def private(self, user: str) -> list[Seen]:
        return [self._seen(card) for card in self._said]

    async def refresh(self) -> None:
        for channel in await self._app.store.web_messages.channels():
            listed = await self._app.store.web_messages.list(channel, reader="")
            self._standing[channel] = [self._seen(message.card) for message in listed if message.card]

    @staticmethod
    def _seen(card: Any) -> Seen:
        return Seen(card["id"], words_of(card), tuple(button["label"] for button in card["actions"]), False, card)


def words_of(value: Any) -> str:
    """Every text in a card's JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        skipped = ("actions", "kind", "style", "src", "tone")
        return " ".join(words_of(part) for key, part in value.items() if key not in skipped)
    return " ".join(words_of(part) for part in value) if isinstance(value, list) else ""


def as_it_was(seen: Seen) -> Seen:
    """What a screen shows that hears of no later edit."""
    return replace(seen, raw=deepcopy(seen.raw))


DOORS = ("slack", "discord", "rest")


@asynccontextmanager
async def house_with(door: str, data: Any, clock: Clock | None = None, **environ: str) -> AsyncIterator[tuple[main.App, Door]]:
    """The whole house by ``main.build``, with that face real against its wire, running."""
    async with AsyncExitStack() as stack:
        fakes: dict[str, Any] = {}
        if door == "slack":
            fakes["slack"] = await stack.enter_async_context(FakeSlack())
            environ |= fakes["slack"].settings
        if door == "discord":
            fake = fakes["discord"] = await stack.enter_async_context(FakeDiscord())
            environ |= {"DISCORD_TOKEN": fake.token, "DISCORD_API_URL": fake.api_url, "DISCORD_GATEWAY_URL": fake.gateway_url}
        settings = read_settings({"SIGNALBOX_DATA": str(data), "SIGNALBOX_PORT": "0", "SIGNALBOX_API_TOKEN": "journey-token-of-tests", **environ})
        app = await main.build(settings, clock=clock)
        await app.start()
        stack.push_async_callback(app.stop)
        http = await stack.enter_async_context(aiohttp.ClientSession(headers={"Authorization": f"Bearer {app.api_token}"}))
        yield app, open_door(door, app, fakes, http)


def open_door(door: str, app: main.App, fakes: dict[str, Any], http: aiohttp.ClientSession) -> Door:
    if door == "slack":
        return SlackDoor(fakes["slack"])
    if door == "discord":
        return DiscordDoor(fakes["discord"])
    return RestDoor(app, http)
