"""Making of one proven delivery what the triggers are matched against: its items, completed where they only say that something changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors._kit.custom import Custom, Delivered, Tools
from connectors._kit.described_triggers import Fetch
from connectors._kit.description import Webhooks
from connectors._kit.picking import at, fits
from engine.errors import NotFound, SignalboxError, Transient

MOST_ITEMS = 1000  # of one delivery; the most any vendor sends is hundreds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """What one event is read from. ``id``: its own name within the delivery, empty when the delivery is the only one."""

    payload: Any
    id: str = ""


async def unfold(scheme: Webhooks, custom: Custom, payload: Any, delivered: Delivered, tools: Tools) -> list[Item]:
    """Raises Transient when something could not be completed: the delivery is to be refused, so that its sender repeats it."""
    if custom.unfold:
        items = await _by_hooks(custom, payload, delivered, tools)
        listed = True
    else:
        found = payload if scheme.each is None else at(payload, scheme.each)
        listed = scheme.each is not None
        items = _flat(found) if listed else [found]
    if len(items) > MOST_ITEMS:
        raise Transient(f"The delivery holds {len(items)} events; {MOST_ITEMS} are taken at once.")
    completed = await asyncio.gather(*(complete(item, scheme.fetch, tools, service=tools.credentials.account.service) for item in items))
    return [Item(item, _id(item, scheme.each_id, place) if listed else "") for place, item in enumerate(completed)]


def _id(item: Any, path: str, place: int) -> str:
    said = at(item, path) if path else None
    return str(place) if said is None else str(said)[:200]


def _flat(found: Any) -> list[Any]:
    """A path through several lists gives a list of lists, with nothing where one was missing."""
    if not isinstance(found, list):
        return []
    return [one for item in found if item is not None for one in (_flat(item) if isinstance(item, list) else [item])]


async def _by_hooks(custom: Custom, payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    assert custom.unfold is not None
    try:
        return await custom.unfold(payload, delivered, tools)
    except SignalboxError as error:
        raise Transient(f"What the delivery is about could not be asked for: {error}", getattr(error, "retry_after", None)) from error
    except Exception as error:
        log.exception("a delivery of %s could not be unfolded", tools.credentials.account.service)
        raise Transient(f"The delivery could not be read here ({type(error).__name__}); the log tells more.") from error


async def complete(item: Any, fetches: Sequence[Fetch], tools: Tools, *, service: str) -> Any:
    """The item with what was asked for in its place. Raises Transient, which says why it could not be."""
    for fetch in fetches:
        if not isinstance(item, dict) or not fits(item, fetch.where):
            continue
        if tools.credentials.account.mode != "live":
            raise Transient(f"The delivery says too little by itself, and {service} is not connected, so the rest cannot be asked for.")
        scope = {name: at(item, path) for name, path in fetch.values.items()}
        item = _laid(item, fetch.into.split("."), await _fetched(fetch, scope, tools))
    return item


async def _fetched(fetch: Fetch, scope: dict[str, Any], tools: Tools) -> Any:
    try:
        return await tools.send(fetch.request, scope, doing="a look at what was delivered")
    except NotFound:
        return None  # it is gone meanwhile
    except SignalboxError as error:
        raise Transient(f"What the delivery is about could not be asked for: {error}", getattr(error, "retry_after", None)) from error


def _laid(item: dict[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    """A copy with ``value`` at ``path``."""
    head, rest = path[0], path[1:]
    inner = item.get(head)
    return {**item, head: _laid(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}
