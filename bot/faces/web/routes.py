"""The page on the wire: sign-in, files, and the JSON that only the page itself uses (under ``/web``)."""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, JSONResponse

from bot.cards.wire import to_json
from bot.faces.face import Turn
from bot.faces.http.attempts import Attempts
from bot.faces.http.late import LateRouter
from bot.faces.http.sse import event_stream
from bot.faces.web.assets import assets
from bot.faces.web.face import WebFace
from bot.faces.web.guard import HEADERS, Guard
from bot.faces.web.session import COOKIE_LIFE, Visitor, clean_name
from engine.errors import Invalid, NotFound, Transient
from engine.files import readable
from engine.parties import OWNER

NO_STORE = {**HEADERS, "cache-control": "no-store"}
FOR_EVER = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}


class SignIn(BaseModel):
    token: str = Field(max_length=500)


class Me(BaseModel):
    name: str = Field(max_length=200)


class Say(BaseModel):
    id: str
    channel: str = Field(max_length=200)
    text: str
    timezone: str = ""
    files: list[str] = Field(default=[], max_length=10)


class PressIn(BaseModel):
    id: str
    channel: str = Field(max_length=200)
    message: str = Field("", max_length=100)
    card: str = Field(max_length=60)
    verb: str = Field(max_length=60)
    arg: str = Field("", max_length=200)
    version: int
    form: dict[str, str] = {}
    timezone: str = ""


class WebRoutes:
    """``token``: the API token, which signs in where no link is at hand; "" = only links do."""

    def __init__(self, face: WebFace, guard: Guard, attempts: Attempts, token: str = "") -> None:
        self._face = face
        self._guard = guard
        self._attempts = attempts
        self._token = token

    def router(self) -> LateRouter:
        router = LateRouter(include_in_schema=False, dependencies=[Depends(self._ours)])
        router.add_api_route("/", self.page, methods=["GET"])
        router.add_api_route("/login", self.login, methods=["GET"])
        router.add_api_route("/web/assets/{digest}/{name}", self.asset, methods=["GET"])
        router.add_api_route("/web/login", self.login_by_token, methods=["POST"])
        router.add_api_route("/web/logout", self.logout, methods=["POST"])
        router.add_api_route("/web/me", self.me, methods=["GET"])
        router.add_api_route("/web/me", self.rename, methods=["POST"])
        router.add_api_route("/web/history", self.history, methods=["GET"])
        router.add_api_route("/web/health", self.health, methods=["GET"])
        router.add_api_route("/web/complete", self.complete, methods=["GET"])
        router.add_api_route("/web/pictures/{message}/{part}", self.picture, methods=["GET"])
        router.add_api_route("/web/events", self.events, methods=["GET"])
        router.add_api_route("/web/say", self.say, methods=["POST"])
        router.add_api_route("/web/files", self.keep_file, methods=["POST"])
        router.add_api_route("/web/files/{file_id}", self.kept_file, methods=["GET"])
        router.add_api_route("/web/press", self.press, methods=["POST"])
        return router

    # --- the door ----------------------------------------------------------------------------------------------------

    async def _ours(self, request: Request) -> None:
        self._guard.check_host(request)
        if request.method not in ("GET", "HEAD"):
            self._guard.check_act(request)

    def visitor(self, request: Request) -> Visitor:
        """Who sent this. Raises SignedOut."""
        visitor = self.known(request)
        if visitor is None:
            raise SignedOut
        return visitor

    def known(self, request: Request) -> Visitor | None:
        """Who sent this, None for nobody we know."""
        return self._face.sessions.read(request.cookies.get(self._face.sessions.cookie, ""))

    async def page(self, request: Request) -> Response:
        if self.known(request) is None:
            return HTMLResponse(assets().page("login.html"), 401, NO_STORE)
        return HTMLResponse(assets().page("index.html"), headers=NO_STORE)

    async def login(self, request: Request, code: Annotated[str, Query(max_length=200)] = "") -> Response:
        """By link. Browsers that only fetch ahead must not use the code up."""
        if "prefetch" in request.headers.get("sec-purpose", "") + request.headers.get("purpose", ""):
            return Response(status_code=503, headers=NO_STORE)
        visitor = self._face.sessions.redeem(code) if code else None
        if visitor is None:
            return HTMLResponse(assets().page("expired.html" if code else "login.html"), 401, NO_STORE)
        # Not a redirect: after one from another site (a link in a chat) the browser would not send a Strict cookie.
        response = HTMLResponse(assets().page("welcome.html"), headers=NO_STORE)
        self._remember(request, response, visitor)
        return response

    async def login_by_token(self, request: Request, given: SignIn) -> Response:
        peer = request.client.host if request.client else ""
        if wait := self._attempts.wait(peer):
            raise Transient(f"Too many wrong tokens. Try again in {wait:.0f} seconds.", wait)
        if not self._token or not secrets.compare_digest(given.token.encode("utf-8", "replace"), self._token.encode()):
            self._attempts.wrong(peer, given.token)
            return JSONResponse({"success": False, "error": "That is not the token of this Signalbox."}, 401, NO_STORE)
        response = JSONResponse({"success": True}, headers=NO_STORE)
        self._remember(request, response, self.known(request) or Visitor(OWNER.user, OWNER.name))
        return response

    async def logout(self) -> Response:
        response = JSONResponse({"success": True}, headers=NO_STORE)
        response.delete_cookie(self._face.sessions.cookie)
        return response

    def _remember(self, request: Request, response: Response, visitor: Visitor) -> None:
        response.set_cookie(
            self._face.sessions.cookie,
            self._face.sessions.sign(visitor),
            max_age=int(COOKIE_LIFE.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    # --- files -------------------------------------------------------------------------------------------------------

    async def asset(self, digest: str, name: str) -> Response:
        known = assets()
        if name not in known.files or name.endswith(".html"):
            raise NotFound("There is no such file.")
        kind, content = known.files[name]
        return Response(content, headers={**(FOR_EVER if digest == known.digest else NO_STORE), "content-type": kind})

    async def picture(self, request: Request, message: str, part: int) -> Response:
        png = await self._face.picture(self.visitor(request).actor().id, message, part)
        return Response(png, media_type="image/png", headers={**HEADERS, "cache-control": "private, max-age=86400, immutable"})

    # --- what the page asks ------------------------------------------------------------------------------------------

    async def me(self, request: Request) -> Response:
        visitor = self.visitor(request)
        reader = visitor.actor().id
        known = {"id": reader, "name": visitor.name, "channels": await self._face.channels(reader), "health": await self._face.health()}
        return JSONResponse(known, headers=NO_STORE)

    async def rename(self, request: Request, me: Me) -> Response:
        name = clean_name(me.name)
        if not name:
            raise Invalid("A name needs at least one letter.")
        visitor = Visitor(self.visitor(request).user, name)
        response = JSONResponse({"id": visitor.actor().id, "name": name}, headers=NO_STORE)
        self._remember(request, response, visitor)
        return response

    async def history(
        self,
        request: Request,
        channel: Annotated[str, Query(max_length=200)],
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Response:
        reader = self.visitor(request).actor().id
        return JSONResponse(await self._face.history(reader, channel, limit), headers=NO_STORE)

    async def health(self, request: Request) -> Response:
        self.visitor(request)
        return JSONResponse(await self._face.health(), headers=NO_STORE)

    async def complete(self, request: Request, q: Annotated[str, Query(max_length=500)] = "") -> Response:
        self.visitor(request)
        found = await self._face.complete(q)
        return JSONResponse([{"text": text, "hint": hint} for text, hint in found], headers=NO_STORE)

    async def events(self, request: Request, last: Annotated[str, Query(max_length=200)] = "") -> Response:
        reader = self.visitor(request).actor().id
        frames = self._face.hub.frames(reader, request.headers.get("last-event-id", last))
        return event_stream(frames, self._face.hub.closing)

    # --- what people do ----------------------------------------------------------------------------------------------

    async def say(self, request: Request, said: Say) -> Response:
        turn = await self._face.hear(self.visitor(request), said.id, said.channel, said.text, said.timezone, said.files)
        return JSONResponse(_turn_json(turn), headers=NO_STORE)

    async def keep_file(self, request: Request, name: Annotated[str, Query(max_length=500)]) -> Response:
        """The body is the file; what is said next may mean it."""
        file = await self._face.keep_file(self.visitor(request), name, await request.body(), request.headers.get("content-type", ""))
        return JSONResponse({"id": file.id, "name": file.name, "size": readable(file.size)}, headers=NO_STORE)

    async def kept_file(self, request: Request, file_id: str) -> Response:
        """A file that a card hands out, always as a download."""
        self.visitor(request)
        name, content = await self._face.kept_file(file_id)
        headers = {**NO_STORE, "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def press(self, request: Request, press: PressIn) -> Response:
        what = press.model_dump(include={"card", "verb", "arg", "version", "message"})
        turn = await self._face.press(self.visitor(request), press.id, press.channel, what, press.form, press.timezone)
        return JSONResponse(_turn_json(turn), headers=NO_STORE)


class SignedOut(Exception):
    """No cookie, or one that is not ours any more."""


async def signed_out(request: Request, error: Exception) -> Response:
    sentence = "You are signed out. Open a fresh link: Signalbox prints one when it starts."
    return JSONResponse({"success": False, "error": sentence}, 401, NO_STORE)


def _turn_json(turn: Turn) -> dict[str, object]:
    """``cards`` only of what the channel does not show by itself, for the form that was sent to say why it was refused."""
    opens = {"card": turn.opens.card, "verb": turn.opens.verb, "arg": turn.opens.arg} if turn.opens else None
    cards = [to_json(reply.card) for reply in turn.replies if not reply.tracked]
    return {"ok": turn.ok, "cards": cards, "faults": dict(turn.faults), "opens": opens}
