"""What holds for all tests: properties are judged by their truth, never by the clock of a busy machine; nothing is compiled twice.

``ONLY_CONNECTORS=jira,slack pytest …`` reads only those folders beside the house's own, so that one can be tried while another is half-written.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from connectors._kit import shelf

gc.set_threshold(1_000_000, 100, 100)  # what is loaded and collected stays: looking for rubbish among it takes a third of the time

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

if only := os.environ.get("ONLY_CONNECTORS"):
    room = Path(tempfile.mkdtemp(prefix="connectors-"))
    for name in {*only.split(","), "chat", "signalbox", "http", "email", "github", "trello"}:
        (room / name).symlink_to(shelf.ROOM / name)
    shelf.ROOM = room


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each worker compiles its share of the test files first, so that it finds the others' done when it comes to them.

    Rewriting the asserts of all takes ten seconds of processor time, and every worker has to load every file.
    """
    mine, all_of_them = _place()
    room = Path(__file__).parent
    if all_of_them == 1 or [Path(each).resolve() for each in session.config.args] != [room]:
        return
    for file in sorted(room.rglob("test_*.py"))[mine::all_of_them]:
        name = ".".join(("tests", *file.relative_to(room).with_suffix("").parts))
        try:
            __import__(name)
        except (Exception, pytest.skip.Exception):
            continue  # collecting it says what is wrong, at its place


def pytest_collection_finish() -> None:
    """Thousands of tests and modules stay to the end: the garbage collector need not walk them again and again, nor once beforehand."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """What is rubbish by now is found, and complained about, here; the rest, that pytest and the interpreter walk three times more, ends with the process."""
    gc.collect()
    gc.freeze()


def _place() -> tuple[int, int]:
    """Which worker this is, from 0, and of how many."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


# Compiled files are kept even where the environment says otherwise: a hundred processes are started here, and each would compile all anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
