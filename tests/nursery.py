"""A process that has loaded the product and bears others: each is ``main.py`` in a process of its own, without the second that loading takes.

    test ──(arguments, folder, environment, where to read and write)──▶ nursery ──fork──▶ midwife ──fork──▶ main.py
      ▲                                                                                     │
      └───────────────────── its number, and in the end its exit code ──────────────────────┘

Only on Linux; elsewhere, and where loading itself is looked at, a process is started as anybody starts it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol

ROOT = Path(__file__).resolve().parents[1]
MAIN = str(ROOT / "main.py")
STREAMS = 3


class Process(Protocol):
    """What tests want of a ``subprocess.Popen``, and what a child of the nursery is."""

    pid: int
    stdout: IO[bytes] | None

    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...


def born(
    arguments: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    stdin: Any = None,
    stdout: Any = None,
    stderr: Any = None,
    session: bool = False,
) -> Process:
    """``main.py`` with these arguments. Streams as ``subprocess`` takes them, of ``PIPE`` only stdout's; ``session``: a session of its own."""
    if sys.platform != "linux":
        line = [sys.executable, MAIN, *arguments]
        return subprocess.Popen(line, cwd=folder, env=dict(environ), stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=session)
    return _nursery().bear(
        {"arguments": list(arguments), "folder": str(folder), "environ": dict(environ), "session": session}, stdin, stdout, stderr
    )


# --- beside the tests


class _Child:
    def __init__(self, told: int, stdout: IO[bytes] | None) -> None:
        self._told, self._heard = told, b""
        self.stdout = stdout
        self.returncode: int | None = None
        self.pid = int(self._line(None))

    def _line(self, patience: float | None) -> bytes:
        """The next line of the midwife. Raises TimeoutExpired."""
        deadline = None if patience is None else time.monotonic() + patience
        while b"\n" not in self._heard:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._told], [], [], left)[0]:
                raise subprocess.TimeoutExpired(MAIN, patience or 0.0)
            came = os.read(self._told, 64)
            assert came, "the midwife died"
            self._heard += came
        line, _, self._heard = self._heard.partition(b"\n")
        return line

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = int(self._line(timeout))
            os.close(self._told)
        return self.returncode

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Nursery:
    def __init__(self) -> None:
        self._door, theirs = socket.socketpair()
        line = [sys.executable, __file__, str(theirs.fileno())]
        self._process = subprocess.Popen(line, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        atexit.register(self._close)

    def _close(self) -> None:
        self._door.close()
        self._process.wait()

    def bear(self, wanted: Mapping[str, Any], stdin: Any, stdout: Any, stderr: Any) -> _Child:
        ours: IO[bytes] | None = None
        told, tell = os.pipe()
        streams, passed = [_number(stdin, 0), 1, _number(stderr, 2)], [tell]
        if stdout == subprocess.PIPE:
            reading, writing = os.pipe()
            ours, streams[1] = os.fdopen(reading, "rb"), writing
            passed.append(writing)
        else:
            streams[1] = _number(stdout, 1)
        socket.send_fds(self._door, [json.dumps(wanted).encode() + b"\n"], [*streams, tell])
        for one in passed:
            os.close(one)
        return _Child(told, ours)


def _number(stream: Any, usual: int) -> int:
    return usual if stream is None else stream if isinstance(stream, int) else int(stream.fileno())


@cache
def _nursery() -> _Nursery:
    return _Nursery()


# --- in the nursery


def _wanted(door: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    line, found, _, _ = socket.recv_fds(door, 1 << 20, STREAMS + 1)
    while line and not line.endswith(b"\n"):
        line += door.recv(1 << 20)
    return (json.loads(line), found) if line else None


def _bear_for_ever(door: socket.socket) -> None:
    """Until whoever asks has gone. Returns in every child, too: what it is to be is its caller's matter."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for midwives
    while asked := _wanted(door):
        wanted, (*streams, tell) = asked
        if os.fork() == 0:
            door.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            child = os.fork()
            if child == 0:
                os.close(tell)
                _become(wanted, streams)
            _attend(child, streams, tell)
        for one in (*streams, tell):
            os.close(one)


def _attend(child: int, streams: Sequence[int], tell: int) -> None:
    """The midwife: tells its number and how it ended."""
    for one in streams:
        os.close(one)
    os.write(tell, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    try:
        os.write(tell, b"%d\n" % os.waitstatus_to_exitcode(status))
    finally:
        os._exit(0)


def _become(wanted: Mapping[str, Any], streams: Sequence[int]) -> None:
    for at, one in enumerate(streams):
        os.dup2(one, at)
    for one in set(streams) - set(range(STREAMS)):
        os.close(one)
    if wanted["session"]:
        os.setsid()
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environ"])
    time.tzset()
    sys.stdin = os.fdopen(0, encoding="utf-8", errors="surrogateescape")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="surrogateescape")
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    sys.argv = [MAIN, *wanted["arguments"]]
    runpy.run_path(MAIN, run_name="__main__")
    sys.exit()


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    # The composition root, and what it loads when a house is built.
    import alembic.command
    import alembic.config  # noqa: F401
    import h11  # noqa: F401
    import jsonschema  # noqa: F401

    import bot.faces.http.app
    import bot.faces.http.server  # noqa: F401
    import intents.llm
    import intents.recognise  # noqa: F401
    import main  # noqa: F401
    import storage.sql  # noqa: F401
    from connectors._kit.shelf import find_connectors

    find_connectors()
    gc.collect()
    gc.freeze()
    _bear_for_ever(socket.socket(fileno=int(sys.argv[1])))
