"""What a connector's optional ``hooks.py`` may add, and the tools it is given: the part a description cannot say.

A ``hooks.py`` defines ``CUSTOM = Custom(...)``. Its functions raise the hall's three words only.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from connectors._kit.credentials import Credentials
from connectors._kit.egress import OpenWeb
from engine.ports import Answer, Call, Clock, Speaker
from engine.workflow.definition import Json

Provider: TypeAlias = "Callable[[Call], Awaitable[Json | Answer]]"


class Get(Protocol):
    """Reads a resource of the service: the parsed body. Raises the three words."""

    async def __call__(self, path: str, query: Mapping[str, str] | None = None, *, doing: str = "a look-up") -> Any: ...


class Memory:
    """Remembers look-ups of one account for a while; several askers at once share one request."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[datetime, Any]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def recall(self, name: str, load: Callable[[], Awaitable[Any]], *, seconds: float) -> Any:
        """What ``load`` gave at most ``seconds`` ago, else what it gives now."""
        async with self._locks[name]:
            known = self._known.get(name)
            if known is None or (self._clock.now() - known[0]).total_seconds() > seconds:
                known = self._known[name] = (self._clock.now(), await load())
            return known[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """``speaker`` and ``providers`` are asked when needed: they may be joined after the connectors."""

    credentials: Credentials
    clock: Clock
    memory: Memory
    get: Get
    web: OpenWeb
    speaker: Callable[[], Speaker]
    providers: Callable[[], Mapping[str, Provider]]


@dataclass(frozen=True, slots=True)
class Ask:
    """A call whose arguments went through ``inputs``."""

    call: Call
    arguments: Mapping[str, Any]


Prepare: TypeAlias = Callable[[Ask, Tools], Awaitable[Mapping[str, Any]]]
Perform: TypeAlias = Callable[[Ask, Tools], Awaitable[Answer]]
Look: TypeAlias = Callable[[Ask, Tools], Awaitable[Answer | None]]
ProbeWith: TypeAlias = Callable[[Tools], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """By operation: ``prepare`` gives the values a request is filled from; ``perform`` replaces the request. ``probe`` replaces the probe.

    ``offline``: no ``prepare`` asks the service, so the sandbox uses them too. ``prepare_look`` gives further values for a read-back only;
    ``look`` replaces the read-back: the answer of an ask that was done, None for one that surely was not.
    """

    prepare: Mapping[str, Prepare] = field(default_factory=dict)
    prepare_look: Mapping[str, Prepare] = field(default_factory=dict)
    perform: Mapping[str, Perform] = field(default_factory=dict)
    look: Mapping[str, Look] = field(default_factory=dict)
    probe: ProbeWith | None = None
    offline: bool = False
