"""Secrets within arguments: where they go and how the text around them is put together, known from the definition alone.

A definition says ``{{secrets.name}}`` within a text of a step's arguments. Facts, cards and logs keep the name; the value is put in
between the journal and the call. What makes a text a secret's place is the definition at that place, never how a value looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

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
    return _with(arguments, {part.at: "".join(values[piece] if secret else piece for piece, secret in part.pieces) for part in parts})


def without(arguments: Mapping[str, Json], parts: Sequence[SecretPart]) -> dict[str, Json]:
    """The arguments with nothing where secrets go."""
    return _with(arguments, {part.at: "" for part in parts})


def marked(arguments: Mapping[str, Json], parts: Sequence[SecretPart]) -> dict[str, Json]:
    """The arguments as facts and cards show them."""
    return _with(arguments, {part.at: part.marker for part in parts})


def _with(arguments: Mapping[str, Json], texts: Mapping[Path, str]) -> dict[str, Json]:
    whole: Json = dict(arguments)
    for at, text in texts.items():
        whole = _put(whole, at, text)
    assert isinstance(whole, dict)
    return whole


def written(parts: Iterable[SecretPart]) -> list[Json]:
    """As a fact keeps them."""
    return [{"at": list(part.at), "of": [{"secret": piece} if secret else piece for piece, secret in part.pieces]} for part in parts]


def read_parts(raw: Json) -> tuple[SecretPart, ...]:
    """From a fact that ``written`` made."""
    parts: Any = raw if isinstance(raw, list) else []
    return tuple(
        SecretPart(
            tuple(part["at"]),
            tuple((piece["secret"], True) if isinstance(piece, dict) else (piece, False) for piece in part["of"]),
        )
        for part in parts
    )


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


def secret_places(arguments: Mapping[str, Json]) -> tuple[SecretPart, ...]:
    """Where a definition's arguments name secrets; the text pieces are templates still. Raises Invalid for a secret in a key."""
    return tuple(_found(dict(arguments), ()))


def _found(value: Json, at: Path) -> Iterator[SecretPart]:
    if isinstance(value, str):
        if "secrets" in value and spoken(value):
            yield SecretPart(at, pieces_of(value))
    elif isinstance(value, dict):
        for key, part in value.items():
            if spoken(key):
                raise Invalid(f"“{key[:60]}” is the name of a field; a secret can only be put into its value.")
            for found in _found(part, (*at, key)):
                if "{{" in key:
                    raise Invalid(f"The field “{key[:60]}” has a name that is filled in; a secret needs a place with a fixed name.")
                yield found
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _found(part, (*at, number))
