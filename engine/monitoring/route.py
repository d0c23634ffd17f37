"""Routes: where alerts of a kind are told instead of the usual place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import Invalid, Problem, Rejected
from engine.monitoring.alert import Alert, Severity
from engine.parties import Address

KIND = "route"  # of the policy
MOST_PLACES = 10  # of one route


@dataclass(frozen=True, slots=True)
class Route:
    """``service`` "" = every one; ``severity``: that one and everything worse, "" = any; ``to``: where, instead of where alerts usually go."""

    id: str
    to: tuple[Address, ...]
    service: str = ""
    severity: str = ""

    def fits(self, alert: Alert) -> bool:
        return self.service in ("", alert.service) and (not self.severity or alert.severity.rank >= Severity(self.severity).rank)

    def in_words(self) -> str:
        """“github, high and worse”."""
        parts = [self.service] if self.service else []
        parts += [f"{self.severity} and worse" if self.severity != Severity.CRITICAL else "critical"] if self.severity else []
        return ", ".join(parts) or "everything"


def route_of(id: str, body: Mapping[str, Any]) -> Route:
    """What ``body_of`` kept. Raises Invalid for anything else."""
    try:
        severity = str(body.get("severity", ""))
        to = tuple(Address.parse(str(text)) for text in body["to"])[:MOST_PLACES]
        return Route(id, to, str(body.get("service", "")), Severity(severity).value if severity else "")
    except (KeyError, TypeError, ValueError, Rejected) as error:
        raise Invalid(f"The route {id} cannot be read.", [Problem(str(error)[:200], (id,))]) from error


def body_of(route: Route) -> dict[str, Any]:
    """As the policy keeps it."""
    return {"service": route.service, "severity": route.severity, "to": [str(place) for place in route.to]}


def places(alert: Alert, routes: Sequence[Route], usual: Sequence[Address]) -> tuple[tuple[Address, ...], str]:
    """Where it is told, each place once, and by which routes in words; the usual places where none fits."""
    fitting = [route for route in routes if route.to and route.fits(alert)]
    if not fitting:
        return tuple(dict.fromkeys(usual)), "the usual place of alerts"
    named = "; ".join(route.in_words() for route in fitting)
    return tuple(dict.fromkeys(place for route in fitting for place in route.to)), f"the route of {named}"
