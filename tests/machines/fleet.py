"""Several processes of one house, started and killed by tests; the test itself is one more, which only writes down what people ask."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from engine.workflow.run import Fact, FactKind, RunRecord, RunState
from tests.machines.machine import Machine, read_book

ROOT = Path(__file__).parents[2]
STOP, GO_ON = signal.SIGSTOP, signal.SIGCONT


class Fleet:
    """``async with Fleet(url, folder) as fleet``; ``asker`` drives nothing."""

    asker: Machine

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.processes: list[subprocess.Popen[str]] = []

    async def __aenter__(self) -> Fleet:
        self.asker = await Machine.open(self.url, self.folder)
        await self.asker.machines.retelling.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        await self.asker.stop()
        await self.asker.close()

    async def join(self, count: int = 1) -> list[subprocess.Popen[str]]:
        """So many more processes, ready."""
        command = [sys.executable, "-m", "tests.machines.machine", self.url, str(self.folder)]
        fresh = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)]
        self.processes += fresh
        for process in fresh:
            assert process.stdout is not None
            assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        return fresh

    def of(self, pid: int) -> subprocess.Popen[str]:
        return next(process for process in self.processes if process.pid == pid)

    def go(self) -> None:
        """``wait`` actions answer from now on."""
        (self.folder / "go").touch()

    # --- what happened

    def calls(self, key: str = "") -> list[int]:
        """The processes that put asks whose key ends so, in order."""
        return [pid for kind, called, pid, _ in read_book(self.folder) if kind == "call" and called.endswith(key)]

    def effects(self, key: str) -> int:
        return sum(kind == "effect" and called.endswith(key) for kind, called, *_ in read_book(self.folder))

    async def called(self, key: str, times: int = 1) -> int:
        """The process that put it, once it has been put so often."""
        await until(lambda: len(self.calls(key)) >= times)
        return self.calls(key)[-1]

    async def facts(self, run_id: str) -> list[Fact]:
        return await self.asker.store.runs.facts(run_id)

    async def kinds(self, run_id: str, step: str) -> list[FactKind]:
        return [fact.kind for fact in await self.facts(run_id) if fact.step == step]

    async def has(self, run_id: str, step: str, kind: FactKind) -> None:
        while kind not in await self.kinds(run_id, step):
            await asyncio.sleep(0.02)

    async def over(self, *run_ids: str) -> list[RunState]:
        return [record.state for record in await self.until(lambda record: record.state.over, run_ids)]

    async def until(self, true: Callable[[RunRecord], bool], run_ids: Sequence[str]) -> list[RunRecord]:
        while True:
            found = [await self.asker.store.runs.get(run_id) for run_id in run_ids]
            records = [record for record in found if record is not None]
            if len(records) == len(run_ids) and all(true(record) for record in records):
                return records
            await asyncio.sleep(0.02)


async def until(true: Callable[[], bool]) -> None:
    """The test's own timeout is the bound."""
    while not true():
        await asyncio.sleep(0.02)
