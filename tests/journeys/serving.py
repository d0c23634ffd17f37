"""``python main.py serve`` in a process of its own (born in ``tests.nursery``), found by the address it leaves in its data folder, spoken to over HTTP."""

from __future__ import annotations

import http.client
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from tests.nursery import MAIN as MAIN
from tests.nursery import ROOT as ROOT
from tests.nursery import Process, born

TOKEN = "journey-token-of-tests"
PATIENCE = 30.0  # seconds anything may take on a busy machine


def environ(data: Path, **more: str) -> dict[str, str]:
    """A clean one: nothing of whoever runs the tests, all state in ``data``."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
    own = {"SIGNALBOX_DATA": str(data), "SIGNALBOX_API_TOKEN": TOKEN, "SIGNALBOX_PORT": "0", "USER": "ana"}
    return kept | own | more


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> str:
        return str(self.json.get("error"))


@dataclass(frozen=True)
class Serving:
    """A running server; ``log`` is its standard error."""

    process: Process
    address: str
    log: Path

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = TOKEN, **headers: str) -> Answer:
        """``body``: bytes go as they are, anything else as JSON. Header names: ``X_GitHub_Event`` is ``X-GitHub-Event``."""
        sent = {"Authorization": f"Bearer {token}"} if token is not None else {}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=PATIENCE)
        try:
            try:
                connection.request(method, path, content, sent)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough and answers
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())
        finally:
            connection.close()

    def say(self, text: str, **more: str) -> Answer:
        return self.ask("POST", "/api/v2/chat", {"text": text, **more})

    def names(self) -> list[str]:
        return [flow["name"] for flow in self.ask("GET", "/api/v2/ai-workflows").json["workflows"]]

    def stop(self, signal: int) -> int:
        """Its exit code, soon."""
        self.process.send_signal(signal)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(data: Path, *arguments: str, **more: str) -> Iterator[Serving]:
    """Until it is ready, and stopped at the end if it still runs."""
    data.parent.mkdir(parents=True, exist_ok=True)
    log = data.with_name(f"{data.name}.log")
    with log.open("ab") as err:
        process = born(["serve", *arguments], folder=data.parent, environ=environ(data, **more), stdout=subprocess.PIPE, stderr=err)
    try:
        yield Serving(process, _address(data / "address", process, log), log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def _address(told: Path, process: Process, log: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if told.exists() and (address := told.read_text()):
            return address
        time.sleep(0.02)
    raise AssertionError(f"it did not start:\n{log.read_text()}")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def command(data: Path, *arguments: str, said: bytes = b"", more: Mapping[str, str] | None = None) -> Ended:
    """``main.py`` with these arguments, run to its end."""
    with TemporaryFile() as heard, TemporaryFile() as out, TemporaryFile() as err:
        heard.write(said)
        for stream in (heard, out, err):
            stream.seek(0)
        process = born(arguments, folder=data.parent, environ=environ(data, **(more or {})), stdin=heard, stdout=out, stderr=err)
        try:
            code = process.wait(PATIENCE)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        ended = Ended(code, out.read().decode(), err.read().decode())
    assert "Traceback" not in ended.out + ended.err, ended
    return ended


def within(capsys: Any, *arguments: str, said: bytes = b"") -> Ended:
    """The same in this process, which is faster; its environment and folder are those of the test."""
    import main

    heard, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(said))
    try:
        code = main.main(arguments)
    except SystemExit as end:  # argparse leaves so
        code = int(str(end.code))
    finally:
        sys.stdin.close()
        sys.stdin = heard
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err, shown
    return Ended(code, shown.out, shown.err)


def settle_in(monkeypatch: Any, data: Path, **more: str) -> Path:
    """Commands in this process use ``data`` and stand in the folder it lies in."""
    for name in [name for name in os.environ if name.startswith(("SIGNALBOX_", "SLACK_", "DISCORD_", "GITHUB_", "TRELLO_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    for name, value in environ(data, **more).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(data.parent)
    return data
