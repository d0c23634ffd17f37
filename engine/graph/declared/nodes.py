"""A document as a small tree whose every part knows its line, the same for YAML and JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Invalid
from engine.workflow.definition import Json

MAX_DEPTH: Final = 40
MAX_VALUES: Final = 200_000  # an alias counts as often as it is used
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE, _FALSE = frozenset({"true", "True", "TRUE"}), frozenset({"false", "False", "FALSE"})
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """Text, a list or a mapping. ``plain``: the text stood without quotes, so ``1``, ``true`` and ``null`` may mean more than text."""

    value: str | list[Node] | dict[str, Node]
    line: int = 0
    plain: bool = False

    @property
    def empty(self) -> bool:
        """``key:`` with nothing behind it, or null."""
        return self.plain and isinstance(self.value, str) and self.value in _NOTHING

    @property
    def text(self) -> str | None:
        """As it is written; None for a list, a mapping and nothing."""
        return self.value if isinstance(self.value, str) and not self.empty else None

    @property
    def items(self) -> list[Node]:
        """Of a list; else none."""
        return self.value if isinstance(self.value, list) else []

    @property
    def entries(self) -> dict[str, Node]:
        """Of a mapping; else none."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, *path: str) -> Node:
        """What lies along the path; an empty node where nothing does."""
        node = self
        for key in path:
            node = node.entries.get(key, NOTHING)
        return node

    def said(self, *path: str) -> str:
        """The text along the path, "" where there is none."""
        return self.get(*path).text or ""

    def json(self) -> Json:
        """The value with YAML 1.2's sense: ``no``, ``12:30`` and ``010`` are text."""
        if isinstance(self.value, dict):
            return {key: node.json() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.json() for node in self.value]
        return _scalar(self.value) if self.plain else self.value


NOTHING: Final = Node("", plain=True)


def _scalar(text: str) -> Json:
    if text in _NOTHING:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def from_json(value: Any) -> Node:
    """Of what a JSON reader gave. Raises Invalid beyond MAX_DEPTH and MAX_VALUES."""
    left = [MAX_VALUES]
    return _node(value, left, 0)


def _node(value: Any, left: list[int], depth: int) -> Node:
    left[0] -= 1
    if left[0] < 0:
        raise Invalid(f"The document holds more than {MAX_VALUES:,} values. Split it.")
    if depth > MAX_DEPTH:
        raise Invalid(f"The document is nested more than {MAX_DEPTH} deep.")
    if isinstance(value, dict):
        return Node({key: _node(part, left, depth + 1) for key, part in value.items()})
    if isinstance(value, list):
        return Node([_node(part, left, depth + 1) for part in value])
    if isinstance(value, str):
        return Node(value)
    return Node("null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value), plain=True)


def texts(node: Node) -> Iterator[tuple[str, int]]:
    """(text, line) of a list of texts, or of one text that stands for such a list."""
    for part in node.items or [node]:
        if part.text is not None:
            yield part.text, part.line


def pairs(node: Node) -> Iterator[tuple[str, Node]]:
    """(name, value) of a mapping, or of a list of ``name=value`` as compose files allow; without ``=`` the value is nothing."""
    yield from node.entries.items()
    for part in node.items:
        if part.text is not None:
            name, sign, value = part.text.partition("=")
            yield name.strip(), Node(value, part.line) if sign else Node("", part.line, plain=True)
