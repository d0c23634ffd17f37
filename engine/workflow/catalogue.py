"""The catalogue: which services, actions and events exist, and what each takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.workflow.definition import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of an action, or one field of an event or output. ``type``: string, number, integer, boolean, datetime, array, object, any."""

    name: str
    type: str = "string"
    required: bool = False
    enum: tuple[Json, ...] = ()
    default: Json = None
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """``repeatable``: asking twice with the same key does the thing once (or does nothing but read)."""

    service: str
    operation: str
    title: str = ""
    inputs: tuple[Field, ...] = ()
    outputs: tuple[Field, ...] = ()
    writes: bool = True
    repeatable: bool = False
    equivalents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # "asana.create_task" -> {its input: our input}

    @property
    def id(self) -> str:
        return f"{self.service}.{self.operation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    service: str
    event: str
    title: str = ""
    fields: tuple[Field, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.service}.{self.event}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A product we know of. ``connected``: a connector for it ships; without one its workflows are understood but refused with that reason."""

    id: str
    name: str
    category: str
    aliases: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    events: tuple[EventSpec, ...] = ()
    connected: bool = False


class Catalogue:
    """Every service by id. Look-ups raise NotFound with the nearest names; see ``engine.workflow.catalogue_data`` for the stable ids."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services: dict[str, Service] = {service.id: service for service in services}
        self.actions: dict[str, Action] = {a.id: a for s in self.services.values() for a in s.actions}
        self.events: dict[str, EventSpec] = {e.id: e for s in self.services.values() for e in s.events}
