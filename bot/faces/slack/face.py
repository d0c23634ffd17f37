"""The Slack face: its life, its state, and the verbs of ``bot.faces.face.Face``, each passed to the part that does it."""

from __future__ import annotations

import asyncio

from bot.cards.card import Card
from bot.faces.face import Conversation, FaceState, Overhearing
from bot.faces.slack.api import SlackApi
from bot.faces.slack.channels import Channels
from bot.faces.slack.examine import Tokens, examine
from bot.faces.slack.files import Files
from bot.faces.slack.groups import UserGroups
from bot.faces.slack.hearing import Hearing
from bot.faces.slack.http import SlackHttp
from bot.faces.slack.log import logger
from bot.faces.slack.overhearing import Overhears
from bot.faces.slack.people import People
from bot.faces.slack.read import FACE, Me
from bot.faces.slack.sockets import Sockets
from bot.faces.slack.voice import Voice
from engine.errors import SignalboxError
from engine.parties import Actor, Address, MessageRef
from engine.ports import Clock, Finding

LONGEST_PAUSE = 60.0


class SlackFace:
    """With ``app_token``: Socket Mode; else with ``signing_secret``: HTTP, see ``asgi``.

    ``sockets`` connections stand at once; ``ping`` is the seconds between their pings. Raises Rejected when ``api_url`` is no web address.
    """

    name = FACE

    def __init__(
        self,
        conversation: Conversation,
        clock: Clock,
        *,
        bot_token: str = "",
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = "",
        sockets: int = 2,
        ping: float = 10.0,
        overhearing: Overhearing | None = None,
    ) -> None:
        self._tokens = Tokens(bot_token.strip(), app_token.strip(), signing_secret.strip())
        self._log = logger("face")
        self._api = SlackApi(self._tokens.bot, api_url)
        self._channels = Channels(self._api, clock)
        self._voice = Voice(self._api, self._channels, Files(self._api, clock), clock)
        people = People(self._api, clock)
        self._groups = UserGroups(self._api, clock)
        overhears = Overhears(overhearing, self._api, self._channels, people)
        self._hearing = Hearing(conversation, self._api, self._voice, people, self._tokens.signing_secret, overhears)
        self._sockets = Sockets(self._hearing.app, self._api, self._tokens.app, count=sockets, ping=ping)
        self._ping = ping
        self._why = "not started"
        self._starting: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        if not self._tokens.bot or self._tokens.problem():
            return
        await self._api.open()
        if not await self._connect():
            self._starting = asyncio.create_task(self._keep_trying(), name="slack-start")

    async def stop(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._sockets.stop()
        await self._hearing.finish()
        await self._api.close()
        self._why = "stopped"

    async def _connect(self) -> bool:
        """Learn who we are, then open the sockets; False with the reason in ``state()``."""
        try:
            answer = await self._api.call("auth.test")
            self._hearing.me = Me(
                user=str(answer.get("user_id", "")), bot=str(answer.get("bot_id", "")), url=str(answer.get("url", ""))
            )
            if self._tokens.app:
                await self._sockets.start()
        except SignalboxError as error:
            self._why = str(error)
            self._log.warning("Slack: %s", error)
            return False
        self._why = ""
        return True

    async def _keep_trying(self) -> None:
        # The wire's own time: a house whose clock is told what to believe must not hammer Slack.
        pause = self._ping
        while not await self._after(pause):
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _after(self, pause: float) -> bool:
        await asyncio.sleep(pause)
        return await self._connect()

    def state(self) -> FaceState:
        if not self._tokens.bot:
            return FaceState(FACE, configured=False, ready=False, detail="SLACK_BOT_TOKEN is not set")
        if problem := self._tokens.problem() or self._api.trouble or self._why:
            return FaceState(FACE, configured=True, ready=False, detail=problem)
        if not self._tokens.app:
            return FaceState(FACE, configured=True, ready=True, detail="HTTP at /slack/events")
        return FaceState(FACE, configured=True, ready=self._sockets.alive > 0, detail=self._sockets.state())

    @property
    def asgi(self) -> SlackHttp | None:
        """To be mounted at ``/slack/events``; None without a signing secret, because then nothing could be believed."""
        return SlackHttp(self._hearing.app) if self._tokens.bot and self._tokens.signing_secret else None

    async def examine(self) -> list[Finding]:
        """Findings for the doctor; works whether the face is started or not."""
        if self._api.is_open or not self._tokens.bot:
            return await examine(self._api, self._channels, self._tokens)
        await self._api.open()
        try:
            return await examine(self._api, self._channels, self._tokens)
        finally:
            await self._api.close()

    # --- speaking ---------------------------------------------------------------------------------------------------------

    async def post(self, to: Address, card: Card, key: str) -> MessageRef:
        return await self._voice.post(to, card, key)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        await self._voice.edit(ref, card)

    async def find(self, to: Address, key: str) -> MessageRef | None:
        return await self._voice.find(to, key)

    async def whisper(self, actor: Actor, where: Address, card: Card) -> None:
        await self._voice.whisper(actor, where, card)

    async def belongs(self, actor: Actor, group: str) -> bool:
        return await self._groups.belongs(actor, group)

    async def home_channel(self) -> str:
        """Raises Transient when Slack cannot be asked right now."""
        return await self._channels.home() if self._api.is_open else ""
