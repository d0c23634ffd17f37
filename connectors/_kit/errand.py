"""What a request is for, and for whom: what the pace, the cache and the batches go by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from connectors._kit.described_wire import Bulk, Request
from engine.ports import Call


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf requests are put now. ``person``: somebody waits for it. ``flow``: what is treated fairly beside others (a run).

    ``key``: of the ask, so that it is known again when it was told to come later. ``operation``: the one that hooks.py performs now, or the poll.
    ``reads``: nothing is changed on their behalf. ``others``: keys of asks that are put together with this one.
    """

    person: bool = False
    flow: str = ""
    key: str = ""
    operation: str = ""
    reads: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """``operation``: whose own request it is; empty for look-ups, read-backs and probes. ``scope``: what the buckets' ``of`` is filled from.

    ``cache``: seconds a read's answer is good for. ``joins``: it may be part of a batch; ``request`` is then the description it was filled from.
    """

    operation: str = ""
    writes: bool = False
    scope: Mapping[str, Any] = field(default_factory=dict, repr=False)
    cache: float = 0.0
    joins: bool = False
    request: Request | None = None
    bulk: Bulk | None = None


LOOKUP = Errand()
_asker: ContextVar[Asker] = ContextVar("asker", default=Asker())  # noqa: B039  # frozen


def asker() -> Asker:
    return _asker.get()


def asker_of(call: Call, *, reads: bool, operation: str = "") -> Asker:
    return Asker(person=bool(call.actor), flow=call.run or call.actor, key=call.key, operation=operation, reads=reads)


def by_hooks(request: Request) -> Errand:
    """What hooks.py puts itself: unless it only reads, it may have changed something."""
    return Errand(operation=asker().operation, writes=request.method not in ("GET", "HEAD") and not asker().reads)


@contextmanager
def asking(who: Asker) -> Iterator[None]:
    """Everything put inside is put on their behalf, look-ups included."""
    before = _asker.set(who)
    try:
        yield
    finally:
        _asker.reset(before)
