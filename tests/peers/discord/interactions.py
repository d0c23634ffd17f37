"""One interaction on the fake: three seconds to acknowledge it, fifteen minutes to answer it, one first answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from tests.peers.discord.world import EPHEMERAL, LOADING, Channel, Person, Seen

TYPED, PRESSED, COMPLETING, FILLED_IN = 2, 3, 4, 5
ACKNOWLEDGE_WITHIN = 3.0
TOKEN_LIVES = 15 * 60.0
_ALLOWED = {TYPED: {4, 5, 9}, PRESSED: {4, 5, 6, 7, 9}, COMPLETING: {8}, FILLED_IN: {4, 5, 6, 7}}


class Refused(Exception):
    """An answer as Discord refuses it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Exchange:
    """What a person did, and what the bot answered. ``modal`` is an opened form, ``choices`` completions."""

    id: str
    kind: int
    person: Person
    channel: Channel
    began: float
    source: dict[str, Any] | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    acknowledged: int = 0
    took: float = 0.0
    original: dict[str, Any] | None = None
    further: list[dict[str, Any]] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    choices: list[tuple[str, str]] | None = None
    cleared: bool = False

    @property
    def messages(self) -> list[Seen]:
        """What was shown through this interaction and still stands."""
        shown = [message for message in (self.original, *self.further) if message and not message.get("deleted")]
        return [Seen(message) for message in shown if not message["flags"] & LOADING]

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.messages)

    @property
    def waiting(self) -> bool:
        """Whether the person still sees “thinking…”."""
        return self.acknowledged == 5 and bool(self.original and self.original["flags"] & LOADING and not self.original.get("deleted"))

    @property
    def private(self) -> bool:
        return all(message.ephemeral for message in self.messages)

    def acknowledge(self, kind: int, now: float) -> None:
        """Raises Refused as Discord does: too late, twice, or with an answer of the wrong kind."""
        if now - self.began > ACKNOWLEDGE_WITHIN:
            raise Refused(404, 10062, "Unknown interaction")
        if self.acknowledged:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if kind not in _ALLOWED[self.kind] or (kind in (6, 7) and self.source is None):
            raise Refused(400, 50035, f"Invalid Form Body: answer {kind} does not fit an interaction of type {self.kind}")
        self.acknowledged = kind
        self.took = now - self.began

    def check_token(self, now: float) -> None:
        if not self.acknowledged:
            raise Refused(404, 10015, "Unknown Webhook")
        if now - self.began > TOKEN_LIVES:
            raise Refused(401, 50027, "Invalid Webhook Token")

    def at_original(self) -> dict[str, Any]:
        """The message that ``@original`` means."""
        message = self.source if self.acknowledged in (6, 7) else self.original
        if message is None or message.get("deleted"):
            raise Refused(404, 10008, "Unknown Message")
        return message


def ephemeral(body: dict[str, Any]) -> int:
    return int(body.get("flags") or 0) & EPHEMERAL
