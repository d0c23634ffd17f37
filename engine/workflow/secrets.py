"""Secrets within arguments: where they go and how the text around them is put together, known from the definition alone.

A definition says ``{{secrets.name}}`` within a text of a step's arguments. Facts, cards and logs keep the name; the value is put in
between the journal and the call. What makes a text a secret's place is the definition at that place, never how a value looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.errors import Invalid
from engine.workflow.definition import Json

Path: TypeAlias = "tuple[str | int, ...]"

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.S)
_NAMED = re.compile(r"\s*secrets\.([A-Za-z_]\w*)\s*")
_SPOKEN = re.compile(r"(?<![\w.'\"])secrets\b")


@dataclass(frozen=True, slots=True)
class SecretPart:
    """``at`` leads to a text within the arguments; ``pieces`` make it up: ``(text, False)`` as it stands, ``(name, True)`` the secret's value."""

    at: Path
    pieces: tuple[tuple[str, bool], ...]

    @property
    def marker(self) -> str:
        """What stands in facts and on cards instead."""
        return "".join(f"{{{{secrets.{piece}}}}}" if secret else piece for piece, secret in self.pieces)


def names_of(parts: Iterable[SecretPart]) -> tuple[str, ...]:
    """Every secret that is needed, each once."""
    return tuple(dict.fromkeys(piece for part in parts for piece, secret in part.pieces if secret))


def composed(arguments: Mapping[str, Json], parts: Sequence[SecretPart], values: Mapping[str, str]) -> dict[str, Json]:
    """The arguments as the service gets them; ``values`` by secret name. Raises KeyError for a name it does not hold."""
    whole: Json = dict(arguments)
    for part in parts:
        whole = _put(whole, part.at, "".join(values[piece] if secret else piece for piece, secret in part.pieces))
    assert isinstance(whole, dict)
    return whole


def spoken(text: str) -> bool:
    """Whether one of its ``{{…}}`` speaks of a secret."""
    return any(_SPOKEN.search(match[1]) for match in _HOLE.finditer(text))


def pieces_of(text: str) -> tuple[tuple[str, bool], ...]:
    """``(template text, False)`` and ``(secret name, True)`` by turns. Raises Invalid for anything but a plain ``{{secrets.name}}``."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for match in _HOLE.finditer(text):
        if not _SPOKEN.search(match[1]):
            continue
        named = _NAMED.fullmatch(match[1])
        if named is None:
            raise Invalid(f"“{match[0][:60]}” does something with a secret; only {{{{secrets.name}}}}, as it stands, can be put in.")
        pieces += [(text[end : match.start()], False), (named[1], True)]
        end = match.end()
    return tuple(piece for piece in (*pieces, (text[end:], False)) if piece[0])


def _put(value: Json, at: Path, text: str) -> Json:
    if not at:
        return text
    step, rest = at[0], at[1:]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: _put(value[step], rest, text)}
    if isinstance(value, list) and isinstance(step, int):
        return [*value[:step], _put(value[step], rest, text), *value[step + 1 :]]
    raise Invalid("The place of a secret within the arguments is gone.")
