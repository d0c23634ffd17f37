"""Putting values into the placeholders of a request: ``{title}``, ``{repo|path}``, ``{labels|csv}``, ``{text|optional}``, ``{due|date}``.

A text that is one placeholder becomes the value itself, of any type. Where a value is missing, the query parameter, body field or list item
that asks for it is left out; ``optional`` makes it an empty text instead. In a path every value is percent-encoded (``path`` keeps its
slashes), and ``.``/``..`` are refused, so a value can never lead to another resource than the one described.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any, Final
from urllib.parse import quote

from engine.errors import Rejected

PLACEHOLDER = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
FILTERS: Mapping[str, Callable[[Any], Any]] = {
    "path": lambda value: value,  # keeps its slashes, see ``fill_path``
    "optional": lambda value: value,  # an empty text where there is none
    "csv": lambda value: ",".join(as_text(item) for item in _listed(value)),
    "json": lambda value: json.dumps(value, ensure_ascii=False),
    "ascii": lambda value: json.dumps(value).replace("\x7f", "\\u007f"),  # for headers
    "text": lambda value: as_text(value),
    "list": lambda value: _listed(value),
    "first": lambda value: _listed(value)[0] if _listed(value) else None,
    "lower": lambda value: as_text(value).lower(),
    "html": lambda value: escape(as_text(value)),
    "b64": lambda value: b64encode(as_text(value).encode()).decode(),
    "digits": lambda value: re.sub(r"\D", "", as_text(value)),
    "slug": lambda value: re.sub(r"[^a-z0-9]+", "-", as_text(value).lower()).strip("-"),
    "date": lambda value: datetime.fromisoformat(as_text(value)).date().isoformat(),
    "unix": lambda value: int(_moment(value).timestamp()),
    "ms": lambda value: int(_moment(value).timestamp() * 1000),
    "utc": lambda value: _moment(value).isoformat(timespec="seconds").replace("+00:00", "Z"),
}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _moment(value: Any) -> datetime:
    """A time without a zone counts as UTC."""
    moment = datetime.fromisoformat(as_text(value))
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as err:
        raise Rejected(f"{as_text(value)} is no moment of this calendar.") from err


class _Absent:
    """The mark of a value that is not there; None is a value."""


ABSENT: Final = _Absent()


def names_in(template: Any) -> set[str]:
    """The names of all placeholders in a template of any shape."""
    if isinstance(template, str):
        return {match[1] for match in PLACEHOLDER.finditer(template)} if "{" in template else set()
    if isinstance(template, Mapping):
        return set().union(*(names_in(part) for part in template.values()))
    if isinstance(template, list | tuple):
        return set().union(*(names_in(part) for part in template))
    return set()


def fill(template: Any, scope: Mapping[str, Any]) -> Any:
    """The template with its values; ABSENT when a text lacks one."""
    if isinstance(template, str):
        return _fill_text(template, scope)
    if isinstance(template, Mapping):
        filled = ((key, fill(part, scope)) for key, part in template.items())
        return {key: value for key, value in filled if value is not ABSENT}
    if isinstance(template, list | tuple):
        return [value for value in (fill(part, scope) for part in template) if value is not ABSENT]
    return template


def _fill_text(template: str, scope: Mapping[str, Any]) -> Any:
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        return _value(whole, scope)
    parts = [_value(match, scope) for match in PLACEHOLDER.finditer(template)]
    if any(part is ABSENT for part in parts):
        return ABSENT
    values = iter(parts)
    return PLACEHOLDER.sub(lambda _: as_text(next(values)), template)


def _value(match: re.Match[str], scope: Mapping[str, Any]) -> Any:
    value = scope.get(match[1])
    if value is None:
        return "" if match[2] == "optional" else ABSENT
    filtered = FILTERS[match[2]](value) if match[2] else value
    return ABSENT if filtered is None else filtered


def as_text(value: Any) -> str:
    """How a value is written in a URL: ``true``, ``17``, lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(as_text(item) for item in value)
    return str(value)


def fill_path(template: str, scope: Mapping[str, Any]) -> str:
    """A path with percent-encoded values. Raises Rejected for a value that is missing or would leave the path."""

    def encode(match: re.Match[str]) -> str:
        value = _value(match, scope)
        text = "" if value is ABSENT else as_text(value)
        if any(segment in ("", ".", "..") for segment in (text.split("/") if match[2] == "path" else [text])):
            raise Rejected(f"“{match[1]}” is empty or not a name: {text!r}.")
        return quote(text, safe="/" if match[2] == "path" else "")

    return PLACEHOLDER.sub(encode, template)


def fill_headers(template: Mapping[str, str], scope: Mapping[str, Any]) -> dict[str, str]:
    """Headers as text; those without a value are left out. Raises Rejected for one that headers cannot carry."""
    filled = {name: as_text(value) for name, value in fill(template, scope).items()}
    for name, value in filled.items():
        if not value.isprintable() or not value.isascii():
            raise Rejected(f"“{name}” would hold characters that headers cannot carry.")
    return filled


def fill_query(template: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, str]:
    """Query parameters as text; those without a value are left out."""
    return {key: as_text(value) for key, value in fill(template, scope).items()}
