"""What exists on the fake Discord: servers, channels, people and messages, in the shapes Discord sends them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

VIEW, SEND, ATTACH, HISTORY, OPEN_THREADS, IN_THREADS = 1 << 10, 1 << 11, 1 << 15, 1 << 16, 1 << 35, 1 << 38
USUAL = VIEW | SEND | ATTACH | HISTORY | OPEN_THREADS | IN_THREADS
EPHEMERAL, LOADING, V2 = 1 << 6, 1 << 7, 1 << 15
TEXT_CHANNEL, DIRECT, THREAD = 0, 1, 11
_DISCORD_EPOCH_MS = 1420070400000


class Clock:
    """Real time, which tests may push forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time.time_ns() / 1e9 + self.ahead

    def iso(self) -> str:
        seconds = self.now()
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06d}+00:00"


@dataclass
class Channel:
    id: str
    name: str
    type: int = TEXT_CHANNEL
    position: int = 0
    allow: int = USUAL
    parent: str = ""
    recipient: str = ""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    nonces: dict[str, tuple[float, str]] = field(default_factory=dict)


@dataclass
class Person:
    id: str
    name: str
    accepts_direct: bool = True
    roles: list[str] = field(default_factory=list)

    def user(self) -> dict[str, Any]:
        return {"id": self.id, "username": self.name, "global_name": self.name.title(), "discriminator": "0", "avatar": None}


class World:
    """One server with one bot on it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._counter = itertools.count(1)
        self.bot = Person(self.snowflake(), "signalbox")
        self.application = self.snowflake()
        self.guild = self.snowflake()
        self.permissions = USUAL
        self.channels: dict[str, Channel] = {}
        self.people: dict[str, Person] = {}
        self.roles: dict[str, str] = {}  # id → name
        self.commands: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}

    def snowflake(self) -> str:
        return str((int(self.clock.now() * 1000) - _DISCORD_EPOCH_MS) << 22 | next(self._counter) & 0x3FFFFF)

    def add_channel(
        self, name: str, allow: int | None = None, *, type: int = TEXT_CHANNEL, parent: str = "", recipient: str = ""
    ) -> Channel:
        allowed = self.permissions if allow is None else allow
        channel = Channel(self.snowflake(), name, type, len(self.channels), allowed, parent, recipient)
        self.channels[channel.id] = channel
        return channel

    def channel(self, name: str | Channel) -> Channel:
        if isinstance(name, Channel):
            return name
        wanted = name.removeprefix("#")
        found = self.channels.get(wanted) or next((c for c in self.channels.values() if c.name == wanted), None)
        assert found, f"there is no channel {name} on this Discord; there are {[c.name for c in self.channels.values()]}"
        return found

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person(self.snowflake(), name)
        return self.people[name]

    def direct(self, person_id: str) -> Channel:
        found = next((c for c in self.channels.values() if c.recipient == person_id), None)
        return found or self.add_channel(f"dm-{person_id}", USUAL, type=DIRECT, recipient=person_id)

    def author(self, person_id: str) -> dict[str, Any]:
        if person_id == self.bot.id:
            return self.bot.user() | {"bot": True}
        return next(person for person in self.people.values() if person.id == person_id).user()

    # --- shapes ------------------------------------------------------------------------------------------------------------

    def member(self, person: Person) -> dict[str, Any]:
        return {
            "user": self.author(person.id),
            "nick": None,
            "avatar": None,
            "roles": list(person.roles),
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": str(USUAL),
        }

    def channel_shape(self, channel: Channel) -> dict[str, Any]:
        if channel.type == DIRECT:
            recipient = self.author(channel.recipient)
            return {"id": channel.id, "type": DIRECT, "recipients": [recipient], "last_message_id": None, "flags": 0}
        denied = self.permissions & ~channel.allow
        overwrite = {"id": self.guild, "type": 0, "allow": "0", "deny": str(denied)}
        shape = {
            "id": channel.id,
            "type": channel.type,
            "guild_id": self.guild,
            "name": channel.name,
            "position": channel.position,
            "permission_overwrites": [overwrite] if denied else [],
            "nsfw": False,
            "topic": None,
            "parent_id": channel.parent or None,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": 0,
        }
        if channel.type == THREAD:
            archive = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": "2026-01-01T00:00:00+00:00", "locked": False}
            shape |= {"owner_id": self.bot.id, "thread_metadata": archive, "message_count": 0, "member_count": 1}
        return shape

    def add_role(self, name: str, *people: str) -> str:
        """Before the bot connects: it hears of roles when it is told of its server."""
        id = self.snowflake()
        self.roles[id] = name
        for person in people:
            self.person(person).roles.append(id)
        return id

    def _role(self, id: str, name: str) -> dict[str, Any]:
        return {
            "id": id,
            "name": name,
            "permissions": str(self.permissions),
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": 0,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }

    def guild_shape(self) -> dict[str, Any]:
        roles = [self._role(id, name) for id, name in {self.guild: "@everyone", **self.roles}.items()]
        places = [channel for channel in self.channels.values() if channel.type != DIRECT]
        return {
            "id": self.guild,
            "name": "Acme",
            "icon": None,
            "owner_id": "1",
            "roles": roles,
            "emojis": [],
            "stickers": [],
            "features": [],
            "channels": [self.channel_shape(c) for c in places if c.type == TEXT_CHANNEL],
            "threads": [self.channel_shape(c) for c in places if c.type == THREAD],
            "members": [self.member(self.bot)],
            "member_count": 3,
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "system_channel_flags": 0,
            "afk_timeout": 300,
            "large": False,
            "unavailable": False,
        }

    def message(self, channel: Channel, author: str, body: dict[str, Any], flags: int = 0) -> dict[str, Any]:
        """A message as it stands; ``body`` is what was posted."""
        return {
            "id": self.snowflake(),
            "channel_id": channel.id,
            "author": self.author(author),
            "content": body.get("content") or "",
            "timestamp": self.clock.iso(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": body.get("embeds") or [],
            "pinned": False,
            "type": 0,
            "flags": (body.get("flags") or 0) | flags,
            "components": [],
        }


def with_ids(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the components that carry no id of their own, as Discord does."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    numbers = (number for number in itertools.count(1) if number not in taken)
    for component in walk(components):
        if not component.get("id"):
            component["id"] = next(numbers)
    return components


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for key in ("component", "accessory"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it; follows later edits."""

    raw: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def text(self) -> str:
        shown = [c["content"] for c in walk(self.raw["components"]) if c["type"] == 10]
        return "\n".join([self.raw["content"], *shown]).strip()

    @property
    def buttons(self) -> list[str]:
        return [c.get("label", "") for c in walk(self.raw["components"]) if c["type"] == 2]

    @property
    def ephemeral(self) -> bool:
        return bool(self.raw["flags"] & EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.raw["flags"] & LOADING)

    @property
    def by_bot(self) -> bool:
        return bool(self.raw["author"].get("bot"))

    @property
    def pinged(self) -> list[str]:
        return [user["id"] for user in self.raw["mentions"]]

    @property
    def attachments(self) -> list[str]:
        return [attachment["filename"] for attachment in self.raw["attachments"]]

    @property
    def accent(self) -> int | None:
        return next((c.get("accent_color") for c in self.raw["components"] if c["type"] == 17), None)

    def button(self, label: str) -> dict[str, Any]:
        """The first button whose label begins so. Fails when there is none: people cannot press what is not there."""
        found = [c for c in walk(self.raw["components"]) if c["type"] == 2 and c.get("label", "").startswith(label)]
        assert found, f"there is no button “{label}” on this message, only {self.buttons}"
        assert not found[0].get("disabled"), f"the button “{label}” is disabled"
        assert found[0].get("custom_id"), f"the button “{label}” only opens a page"
        return found[0]
