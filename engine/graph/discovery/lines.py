"""Lines that several tell of, made one: traffic joins the need that it belongs to, contradictions are named, what does not count is quiet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from engine.graph.declared.evidence import EvidenceKind
from engine.graph.declared.line import Key, Line, LineKind
from engine.graph.discovery.map import Conflict, Quiet
from engine.graph.discovery.pieces import joined, latest, origin, strength
from engine.graph.discovery.standing import standing

Lines = dict[Key, Line]


def merged_lines(told: Sequence[Line], at: datetime, conflicts: list[Conflict]) -> tuple[list[Line], list[Quiet]]:
    """(lines that count, lines that do not), each in the order of their keys."""
    lines = _folded(told, conflicts)
    _deny(lines)
    _settle(lines, conflicts)
    _join_traffic(lines)
    active: Lines = {}
    quiet: list[Quiet] = []
    for key in sorted(lines):
        found = standing(lines[key].evidence, at)
        if found.active:
            active[key] = lines[key]
        else:
            quiet.append(Quiet(lines[key], found.because))
    _count_groups(active, conflicts)
    return list(active.values()), quiet


def _folded(told: Iterable[Line], conflicts: list[Conflict]) -> Lines:
    """One line a key; how hard it is, is the newest word of those who can say."""
    found: dict[Key, list[Line]] = {}
    for line in told:
        found.setdefault(line.key, []).append(line)
    made: Lines = {}
    for key in sorted(found):
        ways = found[key]
        if len(ways) == 1:
            made[key] = replace(ways[0], evidence=joined(ways[0].evidence)) if len(ways[0].evidence) > 1 else ways[0]
            continue
        ways.sort(key=_order)
        kept = ways[-1]
        firm = {(one.soft, one.at_least) for one in ways if strength(one.evidence) == strength(kept.evidence) and _other(one, kept)}
        if firm - {(kept.soft, kept.at_least)}:
            conflicts.append(_differ(kept))
        made[key] = replace(kept, evidence=joined(piece for one in ways for piece in one.evidence))
    return made


def _order(line: Line) -> tuple[object, ...]:
    return strength(line.evidence), latest(line.evidence), origin(line.evidence), repr(line)


def _other(one: Line, kept: Line) -> bool:
    return origin(one.evidence) != origin(kept.evidence)


def _differ(kept: Line) -> Conflict:
    what = "can do without it" if kept.soft else _meaning(kept, "it")
    text = f"How much “{kept.source}” needs “{kept.target}” is said in different ways; the newer word counts: it {what}{_by(kept)}."
    return Conflict(_subject(kept), "soft", text)


def _deny(lines: Lines) -> None:
    """A no to a line is a no to whatever way it is drawn in; where there is no other line it stays, so that it is remembered."""
    pairs: dict[tuple[str, str, bool], list[Key]] = {}
    for key in sorted(lines):
        pairs.setdefault((*key[:2], lines[key].kind.can_break), []).append(key)
    for keys in pairs.values():
        noes = [piece for key in keys for piece in lines[key].evidence if piece.kind is EvidenceKind.DENIED]
        if not noes:
            continue
        bare = [key for key in keys if all(piece.kind is EvidenceKind.DENIED for piece in lines[key].evidence) and lines[key].evidence]
        kept = [key for key in keys if key not in bare] or bare[:1]
        for key in keys:
            if key in kept:
                lines[key] = replace(lines[key], evidence=joined((*lines[key].evidence, *noes)))
            else:
                del lines[key]


def _settle(lines: Lines, conflicts: list[Conflict]) -> None:
    """What cannot both be true of two ends: needed and standing in for it; needed by itself and one of several."""
    pairs: dict[tuple[str, str], list[Key]] = {}
    for key, line in lines.items():
        if line.kind.can_break and strength(line.evidence) == 1:
            pairs.setdefault((line.source, line.target), []).append(key)
    for keys in pairs.values():
        alone = [key for key in keys if lines[key].kind is LineKind.NEEDS and not key[3]]
        within = [key for key in keys if key[3] or lines[key].kind is LineKind.ALTERNATIVE]
        for key in alone:
            for other in within:
                _newer(key, other, lines, conflicts)
        spare = {key[3]: key for key in within if key[2] == LineKind.ALTERNATIVE.value}
        for key in within:
            if key[2] == LineKind.NEEDS.value and key[3] in spare:
                _newer(key, spare[key[3]], lines, conflicts)


def _newer(key: Key, other: Key, lines: Lines, conflicts: list[Conflict]) -> None:
    if key not in lines or other not in lines:
        return
    kept, dropped = sorted((lines[key], lines[other]), key=_order, reverse=True)
    del lines[dropped.key]
    it = _meaning(kept, "it")
    text = f"“{kept.source}” {_meaning(dropped, f'“{kept.target}”')}{_by(dropped)}, and it {it}{_by(kept)}; the newer word counts: it {it}."
    conflicts.append(Conflict(_subject(kept), "kind", text))


def _meaning(line: Line, target: str) -> str:
    if line.kind is LineKind.ALTERNATIVE:
        return f"falls back on {target}"
    return f"needs {target} as {line.at_least} of “{line.group}”" if line.group else f"cannot do without {target}"


def _join_traffic(lines: Lines) -> None:
    """Calls along a need belong to it: another line for them would make a need of its own out of one of several ways."""
    needs: dict[tuple[str, str], list[Key]] = {}
    for key, line in lines.items():
        if (line.kind in (LineKind.NEEDS, LineKind.ALTERNATIVE) or (line.kind is LineKind.CALLS and line.group)) and strength(
            line.evidence
        ):
            needs.setdefault((line.source, line.target), []).append(key)
    for key, line in list(lines.items()):
        found = needs.get((line.source, line.target), []) if line.kind is LineKind.CALLS or not strength(line.evidence) else []
        if not found or not line.kind.can_break or key in found:
            continue
        for other in found:
            lines[other] = replace(lines[other], evidence=joined((*lines[other].evidence, *line.evidence)))
        del lines[key]


def _count_groups(lines: Lines, conflicts: list[Conflict]) -> None:
    """How many of a group must hold is one number, and not more than there are."""
    groups: dict[tuple[str, str], list[Key]] = {}
    for key, line in lines.items():
        if line.group and line.kind.can_break:
            groups.setdefault((line.source, line.group), []).append(key)
    for (source, group), keys in groups.items():
        newest = max((lines[key] for key in keys), key=_order)
        wanted = newest.at_least
        if len({lines[key].at_least for key in keys}) > 1:
            text = f"How many of “{group}” “{source}” needs is said in different ways; the newer word counts: {wanted}{_by(newest)}."
            conflicts.append(Conflict(source, "at_least", text))
        if wanted > len(keys):
            text = f"“{source}” wants {wanted} of “{group}”, of which {len(keys)} {'is' if len(keys) == 1 else 'are'} left; all are taken to be needed."
            conflicts.append(Conflict(source, "at_least", text))
            wanted = len(keys)
        _set(lines, keys, wanted)


def _set(lines: Lines, keys: Iterable[Key], wanted: int) -> None:
    for key in keys:
        if lines[key].at_least != wanted:
            lines[key] = replace(lines[key], at_least=wanted)


def _subject(line: Line) -> str:
    return f"{line.source}>{line.target}"


def _by(line: Line) -> str:
    found = origin(line.evidence)
    return f" ({found})" if found else ""


def group_members(lines: Iterable[Line]) -> Mapping[tuple[str, str], tuple[Line, ...]]:
    """(source, group) → its lines, the needed before those that stand in."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.group:
            found.setdefault((line.source, line.group), []).append(line)
    return {key: tuple(sorted(members, key=lambda one: (one.kind is LineKind.ALTERNATIVE, one.target))) for key, members in found.items()}
