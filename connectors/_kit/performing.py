"""One ask put to a live account: prepare, fill, send, judge, and look back when the outcome is not known."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from connectors._kit.batching.by_hooks import ByHooks
from connectors._kit.connector import Connector
from connectors._kit.content import no_files
from connectors._kit.credentials import Credentials
from connectors._kit.custom import Ask, Memory, Provider, Tools
from connectors._kit.description import Operation, Pages, ReadBack, Request
from connectors._kit.egress import OpenWeb
from connectors._kit.errand import LOOKUP, Errand, asker_of, asking, by_hooks
from connectors._kit.failures import Refused
from connectors._kit.filling import fill, fill_headers, fill_path, fill_query
from connectors._kit.judging import fails_for_good, judge
from connectors._kit.lane import Lane
from connectors._kit.looking import Given, found, since, surely_not
from connectors._kit.looking_up import Names, unasked
from connectors._kit.paging import Page, items_of, next_request, sized, with_items
from connectors._kit.picking import at, picks
from connectors._kit.wire import Sends, WireAnswer, WireRequest
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Answer, Budget, Call, Clock, Files, Speaker, Tokens
from engine.workflow.definition import Json


def mark_of(key: str) -> str:
    """A short, harmless form of an idempotency key, for leaving in a text and finding it again."""
    return hashlib.sha256(key.encode()).hexdigest()[:20]


class Live:
    """A connector on one account."""

    def __init__(
        self,
        connector: Connector,
        credentials: Credentials,
        wire: Sends,
        web: OpenWeb,
        clock: Clock,
        speaker: Callable[[], Speaker],
        providers: Callable[[], Mapping[str, Provider]],
        files: Callable[[], Files] = no_files,
        *,
        tokens: Callable[[], Tokens | None] = lambda: None,
        batching: bool = True,
    ) -> None:
        self._connector = connector
        self._credentials = credentials
        self._clock = clock
        self._tools = Tools(
            credentials=credentials,
            clock=clock,
            memory=Memory(clock),
            get=self._get,
            send=self._put,
            web=web,
            speaker=speaker,
            providers=providers,
            files=files,
        )
        self._names = Names(connector.description.name, connector.description.lookups, self._tools.memory, self._all_pages)
        self._lane = Lane(connector.description, credentials, wire, clock, tokens=tokens, batching=batching)
        batch = connector.description.batch if batching and connector.custom.together else None
        self._batches = ByHooks(connector.custom, batch, self._tools, clock, self._alone) if batch else None
        self._given: defaultdict[str, Given] = defaultdict(Given)  # by operation: what one made, another may change

    @property
    def tools(self) -> Tools:
        """What hooks.py is given, for what else speaks for this account."""
        return self._tools

    async def meant(self, operation: Operation, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The ids of what is named, as placeholders. Raises the three words."""
        return await self._names.resolve(operation, arguments)

    async def perform(self, call: Call, operation: Operation, arguments: Mapping[str, Json]) -> Answer:
        """Raises the three words; their texts hold no secret."""
        ask = Ask(call, arguments)
        with asking(asker_of(call, reads=not operation.writes)):
            if self._batches is not None and self._batches.puts(call.operation):
                return await self._in_a_batch(self._batches, operation, ask)
            return await self._alone(ask)

    async def _alone(self, ask: Ask) -> Answer:
        operation, custom = self._connector.operation(ask.call.operation), self._connector.custom
        if ask.call.operation in custom.perform:
            known = await self._names.resolve(operation, ask.arguments)
            with asking(asker_of(ask.call, reads=not operation.writes, operation=ask.call.operation)):
                return await custom.perform[ask.call.operation](Ask(ask.call, {**ask.arguments, **known}), self._tools)
        return Answer(await self._write(operation, await self._scope(ask), ask))

    async def _in_a_batch(self, batches: ByHooks, operation: Operation, ask: Ask) -> Answer:
        begun = self._clock.now()
        known = await self._names.resolve(operation, ask.arguments)
        try:
            answer = await batches.ask(Ask(ask.call, {**ask.arguments, **known}))
            self._note(ask.call.operation, ask.call.key, at(answer.output, "id"))
            return answer
        except SignalboxError as failure:
            after_all = await self._after_all(operation, ask, failure, begun)
            if after_all is None:
                raise
            return Answer(after_all)

    def looks(self, operation: str) -> bool:
        """Whether ``look`` can find out what became of it."""
        return operation in self._connector.custom.look or self._connector.operation(operation).read_back is not None

    async def look(self, call: Call, operation: Operation, arguments: Mapping[str, Json]) -> Answer | None:
        """The answer of this very call if it was done, None if it surely was not. Raises Rejected when that cannot be told, or Transient."""
        with asking(asker_of(call, reads=True)):
            return await self._look(call, operation, Ask(call, arguments))

    async def _look(self, call: Call, operation: Operation, ask: Ask) -> Answer | None:
        custom, back = self._connector.custom, operation.read_back
        if call.operation in custom.look:
            known = await self._names.resolve(operation, ask.arguments)
            return await custom.look[call.operation](Ask(call, {**ask.arguments, **known}), self._tools)
        if back is None:
            raise Rejected(
                operation.no_look or f"{self._connector.description.name} cannot be asked whether this was done. Look there and say it."
            )
        if not back.marked and call.asked_at is None:
            raise Rejected(
                "It is not known when this was asked, so what was made since cannot be told apart. Look there and say whether it happened."
            )
        scope = await self._scope_of_look(ask, call.asked_at)
        body = await self._read_back(back, scope)
        one = self._found(body, operation, back, scope, call.asked_at)
        if one is None:
            surely_not(body, back, asked_at=call.asked_at, now=self._clock.now())
            return None
        return Answer(self._told(one, operation, scope, back))

    async def _read_back(self, back: ReadBack, scope: Mapping[str, Any]) -> Any:
        return await self._send(back.request, scope, doing="a look whether it was done", may_repeat=True)

    async def _scope_of_look(self, ask: Ask, asked_at: datetime | None) -> dict[str, Any]:
        more = self._connector.custom.prepare_look.get(ask.call.operation)
        return {**await self._scope(ask), "since": since(asked_at), **(await more(ask, self._tools) if more else {})}

    def _found(self, body: Any, operation: Operation, back: ReadBack, scope: Mapping[str, Any], asked_at: datetime | None) -> Any:
        fields = {name: how for name, how in {**operation.outputs, **back.outputs}.items() if name == "id"}
        told = lambda one: picks(one, fields, scope).get("id")  # noqa: E731
        return found(body, back, scope, asked_at=asked_at, strangers=self._given[scope["asked_for"]], key=scope["key"], told=told)

    def _told(self, one: Any, operation: Operation, scope: Mapping[str, Any], back: ReadBack) -> Json:
        """What is found for one ask is not found for another."""
        output = picks(one, {**operation.outputs, **back.outputs}, scope)
        self._note(scope["asked_for"], scope["key"], at(one, back.thing), output.get("id"))
        return output

    def _note(self, operation: str, key: str, *things: Any) -> None:
        """What was told to one ask is its own: no equal one is settled by it."""
        for thing in things:
            if isinstance(thing, str | int):
                self._given[operation].note(thing, key)

    async def _scope(self, ask: Ask) -> dict[str, Any]:
        prepared = await self._prepared(ask)
        key = ask.call.key
        return {
            **self._credentials.shown,
            **ask.arguments,
            **prepared,
            "asked_for": ask.call.operation,
            "key": key,
            "key_mark": mark_of(key),
            "key_uuid": str(uuid5(NAMESPACE_OID, key)),
        }

    async def prepared_offline(self, call: Call, arguments: Mapping[str, Json]) -> Mapping[str, Any]:
        """What the hooks make of the arguments, where they need not ask the service for it."""
        known = unasked(self._connector.operation(call.operation), self._connector.description.lookups, arguments)
        return {**known, **(await self._by_hooks(Ask(call, {**arguments, **known})) if self._connector.custom.offline else {})}

    async def _prepared(self, ask: Ask) -> Mapping[str, Any]:
        """Look-ups first, so that hooks find the ids among the arguments."""
        known = await self._names.resolve(self._connector.operation(ask.call.operation), ask.arguments)
        return {**known, **await self._by_hooks(Ask(ask.call, {**ask.arguments, **known}))}

    async def _by_hooks(self, ask: Ask) -> Mapping[str, Any]:
        prepare = self._connector.custom.prepare.get(ask.call.operation)
        return await prepare(ask, self._tools) if prepare else {}

    async def _write(self, operation: Operation, scope: Mapping[str, Any], ask: Ask) -> Json:
        assert operation.request is not None  # the reader saw to it
        call, begun = ask.call, self._clock.now()
        errand = Errand(
            operation=call.operation, writes=operation.writes, scope=scope, cache=operation.cache, joins=not operation.alone,
            request=operation.request, bulk=operation.bulk,
        )  # fmt: skip
        try:
            if operation.pages:
                body = await self._all_pages(operation.request, scope, call.operation, operation.pages, errand)
            else:
                may_repeat = self._may_repeat(operation)
                body = await self._send(operation.request, scope, doing=call.operation, may_repeat=may_repeat, key=call.key, errand=errand)
        except (Rejected, Transient, Unanswered) as failure:
            after_all = await self._after_all(operation, ask, failure, begun)
            if after_all is None:
                raise
            return after_all
        output = picks(body, operation.outputs, scope)
        if operation.read_back is not None:
            self._note(call.operation, call.key, at(body, "id"), output.get("id"))
        return output

    async def _after_all(self, operation: Operation, ask: Ask, failure: SignalboxError, begun: datetime) -> Json:
        """The output after all, when the write is found to have happened; None when it is not found or cannot be looked for."""
        back = operation.read_back
        if back is None or not (isinstance(failure, Unanswered) or (isinstance(failure, Refused) and failure.status in back.after_refusal)):
            return None
        asked_at = ask.call.asked_at or begun
        try:
            scope = await self._scope_of_look(ask, asked_at)
            body = await self._read_back(back, scope)
            one = self._found(body, operation, back, scope, asked_at)
        except SignalboxError:
            return None  # the first failure stands: it says what to do
        return None if one is None else self._told(one, operation, scope, back)

    async def probe(self) -> None:
        """Raises the three words when the account does not answer as it should."""
        description, own = self._connector.description, self._connector.custom.probe
        if own:
            await self._in_time(own(self._tools), description.timeouts.probe)
        elif description.probe:
            probe = description.probe
            asked = Request(method=probe.method, path=probe.path, query=probe.query, body=probe.body, encoding=probe.encoding)
            ready = self._filled(asked, {})
            await self._exchange(ready, doing="the probe", may_repeat=True, total=description.timeouts.probe)

    async def _in_time(self, probing: Awaitable[None], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await probing
        except TimeoutError as err:
            raise Transient(f"{self._connector.description.name} did not answer in time.") from err

    async def missing_scopes(self) -> list[str]:
        """Scopes the credential is known to lack; empty also when the service does not say. Raises the three words."""
        probe = self._connector.description.probe
        if probe is None or not probe.scopes:
            return []
        asked = self._request("GET", probe.path, probe.query, None, "")
        answer, _ = await self._lane.put(asked, lambda answer: None, may_repeat=True, total=self._connector.description.timeouts.probe)
        granted = {scope.strip() for scope in answer.headers.get(probe.scopes_header.lower(), "").split(",")} - {""}
        return [scope for scope in probe.scopes if scope not in granted] if granted else []

    async def _get(self, path: str, query: Mapping[str, str] | None = None, *, doing: str = "a look-up") -> Any:
        """``path`` is percent-encoded already."""
        return await self._exchange(self._request("GET", path, query or {}, None, ""), doing=doing, may_repeat=True)

    async def _put(self, request: Request, scope: Mapping[str, Any], *, doing: str = "a look-up", may_repeat: bool = True) -> Any:
        return await self._send(request, scope, doing=doing, may_repeat=may_repeat, errand=by_hooks(request))

    async def _send(
        self, request: Request, scope: Mapping[str, Any], *, doing: str, may_repeat: bool, key: str = "", errand: Errand = LOOKUP
    ) -> Any:
        ready = self._filled(request, scope, key)
        return (await self._answered(ready, doing=doing, may_repeat=may_repeat, kind=request.answer, errand=errand))[1]

    def _may_repeat(self, operation: Operation) -> bool:
        return operation.may_repeat or bool(self._connector.description.idempotency_header)

    async def _all_pages(self, request: Request, scope: Mapping[str, Any], doing: str, pages: Pages | None, errand: Errand = LOOKUP) -> Any:
        """The first page's body with the items of all pages that are wanted in it."""
        if pages is None:
            return await self._send(request, scope, doing=doing, may_repeat=True, errand=errand)
        most = int(scope.get(pages.most) or scope.get("lookup_most") or pages.largest)
        asked: WireRequest | None = sized(self._filled(request, scope), pages, most)
        items: list[Any] = []
        first, number = None, 0
        while asked is not None and len(items) < most:
            answer, body = await self._answered(
                asked, doing=doing, may_repeat=True, kind=request.answer, errand=replace(errand, joins=False)
            )
            first, number = (body if number == 0 else first), number + 1
            items += items_of(body, pages)
            asked = next_request(asked, pages, Page(body, answer, len(items), number))
        return with_items(first, pages, items[:most])

    def _filled(self, request: Request, scope: Mapping[str, Any], key: str = "") -> WireRequest:
        """The request with its values, those of the account's settings among them. Raises Rejected."""
        scope = {**self._credentials.shown, **scope}
        body = None if request.body is None else fill(request.body, scope)
        ready = self._request(request.method, fill_path(request.path, scope), fill_query(request.query, scope), body, key)
        said = fill_headers(request.headers, scope)
        base = self._credentials.host(self._connector.description.hosts[request.host]) if request.host else ""
        return replace(ready, headers={**ready.headers, **said}, encoding=request.encoding, base=base, answer=request.answer)

    async def _exchange(self, ready: WireRequest, *, doing: str, may_repeat: bool, total: float | None = None, kind: str = "json") -> Any:
        return (await self._answered(ready, doing=doing, may_repeat=may_repeat, total=total, kind=kind))[1]

    async def _answered(
        self, ready: WireRequest, *, doing: str, may_repeat: bool, total: float | None = None, kind: str = "json", errand: Errand = LOOKUP
    ) -> tuple[WireAnswer, Any]:
        """The answer, and its body once it is judged good."""
        description = self._connector.description
        probe = description.probe

        def judged(answer: WireAnswer) -> Any:
            if total and probe and any(text in answer.text for text in probe.fine_when):
                return None
            now = self._clock.now()
            again = may_repeat and not (errand.writes and fails_for_good(answer, description))
            return judge(answer, description, self._credentials, doing=doing, may_repeat=again, now=now, kind=kind)

        return await self._lane.put(ready, judged, errand, may_repeat=may_repeat, total=total)

    def budget(self) -> Sequence[Budget]:
        """The service's own limits on this account of which something is used or known."""
        return self._lane.budget()

    async def close(self) -> None:
        """What waits for its turn is given up."""
        await self._lane.close()
        if self._batches is not None:
            await self._batches.close()

    def _request(self, method: str, path: str, query: Mapping[str, str], body: Json, key: str) -> WireRequest:
        description = self._connector.description
        headers = dict(description.headers)
        if description.idempotency_header and key:
            headers[description.idempotency_header] = key
        return WireRequest(method=method, path=path, query=query, headers=headers, body=body)
