"""The bus: what is recorded, told to whoever listens right now, such as a browser's event stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from engine.events import AlertSaved, DraftSaved, Event, RunMoved, RunStarted, ServiceStateSaved, WebMessageSaved, WorkflowSaved
from engine.ports import Ledger
from engine.workflow.definition import Json
from engine.workflow.run import RunRecord

News = tuple[str, Mapping[str, Json]]


class Bus:
    """Fulfils ``ports.Feed``. A listener that does not keep up loses the oldest news and is told ``("lost", {"count": n})``.

    Names: workflow, draft, run, alert, service, message. Data are small (ids, state, revision); who wants more asks for it.
    ``message`` names its reader in ``only_for``: a face must not pass it on to anyone else.
    """

    def __init__(self, ledger: Ledger, *, backlog: int = 256) -> None:
        self._backlog = backlog
        self._listeners: set[_Listener] = set()
        ledger.listen(self._heard)

    def subscribe(self) -> AsyncIterator[News]:
        """From now on; ends when the iterator is closed."""
        listener = _Listener(self._backlog)
        self._listeners.add(listener)
        return self._stream(listener)

    async def _stream(self, listener: _Listener) -> AsyncIterator[News]:
        try:
            while True:
                yield await listener.next()
        finally:
            self._listeners.discard(listener)

    def _heard(self, events: Sequence[Event]) -> None:
        if not self._listeners:
            return
        for event in events:
            told = TELL.get(type(event))
            if told is not None:
                news = told(event)
                for listener in self._listeners:
                    listener.put(news)


class _Listener:
    def __init__(self, backlog: int) -> None:
        self._news: asyncio.Queue[News] = asyncio.Queue(backlog)
        self._lost = 0

    def put(self, news: News) -> None:
        if self._news.full():
            self._news.get_nowait()
            self._lost += 1
        self._news.put_nowait(news)

    async def next(self) -> News:
        if self._lost:
            lost, self._lost = self._lost, 0
            return "lost", {"count": lost}
        return await self._news.get()


def _workflow(event: WorkflowSaved) -> News:
    workflow = event.workflow
    return "workflow", {
        "id": workflow.id,
        "name": workflow.name,
        "state": workflow.state.value,
        "version": workflow.version,
        "revision": workflow.revision,
    }


def _draft(event: DraftSaved) -> News:
    return "draft", {"id": event.draft.id, "state": event.draft.state.value, "revision": event.draft.revision}


def _started(event: RunStarted) -> News:
    return "run", _run(event.run, len(event.facts))


def _moved(event: RunMoved) -> News:
    seq = event.facts[-1].seq if event.facts else 0
    return "run", _run(event.run, seq) if event.run is not None else {"id": event.run_id, "seq": seq}


def _run(record: RunRecord, seq: int) -> dict[str, Json]:
    return {
        "id": record.id,
        "seq": seq,
        "workflow": record.workflow,
        "name": record.name,
        "state": record.state.value,
        "error": record.error,
    }


def _alert(event: AlertSaved) -> News:
    alert = event.alert
    return "alert", {
        "id": alert.id,
        "state": alert.state.value,
        "severity": alert.severity.value,
        "service": alert.service,
        "revision": alert.revision,
    }


def _service(event: ServiceStateSaved) -> News:
    return "service", {"service": event.state.service, "account": event.state.account, "status": event.state.status}


def _message(event: WebMessageSaved) -> News:
    return "message", {"id": event.id, "channel": event.channel, "only_for": event.only_for}


TELL: Mapping[type[Event], Callable[[Any], News]] = {
    WorkflowSaved: _workflow,
    DraftSaved: _draft,
    RunStarted: _started,
    RunMoved: _moved,
    AlertSaved: _alert,
    ServiceStateSaved: _service,
    WebMessageSaved: _message,
}
