"""kill -9 while the house polls: everything on the list after the first look starts its run, and starts it once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.house import open_store

ROOT = Path(__file__).parents[2]


def spawn(folder: Path, *flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.poll_house", str(folder), *flags], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
async def test_kills_between_commit_and_next_poll_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    dice = random.Random(7)
    for _ in range(6):
        process = spawn(tmp_path)
        assert process.stdout is not None
        with process.stdout as said:
            assert said.readline() == "ready\n", "the house did not come up again"
            time.sleep(0.05 + dice.random() * 0.3)
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
    process = spawn(tmp_path, "--last")
    assert process.stdout is not None
    with process.stdout:
        assert process.wait(timeout=120) == 0, "the last life did not act on everything"
    store = await open_store(tmp_path)
    try:
        runs = await store.runs.list(limit=100_000)
        facts = [await store.runs.facts(run.id) for run in runs]
    finally:
        await store.close()
    started = Counter(str(found[0].data["event"]["title"]) for found in facts)  # type: ignore[index, call-overload]
    on_the_list = (tmp_path / "cards").stat().st_size
    assert on_the_list > 30
    assert started == Counter(f"card {n}" for n in range(on_the_list))
