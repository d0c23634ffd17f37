"""Whether a write happened of which no answer came: what a read-back shows is found, surely not there, or settles nothing. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dateutil.parser import isoparse

from connectors._kit.description import ReadBack
from connectors._kit.filling import fill
from connectors._kit.picking import at, fits
from engine.errors import Rejected, Transient

SKEW = timedelta(seconds=90)  # what the clocks of two houses may differ by
REMEMBERED = 10_000


class Given:
    """What was answered to which ask: a thing that is known to be another ask's cannot be this one's. Bounded; gone with the process.

    ``thing``: its id; what has none is nobody's.
    """

    def __init__(self) -> None:
        self._keys: OrderedDict[str, str] = OrderedDict()

    def note(self, thing: Any, key: str) -> None:
        if thing is None:
            return
        self._keys[str(thing)] = key
        if len(self._keys) > REMEMBERED:
            self._keys.popitem(last=False)

    def to_another(self, thing: Any, key: str) -> bool:
        return self._keys.get(str(thing), key) != key


def since(asked_at: datetime | None) -> str | None:
    """``{since}`` of a read-back: ISO 8601 in UTC, whole seconds; None when it is not known when it was asked."""
    return None if asked_at is None else (asked_at - SKEW).strftime("%Y-%m-%dT%H:%M:%SZ")


def found(
    body: Any,
    back: ReadBack,
    scope: Mapping[str, Any],
    *,
    asked_at: datetime | None,
    strangers: Given,
    key: str,
    told: Callable[[Any], Any] = lambda one: None,
) -> Any:
    """The one thing that is this ask's doing; None when none is. ``told``: the id by which a thing is told in answers. Raises Rejected when several could be."""
    where = fill(back.where, scope)
    fitting = [one for one in _candidates(body, back) if fits(one, where)]
    if back.marked:
        return fitting[0] if fitting else None
    ours = [
        one
        for one in fitting
        if _made_since(one, back, asked_at) and not any(strangers.to_another(id, key) for id in (at(one, back.thing), told(one)))
    ]
    if len(ours) > 1:
        raise Rejected(
            f"{len(ours)} that look like it were made since it was asked, so which one is its own cannot be told. Look there and say it."
        )
    return ours[0] if ours else None


def surely_not(body: Any, back: ReadBack, *, asked_at: datetime | None, now: datetime) -> None:
    """Returns when nothing found means that nothing was done. Raises Transient (too soon) or Rejected (too much has happened since)."""
    if asked_at is not None and (wait := back.settles - (now - asked_at).total_seconds()) > 0:
        raise Transient("It was asked only just now, and what is new may not be listed yet. Look again in a moment.", wait)
    candidates = _candidates(body, back)
    if back.most and len(candidates) >= back.most and not _reaches_back(candidates, back, asked_at):
        raise Rejected(
            f"It is not among the newest {back.most}, and older ones were not looked at. Look there and say whether it happened."
        )


def _candidates(body: Any, back: ReadBack) -> list[Any]:
    if back.among == "" and not isinstance(body, list):
        return [body]
    listed = at(body, back.among)
    return listed if isinstance(listed, list) else []


def _made_since(one: Any, back: ReadBack, asked_at: datetime | None) -> bool:
    made = _moment(at(one, back.made_at))
    if made is None:
        raise Rejected("There is one that looks like it, but it does not say when it was made. Look there and say whether it is the one.")
    return asked_at is not None and made >= asked_at - SKEW


def _reaches_back(candidates: list[Any], back: ReadBack, asked_at: datetime | None) -> bool:
    """Whether the oldest of them is older than the ask."""
    times = [moment for one in candidates if (moment := _moment(at(one, back.made_at)))]
    return asked_at is not None and bool(times) and min(times) < asked_at - SKEW


def _moment(value: Any) -> datetime | None:
    try:
        moment = isoparse(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
