"""The fake as tests use it: people who type, speak, press and fill in forms, and what they then see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from tests.peers.discord.gateway import Gateway
from tests.peers.discord.interactions import ACKNOWLEDGE_WITHIN, COMPLETING, FILLED_IN, PRESSED, TYPED, Exchange
from tests.peers.discord.limits import Buckets
from tests.peers.discord.rest import Fault, Rest
from tests.peers.discord.world import DIRECT, EPHEMERAL, LOADING, SEND, THREAD, USUAL, VIEW, Channel, Clock, Person, Seen, World, walk

TOKEN = "fake.discord.token"


class FakeDiscord:
    """A Discord with the server “Acme”, its channels #general, #ops and #releases, and the people ana and ben.

    ``bucket``: requests and seconds per route and channel (Discord: about five in five seconds; here faster, the rules are the same).
    """

    def __init__(self, bucket: tuple[int, float] = (5, 0.25)) -> None:
        self.clock = Clock()
        self.world = World(self.clock)
        self.gateway = Gateway(self.world, TOKEN)
        self.rest = Rest(self.world, self.gateway, TOKEN, Buckets(self.clock, *bucket))
        self.token = TOKEN
        self._runner: web.AppRunner | None = None
        self._port = 0
        for name in ("general", "ops", "releases"):
            self.world.add_channel(name)
        for name in ("ana", "ben"):
            self.world.person(name)

    async def __aenter__(self) -> FakeDiscord:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Fails, unless something failed already, when the bot asked for anything unknown or invalid."""
        await self.stop()
        if kind is None:
            self.assert_well_spoken()

    async def start(self) -> None:
        application = web.Application(client_max_size=32 * 2**20)
        application.router.add_get("/gateway/", self.gateway.handle)
        application.router.add_get("/gateway", self.gateway.handle)
        application.router.add_route("*", "/{path:.*}", self.rest.handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def stop(self) -> None:
        await self.gateway.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    def assert_well_spoken(self) -> None:
        complaints = [*self.rest.complaints, *self.gateway.complaints]
        assert not complaints, "the bot asked for what Discord does not know:\n" + "\n".join(complaints)

    # --- the set-up --------------------------------------------------------------------------------------------------------

    def channel(self, name: str) -> Channel:
        return self.world.channel(name)

    def add_channel(self, name: str, *, writable: bool = True, visible: bool = True) -> Channel:
        """Before the bot connects: it learns of channels when it does."""
        return self.world.add_channel(name, USUAL & ~(0 if writable else SEND) & ~(0 if visible else VIEW))

    def add_thread(self, parent: str, name: str) -> Channel:
        return self.world.add_channel(name, type=THREAD, parent=self.world.channel(parent).id)

    def user(self, name: str) -> Person:
        return self.world.person(name)

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int = 502,
        times: int = 1,
        commit: bool = False,
        retry_after: float = 0.0,
        code: int = 0,
        via: bool = True,
    ) -> None:
        """Let the next such requests fail; ``path`` is searched as a pattern; ``status`` 0 cuts the connection instead of answering."""
        self.rest.faults.append(Fault(method, path, status, times, commit, retry_after, code, via))

    def advance(self, seconds: float) -> None:
        self.clock.ahead += seconds

    # --- what people do ----------------------------------------------------------------------------------------------------

    async def slash(
        self, text: str, user: str = "ana", channel: str | Channel = "ops", *, file: tuple[str, bytes] | None = None, wait: bool = True
    ) -> Exchange:
        """Type a command: ``flow list``, ``flow run workflow:release inputs:env=prod``, ``signalbox how are you?``.

        ``name:value`` fills that option; words without a name fill the command's options in order, the last one taking the rest.
        Returns when the bot has answered or taken its “thinking…” away; with ``wait`` False at once.
        """
        name, data, options = self._typed(text)
        if file:
            options.append(self._upload(data, options, file))
        exchange = await self._interact(TYPED, user, channel, data | {"name": name, "type": 1}, wait=wait)
        return await self._answered(exchange) if wait else exchange

    async def complete(self, text: str, user: str = "ana", channel: str | Channel = "ops") -> list[tuple[str, str]]:
        """What is offered while ``text`` is being typed: (shown, value); the last option has the focus."""
        name, data, options = self._typed(text, whole=False)
        assert options, f"nothing is being typed into an option in “{text}”"
        options[-1]["focused"] = True
        exchange = await self._interact(COMPLETING, user, channel, data | {"name": name, "type": 1})
        return exchange.choices or []

    async def say(self, text: str, user: str = "ana", channel: str | Channel = "ops") -> Seen:
        """Write a message; nobody is mentioned unless the text does."""
        return await self._speak(text, user, self.world.channel(channel))

    async def mention(
        self, text: str, user: str = "ana", channel: str | Channel = "ops", *, file: tuple[str, bytes] | None = None
    ) -> Seen:
        return await self._speak(f"<@{self.world.bot.id}> {text}", user, self.world.channel(channel), file)

    async def react(self, message: Seen, emoji: str, user: str = "ana", channel: str | Channel = "ops") -> None:
        person, place = self.world.person(user), self.world.channel(channel)
        data = {"user_id": person.id, "channel_id": place.id, "message_id": message.id, "guild_id": self.world.guild, "type": 0, "burst": False}
        member = self.world.member(person) | {"user": self.world.author(person.id)}
        await self.gateway.tell("MESSAGE_REACTION_ADD", data | {"member": member, "emoji": {"id": None, "name": emoji}})

    async def dm(self, text: str, user: str = "ana") -> Seen:
        return await self._speak(text, user, self.world.direct(self.world.person(user).id))

    async def click(self, message: Seen, label: str, user: str = "ana") -> Exchange:
        """Press the button whose label begins so. Fails when it is not on the message, or the message is not theirs to see."""
        person, raw = self.world.person(user), message.raw
        assert not raw.get("deleted"), "that message is gone"
        assert raw.get("only_for") in (None, person.id), f"{user} does not see this message"
        button = message.button(label)
        data = {"custom_id": button["custom_id"], "component_type": 2, "id": button["id"]}
        return await self._answered(await self._interact(PRESSED, user, self.world.channels[raw["channel_id"]], data, source=raw))

    async def submit(self, opened: Exchange, values: Mapping[str, str] | None = None) -> Exchange:
        """Send the form that ``opened`` shows; what is not given stays as it was filled in."""
        assert opened.modal, "no form was opened"
        given = dict(values or {})
        components = [_filled(label, given) for label in opened.modal["components"]]
        assert not given, f"the form has no field {list(given)}"
        data = {"custom_id": opened.modal["custom_id"], "components": components, "resolved": {}}
        return await self._answered(await self._interact(FILLED_IN, opened.person.name, opened.channel, data, source=opened.source))

    # --- what people see ---------------------------------------------------------------------------------------------------

    def messages(self, channel: str | Channel = "ops", *, by_bot: bool = True) -> list[Seen]:
        """What everybody sees there, oldest first; only the bot's unless asked."""
        return [seen for seen in self._standing(self.world.channel(channel)) if not seen.ephemeral and (seen.by_bot or not by_bot)]

    def private(self, user: str = "ana", channel: str | Channel = "ops") -> list[Seen]:
        """Ephemeral messages that only this person sees there."""
        person = self.world.person(user).id
        return [
            seen
            for seen in self._standing(self.world.channel(channel))
            if seen.ephemeral and seen.raw.get("only_for") == person and not seen.loading
        ]

    def dms(self, user: str = "ana") -> list[Seen]:
        """What the bot wrote to this person directly."""
        return self.messages(self.world.direct(self.world.person(user).id))

    async def until(self, holds: Callable[[], Any], what: str = "", seconds: float = 5.0) -> Any:
        """Wait until something is so, and return it. Fails with what stands in the channels."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := holds()):
                    self.rest.changed.clear()
                    try:
                        await asyncio.wait_for(self.rest.changed.wait(), 0.1)
                    except TimeoutError:
                        continue
                return found
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what or holds}; there stand:\n{self._all()}") from None

    # --- the connection ----------------------------------------------------------------------------------------------------

    async def reconnect(self) -> None:
        """Op 7: the client is told to connect again and resume."""
        before = self.gateway.resumed
        await self.gateway.reconnect()
        await self.until(lambda: self.gateway.resumed > before and self.gateway.connected, "the client to resume")

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9."""
        await self.gateway.invalidate(resumable=resumable)

    async def cut(self) -> None:
        """The network fails."""
        await self.gateway.cut()

    async def replay(self) -> None:
        """Have the client resume and hear everything since it connected a second time."""
        self.gateway.overlap = 10_000
        await self.reconnect()
        self.gateway.overlap = 0

    # --- underneath --------------------------------------------------------------------------------------------------------

    def _standing(self, channel: Channel) -> list[Seen]:
        return [Seen(message) for message in channel.messages.values()]

    def _all(self) -> str:
        lines = []
        for channel in self.world.channels.values():
            lines += [f"#{channel.name}: {'(private) ' if s.ephemeral else ''}{s.text[:300]} {s.buttons}" for s in self._standing(channel)]
        return "\n".join(lines) or "nothing"

    async def _speak(self, text: str, user: str, channel: Channel, file: tuple[str, bytes] | None = None) -> Seen:
        person = self.world.person(user)
        message = self.world.message(channel, person.id, {"content": text})
        if f"<@{self.world.bot.id}>" in text:
            message["mentions"] = [self.world.author(self.world.bot.id)]
        if file:
            identity = self.world.snowflake()
            self.world.files[f"{identity}-{file[0]}"] = file[1]
            url = f"http://127.0.0.1:{self._port}/attachments/{identity}-{file[0]}"
            message["attachments"] = [{"id": identity, "filename": file[0], "size": len(file[1]), "url": url, "proxy_url": url}]
        channel.messages[message["id"]] = message
        member = {key: value for key, value in self.world.member(person).items() if key not in ("user", "permissions")}
        await self.rest.announce("MESSAGE_CREATE", channel, message if channel.type == DIRECT else message | {"member": member})
        return Seen(message)

    async def _interact(
        self, kind: int, user: str, channel: str | Channel, data: dict[str, Any], source: dict[str, Any] | None = None, *, wait: bool = True
    ) -> Exchange:
        assert self.gateway.sessions, "the bot is not connected"
        place, person = self.world.channel(channel), self.world.person(user)
        exchange = Exchange(self.world.snowflake(), kind, person, place, self.clock.now(), source)
        self.rest.exchanges[exchange.token] = exchange
        await self.gateway.tell("INTERACTION_CREATE", self._payload(exchange, data))
        if wait:
            await self.until(lambda: exchange.acknowledged, f"the bot to acknowledge within {ACKNOWLEDGE_WITHIN} s", ACKNOWLEDGE_WITHIN)
        return exchange

    async def _answered(self, exchange: Exchange) -> Exchange:
        await self.until(lambda: not exchange.waiting, "the bot to answer instead of thinking")
        return exchange

    def _payload(self, exchange: Exchange, data: dict[str, Any]) -> dict[str, Any]:
        place = exchange.channel
        payload: dict[str, Any] = {
            "id": exchange.id,
            "application_id": self.world.application,
            "type": exchange.kind,
            "data": data,
            "channel": self.world.channel_shape(place),
            "channel_id": place.id,
            "token": exchange.token,
            "version": 1,
            "app_permissions": str(place.allow),
            "locale": "en-GB",
            "entitlements": [],
            "authorizing_integration_owners": {"0": self.world.guild},
            "context": 1 if place.type == DIRECT else 0,
            "attachment_size_limit": 10 * 2**20,
        }
        if exchange.source is not None:
            payload["message"] = exchange.source
        if place.type == DIRECT:
            return payload | {"user": exchange.person.user()}
        return payload | {"member": self.world.member(exchange.person), "guild_id": self.world.guild, "guild_locale": "en-US"}

    def _typed(self, text: str, *, whole: bool = True) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
        """(command, interaction data, its innermost options) by the commands that the bot has registered."""
        words = text.removeprefix("/").split(" ")
        command = next((known for known in self.world.commands if known["name"] == words[0]), None)
        assert command, f"/{words[0]} is not registered; there are {[known['name'] for known in self.world.commands]}"
        data: dict[str, Any] = {"id": command["id"], "options": []}
        rest, declared, options = words[1:], command.get("options") or [], data["options"]
        if declared and declared[0]["type"] == 1:
            sub = next((option for option in declared if rest and option["name"] == rest[0]), None)
            assert sub, f"/{words[0]} has no {rest[:1]}; it has {[option['name'] for option in declared]}"
            inner: list[dict[str, Any]] = []
            options.append({"type": 1, "name": sub["name"], "options": inner})
            rest, declared, options = rest[1:], sub.get("options") or [], inner
        self._fill_in(rest, declared, options, whole=whole)
        return command["name"], data, options

    def _fill_in(self, words: list[str], declared: list[dict[str, Any]], options: list[dict[str, Any]], *, whole: bool) -> None:
        known = {option["name"]: option for option in declared}
        open_options = [option for option in declared if option["type"] == 3]
        given: dict[str, str] = {}
        current = ""
        for word in words:
            name, colon, value = word.partition(":")
            if colon and name in known:
                current, given[name] = name, value
            elif current:
                given[current] += f" {word}"
            else:
                assert open_options, f"“{word}”: this command takes no options"
                current = open_options[0]["name"]
                given[current] = word
        options += [{"type": known[name]["type"], "name": name, "value": value} for name, value in given.items()]
        if not whole:
            return
        missing = [name for name, option in known.items() if option.get("required") and not given.get(name)]
        assert not missing, f"Discord does not let one send this without {missing}"
        for name, value in given.items():
            choices = [choice["value"] for choice in known[name].get("choices") or []]
            assert not choices or value in choices, f"{value} is none of {choices}"

    def _upload(self, data: dict[str, Any], options: list[dict[str, Any]], file: tuple[str, bytes]) -> dict[str, Any]:
        name, content = file
        identity = self.world.snowflake()
        self.world.files[f"{identity}-{name}"] = content
        url = f"http://127.0.0.1:{self._port}/attachments/{identity}-{name}"
        attachment = {"id": identity, "filename": name, "size": len(content), "url": url, "proxy_url": url, "ephemeral": True}
        data["resolved"] = {"attachments": {identity: attachment}}
        return {"type": 11, "name": "file", "value": identity}


def _filled(label: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    control = next(component for component in walk([label]) if component.get("custom_id"))
    name = control["custom_id"]
    prefilled = control.get("value") or next((o["value"] for o in control.get("options", []) if o.get("default")), "")
    value = given.pop(name, prefilled)
    assert value or not control.get("required"), f"Discord does not let one send “{label['label']}” empty"
    assert len(value) <= control.get("max_length", 4000), f"“{label['label']}” takes {control.get('max_length')} characters"
    answer: dict[str, Any] = {"type": control["type"], "id": 2, "custom_id": name}
    if control["type"] == 3:
        assert not value or value in [option["value"] for option in control["options"]], f"{value} is not offered"
        answer["values"] = [value] if value else []
    else:
        answer["value"] = value
    return {"type": 18, "id": 1, "component": answer}


__all__ = ["EPHEMERAL", "LOADING", "TOKEN", "Exchange", "FakeDiscord", "Seen"]
