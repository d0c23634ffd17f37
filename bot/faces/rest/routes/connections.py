"""Accounts of services: listed, connected, disconnected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from fastapi import Request

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.connections import (
    ConnectionIn,
    ConnectionOut,
    ConnectionsOut,
    LinkIn,
    LinkOut,
    NeedOut,
    OneConnectionOut,
    ServiceConnectionsOut,
    WayOut,
)
from bot.faces.rest.models.envelope import failures
from engine.commands.command import ConnectionShown
from engine.errors import Rejected
from engine.ports import Way


class ConnectionRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/connections", tags=["connections"], dependencies=guards)
        add = router.add_api_route
        add("", self.every, methods=["GET"], response_model=ConnectionsOut, responses=failures())
        add("/{service}", self.of, methods=["GET"], response_model=ServiceConnectionsOut, responses=failures(404, 422))
        one = "/{service}/{account}"
        add(one, self.connect, methods=["PUT"], response_model=OneConnectionOut, responses=failures(400, 404, 422))
        add(one, self.disconnect, methods=["DELETE"], response_model=ConnectionsOut, responses=failures(404, 422))
        add(one + "/link", self.link, methods=["POST"], response_model=LinkOut, responses=failures(400, 404, 422))
        return router

    async def every(self) -> ConnectionsOut:
        """Every account of every service."""
        return ConnectionsOut(connections=self._every())

    async def of(self, service: str) -> ServiceConnectionsOut:
        """The accounts of one service, and how one is connected."""
        shown = self._face.desk.connection(service, "")
        accounts = [one for one in self._every() if one.service == shown.service]
        return ServiceConnectionsOut(service=shown.service, connections=accounts, ways=[_way(way) for way in shown.ways])

    async def connect(self, request: Request, service: str, account: str, body: ConnectionIn) -> OneConnectionOut:
        """Try the values at the service and keep them, encrypted; it is used from then on. `default` is the account that steps mean without a name."""
        values = {name: value.get_secret_value() for name, value in body.values.items()}
        arguments = {"service": service, "account": account, "way": body.way, "values": values}
        await self._do(request, "keep_connection", arguments)
        shown = self._face.desk.connection(service, account)
        found = [one for one in self._every() if (one.service, one.account) == (shown.service, shown.account)]
        return OneConnectionOut(connection=found[0])

    async def disconnect(self, request: Request, service: str, account: str) -> ConnectionsOut:
        """Forget what was kept of an account. One that the environment says is refused."""
        await self._do(request, "disconnect_service", {"service": service, "account": account})
        return await self.every()

    async def link(self, request: Request, service: str, account: str, body: LinkIn | None = None) -> LinkOut:
        """A link to say yes in a browser (OAuth), for ten minutes."""
        values = {name: value.get_secret_value() for name, value in body.values.items()} if body else {}
        shown = await self._do(request, "begin_connection", {"service": service, "account": account, "values": values})
        if not isinstance(shown, ConnectionShown):
            raise Rejected("Nothing can be connected in this process.")
        return LinkOut(url=shown.link)

    def _every(self) -> list[ConnectionOut]:
        return [
            ConnectionOut(account=one.name, kept=kept, service=one.service, mode=one.mode, url=one.url, missing=one.missing)
            for one, kept in self._face.desk.connections()
        ]

    async def _do(self, request: Request, command: str, arguments: Mapping[str, object]) -> object:
        face = self._face
        outcome = await face.desk.do(command, arguments, face.actor(), face.where(), face.key(request))
        return outcome.result


def _way(way: Way) -> WayOut:
    raw = asdict(way)
    return WayOut(**{**raw, "needs": [NeedOut(**need) for need in raw["needs"]]})
