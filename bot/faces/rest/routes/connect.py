"""The two addresses a browser passes in the OAuth dance: out by a personal link, back by the service. The link and the state are the proof; no token."""

from __future__ import annotations

from html import escape

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.faces.http.late import LateRouter
from bot.faces.rest.face import RestFace
from engine.errors import Forbidden, SignalboxError, Transient

COOKIE = "signalbox_connect"
PATH = "/api/v2/connect"
LIFE = 600  # seconds
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}}</style></head>
<body><h1>{title}</h1><p>{text}</p><p>You can close this page and go back to the chat.</p></body></html>"""


class ConnectRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self) -> LateRouter:
        router = LateRouter(prefix=PATH, include_in_schema=False)
        router.add_api_route("/callback", self.back, methods=["GET"], response_class=HTMLResponse)
        router.add_api_route("/{ticket}", self.out, methods=["GET"], response_class=HTMLResponse)
        return router

    async def out(self, ticket: str) -> Response:
        """The personal link: on to the service, in this browser."""
        try:
            going = await self._face.desk.open_connection(ticket)
        except SignalboxError as error:
            return _page("Not connected", str(error), _status(error))
        response = RedirectResponse(going.url, 303, HEADERS)
        # Lax: the service sends the browser back by a link, and a Strict cookie would stay at home.
        response.set_cookie(COOKIE, going.browser, max_age=LIFE, path=PATH, httponly=True, samesite="lax", secure=going.secure)
        return response

    async def back(self, request: Request) -> Response:
        """The service sends the browser back."""
        said = {name: value[:4_000] for name, value in request.query_params.items()}
        try:
            connected = await self._face.desk.finish_connection(said, request.cookies.get(COOKIE, ""))
        except SignalboxError as error:
            return _page("Not connected", str(error), _status(error))
        account = connected.account
        called = account.service.replace("_", " ") + ("" if account.name == "default" else f", account {account.name},")
        response = _page("Connected", f"{called[0].upper()}{called[1:]} is connected, and workflows use it from now on.", 200)
        response.delete_cookie(COOKIE, path=PATH)
        return response


def _status(error: SignalboxError) -> int:
    return 403 if isinstance(error, Forbidden) else 503 if isinstance(error, Transient) else 400


def _page(title: str, text: str, status: int) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=escape(title), text=escape(text)), status, HEADERS)
