"""Reading a connector's folder: YAML into values, every mistake named with its place before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from connectors._kit.checking import contradictions, unfit_examples
from connectors._kit.connector import Connector
from connectors._kit.custom import Custom
from connectors._kit.description import Delivery, Description, Example, Examples
from connectors._kit.yaml_values import yaml_values
from engine.errors import Invalid, Problem

T = TypeVar("T")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def read_connector(folder: Path, custom: Custom, *, later: bool = False) -> Connector:
    """Raises Invalid that lists every mistake of the folder's two files.

    ``later``: the examples are read when they are asked for first, by the sandbox or a rehearsal; a live account needs none. That then raises the Invalid.
    """
    description = _read(folder / "connector.yml", Description)
    examples = LaterExamples(lambda: _examples(folder, description, custom)) if later else _read(folder / "examples.yml", Examples)
    connector = Connector(description, examples, custom)
    problems = contradictions(folder.name, connector) + ([] if later else unfit_examples(connector))
    if problems:
        raise Invalid(f"The connector in {folder.name}/ contradicts itself:", problems)
    return connector


def _examples(folder: Path, description: Description, custom: Custom) -> Examples:
    found = _read(folder / "examples.yml", Examples)
    if problems := unfit_examples(Connector(description, found, custom)):
        raise Invalid(f"The connector in {folder.name}/ contradicts itself:", problems)
    return found


class LaterExamples(Examples):
    """Examples that are read at the first look."""

    __slots__ = ("_found", "_load")
    _found: Examples | None
    _load: Callable[[], Examples]

    def __init__(self, load: Callable[[], Examples]) -> None:
        object.__setattr__(self, "_load", load)
        object.__setattr__(self, "_found", None)

    @property
    def operations(self) -> Mapping[str, Example]:
        return self._all().operations

    @property
    def triggers(self) -> Mapping[str, Delivery]:
        return self._all().triggers

    def _all(self) -> Examples:
        found = self._found
        if found is None:
            found = self._load()
            object.__setattr__(self, "_found", found)
        return found


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Slow to build, so once and not before it is needed."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _read(path: Path, kind: type[T]) -> T:
    try:
        raw: Any = yaml_values(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise Invalid(f"{path.parent.name}/{path.name} cannot be read: {err.strerror}.") from err
    except yaml.YAMLError as err:
        raise Invalid(f"{path.parent.name}/{path.name} is not YAML: {' '.join(str(err).split())}.") from err
    try:
        return _adapter(kind).validate_python(raw)  # type: ignore[no-any-return]
    except ValidationError as err:
        problems = [Problem(fault["msg"], tuple(fault["loc"])) for fault in err.errors()]
        raise Invalid(f"{path.parent.name}/{path.name} does not describe a connector:", problems) from err
