"""Numbers that nobody delivers, watched against what those who wait for them ask: an event each time one crosses over, none while it stays there.

For a ``Custom.poll`` of analytics: hooks.py only measures.

    async def poll(cursor, tools):
        return await crossings(cursor, tools, partial(measure, tools), named_by="metric")

``Tools.wanted`` holds what the conditions say: ``event.metric == 'signups' && event.value < 100``. Items are
``{id, value, threshold, direction: above|below, at, **equal, **measured}``: what the condition names stands in them too (metric, property, window …).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from connectors._kit.custom import Told, Tools
from engine.errors import Rejected
from engine.workflow.definition import Json
from engine.workflow.wished import Wished

MOST = 20  # numbers asked for at a time

log = logging.getLogger(__name__)


async def crossings(
    cursor: Mapping[str, Json] | None,
    tools: Tools,
    measure: Callable[[Wished], Awaitable[Mapping[str, Any] | None]],
    *,
    named_by: str,
    value: str = "value",
) -> Told:
    """``measure`` gives the fields of now, the number under ``value`` among them; None where there is none. ``named_by``: the field that names what is
    measured; a wish without it, or without a bound of ``value``, cannot be watched.

    The first look only remembers on which side each number is. A measure that is refused is left out, and the log says why.
    """
    before: Any = (cursor or {}).get("beyond") or {}
    beyond: dict[str, Json] = {}
    items = []
    for wish in _watched(tools.wanted, named_by, value):
        key = _key(wish)
        bound = wish.bound(value)
        assert bound is not None
        now = await _measured(measure, wish)
        number = None if now is None else now.get(value)
        if now is None or not isinstance(number, int | float) or isinstance(number, bool):
            if key in before:
                beyond[key] = before[key]
            continue
        beyond[key] = bound.holds(number)
        if beyond[key] and before.get(key) is False:
            at = tools.clock.now().isoformat()
            sides = {"threshold": bound.limit, "direction": "above" if ">" in bound.sign else "below"}
            items.append({"at": at, **wish.equal, **sides, **now, "id": f"{key} {at}"})
    return Told(items, {"beyond": beyond})


def _watched(wanted: tuple[Wished, ...], named_by: str, value: str) -> list[Wished]:
    fitting = {_key(wish): wish for wish in wanted if wish.equal.get(named_by) and wish.bound(value)}
    return list(fitting.values())[:MOST]


async def _measured(measure: Callable[[Wished], Awaitable[Mapping[str, Any] | None]], wish: Wished) -> Mapping[str, Any] | None:
    try:
        return await measure(wish)
    except Rejected as error:
        log.warning("%s cannot be watched: %s", dict(wish.equal), error)
        return None


def _key(wish: Wished) -> str:
    bounds = [[bound.field, bound.sign, bound.limit] for bound in wish.bounds]
    return json.dumps([dict(wish.equal), bounds], sort_keys=True, ensure_ascii=False)
