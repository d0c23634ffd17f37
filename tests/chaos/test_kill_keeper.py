"""kill -9 while people are called: every level is called once, every hand-over told once, whatever dies when."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.house import open_store
from tests.chaos.keeper_house import CALLS
from tests.chaos.lives import killed_and_ended
from tests.engine.clock import NOON


@pytest.mark.slow
async def test_kills_at_any_point_call_nobody_twice_and_leave_nobody_out(tmp_path: Path) -> None:
    dice = random.Random(11)
    # Somebody is always due by then, so it dies close to a call.
    killed_and_ended("tests.chaos.keeper_house", tmp_path, [dice.random() * 0.05 for _ in range(10)])
    store = await open_store(tmp_path)
    try:
        postings = await store.postings.due(NOON + timedelta(days=90_000), limit=10_000)
        rows = await store.audit.list(subject="alr_1", limit=1_000)
    finally:
        await store.close()
    calls = sorted((one for one in postings if one.kind == "call"), key=lambda one: one.id)
    assert [one.payload["level"] for one in calls] == list(range(1, CALLS + 1))
    assert [row.verb for row in rows] == ["call_alert"] * CALLS
    handed: list[dict[str, Any]] = [dict(one.payload) for one in sorted(postings, key=lambda one: one.id) if one.kind == "handover"]
    assert handed, "no shift ended meanwhile"
    assert all(one["leaves"]["id"] != one["starts"]["id"] for one in handed)
    assert all(before["starts"]["id"] == after["leaves"]["id"] for before, after in pairwise(handed))
