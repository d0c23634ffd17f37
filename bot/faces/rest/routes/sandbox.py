"""Faults on purpose, in services that the sandbox answers for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.house import FaultIn, FaultOut, FaultsOut
from engine.ports import Fault


class SandboxRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/sandbox", tags=["sandbox"], dependencies=guards)
        add = router.add_api_route
        add("/faults", self.faults, methods=["GET"], response_model=FaultsOut, responses=failures())
        add("/faults", self.inject, methods=["POST"], response_model=FaultsOut, responses=failures(400, 422))
        add("/faults", self.mend, methods=["DELETE"], response_model=FaultsOut, responses=failures())
        return router

    async def faults(self) -> FaultsOut:
        """Those in force."""
        return FaultsOut(faults=[FaultOut(service=f.service, kind=f.kind, share=f.share, until=f.until) for f in self._face.sandbox.faults()])

    async def inject(self, body: FaultIn) -> FaultsOut:
        """Start one."""
        until = self._face.clock.now() + timedelta(seconds=body.for_s) if body.for_s else None
        self._face.sandbox.inject(Fault(body.service, body.kind, body.share, until))
        return await self.faults()

    async def mend(self, service: Annotated[str, Query(description="Only this service's; without it all.")] = "") -> FaultsOut:
        """End them."""
        self._face.sandbox.mend(service)
        return await self.faults()
