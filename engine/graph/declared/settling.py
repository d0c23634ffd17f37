"""Which declared components are connected services of the house, and which only bear the name of one.

*The same*: it says so (``service: jira``), or it is somebody else's product (kind external or service) under the service's name, or it is
named by lines and declared nowhere. *Its own*: everything else of that name, such as a container called ``chat``; it goes by ``component:chat``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.known import NOT_ONE_THING, Known
from engine.graph.declared.line import Line

OWN = "component:"


@dataclass(frozen=True, slots=True)
class Renamed:
    """``ids``: id in the file → id in the map. ``services``: ids of the map that are connected services."""

    ids: Mapping[str, str]
    services: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.ids)

    def component(self, id: str, component: Component) -> Component:
        new = self.ids.get(id, id)
        part_of = self.ids.get(component.part_of, component.part_of)
        aliases = component.aliases if new == id or new == OWN + id else tuple(dict.fromkeys((*component.aliases, id)))
        return replace(component, id=new, part_of=part_of, aliases=aliases, service=new if new in self.services else component.service)

    def line(self, line: Line) -> Line:
        return replace(line, source=self.ids.get(line.source, line.source), target=self.ids.get(line.target, line.target))


def settle(components: Mapping[str, Component], ends: Iterable[str], known: Known, doubt: Callable[[str, str], None]) -> Renamed:
    """``ends``: ids that lines name. ``doubt`` is told (sentence, id) where a person should look."""
    names = known.by_name()
    ids: dict[str, str] = {}
    same: set[str] = set()
    for id, component in components.items():
        service = component.service if component.service in known.services else names.get(id, "")
        if not service:
            continue
        if component.service == service or _theirs(component, service):
            if component.service != service and component.kind is not ComponentKind.SERVICE:
                doubt(f"“{id}” is taken for the connected service {known.services[service].name}.", id)
            ids[id] = service
            same.add(service)
        elif id in known.services:
            doubt(f"“{id}” has the name of a connected service and is another thing here, so it goes by “{OWN}{id}”.", id)
            ids[id] = OWN + id
    for id in dict.fromkeys(ends):
        service = names.get(id, "")
        if id not in components and service and service not in NOT_ONE_THING:
            ids[id] = service
    return Renamed(ids, frozenset(same))


def _theirs(component: Component, service: str) -> bool:
    """Whether a component of a service's name may be that service."""
    if component.kind is ComponentKind.SERVICE:
        return True
    return component.kind is ComponentKind.EXTERNAL and service not in NOT_ONE_THING
