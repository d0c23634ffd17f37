"""The command line at a real terminal: ``python main.py chat`` under a pseudo-terminal, alone and beside a running server."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.nursery import ROOT, Process, born

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal, which this system does not have")

SENTENCE = "when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases"
PATIENCE = 20.0  # seconds anything may take on a busy machine
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")
TOKEN = "journey-token-of-tests"


def environ(data: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"SIGNALBOX_DATA": str(data), "SIGNALBOX_API_TOKEN": TOKEN, "USER": "ana", "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    return kept | own | {"SIGNALBOX_PORT": "0"} | more


class Screen:
    """What stands on the terminal, and the keys before it."""

    def __init__(self, fd: int, process: Process) -> None:
        self._fd, self.process = fd, process
        self._raw = b""
        self._seen = 0

    @property
    def text(self) -> str:
        return _ESCAPES.sub("", self._raw.decode("utf-8", "replace"))

    def type(self, line: str, end: str = "\r") -> None:
        self._seen = len(self.text)
        os.write(self._fd, f"{line}{end}".encode())

    def see(self, *patterns: str) -> re.Match[str]:
        """Waits until each pattern stands in what has come since the last line was typed; gives the last one's match."""
        deadline = time.monotonic() + PATIENCE
        while True:
            new = self.text[self._seen :]
            found = [re.search(pattern, new) for pattern in patterns]
            if all(found) and found[-1]:
                return found[-1]
            assert time.monotonic() < deadline, f"waited in vain for {patterns}; there stands:\n{self.text[-6000:]}"
            self._read(0.1)

    def _read(self, patience: float) -> bool:
        if not select.select([self._fd], [], [], patience)[0]:
            return True
        try:
            came = os.read(self._fd, 65536)
        except OSError:  # how Linux says that the other side is closed
            came = b""
        if b"\x1b[6n" in came:  # asked where the cursor is; a terminal answers
            os.write(self._fd, b"\x1b[1;1R")
        self._raw += came
        return bool(came)

    def leave(self) -> int:
        """Ctrl-D, again where it fell between two prompts; the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            os.write(self._fd, b"\x04")
            pressed = time.monotonic()
            while self.process.poll() is None and time.monotonic() < pressed + 1:
                if not self._read(0.05):
                    break
        return self.process.wait(5)


@contextmanager
def chat(settings: Mapping[str, str]) -> Iterator[Screen]:
    ours, theirs = pty.openpty()
    shown = {**settings, "COLUMNS": "120", "LINES": "40"}
    process = born(["chat"], folder=ROOT, environ=shown, stdin=theirs, stdout=theirs, stderr=theirs, session=True)
    os.close(theirs)
    try:
        screen = Screen(ours, process)
        screen.see("Ctrl-D leaves", "›")
        yield screen
    finally:
        ended(process)
        os.close(ours)


@contextmanager
def serving(settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "main.py", "serve"], cwd=ROOT, env=settings, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        deadline, said = time.monotonic() + PATIENCE, b""
        while b"is ready" not in said:
            assert time.monotonic() < deadline, said.decode()
            if select.select([process.stderr], [], [], 0.2)[0]:
                came = os.read(process.stderr.fileno(), 65536)
                assert came, said.decode()
                said += came
        yield process
    finally:
        ended(process)
        process.stderr.close()


def ended(process: Process) -> None:
    if process.poll() is None:
        process.kill()
    process.wait(PATIENCE)


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def request(port: str, method: str, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    content = json.dumps(body).encode() if body else None
    return urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{port}{path}", content, headers, method=method), timeout=PATIENCE
    )


def rest(port: str, method: str, path: str, **body: Any) -> None:
    with request(port, method, path, **body) as answer:
        assert answer.status == 200


@contextmanager
def news(port: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """(name, data) of what happens from now on."""
    with request(port, "GET", "/api/v2/events") as stream:
        yield events(stream)


def events(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        kind, _, value = line.decode().strip().partition(":")
        if kind == "event":
            name = value.strip()
        elif kind == "data":
            yield name, json.loads(value)


def test_alone_a_sentence_is_previewed_pressed_by_number_run_and_there_again_the_next_time(tmp_path: Path) -> None:
    settings = environ(tmp_path)
    with chat(settings) as screen:
        screen.type(SENTENCE)
        confirm = screen.see("GitHub", "Trello", "sandbox", r"(\d+)  Confirm .*\d+  Edit .*\d+  Cancel")[1]
        screen.type(confirm)
        screen.see("Confirmed by ana")
        screen.type("/flow run release")
        screen.see(r"\[OK\] .*· done", r"✓ .*https://trello", "Speed up the login")
        screen.type("what breaks if trello goes down?")
        screen.see("1 workflow", "stops", r"\[picture\] .*Trello")
        screen.type("/flow run no-such-thing")
        screen.see("no workflow called “no-such-thing”")
        assert screen.leave() == 0
    with chat(settings) as screen:
        screen.type("/flow list")
        screen.see("1 workflow", "Merged pull requests to the Release board", "done")
        assert screen.leave() == 0


@pytest.mark.slow
def test_beside_a_server_cards_change_by_themselves_and_alerts_come(tmp_path: Path) -> None:
    port = free_port()
    settings = environ(tmp_path, SIGNALBOX_PORT=port, SIGNALBOX_PROBE_INTERVAL="0.2")
    with serving(settings) as server, chat(settings) as screen:
        with news(port) as happened:
            screen.type(SENTENCE)
            screen.see("Confirm")
            draft = next(data["id"] for name, data in happened if name == "draft")
        rest(port, "POST", "/api/v2/actions", card=draft, verb="confirm", version=1, actor="ben")
        screen.see("Confirmed by ben")

        rest(port, "POST", "/api/v2/sandbox/faults", service="trello", kind="down")
        acknowledge = screen.see("Trello · firing", r"(\d+)  Acknowledge")[1]
        screen.type(acknowledge)
        screen.see("Trello · acknowledged", r"Acknowledged by\s+ana")
        rest(port, "DELETE", "/api/v2/sandbox/faults")
        screen.see(r"\[OK\] .*Trello · resolved")
        assert screen.leave() == 0
        assert server.poll() is None, "who leaves the chat does not stop the server"
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0
