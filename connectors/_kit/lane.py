"""The lane to one account: what stands between a request and the wire, from outside in.

kept answer? ─▶ together with its equals ─▶ its turn (limits, quota, pause) ─▶ the wire ─▶ judged ─▶ kept
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors._kit.batching.together import Together
from connectors._kit.credentials import Credentials
from connectors._kit.description import Description
from connectors._kit.errand import LOOKUP, Asker, Errand, asker
from connectors._kit.failures import Throttled
from connectors._kit.kept import Kept, Ticket
from connectors._kit.pacing import Pacing
from connectors._kit.wire import Sends, WireAnswer, WireRequest
from engine.errors import SignalboxError
from engine.ports import Budget, Clock, Tokens

BATCHING = "SIGNALBOX_BATCHING"
PROBE = Asker(person=True, flow="probe")


def batching(environ: Mapping[str, str]) -> bool:
    """Whether equal asks may go out as one; ``engine.settings`` saw to the value."""
    return environ.get(BATCHING, "").strip().casefold() != "off"


class Lane:
    """``tokens``: limits that hold for every process of the house; ``batching``: whether equal asks are put together at all."""

    def __init__(
        self,
        description: Description,
        credentials: Credentials,
        wire: Sends,
        clock: Clock,
        *,
        tokens: Callable[[], Tokens | None] = lambda: None,
        batching: bool = True,
    ) -> None:
        account = credentials.account
        self._wire = wire
        self._clock = clock
        self._account = account
        self._kept = Kept()
        self._pacing = Pacing(description.name, f"{account.service}/{account.name}", description.limits, clock, tokens)
        wanted = batching and description.batch is not None and description.batch.kind != "own"
        self._together = Together(description, credentials, self._one, clock, self._pacing.largest) if wanted else None

    async def put(
        self,
        request: WireRequest,
        judge: Callable[[WireAnswer], Any],
        errand: Errand = LOOKUP,
        *,
        may_repeat: bool,
        total: float | None = None,
    ) -> tuple[WireAnswer, Any]:
        """The answer, and what ``judge`` makes of it. ``total``: seconds of a probe, which waits for no place and is never kept.

        Raises the three words; Later for what was not sent because the limits are used up for longer than a moment.
        """
        if total is not None:
            return self._judged(await self._one(request, errand, PROBE, may_repeat, 1, total), judge)
        ticket = self._kept.ticket(request, errand)
        known = self._kept.fresh(ticket, self._now()) if ticket else None
        if known is not None:
            return known, judge(known)
        answer, body = self._judged(await self._sent(request, errand, may_repeat, ticket), judge)
        if ticket:
            self._kept.keep(ticket, answer, errand, self._now())
        return answer, body

    async def _sent(self, request: WireRequest, errand: Errand, may_repeat: bool, ticket: Ticket | None) -> WireAnswer:
        single = self._together.single(request, errand, asker(), may_repeat=may_repeat) if self._together else None
        if single is not None and self._together is not None:
            own = await self._together.ask(single)
            self._pacing.heard(errand, own)
            return own
        asked = self._kept.asking_whether(ticket, request) if ticket else request
        answer = await self._one(asked, errand, asker(), may_repeat, 1)
        if asked is request or answer.status != 304 or ticket is None:
            return answer
        # What it is compared with may have made room for others meanwhile: then it is asked for in full.
        return self._kept.unchanged(ticket, answer) or await self._one(request, errand, asker(), may_repeat, 1)

    def _judged(self, answer: WireAnswer, judge: Callable[[WireAnswer], Any]) -> tuple[WireAnswer, Any]:
        try:
            body = judge(answer)
        except Throttled as throttled:
            throttled.retry_after = self._pacing.throttled(throttled.retry_after)
            raise
        except SignalboxError:
            self._pacing.fine()
            raise
        self._pacing.fine()
        return answer, body

    async def _one(
        self, request: WireRequest, errand: Errand, who: Asker, may_repeat: bool, units: int, total: float | None = None
    ) -> WireAnswer:
        """One exchange in its turn."""
        passage = await self._pacing.enter(errand, who, units=units, place=total is None)
        try:
            answer = await self._wire.send(request, may_repeat=may_repeat, total=total)
            self._pacing.heard(errand, answer, passage, units)
            return answer
        finally:
            if errand.writes:
                self._kept.changed()
            self._pacing.leave(passage)

    def budget(self) -> Sequence[Budget]:
        """The limits of this account of which something is used or known."""
        return self._pacing.budget(self._account.service, self._account.name)

    async def close(self) -> None:
        if self._together is not None:
            await self._together.close()
        self._pacing.close()

    def _now(self) -> float:
        return self._clock.now().timestamp()
