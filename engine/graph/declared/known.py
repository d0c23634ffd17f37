"""What the house knows before it reads a catalogue: components of its map, and the services that it connects to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.graph.declared.names import id_of
from engine.workflow.catalogue import Service

# Names of the house itself, of any chat, any address and any mail: what a catalogue of others calls so is a thing of its own.
NOT_ONE_THING: Final = frozenset({"signalbox", "chat", "http", "email"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """``ids``: components of the map. ``services``: those of the catalogue, by id."""

    ids: Collection[str] = ()
    services: Mapping[str, Service] = field(default_factory=dict)

    def by_name(self) -> dict[str, str]:
        """id that a name, alias or id of a service makes → the service's id; its own id goes before another's alias."""
        names = {id_of(name): service.id for service in self.services.values() for name in (*service.aliases, service.name)}
        return names | {id_of(id): id for id in self.services}


NOTHING_KNOWN: Final = Known()


def same_service(text: str, services: Mapping[str, Service]) -> str:
    """Id of the service of the catalogue that goes by this name, "" if none does."""
    return Known(services=services).by_name().get(id_of(text), "") if text else ""
