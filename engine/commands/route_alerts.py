"""Where alerts of a service or a severity are told instead of the usual place: shown, set, taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from engine.commands.alerting import service_meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.whom import target
from engine.errors import Conflict, NotFound, Rejected
from engine.events import PolicySaved
from engine.monitoring.alert import Severity
from engine.monitoring.escalation import Kind
from engine.monitoring.route import KIND, MOST_PLACES, Route, body_of, route_of
from engine.parties import Address, Role

ALL = "all"
MOST = 100
EXAMPLE = "/alerts route github high to #ops-critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteAlerts(Command):
    """``about``: a service, a severity (that and worse), both, or “all”; "" = show the routes. ``to``: channels, parted by commas; ``off``: end it."""

    NAME: ClassVar[str] = "route_alerts"
    NEEDS: ClassVar[Role] = Role.VIEWER
    SLASH: ClassVar[str] = "/alerts route"
    HELP: ClassVar[str] = "Say where alerts of a service or severity are told, or show the routes there are."
    EXAMPLE: ClassVar[str] = EXAMPLE
    about: str = ""
    to: str = ""
    off: bool = False
    places: Mapping[str, str] = field(default_factory=dict)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.about.strip():
            return done(told([route_of(one.id, one.body) for one in await house.store.policies.of(KIND)]))
        await house.require(asking.actor, Role.ADMIN)
        service, severity = await self._about(house)
        id = ".".join(filter(None, (service, severity))) or ALL
        known = await house.store.policies.get(KIND, id)
        if self.off:
            if known is None:
                raise NotFound(f"There is no route for {Route(id, (), service, severity).in_words()}. /alerts route shows those there are.")
            await self._save(house, asking, PolicySaved(KIND, id, None, asking.at, known.revision + 1), "off")
            return done(f"Alerts of {Route(id, (), service, severity).in_words()} are told in the usual place again.", public=True)
        route = Route(id, await self._to(house, asking), service, severity)
        if known is None and len(await house.store.policies.of(KIND)) >= MOST:
            raise Rejected(f"There are {MOST} routes already; end one first: /alerts route NAME off")
        saved = PolicySaved(KIND, id, body_of(route), asking.at, known.revision + 1 if known else 1)
        await self._save(house, asking, saved, ", ".join(str(place) for place in route.to))
        return done(f"From now on: {_line(route)}", public=True)

    async def _save(self, house: House, asking: Asking, saved: PolicySaved, detail: str) -> None:
        try:
            await house.store.ledger.record(saved, house.audit(asking, self.NAME, f"route_{saved.id}", detail))
        except Conflict as error:
            raise Conflict("Somebody else changed this route at the same moment. Look at it (/alerts route) and say it again.") from error

    async def _about(self, house: House) -> tuple[str, str]:
        """(service, severity), either "" for any. Raises NotFound for a service nobody knows."""
        words = self.about.strip().casefold().split()
        severity = next((word for word in words if word in list(Severity)), "")
        rest = " ".join(word for word in words if word not in (severity, ALL, "and", "worse"))
        return (await service_meant(house, rest) if rest else ""), severity

    async def _to(self, house: House, asking: Asking) -> tuple[Address, ...]:
        """Raises Rejected for anything but channels."""
        said = [part.strip() for part in self.to.split(",") if part.strip()]
        if not said or len(said) > MOST_PLACES:
            raise Rejected(f"Say where to, one to {MOST_PLACES} channels. For example: {EXAMPLE}")
        found = [await target(house, asking, part, self.places) for part in said]
        people = [one.name for one in found if one.kind is not Kind.CHANNEL]
        if people:
            raise Rejected(f"Alerts are told in channels; {people[0]} is none. Who is called about them is said with /escalation.")
        return tuple(dict.fromkeys(Address.parse(one.id) for one in found))


def told(routes: Sequence[Route]) -> str:
    if not routes:
        return f"No routes are set: every alert goes to the usual place. Set one: {EXAMPLE}"
    return "\n".join(["Where alerts are told", *(_line(route) for route in routes), "Everything else goes to the usual place."])


def _line(route: Route) -> str:
    return f"{route.in_words()} → {', '.join(str(place) for place in route.to)}"
