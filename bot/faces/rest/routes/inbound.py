"""The way in for others' alerts: Alertmanager, Grafana, and anything that can send JSON."""

from __future__ import annotations

from typing import Any

from fastapi import Body

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.inbound import InboundOut
from engine.monitoring.inbound import Sender


class InboundRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/monitoring", tags=["monitoring"], dependencies=guards)
        router.add_api_route("/inbound/{sender}", self.take, methods=["POST"], response_model=InboundOut, responses=failures(400, 503))
        return router

    async def take(self, sender: Sender, body: Any = Body(description="What the sender makes of an alert.")) -> InboundOut:  # noqa: B008
        """Alerts of another system. `alertmanager` and `grafana` take those products' webhooks as they are; `generic` takes one alert or a list:
        `{"title", "service", "status": "firing"|"resolved", "severity", "message", "labels", "key", "runbook", "value", "lasts"}`.

        Sent again they are the same. Beside the API token the token in the data folder's `inbound-token` opens this address, and nothing else.
        """
        changed = await self._face.desk.told(sender, body)
        return InboundOut(changed=len(changed), alerts=[alert.id for alert in changed])
