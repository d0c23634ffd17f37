"""What changed between two maps, as entries of the map's history, each a sentence with its before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.gathering import said
from engine.graph.declared.line import Key, Line, LineKind
from engine.graph.discovery.map import Map
from engine.graph.map_change import MapChange

_FIELDS: Mapping[str, str] = {
    "name": "name",
    "kind": "kind",
    "owner": "owner",
    "tier": "tier",
    "criticality": "criticality",
    "lifecycle": "lifecycle",
    "url": "address",
    "about": "description",
    "service": "connected service",
    "part_of": "system",
    "aliases": "aliases",
}
_VERBS: Mapping[LineKind, tuple[str, str]] = {
    LineKind.NEEDS: ("needs", "need"),
    LineKind.CALLS: ("calls", "call"),
    LineKind.LISTENS: ("listens to", "listen to"),
    LineKind.STARTS: ("starts", "start"),
    LineKind.ALTERNATIVE: ("falls back on", "fall back on"),
}
_WHENCE: Mapping[EvidenceKind, str] = {
    EvidenceKind.WORKFLOW: "a workflow says so",
    EvidenceKind.DECLARED: "declared",
    EvidenceKind.OBSERVED: "seen",
    EvidenceKind.EVENT: "events came",
    EvidenceKind.SUGGESTED: "suggested",
    EvidenceKind.DENIED: "denied",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """One difference, before it is dated and signed."""

    subject: str
    text: str
    noun: str
    what: str
    field: str = ""
    before: Any = None
    after: Any = None


def diff(before: Map, after: Map, *, at: datetime, by: str = "") -> tuple[MapChange, ...]:
    """Components, then lines, then alternatives. ``by``: the actor; empty for what the house saw by itself.

    ``body`` is {"noun": component|line|alternative, "what": added|removed|changed, "field", "before", "after"}. How often calls go and when
    the last came is not history: that is traffic. That a line is confirmed by another kind of evidence is.
    """
    told = (*_components(before, after), *_lines(before, after), *_alternatives(before, after))
    return tuple(_change(one, at, by) for one in told)


def _change(one: _Told, at: datetime, by: str) -> MapChange:
    body: dict[str, Any] = {"noun": one.noun, "what": one.what}
    body |= {name: value for name, value in (("field", one.field), ("before", one.before), ("after", one.after)) if value not in (None, "")}
    return MapChange(at=at, subject=one.subject, text=one.text, by=by, body=body)


def _components(before: Map, after: Map) -> Iterator[_Told]:
    for id in sorted({*before.components, *after.components}):
        old, new = before.components.get(id), after.components.get(id)
        if old is None and new is not None:
            yield _Told(id, f"“{new.label}” was added{_details(new)}.", "component", "added", after=new.to_json())
        elif old is not None and new is None:
            yield _Told(id, f"“{old.label}” was removed.", "component", "removed", before=old.to_json())
        elif old is not None and new is not None:
            yield from _fields(old, new)


def _details(component: Component) -> str:
    parts = [component.kind.value] if component.kind.value != "component" else []
    parts += [f"owned by {component.owner}"] if component.owner else []
    parts += [f"tier {component.tier}"] if component.tier is not None else []
    return f" ({', '.join(parts)})" if parts else ""


def _fields(old: Component, new: Component) -> Iterator[_Told]:
    for entry in fields(Component):
        one, other = getattr(old, entry.name), getattr(new, entry.name)
        if entry.name in _FIELDS and one != other:
            text = f"The {_FIELDS[entry.name]} of “{new.label}” {_is(entry.name)} now {_value(other)}, {'were' if entry.name == 'aliases' else 'was'} {_value(one)}."
            yield _Told(new.id, text, "component", "changed", entry.name, _plain(one), _plain(other))


def _is(name: str) -> str:
    return "are" if name == "aliases" else "is"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(said(one) for one in value) or "none"
    return "not known" if value in (None, "") else said(value)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, str) else value


def _lines(before: Map, after: Map) -> Iterator[_Told]:
    old, new = _by_key(before.lines), _by_key(after.lines)
    quiet = {one.line.key: one.because for one in after.quiet}
    for key in sorted({*old, *new}):
        one, other = old.get(key), new.get(key)
        if one is None and other is not None:
            text = f"“{after.label(other.source)}” now {_VERBS[other.kind][0]} “{after.label(other.target)}”{_how(other)}{_whence(other)}."
            yield _Told(_subject(other), text, "line", "added", after=other.to_json())
        elif one is not None and other is None:
            why = f" {quiet[key]}" if key in quiet else ""
            text = f"“{before.label(one.source)}” does not {_VERBS[one.kind][1]} “{before.label(one.target)}” any more{_how(one)}.{why}"
            yield _Told(_subject(one), text, "line", "removed", before=one.to_json())
        elif one is not None and other is not None:
            yield from _line_fields(one, other, after)


def _by_key(lines: Iterable[Line]) -> dict[Key, Line]:
    return {line.key: line for line in lines}


def _how(line: Line) -> str:
    parts = ["does without if it must"] if line.soft else []
    parts += [f"{line.at_least} of “{line.group}”"] if line.group else []
    return f", {' and '.join(parts)}" if parts else ""


def _whence(line: Line) -> str:
    if not line.evidence:
        return ""
    best = line.evidence[0]
    return f" ({_WHENCE[best.kind]}{f', {best.origin}' if best.origin else ''})"


def _line_fields(old: Line, new: Line, map: Map) -> Iterator[_Told]:
    ends = f"“{map.label(new.source)}” → “{map.label(new.target)}”"
    if old.soft != new.soft:
        text = f"{ends}: {'does without it if it must' if new.soft else 'cannot do without it'} now."
        yield _Told(_subject(new), text, "line", "changed", "soft", old.soft, new.soft)
    if old.at_least != new.at_least:
        text = f"{ends}: {new.at_least} of “{new.group}” must hold now, {old.at_least} before."
        yield _Told(_subject(new), text, "line", "changed", "at_least", old.at_least, new.at_least)
    was, now = _kinds(old.evidence), _kinds(new.evidence)
    if was != now:
        gained, gone = [kind for kind in now if kind not in was], [kind for kind in was if kind not in now]
        parts = [f"now also {_WHENCE[kind]}" for kind in gained] + [f"no longer {_WHENCE[kind]}" for kind in gone]
        yield _Told(_subject(new), f"{ends}: {', '.join(parts)}.", "line", "changed", "evidence", [*was], [*now])


def _kinds(evidence: Iterable[Evidence]) -> list[EvidenceKind]:
    return sorted({one.kind for one in evidence}, key=lambda kind: kind.rank)


def _alternatives(before: Map, after: Map) -> Iterator[_Told]:
    old, new = ({one.key: one for one in map.alternatives} for map in (before, after))
    for key in sorted({*old, *new}):
        one, other = old.get(key), new.get(key)
        if one is None and other is not None:
            yield _alternative(other, f"{other.use} may now stand in for {other.instead_of}.", "added", None, other)
        elif one is not None and other is None:
            yield _alternative(one, f"{one.use} no longer stands in for {one.instead_of}.", "removed", one, None)
        elif one is not None and other is not None and one.inputs != other.inputs:
            yield _alternative(other, f"{other.use} in place of {other.instead_of} is filled differently now.", "changed", one, other)


def _alternative(one: Alternative, text: str, what: str, before: Alternative | None, after: Alternative | None) -> _Told:
    return _Told(
        f"{one.service}>{one.other}",
        text,
        "alternative",
        what,
        "inputs" if what == "changed" else "",
        before.to_json() if before else None,
        after.to_json() if after else None,
    )


def _subject(line: Line) -> str:
    return f"{line.source}>{line.target}"
