"""Requests of one account put together: framed as the vendor wants it, sent as one, and each given its own answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import TypeAlias, cast
from urllib.parse import urlsplit

from connectors._kit.batching import aliases, asana, composite, google, graph, listed, urls
from connectors._kit.batching.gathering import Gathering
from connectors._kit.batching.single import Framing, Item, RefusedWhole, Single
from connectors._kit.credentials import Credentials
from connectors._kit.description import Description
from connectors._kit.errand import Asker, Errand
from connectors._kit.filling import fill_path
from connectors._kit.judging import is_throttled
from connectors._kit.picking import at, fits
from connectors._kit.wire import WireAnswer, WireRequest
from engine.errors import SignalboxError, Transient, Unanswered
from engine.ports import Clock

FRAMINGS: Mapping[str, ModuleType] = {
    "graph": graph, "google": google, "asana": asana, "composite": composite, "list": listed, "aliases": aliases,
    "urls": urls,
}  # fmt: skip
COUNT_AS_ONE = frozenset({"list", "composite", "own"})
NOTHING_DONE = frozenset({400, 403, 404, 405, 409, 411, 413, 414, 415, 422})  # a whole that is refused so was not begun

SendOne: TypeAlias = "Callable[[WireRequest, Errand, Asker, bool, int], Awaitable[WireAnswer]]"


class Together:
    """``send``: puts one request, that may be repeated or not, and that counts as so many. ``largest``: how many an errand's limits allow at once."""

    def __init__(
        self, description: Description, credentials: Credentials, send: SendOne, clock: Clock, largest: Callable[[Errand, int], int]
    ) -> None:
        assert description.batch is not None
        self._description = description
        self._batch = description.batch
        self._credentials = credentials
        self._each = description.batch.counts == "each" or (not description.batch.counts and description.batch.kind not in COUNT_AS_ONE)
        self._framing = cast(Framing, FRAMINGS[description.batch.kind])
        self._send = send
        self._largest = largest
        self._gathering: Gathering[Single, WireAnswer] = Gathering(self._all, clock, description.batch.wait)

    def single(self, request: WireRequest, errand: Errand, who: Asker, *, may_repeat: bool) -> Single | None:
        """None for what goes out alone."""
        asked = errand.request
        if not errand.joins or asked is None or request.encoding != "json" or request.answer != "json" or request.goes_on:
            return None
        named = {name.lower() for name in asked.headers} | {self._description.idempotency_header.lower()}
        headers = {name: value for name, value in request.headers.items() if name.lower() in named}
        query = {name: value for name, value in request.query.items() if name in asked.query}
        single = Single(request, errand, who, may_repeat, headers, query)
        return single if self._framing.joins(single) else None

    async def ask(self, single: Single) -> WireAnswer:
        """Raises what this one alone failed with."""
        bulk = single.errand.bulk
        where = fill_path(bulk.request.path, single.errand.scope) if bulk is not None and self._batch.kind == "list" else ""
        most = self._largest(single.errand, self._batch.most) if self._each else self._batch.most
        return await self._gathering.ask((single.errand.operation, single.request.method, single.request.base, where), single, most)

    async def close(self) -> None:
        await self._gathering.close()

    # --- one request for all ----------------------------------------------------------------------------------------------------

    async def _all(self, singles: Sequence[Single]) -> Sequence[WireAnswer | SignalboxError]:
        if len(singles) == 1:
            return [await self._alone(singles[0])]
        framed = self._framing.frame(self._batch, singles, self._root(singles[0]))
        whole = WireRequest(
            method=framed.method, path=framed.path, query=framed.query, headers=self._description.headers, body=framed.body,
            encoding=framed.encoding, base=self._base(singles[0]), answer="json" if framed.encoding == "json" else "bytes",
        )  # fmt: skip
        units = len(singles) if self._each else 1
        try:
            answer = await self._send(whole, singles[0].errand, _foremost(singles), False, units)
        except Unanswered as lost:
            return [self._lost(single, lost) for single in singles]
        if not 200 <= answer.status < 300:
            return await self._refused(singles, answer)
        try:
            return [self._own(single, one) for single, one in zip(singles, self._framing.read(singles, answer), strict=True)]
        except RefusedWhole:
            return [answer] * len(singles) if self._is_everybodys(answer) else await self._each_alone(singles)

    def _is_everybodys(self, answer: WireAnswer) -> bool:
        """A refusal inside a 200 that is about none of them: too fast, not let in, or perhaps done in part; put alone they could be done twice."""
        soft, body = self._description.soft_error, answer.json()
        return (
            soft is not None and fits(body, soft.where) and str(at(body, soft.says)) in (*soft.throttled, *soft.credentials, *soft.unsure)
        )

    async def _refused(self, singles: Sequence[Single], answer: WireAnswer) -> Sequence[WireAnswer | SignalboxError]:
        """“Too fast”, “who are you” and a failing service are everybody's answer; a mistake in one is not the others'."""
        if answer.status in NOTHING_DONE and not is_throttled(answer, self._description):
            return await self._each_alone(singles)
        return [answer] * len(singles)

    async def _each_alone(self, singles: Sequence[Single]) -> Sequence[WireAnswer | SignalboxError]:
        found: list[WireAnswer | SignalboxError] = []
        for single in singles:
            try:
                found.append(await self._alone(single))
            except SignalboxError as error:
                found.append(error)
        return found

    async def _alone(self, single: Single) -> WireAnswer:
        return await self._send(single.request, single.errand, single.who, single.may_repeat, 1)

    def _lost(self, single: Single, lost: Unanswered) -> SignalboxError:
        """Each hears it as if it had been alone: what may be repeated may be."""
        if single.may_repeat:
            return Transient(f"{self._description.name} gave no answer to a batch that this was part of.")
        return Unanswered(str(lost))

    def _own(self, single: Single, item: Item) -> WireAnswer | SignalboxError:
        if item is not None:
            return item
        what = f"{self._description.name} answered a batch, but not this part of it"
        return Transient(f"{what}.") if single.may_repeat else Unanswered(f"{what}; whether it was done has to be looked up there.")

    def _base(self, single: Single) -> str:
        if self._batch.host:
            return self._credentials.host(self._description.hosts[self._batch.host])
        return single.request.base

    def _root(self, single: Single) -> str:
        return urlsplit(single.request.base or self._credentials.get("base_url")).path.rstrip("/")


def _foremost(singles: Sequence[Single]) -> Asker:
    """A batch goes as soon as the first of those in it would."""
    first = next((single.who for single in singles if single.who.person), singles[0].who)
    return replace(first, others=tuple(single.who.key for single in singles if single.who.key != first.key))
