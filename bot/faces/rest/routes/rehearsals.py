"""Trying definitions out: rehearsals and replays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import Request

from bot.faces.http.json import speakable
from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.rehearsals import (
    ChangeOut,
    FaultWishIn,
    LineOut,
    QuestionOut,
    RehearsalIn,
    RehearsalOut,
    RehearsedOut,
    ReplayIn,
    ReplayOut,
    RowOut,
    SideOut,
    TrialOut,
)
from engine.commands.command import RehearsedShown, ReplayedShown, Result
from engine.errors import Invalid, Rejected
from engine.rehearsal.differing import Replayed, Row, Side
from engine.rehearsal.story import Rehearsed, Trial


class RehearsalRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2", tags=["workflows"], dependencies=guards)
        add, refusals = router.add_api_route, failures(400, 403, 404, 422)
        add("/rehearsals", self.rehearse_new, methods=["POST"], response_model=RehearsalOut, responses=refusals)
        add("/ai-workflows/{workflow_id}/rehearse", self.rehearse, methods=["POST"], response_model=RehearsalOut, responses=refusals)
        add("/ai-workflows/{workflow_id}/replay", self.replay, methods=["POST"], response_model=ReplayOut, responses=refusals)
        return router

    async def rehearse_new(self, request: Request, body: RehearsalIn) -> RehearsalOut:
        """Try a definition that is not stored. Nobody is reached, time is not waited for, nothing is kept."""
        if body.definition is None:
            raise Invalid("Missing required field: definition")
        return await self._rehearsed(request, "", body)

    async def rehearse(self, request: Request, workflow_id: str, body: RehearsalIn | None = None) -> RehearsalOut:
        """Try a workflow, as it should go and with faults. Nobody is reached, time is not waited for, nothing is kept."""
        return await self._rehearsed(request, workflow_id, body or RehearsalIn())

    async def _rehearsed(self, request: Request, workflow_id: str, body: RehearsalIn) -> RehearsalOut:
        speakable(body.event, body.inputs, body.definition)
        arguments = body.model_dump(exclude={"actor"}, exclude_none=True)
        result = await self._do(request, "rehearse_workflow", {**arguments, "workflow": workflow_id}, body.actor)
        if not isinstance(result, RehearsedShown):
            raise Rejected("It could not be rehearsed.")
        done = result.rehearsed
        return RehearsalOut(
            workflow_id=done.workflow,
            name=done.name,
            version=done.version,
            rehearsal=rehearsed_out(done),
            chaos=rehearsed_out(result.chaos) if result.chaos else None,
        )

    async def replay(self, request: Request, workflow_id: str, body: ReplayIn | None = None) -> ReplayOut:
        """What a version makes of what happened in the last days, beside another one. Nobody is reached, nothing is kept."""
        said = body or ReplayIn()
        speakable(said.definition)
        arguments = {"workflow": workflow_id, "window": said.days * 86_400, "version": said.version, "definition": said.definition}
        result = await self._do(request, "replay_workflow", arguments, said.actor)
        if not isinstance(result, ReplayedShown):
            raise Rejected("It could not be replayed.")
        return replay_out(result.replayed)

    async def _do(self, request: Request, command: str, arguments: Mapping[str, Any], actor: str) -> Result:
        face = self._face
        return (await face.desk.do(command, arguments, face.actor(actor), face.where(), face.key(request))).result


def rehearsed_out(done: Rehearsed) -> RehearsedOut:
    return RehearsedOut(
        summary=done.summary(),
        good=done.good,
        wanted=done.wanted,
        seed=done.seed,
        faults=[FaultWishIn.model_validate(asdict(fault)) for fault in done.faults],
        event=dict(done.event),
        inputs=dict(done.inputs),
        example=done.example,
        notes=list(done.notes),
        trials=[_trial(trial) for trial in done.trials],
    )


def _trial(trial: Trial) -> TrialOut:
    return TrialOut(
        number=trial.number,
        end=trial.end.value,
        why=trial.why,
        seconds=trial.seconds,
        asks=trial.asks,
        failures=trial.failures,
        questions=[QuestionOut.model_validate(asdict(question)) for question in trial.questions],
        undone=list(trial.undone),
        lines=[LineOut.model_validate({**asdict(line), "what": line.what.value}) for line in trial.lines],
    )


def replay_out(done: Replayed) -> ReplayOut:
    return ReplayOut(
        workflow_id=done.workflow,
        name=done.name,
        old=done.old,
        new=done.new,
        since=done.since,
        until=done.until,
        summary=done.summary(),
        notes=list(done.notes),
        rows=[_row(row) for row in done.rows],
    )


def _row(row: Row) -> RowOut:
    return RowOut.model_validate(
        {
            "id": row.id,
            "at": row.at,
            "name": row.name,
            "kind": row.kind,
            "event": dict(row.event),
            "old": _side(row.old) if row.old else None,
            "new": _side(row.new),
            "changes": [ChangeOut.model_validate(asdict(change)) for change in row.changes],
            "really": row.really,
        }
    )


def _side(side: Side) -> SideOut:
    return SideOut(starts=side.starts, reason=side.reason, end=side.end.value if side.end else None, why=side.why)
