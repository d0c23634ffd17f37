"""How the house listens in Slack: bolt hands everything to one middleware, which writes it down, acknowledges, and only then works.

theirs → read → accept (durable) → ack → hear or press → replies
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.card import Card, Text, Tone
from bot.faces.face import Conversation, Opening, Press, Reply, Turn
from bot.faces.slack import modal, write
from bot.faces.slack.api import SlackApi
from bot.faces.slack.buttons import Pressed
from bot.faces.slack.log import logger
from bot.faces.slack.overhearing import Overhears
from bot.faces.slack.people import People
from bot.faces.slack.read import Clicked, Heard, Ignored, Me, Submitted, read
from bot.faces.slack.text import cut
from bot.faces.slack.voice import Here, Voice
from engine.errors import SignalboxError
from engine.parties import Actor, Address

FORM_PATIENCE = 2.0  # seconds: Slack waits three for what becomes of a sent form
ATTENTION = 300.0  # seconds during which somebody who spoke with us may go on without a mention
ATTENTIVE_TO = 2000
FINISHING = 5.0

T = TypeVar("T")


class Hearing:
    """``me`` is set once auth.test has answered; ``app`` is what sockets and HTTP dispatch to."""

    def __init__(
        self, conversation: Conversation, api: SlackApi, voice: Voice, people: People, signing_secret: str, overhears: Overhears
    ) -> None:
        self._conversation, self._api, self._voice, self._people = conversation, api, voice, people
        self._overhears = overhears
        self._log = logger("hearing")
        self.me = Me()
        self.app = self._bolt(signing_secret)
        self._attention: dict[tuple[str, str], float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def _bolt(self, signing_secret: str) -> AsyncApp:
        # Bolt fills in arguments by name and cannot do so for methods: hence the two functions.
        async def authorize() -> AuthorizeResult:
            """Who we are was asked once at the start: no event waits for it."""
            return AuthorizeResult(enterprise_id=None, team_id=None, bot_user_id=self.me.user, bot_id=self.me.bot, bot_token="-")  # noqa: S106

        app = AsyncApp(
            name="signalbox",
            logger=logger("bolt"),
            client=AsyncWebClient(base_url=self._api.url, retry_handlers=[]),
            signing_secret=signing_secret,
            authorize=authorize,
        )

        @app.middleware
        async def receive(body: dict[str, Any], ack: AsyncAck) -> BoltResponse:
            return await self._receive(body, ack)

        return app

    async def finish(self) -> None:
        """Let what was begun come to its end, within reason."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISHING)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- taking in --------------------------------------------------------------------------------------------------------

    async def _receive(self, body: dict[str, Any], ack: AsyncAck) -> BoltResponse:
        """Raising here leaves it unacknowledged, so that Slack tells the asker or sends it again."""
        await self._overhears.take_in(body, self.me)
        match read(body, self.me):
            case Heard() as heard:
                await self._take_in(heard)
            case Clicked() as clicked:
                self._spawn(self._clicked(clicked))
            case Submitted() as submitted:
                return await self._submitted(submitted, ack)
            case Ignored(reason):
                self._log.debug("Ignored from Slack: %s", reason)
        return await ack()

    async def _take_in(self, heard: Heard) -> None:
        utterance = heard.utterance
        if not (utterance.direct or heard.to_us or self._is_listening_to(utterance.actor, utterance.where)):
            return
        if await self._conversation.accept(replace(utterance, actor=self._people.remembered(utterance.actor))):
            self._spawn(self._converse(heard))

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("Something that came from Slack could not be handled to its end", exc_info=error)

    # --- attention --------------------------------------------------------------------------------------------------------

    def _is_listening_to(self, actor: Actor, where: Address) -> bool:
        return self._attention.get((actor.user, str(where)), 0.0) > asyncio.get_running_loop().time()

    def _listen_to(self, actor: Actor, where: Address) -> None:
        self._attention[actor.user, str(where)] = asyncio.get_running_loop().time() + ATTENTION
        while len(self._attention) > ATTENTIVE_TO:
            del self._attention[next(iter(self._attention))]

    # --- turns ------------------------------------------------------------------------------------------------------------

    async def _converse(self, heard: Heard) -> None:
        attached = tuple(self._api.attached(file) for file in heard.files)
        utterance = replace(heard.utterance, actor=await self._people.completed(heard.utterance.actor), attached=attached)
        if utterance.direct:
            self._listen_to(utterance.actor, utterance.where)
        turn = await self._conversation.hear(utterance)
        if turn.opens and heard.trigger and await self._opened(turn.opens, heard):
            return
        await self._voice.reply(turn, Here(utterance.actor, utterance.where, utterance.id, heard.response_url))

    async def _opened(self, opening: Opening, heard: Heard) -> bool:
        """Whether the form came up in time; else the card with its button is shown."""
        where = heard.utterance.where
        pressed = Pressed(opening.card, opening.version, opening.verb, opening.arg, True)
        try:
            shown = modal.view(opening.form, modal.Place(pressed, where.channel, "", where.thread))
            await self._api.call("views.open", trigger_id=heard.trigger, view=shown)
        except SignalboxError as error:
            self._log.info("A form could not be opened at once, its button is shown instead: %s", error)
            return False
        return True

    async def _clicked(self, clicked: Clicked) -> None:
        if clicked.form and await self._form_opened(clicked):
            return
        turn = await self._pressed(clicked.press)
        await self._voice.reply(turn, _here(clicked.press, clicked.response_url))

    async def _pressed(self, press: Press) -> Turn:
        return await self._conversation.press(replace(press, actor=await self._people.completed(press.actor)))

    async def _form_opened(self, clicked: Clicked) -> bool:
        """Slack takes a form within three seconds of the press, so nothing else is asked before. False: there is none to fill in."""
        press = clicked.press
        try:
            form = await self._conversation.form(press)
            if form is None:
                return False
            await self._api.call("views.open", trigger_id=clicked.trigger, view=modal.view(form, modal.place(press)))
        except SignalboxError as error:
            await self._voice.reply(Turn((Reply(_notice(error)),), ok=False), _here(press, clicked.response_url))
        return True

    async def _submitted(self, submitted: Submitted, ack: AsyncAck) -> BoltResponse:
        """What cannot be taken is said inside the form while it is open, so that nobody types it twice."""
        pressing = self._spawn(self._pressed(submitted.press))
        done, _ = await asyncio.wait({pressing}, timeout=FORM_PATIENCE)
        if done and not pressing.exception() and not pressing.result().ok and submitted.blocks:
            return await ack(response_action="errors", errors=_errors(pressing.result(), submitted.blocks))
        self._spawn(self._reply_when(pressing, _here(submitted.press)))
        return await ack()

    async def _reply_when(self, turning: asyncio.Task[Turn], here: Here) -> None:
        await self._voice.reply(await turning, here)


def _here(press: Press, response_url: str = "") -> Here:
    return Here(press.actor, press.where, press.id, response_url)


def _notice(error: SignalboxError) -> Card:
    return Card("That did not work", (Text((str(error),)),), tone=Tone.WARNING)


def _errors(turn: Turn, blocks: Mapping[str, str]) -> dict[str, str]:
    """What is wrong where it was typed; what belongs to no line of the form stands under the first."""
    found = {blocks[name]: cut(why, 1000) for name, why in turn.faults.items() if name in blocks and why.strip()}
    return found or {next(iter(blocks.values())): _reasons(turn)}


def _reasons(turn: Turn) -> str:
    said = "\n".join(write.words(reply.card) for reply in turn.replies)
    return cut(said, 1000) or "That was not accepted."
