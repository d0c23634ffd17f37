"""The page of the graph on the wire: behind the same sign-in, host check and headers as the chat."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from starlette.responses import HTMLResponse, JSONResponse

from bot.faces.http.late import LateRouter
from bot.faces.web.assets import assets
from bot.faces.web.graph import GraphPage
from bot.faces.web.guard import HEADERS, Guard
from bot.faces.web.routes import NO_STORE, WebRoutes
from bot.pictures.stylesheet import stylesheet

Focus = Annotated[str, Query(max_length=200)]
Hops = Annotated[int, Query(ge=0, le=9)]
Down = Annotated[bool, Query()]
Theme = Annotated[Literal["light", "dark"], Query()]


class GraphRoutes:
    def __init__(self, door: WebRoutes, guard: Guard, page: GraphPage) -> None:
        self._door, self._guard, self._page = door, guard, page

    def router(self) -> LateRouter:
        router = LateRouter(include_in_schema=False, dependencies=[Depends(self._ours)])
        router.add_api_route("/graph", self.page, methods=["GET"])
        router.add_api_route("/web/graph", self.shown, methods=["GET"])
        router.add_api_route("/web/graph.png", self.picture, methods=["GET"])
        router.add_api_route("/web/graph.css", self.looks, methods=["GET"])
        return router

    async def _ours(self, request: Request) -> None:
        self._guard.check_host(request)

    async def page(self, request: Request) -> Response:
        signed_in = self._door.known(request) is not None
        page = assets().page("graph.html" if signed_in else "login.html")
        return HTMLResponse(page, 200 if signed_in else 401, NO_STORE)

    async def shown(self, request: Request, focus: Focus = "", hops: Hops = 0, down: Down = False) -> Response:
        self._door.visitor(request)
        return JSONResponse(await self._page.shown(focus, hops, down), headers=NO_STORE)

    async def picture(self, request: Request, focus: Focus = "", hops: Hops = 0, down: Down = False, theme: Theme = "light") -> Response:
        self._door.visitor(request)
        png = await self._page.picture(focus, hops, down, theme)
        return Response(png, media_type="image/png", headers=NO_STORE)

    async def looks(self) -> Response:
        return Response(stylesheet(), media_type="text/css; charset=utf-8", headers={**HEADERS, "cache-control": "public, max-age=300"})
