"""The map of who needs whom: read, taken in, undone; its history and suggestions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from starlette.responses import PlainTextResponse, Response

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import Answers, failures
from bot.faces.rest.models.map import (
    ChangeOut,
    CheckedOut,
    FindingOut,
    HistoryOut,
    ImportOut,
    LineIn,
    MapOut,
    MapTextOut,
    SuggestionOut,
    SuggestionsOut,
)
from engine.commands.command import Asked, Done, Outcome
from engine.commands.deps_import import plan_json
from engine.commands.map_shown import ImportPlanned, MapCheckedShown, MapEdited, SuggestionsShown
from engine.errors import Conflict, Invalid, Problem

BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
TEXT: Answers = {200: {"content": {"text/plain": {}}, "description": "The map as text"}}
OLDEST = 1_000


class MapRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/map", tags=["graph"], dependencies=guards)
        add = router.add_api_route
        add("", self.show, methods=["GET"], response_model=MapOut, responses=failures())
        add("/export", self.export, methods=["GET"], response_class=Response, responses={**failures(404), **TEXT})
        add("/history", self.history, methods=["GET"], response_model=HistoryOut, responses=failures(400))
        add("/findings", self.findings, methods=["GET"], response_model=CheckedOut, responses=failures(404))
        add("/import", self.take_in, methods=["POST"], response_model=ImportOut, responses=failures(400, 409, 413), openapi_extra=BODY)
        add("/import/undo", self.undo, methods=["POST"], response_model=MapTextOut, responses=failures(404, 409))
        add("/lines", self.add_line, methods=["POST"], response_model=MapTextOut, responses=failures(400, 409))
        add("/lines", self.remove_line, methods=["DELETE"], response_model=MapTextOut, responses=failures(400, 404, 409))
        add("/suggestions", self.suggestions, methods=["GET"], response_model=SuggestionsOut, responses=failures())
        add("/suggestions/{id}/accept", self.accept, methods=["POST"], response_model=MapTextOut, responses=failures(404, 409))
        add("/suggestions/{id}/reject", self.reject, methods=["POST"], response_model=MapTextOut, responses=failures(404, 409))
        return router

    async def show(self) -> MapOut:
        """All of it: what counts, and what is known and does not count."""
        raw = (await self._face.desk.map()).to_json()
        return MapOut(**{name: raw[name] for name in ("components", "lines", "alternatives", "quiet", "conflicts")})

    async def export(self, form: Annotated[Literal["yaml", "mermaid", "dot"], Query()] = "yaml") -> Response:
        """The same as text; YAML can be taken in again."""
        outcome = await self._do("export_map", {"form": form})
        return PlainTextResponse(outcome.result.text, headers={"cache-control": "no-store", "x-content-type-options": "nosniff"})  # type: ignore[union-attr]

    async def history(
        self,
        subject: Annotated[str, Query(max_length=250, description="The id of a component: its own entries, and those of its lines.")] = "",
        since: Annotated[datetime | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=OLDEST)] = 100,
    ) -> HistoryOut:
        """What changed, newest first."""
        if since is not None and since.tzinfo is None:
            raise Invalid("Say in which zone: 2026-11-23T10:00:00Z.", [Problem("has no time zone", ("since",))])
        rows = await self._face.store.map_changes.list(subject=subject, since=since, limit=limit)
        return HistoryOut(
            changes=[ChangeOut(at=one.at, subject=one.subject, text=one.text, by=one.by, body=dict(one.body)) for one in rows]
        )

    async def findings(self, about: Annotated[str, Query(max_length=120, description="Of one component only.")] = "") -> CheckedOut:
        """What is odd on it."""
        return CheckedOut(findings=await findings_of(self._face, about))

    async def take_in(
        self,
        request: Request,
        name: Annotated[str, Query(max_length=120, description="The file's name; the same name again replaces what it said before.")] = "",
        preview: Annotated[bool, Query(description="Only show what would change.")] = False,
        hours: Annotated[float | None, Query(gt=0, le=100_000, description="What counters of a service graph are counted over.")] = None,
    ) -> ImportOut:
        """Hand over a catalogue as the body: Backstage, docker compose, a service graph of OpenTelemetry, CSV or the map's own form; up to 16 MiB."""
        content = await request.body()
        if not content.strip():
            raise Invalid("The body is empty; send the file as the body.")
        file = await self._face.store.files.keep(name or "pasted", content, by=self._face.actor().id)
        said = {"file": file.id, "called": name or "pasted", "hours": hours}
        planned = (await self._do("import_map", {**said, "how": "preview"})).result
        assert isinstance(planned, ImportPlanned)
        if not preview:
            await self._do("import_map", {**said, "how": "now"}, request)
        return ImportOut(applied=not preview, **plan_json(planned))

    async def undo(
        self, request: Request, name: Annotated[str, Query(max_length=120, description="“by hand” for what people said.")] = ""
    ) -> MapTextOut:
        """Take the last import back: of this file, or the latest. Once more does it again."""
        return _text(await self._do("undo_map", {"source": name}, request))

    async def add_line(self, request: Request, body: LineIn) -> MapTextOut:
        """Say that one thing needs another. Names are meant as they stand; unknown ones are added."""
        return _text(await self._do("add_dependency", {**body.model_dump(), "new": True}, request))

    async def remove_line(
        self,
        request: Request,
        source: Annotated[str, Query(min_length=1, max_length=120)],
        target: Annotated[str, Query(min_length=1, max_length=120)],
    ) -> MapTextOut:
        """Say that one thing does not need another."""
        return _text(await self._do("remove_dependency", {"source": source, "target": target}, request))

    async def suggestions(self) -> SuggestionsOut:
        """Lines guessed from what failed together, the surest first; nothing counts before a yes."""
        shown = (await self._do("list_suggestions", {})).result
        assert isinstance(shown, SuggestionsShown)
        found = [row.suggestion for row in shown.rows]
        return SuggestionsOut(
            suggestions=[
                SuggestionOut(
                    id=one.id, source=one.source, target=one.target, confidence=one.confidence, together=one.together, because=one.because
                )
                for one in found
            ],
            learnt_at=shown.learnt,
        )

    async def accept(self, request: Request, id: str) -> MapTextOut:
        """It becomes a line."""
        return _text(await self._do("accept_suggestion", {"suggestion": id}, request))

    async def reject(self, request: Request, id: str) -> MapTextOut:
        """It is not asked again before they fail together twice as often."""
        return _text(await self._do("reject_suggestion", {"suggestion": id}, request))

    async def _do(self, command: str, said: dict[str, Any], request: Request | None = None) -> Outcome:
        face = self._face
        key = face.key(request) if request is not None else face.clock.new_id("rest")
        return await face.desk.do(
            command, {name: value for name, value in said.items() if value is not None}, face.actor(), face.where(), key
        )


async def findings_of(face: RestFace, about: str = "") -> list[FindingOut]:
    outcome = await face.desk.do("check_map", {"about": about}, face.actor(), face.where(), face.clock.new_id("rest"))
    assert isinstance(outcome.result, MapCheckedShown)
    return [FindingOut(oddity=one.oddity.value, subject=one.subject, text=one.text) for one in outcome.result.findings]


def _text(outcome: Outcome) -> MapTextOut:
    if isinstance(outcome.result, Asked):
        raise Conflict(outcome.result.question)
    assert isinstance(outcome.result, (MapEdited, Done))
    return MapTextOut(text=outcome.result.text)
