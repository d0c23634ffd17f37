"""kill -9 while the house polls: everything on the list after the first look starts its run, and starts it once."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.house import open_store
from tests.chaos.lives import killed_and_ended


@pytest.mark.slow
async def test_kills_between_commit_and_next_poll_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    dice = random.Random(7)
    killed_and_ended("tests.chaos.poll_house", tmp_path, [0.05 + dice.random() * 0.3 for _ in range(6)])
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
