"""What the fake workspace knows: people, channels, messages, files and open modals."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

BOT_USER, BOT_ID, APP_ID, TEAM_ID = "U0BOT", "B0BOT", "A0APP", "T0TEAM"


class Refusal(Exception):
    """Slack's way of saying no: ``{"ok": false, "error": code}``."""

    def __init__(self, code: str, *messages: str, **more: Any) -> None:
        super().__init__(code, *messages)
        self.code, self.messages, self.more = code, messages, more


@dataclass
class Person:
    id: str
    name: str
    timezone: str = "UTC"
    locale: str = "en-US"

    def as_json(self) -> dict[str, Any]:
        profile = {"display_name": self.name, "real_name": self.name.title()}
        return {"id": self.id, "name": self.name, "tz": self.timezone, "locale": self.locale, "is_bot": False, "profile": profile}


@dataclass
class Message:
    """One message as it stands; ``versions`` are the texts and blocks it had before."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread: str = ""
    bot: bool = False
    metadata: dict[str, Any] | None = None
    only_for: str = ""
    deleted: bool = False
    versions: list[dict[str, Any]] = field(default_factory=list)

    def all_blocks(self) -> Iterator[dict[str, Any]]:
        yield from self.blocks
        for attachment in self.attachments:
            yield from attachment.get("blocks", ())

    def buttons(self) -> dict[str, dict[str, Any]]:
        """Label → button element, as somebody would see them."""
        found = {}
        for block in self.all_blocks():
            elements = block.get("elements", ()) if block["type"] == "actions" else [block.get("accessory") or {}]
            found |= {element["text"]["text"]: element | {"block_id": block["block_id"]} for element in elements if element.get("type") == "button"}
        return found

    def words(self) -> str:
        """Everything a reader sees, in order."""
        if not self.blocks and not self.attachments:
            return self.text
        return "\n".join(" ".join(_texts(block)) for block in self.all_blocks())

    def as_json(self, *, metadata: bool = False) -> dict[str, Any]:
        said: dict[str, Any] = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text, "blocks": self.blocks}
        said |= {"attachments": self.attachments, "team": TEAM_ID}
        if self.bot:
            said |= {"bot_id": BOT_ID, "app_id": APP_ID}
        if self.thread:
            said["thread_ts"] = self.thread
        if metadata and self.metadata:
            said["metadata"] = self.metadata
        return said


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("text", "alt_text", "fallback") and isinstance(value, str):
                yield value
            elif name not in ("confirm", "accessibility_label", "value"):
                yield from _texts(value)
    elif isinstance(part, list):
        for one in part:
            yield from _texts(one)


@dataclass
class Channel:
    id: str
    name: str
    private: bool = False
    archived: bool = False
    members: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)

    @property
    def direct(self) -> bool:
        return self.id.startswith("D")

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.private,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_im": self.direct,
            "is_member": BOT_USER in self.members,
        }


@dataclass
class File:
    id: str
    name: str
    alt: str = ""
    data: bytes = b""
    complete: bool = False
    looks_left: int = 0
    shared: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return self.complete and self.looks_left <= 0


@dataclass
class View:
    id: str
    user: str
    content: dict[str, Any]
    open: bool = True


class Workspace:
    """Everything is kept by id; ``ts`` only ever grows."""

    def __init__(self) -> None:
        self.people = {"U1": Person("U1", "ana", "Europe/Berlin", "de-DE"), "U2": Person("U2", "ben", "America/New_York")}
        everyone = {BOT_USER, *self.people}
        self.channels = {
            "C1": Channel("C1", "ops", members=set(everyone)),
            "C2": Channel("C2", "releases", members=set(everyone)),
            "C3": Channel("C3", "random", members={"U1", "U2"}),
            "C4": Channel("C4", "attic", archived=True, members=set(everyone)),
            "G1": Channel("G1", "secret", private=True, members={"U1"}),
        }
        self.groups: dict[str, tuple[str, list[str]]] = {"S0000OPS": ("ops-leads", ["U2"])}  # id → handle, members
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.whispers: list[Message] = []
        self.looks_before_ready = 1
        self._numbers = itertools.count(1)

    def number(self) -> int:
        return next(self._numbers)

    def ts(self) -> str:
        number = self.number()
        return f"{1_795_400_000 + number}.{number:06d}"

    def channel(self, named: str) -> Channel:
        """By id, or as ``#name``. Raises KeyError: a test named something that is not there."""
        if named in self.channels:
            return self.channels[named]
        return next(channel for channel in self.channels.values() if channel.name == named.removeprefix("#"))

    def person(self, named: str) -> Person:
        if named in self.people:
            return self.people[named]
        return next(person for person in self.people.values() if person.name == named.removeprefix("@"))

    def direct(self, user: str) -> Channel:
        id = f"D{user}"
        return self.channels.setdefault(id, Channel(id, "", private=True, members={BOT_USER, user}))

    def add(self, message: Message) -> Message:
        for block in message.all_blocks():
            block.setdefault("block_id", f"b{self.number()}")
        (self.whispers if message.only_for else self.channels[message.channel].messages).append(message)
        return message

    def message(self, channel: str, ts: str) -> Message | None:
        return next((message for message in self.channels[channel].messages if message.ts == ts and not message.deleted), None)
