"""One run: its steps, its facts, and everything people can do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request

from bot.faces.http.json import speakable
from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.house import ActorIn, CancelIn, RetryIn, RunOut, SettleIn, StepIn, VoteIn
from bot.faces.rest.views import run_out
from engine.errors import NotFound
from engine.workflow.kernel import steps_of
from engine.workflow.run import RunRecord


class RunRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._store = face.store

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/runs", tags=["runs"], dependencies=guards)
        router.add_api_route("/{run}", self.show, methods=["GET"], response_model=RunOut, responses=failures(404))
        acts: dict[str, Callable[..., Any]] = {
            "cancel": self.cancel, "retry": self.retry, "pause": self.pause, "resume": self.resume, "skip": self.skip,
            "settle": self.settle, "look": self.look, "vote": self.vote,
        }  # fmt: skip
        for verb, act in acts.items():
            answers = failures(400, 403, 404, 409, 422)
            router.add_api_route(f"/{{run}}/{verb}", act, methods=["POST"], response_model=RunOut, responses=answers)
        return router

    async def show(self, run: str) -> RunOut:
        """The run with its steps, and everything that happened in order."""
        record = await self._run(run)
        facts = await self._store.runs.facts(run)
        flow = await self._store.workflows.at_version(record.workflow, record.version)
        return run_out(record, steps_of(flow.definition, facts, record) if flow else (), facts)

    async def cancel(self, request: Request, run: str, body: CancelIn | None = None) -> RunOut:
        """Ask nothing more; what is on its way is waited for and written down. Then what it did is undone, unless `undo` is false."""
        said = body or CancelIn()
        return await self._do(request, "cancel_run", run, said, {"undo": said.undo})

    async def retry(self, request: Request, run: str, body: RetryIn | None = None) -> RunOut:
        """Go on from the failed steps (of a foreach: only its failed items), perhaps asked with something else; what was answered is not
        asked again."""
        said = body or RetryIn()
        speakable(said.inputs, said.arguments)
        return await self._do(request, "retry_run", run, said, {"inputs": said.inputs, "arguments": said.arguments, "skip": said.skip})

    async def pause(self, request: Request, run: str, body: ActorIn | None = None) -> RunOut:
        """Ask nothing new until it is resumed; answers are still taken."""
        return await self._do(request, "pause_run", run, body or ActorIn(), {})

    async def resume(self, request: Request, run: str, body: ActorIn | None = None) -> RunOut:
        """Let a paused run go on."""
        return await self._do(request, "resume_run", run, body or ActorIn(), {})

    async def skip(self, request: Request, run: str, body: StepIn | None = None) -> RunOut:
        """Pass over a step that waits, is to be tried again, is in doubt or has failed; what needs it goes on without its output."""
        said = body or StepIn()
        return await self._do(request, "skip_step", run, said, {"step": said.step})

    async def settle(self, request: Request, run: str, body: SettleIn) -> RunOut:
        """Say of a step in doubt whether it happened."""
        return await self._do(request, "settle_doubt" if body.happened else "repeat_doubt", run, body, {"step": body.step})

    async def look(self, request: Request, run: str, body: StepIn | None = None) -> RunOut:
        """Settle a step in doubt by reading back from its service, where `looks` is true."""
        said = body or StepIn()
        return await self._do(request, "look_doubt", run, said, {"step": said.step})

    async def vote(self, request: Request, run: str, body: VoteIn) -> RunOut:
        """Answer an approval that the run waits for."""
        return await self._do(
            request, "approve_step" if body.approved else "decline_step", run, body, {"step": body.step, "note": body.note}
        )

    async def _do(self, request: Request, command: str, run: str, said: ActorIn, arguments: Mapping[str, Any]) -> RunOut:
        await self._run(run)
        actor = self._face.actor(said.actor)
        await self._face.desk.do(command, {"run": run, **arguments}, actor, self._face.where(), self._face.key(request))
        return await self.show(run)

    async def _run(self, run: str) -> RunRecord:
        record = await self._store.runs.get(run)
        if record is None:
            raise NotFound("Run not found")
        return record
