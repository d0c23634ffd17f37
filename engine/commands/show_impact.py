"""What breaks if a service goes down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, ImpactShown, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.graph.impact import Impact
from engine.graph.services import Dependencies
from engine.workflow.catalogue import Catalogue

HISTORY = timedelta(days=7)


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
        graph = await dependencies(house)
        if not self.service:
            if not self.workflow:
                raise Rejected("Name a service, for example: /impact trello")
            workflow = await house.workflow(self.workflow)
            needs = ", ".join(house.catalogue.service(s).name for s in workflow.definition.services)
            return done(f"“{workflow.name}” needs {needs}. Ask “what breaks if … goes down?” for one of them.")
        impact, drawing = measure(graph, house.catalogue, self.service, self.state)
        return Outcome(result=ImpactShown(impact=impact, drawing=drawing), public=False)


async def dependencies(house: House) -> Dependencies:
    """The graph of the stored workflows with the runs of the last week."""
    now = house.clock.now()
    return Dependencies.build(
        await house.store.workflows.list(),
        house.catalogue,
        stats=await house.store.runs.stats(since=now - HISTORY),
        now=now,
        zone=house.timezone,
        window=HISTORY,
    )


def measure(graph: Dependencies, catalogue: Catalogue, service: str, state: str) -> tuple[Impact, dict[str, object]]:
    impact = graph.impact(catalogue.service(service).id, state)
    return impact, graph.drawing(impact)
