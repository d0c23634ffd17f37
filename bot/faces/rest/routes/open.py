"""What needs no token: webhooks, which carry their vendor's signature, and whether the house is alive and ready."""

from __future__ import annotations

from math import ceil

from fastapi import HTTPException, Request
from starlette.responses import JSONResponse, Response

from bot.faces.http.late import LateRouter
from bot.faces.http.rates import HookRates, address_of
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import Answers, Failure
from bot.faces.rest.models.house import AliveOut, PartOfHouse, ReadyOut
from engine.errors import Rejected

REFUSALS: Answers = {
    400: {"model": Failure, "description": "The body is not what this vendor sends"},
    403: {"model": Failure, "description": "The signature is missing or wrong"},
    404: {"model": Failure, "description": "No such service or account"},
    413: {"model": Failure, "description": "Too large"},
    429: {"model": Failure, "description": "Too many deliveries of this sender, or to this account; `Retry-After` says when to go on"},
    503: {"model": Failure, "description": "Not written down; deliver it again"},
}
RAW_BODY = {"requestBody": {"description": "The vendor's own payload.", "content": {"*/*": {"schema": {}}}}}


class OpenRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._rates = HookRates(face.clock)

    def router(self) -> LateRouter:
        router = LateRouter()
        for method in ("POST", "GET", "HEAD"):  # some vendors greet a new address with GET or HEAD
            router.add_api_route(
                "/api/v2/hooks/{service}/{account}", self.hook, methods=[method], response_class=Response, tags=["hooks"],
                responses=REFUSALS, openapi_extra=RAW_BODY if method == "POST" else None, operation_id=f"hook_{method.lower()}",
            )  # fmt: skip
        router.add_api_route("/healthz", self.alive, methods=["GET"], response_model=AliveOut, tags=["health"])
        router.add_api_route(
            "/readyz", self.ready, methods=["GET"], response_model=ReadyOut, tags=["health"],
            responses={503: {"model": ReadyOut, "description": "A configured part cannot work"}},
        )  # fmt: skip
        return router

    async def hook(self, request: Request, service: str, account: str) -> Response:
        """An inbound webhook: verified by the vendor's signature and written down before it is answered."""
        address, to = address_of(request), f"{service}/{account}"[:200]
        if wait := self._rates.wait(address, to):
            raise HTTPException(429, f"Too many deliveries; go on in {wait:.0f} s.", {"Retry-After": str(ceil(wait))})
        body = await request.body()
        try:
            reply = await self._face.desk.receive(
                service, account, request.method, dict(request.headers), body, query=dict(request.query_params), url=str(request.url)
            )
        except Rejected:
            self._rates.refused(address, to)
            raise
        return Response(reply.body, reply.status, dict(reply.headers))

    async def alive(self) -> AliveOut:
        """200 while the process answers."""
        return AliveOut()

    async def ready(self) -> JSONResponse:
        """200 when the engine and every configured face can work; names each part."""
        parts = await self._face.desk.parts()
        ready = all(part.ready for part in parts if part.configured)
        named = {part.name: PartOfHouse(ready=part.ready, configured=part.configured, detail=part.detail) for part in parts}
        return JSONResponse(ReadyOut(ready=ready, parts=named).model_dump(), 200 if ready else 503)
