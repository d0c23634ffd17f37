"""What a face must be able to do, and what it hands in: the seam between people's platforms and the house."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from bot.cards.card import Card, Form
from engine.parties import Actor, Address, MessageRef


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with words. ``read`` fetches its content; it raises the hall's Rejected (too large, not there) or Transient."""

    name: str
    read: Callable[[], Awaitable[bytes]]
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Somebody said something to us. ``id`` is the platform's own (Slack event_id, Discord message or interaction id), for once-only.

    ``direct``: it was surely meant for us (slash command, mention, direct message, web chat). A slash command comes as text, ``/flow list``.
    """

    id: str
    actor: Actor
    where: Address
    text: str
    direct: bool = True
    files: tuple[str, ...] = ()  # ids of kept files that came with it
    attached: tuple[Attached, ...] = field(default=(), compare=False)  # those that are still to be fetched; forgotten in a crash


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button (or sent its form) on the card ``card`` whose version ``version`` was on the screen."""

    id: str
    actor: Actor
    where: Address
    card: str
    verb: str
    arg: str
    version: int
    form: Mapping[str, str] = field(default_factory=dict)
    message: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One card said back. ``private``: only the asker sees it. ``tracked``: it is kept up to date by the house and arrives in the

    channel through ``Face.post`` on its own; a face that can show it there must not show it a second time (REST and the
    one-shot command line print it).
    """

    card: Card
    private: bool = True
    tracked: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A form that what was said asks for; the same button stands on a card among the replies, for faces that cannot open it by themselves."""

    card: str
    verb: str
    arg: str
    version: int
    form: Form


@dataclass(frozen=True, slots=True)
class Turn:
    """What one utterance or press led to. ``command`` as in the parse contract, ``run`` the run it started.

    ``faults``: what is wrong with the values of a form that was sent, by the name of the field. ``opens``: see ``Opening``.
    """

    replies: tuple[Reply, ...] = ()
    command: Mapping[str, object] | None = None
    run: str | None = None
    ok: bool = True
    faults: Mapping[str, str] = field(default_factory=dict)
    opens: Opening | None = None


class Conversation(Protocol):
    """What faces talk to. Implemented by ``bot.conversation``; a face's tests use a fake of their own."""

    async def accept(self, utterance: Utterance) -> bool:
        """Write it down durably; False when its id was seen before. Call before acknowledging to the platform (milliseconds)."""
        ...

    async def hear(self, utterance: Utterance) -> Turn:
        """Act on an accepted utterance. Never raises: failures are replies."""
        ...

    async def press(self, press: Press) -> Turn:
        """Act on a button. Never raises; a stale, forbidden or unknown press is a private reply with the reason. Repeats of an id do nothing."""
        ...

    async def form(self, press: Press) -> Form | None:
        """The form that the pressed button opens, drawn from the card's newest state; None when there is none to fill in.

        Slack and Discord hand back only ids and want the form within three seconds: this must take milliseconds. Raises the
        hall's Rejected when the card is unknown or the version is no longer the current one; the face whispers its text.
        """
        ...

    async def complete(self, typed: str, limit: int = 8) -> Sequence[tuple[str, str]]:
        """Command completion: (full text, hint)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNews:
    """Something people did in a channel, whether or not it was meant for us. ``id`` is the platform's own. Never what we did ourselves."""

    event: Literal["message_posted", "reaction_added", "member_joined"]
    id: str
    face: str
    at: datetime
    user: str  # a name
    user_id: str
    channel: str  # ``#name``; "" for the whole workspace
    text: str = ""
    thread: str = ""  # where an answer belongs
    message: str = ""
    emoji: str = ""  # without colons
    url: str = ""


class Overhearing(Protocol):
    """Who hears what goes on in channels. Implemented by ``bot.overhearing``."""

    async def wanted(self, event: str) -> bool:
        """Whether a workflow waits for ``message_posted``, ``reaction_added`` or ``member_joined``; else it need not even be read."""
        ...

    async def tell(self, news: ChannelNews) -> None:
        """Durable on return. Raises Transient when it could not be written down."""
        ...


@dataclass(frozen=True, slots=True)
class FaceState:
    """For ``/readyz`` and the doctor. ``configured`` False: its credentials are not set."""

    name: str
    configured: bool
    ready: bool
    detail: str = ""


class Face(Protocol):
    """A place where people meet the house.

    ``post``/``edit`` raise the hall's errors only: Rejected (no such channel, not a member: the text says what to do), Transient
    (429 with retry_after, 5xx, no connection before sending), Unanswered (sent, no answer).
    """

    name: str

    async def start(self) -> None:
        """Connect, and return when able to work or when the reason why not is in ``state()``; reconnects by itself afterwards."""
        ...

    async def stop(self) -> None: ...

    def state(self) -> FaceState: ...

    async def post(self, to: Address, card: Card, key: str) -> MessageRef:
        """``key`` identifies the message for ever (metadata or nonce), so that ``find`` can tell whether it stands."""
        ...

    async def edit(self, ref: MessageRef, card: Card) -> None: ...

    async def find(self, to: Address, key: str) -> MessageRef | None:
        """The message posted with ``key``, if it stands among the channel's recent ones."""
        ...

    async def whisper(self, actor: Actor, where: Address, card: Card) -> None:
        """To one person only."""
        ...

    async def belongs(self, actor: Actor, group: str) -> bool:
        """See ``ports.Groups``; ``actor`` is somebody of this face."""
        ...

    async def home_channel(self) -> str:
        """The channel for news until routed otherwise: the first one we are a member of; "" when there is none."""
        ...
