"""Gathers what a reader finds in one file: bounded, without doubles, contradictions named, names that nobody declared pointed out."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from engine.errors import Invalid, Problem
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.known import NOTHING_KNOWN, Known
from engine.graph.declared.line import Key, Line, LineKind
from engine.graph.declared.names import clean, id_of, quoted, same_letters
from engine.graph.declared.reading import MAX_ALTERNATIVES, MAX_COMPONENTS, MAX_LINES, MAX_PROBLEMS, Form, Reading
from engine.graph.declared.settling import settle
from engine.workflow.catalogue import Catalogue, did_you_mean

GUESSED = 200  # unknown names for which a near one is looked up
COMPARED = 200_000  # pairs of names that are compared for it, some seconds at the very most


@dataclass(slots=True)
class Gathering:
    """``origin``: the file, as evidence names it. ``at``: when it was read, passed in."""

    form: Form
    origin: str = ""
    at: datetime | None = None
    known: Known = NOTHING_KNOWN
    components: dict[str, Component] = field(default_factory=dict)
    lines: dict[Key, Line] = field(default_factory=dict)
    alternatives: dict[tuple[str, str], Alternative] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)  # id → line of the file where it is declared or first named
    names: dict[str, str] = field(default_factory=dict)  # id → as it was written
    _lost: list[Problem] = field(default_factory=list)
    _doubts: list[Problem] = field(default_factory=list)
    _more: int = 0

    @property
    def declared(self) -> tuple[Evidence, ...]:
        """What stands behind everything that this file says."""
        return (Evidence(kind=EvidenceKind.DECLARED, origin=self.origin, since=self.at, seen=self.at),)

    def lost(self, message: str, line: int = 0) -> None:
        self._note(self._lost, message, line)

    def doubt(self, message: str, line: int = 0) -> None:
        self._note(self._doubts, message, line)

    def name(self, text: str, line: int = 0) -> str:
        """The id of a name, "" and a loss if it has none. Two spellings of one id are told once."""
        id = id_of(text)
        if not id:
            self.lost(f"{quoted(text)} is no name: it has neither letters nor digits.", line)
            return ""
        before = self.names.get(id)
        if before is None:
            self.names[id] = clean(text)
        elif text != before and (spelt := clean(text)).casefold() != before.casefold():
            self.doubt(f"{quoted(spelt)} and {quoted(before)} are taken for the same.", line)
        self.places.setdefault(id, line)
        return id

    def add(self, component: Component, line: int = 0) -> None:
        """A component; declared twice, the later word counts field by field and the difference is told."""
        before = self.components.get(component.id)
        if before is None and len(self.components) >= MAX_COMPONENTS:
            raise Invalid(f"The file declares more than {MAX_COMPONENTS:,} components. Split it.")
        if before is not None:
            for name, old, new in differences(before, component):
                self.doubt(f"{quoted(component.id)} has two {PLURALS[name]}, {said(old)} and {said(new)}; the later one counts.", line)
            component = overlaid(before, component)
        self.places[component.id] = line or self.places.get(component.id, 0)
        self.components[component.id] = component

    def join(self, line: Line, place: int = 0) -> None:
        """A line; a double is folded, one to itself is left out."""
        if line.source == line.target:
            self.lost(f"{quoted(line.source)} cannot need itself; the line was left out.", place)
            return
        before = self.lines.get(line.key)
        if before is None and len(self.lines) >= MAX_LINES:
            raise Invalid(f"The file declares more than {MAX_LINES:,} lines. Split it.")
        if before is not None and (before.soft, before.at_least) != (line.soft, line.at_least):
            self.doubt(
                f"That {quoted(line.source)} {line.kind.value} {quoted(line.target)} is said in two ways; the later one counts.", place
            )
        self.lines[line.key] = line if before is None else replace(line, evidence=tuple(dict.fromkeys((*before.evidence, *line.evidence))))
        for id in (line.source, line.target):
            self.places.setdefault(id, place)

    def offer(self, alternative: Alternative, place: int = 0) -> None:
        before = self.alternatives.get(alternative.key)
        if before is None and len(self.alternatives) >= MAX_ALTERNATIVES:
            raise Invalid(f"The file declares more than {MAX_ALTERNATIVES:,} alternatives. Split it.")
        if before is not None and before.inputs != alternative.inputs:
            self.doubt(f"{alternative.use} in place of {alternative.instead_of} is filled in two ways; the later one counts.", place)
        self.alternatives[alternative.key] = alternative

    def reading(self) -> Reading:
        """Everything, under the ids of the map, after a last look at what does not fit together."""
        self._settle()
        self._at_odds()
        self._name_ends()
        self._unknown()
        self._check_alternatives()
        return Reading(
            form=self.form,
            origin=self.origin,
            components=tuple(self.components.values()),
            lines=tuple(self.lines.values()),
            alternatives=tuple(self.alternatives.values()),
            lost=tuple(self._lost),
            doubts=tuple(self._doubts),
            more=self._more,
        )

    def _note(self, notes: list[Problem], message: str, line: int) -> None:
        if len(self._lost) + len(self._doubts) >= MAX_PROBLEMS:
            self._more += 1
        else:
            notes.append(Problem(message, line=line))

    def _settle(self) -> None:
        """Components and lines under the ids that they have in the map."""
        ends = [end for line in self.lines.values() for end in (line.source, line.target)]
        renamed = settle(self.components, ends, self.known, lambda message, id: self.doubt(message, self.places.get(id, 0)))
        if not renamed:
            return
        components, lines = list(self.components.items()), list(self.lines.values())
        self.components, self.lines = {}, {}
        for id, component in components:
            self.add(renamed.component(id, component), self.places.get(id, 0))
        for line in lines:
            self.join(renamed.line(line), self.places.get(line.source, 0))

    def _at_odds(self) -> None:
        """Lines that say that one thing both is needed and stands in."""
        for key, line in list(self.lines.items()):
            needs = (line.source, line.target, LineKind.NEEDS.value, line.group)
            if line.kind is LineKind.ALTERNATIVE and needs in self.lines:
                later = [found for found in self.lines if found in (key, needs)][-1]
                del self.lines[needs if later == key else key]
                self.doubt(
                    f"{quoted(line.source)} both needs {quoted(line.target)} and has it as an alternative; the later word counts: "
                    f"{LineKind(later[2]).value}.", self.places.get(line.source, 0),
                )  # fmt: skip

    def _name_ends(self) -> None:
        """Where lines are all there is, a name that is more than its id is kept with a component of its own."""
        if self.form not in (Form.TRACES, Form.TABLE):
            return
        for line in self.lines.values():
            for id in (line.source, line.target):
                name = self.names.get(id, id)
                if name != id and id not in self.components and id not in self.known.services:
                    self.add(Component(id=id, name=name, evidence=line.evidence), self.places.get(id, 0))

    def _check_alternatives(self) -> None:
        if self.known.services and self.alternatives:
            catalogue = Catalogue(self.known.services.values())
            for one in self.alternatives.values():
                for fault in one.faults(catalogue):
                    self.doubt(f"{one.use} in place of {one.instead_of}: {fault}")

    def _unknown(self) -> None:
        """Ends of lines that nobody declared: kept, and told where such a file declares components at all."""
        there = {*self.components, *self.known.ids, *self.known.services}
        if not self.components or self.form in (Form.TRACES, Form.TABLE):
            return
        letters = {same_letters(id): id for id in there}
        guessed = min(GUESSED, COMPARED // len(there))
        ends = dict.fromkeys(end for line in self.lines.values() for end in (line.source, line.target) if end not in there)
        for number, id in enumerate(ends):
            near = letters.get(same_letters(id), "")
            hint = f" Did you mean “{near}”?" if near else did_you_mean(id, sorted(there)) if number < guessed else ""
            self.doubt(f"Nothing here declares {quoted(id)}; it is kept as a name.{hint}", self.places.get(id, 0))


PLURALS = {
    "name": "names",
    "kind": "kinds",
    "owner": "owners",
    "tier": "tiers",
    "criticality": "criticalities",
    "lifecycle": "lifecycles",
    "url": "addresses",
    "about": "descriptions",
    "service": "services that it is",
    "part_of": "systems around it",
}
_ADDED_UP = frozenset({"id", "aliases", "evidence"})


def differences(before: Component, after: Component) -> list[tuple[str, Any, Any]]:
    """(field, old, new) where both say something and not the same."""
    found = []
    for entry in fields(Component):
        old, new = getattr(before, entry.name), getattr(after, entry.name)
        if entry.name not in _ADDED_UP and not _unsaid(entry, old) and not _unsaid(entry, new) and old != new:
            found.append((entry.name, old, new))
    return found


def overlaid(before: Component, after: Component) -> Component:
    """What ``after`` says over what ``before`` said."""
    told = {
        entry.name: getattr(after, entry.name)
        for entry in fields(Component)
        if entry.name not in _ADDED_UP and not _unsaid(entry, getattr(after, entry.name))
    }
    return replace(
        before, **told, aliases=tuple(dict.fromkeys((*before.aliases, *after.aliases))), evidence=tuple(dict.fromkeys((*before.evidence, *after.evidence)))
    )  # fmt: skip


def _unsaid(entry: Any, value: Any) -> bool:
    return bool(value == entry.default)


def said(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else str(value)
