"""What other processes wrote, told here as if it had been written here: their news are read again and passed on.

    Elsewhere(noun, id) ─▶ at once to everybody
                         └▶ newest state read, some of a kind together ─▶ Retold(WorkflowSaved(…)) to everybody

Of many changes of one thing within a moment the newest is told; a page or an event stream connected to any process so sees them all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from engine.errors import SignalboxError
from engine.events import AlertSaved, Elsewhere, Event, RunMoved, ServiceStateSaved, WorkflowSaved
from engine.ports import Clock, Ledger, Store

log = logging.getLogger(__name__)

MOMENT = 0.1  # seconds within which changes of the same thing are one
MOST = 50  # things read in one moment
REMEMBERED = 2_000  # things to be read; beyond that the oldest are not told


class Retold(tuple[Event, ...]):
    """Events of another process. Whoever acts on news, instead of showing them, leaves these alone: the other process acts."""

    __slots__ = ()


class Retelling:
    """Fulfils ``ports.Ledger`` over the store's own; ``start`` before anything else of the house, ``stop`` at the end."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._ledger: Ledger = store.ledger
        self._clock = clock
        self._listeners: list[Callable[[Sequence[Event]], None]] = []
        self._news: dict[Elsewhere, None] = {}
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ledger.listen(self._heard)
        self._read: Mapping[str, Callable[[str], Awaitable[Sequence[Event]]]] = {
            "workflow": self._workflow,
            "run": self._run,
            "alert": self._alert,
            "service_state": self._service_states,
            "web_message": self._web_message,
        }

    async def record(self, *events: Event) -> None:
        await self._ledger.record(*events)

    def trouble(self) -> str:
        return self._ledger.trouble()

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._listeners.append(heard)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever(), name="retelling")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _heard(self, events: Sequence[Event]) -> None:
        self._tell(events)
        for event in events:
            # Without an id anything may have changed, after a gap: who shows it asks again, see the listeners.
            if isinstance(event, Elsewhere) and event.id and event.noun in self._read:
                self._news[event] = None
                self._some.set()
        while len(self._news) > REMEMBERED:
            del self._news[next(iter(self._news))]

    def _tell(self, events: Sequence[Event]) -> None:
        for heard in self._listeners:
            heard(events)

    async def _for_ever(self) -> None:
        while True:
            await self._some.wait()
            await self._clock.sleep(MOMENT)
            some = list(self._news)[:MOST]
            for news in some:
                del self._news[news]
            if not self._news:
                self._some.clear()
            await self._retell(some)

    async def _retell(self, some: Sequence[Elsewhere]) -> None:
        for news in some:
            try:
                events = await self._read[news.noun](news.id)
            except SignalboxError as error:
                log.warning("%s %s was changed by another process and cannot be read: %s", news.noun, news.id, error)
                continue
            if events:
                self._tell(Retold(events))

    # --- the newest state of each noun

    async def _workflow(self, workflow_id: str) -> Sequence[Event]:
        workflow = await self._store.workflows.get(workflow_id)
        return [WorkflowSaved(workflow)] if workflow else []

    async def _run(self, run_id: str) -> Sequence[Event]:
        record = await self._store.runs.get(run_id)
        return [RunMoved(run_id, (), record)] if record else []

    async def _alert(self, alert_id: str) -> Sequence[Event]:
        alert = await self._store.alerts.get(alert_id)
        return [AlertSaved(alert)] if alert else []

    async def _service_states(self, service: str) -> Sequence[Event]:
        return [ServiceStateSaved(state) for state in await self._store.samples.states() if state.service == service]

    async def _web_message(self, message_id: str) -> Sequence[Event]:
        message = await self._store.web_messages.get(message_id)
        return [message] if message else []
