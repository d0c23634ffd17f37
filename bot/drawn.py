"""The card of an answer, with the pictures that belong to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.cards.card import Card
from bot.cards.draw import DRAWINGS
from bot.cards.impact import impact as impact_card
from bot.cards.map import dependencies as map_card
from bot.cards.outlook import metrics as metrics_card
from bot.charted import with_charts
from engine.commands.command import ImpactShown, MetricsShown, Result
from engine.commands.map_shown import DependenciesShown
from engine.errors import SignalboxError
from engine.graph.words import alt_text
from engine.ports import Pictures

log = logging.getLogger(__name__)


async def card_of(result: Result, pictures: Pictures) -> Card:
    """The card of an answer; pictures are drawn off the loop, and the words stand alone when they cannot be."""
    if isinstance(result, ImpactShown):
        return impact_card(result, await _picture(result, pictures), alt_text(result.drawing))
    if isinstance(result, DependenciesShown):
        return map_card(result, await _drawn(result.drawing, pictures), alt_text(result.drawing))
    if isinstance(result, MetricsShown):
        return metrics_card(result, await _chart(result, pictures))
    return await with_charts(DRAWINGS[type(result)](result), result, pictures)


async def _picture(result: ImpactShown, pictures: Pictures) -> bytes | None:
    return await _drawn(result.drawing, pictures) if result.impact.workflows else None


async def _drawn(drawing: Mapping[str, Any], pictures: Pictures) -> bytes | None:
    try:
        return await pictures.impact(drawing)
    except SignalboxError as error:
        log.warning("picture of who needs whom: %s", error)
        return None


async def _chart(result: MetricsShown, pictures: Pictures) -> bytes | None:
    if result.chart is None:
        return None
    try:
        return await pictures.chart(result.chart)
    except SignalboxError as error:
        log.warning("chart: %s", error)
        return None
