"""Reading a connector's folder: YAML into values, every mistake named with its place before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from connectors._kit.checking import contradictions
from connectors._kit.connector import Connector
from connectors._kit.custom import Custom
from connectors._kit.description import Description, Examples
from engine.errors import Invalid, Problem

T = TypeVar("T")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Description, Examples)}  # slow to build, so once
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C where it is built in


def read_connector(folder: Path, custom: Custom) -> Connector:
    """Raises Invalid that lists every mistake of the folder's two files."""
    description = _read(folder / "connector.yml", Description)
    examples = _read(folder / "examples.yml", Examples)
    connector = Connector(description, examples, custom)
    problems = contradictions(folder.name, connector)
    if problems:
        raise Invalid(f"The connector in {folder.name}/ contradicts itself:", problems)
    return connector


def _read(path: Path, kind: type[T]) -> T:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), LOADER)  # noqa: S506  # both are safe loaders
    except OSError as err:
        raise Invalid(f"{path.parent.name}/{path.name} cannot be read: {err.strerror}.") from err
    except yaml.YAMLError as err:
        raise Invalid(f"{path.parent.name}/{path.name} is not YAML: {' '.join(str(err).split())}.") from err
    try:
        return _ADAPTERS[kind].validate_python(raw)  # type: ignore[no-any-return]
    except ValidationError as err:
        problems = [Problem(fault["msg"], tuple(fault["loc"])) for fault in err.errors()]
        raise Invalid(f"{path.parent.name}/{path.name} does not describe a connector:", problems) from err
