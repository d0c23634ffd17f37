"""The drawing process: alone, restarted, and gone when the house closes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.pictures.charts import chart_png
from bot.pictures.process import ROOT, DrawnPictures
from engine.errors import Rejected, Transient
from engine.monitoring.charting import LineChart, Series
from engine.ports import Pictures
from tests.engine.graph.houses import graph, manual, workflow


@pytest.fixture
async def pictures() -> AsyncIterator[DrawnPictures]:
    made = DrawnPictures()
    yield made
    await made.close()


def drawing() -> dict[str, Any]:
    house = graph(workflow(1, manual("trello.create_card"), name="release"))
    return house.drawing(house.impact("trello"))


def chart() -> LineChart:
    series = Series("mean", tuple(float(at) for at in range(0, 3_600, 60)), tuple(0.2 + at % 7 / 100 for at in range(60)))
    return LineChart(title="GitHub", series=series, start=datetime.fromtimestamp(0, UTC), end=datetime.fromtimestamp(3_600, UTC), unit="s")


def pid(pictures: DrawnPictures) -> int:
    assert pictures._process is not None
    return pictures._process.pid


async def test_a_drawing_becomes_a_picture_and_the_process_is_kept(pictures: DrawnPictures) -> None:
    port: Pictures = pictures
    first, second = await asyncio.gather(port.impact(drawing()), port.impact(drawing()))
    assert first == second
    assert first.startswith(b"\x89PNG")
    before = pid(pictures)
    await pictures.impact(drawing())
    assert pid(pictures) == before


async def test_a_bad_drawing_is_refused_and_the_next_one_drawn(pictures: DrawnPictures) -> None:
    with pytest.raises(Rejected, match="must be a list"):
        await pictures.impact({"nodes": "x"})
    with pytest.raises(Rejected, match="larger than"):
        await pictures.impact({"headline": "x" * 2_000_000})
    assert await pictures.impact(drawing())


async def test_a_chart_becomes_a_picture_in_the_same_process_and_always_the_same_one(pictures: DrawnPictures) -> None:
    port: Pictures = pictures
    first, between, second = await asyncio.gather(port.chart(chart()), port.impact(drawing()), port.chart(chart()))
    assert first == second != between
    assert first.startswith(b"\x89PNG")
    assert first == chart_png(chart())


async def test_what_is_no_chart_or_too_large_a_one_is_refused_and_the_next_one_drawn(pictures: DrawnPictures) -> None:
    with pytest.raises(Rejected, match="This is no chart"):
        await pictures.chart("x")  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="shorter time"):
        await pictures.chart(replace(chart(), series=Series("x", tuple(map(float, range(500_000))), tuple(map(float, range(500_000))))))
    assert await pictures.chart(chart())


async def test_a_chart_that_takes_too_long_is_told_in_a_sentence(pictures: DrawnPictures) -> None:
    await pictures.chart(chart())
    os.kill(pid(pictures), signal.SIGSTOP)
    pictures._timeout = 0.2
    with pytest.raises(Transient, match="took too long"):
        await pictures.chart(chart())


async def test_a_process_that_dies_is_started_again(pictures: DrawnPictures) -> None:
    await pictures.impact(drawing())
    os.kill(pid(pictures), signal.SIGKILL)
    with pytest.raises(Transient, match="ended unexpectedly"):
        await pictures.impact(drawing())
    assert await pictures.impact(drawing())


async def test_a_process_that_hangs_is_ended_and_started_again(pictures: DrawnPictures) -> None:
    await pictures.impact(drawing())
    os.kill(pid(pictures), signal.SIGSTOP)
    pictures._timeout = 0.2
    with pytest.raises(Transient, match="took too long"):
        await pictures.impact(drawing())
    pictures._timeout = 20
    assert await pictures.impact(drawing())


async def test_a_cancelled_request_does_not_leave_its_answer_for_the_next(pictures: DrawnPictures) -> None:
    await pictures.impact(drawing())
    os.kill(pid(pictures), signal.SIGSTOP)
    asked = asyncio.create_task(pictures.impact(drawing()))
    await asyncio.sleep(0.05)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    empty = graph().drawing()
    assert await pictures.impact(empty) != await pictures.impact(drawing())


async def test_closing_ends_the_process_and_may_be_done_twice(pictures: DrawnPictures) -> None:
    await pictures.impact(drawing())
    process = pictures._process
    await pictures.close()
    await pictures.close()
    assert process is not None
    assert process.returncode is not None


def test_the_process_ends_with_its_input_and_imports_nothing_of_the_house_but_charts() -> None:
    code = "import sys, bot.pictures.worker as w; w.serve(sys.stdin.buffer, sys.stdout.buffer); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, timeout=30, cwd=ROOT, check=True)
    loaded = done.stdout.decode().split()
    rooms = {
        name
        for name in loaded
        if name.partition(".")[0] in ("engine", "storage", "intents", "connectors", "main", "networkx", "sqlalchemy")
    }
    assert rooms == {"engine", "engine.monitoring", "engine.monitoring.charting", "engine.monitoring.figures"}
