"""The versions of a workflow: listed, compared, gone back to."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import Out, failures
from bot.faces.rest.models.house import ActorIn
from bot.faces.rest.models.workflows import WorkflowOut
from bot.faces.rest.views import workflow_out
from engine.commands.command import DifferenceShown, Done, Outcome, PreviewShown, VersionsShown
from engine.commands.drafting import draft_id
from engine.errors import Conflict, NotFound, Rejected, SignalboxError
from engine.parties import Actor
from engine.workflow.definition import Workflow, WorkflowState
from engine.workflow.parse import to_raw

Number = Annotated[int, Query(ge=0, lt=10**8, description="0 or left out: the newest, or the one before it.")]


class VersionOut(BaseModel):
    version: int
    since: datetime
    changed: str = Field(description="What it changed, in a few words.", examples=["steps (+2 −1 lines)"])
    definition: dict[str, Any]


class VersionsOut(Out):
    versions: list[VersionOut]


class DifferenceOut(Out):
    older: int
    newer: int
    diff: str = Field(description="Lines of YAML with - and +; empty when both are the same.")


class RollbackIn(ActorIn):
    version: int = Field(default=0, ge=0, lt=10**8, description="0 or left out: the one before the newest.")


class RolledBack(Out):
    workflow: WorkflowOut


class VersionRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._store = face.store

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/ai-workflows/{workflow_id}", tags=["workflows"], dependencies=guards)
        router.add_api_route("/versions", self.versions, methods=["GET"], response_model=VersionsOut, responses=failures(404))
        router.add_api_route("/diff", self.diff, methods=["GET"], response_model=DifferenceOut, responses=failures(400, 404, 422))
        router.add_api_route(
            "/rollback", self.rollback, methods=["POST"], response_model=RolledBack, responses=failures(400, 404, 409, 422)
        )
        return router

    async def versions(self, workflow_id: str) -> VersionsOut:
        """Newest first."""
        result = (await self._do("list_versions", workflow_id)).result
        rows = result.rows if isinstance(result, VersionsShown) else ()
        return VersionsOut(
            versions=[
                VersionOut(version=one.version, since=one.updated_at, changed=said, definition=to_raw(one.definition)) for one, said in rows
            ]
        )

    async def diff(self, workflow_id: str, older: Number = 0, newer: Number = 0) -> DifferenceOut:
        """What changed between two versions."""
        result = (await self._do("diff_versions", workflow_id, older=str(older or ""), newer=str(newer or ""))).result
        if not isinstance(result, DifferenceShown):
            raise Rejected(result.text if isinstance(result, Done) else "There is nothing to compare.")
        return DifferenceOut(older=result.older, newer=result.newer, diff=result.diff)

    async def rollback(self, request: Request, workflow_id: str, body: RollbackIn | None = None) -> RolledBack:
        """An earlier version becomes the newest at once: who calls this has seen what it does. Chat asks for a Confirm instead."""
        said = body or RollbackIn()
        face, key, actor = self._face, self._face.key(request), self._face.actor(said.actor)
        flow = await self._workflow(workflow_id)
        known = await self._store.drafts.get(draft_id(key))
        if known is None or not known.decided_by:  # else the same key has done it before
            arguments = {"workflow": flow.id, "version": str(said.version or "")}
            result = (await face.desk.do("rollback_workflow", arguments, actor, face.where(), key)).result
            if not isinstance(result, PreviewShown):
                raise Conflict(result.text if isinstance(result, Done) else "There is no version to go back to.")
            await self._confirmed(result.draft.id, actor, key)
        return RolledBack(workflow=workflow_out(await self._workflow(workflow_id)))

    async def _confirmed(self, draft: str, actor: Actor, key: str) -> None:
        desk, where = self._face.desk, self._face.where()
        try:
            await desk.do("confirm_draft", {"draft": draft}, actor, where, f"{key}/confirm")
        except Rejected:
            with contextlib.suppress(SignalboxError):
                await desk.do("cancel_draft", {"draft": draft}, actor, where, f"{key}/cancel")
            raise

    async def _do(self, command: str, workflow_id: str, **arguments: str) -> Outcome:
        flow = await self._workflow(workflow_id)
        face = self._face
        return await face.desk.do(command, {"workflow": flow.id, **arguments}, face.actor(), face.where(), face.clock.new_id("rest"))

    async def _workflow(self, workflow_id: str) -> Workflow:
        flow = await self._store.workflows.get(workflow_id)
        if flow is None or flow.state is WorkflowState.DELETED:
            raise NotFound("Workflow not found")
        return flow
