"""What a connector's optional ``hooks.py`` may add, and the tools it is given: the part a description cannot say.

A ``hooks.py`` defines ``CUSTOM = Custom(...)``. Its functions raise the hall's three words only.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from connectors._kit.content import no_files
from connectors._kit.credentials import Credentials
from connectors._kit.described_wire import Request
from connectors._kit.egress import OpenWeb
from engine.errors import SignalboxError
from engine.ports import Answer, Call, Clock, Files, Speaker
from engine.workflow.definition import Json
from engine.workflow.wished import Wished

Provider: TypeAlias = "Callable[[Call], Awaitable[Json | Answer]]"


class Get(Protocol):
    """Reads a resource of the service: the parsed body. Raises the three words."""

    async def __call__(self, path: str, query: Mapping[str, str] | None = None, *, doing: str = "a look-up") -> Any: ...


MOST = 500  # names that one account remembers; what people say is among them


class Memory:
    """Remembers look-ups of one account for a while; several askers at once share one request. What was not asked for longest is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[datetime, Any]] = OrderedDict()
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}  # and how many are at it

    async def recall(self, name: str, load: Callable[[], Awaitable[Any]], *, seconds: float) -> Any:
        """What ``load`` gave at most ``seconds`` ago, else what it gives now."""
        lock, others = self._locks.get(name, (asyncio.Lock(), 0))
        self._locks[name] = lock, others + 1
        try:
            async with lock:
                known = self._known.get(name)
                if known is None or (self._clock.now() - known[0]).total_seconds() > seconds:
                    known = self._known[name] = (self._clock.now(), await load())
                self._known[name] = known
                self._known.move_to_end(name)
                while len(self._known) > MOST:
                    self._known.popitem(last=False)
                return known[1]
        finally:
            self._done(name)

    def _done(self, name: str) -> None:
        lock, at_it = self._locks[name]
        if at_it > 1:
            self._locks[name] = lock, at_it - 1
        else:
            del self._locks[name]


class SendRequest(Protocol):
    """Puts a described request, filled from ``scope``: the parsed answer. Raises the three words."""

    async def __call__(self, request: Request, scope: Mapping[str, Any], *, doing: str = "a look-up", may_repeat: bool = True) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """``speaker``, ``providers`` and ``files`` are asked when needed: they may be joined after the connectors. ``wanted``: for a poll, what the
    conditions of those who wait for its events ask for (see ``crossing``).

    An ask's arguments of type ``file`` hold a ``content.FileContent`` already, with ``<input>_name``, ``_type`` and ``_size`` beside it.
    """

    credentials: Credentials
    clock: Clock
    memory: Memory
    get: Get
    send: SendRequest
    web: OpenWeb
    speaker: Callable[[], Speaker]
    providers: Callable[[], Mapping[str, Provider]]
    wanted: tuple[Wished, ...] = ()
    files: Callable[[], Files] = no_files


@dataclass(frozen=True, slots=True)
class Ask:
    """A call whose arguments went through ``inputs``."""

    call: Call
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery before it is believed; header names in lower case. ``url``: the public address it was sent to, as far as that is known;
    ``account``: the name in that address; ``secrets``: those that the account's deliveries may be proven by.
    """

    method: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = ""
    account: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What a poll by hooks.py found: items as the triggers' ``polled`` read them, and the cursor from which the next one goes on.

    ``more``: ask again at once; ``note``: what somebody should know, such as that it had to start anew.
    """

    items: Sequence[Mapping[str, Any]]
    cursor: Mapping[str, Json]
    more: bool = False
    note: str = ""


Prepare: TypeAlias = Callable[[Ask, Tools], Awaitable[Mapping[str, Any]]]
Perform: TypeAlias = Callable[[Ask, Tools], Awaitable[Answer]]
Look: TypeAlias = Callable[[Ask, Tools], Awaitable[Answer | None]]
ProbeWith: TypeAlias = Callable[[Tools], Awaitable[None]]
Authorize: TypeAlias = Callable[[Tools], Awaitable[Mapping[str, str]]]
Together: TypeAlias = Callable[[Sequence[Ask], Tools], Awaitable[Sequence[Answer | SignalboxError]]]
Prove: TypeAlias = Callable[[Delivered, Tools], Awaitable[None]]
Unfold: TypeAlias = Callable[[Any, Delivered, Tools], Awaitable[Sequence[Any]]]
PollWith: TypeAlias = Callable[[Mapping[str, Json] | None, Tools], Awaitable[Told]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """By operation: ``prepare`` gives the values a request is filled from; ``perform`` replaces the request. ``probe`` replaces the probe.

    ``offline``: no ``prepare`` asks the service, so the sandbox uses them too. ``prepare_look`` gives further values for a read-back only;
    ``look`` replaces the read-back: the answer of an ask that was done, None for one that surely was not.
    ``together`` (by operation) puts a batch whose framing is ``own``: one answer or failure for each ask, in their order.
    ``authorize`` gives the headers of an ``own`` way; ``prove`` raises Forbidden for a delivery that is not genuine; ``unfold`` makes the payloads that the
    triggers match from a proven one (a delivery that only says that something changed: what changed is asked for here). ``poll`` (by poll name,
    None: the first time) replaces the description's.
    """

    prepare: Mapping[str, Prepare] = field(default_factory=dict)
    prepare_look: Mapping[str, Prepare] = field(default_factory=dict)
    perform: Mapping[str, Perform] = field(default_factory=dict)
    look: Mapping[str, Look] = field(default_factory=dict)
    together: Mapping[str, Together] = field(default_factory=dict)
    probe: ProbeWith | None = None
    authorize: Authorize | None = None
    prove: Prove | None = None
    unfold: Unfold | None = None
    poll: Mapping[str, PollWith] = field(default_factory=dict)
    offline: bool = False
