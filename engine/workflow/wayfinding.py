"""Which of several services does a step: what the kernel asks, and how it is answered. The kernel writes the answer down; a replay never asks again.

a step with ways ─▶ Wish ─▶ Router (knows how services are) ─▶ Taken ─▶ its ASKED fact: "action", "because"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from engine.workflow.standing_in import StandIn

OWN, BESIDE, BEHIND = 0, 0, 1  # order: its own and those as good go first, what only stands in goes when none of them is fit


class Way(NamedTuple):
    """One way of doing a step. Smaller ``order`` goes first while it is fit; of the same ``order`` the best is taken, by ``weight``."""

    action: str
    account: str = ""
    order: int = OWN
    weight: float = 1.0

    @property
    def service(self) -> str:
        return self.action.partition(".")[0]


class Wish(NamedTuple):
    """``ways``: at least two, the step's own first. ``stick_to``: the service where this run did the like before, "" = nowhere. ``tried``: services that
    failed at this step just now. ``timeout``: seconds, of one attempt; ``reads``: the action changes nothing.
    """

    ways: tuple[Way, ...]
    stick_to: str = ""
    reads: bool = False
    timeout: float = 30.0
    tried: frozenset[str] = frozenset()


class Taken(NamedTuple):
    """``because``: one sentence, empty for the step's own way."""

    way: Way
    because: str = ""


Router: TypeAlias = Callable[[Wish], Taken]


def own_way(wish: Wish) -> Taken:
    """The router of a house that knows nothing of its services: the way that was asked for."""
    return Taken(wish.ways[0])


def ways_of(action: str, account: str, stand_ins: tuple[StandIn, ...]) -> tuple[Way, ...]:
    """The ways of a step, its own first; empty where there is only that."""
    if not stand_ins:
        return ()
    return (Way(action, account), *(Way(one.action, one.account, one.order, one.weight) for one in stand_ins))
