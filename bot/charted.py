"""A chart as a part of a card: the picture with its words, or the words alone where it could not be drawn."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from bot.cards.card import Card, CodeBlock, Part, Picture
from bot.cards.words import small
from engine.commands.command import AnalyticsShown, HealthShown, ObjectivesShown, PostMortemShown
from engine.errors import SignalboxError
from engine.monitoring.charting import Chart
from engine.monitoring.charting_words import alt_text
from engine.ports import Pictures

log = logging.getLogger(__name__)


async def with_charts(card: Card, result: object, pictures: Pictures | None) -> Card:
    """The card with the charts of its result below its words, above a document; without somebody to draw them, as it is."""
    chart: Chart | None = None
    if isinstance(result, HealthShown):
        chart, name = result.strip, "last-90-days"
    elif isinstance(result, ObjectivesShown):
        chart, name = result.chart, "error-budget"
    elif isinstance(result, PostMortemShown):
        chart, name = result.chart, f"timeline-{result.incident.id}"
    elif isinstance(result, AnalyticsShown):
        chart, name = result.chart, "analytics"
    if chart is None or pictures is None:
        return card
    at = next((place for place, part in enumerate(card.body) if isinstance(part, CodeBlock)), len(card.body))
    return replace(card, body=(*card.body[:at], await charted(pictures, chart, name), *card.body[at:]))


async def charted(pictures: Pictures, chart: Chart, name: str) -> Part:
    """``name``: of the file, without its ending. Never raises the hall's errors: a card without its picture still says what matters."""
    alt = alt_text(chart)
    try:
        png = await pictures.chart(chart)
    except SignalboxError as error:
        log.warning("chart %s: %s", name, error)
        return small(alt)
    return Picture(png, alt, f"{re.sub(r'[^A-Za-z0-9_-]', '-', name)[:60] or 'chart'}.png")
