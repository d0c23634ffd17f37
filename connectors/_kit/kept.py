"""Answers to reads that are good for a while, and those that the service says are still good (ETag); one store for each account.

Only answers that were judged good are kept. Whatever changes something on the account ends their time: after that they are at best asked about.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, replace

from connectors._kit.errand import Errand
from connectors._kit.wire import WireAnswer, WireRequest

MOST = 256  # answers …
MOST_BYTES = 4 * 1024 * 1024  # … and their bytes, of one account
LARGEST = 256 * 1024  # bytes of one


@dataclass(frozen=True, slots=True)
class Ticket:
    """One read on its way: under which name its answer is kept, and of which ``age`` of the account what it finds is."""

    key: str
    age: int


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: WireAnswer
    etag: str
    until: float
    age: int


class Kept:
    def __init__(self) -> None:
        self._answers: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._age = 0

    def ticket(self, request: WireRequest, errand: Errand) -> Ticket | None:
        """None for what is never kept."""
        if errand.writes or not (request.method == "GET" or errand.cache):
            return None
        headers = sorted((name.lower(), value) for name, value in request.headers.items() if name.lower() != "authorization")
        said = (request.method, request.base, request.path, request.goes_on, sorted(request.query.items()), headers, request.answer)
        return Ticket(json.dumps([*said, request.body], default=repr), self._age)

    def fresh(self, ticket: Ticket, now: float) -> WireAnswer | None:
        kept = self._answers.get(ticket.key)
        return kept.answer if kept is not None and kept.age == self._age and now < kept.until else None

    def asking_whether(self, ticket: Ticket, request: WireRequest) -> WireRequest:
        """The request, that need not be answered in full when nothing has changed."""
        kept = self._answers.get(ticket.key)
        if kept is None or not kept.etag or request.method != "GET":
            return request
        return replace(request, headers={**request.headers, "If-None-Match": kept.etag})

    def unchanged(self, ticket: Ticket, answer: WireAnswer) -> WireAnswer | None:
        """What a 304 stands for."""
        kept = self._answers.get(ticket.key)
        return kept.answer if kept is not None and answer.status == 304 else None

    def keep(self, ticket: Ticket, answer: WireAnswer, errand: Errand, now: float) -> None:
        """An answer that was judged good. One that was asked for before the last change is not good for a while, but may be asked about."""
        etag = answer.headers.get("etag", "")
        seconds = errand.cache if ticket.age == self._age else 0.0
        self._drop(ticket.key)
        if not (200 <= answer.status < 300) or len(answer.content) > LARGEST or not (etag or seconds):
            return
        self._answers[ticket.key] = _Kept(answer, etag, now + seconds, ticket.age)
        self._bytes += _size(ticket.key, answer)
        while len(self._answers) > MOST or self._bytes > MOST_BYTES:
            self._drop(next(iter(self._answers)))

    def changed(self) -> None:
        """Something was written on the account, or may have been."""
        self._age += 1

    def _drop(self, key: str) -> None:
        kept = self._answers.pop(key, None)
        if kept is not None:
            self._bytes -= _size(key, kept.answer)


def _size(key: str, answer: WireAnswer) -> int:
    return len(key) + len(answer.content)
