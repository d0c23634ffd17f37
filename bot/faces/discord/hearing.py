"""What becomes of what people do on Discord: acknowledge in time, hand it to the conversation, bring the answers back."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

import aiohttp
import discord

from bot.cards.card import Button, Card, Text, Tone
from bot.faces.discord import marks, modal, read, write
from bot.faces.discord.exchange import Exchange
from bot.faces.discord.overhearing import Overhears
from bot.faces.discord.places import NAME, actor_of, where_of
from bot.faces.discord.typing_in import typing_in
from bot.faces.discord.wire import missing_rights
from bot.faces.face import Attached, Conversation, Opening, Press, Reply, Turn, Utterance
from bot.faces.fetch import fetched, too_large
from engine.commands.connecting import CARD as CONNECTION
from engine.errors import Rejected, SignalboxError
from engine.files import LARGEST
from engine.parties import Actor, Address, MessageRef
from engine.ports import Clock

log = logging.getLogger(__name__)

_WRITE_DOWN = 1.0  # seconds to wait for the durable note before acknowledging
_FORM = 1.8  # seconds to find a form: a form must be the first answer, within Discord's 3 seconds
_COMPLETION = 1.8
_LARGEST_FILE = 256_000
_FILE_HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
_KEPT = 1000
_FORMS_KEPT = 200  # refused forms whose text is kept for another try


class Voice(Protocol):
    """What the face does for whoever listens."""

    async def post(self, to: Address, card: Card, key: str) -> MessageRef: ...
    async def direct(self, actor: Actor, card: Card, key: str) -> MessageRef: ...
    def me(self) -> int: ...


class Hearing:
    """Nothing here raises into discord.py: what cannot be answered is logged, and the asker is told where possible."""

    def __init__(self, conversation: Conversation, clock: Clock, voice: Voice, overhears: Overhears, api_url: str = "") -> None:
        self._conversation = conversation
        self._overhears = overhears
        self._bases = (api_url,) if api_url else ()
        self._clock = clock
        self._voice = voice
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._questions: OrderedDict[str, Button] = OrderedDict()
        self._exchanges: OrderedDict[tuple[str, Address], Exchange] = OrderedDict()
        self._typed: OrderedDict[tuple[str, str], Mapping[str, str]] = OrderedDict()
        self._busy: set[asyncio.Task[Any]] = set()

    def remember(self, card: Card) -> None:
        """Keep the questions “sure?” behind a card's buttons at hand; after a restart a plainer question is asked."""
        for custom_id, button in write.questions(card):
            _keep(self._questions, custom_id, button)

    def exchange(self, actor: Actor, where: Address) -> Exchange | None:
        """An interaction of this person in this place through which something private can still be shown."""
        exchange = self._exchanges.get((actor.user, where))
        return exchange if exchange and exchange.usable(self._clock.now()) else None

    async def finish(self, patience: float) -> None:
        """Let what is being answered come to its end."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=patience)

    async def interaction(self, interaction: discord.Interaction[Any]) -> None:
        # After a reconnection Discord replays events; each interaction is answered once.
        if not self._first(interaction.id):
            return
        exchange = Exchange(interaction, self._clock.now())
        _keep(self._exchanges, (exchange.actor.user, exchange.where), exchange)
        data: Mapping[str, Any] = interaction.data or {}
        match interaction.type:
            case discord.InteractionType.application_command:
                await self._while_busy(self._command(exchange, data))
            case discord.InteractionType.autocomplete:
                await self._while_busy(self._complete(exchange, data))
            case discord.InteractionType.component:
                await self._while_busy(self._component(exchange, data))
            case discord.InteractionType.modal_submit:
                await self._while_busy(self._submitted(exchange, data))
            case _:
                log.info("an interaction of the unknown type %s was left alone", interaction.type)

    async def message(self, message: discord.Message) -> None:
        """A direct message, or one that mentions us; everything else is not for us."""
        await self._overhears.message(message)
        if message.author.bot or message.webhook_id or message.type not in (discord.MessageType.default, discord.MessageType.reply):
            return
        me = self._voice.me()
        if message.guild is not None and me not in message.raw_mentions and all(user.id != me for user in message.mentions):
            return
        if self._first(message.id):
            await self._while_busy(self._said(message, me))

    # --- the four kinds of interaction -------------------------------------------------------------------------------------

    async def _command(self, exchange: Exchange, data: Mapping[str, Any]) -> None:
        sentence = read.sentence(data)
        if sentence.ask:
            await self._open(exchange, modal.asking("Signalbox", sentence.ask, marks.saying(sentence.text)))
        elif sentence.file:
            await exchange.defer(thinking=True)
            text = await self._file_text(exchange, sentence.file)
            if text is not None:
                await self._converse(exchange, f"{sentence.text}\n{text}")
        elif sentence.may_open:
            await self._converse_or_open(exchange, sentence.text)
        else:
            await self._converse(exchange, sentence.text)

    async def _complete(self, exchange: Exchange, data: Mapping[str, Any]) -> None:
        typing = read.typing(data)
        try:
            async with asyncio.timeout(_COMPLETION):
                offered = await self._conversation.complete(typing.words, 25)
        except TimeoutError:
            offered = ()
        shown = [discord.app_commands.Choice(name=name, value=value) for name, value in read.choices(typing, offered)]
        try:
            await exchange.interaction.response.autocomplete(shown)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.info("completions came too late: %s", error)

    async def _component(self, exchange: Exchange, data: Mapping[str, Any]) -> None:
        custom_id = str(data.get("custom_id", ""))
        mark = marks.Mark.decode(custom_id)
        match mark.kind if mark else None:
            case marks.Kind.ACT | marks.Kind.YES if mark:
                await self._press(exchange, mark, {})
            case marks.Kind.SURE if mark:
                await self._ask_first(exchange, mark, custom_id)
            case marks.Kind.FORM if mark:
                await self._ask_form(exchange, mark, custom_id)
            case marks.Kind.NO:
                await exchange.defer(thinking=False)
                await exchange.clear()
            case _:
                await self._tell(
                    exchange, "This button belongs to an older Signalbox and does nothing any more. Ask again for a fresh card."
                )

    async def _submitted(self, exchange: Exchange, data: Mapping[str, Any]) -> None:
        custom_id = str(data.get("custom_id", ""))
        values = read.form_values(data.get("components") or ())
        prefix = marks.said_after(custom_id)
        mark = marks.Mark.decode(custom_id)
        if prefix is not None:
            await self._converse(exchange, f"{prefix}\n{values.get('text', '')}".strip())
        elif mark:
            await self._press(exchange, mark, values, custom_id)
        else:
            await self._tell(exchange, "This form belongs to an older Signalbox. Ask again for a fresh card.")

    # --- words -------------------------------------------------------------------------------------------------------------

    async def _converse(self, exchange: Exchange, text: str) -> None:
        utterance = Utterance(exchange.id, exchange.actor, exchange.where, text)
        accepting = asyncio.ensure_future(self._conversation.accept(utterance))
        # Written down first: milliseconds. Should the store be slow, Discord must not wait for it.
        await asyncio.wait({accepting}, timeout=_WRITE_DOWN)
        if accepting.done() and not accepting.exception() and not accepting.result():
            return
        if not exchange.acknowledged:
            await exchange.defer(thinking=True)
        try:
            fresh = await accepting
        except SignalboxError as error:
            await self._show(exchange, _refusal(f"Nothing was done: {error}"))
            return
        turn = await self._conversation.hear(utterance) if fresh else Turn()
        await self._answer(exchange, turn)

    async def _converse_or_open(self, exchange: Exchange, text: str) -> None:
        """What may ask for a form is heard before anything is acknowledged, because a form must be the first answer."""
        utterance = Utterance(exchange.id, exchange.actor, exchange.where, text)
        hearing = asyncio.ensure_future(self._accepted(utterance))
        await asyncio.wait({hearing}, timeout=_FORM)
        opens = hearing.result().opens if hearing.done() else None
        if opens is not None and await self._opened(exchange, opens):
            return
        await exchange.defer(thinking=True)
        await self._answer(exchange, await hearing)

    async def _accepted(self, utterance: Utterance) -> Turn:
        try:
            return await self._conversation.hear(utterance) if await self._conversation.accept(utterance) else Turn()
        except SignalboxError as error:
            return Turn((Reply(_refusal(f"Nothing was done: {error}")),), ok=False)

    async def _opened(self, exchange: Exchange, opening: Opening) -> bool:
        """False when Discord cannot show the form or waits no longer; its button is shown instead."""
        custom_id = marks.Mark(marks.Kind.FORM, opening.card, opening.version, opening.verb, opening.arg).encode()
        if not custom_id:
            return False
        try:
            await exchange.ask(modal.modal(opening.form, custom_id))
        except SignalboxError as error:
            log.info("a form could not be opened at once: %s", error)
            return False
        return True

    async def _said(self, message: discord.Message, me: int) -> None:
        actor, where = actor_of(message.author), where_of(message.channel)
        attached = tuple(self._attached(file) for file in message.attachments)
        utterance = Utterance(str(message.id), actor, where, read.spoken(message.content, me), attached=attached)
        try:
            if not await self._conversation.accept(utterance):
                return
            async with typing_in(message.channel):
                turn = await self._conversation.hear(utterance)
            replies = [reply for reply in turn.replies if not reply.tracked]
        except SignalboxError as error:
            replies = [Reply(_refusal(f"Nothing was done: {error}"))]
        for at, reply in enumerate(replies):
            key = f"{utterance.id}:{at}"
            if reply.private and message.guild is not None:
                await self._in_private(actor, where, reply.card, key)
            else:
                await self._post(where, reply.card, key)

    def _attached(self, file: discord.Attachment) -> Attached:
        async def read() -> bytes:
            if file.size > LARGEST:
                raise too_large(file.filename)
            return await fetched(file.filename, file.url, hosts=_FILE_HOSTS, bases=self._bases)

        return Attached(file.filename, read, file.content_type or "")

    # --- buttons and forms -------------------------------------------------------------------------------------------------

    async def _press(self, exchange: Exchange, mark: marks.Mark, form: Mapping[str, str], custom_id: str = "") -> None:
        pressing = asyncio.ensure_future(self._conversation.press(self._as_press(exchange, mark, form)))
        # A form that a command opened stands on no message that could be left as it is.
        await exchange.defer(thinking=exchange.interaction.message is None)
        turn = await pressing
        if mark.kind is marks.Kind.YES:
            await exchange.clear()
        secret = mark.card.startswith(CONNECTION)
        self._keep_typed(exchange.actor, custom_id, {} if turn.ok or secret else form)
        await self._answer(exchange, turn)

    def _keep_typed(self, actor: Actor, custom_id: str, form: Mapping[str, str]) -> None:
        """What was refused stands in the form when it is opened again: Discord shows no errors in a form itself."""
        self._typed.pop((actor.user, custom_id), None)
        if form:
            _keep(self._typed, (actor.user, custom_id), form, _FORMS_KEPT)

    async def _ask_first(self, exchange: Exchange, mark: marks.Mark, custom_id: str) -> None:
        message = exchange.interaction.message
        known = self._questions.get(custom_id)
        raw = [component.to_dict() for component in message.components] if message else []
        label = known.label if known else read.label_of(raw, custom_id) or mark.verb
        question = known.confirm if known else f"Sure? This means: {label}."
        await self._at_once(exchange, write.sure(question, mark, label))

    async def _ask_form(self, exchange: Exchange, mark: marks.Mark, custom_id: str) -> None:
        """A form must be the first answer, so it is looked up before anything is acknowledged."""
        try:
            async with asyncio.timeout(_FORM):
                form = await self._conversation.form(self._as_press(exchange, mark, {}))
            shown = modal.modal(modal.refilled(form, self._typed.get((exchange.actor.user, custom_id), {})), custom_id) if form else None
        except TimeoutError:
            await self._tell(exchange, "That took too long. Press again.")
        except SignalboxError as error:
            await self._tell(exchange, str(error))
        else:
            await (self._open(exchange, shown) if shown else self._press(exchange, mark, {}))

    def _as_press(self, exchange: Exchange, mark: marks.Mark, form: Mapping[str, str]) -> Press:
        message, where = exchange.interaction.message, exchange.where
        standing = message is not None and not message.flags.ephemeral
        return Press(
            id=exchange.id,
            actor=exchange.actor,
            where=where,
            card=mark.card,
            verb=mark.verb,
            arg=mark.arg,
            version=mark.version,
            form=form,
            message=MessageRef(NAME, where.channel, str(message.id), where.thread) if message and standing else None,
        )

    # --- answers -----------------------------------------------------------------------------------------------------------

    async def _answer(self, exchange: Exchange, turn: Turn) -> None:
        for at, reply in enumerate(turn.replies):
            if reply.tracked:
                await self._warn_unless_it_can_stand(exchange)
            elif reply.private:
                await self._show(exchange, reply.card)
            elif refused := await self._post(exchange.where, reply.card, f"{exchange.id}:{at}"):
                await self._show(exchange, reply.card)
                await self._show(exchange, _refusal(refused))
        if exchange.loading:
            await exchange.clear()

    async def _warn_unless_it_can_stand(self, exchange: Exchange) -> None:
        missing = missing_rights(exchange.interaction.app_permissions) if exchange.interaction.guild_id else []
        if missing:
            await self._show(exchange, _refusal(f"The answer should stand here, but Signalbox lacks: {', '.join(missing)}."))

    async def _show(self, exchange: Exchange, card: Card) -> None:
        """In private, through the interaction; when that is over, in a direct message."""
        self.remember(card)
        try:
            await exchange.show(card, self._clock.now())
        except SignalboxError as error:
            log.info("a private answer goes by direct message: %s", error)
            await self._in_private(exchange.actor, exchange.where, card, f"{exchange.id}:private:{card.title}")

    async def _in_private(self, actor: Actor, where: Address, card: Card, key: str) -> None:
        try:
            await self._voice.direct(actor, card, key)
        except Rejected as error:
            log.info("a direct message was refused: %s", error)
            told = "I have an answer for you alone, but you accept no direct messages from me. Allow them, or ask with /signalbox."
            await self._post(where, Card("An answer for you", (Text((told,)),), tone=Tone.MUTED), key)
        except SignalboxError as error:
            log.warning("an answer could not be brought: %s", error)

    async def _post(self, where: Address, card: Card, key: str) -> str:
        """Empty when it stands, else why not."""
        try:
            await self._voice.post(where, card, key)
        except SignalboxError as error:
            log.warning("an answer could not be posted: %s", error)
            return str(error)
        return ""

    async def _tell(self, exchange: Exchange, sentence: str) -> None:
        await self._at_once(exchange, write.message(_refusal(sentence)))

    async def _at_once(self, exchange: Exchange, written: write.Written) -> None:
        try:
            await exchange.tell(written)
        except SignalboxError as error:
            log.warning("an interaction could not be answered: %s", error)

    async def _open(self, exchange: Exchange, shown: dict[str, Any]) -> None:
        try:
            await exchange.ask(shown)
        except SignalboxError as error:
            log.warning("a form could not be opened: %s", error)

    async def _file_text(self, exchange: Exchange, file: Mapping[str, Any]) -> str | None:
        if int(file.get("size") or 0) > _LARGEST_FILE:
            await self._show(exchange, _refusal(f"That file is larger than {_LARGEST_FILE // 1000} kB. A definition is a few kB of YAML."))
            return None
        try:
            data = await exchange.interaction.client.http.get_from_cdn(str(file.get("url")))
            return bytes(data).decode("utf-8-sig")
        except UnicodeDecodeError:
            await self._show(exchange, _refusal("That file is not text in UTF-8. Save the definition as YAML in UTF-8."))
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("an uploaded file could not be read: %s", error)
            await self._show(exchange, _refusal("The file could not be read from Discord. Try again."))
        return None

    # --- once, and to the end ----------------------------------------------------------------------------------------------

    def _first(self, identity: int) -> bool:
        if identity in self._seen:
            return False
        _keep(self._seen, identity, None)
        return True

    async def _while_busy(self, doing: Any) -> None:
        task = asyncio.ensure_future(doing)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        await task


def _refusal(sentence: str) -> Card:
    first, _, rest = sentence.partition("\n")
    return Card("That did not work", tuple(Text((line,)) for line in (first, rest) if line), tone=Tone.WARNING)


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any, most: int = _KEPT) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
