"""Everything that happens, as it happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.responses import StreamingResponse

from bot.faces.http.late import LateRouter
from bot.faces.http.sse import Frame, event_stream
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import Answers, failures


class EventRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2", tags=["events"], dependencies=guards)
        told = "workflow, draft, run, alert, service and message events"
        stream: Answers = {200: {"content": {"text/event-stream": {}}, "description": told}}
        router.add_api_route(
            "/events", self.events, methods=["GET"], response_class=StreamingResponse, responses={**failures(), **stream}
        )
        return router

    async def events(self) -> StreamingResponse:
        """From now on; a reader that cannot keep up is told `lost` and should read anew."""
        return event_stream(self._frames(), self._face.closing)

    async def _frames(self) -> AsyncGenerator[Frame, None]:
        # What is whispered to one person in the web chat is not the API's to tell.
        async for name, data in self._face.feed.subscribe():
            if not data.get("only_for"):
                yield Frame(name, data)
