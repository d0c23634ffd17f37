"""A chart in a card: its picture with words, or the words alone."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.cards.card import Picture, Text
from bot.charted import charted
from engine.monitoring.charting import LineChart, Series
from tests.bot.talk import Painter

CHART = LineChart(title="GitHub", series=Series(), start=datetime(2026, 11, 23, tzinfo=UTC), end=datetime(2026, 11, 24, tzinfo=UTC))
WORDS = "GitHub, 24 h to 24 Nov 00:00 UTC. No data."


async def test_a_chart_becomes_a_picture_with_its_words_under_a_plain_name() -> None:
    part = await charted(Painter(), CHART, "latency ../github")
    assert isinstance(part, Picture)
    assert (part.alt, part.name) == (WORDS, "latency----github.png")


async def test_where_it_cannot_be_drawn_the_words_stand_alone() -> None:
    assert await charted(Painter(broken=True), CHART, "latency") == Text((WORDS,), small=True)
