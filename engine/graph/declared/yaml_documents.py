"""YAML from outside as trees: several documents, aliases and merge keys, within bounds; a broken document spoils no other.

Aliases are counted as often as they are used, so that a few lines cannot become a billion values; an alias of itself is refused. Of a key
that is said twice the later counts, and it is told. Tags are left out, and told. What a document holds is never made into an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import yaml

from engine.errors import Invalid, Problem
from engine.graph.declared.names import quoted
from engine.graph.declared.nodes import MAX_DEPTH, MAX_VALUES, NOTHING, Node

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DOCUMENTS: Final = 5_000
MERGE: Final = "<<"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOUNDARY = re.compile(r"^(?:---|\.\.\.)(?=\s|$)", re.MULTILINE)
_SILENT = re.compile(r"\s*(?:[#%].*)?")
_KNOWN_TAGS: Final = frozenset({"!", "!reset", "!override"})  # the last two are compose's own
_FRAME: Final = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


@dataclass(slots=True)
class Documents:
    """``lost``: documents that cannot be read. ``doubts``: read, though not as somebody may have meant it."""

    nodes: list[Node] = field(default_factory=list)
    lost: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)


class _Fault(Exception):
    """A document that cannot be read, with the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


def read_documents(text: str) -> Documents:
    """Raises Invalid for what is too large as a whole: MAX_BYTES, MAX_DOCUMENTS, MAX_VALUES over all documents."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Invalid(f"The YAML is larger than {MAX_BYTES // 1024 // 1024} MiB. Split it.")
    found, left = Documents(), MAX_VALUES
    for number, (line, part) in enumerate(_parts(text)):
        if number >= MAX_DOCUMENTS:
            raise Invalid(f"The file holds more than {MAX_DOCUMENTS:,} documents. Split it.")
        reader = _Reader(line, left, found.doubts)
        try:
            node = reader.document(part)
        except _Fault as fault:
            found.lost.append(Problem(fault.message, line=fault.line))
            continue
        left -= reader.spent
        if left < 0:
            raise Invalid(f"The file holds more than {MAX_VALUES:,} values. Split it.")
        if not node.empty:
            found.nodes.append(node)
    return found


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """(first line, text) of each document: a line that begins with ``---`` cannot be part of anything else."""
    starts = [0, *(match.start() for match in _BOUNDARY.finditer(text)), len(text)]
    line = 1
    for start, end in pairwise(starts):
        part = text[start:end]
        body = part[3:] if _BOUNDARY.match(part) else part
        if not all(_SILENT.fullmatch(row) for row in body.split("\n")):
            yield line, ("   " + body if body is not part else body)
        line += part.count("\n")


@dataclass(slots=True)
class _Anchored:
    node: Node
    size: int
    height: int


class _Reader:
    """One document. ``spent`` counts values with aliases written out."""

    def __init__(self, first_line: int, left: int, doubts: list[Problem]) -> None:
        self.first, self.left, self.doubts = first_line, left, doubts
        self.spent = 0
        self.anchors: dict[str, _Anchored | None] = {}
        self.height = 0

    def document(self, text: str) -> Node:
        """Raises _Fault."""
        try:
            events = (event for event in yaml.parse(text, Loader=_LOADER) if not isinstance(event, _FRAME))
            first = next(events, None)
            node = NOTHING if first is None else self._read(events, first, 0)
            if (further := next(events, None)) is not None:
                raise _Fault("A second document begins here without “---”.", self._line(further))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = (error.problem or error.context or "cannot be read").strip()
            raise _Fault(
                f"This is not valid YAML: {what}. The document was left out.", self.first + mark.line if mark else self.first
            ) from error
        except (yaml.YAMLError, UnicodeError, ValueError) as error:
            raise _Fault("This is not valid YAML. The document was left out.", self.first) from error
        return node

    def _line(self, event: Any) -> int:
        return self.first + int(event.start_mark.line)

    def _spend(self, amount: int, depth: int, line: int) -> None:
        self.spent += amount
        if self.spent > self.left:
            raise _Fault(f"With its aliases written out the document holds more than {self.left:,} values. It was left out.", line)
        if depth > MAX_DEPTH:
            raise _Fault(f"This is nested more than {MAX_DEPTH} deep. The document was left out.", line)
        self.height = max(self.height, depth)

    def _read(self, events: Iterator[Any], event: Any, depth: int) -> Node:
        line = self._line(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", depth, line)
        self._spend(1, depth, line)
        self._tag(event, line)
        before, outer, self.height = self.spent - 1, self.height, depth
        if event.anchor:
            self.anchors[event.anchor] = None  # being made: an alias of it within itself would never end
        node = self._value(events, event, depth, line)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(node, self.spent - before, self.height - depth)
        self.height = max(outer, self.height)
        return node

    def _value(self, events: Iterator[Any], event: Any, depth: int, line: int) -> Node:
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._mapping(events, depth), line)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(part := next(events), yaml.SequenceEndEvent):
                items.append(self._read(events, part, depth + 1))
            return Node(items, line)
        if event.tag == "!reset":
            return Node("", line, plain=True)
        return Node(event.value, line, plain=event.style in (None, ""))

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Node]:
        made: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            line = self._line(key)
            if not isinstance(key, yaml.ScalarEvent):
                raise _Fault("A key must be plain text. The document was left out.", line)
            node = self._read(events, next(events), depth + 1)
            if key.value == MERGE and key.style in (None, ""):
                merged |= {name: part for name, part in _merged(node, line).items() if name not in merged}
                continue
            if key.value in made:
                self.doubts.append(Problem(f"{quoted(key.value)} is said twice; the later one counts.", line=line))
            made[key.value] = Node(node.value, line, node.plain) if isinstance(node.value, str) else node
        return merged | made

    def _alias(self, name: str, depth: int, line: int) -> Node:
        if name not in self.anchors:
            raise _Fault(f"{quoted('*' + name)} names nothing that stands before it. The document was left out.", line)
        anchored = self.anchors[name]
        if anchored is None:
            raise _Fault(f"{quoted('*' + name)} contains itself. The document was left out.", line)
        self._spend(anchored.size, depth, line)
        self._spend(0, depth + anchored.height, line)
        return anchored.node

    def _tag(self, event: Any, line: int) -> None:
        if event.tag and event.tag not in _KNOWN_TAGS and not event.tag.startswith("tag:yaml.org,2002:"):
            self.doubts.append(
                Problem(f"The tag {quoted(event.tag)} means nothing here; the value behind it was read as it stands.", line=line)
            )


def _merged(node: Node, line: int) -> dict[str, Node]:
    """What ``<<`` brings in: a mapping, or several of which the earlier wins."""
    if node.entries:
        return node.entries
    if not node.empty and not (node.items and all(isinstance(part.value, dict) for part in node.items)):
        raise _Fault("“<<” takes a mapping or a list of mappings. The document was left out.", line)
    made: dict[str, Node] = {}
    for part in node.items:
        made |= {name: value for name, value in part.entries.items() if name not in made}
    return made
