"""One ask on its way into a batch, and what every way of framing gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlencode

from connectors._kit.described_wire import Batch
from connectors._kit.errand import Asker, Errand
from connectors._kit.foreign import foreign_json
from connectors._kit.wire import WireAnswer, WireRequest
from engine.errors import SignalboxError

Item: TypeAlias = WireAnswer | SignalboxError | None  # None: the batch was answered, but not this one in it


@dataclass(frozen=True, slots=True)
class Single:
    """``request`` as it would go out alone, with credentials; ``headers`` and ``query`` are its own, without them."""

    request: WireRequest
    errand: Errand
    who: Asker
    may_repeat: bool
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def target(self) -> str:
        """Path and own query, relative to the service's address."""
        return self.request.path + (f"?{urlencode(self.query)}" if self.query else "")


@dataclass(frozen=True, slots=True)
class Framed:
    """The request that holds them all, but for credentials. ``body`` and ``encoding`` as in ``WireRequest``."""

    path: str
    body: Any
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "json"


class Framing(Protocol):
    """``root``: the path of the service's address (``/v1.0``)."""

    def joins(self, single: Single) -> bool:
        """Whether this one can be put inside a batch."""
        ...

    def frame(self, batch: Batch, singles: Sequence[Single], root: str) -> Framed: ...
    def read(self, singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
        """What each would have been answered alone, in their order."""
        ...


def part(status: Any, headers: Any, body: Any) -> WireAnswer | None:
    """An answer out of a batch; None when it has no status."""
    if not isinstance(status, int) or isinstance(status, bool):
        return None
    named = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {}
    return WireAnswer(status, named, b"" if body is None else json.dumps(body).encode())


def parsed(answer: WireAnswer) -> Any:
    try:
        return foreign_json(answer.content)
    except ValueError:
        return None


class RefusedWhole(Exception):
    """The service took none of them because of one; nothing was done, so each is put alone to hear its own answer."""
