"""Who speaks, and where: actors, addresses and references to messages, the same for every face."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.errors import Rejected


class Role(StrEnum):
    """What a member may do. Each includes the one before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody on a face. ``timezone`` is an IANA name or empty; ``locale`` a BCP 47 tag or empty."""

    face: str
    user: str
    name: str
    timezone: str = ""
    locale: str = ""

    @property
    def id(self) -> str:
        return f"{self.face}:{self.user}"


SYSTEM = Actor(face="signalbox", user="signalbox", name="Signalbox")
OWNER = Actor(face="web", user="owner", name="Owner")  # whoever opens the web chat by the printed link or the token


@dataclass(frozen=True, slots=True)
class Address:
    """A place on a face where a card can stand. ``channel`` is the face's own id, or ``#name`` until the face resolves it."""

    face: str
    channel: str
    thread: str = ""

    @classmethod
    def parse(cls, text: str, default_face: str = "") -> Address:
        """Read ``face:channel`` or ``face:channel/thread``; without a face, ``default_face`` is used.

        Raises Rejected when no channel is named.
        """
        face, colon, rest = text.strip().partition(":")
        if not colon:
            face, rest = default_face, text.strip()
        channel, _, thread = rest.partition("/")
        if not channel or not face:
            raise Rejected(f"“{text}” names no channel. Write it as #name or face:channel, for example slack:#ops.")
        return cls(face, channel, thread)

    def __str__(self) -> str:
        return f"{self.face}:{self.channel}" + (f"/{self.thread}" if self.thread else "")


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that stands on a face: enough to edit it years later. ``message`` is Slack's ts, Discord's id, the web chat's id."""

    face: str
    channel: str
    message: str
    thread: str = ""
