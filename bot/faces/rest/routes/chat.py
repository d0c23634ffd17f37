"""Chat by HTTP: one turn of conversation, one press of a button."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import JSONResponse

from bot.faces.face import Press, Turn, Utterance
from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import Answers, failures
from bot.faces.rest.models.house import ActionIn, ChatIn, TurnOut
from bot.faces.rest.views import turn_out


class ChatRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2", tags=["chat"], dependencies=guards)
        refused: Answers = {409: {"model": TurnOut, "description": "Not done: stale, forbidden or unknown; the card says why"}}
        router.add_api_route("/chat", self.chat, methods=["POST"], response_model=TurnOut, responses=failures(400, 422))
        router.add_api_route(
            "/actions", self.act, methods=["POST"], response_model=TurnOut, responses={**failures(400, 422), **refused}
        )
        return router

    async def chat(self, request: Request, body: ChatIn) -> TurnOut:
        """Say something. What it posts in a channel stands there as well; all cards come back here."""
        actor, where = self._face.actor(body.actor, body.timezone), self._face.where(body.channel)
        utterance = Utterance(id=self._face.key(request), actor=actor, where=where, text=body.text, files=tuple(body.files))
        if not await self._face.conversation.accept(utterance):
            return turn_out(Turn())
        return turn_out(await self._face.conversation.hear(utterance))

    async def act(self, request: Request, body: ActionIn) -> JSONResponse:
        """Press a button of a card."""
        press = Press(
            id=self._face.key(request),
            actor=self._face.actor(body.actor),
            where=self._face.where(body.channel),
            card=body.card,
            verb=body.verb,
            arg=body.arg,
            version=body.version,
            form=body.form,
        )
        turn = turn_out(await self._face.conversation.press(press))
        return JSONResponse(turn.model_dump(mode="json"), 200 if turn.success else 409)
