"""What reading a declared catalogue gives: values, what was not taken, and what was taken though a person should look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.errors import Problem
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.line import Line

MAX_COMPONENTS: Final = 20_000
MAX_LINES: Final = 200_000
MAX_ALTERNATIVES: Final = 2_000
MAX_PROBLEMS: Final = 200  # that are kept; the rest is counted


class Form(StrEnum):
    """How a catalogue is written."""

    BACKSTAGE = "backstage"
    COMPOSE = "compose"
    TRACES = "traces"
    OWN = "own"
    TABLE = "table"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final[Mapping[Form, str]] = {
    Form.BACKSTAGE: "a Backstage catalogue",
    Form.COMPOSE: "a docker compose file",
    Form.TRACES: "a service graph of OpenTelemetry",
    Form.OWN: "a map of dependencies",
    Form.TABLE: "a table of lines",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``lost``: not taken, each with its reason. ``doubts``: taken, each with what it was taken for. ``more``: problems beyond MAX_PROBLEMS."""

    form: Form
    origin: str = ""
    components: tuple[Component, ...] = ()
    lines: tuple[Line, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    lost: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()
    more: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them in the order of the file."""
        return tuple(sorted((*self.lost, *self.doubts), key=lambda problem: problem.line))

    @property
    def sentence(self) -> str:
        """“Read as a docker compose file: 4 components, 6 lines. 1 entry was not taken; 2 want a look.”"""
        found = [counted(len(self.components), "component"), counted(len(self.lines), "line")]
        if self.alternatives:
            found.append(counted(len(self.alternatives), "alternative"))
        said = f"Read as {self.form.label}: {', '.join(found)}."
        if self.lost:
            said += f" {counted(len(self.lost), 'entry', 'entries')} {'was' if len(self.lost) == 1 else 'were'} not taken."
        if self.doubts:
            said += f" {len(self.doubts)} {'wants' if len(self.doubts) == 1 else 'want'} a look."
        return said + (f" {self.more:,} more are not listed." if self.more else "")


def counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
