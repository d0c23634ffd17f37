"""Components that several tell of: which ids are one thing, and whose word counts where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.graph.declared.component import Component
from engine.graph.declared.gathering import PLURALS, differences, overlaid, said
from engine.graph.discovery.map import Conflict
from engine.graph.discovery.pieces import joined, latest, origin, strength


def same_ids(told: Sequence[Component], conflicts: list[Conflict]) -> dict[str, str]:
    """id → id that it goes by: aliases lead to their component, components to the connected service that they are.

    Connected services and workflows are nobody's alias: a catalogue must not take their lines over by a word.
    """
    leads: dict[str, str] = {}
    whose: dict[str, Component] = {}
    fixed = {one.service for one in told if one.service} | {one.id for one in told if strength(one.evidence) == 2}
    for component in sorted((one for one in told if one.aliases), key=_order):
        for alias in component.aliases:
            if alias in fixed and alias not in (component.id, component.service):
                text = f"“{alias}” is known by itself and no alias of “{component.id}”; that was left out."
                conflicts.append(Conflict(alias, "aliases", text))
            elif alias != component.id:
                before = whose.get(alias)
                if before is not None and before.id != component.id:
                    text = f"“{alias}” is an alias of “{before.id}” and of “{component.id}”; the newer word counts: “{component.id}”."
                    conflicts.append(Conflict(alias, "aliases", text))
                leads[alias], whose[alias] = component.id, component
    leads |= {component.id: component.service for component in told if component.service and component.service != component.id}
    return {id: found for id in leads if (found := _end(id, leads)) != id}


def merged_components(told: Sequence[Component], ids: Mapping[str, str], conflicts: list[Conflict]) -> dict[str, Component]:
    """One of each; the stronger word over the weaker, of two alike the newer, and both told where they differ."""
    found: dict[str, list[Component]] = {}
    for component in told:
        found.setdefault(ids.get(component.id, component.id), []).append(component)
    return {id: _one(id, sorted(ways, key=_order), ids, conflicts) for id, ways in found.items()}


def _one(id: str, ways: Sequence[Component], ids: Mapping[str, str], conflicts: list[Conflict]) -> Component:
    made = ways[0]
    sayers = {name: ways[0] for name, _, _ in differences(Component(id=""), ways[0])}
    for component in ways[1:]:
        for name, old, new in differences(made, component):
            before = sayers.get(name, made)
            if strength(before.evidence) == strength(component.evidence) and origin(before.evidence) != origin(component.evidence):
                conflicts.append(Conflict(id, name, _sentence(id, name, (before, old), (component, new))))
        for name in PLURALS:
            if getattr(component, name) != getattr(_BLANK, name):
                sayers[name] = component
        made = overlaid(made, component)
    aliases = {alias for alias in (*made.aliases, *(one.id for one in ways)) if ids.get(alias, alias) == id}
    return replace(
        made,
        id=id,
        aliases=tuple(sorted(aliases - {id})),
        part_of=ids.get(made.part_of, made.part_of) if made.part_of else "",
        evidence=joined(made.evidence),
    )


_BLANK = Component(id="")


def _sentence(id: str, name: str, first: tuple[Component, object], second: tuple[Component, object]) -> str:
    (before, old), (after, new) = first, second
    return f"“{id}” has two {PLURALS[name]}: {said(old)}{_by(before)} and {said(new)}{_by(after)}. The newer word counts: {said(new)}."


def _by(component: Component) -> str:
    found = origin(component.evidence)
    return f" ({found})" if found else ""


def _order(component: Component) -> tuple[object, ...]:
    """From the weakest to the strongest word; the text decides where nothing else does, so that the order of telling never does."""
    return strength(component.evidence), latest(component.evidence), origin(component.evidence), repr(component)


def _end(id: str, leads: Mapping[str, str]) -> str:
    """Where an id leads in the end; of a circle its first in the order of letters."""
    way = [id]
    while way[-1] in leads and leads[way[-1]] not in way:
        way.append(leads[way[-1]])
    last = way[-1]
    return min(way[way.index(leads[last]) :]) if last in leads else last
