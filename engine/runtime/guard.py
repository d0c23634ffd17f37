"""The guard: puts one ask to its service inside its limits, and turns whatever happens into an answer or one of the three errors.

kept answer? ─▶ breaker ─▶ a place (by rank) ─▶ rate limits ─▶ secrets put in ─▶ the call, at most its time ─▶ secrets taken out ─▶ outcome
                  │ open         ▲                    │ too early                   └─▶ of a read: a second one beside it (``beside``)
                  └─▶ Shut       └── a moment later ◀─┴─▶ much later: Held, the run comes back
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from engine.errors import Forbidden, Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Actions, Answer, Call, Clock, Tokens
from engine.runtime.beside import Race, raced
from engine.runtime.pace import Held, Limit, Pace
from engine.runtime.places import Both, Places, Rank
from engine.runtime.reads import Reads, read_key
from engine.runtime.routes import Routes, seconds_asked
from engine.runtime.safe import Cover, Safe
from engine.workflow.catalogue_data import product
from engine.workflow.definition import RateLimit
from engine.workflow.secrets import SecretPart

log = logging.getLogger(__name__)

Observe: TypeAlias = Callable[[Sample], None]

PATIENCE = 2.0  # seconds; what a rate limit keeps longer than this comes back as a run that waits, and holds no task


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an ask says about how it is put. ``rank``: of its run; ``cache``: what makes it the same read, and for how many seconds.

    ``reads``: it changes nothing, so it may be put twice; ``early``: there is another way, so it may also be given up early; ``tries``: how often it was
    put in vain, each of which doubles the time it is given. ``patience``: seconds it may be held up by an open breaker (it goes another way, or its run
    may wait); 0: it is put whatever the breaker says.
    """

    rank: int = 2
    limits: tuple[Limit, ...] = ()
    cache: tuple[str, float] | None = None
    secrets: tuple[SecretPart, ...] = ()
    reads: bool = False
    early: bool = False
    tries: int = 0
    patience: float = 0.0


PLAIN = Terms()


class Guard:
    """``limit``: calls in flight over all services; ``per_service``: to any one of them, so that a slow one cannot take all places.

    ``rates``: limits of the house itself, by service. ``safe``: where secrets are; without one, asks that need any are refused.
    ``observe`` gets one sample per call, on the event loop; it must neither block nor raise (the monitor gathers them into batches).
    ``routes``: how services stand, and by it breakers, adaptive timeouts and second calls of reads; without it there are none.
    """

    def __init__(
        self,
        actions: Actions,
        clock: Clock,
        observe: Observe | None = None,
        *,
        limit: int = 128,
        per_service: int = 32,
        tokens: Tokens | None = None,
        rates: Mapping[str, RateLimit] | None = None,
        safe: Safe | None = None,
        routes: Routes | None = None,
    ) -> None:
        self.actions = actions
        self._clock = clock
        self._observe = observe
        self._all = Places(limit)
        self._per_service = per_service
        self._services: dict[str, Places] = {}
        self._pace = Pace(tokens, clock) if tokens is not None else None
        self._rates = {service: Limit(f"house:{service}", rate.limit, rate.per) for service, rate in (rates or {}).items()}
        self._safe = safe
        self.routes = routes
        self._reads = Reads(clock)

    async def perform(self, call: Call, seconds: float, terms: Terms = PLAIN) -> Answer | SignalboxError:
        """Never raises but for cancellation. ``seconds`` is for one attempt, counted from when a place is free."""
        if terms.cache is None:
            return await self._put(call, seconds, terms)
        said, kept_for = terms.cache
        key = read_key(call, said)
        known = self._reads.known(key)
        if known is not None:
            return known
        outcome = await self._put(call, seconds, terms)
        if isinstance(outcome, Answer):
            self._reads.keep(key, outcome, kept_for)
        return outcome

    async def look(self, call: Call, seconds: float, secrets: tuple[SecretPart, ...] = ()) -> Answer | SignalboxError | None:
        """Whether this call did what it asked (None: it surely did not), in the same limits; a person waits for it."""
        async with Both(self._service(call.service), self._all, (0, 0)):
            try:
                call, cover = await self._unsealed(call, secrets)
            except SignalboxError as error:
                return error
            return await self._bounded(call, seconds, self.actions.look(call), cover)

    # --- a place, and the pace

    async def _put(self, call: Call, seconds: float, terms: Terms) -> Answer | SignalboxError:
        if self.routes is not None and (shut := self.routes.refusal(call.service, call.account, terms.patience)) is not None:
            return shut
        rank: Rank = (terms.rank, 0 if call.actor else 1)  # of two alike, the one a person waits for
        limits = self._limits(call, terms)
        waited = 0.0
        while True:
            async with Both(self._service(call.service), self._all, rank):
                try:
                    wait = await self._pace.wait_for(limits, call.key, rank) if limits and self._pace else 0.0
                except SignalboxError as error:
                    return error
                if not wait:
                    return await self._watched(call, seconds, terms)
            if waited + wait > PATIENCE:
                return Held(f"It waits for its turn: {_words(limits)}.", wait)
            waited += wait
            await self._clock.sleep(wait)

    def _limits(self, call: Call, terms: Terms) -> tuple[Limit, ...]:
        house = self._rates.get(call.service)
        return terms.limits if house is None else (*terms.limits, house)

    def _service(self, service: str) -> Places:
        places = self._services.get(service)
        if places is None:
            places = self._services[service] = Places(self._per_service)
        return places

    # --- the call itself

    async def _watched(self, call: Call, seconds: float, terms: Terms) -> Answer | SignalboxError:
        try:
            call, cover = await self._unsealed(call, terms.secrets) if terms.secrets else (call, None)
        except SignalboxError as error:
            return error
        if self.routes is None or not terms.reads:
            return await self._once(call, seconds, cover)
        timeout, after = self._times(self.routes, call, seconds, terms)
        if after is None or after >= timeout:
            return await self._once(call, timeout, cover)
        second = partial(self._second, call, seconds - after, terms, cover)
        return await raced(partial(self._once, call, timeout, cover), second, after)

    @staticmethod
    def _times(routes: Routes, call: Call, seconds: float, terms: Terms) -> tuple[float, float | None]:
        """Seconds after which a read is given up, and after which a second one is put. Without another way a slow answer is better than none."""
        timeout, after = routes.reading(call.service, call.account, call.operation, seconds)
        return (seconds if not terms.early else min(seconds, timeout * 2.0 ** min(terms.tries, 16))), after

    async def _second(self, call: Call, seconds: float, terms: Terms, cover: Cover | None, race: Race) -> Answer | SignalboxError | None:
        """The call beside the first; None where it is not put: nobody waits for a place, a limit or a budget for its sake."""
        assert self.routes is not None
        if self._limits(call, terms) or self.routes.useless_for(call.service, call.account):
            return None
        service = self._service(call.service)
        if not service.take_now():
            return None
        if not self._all.take_now():
            service.give()
            return None
        try:
            if not self.routes.spare_hedge():
                return None
            timeout, _ = self._times(self.routes, call, seconds, terms)
            return await self._once(call, timeout, cover)
        finally:
            self._all.give()
            service.give()

    async def _once(self, call: Call, seconds: float, cover: Cover | None, race: Race | None = None) -> Answer | SignalboxError:
        """One call, and what it says of the service: by the loop's own clock, so that a virtual one is believed."""
        time = asyncio.get_running_loop().time
        number = self.routes.left(call.service, call.account, call.operation) if self.routes else 0
        begun = time()
        try:
            outcome = await self._bounded(call, seconds, self.actions.perform(call), cover)
        except asyncio.CancelledError:
            self._cut_off(number, call, time() - begun, race)
            raise
        assert outcome is not None
        if isinstance(outcome, Held):  # what was never sent says nothing of the service
            if self.routes:
                self.routes.gone(number)
            return outcome
        if self._observe is None and self.routes is None:
            return outcome
        sample = self._sample(call, outcome, time() - begun)
        if self.routes:
            self.routes.met(number, sample, seconds_asked(outcome))
        if self._observe is not None:
            self._observe(sample)
        return outcome

    def _cut_off(self, number: int, call: Call, latency: float, race: Race | None) -> None:
        """Given up, because the house stops or a second call was faster; the latter says that it was slow."""
        if self.routes is None:
            return
        if race is not None and race.lost:
            self.routes.overtaken(number, self._sample(call, Answer(None), latency))
        else:
            self.routes.gone(number)

    async def _unsealed(self, call: Call, secrets: tuple[SecretPart, ...]) -> tuple[Call, Cover | None]:
        if not secrets:
            return call, None
        if self._safe is None:
            raise Rejected("Secrets cannot be used here.")
        arguments, cover = await self._safe.put_in(call.arguments, secrets)
        return replace(call, arguments=arguments), cover

    async def _bounded(
        self, call: Call, seconds: float, asking: Awaitable[Answer | None], cover: Cover | None = None
    ) -> Answer | SignalboxError | None:
        try:
            async with asyncio.timeout(seconds) as bound:
                outcome: Answer | SignalboxError | None = await asking
        except SignalboxError as error:
            outcome = error
        except TimeoutError as error:
            if not bound.expired():
                _log(call, error, cover)
                outcome = Unanswered(f"{product(call.service)} gave no answer in time.")
            else:
                outcome = Unanswered(f"{product(call.service)} gave no answer within {seconds:g} seconds.")
        except Exception as error:  # noqa: BLE001  whatever it is, it is written down and answered
            # A fault of ours behind the port: nobody knows how far the call came, so it counts as unanswered.
            _log(call, error, cover)
            outcome = Unanswered(f"The connector of {call.service} failed unexpectedly ({type(error).__name__}). The log has the details.")
        return outcome if cover is None else cover.over(outcome)

    def _sample(self, call: Call, outcome: Answer | SignalboxError, latency: float) -> Sample:
        answered = isinstance(outcome, Answer)
        return Sample(
            service=call.service,
            account=call.account,
            at=self._clock.now(),
            source=Source.CALL,
            outcome=_reading(outcome),
            latency=latency,
            detail="" if answered else str(outcome),
            operation=call.operation,
            sandbox=isinstance(outcome, Answer) and outcome.sandbox,
        )


def _log(call: Call, error: BaseException, cover: Cover | None) -> None:
    """The traceback as text, so that what must not be seen can be taken out of it."""
    told = "".join(traceback.format_exception(error))
    log.error("The connector of %s failed in %s:\n%s", call.service, call.operation, told if cover is None else cover.text(told))


def _words(limits: tuple[Limit, ...]) -> str:
    return " and ".join(f"at most {limit.limit} asks in {limit.per:g} seconds" for limit in limits)


def _reading(outcome: Answer | SignalboxError) -> Outcome:
    """What the outcome says about the service's health: a refused request is a service that works."""
    if isinstance(outcome, Forbidden):
        return Outcome.MISCONFIGURED
    if isinstance(outcome, (Answer, Rejected)):
        return Outcome.OK
    if isinstance(outcome, Transient) and outcome.retry_after is not None:
        return Outcome.THROTTLED
    return Outcome.ERROR
