"""What breaks if a service goes down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, ImpactShown, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import people
from engine.errors import Rejected
from engine.graph.services import WEEK, Dependencies
from engine.workflow.catalogue import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowImpact(Command):
    NAME: ClassVar[str] = "show_impact"
    SLASH: ClassVar[str] = "/impact"
    HELP: ClassVar[str] = "What stops, what carries on by a fallback, and who is hit if a service goes down."
    EXAMPLE: ClassVar[str] = "/impact trello"
    service: str = ""
    workflow: str = ""
    state: str = "down"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.service:
            if not self.workflow:
                raise Rejected("Say which service, for example: /impact trello")
            around = (await dependencies(house)).dependencies((await house.workflow(self.workflow)).id)
            needs = f"needs {listed(around.needs)}" if around.needs else "needs no other service"
            return done(f"“{self.workflow}” {needs}. To see what one of them would take down: /impact SERVICE")
        return Outcome(result=await measured(house, self.service, self.state))


async def measured(house: House, service: str, state: str) -> ImpactShown:
    """Raises NotFound for a service nobody knows, Invalid for another state than down or degraded."""
    graph = await dependencies(house)
    impact = graph.impact(house.service(service).id, state)
    return ImpactShown(impact=impact, drawing=graph.drawing(impact), people=await people(house, impact.people))


async def dependencies(house: House) -> Dependencies:
    """The graph of the stored workflows with the runs of the last week."""
    now = house.clock.now()
    return Dependencies.build(
        await house.store.workflows.list(),
        house.catalogue,
        stats=await house.store.runs.stats(since=now - WEEK),
        now=now,
        zone=house.timezone,
        window=WEEK,
    )
