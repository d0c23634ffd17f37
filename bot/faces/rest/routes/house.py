"""The card of anything that has one, and the doctor's findings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel

from bot.cards.wire import to_json
from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.cards import CardOut
from bot.faces.rest.models.envelope import Out, failures
from engine.commands.command import FindingsShown


class OneCardOut(Out):
    card: CardOut


class FindingOut(BaseModel):
    area: str
    level: Literal["ok", "info", "warning", "problem"]
    message: str
    advice: str


class FindingsOut(Out):
    findings: list[FindingOut]


class HouseRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2", tags=["house"], dependencies=guards)
        router.add_api_route("/cards/{card}", self.card, methods=["GET"], response_model=OneCardOut, responses=failures(404))
        router.add_api_route("/doctor", self.doctor, methods=["GET"], response_model=FindingsOut, responses=failures())
        return router

    async def card(self, card: str) -> OneCardOut:
        """The card of a run, an alert, a preview or a workflow by its id, in its newest state."""
        drawn = await self._face.desk.card(card)
        return OneCardOut(card=CardOut.model_validate(to_json(drawn)))

    async def doctor(self) -> FindingsOut:
        """What is configured, what is missing, what to do."""
        face = self._face
        outcome = await face.desk.do("doctor", {}, face.actor(), face.where(), face.clock.new_id("rest"))
        findings = outcome.result.findings if isinstance(outcome.result, FindingsShown) else ()
        return FindingsOut(findings=[FindingOut(**asdict(finding)) for finding in findings])
