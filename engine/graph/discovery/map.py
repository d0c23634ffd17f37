"""The map: components, the lines between them, and alternatives, as far as anybody or anything has told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.errors import Invalid
from engine.graph.declared import own
from engine.graph.declared import raw as read
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.line import Line


class Told(Protocol):
    """What anybody tells: a reading of a file, what workflows say, what was observed, what people set."""

    @property
    def components(self) -> tuple[Component, ...]: ...

    @property
    def lines(self) -> tuple[Line, ...]: ...

    @property
    def alternatives(self) -> tuple[Alternative, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Plain ``Told``."""

    components: tuple[Component, ...] = ()
    lines: tuple[Line, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two that speak of ``subject`` (a component, ``source>target``, or two actions) do not agree; ``text`` says who said what, and what counts."""

    subject: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """A line that is known and does not count: faded, denied or only suggested."""

    line: Line
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """``lines`` count, ``quiet`` ones do not. Lines are in the order of their keys, components and alternatives likewise."""

    components: Mapping[str, Component] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    def label(self, id: str) -> str:
        """What people call it."""
        found = self.components.get(id)
        return found.label if found else id

    def needs_of(self, id: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.source == id)

    def needed_by(self, id: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.target == id)

    def to_yaml(self) -> str:
        """The export: components, lines that count, alternatives. Read again it gives the same."""
        return own.to_yaml(self.components.values(), self.lines, self.alternatives)

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        made = own.to_raw(self.components.values(), self.lines, self.alternatives)
        made["quiet"] = [{"line": one.line.to_json(), "because": one.because} for one in self.quiet]
        made["conflicts"] = [{"subject": one.subject, "field": one.field, "text": one.text} for one in self.conflicts]
        return made

    @classmethod
    def from_json(cls, raw: Any) -> Map:
        """Of ``to_json``. Raises Invalid."""
        found = read.mapping(raw, "A map")
        if found.get(own.MARK) != own.VERSION:
            raise Invalid(f"A map is marked {own.MARK}: {own.VERSION}.")
        components = [
            Component.from_json({**one, "id": id}) for id, one in read.mapping(found.get("components", {}), "“components”").items()
        ]
        quiet = [read.mapping(one, "A quiet line") for one in read.sequence(found.get("quiet"), "“quiet”")]
        conflicts = [read.mapping(one, "A conflict") for one in read.sequence(found.get("conflicts"), "“conflicts”")]
        return cls(
            components={one.id: one for one in components},
            lines=tuple(Line.from_json(one) for one in read.sequence(found.get("lines"), "“lines”")),
            quiet=tuple(Quiet(Line.from_json(one.get("line")), read.words(one.get("because"), "“because”", 400)) for one in quiet),
            alternatives=tuple(Alternative.from_json(one) for one in read.sequence(found.get("alternatives"), "“alternatives”")),
            conflicts=tuple(
                Conflict(*(read.words(one.get(name), name, 600) for name in ("subject", "field", "text"))) for one in conflicts
            ),
        )


EMPTY = Map()
