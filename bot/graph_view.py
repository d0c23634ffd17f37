"""The house's graph as pages and pictures ask for it: who needs whom, how it is by now, and what a failure would do."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands.house import House
from engine.commands.show_impact import dependencies
from engine.errors import NotFound
from engine.graph.drawing import SOURCE, draw
from engine.graph.services import Dependencies
from engine.workflow.catalogue import did_you_mean
from engine.workflow.definition import Json

RANKS = ("unknown", "healthy", "degraded", "unhealthy", "misconfigured", "offline")  # of a service's accounts the worst is shown


class HouseGraph:
    """Fulfils ``bot.faces.web.graph.GraphView``."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def drawing(self, focus: str, hops: int, down: bool, most: int) -> Mapping[str, Json]:
        needs = await dependencies(self._house)
        node = _known(needs, focus) if focus else ""
        service = node.removeprefix(SOURCE)
        impact = needs.impact(service) if down and service and service not in needs.flows else None
        drawing: dict[str, Json] = draw(
            needs.flows,
            _names(needs, service),
            [(source, target, kind) for source, target, kind in needs.graph.edges(keys=True)],
            impact,
            health=await self._health(),
            focus=node,
            hops=hops,
            most=most,
        )
        if impact is not None:
            drawing["headline"] = f"If {_names(needs, service)[service]} were down"
        return drawing

    async def _health(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for state in await self._house.store.samples.states():
            status = "misconfigured" if state.misconfigured else state.status
            if _rank(status) >= _rank(found.get(state.service, "unknown")):
                found[state.service] = status
        return found


def _rank(status: str) -> int:
    return RANKS.index(status) if status in RANKS else 0


def _names(needs: Dependencies, also: str) -> dict[str, str]:
    services = needs.catalogue.services
    ids = dict.fromkeys([*needs.graph, *([also] if also else [])])
    return {id: needs.flows[id].name if id in needs.flows else services[id].name if id in services else id for id in ids}


def _known(needs: Dependencies, wanted: str) -> str:
    """By id or by name. Raises NotFound."""
    own = wanted.removeprefix(SOURCE).strip().casefold()
    names = _names(needs, "")
    ids = {id.casefold(): id for id in names} | {name.casefold(): id for id, name in names.items()}
    ids |= {service.name.casefold(): service.id for service in needs.catalogue.services.values() if service.id in names}
    if own not in ids:
        raise NotFound(f"Nothing in the graph is called “{wanted[:60]}”.{did_you_mean(wanted, {name: name for name in names.values()})}")
    found = ids[own]
    return SOURCE + found if wanted.startswith(SOURCE) else found
