"""Files that are handed over to be used in chats and workflows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Query, Request, Response
from pydantic import Field

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import Out, failures
from engine.errors import NotFound
from engine.ports import StoredFile

BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes, as they were given", "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}  # fmt: skip


class FileOut(Out):
    id: str = Field(
        examples=["file_01J9ZQ4M3W5T8Y1X2C3V4B5N6M"], description="What arguments of workflows and `files` of a chat name it by."
    )
    name: str
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str
    at: datetime


class FileRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/files", tags=["files"], dependencies=guards)
        add = router.add_api_route
        add("", self.keep, methods=["POST"], response_model=FileOut, status_code=201, responses=failures(413, 422), openapi_extra=BODY)
        add("/{file_id}", self.show, methods=["GET"], response_model=FileOut, responses=failures(404))
        add("/{file_id}/content", self.content, methods=["GET"], response_class=Response, responses={**failures(404), **CONTENT})
        return router

    async def keep(self, request: Request, name: Annotated[str, Query(max_length=500, description="The file's name.")]) -> FileOut:
        """Hand over a file, as the body of the request: at most 25 MB. It is kept for 30 days, longer while a workflow names it."""
        said = request.headers.get("content-type", "")
        known = "" if said.startswith("application/octet-stream") or "urlencoded" in said else said
        return _out(await self._face.store.files.keep(name, await request.body(), media_type=known, by=self._face.actor().id))

    async def show(self, file_id: str) -> FileOut:
        """What is known of it."""
        return _out(await self._known(file_id))

    async def content(self, file_id: str) -> Response:
        """Its bytes, always as a download."""
        file = await self._known(file_id)
        return Response(await self._face.store.files.read(file.id), media_type="application/octet-stream", headers=as_download(file.name))

    async def _known(self, file_id: str) -> StoredFile:
        file = await self._face.store.files.get(file_id)
        if file is None:
            raise NotFound("There is no such file (any more).")
        return file


def as_download(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "x-content-type-options": "nosniff"}


def _out(file: StoredFile) -> FileOut:
    return FileOut(id=file.id, name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256, at=file.at)
