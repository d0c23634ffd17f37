"""Notices: what this process recorded is told to the others on the same server, and the other way round.

Told after the commit and over a connection of its own, many changes at a time: a NOTIFY inside the transaction would make the commits of
all processes wait for each other. So a notice may be lost with a process or a connection. It is a hint and never the change itself:
whoever hears it reads again. After every gap each noun is told without an id, which means that anything of it may have changed.
"""

from __future__ import annotations

import json
import logging
import select
import socket
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Engine

from engine.events import (
    AccountChanged,
    AlertSaved,
    Elsewhere,
    Event,
    GatheringSaved,
    NextFireSet,
    PolicySaved,
    PostingsTouched,
    PostingWanted,
    RunMoved,
    RunStarted,
    ServiceStateSaved,
    WaitOpened,
    WebMessageSaved,
    WorkflowSaved,
)

log = logging.getLogger(__name__)

CHANNEL = "signalbox"
LONGEST = 7_000  # bytes of a notice; PostgreSQL takes 8,000
MOST = 5_000  # changes that wait to be told; beyond, only their nouns are
CHECKED = 30.0  # seconds without a word after which the connection is tried
LONGEST_PAUSE = 10.0
STARTS_WITHIN = 10.0  # seconds; a start does not wait longer, and then there is a gap to be told of
NOUNS = ("workflow", "run", "posting", "alert", "service_state", "web_message", "wait", "gathering", "account", "policy")

SUBJECT: dict[type, Callable[[Any], tuple[str, str]]] = {
    WorkflowSaved: lambda event: ("workflow", event.workflow.id),
    NextFireSet: lambda event: ("workflow", event.workflow),
    RunStarted: lambda event: ("run", event.run.id),
    RunMoved: lambda event: ("run", event.run_id),
    PostingWanted: lambda event: ("posting", event.subject),
    PostingsTouched: lambda event: ("posting", event.subject),
    AlertSaved: lambda event: ("alert", event.alert.id),
    PolicySaved: lambda event: ("policy", f"{event.kind}/{event.id}"),
    ServiceStateSaved: lambda event: ("service_state", event.state.service),
    WebMessageSaved: lambda event: ("web_message", event.id),
    WaitOpened: lambda event: ("wait", event.event),
    GatheringSaved: lambda event: ("gathering", event.workflow),
    AccountChanged: lambda event: ("account", event.service),
}


class Notices:
    """One thread with one connection, which it makes anew when it is lost."""

    def __init__(self, engine: Engine, loop: AbstractEventLoop, hear: Callable[[Sequence[Event]], None]) -> None:
        self._engine = engine
        self._loop = loop
        self._hear = hear
        self._lock = Lock()
        self._pending: dict[tuple[str, str], None] = {}
        self._closed = Flag()
        self._listening = Flag()
        self._bell, self._rope = socket.socketpair()
        self._rope.setblocking(False)
        self._thread = Thread(target=self._run, name="signalbox-notices", daemon=True)

    def start(self) -> None:
        """Returns when others are heard; what is read from then on is never out of date unnoticed."""
        self._thread.start()
        self._listening.wait(STARTS_WITHIN)

    def tell(self, events: Sequence[Event]) -> None:
        """On the loop, after they were recorded."""
        told = [SUBJECT[type(event)](event) for event in events if type(event) in SUBJECT]
        if told:
            with self._lock:
                self._pending.update(dict.fromkeys(told))
            self._ring()

    def close(self) -> None:
        """Tells what is still to be told, if the connection stands."""
        self._closed.set()
        self._ring()
        if self._thread.is_alive():
            self._thread.join()
        self._bell.close()
        self._rope.close()

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # it rings already
            self._rope.send(b"!")

    # --- on the thread

    def _run(self) -> None:
        gap, pause = False, 0.25
        while not self._closed.is_set():
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    driver: Any = connection.connection.driver_connection
                    driver.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    if gap:
                        self._pass_on(Elsewhere(noun, "") for noun in NOUNS)
                    pause = 0.25
                    self._serve(driver)
            except Exception as err:  # noqa: BLE001  whatever it was: others are not heard until there is a connection again
                log.info("Changes of other processes are not heard at present (%s).", err)
                gap, pause = True, min(pause * 2, LONGEST_PAUSE)
                self._closed.wait(pause)

    def _serve(self, driver: Any) -> None:
        while not self._closed.is_set():
            ready, _, _ = select.select([driver.fileno(), self._bell], [], [], CHECKED)
            if self._bell in ready:
                self._bell.recv(4096)
            for notice in self._taken():
                driver.execute("SELECT pg_notify(%s, %s)", (CHANNEL, notice))
            if not ready:
                driver.execute("SELECT 1")
            self._pass_on(_heard(driver))

    def _taken(self) -> Iterator[str]:
        """What waits to be told, as notices; of too much only the nouns."""
        with self._lock:
            pending, self._pending = self._pending, {}
        if len(pending) > MOST:
            pending = dict.fromkeys((noun, "") for noun, _ in pending)
        return packed(pending)

    def _pass_on(self, events: Iterable[Event]) -> None:
        heard = list(events)
        if heard:
            with suppress(RuntimeError):  # the loop is closed: nobody is left to hear it
                self._loop.call_soon_threadsafe(self._hear, heard)


def packed(told: Iterable[tuple[str, str]]) -> Iterator[str]:
    """As few notices as will hold them; an id too long for one is left out."""
    pack: list[str] = []
    size = 2
    for noun, id_ in told:
        pair = json.dumps([noun, id_])
        pair = pair if len(pair) < LONGEST else json.dumps([noun, ""])
        if size + len(pair) > LONGEST:
            yield f"[{','.join(pack)}]"
            pack, size = [], 2
        pack.append(pair)
        size += len(pair) + 1
    if pack:
        yield f"[{','.join(pack)}]"


def _heard(driver: Any) -> list[Event]:
    """What other processes told; own notices come back too."""
    own = driver.info.backend_pid
    notices = [notice.payload for notice in driver.notifies(timeout=0) if notice.pid != own]
    found: dict[Elsewhere, None] = {}
    for payload in notices:
        with suppress(ValueError, TypeError):  # somebody else's, on the same channel
            found.update((Elsewhere(str(noun), str(id_)), None) for noun, id_ in json.loads(payload))
    return list(found)
