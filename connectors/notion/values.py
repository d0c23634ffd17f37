"""Plain values as a database's properties want them, and conditions on them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors._kit.nearest import did_you_mean
from connectors.notion.blocks import runs
from engine.errors import Invalid, Problem

ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Kinds = Mapping[str, str]  # property → its type


def kinds_of(properties: Mapping[str, Any]) -> dict[str, str]:
    """Of a data source's or a page's ``properties``."""
    return {name: str(one.get("type", "")) for name, one in properties.items() if isinstance(one, Mapping)}


def first_of(kinds: Kinds, kind: str, *preferred: str) -> str:
    """The name of the property of that type; one that is called as preferred comes first. Raises Invalid."""
    names = [name for name, one in kinds.items() if one == kind]
    for name in [*(name for name in names if name.casefold() in preferred), *names]:
        return name
    raise Invalid("It cannot be written like this:", [Problem(f"the database has no property of the type {kind.replace('_', ' ')}.", ())])


def status_of(kinds: Kinds) -> tuple[str, str]:
    """The property that holds the status, and its type: a status, else a choice that is called so."""
    named = next((name for name, kind in kinds.items() if kind == "select" and name.casefold() in ("status", "state", "stage")), "")
    return (named, "select") if named and "status" not in kinds.values() else (first_of(kinds, "status", "status"), "status")


def written(name: str, said: Any, kinds: Kinds) -> tuple[str, Any]:
    """The property's real name and its value in Notion's form. Raises Invalid."""
    real = next((known for known in kinds if known.casefold() == name.casefold()), "")
    if not real:
        raise _wrong(name, f"there is no property “{name}”.{did_you_mean(name, kinds)}")
    if isinstance(said, Mapping):
        return real, dict(said)  # Notion's own form
    kind = kinds[real]
    if kind not in _WRITTEN:
        raise _wrong(name, f"“{real}” is of the type {kind.replace('_', ' ')}, which cannot be written.")
    return real, {kind: _WRITTEN[kind](name, said)}


def _wrong(name: str, what: str) -> Invalid:
    return Invalid("The properties cannot be written like this:", [Problem(what, ("properties", name))])


def _number(name: str, said: Any) -> float | int | None:
    if said is None or (isinstance(said, int | float) and not isinstance(said, bool)):
        return said
    try:
        return float(said)
    except (TypeError, ValueError) as err:
        raise _wrong(name, f"“{said}” is not a number.") from err


def _choices(name: str, said: Any) -> list[dict[str, str]]:
    several = said if isinstance(said, list) else str(said).split(",")
    return [{"name": str(one).strip()} for one in several if str(one).strip()]


def _ids(name: str, said: Any) -> list[dict[str, str]]:
    several = [str(one).strip() for one in (said if isinstance(said, list) else str(said).split(","))]
    if strange := [one for one in several if not ID.fullmatch(one)]:
        raise _wrong(name, f"“{strange[0]}” is not an id; people and related pages are written by their ids.")
    return [{"id": one} for one in several]


def _checked(name: str, said: Any) -> bool:
    return said if isinstance(said, bool) else str(said).strip().casefold() in ("true", "yes", "on", "1", "x")


_WRITTEN: Mapping[str, Callable[[str, Any], Any]] = {
    "title": lambda _, said: runs(str(said)),
    "rich_text": lambda _, said: runs(str(said)),
    "number": _number,
    "select": lambda _, said: {"name": str(said)},
    "status": lambda _, said: {"name": str(said)},
    "multi_select": _choices,
    "date": lambda _, said: {"start": str(said)},
    "people": _ids,
    "relation": _ids,
    "checkbox": _checked,
    "url": lambda _, said: str(said),
    "email": lambda _, said: str(said),
    "phone_number": lambda _, said: str(said),
}


def condition(name: str, said: Any, kinds: Kinds) -> dict[str, Any]:
    """That a property has this value. Raises Invalid."""
    real = next((known for known in kinds if known.casefold() == name.casefold()), "")
    if not real:
        raise _wrong(name, f"there is no property “{name}”.{did_you_mean(name, kinds)}")
    kind = kinds[real]
    match kind:
        case "checkbox":
            return {"property": real, kind: {"equals": _checked(name, said)}}
        case "number":
            return {"property": real, kind: {"equals": _number(name, said)}}
        case "multi_select" | "people" | "relation":
            return {"property": real, kind: {"contains": str(said)}}
        case "title" | "rich_text" | "url" | "email" | "phone_number" | "select" | "status" | "date":
            return {"property": real, kind: {"equals": str(said)}}
        case _:
            raise _wrong(
                name,
                f"“{real}” is of the type {kind.replace('_', ' ')}, which is not searched by a plain value; say a filter in Notion's own form.",
            )
