"""How the house speaks in Slack: a card is posted, edited, found again, or said to one person only.

Each card has up to four forms, from rich to bare; one that Slack refuses is followed by the next, so nothing stays unsaid.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards.card import Card, Picture
from bot.faces.face import Reply, Turn
from bot.faces.slack import write
from bot.faces.slack.api import UNWRITABLE, Answer, Refused, SlackApi
from bot.faces.slack.channels import Channels
from bot.faces.slack.files import Files
from bot.faces.slack.log import logger
from bot.faces.slack.read import FACE
from bot.faces.slack.write import Message
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.parties import Actor, Address, MessageRef
from engine.ports import Clock

METADATA = "signalbox_card"
TRIES = 4
LONGEST_WAIT = 30.0
HISTORY_PAGE, HISTORY_PAGES = 100, 3

Send = Callable[[Message], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Here:
    """Where an answer goes. ``key`` is the id of what it answers; ``response_url`` works even where we are no member."""

    actor: Actor
    where: Address
    key: str
    response_url: str = ""


class Voice:
    def __init__(self, api: SlackApi, channels: Channels, files: Files, clock: Clock) -> None:
        self._api, self._channels, self._files, self._clock = api, channels, files, clock
        self._log = logger("voice")

    # --- for everyone -----------------------------------------------------------------------------------------------------

    async def post(self, to: Address, card: Card, key: str) -> MessageRef:
        channel = await self._channels.id(to.channel)
        pictures = await self._files.pictures(card)

        async def send(message: Message) -> Answer:
            return await self._api.call(
                "chat.postMessage",
                once=True,
                channel=channel,
                thread_ts=to.thread or None,
                metadata={"event_type": METADATA, "event_payload": {"key": key}},
                client_msg_id=str(uuid.uuid5(uuid.NAMESPACE_URL, key)),
                unfurl_links=False,
                unfurl_media=False,
                **message.payload(),
            )

        answer, shown = await self._said(card, pictures, send, channel)
        ref = MessageRef(FACE, str(answer.get("channel") or channel), str(answer["ts"]), to.thread)
        await self._beside(card, pictures, shown, ref.channel, to.thread or ref.message)
        return ref

    async def edit(self, ref: MessageRef, card: Card) -> None:
        pictures = await self._files.pictures(card)

        async def send(message: Message) -> Answer:
            return await self._api.call("chat.update", channel=ref.channel, ts=ref.message, **message.payload())

        await self._said(card, pictures, send, ref.channel)
        await self._files.share(write.overflow(card), ref.channel, ref.thread or ref.message)

    async def find(self, to: Address, key: str) -> MessageRef | None:
        channel = await self._channels.id(to.channel)
        method, thread = ("conversations.replies", to.thread) if to.thread else ("conversations.history", None)
        cursor = ""
        for _ in range(HISTORY_PAGES):
            page = await self._api.call(
                method, channel=channel, ts=thread, limit=HISTORY_PAGE, include_all_metadata=True, cursor=cursor or None
            )
            for message in page.get("messages") or ():
                if _key_of(message) == key:
                    return MessageRef(FACE, channel, str(message["ts"]), to.thread)
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return None

    # --- for one ----------------------------------------------------------------------------------------------------------

    async def whisper(self, actor: Actor, where: Address, card: Card) -> None:
        """In the channel where only they see it; by direct message where that is not possible."""
        if where.face == FACE and where.channel.startswith("D"):
            await self._directly(where.channel, where.thread, card)
        elif where.face != FACE or not await self._ephemerally(actor, where, card):
            await self._directly(await self._channels.direct(actor.user), "", card)

    async def _ephemerally(self, actor: Actor, where: Address, card: Card) -> bool:
        """False where Slack does not let us: not a member, archived, or they are not in the channel."""
        try:
            await self._only_for(actor, await self._channels.id(where.channel), where.thread, card)
        except Rejected as error:
            self._log.info("Said by direct message instead of in %s: %s", where, error)
            return False
        return True

    async def _only_for(self, actor: Actor, channel: str, thread: str, card: Card) -> None:
        pictures = await self._files.pictures(card)

        async def send(message: Message) -> Answer:
            return await self._api.call(
                "chat.postEphemeral", channel=channel, user=actor.user, thread_ts=thread or None, **message.payload()
            )

        await self._said(card, pictures, send, channel)
        await self._leaves_to(actor, card)

    async def _directly(self, channel: str, thread: str, card: Card) -> None:
        pictures = await self._files.pictures(card)

        async def send(message: Message) -> Answer:
            return await self._api.call(
                "chat.postMessage",
                channel=channel,
                thread_ts=thread or None,
                unfurl_links=False,
                unfurl_media=False,
                **message.payload(),
            )

        answer, shown = await self._said(card, pictures, send, channel)
        await self._beside(card, pictures, shown, channel, thread or str(answer["ts"]))

    async def _leaves_to(self, actor: Actor, card: Card) -> None:
        """What only they see has no thread: long texts go to their direct messages."""
        if leaves := write.overflow(card):
            await self._files.share(leaves, await self._channels.direct(actor.user), "")

    # --- answers ----------------------------------------------------------------------------------------------------------

    async def reply(self, turn: Turn, here: Here) -> None:
        """Say what a turn led to; what is tracked arrives by itself. A reply that cannot be said is logged, never posted as an error."""
        for number, reply in enumerate(turn.replies):
            if reply.tracked:
                continue
            try:
                await self._patiently(reply, here, f"reply:{here.key}:{number}")
            except SignalboxError as error:
                self._log.warning("A reply to %s in Slack could not be said: %s", here.actor.id, error)

    async def _patiently(self, reply: Reply, here: Here, key: str) -> None:
        for number in range(1, TRIES + 1):
            try:
                await (self._privately(reply.card, here) if reply.private else self._publicly(reply.card, here, key))
                break
            except Transient as error:
                if number == TRIES:
                    raise
                await self._clock.sleep(min(error.retry_after or 2.0**number, LONGEST_WAIT))

    async def _privately(self, card: Card, here: Here) -> None:
        if await self._by_answer_url(card, here, "ephemeral"):
            await self._leaves_to(here.actor, card)
        else:
            await self.whisper(here.actor, here.where, card)

    async def _publicly(self, card: Card, here: Here, key: str) -> None:
        try:
            await self.post(here.where, card, key)
        except Unanswered:
            if await self.find(here.where, key) is None:
                await self.post(here.where, card, key)
        except Rejected:
            # A slash command can be used where we are no member: its own address still works there.
            if not await self._by_answer_url(card, here, "in_channel"):
                await self.whisper(here.actor, here.where, card)

    async def _by_answer_url(self, card: Card, here: Here, kind: str) -> bool:
        """False when there is no such address, it is used up, or Slack does not take it."""
        if not here.response_url or here.where.channel.startswith("D"):
            return False
        extra: dict[str, Any] = {"response_type": kind, "replace_original": False}
        if here.where.thread:
            extra["thread_ts"] = here.where.thread
        pictures = await self._files.pictures(card)

        async def send(message: Message) -> Answer:
            return {"said": await self._api.answer(here.response_url, message.payload() | extra)}

        try:
            answer, _ = await self._said(card, pictures, send, here.where.channel)
        except Rejected as error:
            self._log.info("Slack's answer address did not work, another way is taken: %s", error)
            return False
        return bool(answer["said"])

    # --- forms ------------------------------------------------------------------------------------------------------------

    async def _said(self, card: Card, pictures: Mapping[Picture, str], send: Send, channel: str) -> tuple[Answer, bool]:
        """The answer to the first form that Slack takes, and whether the pictures were in it."""
        forms = list(_forms(card, pictures))
        for number, (form, pictured) in enumerate(forms, 1):
            try:
                return await send(form), pictured
            except Refused as error:
                if error.code not in UNWRITABLE or number == len(forms):
                    self._channels.forget(channel)
                    raise
                self._log.warning("Slack refused form %d of “%s” (%s); a simpler one is tried", number, card.title, error.code)
        raise AssertionError("a card has at least one form")

    async def _beside(self, card: Card, pictures: Mapping[Picture, str], shown: bool, channel: str, thread: str) -> None:
        """What the message could not hold goes into its thread."""
        await self._files.share(write.overflow(card), channel, thread)
        if pictures and not shown:
            await self._files.share_pictures(tuple(pictures), channel, thread)


def _forms(card: Card, pictures: Mapping[Picture, str]) -> Iterator[tuple[Message, bool]]:
    if pictures:
        yield write.message(card, pictures), True
    yield write.message(card), False
    yield write.simple(card), False
    yield write.bare(card), False


def _key_of(message: Any) -> str:
    metadata = message.get("metadata") if isinstance(message, Mapping) else None
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != METADATA:
        return ""
    payload = metadata.get("event_payload")
    key = payload.get("key") if isinstance(payload, Mapping) else ""
    return key if isinstance(key, str) else ""
