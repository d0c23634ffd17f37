"""The mail face: a card is a mail; what changes of it so that its title changes is one more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256

from bot.cards.card import Card
from bot.faces.face import FaceState
from bot.faces.mail.write import subject, text
from engine.errors import Rejected
from engine.parties import Actor, Address, MessageRef

Send = Callable[[str, str, str, str], Awaitable[None]]
MOST_REMEMBERED = 1_000
MARK = "|"  # between the key of a mail and what its title was


class MailFace:
    """``send(to, subject, text, key)`` sends one mail; the same key never sends two. Nobody is heard here: it is a way out only."""

    name = "email"

    def __init__(self, send: Send) -> None:
        self._send = send
        self._said: dict[tuple[str, str], str] = {}  # (whom to, message) → the title that was mailed last

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to let go of."""

    def state(self) -> FaceState:
        return FaceState(self.name, configured=True, ready=True)

    async def post(self, to: Address, card: Card, key: str) -> MessageRef:
        await self._send(to.channel, subject(card), text(card), f"mail:{key}:{to.channel}")
        ref = MessageRef(self.name, to.channel, f"{key}{MARK}{_digest(card)}")
        self._remember(ref, card)
        return ref

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """A mail cannot be changed: a further one says what changed, where that is more than a figure.

        After a restart what was mailed last is not known, only what was mailed first. A card without versions, such as a call, that still says
        that is not mailed again; one with versions is, since it may have said something else meanwhile.
        """
        key, _, first = ref.message.partition(MARK)
        last = self._said.get((ref.channel, ref.message))
        if last == card.title or (last is None and not card.version and first == _digest(card)):
            return
        await self._send(ref.channel, subject(card), text(card), f"mail:{key}:{ref.channel}:{card.version or _digest(card)}")
        self._remember(ref, card)

    async def find(self, to: Address, key: str) -> MessageRef | None:
        """Nobody can be asked what was mailed: a mail twice is better than none."""
        return None

    async def whisper(self, actor: Actor, where: Address, card: Card) -> None:
        raise Rejected("Nobody can be answered by mail.")

    async def belongs(self, actor: Actor, group: str) -> bool:
        raise Rejected("Mail keeps no groups.")

    async def home_channel(self) -> str:
        return ""

    def _remember(self, ref: MessageRef, card: Card) -> None:
        self._said.pop((ref.channel, ref.message), None)
        self._said[ref.channel, ref.message] = card.title
        if len(self._said) > MOST_REMEMBERED:
            del self._said[next(iter(self._said))]


def _digest(card: Card) -> str:
    return sha256(card.title.encode("utf-8", "replace")).hexdigest()[:12]
