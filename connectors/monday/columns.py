"""Plain values in the forms monday.com's columns want. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors._kit.nearest import did_you_mean
from engine.errors import Invalid, Problem

Column = Mapping[str, Any]  # {"id", "title", "type", "settings_str"}
PEOPLE = ("people", "person")


def wrong(name: str, what: str) -> Invalid:
    return Invalid("The columns cannot be set like this:", [Problem(what, ("columns", name))])


def titled(columns: Sequence[Column], name: str) -> Column:
    """The column of that title or id. Raises Invalid."""
    wanted = name.strip().casefold()
    for column in columns:
        if wanted in (str(column.get("title", "")).strip().casefold(), column.get("id")):
            return column
    raise wrong(name, f"the board has no column “{name}”.{did_you_mean(name, [str(column.get('title', '')) for column in columns])}")


def first_of(columns: Sequence[Column], kinds: Sequence[str], field: str) -> Column:
    """The first column of one of these types, in the order of the types. Raises Invalid."""
    for kind in kinds:
        for column in columns:
            if column.get("type") == kind:
                return column
    raise Invalid("It cannot be written like this:", [Problem(f"the board has no {kinds[0].replace('_', ' ')} column for it.", (field,))])


def labels_of(column: Column) -> dict[str, str]:
    """Of a status column: index → label."""
    try:
        found = json.loads(str(column.get("settings_str") or "{}")).get("labels") or {}
    except (ValueError, AttributeError):
        return {}
    return {str(index): str(label) for index, label in found.items()} if isinstance(found, dict) else {}


def label(column: Column, said: str) -> tuple[str, str]:
    """Index and label as the column writes it. Raises Invalid."""
    known = labels_of(column)
    for index, name in known.items():
        if name.strip().casefold() == said.strip().casefold():
            return index, name
    title = str(column.get("title", ""))
    raise wrong(title, f"“{title}” has no label “{said}”.{did_you_mean(said, [name for name in known.values() if name])}")


def value(column: Column, said: Any) -> Any:
    """Raises Invalid. People are not among them: their ids are asked for."""
    if isinstance(said, Mapping):
        return dict(said)  # monday.com's own form
    kind, name = str(column.get("type")), str(column.get("title", ""))
    match kind:
        case "status":
            return {"label": label(column, str(said))[1]}
        case "dropdown":
            return {"labels": [str(one).strip() for one in (said if isinstance(said, list) else str(said).split(","))]}
        case "date":
            return moment(name, str(said))
        case "checkbox":
            return {"checked": "true"} if str(said).strip().casefold() in ("true", "yes", "on", "1") else None
        case "long_text":
            return {"text": str(said)}
        case "link":
            return {"url": str(said), "text": str(said)}
        case "email":
            return {"email": str(said), "text": str(said)}
        case "rating":
            return {"rating": int(said)} if str(said).isascii() and str(said).isdigit() else wrong_value(name, said)
        case "text" | "numbers" | "name":
            return str(said)
        case _:
            raise wrong(
                name, f"“{name}” is of the type {kind.replace('_', ' ')}, which takes no plain value; say it in monday.com's own form."
            )


def wrong_value(name: str, said: Any) -> Any:
    raise wrong(name, f"“{said}” is no value for it.")


def moment(name: str, said: str) -> dict[str, str]:
    """A day, or a day and its time in UTC. Raises Invalid."""
    try:
        when = datetime.fromisoformat(said)
    except ValueError as err:
        raise wrong(name, f"“{said}” is not a day such as 2026-11-30.") from err
    if len(said) <= len("2026-11-30"):
        return {"date": when.date().isoformat()}
    when = when.astimezone(UTC) if when.tzinfo else when
    return {"date": when.date().isoformat(), "time": when.time().isoformat(timespec="seconds")}
