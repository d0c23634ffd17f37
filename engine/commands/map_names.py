"""Which component of the map is meant by what people call it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands.house import House
from engine.errors import NotFound, Rejected
from engine.graph.declared.known import same_service
from engine.graph.declared.names import LONGEST_NAME, clean, id_of, quoted
from engine.graph.discovery.map import Map
from engine.workflow.catalogue import did_you_mean

SIMILAR = 20_000  # names up to which similar ones are looked for


async def current(house: House) -> Map:
    """The map with what was said a moment ago. Raises Transient when storage is busy."""
    await house.remap()
    return house.map()


def known(map: Map, house: House, said: str) -> str:
    """The id of the component that is called so, by id, name, alias, or as a connected service; "" for none."""
    id = id_of(said)
    if not id or id in map.components:
        return id
    if said.strip() in map.components:
        return said.strip()
    for component in map.components.values():
        if id == id_of(component.name) or id in component.aliases:
            return component.id
    service = same_service(said, house.catalogue.services)
    return service if service in map.components else ""


def component(map: Map, house: House, said: str) -> str:
    """As ``known``. Raises NotFound with the nearest names."""
    found = known(map, house, said)
    if not found:
        raise NotFound(f"Nothing on the map is called {quoted(said)}.{similar(map, said)} Add it with: /deps add {shown(said)} needs …")
    return found


def similar(map: Map, said: str) -> str:
    """`` Did you mean …?`` or an empty string; nothing is looked for in a map of more than SIMILAR names."""
    return did_you_mean(said, spellings(map)) if len(map.components) <= SIMILAR else ""


def spellings(map: Map) -> Mapping[str, str]:
    """Id and name → what people call it."""
    return {spelling: one.label for one in map.components.values() for spelling in (one.id, one.label)}


def shown(said: str) -> str:
    return clean(said, 60)


def fresh(said: str) -> str:
    """The id of something that is new on the map. Raises Rejected for what is no name."""
    id = id_of(said)
    if not id or len(said.strip()) > LONGEST_NAME:
        raise Rejected(f"{quoted(said)} cannot be a name on the map: it needs letters or digits, at most {LONGEST_NAME} characters.")
    return id
