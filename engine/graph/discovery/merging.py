"""One map out of everything that was told: ids that meet, words that differ, lines that count and lines that are quiet.

Whose word counts: a workflow's own definition before everything, for it is exact; of what people and files declare the newer; what was seen
adds calls and volumes, and never takes away what was declared; a person's no hides what was only seen or suggested, and what was declared
before it. Nothing that was told is lost: what does not count is quiet, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.line import Line
from engine.graph.discovery.components import merged_components, same_ids
from engine.graph.discovery.lines import merged_lines
from engine.graph.discovery.map import Conflict, Map, Told
from engine.graph.discovery.pieces import joined, latest, origin


def merge(parts: Iterable[Told], *, at: datetime) -> Map:
    """The map as it stands at ``at``. Ten thousand lines take some hundred milliseconds. The order of ``parts`` does not matter."""
    told = list(parts)
    conflicts: list[Conflict] = []
    ids = same_ids([one for part in told for one in part.components], conflicts)
    components = merged_components([one for part in told for one in part.components], ids, conflicts)
    lines = [_under(line, ids) for part in told for line in part.lines]
    active, quiet = merged_lines([line for line in lines if line.source != line.target], at, conflicts)
    for line in (*active, *(one.line for one in quiet)):
        for end in (line.source, line.target):
            components.setdefault(end, Component(id=end))
    for id in {one.part_of for one in components.values() if one.part_of}:
        components.setdefault(id, Component(id=id, kind=ComponentKind.SYSTEM))
    return Map(
        components={id: components[id] for id in sorted(components)},
        lines=tuple(active),
        quiet=tuple(quiet),
        alternatives=tuple(_alternatives([one for part in told for one in part.alternatives], conflicts)),
        conflicts=tuple(sorted(set(conflicts), key=lambda one: (one.subject, one.field, one.text))),
    )


def _under(line: Line, ids: dict[str, str]) -> Line:
    source, target = ids.get(line.source, line.source), ids.get(line.target, line.target)
    return line if (source, target) == (line.source, line.target) else replace(line, source=source, target=target)


def _alternatives(told: Sequence[Alternative], conflicts: list[Conflict]) -> list[Alternative]:
    """Of two that fill one action differently the newer."""
    found: dict[tuple[str, str], list[Alternative]] = {}
    for one in told:
        found.setdefault(one.key, []).append(one)
    made = []
    for key in sorted(found):
        ways = sorted(found[key], key=lambda one: (latest(one.evidence), str(sorted(one.inputs.items(), key=str))))
        kept = ways[-1]
        if any(one.inputs != kept.inputs for one in ways):
            by = f" ({origin(kept.evidence)})" if origin(kept.evidence) else ""
            text = f"{kept.use} in place of {kept.instead_of} is filled in different ways; the newer one counts{by}."
            conflicts.append(Conflict(" ".join(key), "inputs", text))
        made.append(replace(kept, evidence=joined(piece for one in ways for piece in one.evidence)))
    return made
