"""One run: its steps, its facts, cancel and retry."""

from __future__ import annotations

from fastapi import APIRouter, Request

from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.house import ActorIn, RunOut
from bot.faces.rest.views import run_out
from engine.errors import NotFound
from engine.workflow.kernel import steps_of
from engine.workflow.run import RunRecord


class RunRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._store = face.store

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/api/v2/runs", tags=["runs"])
        router.add_api_route("/{run}", self.show, methods=["GET"], response_model=RunOut, responses=failures(404))
        for verb, act in (("cancel", self.cancel), ("retry", self.retry)):
            router.add_api_route(f"/{{run}}/{verb}", act, methods=["POST"], response_model=RunOut, responses=failures(404, 409, 422))
        return router

    async def show(self, run: str) -> RunOut:
        """The run with its steps, and everything that happened in order."""
        record = await self._run(run)
        facts = await self._store.runs.facts(run)
        flow = await self._store.workflows.at_version(record.workflow, record.version)
        return run_out(record, steps_of(flow.definition, facts, record) if flow else (), facts)

    async def cancel(self, request: Request, run: str, body: ActorIn | None = None) -> RunOut:
        """Ask nothing more; what is on its way is waited for and written down."""
        return await self._do(request, "cancel_run", run, body)

    async def retry(self, request: Request, run: str, body: ActorIn | None = None) -> RunOut:
        """Go on from the failed steps; what was answered is not asked again."""
        return await self._do(request, "retry_run", run, body)

    async def _do(self, request: Request, command: str, run: str, body: ActorIn | None) -> RunOut:
        await self._run(run)
        actor = self._face.actor(body.actor if body else "")
        await self._face.desk.do(command, {"run": run}, actor, self._face.where(), self._face.key(request))
        return await self.show(run)

    async def _run(self, run: str) -> RunRecord:
        record = await self._store.runs.get(run)
        if record is None:
            raise NotFound("Run not found")
        return record
