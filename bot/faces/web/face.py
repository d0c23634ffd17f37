"""The web chat as a face: durable messages in channels, told to every open page as they change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from bot.cards.card import Card
from bot.cards.wire import png_of, to_json
from bot.faces.face import ChannelNews, Conversation, FaceState, Overhearing, Press, Turn, Utterance
from bot.faces.web.read import HOME, channel_name, client_id, direct_to, message_id, timezone_name, words
from bot.faces.web.session import CODE_LIFE, Sessions, Visitor
from bot.faces.web.stream import Hub
from bot.faces.web.write import health_json, message_json
from engine.errors import Forbidden, NotFound, Rejected
from engine.events import AlertSaved, Elsewhere, Event, ServiceStateSaved, WebMessageSaved
from engine.files import readable
from engine.monitoring.alert import AlertState, ServiceState
from engine.parties import OWNER, Actor, Address, MessageRef
from engine.ports import Clock, Store, StoredFile

log = logging.getLogger(__name__)

BOT = "Signalbox"
BOT_ID = "signalbox:signalbox"
PATIENCE = 3.0  # seconds that turns under way are waited for at the end

T = TypeVar("T")


class WebFace:
    """Also the host of the page: ``bot.faces.web.routes`` puts it on the wire."""

    name = "web"

    def __init__(
        self, conversation: Conversation, store: Store, clock: Clock, secret_key: str, overhearing: Overhearing | None = None
    ) -> None:
        self._overhearing = overhearing
        self.sessions = Sessions(secret_key, clock)
        self.hub = Hub(clock.new_id("web"))
        self._conversation = conversation
        self._store = store
        self.clock = clock
        self._turns: set[asyncio.Task[Any]] = set()
        self._started = False
        self._services: dict[tuple[str, str], ServiceState] = {}

    # --- life --------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen to the ledger, whose news every open page is told."""
        if self._started:
            return
        self._services = {(state.service, state.account): state for state in await self._store.samples.states()}
        self._store.ledger.listen(self._heard)
        self._started = True

    async def stop(self) -> None:
        """End the event streams at once; let the turns under way finish, up to a few seconds."""
        self.hub.closing.set()
        if self._turns:
            _, late = await asyncio.wait(self._turns, timeout=PATIENCE)
            for turn in late:
                turn.cancel()
        self._started = False

    def state(self) -> FaceState:
        return FaceState(self.name, configured=True, ready=self._started, detail=f"{self.hub.pages} open pages")

    def invite(self, user: str = OWNER.user, name: str = OWNER.name, life: timedelta = CODE_LIFE) -> str:
        """The path of a link that signs a browser in once as ``user``: ``/login?code=…``."""
        return f"/login?code={self.sessions.invite(Visitor(user.lower(), name), life)}"

    def sign_in_url(self, base: str) -> str:
        """A fresh link for whoever started the house; ``base`` is where browsers find it, without a slash."""
        return base + self.invite()

    # --- what the house shows ----------------------------------------------------------------------------------------

    async def post(self, to: Address, card: Card, key: str) -> MessageRef:
        channel = channel_name(to.channel)
        known = await self._store.web_messages.get(message_id("msg", f"{channel} {key}"))
        message = WebMessageSaved(
            id=message_id("msg", f"{channel} {key}"),
            channel=channel,
            at=known.at if known else self.clock.now(),
            author=BOT,
            author_id=BOT_ID,
            text=card.summary or card.title,
            card=to_json(card),
            only_for=direct_to(channel),
        )
        await self._store.ledger.record(message)
        return MessageRef(self.name, channel, message.id, to.thread)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        old = await self._store.web_messages.get(ref.message)
        if old is None:
            raise Rejected(f"The message in {ref.channel} that was to be changed is gone.")
        await self._store.ledger.record(_with_card(old, card))

    async def find(self, to: Address, key: str) -> MessageRef | None:
        channel = channel_name(to.channel)
        found = await self._store.web_messages.get(message_id("msg", f"{channel} {key}"))
        return MessageRef(self.name, channel, found.id, to.thread) if found else None

    async def whisper(self, actor: Actor, where: Address, card: Card) -> None:
        await self._say(channel_name(where.channel), card, only_for=actor.id)

    async def belongs(self, actor: Actor, group: str) -> bool:
        raise Rejected("The web chat keeps no groups.")

    async def home_channel(self) -> str:
        return HOME

    # --- what people do ----------------------------------------------------------------------------------------------

    async def hear(self, visitor: Visitor, id: str, channel: str, text: str, timezone: str, files: Sequence[str] = ()) -> Turn:
        """Somebody said ``text``, perhaps about files they handed over. It stands in the channel at once; a slash command only they see.

        Raises Rejected.
        """
        actor = visitor.actor(timezone_name(timezone))
        kept = [file for file_id in files if (file := await self._store.files.get(file_id)) is not None and file.by == actor.id]
        said = words(text) if text.strip() or not kept else ""
        place = _open_to(actor, channel)
        utterance = Utterance(client_id(id, visitor.user), actor, Address(self.name, place), said, files=tuple(file.id for file in kept))
        if not await self._conversation.accept(utterance):
            return Turn()
        private = actor.id if said.startswith("/") else direct_to(place)
        message = WebMessageSaved(
            message_id("say", utterance.id), place, self.clock.now(), visitor.name, actor.id, _with_names(said, kept), only_for=private
        )
        await self._store.ledger.record(message)
        if not private and said:
            await self._overheard(utterance)
        return await self._finish(self._turn(self._conversation.hear(utterance), place, actor))

    async def _overheard(self, utterance: Utterance) -> None:
        """Tell the workflows that wait for what is said in open channels."""
        if self._overhearing is None or not await self._overhearing.wanted("message_posted"):
            return
        at, actor = self.clock.now(), utterance.actor
        place = utterance.where.channel
        await self._overhearing.tell(
            ChannelNews(
                event="message_posted",
                id=utterance.id,
                face=self.name,
                at=at,
                user=actor.name,
                user_id=actor.user,
                channel=place,
                text=utterance.text,
                thread=message_id("say", utterance.id),
                message=message_id("say", utterance.id),
            )
        )

    async def keep_file(self, visitor: Visitor, name: str, content: bytes, media_type: str) -> StoredFile:
        """Raises Rejected for one that is empty or too large."""
        return await self._store.files.keep(name, content, media_type=media_type, by=visitor.actor("").id)

    async def kept_file(self, file_id: str) -> tuple[str, bytes]:
        """Name and content. Raises NotFound."""
        file = await self._store.files.get(file_id)
        if file is None:
            raise NotFound("There is no such file (any more).")
        return file.name, await self._store.files.read(file.id)

    async def press(
        self, visitor: Visitor, id: str, channel: str, press: Mapping[str, Any], form: Mapping[str, str], timezone: str
    ) -> Turn:
        """Somebody pressed a button. ``press``: card, verb, arg, version, message. Raises Rejected."""
        actor = visitor.actor(timezone_name(timezone))
        place = _open_to(actor, channel)
        ref = MessageRef(self.name, place, press["message"]) if press["message"] else None
        pressed = Press(
            id=client_id(id, visitor.user),
            actor=actor,
            where=Address(self.name, place),
            card=press["card"],
            verb=press["verb"],
            arg=press["arg"],
            version=press["version"],
            form=form,
            message=ref,
        )
        return await self._finish(self._turn(self._conversation.press(pressed), place, actor, form=bool(form)))

    async def complete(self, typed: str) -> Sequence[tuple[str, str]]:
        return await self._conversation.complete(typed)

    # --- what a page asks --------------------------------------------------------------------------------------------

    async def history(self, reader: str, channel: str, limit: int) -> dict[str, Any]:
        """The newest ``limit`` messages, oldest first, as of notice ``seq``; ``more``: there are older ones."""
        place, seq = channel_name(channel), self.hub.seq
        messages = await self._store.web_messages.list(place, reader=reader, limit=limit + 1)
        shown = [message_json(message) for message in messages[-limit:]]
        return {"channel": place, "seq": seq, "messages": shown, "more": len(messages) > limit}

    async def channels(self, reader: str) -> list[str]:
        """Open channels and the reader's own direct one, the home channel first."""
        used = {name for name in await self._store.web_messages.channels() if direct_to(name) in ("", reader)}
        return [HOME, *sorted(used - {HOME})]

    async def health(self) -> dict[str, Any]:
        firing = await self._store.alerts.list(states=(AlertState.FIRING,), limit=500)
        acknowledged = await self._store.alerts.list(states=(AlertState.ACKNOWLEDGED,), limit=500)
        return health_json(list(self._services.values()), len(firing), len(acknowledged))

    async def picture(self, reader: str, message: str, part: int) -> bytes:
        """PNG. Raises NotFound, also for what the reader may not see."""
        found = await self._store.web_messages.get(message)
        body: Any = (found.card or {}).get("body", []) if found and found.only_for in ("", reader) else []
        if part >= len(body) or body[part]["kind"] != "picture":
            raise NotFound("There is no such picture.")
        return png_of(body[part]["src"])

    # --- within ------------------------------------------------------------------------------------------------------

    async def _turn(self, acting: Coroutine[Any, Any, Turn], channel: str, actor: Actor, form: bool = False) -> Turn:
        """``form``: it was sent from a form, which stays open and tells its writer itself why it was refused."""
        turn = await acting
        if form and not turn.ok:
            return turn
        for reply in turn.replies:
            if not reply.tracked:
                await self._say(channel, reply.card, only_for=actor.id if reply.private else direct_to(channel))
        return turn

    async def _say(self, channel: str, card: Card, only_for: str) -> None:
        text = card.summary or card.title
        message = WebMessageSaved(self.clock.new_id("msg"), channel, self.clock.now(), BOT, BOT_ID, text, to_json(card), only_for)
        await self._store.ledger.record(message)

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Go on to the end even if the browser goes away meanwhile."""
        task = asyncio.create_task(work)
        self._turns.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._turns.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a turn in the web chat failed", exc_info=error)

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case WebMessageSaved():
                    self.hub.publish("message", message_json(event), event.only_for)
                case ServiceStateSaved(state):
                    self._watch(state)
                case AlertSaved():
                    self.hub.publish("health", {})
                case Elsewhere(noun="web_message", id=""):
                    self.hub.afresh()

    def _watch(self, state: ServiceState) -> None:
        """Tell the pages only what they would show differently."""
        old = self._services.get((state.service, state.account))
        self._services[(state.service, state.account)] = state
        if old is None or _seen(old) != _seen(state):
            self.hub.publish("health", {})


def _with_names(said: str, kept: Sequence[StoredFile]) -> str:
    return "\n".join([*([said] if said else []), *(f"📎 {file.name} ({readable(file.size)})" for file in kept)])


def _open_to(actor: Actor, channel: str) -> str:
    place = channel_name(channel)
    if direct_to(place) not in ("", actor.id):
        raise Forbidden(f"{place} is somebody else's own channel. Speak in {HOME} instead.")
    return place


def _seen(state: ServiceState) -> tuple[str, bool, bool, str]:
    return state.status, state.misconfigured, state.sandbox, state.detail


def _with_card(old: WebMessageSaved, card: Card) -> WebMessageSaved:
    text = card.summary or card.title
    return WebMessageSaved(old.id, old.channel, old.at, old.author, old.author_id, text, to_json(card), old.only_for)
