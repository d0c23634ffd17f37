"""What commands about the map answer: values; ``bot.cards.map`` draws them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.line import Line
from engine.graph.declared.reading import Reading
from engine.graph.discovery.findings import Finding
from engine.graph.discovery.map import Map, Quiet
from engine.graph.discovery.suggestions import Suggestion
from engine.graph.map_change import MapChange


@dataclass(frozen=True, slots=True, kw_only=True)
class DependenciesShown:
    """``about`` None: the whole map. ``sentences``: who needs whom, a line each. ``drawing`` as ``engine.graph.portrait`` has it."""

    map: Map
    about: Component | None
    sentences: tuple[str, ...]
    needs: tuple[Line, ...] = ()
    needed_by: tuple[Line, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    findings: tuple[Finding, ...] = ()
    drawing: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEdited:
    """``id`` (``map_…``) stands for the source that was changed, ``revision`` is what it is at now: what an Undo must have seen."""

    id: str
    revision: int
    text: str
    undo: str = "Undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapHistoryShown:
    """Newest first. ``words`` say of what and since when."""

    words: str
    changes: tuple[MapChange, ...]
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCheckedShown:
    """What is odd in the map, in the order of ``Oddity``."""

    findings: tuple[Finding, ...]
    components: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedLine:
    """``dependant``, ``cause``: what people call them. ``answer``: yes or no, "" = nobody has said; ``by``: who has."""

    suggestion: Suggestion
    dependant: str
    cause: str
    answer: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsShown:
    """``id``: of its card. ``learnt``: when past incidents were looked through last; None: never yet."""

    id: str
    rows: tuple[SuggestedLine, ...]
    learnt: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlanned:
    """What taking in a file would change. ``source``: under which name it is kept; ``replaces``: that name is there already."""

    source: str
    reading: Reading
    changes: tuple[MapChange, ...]
    replaces: bool
