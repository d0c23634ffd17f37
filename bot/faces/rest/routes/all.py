"""The whole API as one router."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from bot.faces.rest.auth import BearerToken
from bot.faces.rest.face import RestFace
from bot.faces.rest.routes.chat import ChatRoutes
from bot.faces.rest.routes.connect import ConnectRoutes
from bot.faces.rest.routes.connections import ConnectionRoutes
from bot.faces.rest.routes.deliveries import DeliveryRoutes
from bot.faces.rest.routes.events import EventRoutes
from bot.faces.rest.routes.files import FileRoutes
from bot.faces.rest.routes.graph import GraphRoutes
from bot.faces.rest.routes.house import HouseRoutes
from bot.faces.rest.routes.monitoring import MonitoringRoutes
from bot.faces.rest.routes.open import OpenRoutes
from bot.faces.rest.routes.rehearsals import RehearsalRoutes
from bot.faces.rest.routes.runs import RunRoutes
from bot.faces.rest.routes.sandbox import SandboxRoutes
from bot.faces.rest.routes.secrets import SecretRoutes
from bot.faces.rest.routes.versions import VersionRoutes
from bot.faces.rest.routes.workflows import WorkflowRoutes


def rest_router(face: RestFace, token: BearerToken) -> APIRouter:
    router = APIRouter()
    router.include_router(OpenRoutes(face).router())
    router.include_router(ConnectRoutes(face).router())
    guarded = (
        WorkflowRoutes,
        VersionRoutes,
        RehearsalRoutes,
        MonitoringRoutes,
        ChatRoutes,
        FileRoutes,
        RunRoutes,
        GraphRoutes,
        SandboxRoutes,
        SecretRoutes,
        ConnectionRoutes,
        DeliveryRoutes,
        HouseRoutes,
        EventRoutes,
    )
    for routes in guarded:
        router.include_router(routes(face).router(), dependencies=[Depends(token)])
    return router
