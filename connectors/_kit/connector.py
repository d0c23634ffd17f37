"""A connector as it was read: what it says, how it was tried, and what it adds in Python; and the same in the catalogue's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from connectors._kit.custom import Custom
from connectors._kit.description import Description, Examples, Operation, Pick
from connectors._kit.nearest import did_you_mean
from engine.errors import NotFound
from engine.workflow.catalogue import Action, EventSpec, Field, Service


@dataclass(frozen=True, slots=True, eq=False)
class Connector:
    """One a folder and process, so its identity is its equality. Read by ``reading.read_connector``, which has checked that the three agree."""

    description: Description
    examples: Examples
    custom: Custom

    @property
    def id(self) -> str:
        return self.description.id

    def operation(self, name: str) -> Operation:
        """Raises NotFound with the nearest names."""
        if name not in self.description.operations:
            raise NotFound(f"{self.description.name} cannot do “{name}”.{did_you_mean(name, self.description.operations)}")
        return self.description.operations[name]

    def service(self, settings: Mapping[str, str]) -> Service:
        """In the catalogue's words. An input that a setting stands in for is not required."""
        stand_in = {wanted.setting for operation in self.description.operations.values() for wanted in operation.inputs.values()} - {""}
        return _service(self, tuple((name, settings.get(name, "")) for name in sorted(stand_in)))


@lru_cache(maxsize=256)
def _service(connector: Connector, stand_in: tuple[tuple[str, str], ...]) -> Service:
    """It takes long beside everything else a shelf is opened with, and is the same every time."""
    said, settings = connector.description, dict(stand_in)
    return Service(
        id=said.id,
        name=said.name,
        category=said.category,
        aliases=said.aliases,
        actions=tuple(_action(said.id, name, operation, settings) for name, operation in said.operations.items()),
        events=tuple(
            EventSpec(service=said.id, event=name, title=t.title, fields=_fields(t.fields), open=t.spread)
            for name, t in said.triggers.items()
        ),
        connected=True,
    )


def _action(service: str, name: str, operation: Operation, settings: Mapping[str, str]) -> Action:
    inputs = tuple(
        Field(
            name=field,
            type=wanted.type,
            required=wanted.required and not settings.get(wanted.setting),
            enum=wanted.enum,
            default=settings.get(wanted.setting) or wanted.default,
            help=wanted.help,
            own_host=wanted.own_host,
        )
        for field, wanted in operation.inputs.items()
    )
    return Action(
        service=service,
        operation=name,
        title=operation.title,
        inputs=inputs,
        outputs=_fields(operation.outputs),
        writes=operation.writes,
        repeatable=operation.repeatable,
    )


def _fields(picks: Mapping[str, Pick]) -> tuple[Field, ...]:
    return tuple(Field(name=name, type=pick.type, enum=pick.enum, help=pick.help, each=_fields(pick.each)) for name, pick in picks.items())
