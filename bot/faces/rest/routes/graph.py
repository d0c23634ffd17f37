"""Impact and the graph."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import Answers, failures
from bot.faces.rest.models.house import ComponentOut, EdgeOut, EvidenceOut, GraphOut, ImpactOut, NodeOut
from bot.faces.rest.routes.map import findings_of
from bot.faces.rest.views import impact_out
from engine.commands.command import ImpactShown
from engine.errors import NotFound
from engine.graph.declared.component import Component
from engine.graph.declared.line import Line


class GraphRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2", tags=["graph"], dependencies=guards)
        router.add_api_route("/impact/{service:path}", self.impact, methods=["GET"], response_model=ImpactOut, responses=failures(404))
        router.add_api_route("/graph", self.graph, methods=["GET"], response_model=GraphOut, responses=failures())
        png: Answers = {200: {"content": {"image/png": {}}, "description": "The graph as a picture"}}
        router.add_api_route("/graph.png", self.picture, methods=["GET"], response_class=Response, responses={**failures(503), **png})
        return router

    async def impact(self, service: str, state: Annotated[Literal["down", "degraded", "over quota"], Query()] = "down") -> ImpactOut:
        """What stops and what carries on when this service is down."""
        face = self._face
        outcome = await face.desk.do(
            "show_impact", {"service": service, "state": state}, face.actor(), face.where(), face.clock.new_id("rest")
        )
        if not isinstance(outcome.result, ImpactShown):
            raise NotFound("Service not found")
        return impact_out(outcome.result.impact, outcome.result.people)

    async def graph(self) -> GraphOut:
        """Who needs whom."""
        graph = await self._face.desk.graph()
        nodes = [NodeOut(**asdict(node)) for node in graph.nodes]
        map = await self._face.desk.map()
        return GraphOut(
            nodes=nodes,
            edges=[EdgeOut(**asdict(edge)) for edge in graph.edges],
            components=[_component(one) for one in map.components.values()],
            evidence=[_evidence(line) for line in map.lines],
            findings=await findings_of(self._face),
        )

    async def picture(self) -> Response:
        """The same as PNG."""
        return Response(await self._face.desk.graph_picture(), media_type="image/png", headers={"cache-control": "no-store"})


def _component(one: Component) -> ComponentOut:
    return ComponentOut(
        id=one.id,
        name=one.label,
        kind=one.kind.value,
        owner=one.owner,
        tier=one.tier,
        criticality=one.criticality.value,
        aliases=list(one.aliases),
    )


def _evidence(line: Line) -> EvidenceOut:
    because = [piece.to_json() for piece in line.evidence]
    return EvidenceOut(source=line.source, target=line.target, kind=line.kind.value, group=line.group, soft=line.soft, because=because)
