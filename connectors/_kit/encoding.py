"""Bodies as bytes: JSON, forms with brackets, parts of a multipart message. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from connectors._kit.content import FileContent
from connectors._kit.filling import as_text
from engine.errors import Rejected


def as_json(body: Any) -> bytes:
    """Raises Rejected for a file, which JSON cannot hold."""
    return json.dumps(body, default=_no_file).encode()


def as_form(body: Mapping[str, Any]) -> bytes:
    """``{"items": [{"price": "p"}], "on": true}`` → ``items[0][price]=p&on=true``; lists of plain values as ``name[]=``."""
    return urlencode([pair for name, value in body.items() for pair in _flat(name, value)]).encode()


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(f"{name}[{key}]", part)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _flat(f"{name}[{index}]" if isinstance(part, Mapping) else f"{name}[]", part)
    elif isinstance(value, FileContent):
        _no_file(value)
    elif value is not None:
        yield name, as_text(value)


def as_parts(body: Mapping[str, Any]) -> list[tuple[str, tuple[str | None, bytes | str, str | None]]]:
    """(field, (file name or None, content, media type or None)), in their order; groups and lists of groups are written as JSON."""
    return [pair for name, value in body.items() for pair in _parts(name, value)]


def _parts(name: str, value: Any) -> Iterator[tuple[str, tuple[str | None, bytes | str, str | None]]]:
    if isinstance(value, FileContent):
        yield name, (value.name, value.content, value.media_type)
    elif isinstance(value, Mapping):
        yield name, (None, as_json(value), None)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _parts(name, part)
    elif value is not None:
        yield name, (None, as_text(value), None)


def only_value(body: Any) -> FileContent:
    """The one value of a body that is sent as it is. Raises Rejected when there is none."""
    values = list(body.values()) if isinstance(body, Mapping) else [body]
    if len(values) != 1 or values[0] is None:
        raise Rejected("There is no file to send.")
    value = values[0]
    return value if isinstance(value, FileContent) else FileContent("", "application/octet-stream", as_text(value).encode())


def _no_file(value: Any) -> Any:
    raise Rejected(f"A file cannot be sent in this place ({type(value).__name__}).")
