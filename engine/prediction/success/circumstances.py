"""What is known of a run besides its past when it is foretold: the steps it takes, and how the services it touches do now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Weather(StrEnum):
    """The worst of what the services of a run are in."""

    CALM = "calm"  # healthy, or nothing is known
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    OFFLINE = "offline"


_WORST: Final = tuple(Weather)


@dataclass(frozen=True, slots=True)
class Part:
    """A step as far as its chances go: which action of which service."""

    service: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNow:
    """``status``: a word of ``HealthStatus``; one that is not known counts as none. ``score``: 0..100, None when unknown. ``alerts``: how many are open."""

    service: str
    status: str = "unknown"
    score: float | None = None
    alerts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """``parts``: the steps, an action as often as it is asked. ``services``: those that the definition touches; others do no harm."""

    parts: tuple[Part, ...] = ()
    services: tuple[ServiceNow, ...] = ()

    @property
    def weather(self) -> Weather:
        known = [_WORST.index(Weather(one.status)) for one in self.services if one.status in _WORST]
        return _WORST[max(known, default=0)]

    @property
    def alerts(self) -> int:
        return sum(one.alerts for one in self.services)

    @property
    def missing(self) -> float:
        """0..1: by how much the worst known score falls short of a healthy one's 90."""
        return max((max(0.0, 90.0 - one.score) / 90.0 for one in self.services if one.score is not None), default=0.0)


NOTHING_KNOWN: Final = Circumstances()
