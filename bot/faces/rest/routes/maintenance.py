"""Maintenance windows and silences: listed, set, ended."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.maintenance import MaintenanceIn, MaintenanceOut, MaintenanceSet, MaintenancesOut
from engine.commands.command import PreviewShown, SilencesShown
from engine.errors import NotFound, Rejected
from engine.monitoring.silence import Silence


class MaintenanceRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/monitoring/maintenance", tags=["monitoring"], dependencies=guards)
        add = router.add_api_route
        add("", self.every, methods=["GET"], response_model=MaintenancesOut, responses=failures())
        add("", self.set, methods=["POST"], response_model=MaintenanceSet, status_code=201, responses=failures(400, 404, 409))
        add("/{window}", self.end, methods=["DELETE"], response_model=MaintenancesOut, responses=failures(404, 409))
        return router

    async def every(self) -> MaintenancesOut:
        """Windows and silences: those that run or come, then those that were over lately."""
        face = self._face
        shown = (await face.desk.do("list_maintenance", {}, face.actor(), face.where(), face.clock.new_id("rest"))).result
        assert isinstance(shown, SilencesShown)
        return MaintenancesOut(windows=[_out(one, shown.now) for one in shown.silences])

    async def set(self, request: Request, body: MaintenanceIn) -> MaintenanceSet:
        """Set a window: alerts that fit are watched as ever, and nobody is told of them meanwhile."""
        face, key = self._face, self._face.key(request)
        said = {name: value for name, value in body.model_dump(exclude={"actor"}).items() if value not in ("", None)}
        drafted = (await face.desk.do("set_maintenance", said, face.actor(body.actor), face.where(), key)).result
        if not isinstance(drafted, PreviewShown):
            raise Rejected("The window was not set; say service, start and until.")
        id = str(drafted.draft.arguments["id"])
        await face.desk.do("confirm_draft", {"draft": drafted.draft.id}, face.actor(body.actor), face.where(), f"{key}:confirm")
        made = next((one for one in (await self.every()).windows if one.id == id), None)
        if made is None:
            raise NotFound("The window was set and ended at once.")
        return MaintenanceSet(window=made, impact=drafted.text.splitlines()[1:-1])

    async def end(self, request: Request, window: str) -> MaintenancesOut:
        """End a window now, or call it off; a recurring one for good. What still fires is told."""
        face = self._face
        await face.desk.do("end_maintenance", {"window": window}, face.actor(), face.where(), face.key(request))
        return await self.every()


def _out(one: Silence, now: datetime) -> MaintenanceOut:
    over = one.told == "over" or now >= one.ends
    return MaintenanceOut(
        id=one.id, kind=one.kind.value, service=one.match.service, rule=one.match.rule, severity=one.match.severity, start=one.starts,
        until=one.ends, every=one.every, timezone=one.timezone, note=one.because, by=one.by_name,
        state="over" if over else "running" if one.active(now) else "planned",
    )  # fmt: skip
