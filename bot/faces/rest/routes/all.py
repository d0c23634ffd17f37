"""The whole API as a list of routes."""

from __future__ import annotations

from fastapi import Depends
from starlette.routing import BaseRoute

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
from bot.faces.rest.routes.inbound import InboundRoutes
from bot.faces.rest.routes.maintenance import MaintenanceRoutes
from bot.faces.rest.routes.map import MapRoutes
from bot.faces.rest.routes.measurements import MeasurementRoutes
from bot.faces.rest.routes.metrics import MetricsRoutes
from bot.faces.rest.routes.monitoring import MonitoringRoutes
from bot.faces.rest.routes.open import OpenRoutes
from bot.faces.rest.routes.rehearsals import RehearsalRoutes
from bot.faces.rest.routes.runs import RunRoutes
from bot.faces.rest.routes.sandbox import SandboxRoutes
from bot.faces.rest.routes.secrets import SecretRoutes
from bot.faces.rest.routes.thresholds import ThresholdRoutes
from bot.faces.rest.routes.versions import VersionRoutes
from bot.faces.rest.routes.workflows import WorkflowRoutes


def rest_routes(face: RestFace, token: BearerToken, inbound: BearerToken) -> list[BaseRoute]:
    """Plain routes, not routers in routers: FastAPI would work out each route of a router it includes once more."""
    guarded = (
        WorkflowRoutes,
        VersionRoutes,
        RehearsalRoutes,
        MonitoringRoutes,
        MeasurementRoutes,
        MaintenanceRoutes,
        ThresholdRoutes,
        ChatRoutes,
        FileRoutes,
        RunRoutes,
        GraphRoutes,
        MapRoutes,
        SandboxRoutes,
        SecretRoutes,
        ConnectionRoutes,
        DeliveryRoutes,
        HouseRoutes,
        EventRoutes,
    )
    routers = [
        OpenRoutes(face).router(),
        ConnectRoutes(face).router(),
        MetricsRoutes(face, token).router(),
        InboundRoutes(face).router([Depends(inbound)]),
        *(routes(face).router([Depends(token)]) for routes in guarded),
    ]
    return [route for router in routers for route in router.routes]
