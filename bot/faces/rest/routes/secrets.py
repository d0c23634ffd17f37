"""Secrets that definitions name: put in and forgotten, never told."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import In, Out, failures
from engine.events import Audited
from engine.runtime.safe import Safe


class SecretIn(In):
    value: SecretStr = Field(max_length=20_000, description="What `{{secrets.<name>}}` stands for in the arguments of a step.")


class SecretsOut(Out):
    secrets: list[str] = Field(description="Their names.")


class SecretRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._safe = Safe(face.store.vault)

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/secrets", tags=["secrets"], dependencies=guards)
        add = router.add_api_route
        add("", self.names, methods=["GET"], response_model=SecretsOut, responses=failures())
        add("/{name}", self.put, methods=["PUT"], response_model=SecretsOut, responses=failures(400, 422))
        add("/{name}", self.forget, methods=["DELETE"], response_model=SecretsOut, responses=failures(404))
        return router

    async def names(self) -> SecretsOut:
        """Which secrets are kept."""
        return SecretsOut(secrets=await self._safe.names())

    async def put(self, name: str, body: SecretIn) -> SecretsOut:
        """Keep a secret, or replace it; it counts from the next ask on."""
        await self._safe.put(name, body.value.get_secret_value())
        await self._note("set_secret", name)
        return await self.names()

    async def forget(self, name: str) -> SecretsOut:
        """Forget a secret; steps that name it are refused from then on."""
        await self._safe.forget(name)
        await self._note("forget_secret", name)
        return await self.names()

    async def _note(self, verb: str, name: str) -> None:
        face = self._face
        actor = face.actor()
        await face.store.ledger.record(Audited(face.clock.now(), actor.id, actor.name, verb, f"secret:{name}", where=str(face.where())))
