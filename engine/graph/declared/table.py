"""Reads tables of lines: CSV with a heading, parted by commas, semicolons or tabs.

Columns: ``from`` and ``to`` (or source/target, client/server, caller/callee), and if wanted ``kind``, ``group``, ``at_least``, ``soft``,
``per_hour``, ``since``, ``seen``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from engine.errors import Invalid
from engine.graph.declared import raw as read
from engine.graph.declared.evidence import MOST_PER_HOUR, Evidence, EvidenceKind
from engine.graph.declared.gathering import Gathering
from engine.graph.declared.line import LARGEST_GROUP, Line, LineKind
from engine.graph.declared.names import quoted
from engine.workflow.catalogue import did_you_mean

DELIMITERS: Final = (",", ";", "\t")
_SPELT: Final = {
    "from": ("from", "source", "client", "caller", "dependant", "dependent", "service", "component", "parent"),
    "to": ("to", "target", "server", "callee", "dependency", "needs", "depends_on", "child"),
    "kind": ("kind", "type"),
    "group": ("group",),
    "at_least": ("at_least", "k"),
    "soft": ("soft", "optional"),
    "per_hour": ("per_hour", "volume", "calls_per_hour", "requests_per_hour"),
    "since": ("since", "first_seen"),
    "seen": ("seen", "last_seen"),
}
_YES, _NO = frozenset({"true", "yes", "1", "x", "soft"}), frozenset({"", "false", "no", "0", "hard"})


def heading_of(text: str) -> tuple[str, dict[str, int]] | None:
    """(delimiter, column → its place) where the first line that is no remark is a heading; else None."""
    first = next((row for row in text.split("\n", 50)[:50] if row.strip() and not row.startswith("#")), "")
    for delimiter in DELIMITERS:
        names = [cell.strip().strip('"').casefold().replace(" ", "_").replace("-", "_") for cell in first[:2_000].split(delimiter)]
        places = {column: names.index(spelt) for column, ways in _SPELT.items() for spelt in reversed(ways) if spelt in names}
        if "from" in places and "to" in places:
            return delimiter, places
    return None


def read_table(text: str, gathering: Gathering) -> None:
    """Raises Invalid without a heading; a row that does not fit is told and left out."""
    found = heading_of(text)
    if found is None:
        raise Invalid("A table of lines begins with a heading that names its columns, such as: from,to,kind,per_hour")
    delimiter, places = found
    for number, row in _rows(text, delimiter, gathering):
        if all(not cell.strip() for cell in row):
            continue
        cells = {column: row[place].strip() if place < len(row) else "" for column, place in places.items()}
        try:
            line = _line(cells, gathering, number)
        except Invalid as error:
            gathering.lost(str(error), number)
            continue
        if line is not None:
            gathering.join(line, number)


def _rows(text: str, delimiter: str, gathering: Gathering) -> Iterator[tuple[int, list[str]]]:
    """(line of the file, cells) behind the heading."""
    reader = csv.reader((row for row in text.split("\n")), delimiter=delimiter, strict=True)
    headed = False
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            gathering.lost(f"The table cannot be read from here on: {error}.", number)
            return
        if row and row[0].startswith("#"):
            continue
        if headed:
            yield number, row
        headed = headed or any(cell.strip() for cell in row)


def _line(cells: Mapping[str, str], gathering: Gathering, number: int) -> Line | None:
    source, target = gathering.name(cells["from"], number), gathering.name(cells["to"], number)
    if not source or not target:
        return None
    per_hour = _number(cells.get("per_hour", ""))
    kind = read.word(cells["kind"], LineKind, "The kind of a line") if cells.get("kind") else LineKind.NEEDS
    evidence = Evidence(
        kind=EvidenceKind.OBSERVED if per_hour is not None else EvidenceKind.DECLARED,
        origin=gathering.origin,
        since=read.moment(cells.get("since"), "“since”") or gathering.at,
        seen=read.moment(cells.get("seen"), "“seen”") or gathering.at,
        per_hour=per_hour,
    )
    return Line(
        source=source,
        target=target,
        kind=kind,
        group=read.words(cells.get("group"), "“group”"),
        at_least=_whole(cells.get("at_least", "")) if cells.get("group") else 1,
        soft=_soft(cells.get("soft", "")),
        evidence=(evidence,),
    )


def _number(text: str) -> float | None:
    return read.number(_as(float, text), "“per_hour”", 0, MOST_PER_HOUR) if text else None


def _whole(text: str) -> int:
    return read.whole(_as(int, text), "“at_least”", 1, LARGEST_GROUP) if text else 1


def _as(made: Callable[[str], Any], text: str) -> Any:
    """The number, or the text itself, of which the check then says what it should have been."""
    try:
        return made(text)
    except ValueError:
        return text


def _soft(text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise Invalid(f"“soft” is yes or no, not {quoted(text)}.{did_you_mean(word, ['yes', 'no'])}")
    return word in _YES
