"""Values from JSON, checked one by one: each answers with what is right or says in a sentence what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from engine.errors import Invalid
from engine.graph.declared.names import LONGEST_NAME, clean, id_of, quoted
from engine.workflow.catalogue import did_you_mean, listed

Word = TypeVar("Word", bound=StrEnum)


def mapping(raw: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping) or not all(isinstance(key, str) for key in raw):
        raise Invalid(f"{what} is a mapping of fields, not {kind_of(raw)}.")
    return raw


def sequence(raw: Any, what: str) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, (list, tuple)):
        raise Invalid(f"{what} is a list, not {kind_of(raw)}.")
    return list(raw)


def only(raw: Mapping[str, Any], fields: Iterable[str], what: str) -> None:
    known = sorted(fields)
    for key in raw:
        if key not in known:
            raise Invalid(f"{what} has no field {quoted(key)}.{did_you_mean(key, known)}")


def identity(raw: Any, what: str) -> str:
    """An id; a name is made one."""
    found = id_of(raw) if isinstance(raw, str) else ""
    if not found:
        raise Invalid(f"{what} is a name with letters or digits, not {kind_of(raw) if not isinstance(raw, str) else quoted(raw)}.")
    return found


def words(raw: Any, what: str, limit: int = LONGEST_NAME) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise Invalid(f"{what} is text, not {kind_of(raw)}.")
    return clean(raw, limit)


def number(raw: Any, what: str, low: float, high: float) -> float:
    """A finite number within bounds."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw) or not low <= raw <= high:
        raise Invalid(f"{what} is a number from {low:g} to {high:g}, not {shown(raw)}.")
    return float(raw)


def whole(raw: Any, what: str, low: int, high: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
        raise Invalid(f"{what} is a whole number from {low} to {high}, not {shown(raw)}.")
    return raw


def truth(raw: Any, what: str) -> bool:
    if not isinstance(raw, bool):
        raise Invalid(f"{what} is true or false, not {shown(raw)}.")
    return raw


def moment(raw: Any, what: str) -> datetime | None:
    """In UTC. A moment without a zone is taken to be in UTC."""
    if raw is None or raw == "":
        return None
    try:
        found = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None:
        raise Invalid(f"{what} is a moment such as 2026-11-23T10:00:00Z, not {shown(raw)}.")
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(f"{what} lies beyond the calendar.") from error


def word(raw: Any, kinds: type[Word], what: str) -> Word:
    try:
        return kinds(raw.strip().casefold() if isinstance(raw, str) else "")
    except ValueError as error:
        names = [kind.value for kind in kinds if kind.value]
        raise Invalid(f"{what} is {listed(names, 'or')}, not {shown(raw)}.{did_you_mean(str(raw)[:40], names)}") from error


def kind_of(raw: Any) -> str:
    kinds: tuple[tuple[Any, str], ...] = ((str, "text"), (Mapping, "a mapping"), ((list, tuple), "a list"), (bool, "true or false"))
    if raw is None:
        return "nothing"
    return next((name for kind, name in kinds if isinstance(raw, kind)), "a number")


def shown(raw: Any) -> str:
    return quoted(raw) if isinstance(raw, str) else str(raw)[:40] if isinstance(raw, (bool, int, float)) and _short(raw) else kind_of(raw)


def _short(raw: float) -> bool:
    return not isinstance(raw, int) or abs(raw) < 10**30  # a whole number with thousands of digits is not written out
