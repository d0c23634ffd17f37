"""A run in memory: what it has come to, and the orders that lie in its inbox."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from engine.errors import SignalboxError
from engine.workflow.definition import Workflow
from engine.workflow.kernel import Ask
from engine.workflow.progress import Run
from engine.workflow.run import Fact, RunRecord

Build: TypeAlias = Callable[[Run, datetime], tuple[Fact, ...]]


@dataclass(slots=True)
class Order:
    """Something a run is to take in. ``build`` makes its facts from the run as it then is; ``done`` hears of the outcome.

    ``ask`` is set when it is the outcome of a call: that must not be lost even if it cannot be stored as it is.
    """

    build: Build
    done: asyncio.Future[RunRecord] | None = None
    ask: Ask | None = None

    def refuse(self, error: SignalboxError) -> None:
        if self.done is not None and not self.done.done():
            self.done.set_exception(error)

    def settle(self, record: RunRecord) -> None:
        if self.done is not None and not self.done.done():
            self.done.set_result(record)


class Live:
    """``record`` is what is stored; ``shown``: cards about it may stand somewhere; ``stale``: another process wrote to it."""

    __slots__ = ("busy", "gone", "inbox", "outrun", "record", "run", "shown", "singly", "stale", "workflow")

    def __init__(self, run: Run, record: RunRecord, workflow: Workflow, *, shown: bool) -> None:
        self.run = run
        self.record = record
        self.workflow = workflow
        self.shown = shown
        self.inbox: deque[Order] = deque()
        self.busy = False
        self.stale = False
        self.outrun = 0  # turns in a row that another process was faster in
        self.singly = 0  # so many orders are to be taken one by one
        self.gone: asyncio.Future[None] | None = None  # for whoever waits until it has left memory

    def refuse_all(self, error: SignalboxError) -> None:
        while self.inbox:
            self.inbox.popleft().refuse(error)


def nothing(run: Run, now: datetime) -> tuple[Fact, ...]:
    """The order to look again."""
    return ()
