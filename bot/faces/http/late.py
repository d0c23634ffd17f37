"""Routes that are worked out when somebody first asks for them.

FastAPI takes half a millisecond to read the signature of an endpoint and to make what checks its arguments and its answer. A house has a
hundred of them, and in most of its lives only a few are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send


class LateRoute(BaseRoute):
    """Knows its path and its ``methods``; ``make`` gives FastAPI's own route, which does all the rest."""

    def __init__(self, path: str, methods: Sequence[str], make: Callable[[], BaseRoute]) -> None:
        self._pattern, self._methods, self._make = _pattern(path), frozenset(methods), make

    @cached_property
    def real(self) -> BaseRoute:
        return self._make()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is nobody's business here is seen without the real one; below another app's path that one is asked."""
        if scope["type"] != "http":
            return Match.NONE, {}
        if not scope.get("root_path"):
            if not self._pattern.match(scope["path"]):
                return Match.NONE, {}
            if scope["method"] not in self._methods:
                return Match.PARTIAL, {}
        return self.real.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.real.handle(scope, receive, send)


class LateRouter:
    """Takes routes as ``fastapi.APIRouter`` does, with what that one takes; ``routes`` are late."""

    def __init__(self, prefix: str = "", **more: Any) -> None:
        self._prefix = prefix
        self._router = APIRouter(prefix=prefix, **more)
        self.routes: list[BaseRoute] = []

    def add_api_route(self, path: str, endpoint: Callable[..., Any], *, methods: list[str], **more: Any) -> None:
        def make() -> BaseRoute:
            self._router.add_api_route(path, endpoint, methods=methods, **more)
            return self._router.routes[-1]

        self.routes.append(LateRoute(self._prefix + path, methods, make))


def work_out(app: FastAPI) -> None:
    """Put the real routes in the place of all late ones, for whoever has to see them all."""
    app.router.routes[:] = [route.real if isinstance(route, LateRoute) else route for route in app.router.routes]


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]
