"""The house's graph as pages and pictures ask for it: who needs whom, how it is by now, and what a failure would do."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands.house import House
from engine.commands.show_impact import dependencies
from engine.errors import NotFound
from engine.graph.discovery.map import Map
from engine.graph.discovery.merging import merge
from engine.graph.discovery.workflows import workflow_lines
from engine.graph.drawing import SOURCE
from engine.graph.map_drawing import failure_drawing, map_drawing
from engine.workflow.catalogue import did_you_mean
from engine.workflow.definition import Json, WorkflowState

RANKS = ("unknown", "healthy", "degraded", "unhealthy", "misconfigured", "offline")  # of a service's accounts the worst is shown


class HouseGraph:
    """Fulfils ``bot.faces.web.graph.GraphView``."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def drawing(self, focus: str, hops: int, down: bool, most: int) -> Mapping[str, Json]:
        map = await self._map()
        node = known(map, focus) if focus else ""
        needs = await dependencies(self._house)
        rates = {id: flow.per_hour for id, flow in needs.flows.items()}
        states = {id: "paused" for id, flow in needs.flows.items() if flow.workflow.state is WorkflowState.PAUSED}
        health = await self._health()
        if down and node:
            return failure_drawing(map, [node.removeprefix(SOURCE)], states=states, health=health, rates=rates, most=most)
        return map_drawing(map, focus=node, hops=hops, states=states, health=health, rates=rates, most=most)

    async def _map(self) -> Map:
        """That of the house; in its first seconds, and where none is kept, what the workflows say."""
        map = self._house.map()
        if map.components:
            return map
        said = workflow_lines(await self._house.store.workflows.list(), self._house.catalogue)
        return merge([said], at=self._house.clock.now())

    async def _health(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for state in await self._house.store.samples.states():
            status = "misconfigured" if state.misconfigured else state.status
            if _rank(status) >= _rank(found.get(state.service, "unknown")):
                found[state.service] = status
        return found


def _rank(status: str) -> int:
    return RANKS.index(status) if status in RANKS else 0


def known(map: Map, wanted: str) -> str:
    """The id of what is called so, by id or by name. Raises NotFound with the nearest names."""
    own = wanted.removeprefix(SOURCE).strip()
    if own not in map.components:
        plain = own.casefold()
        names = {component.label.casefold(): id for id, component in map.components.items()}
        names |= {id.casefold(): id for id in (*map.components, *(end for line in map.lines for end in (line.source, line.target)))}
        if plain not in names:
            near = did_you_mean(own, {component.label: component.label for component in map.components.values()})
            raise NotFound(f"Nothing in the graph is called “{own[:60]}”.{near}")
        own = names[plain]
    return SOURCE + own if wanted.startswith(SOURCE) else own
