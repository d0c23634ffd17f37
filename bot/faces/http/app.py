"""One app out of the web chat, the REST API and the webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI

from bot.faces.http import problems
from bot.faces.http.attempts import Attempts
from bot.faces.http.late import work_out
from bot.faces.http.limits import BODY_LIMIT, HOOK_LIMIT, BodyLimit
from bot.faces.rest.auth import BearerToken
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failure_schemas
from bot.faces.rest.routes.all import rest_routes
from bot.faces.web.face import WebFace
from bot.faces.web.graph import GraphPage
from bot.faces.web.graph_routes import GraphRoutes
from bot.faces.web.guard import Guard
from bot.faces.web.routes import SignedOut, WebRoutes, signed_out

DESCRIPTION = """
Signalbox by HTTP. Every answer carries `success`; a failure is `{"success": false, "error": "sentence"}` with a true status
(`Accept: application/problem+json` gives RFC 9457 problems). Dates and durations are ISO 8601. `actor` in a body is a name to
show; the rights are those of the token. An `Idempotency-Key` header makes a repeated POST happen once.
"""


def create_app(
    web: WebFace,
    rest: RestFace,
    token: str,
    *,
    hosts: Sequence[str] = (),
    version: str = "0.1.0",
    inbound_token: str = "",
    graph: GraphPage | None = None,
    body_limit: int = BODY_LIMIT,
    hook_limit: int = HOOK_LIMIT,
) -> FastAPI:
    """``token``: the API token. ``inbound_token``: opens only the way in for others' alerts. ``hosts``: names beside localhost and bare addresses under which browsers may reach the page."""
    app = FastAPI(
        title="Signalbox",
        version=version,
        description=DESCRIPTION,
        docs_url=None,  # the bundled viewers load scripts from elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.streams = (web.hub.closing, rest.closing)
    attempts = Attempts(web.clock)
    inbound = BearerToken(token, attempts, others=[inbound_token] if inbound_token else [])
    app.router.routes += rest_routes(rest, BearerToken(token, attempts), inbound)
    door = WebRoutes(web, Guard(hosts), attempts, token)
    app.router.routes += door.router().routes
    if graph is not None:
        app.router.routes += GraphRoutes(door, Guard(hosts), graph).router().routes
    problems.install(app)
    app.add_exception_handler(SignedOut, signed_out)
    app.add_middleware(BodyLimit, limit=body_limit, hook_limit=hook_limit)
    app.openapi = _described(app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The description without the 422 that FastAPI adds to whatever takes a parameter: here an invalid one is 400."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        work_out(app)
        description = plain()
        for operation in (each for methods in description["paths"].values() for each in methods.values()):
            if "HTTPValidationError" in json.dumps(operation["responses"].get("422", {})):
                del operation["responses"]["422"]
        for name in ("HTTPValidationError", "ValidationError"):
            description["components"]["schemas"].pop(name, None)
        description["components"]["schemas"].update(failure_schemas())
        return description

    return openapi
