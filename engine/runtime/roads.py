"""How services are, as the kernel asks for it: which way a step goes, and how long a repeat waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.resilience.routing import Candidate
from engine.runtime.routes import Routes
from engine.workflow.wayfinding import Router, Taken, Wish, own_way


@dataclass(frozen=True, slots=True)
class Roads:
    """``pause(service, account, seconds)``: how long a repeat waits that would come after ``seconds``."""

    router: Router
    pause: Callable[[str, str, float], float]


def _as_said(service: str, account: str, seconds: float) -> float:
    return seconds


NO_ROADS = Roads(own_way, _as_said)


def roads_of(routes: Routes | None) -> Roads:
    if routes is None:
        return NO_ROADS

    def router(wish: Wish) -> Taken:
        ways = {
            candidate: way for way in wish.ways for candidate in [Candidate(way.service, way.account, way.action, way.weight, way.order)]
        }
        choice = routes.choose(tuple(ways), wish.stick_to, reads=wish.reads, tried=wish.tried)
        # With no way in good health the one that was asked for is as good as any, and leaves nothing to be put right afterwards.
        return own_way(wish) if choice.panic else Taken(ways[choice.candidate], choice.because)

    return Roads(router, routes.pause)
