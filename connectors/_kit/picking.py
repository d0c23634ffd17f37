"""Reading fields out of foreign JSON: dotted paths, picks and match rules, all total: a surprising shape reads as None.

A path is ``user.login``; ``labels[].name`` collects over a list; ``items.0.id`` takes one item; the empty path is the whole;
``properties.*.title`` collects over the values of an object. A name that holds
dots itself ends a path (``@odata.nextLink``, ``error..tag`` for ``.tag`` in ``error``).
A rule is a plain value (equal), or one of ``{exists: bool}``, ``{contains: text}``, ``{words: text}`` (equal but for blanks), ``{one_of: [...]}``,
``{not: value}``, ``{has: value}`` (a list with this value in it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors._kit.description import Pick
from connectors._kit.filling import ABSENT, as_text, fill
from connectors._kit.money import from_minor
from engine.workflow.definition import Json


def at(value: Any, path: str) -> Any:
    """What stands at ``path``, or None."""
    return _walk(value, path.split(".") if path else [])


def _walk(value: Any, parts: Sequence[str]) -> Any:
    if not parts:
        return value
    if len(parts) > 1 and isinstance(value, Mapping) and (whole := ".".join(parts)) in value:
        return value[whole]
    head, rest = parts[0], parts[1:]
    if head == "*":
        return _of_all(value, rest)
    if head.endswith("[]"):
        items = _step(value, head[:-2]) if head != "[]" else value
        return [_walk(item, rest) for item in items] if isinstance(items, list) else None
    return _walk(_step(value, head), rest)


def _of_all(value: Any, rest: Sequence[str]) -> list[Any]:
    """What stands at the rest of the path in each value of an object, one flat list; those that have nothing there are left out."""
    found = [_walk(one, rest) for one in value.values()] if isinstance(value, Mapping) else []
    return [part for one in found if one is not None for part in (one if isinstance(one, list) else [one])]


def _step(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return None


def pick(payload: Any, name: str, how: Pick, arguments: Mapping[str, Any]) -> Json:
    """One field of an output or event."""
    if how.text:
        return _written(how.text, payload, arguments)
    value = arguments.get(how.ask) if how.ask else _taken(payload, name, how)
    if how.each:
        return [picks(item, how.each, arguments) for item in value] if isinstance(value, list) else []
    if how.count:
        return len(value) if isinstance(value, list | dict) else 0
    if how.keys:
        value = list(value) if isinstance(value, dict) else []
    if how.first:
        value = value[0] if isinstance(value, list) and value else None
    if how.after:
        value = value[len(how.after) :] if isinstance(value, str) and value.startswith(how.after) else None
    if how.words and isinstance(value, str | int | bool):
        value = how.words.get(as_word(value), value)
    if how.unix and isinstance(value, int | float | str):
        value = _moment(value, how.unix)
    if how.hundredths and isinstance(value, int | float):
        value = value / 100
    if how.minor_of and isinstance(value, int | float):
        value = from_minor(value, str(at(payload, how.minor_of) or ""))
    if how.upper and isinstance(value, str):
        value = value.upper()
    if how.joined:
        value = how.between.join(as_text(part) for part in value if part is not None) if isinstance(value, list) and value else None
    if how.line and isinstance(value, str):
        value = value.partition("\n")[0]
    if how.last and isinstance(value, str):
        value = "/".join(value.rstrip("/").split("/")[-how.last :])
    if how.quoted and isinstance(value, str):
        value = quote(value, safe="/")
    if how.before and value is not None:
        before = _written(how.before, {}, arguments)
        value = None if before is None else f"{before}{value}"
    return value


def _written(template: str, payload: Any, arguments: Mapping[str, Any]) -> Json:
    """None where something that the text says is missing."""
    text = fill(template, {**arguments, **(payload if isinstance(payload, Mapping) else {})})
    return None if text is ABSENT else as_text(text)


def _taken(payload: Any, name: str, how: Pick) -> Any:
    value = at(payload, how.take or name)
    for path in how.or_take:
        if value is not None and value != "":
            break
        value = at(payload, path)
    return value


def as_word(value: str | int | bool) -> str:
    """How a value is written as a key of ``words``: ``true``, ``2``, ``open``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _moment(value: float | str, unit: str) -> str | None:
    """ISO 8601 in UTC, None for what is no moment."""
    try:
        return datetime.fromtimestamp(float(value) / (1000 if unit == "ms" else 1), UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


def picks(payload: Any, fields: Mapping[str, Pick], arguments: Mapping[str, Any]) -> dict[str, Json]:
    """All of ``fields``, in their order."""
    return {name: pick(payload, name, how, arguments) for name, how in fields.items()}


def fits(payload: Any, where: Mapping[str, Json]) -> bool:
    """Whether every rule holds of what stands at its path."""
    return all(_holds(at(payload, path), rule) for path, rule in where.items())


def _holds(value: Any, rule: Json) -> bool:
    if not isinstance(rule, dict):
        return bool(value == rule)
    return all(_CHECKS[word](value, wanted) for word, wanted in rule.items())


_CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "exists": lambda value, wanted: bool((value is not None) == wanted),
    "contains": lambda value, wanted: isinstance(value, str) and wanted in value,
    "words": lambda value, wanted: isinstance(value, str) and value.split() == str(wanted).split(),
    "one_of": lambda value, wanted: value in wanted,
    "not": lambda value, wanted: bool(value != wanted),
    "has": lambda value, wanted: isinstance(value, list) and wanted in value,
}
RULES = frozenset(_CHECKS)
