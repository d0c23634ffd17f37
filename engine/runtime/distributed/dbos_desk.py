"""The desk kept by DBOS in PostgreSQL: a stretch is a workflow of one queue, partitioned by run. The only importer of dbos.

    put ─▶ row ENQUEUED, its id "<run>:<token>", its partition the run ─▶ some executor's poll: PENDING, his name ─▶ take ─▶ SUCCESS

Of one partition DBOS hands out one at a time, over all processes. It writes nothing of a run: what happened in a stretch are the facts
of ours. DBOS lives once in a process, on threads and a loop of its own; ``take`` is called on the loop that opened the desk.

Some of what is used is not of its public face, because that has nothing for it: what a dead executor holds, handing exactly that out anew
(``resume_workflows`` would also take away what somebody living has been handed meanwhile), and ending the polling before the rest. The
version is pinned, and tests/machines/test_desks.py holds it to that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import enumerate as enumerate_threads
from typing import TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import Transient
from engine.runtime.distributed.desk import Take

T = TypeVar("T")
log = logging.getLogger(__name__)

NAME = "signalbox"
QUEUE = "stretches"
WORKFLOW = "stretch"
VERSION = "engine-1"  # stretches of another version are not taken; changes only when a run could not go on under the new one
SCHEMA = "dbos"
POLL = 0.05  # seconds
AT_ONCE = 128  # stretches that one process holds; others may wait for its services meanwhile
THREADS = 32  # of DBOS
CALLS = 8  # calls to the books at the same time, each with a connection
SOME = 2_000  # rows looked at or forgotten at once
RECOVERY_QUEUE = "_dbos_internal_queue"  # for rows without a queue, of which we have none
POLLING = "queue-worker-"  # what DBOS calls its threads that do
PATIENCE = 5.0  # seconds for one of them to end
EVERY_SO_OFTEN = 30.0  # seconds between two words of DBOS about the same thing
MORE = 1  # DBOS counts priorities from 1


class DbosDesk:
    """Fulfils ``desk.Desk``. ``url`` is ``postgresql+psycopg://…``; DBOS keeps its books in a schema of its own there."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._pool = ThreadPoolExecutor(CALLS, thread_name_prefix="desk")
        self._dbos: DBOS | None = None
        self._client_made: DBOSClient | None = None
        self._take: Take | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self._taking: set[asyncio.Task[None]] = set()

    # --- handing out

    async def open(self, take: Take) -> None:
        self._take, self._loop = take, asyncio.get_running_loop()
        await self._call(self._launch)

    def _launch(self) -> None:
        """Makes the schema on first use. On a thread: DBOS then runs its coroutines on a loop of its own."""
        quiet()
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": self._url,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": self._name,
            "max_executor_threads": THREADS,
            "sys_db_pool_size": CALLS,
            "serializer": DBOSPortableJSONSerializer(),
            "scheduler_polling_interval_sec": 3600.0,  # we have schedules of our own
            "log_level": "WARNING",
        }
        self._dbos = DBOS(config=config)

        async def stretch(run_id: str) -> None:
            await self._stretch(run_id)

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(stretch)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE, worker_concurrency=AT_ONCE, partition_concurrency=1, polling_interval_sec=POLL, on_conflict="always_update"
        )

    async def _stretch(self, run_id: str) -> None:
        """Runs on the loop of DBOS. What it is cancelled for stays PENDING in this executor's name."""
        if self._take is None or self._loop is None or self._closing:
            raise asyncio.CancelledError
        driving = asyncio.run_coroutine_threadsafe(self._taken(self._take, run_id), self._loop)
        # Shielded: when DBOS goes, the run goes on until the runner has written down what comes back.
        await asyncio.shield(asyncio.wrap_future(driving))

    async def _taken(self, take: Take, run_id: str) -> None:
        if task := asyncio.current_task():
            self._taking.add(task)
            task.add_done_callback(self._taking.discard)
        try:
            await take(run_id)
        except Exception as error:
            log.exception("A stretch of %s ended with a fault of ours.", run_id)
            raise asyncio.CancelledError from error

    async def close(self) -> None:
        self._closing = True
        dbos, self._dbos = self._dbos, None
        if dbos is not None:
            await self._call(lambda: _end(dbos))

    async def leave(self) -> None:
        for task in tuple(self._taking):
            task.cancel()
        await asyncio.gather(*self._taking, return_exceptions=True)
        client, self._client_made = self._client_made, None
        if client is not None:
            await self._call(client.destroy)
        await asyncio.to_thread(self._pool.shutdown)

    # --- the books

    async def put(self, run_id: str, token: str, rank: int) -> None:
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": f"{run_id}:{token}",
            "queue_partition_key": run_id,
            "priority": rank + MORE,
            "app_version": VERSION,
            "application_name": NAME,
        }
        await self._call(lambda: self._client().enqueue(options, run_id))

    async def held(self) -> frozenset[str]:
        return frozenset(_run(row) for row in await self._rows("PENDING") if row.executor_id == self._name)

    async def out(self) -> frozenset[str]:
        return frozenset(_run(row) for row in await self._rows("PENDING", "ENQUEUED"))

    async def executors(self) -> frozenset[str]:
        return frozenset(row.executor_id for row in await self._rows("PENDING") if row.executor_id)

    async def give_back(self, executor: str) -> int:
        def give() -> int:
            books = self._client()._sys_db
            pending = books.get_pending_workflows(executor, VERSION)
            return sum(books.reenqueue_for_recovery(row.workflow_id, [executor], RECOVERY_QUEUE) for row in pending)

        return await self._call(give)

    async def forget(self, before: datetime) -> int:
        def drop() -> int:
            over = self._client().list_workflows(
                queue_name=QUEUE, status=["SUCCESS", "ERROR", "CANCELLED"], end_time=before.isoformat(), limit=SOME,
                load_input=False, load_output=False,
            )  # fmt: skip
            if over:
                self._client().delete_workflows([row.workflow_id for row in over])
            return len(over)

        return await self._call(drop)

    async def _rows(self, *states: str) -> list[WorkflowStatus]:
        """Page by page: a burst may have put thousands."""

        def look() -> list[WorkflowStatus]:
            found: list[WorkflowStatus] = []
            while len(page := self._page(states, len(found))) == SOME:
                found += page
            return found + page

        return await self._call(look)

    def _page(self, states: tuple[str, ...], offset: int) -> list[WorkflowStatus]:
        return self._client().list_workflows(
            queue_name=QUEUE, status=list(states), limit=SOME, offset=offset, load_input=False, load_output=False
        )

    def _client(self) -> DBOSClient:
        """Unlike the library itself, it says at once when the database does not answer."""
        if self._client_made is None:
            self._client_made = DBOSClient(
                system_database_url=self._url,
                dbos_system_schema=SCHEMA,
                serializer=DBOSPortableJSONSerializer(),
                system_database_pool_size=CALLS,
                application_name=NAME,
                lazy=True,
                retry_connection_errors=False,
            )
        return self._client_made

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except SQLAlchemyError as error:
            raise Transient(f"The database does not answer ({type(error).__name__}). See that it runs.", 1.0) from error


def _end(dbos: DBOS) -> None:
    """First those that poll: what one of them claimed while the loop of DBOS ends would be neither begun nor given back."""
    for event in dbos.background_thread_stop_events:
        event.set()
    for thread in enumerate_threads():
        if thread.name.startswith(POLLING):
            thread.join(PATIENCE)
    DBOS.destroy(destroy_registry=True)


def _run(row: WorkflowStatus) -> str:
    return row.queue_partition_key or ""


class Sparing(logging.Filter):
    """While the database is away, the queue says so twenty times a second; once in a while is enough, and one line of it."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage().splitlines()[:1]
        record.msg, record.args = said[0] if said else "", ()
        what = record.msg[:40]
        if record.created - self._said.get(what, float("-inf")) < EVERY_SO_OFTEN:
            return False
        self._said[what] = record.created
        return True


def quiet() -> None:
    """DBOS sets up a console of its own unless somebody listens already; its words go where ours go."""
    words = logging.getLogger("dbos")
    if not words.handlers:
        words.addHandler(logging.NullHandler())
        words.addFilter(Sparing())
