"""Deliveries ordered by the services' own APIs: listed, ordered, ended."""

from __future__ import annotations

from fastapi import Request

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.deliveries import GreetingOut, OrderIn, OrderOut, OrdersOut
from bot.faces.rest.models.envelope import failures


class DeliveryRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/deliveries", tags=["deliveries"], dependencies=guards)
        add = router.add_api_route
        add("", self.every, methods=["GET"], response_model=OrdersOut, responses=failures())
        add("", self.order, methods=["POST"], response_model=OrdersOut, responses=failures(400, 404, 409, 422))
        add("/end", self.end, methods=["POST"], response_model=OrdersOut, responses=failures(400, 404, 422))
        add("/greeting/{service}/{account}", self.greeting, methods=["GET"], response_model=GreetingOut, responses=failures(404, 422))
        return router

    async def every(self) -> OrdersOut:
        """What services were asked to deliver to this house."""
        found = await self._face.desk.watches()
        return OrdersOut(
            orders=[
                OrderOut(
                    service=one.service,
                    account=one.account,
                    target=one.target,
                    made_at=one.made_at,
                    ends_at=one.ends_at,
                    trouble=one.trouble,
                )
                for one in found
            ]
        )

    async def order(self, request: Request, body: OrderIn) -> OrdersOut:
        """Order deliveries from a service that takes orders; they are renewed before they end, and end with the account."""
        return await self._do(request, body, off=False)

    async def end(self, request: Request, body: OrderIn) -> OrdersOut:
        """End such an order; `target` may be left out where there is only one."""
        return await self._do(request, body, off=True)

    async def greeting(self, service: str, account: str) -> GreetingOut:
        """The token that a service such as Notion sent here when the address was entered there. That it was shown stands in the audit."""
        return GreetingOut(token=await self._face.desk.greeting(service, account, self._face.actor()))

    async def _do(self, request: Request, body: OrderIn, *, off: bool) -> OrdersOut:
        face = self._face
        arguments = {"service": body.service, "account": body.account, "target": body.target, "off": off}
        await face.desk.do("watch_service", arguments, face.actor(), face.where(), face.key(request))
        return await self.every()
