"""Thresholds: the seed's two endpoints, for all services or, with ``?service=``, for one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.thresholds import LevelsOut, ThresholdsIn, ThresholdsOut
from engine.monitoring.threshold import ALL, KIND, LEVELS, METRICS, Thresholds, metric_of, thresholds_of

Service = Annotated[str, Query(description="Only this service; without it, what holds for all.")]
MS = 1000.0


class ThresholdRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/monitoring/thresholds", tags=["monitoring"], dependencies=guards)
        add = router.add_api_route
        add("", self.show, methods=["GET"], response_model=ThresholdsOut, responses=failures(404))
        add("", self.set, methods=["PUT"], response_model=ThresholdsOut, responses=failures(400, 404, 409))
        return router

    async def show(self, service: Service = "") -> ThresholdsOut:
        """What people set; where nothing is set, the usual is learnt."""
        policy = await self._face.store.policies.get(KIND, service or ALL)
        known = thresholds_of(policy.id, policy.body, policy.revision) if policy else Thresholds(service=service or ALL)
        return ThresholdsOut(
            service=known.service, thresholds={name: _levels(known, name) for name in METRICS}, timestamp=self._face.clock.now()
        )

    async def set(self, request: Request, body: ThresholdsIn, service: Service = "") -> ThresholdsOut:
        """All of it is checked before any of it is changed, as one change that can be undone at once."""
        face = self._face
        changes = {
            f"{metric_of(metric)}.{level}": "learnt"
            if value is None
            else str(value / MS if metric_of(metric) == "response_time" else value)
            for metric, levels in body.root.items()
            for level in LEVELS
            if level in levels.model_fields_set
            for value in (getattr(levels, level),)
        }
        await face.desk.do("set_threshold", {"service": service, "changes": changes}, face.actor(), face.where(), face.key(request))
        return await self.show(service)


def _levels(known: Thresholds, metric: str) -> LevelsOut:
    scale = MS if metric == "response_time" else 1.0
    limit = known.of(metric)
    return LevelsOut(
        warning=None if limit.warning is None else limit.warning * scale,
        critical=None if limit.critical is None else limit.critical * scale,
    )
