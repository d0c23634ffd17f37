"""The guard: puts one ask to its service inside its limits, and turns whatever happens into an answer or one of the three errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from typing import TypeAlias

from engine.errors import Forbidden, Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Actions, Answer, Call, Clock
from engine.workflow.catalogue_data import product

log = logging.getLogger(__name__)

Observe: TypeAlias = Callable[[Sample], None]


class Guard:
    """``limit``: calls in flight over all services; ``per_service``: to any one of them, so that a slow one cannot take all places.

    ``observe`` gets one sample per call, on the event loop; it must neither block nor raise (the monitor gathers them into batches).
    """

    def __init__(
        self,
        actions: Actions,
        clock: Clock,
        observe: Observe | None = None,
        *,
        limit: int = 128,
        per_service: int = 32,
    ) -> None:
        self._actions = actions
        self._clock = clock
        self._observe = observe
        self._all = asyncio.Semaphore(limit)
        self._per_service = per_service
        self._services: dict[str, asyncio.Semaphore] = {}

    async def perform(self, call: Call, seconds: float) -> Answer | SignalboxError:
        """Never raises but for cancellation. ``seconds`` is for one attempt, counted from when a place is free."""
        async with self._service(call.service), self._all:
            begun = perf_counter()
            outcome = await self._attempt(call, seconds)
            if self._observe is not None:
                self._observe(self._sample(call, outcome, perf_counter() - begun))
        return outcome

    def _service(self, service: str) -> asyncio.Semaphore:
        places = self._services.get(service)
        if places is None:
            places = self._services[service] = asyncio.Semaphore(self._per_service)
        return places

    async def _attempt(self, call: Call, seconds: float) -> Answer | SignalboxError:
        try:
            async with asyncio.timeout(seconds) as bound:
                return await self._actions.perform(call)
        except SignalboxError as error:
            return error
        except TimeoutError:
            if bound.expired():
                return Unanswered(f"{product(call.service)} gave no answer within {seconds:g} seconds.")
            log.exception("Connector of %s let a timeout of its own through", call.service)
            return Unanswered(f"{product(call.service)} gave no answer in time.")
        except Exception as error:
            # A fault of ours behind the port: nobody knows how far the call came, so it counts as unanswered.
            log.exception("Connector of %s failed in %s", call.service, call.operation)
            return Unanswered(f"The connector of {call.service} failed unexpectedly ({type(error).__name__}). The log has the details.")

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


def _reading(outcome: Answer | SignalboxError) -> Outcome:
    """What the outcome says about the service's health: a refused request is a service that works."""
    if isinstance(outcome, Forbidden):
        return Outcome.MISCONFIGURED
    if isinstance(outcome, (Answer, Rejected)):
        return Outcome.OK
    if isinstance(outcome, Transient) and outcome.retry_after is not None:
        return Outcome.THROTTLED
    return Outcome.ERROR
