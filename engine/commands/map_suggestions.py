"""Suggestions from what failed together, as they stand: what was found last, and what people answered."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.commands.house import House
from engine.commands.map_shown import SuggestedLine, SuggestionsShown
from engine.errors import Invalid
from engine.graph.declared import raw as read
from engine.graph.discovery.map import Map
from engine.graph.discovery.suggestions import AGAIN, Suggestion
from engine.graph.stored import ANSWERS, SUGGESTED, suggested_from
from engine.ports import Store

log = logging.getLogger(__name__)


async def suggested(store: Store) -> tuple[tuple[Suggestion, ...], datetime | None]:
    """What was found last, the surest first, and when that was."""
    learnt = await store.detectors.get(SUGGESTED)
    if learnt is None:
        return (), None
    try:
        return tuple(suggested_from(one) for one in read.sequence(learnt.state.get("found"), "“found”")), learnt.at
    except Invalid as error:
        log.warning("What was suggested last cannot be read and is left out: %s", error)
        return (), learnt.at


async def shown(house: House, card: str, map: Map, ids: Iterable[str] | None = None) -> SuggestionsShown:
    """Those with these ids, answered ones too; without ``ids`` those that wait for an answer."""
    found, learnt = await suggested(house.store)
    answers = {policy.id: policy.body for policy in await house.store.policies.of(ANSWERS)}
    open_rows = [one for one in found if not settled(one, answers.get(one.id), map)]
    if ids is None:
        return SuggestionsShown(id=card, rows=tuple(_row(one, map, None) for one in open_rows), learnt=learnt)
    by_id = {one.id: one for one in found} | {id: suggested_from(body) for id, body in answers.items() if id in (ids := tuple(ids))}
    rows = [_row(by_id[id], map, None if by_id[id] in open_rows else answers.get(id)) for id in ids if id in by_id]
    return SuggestionsShown(id=card, rows=tuple(rows), learnt=learnt)


def _row(one: Suggestion, map: Map, answer: Mapping[str, Any] | None) -> SuggestedLine:
    said = answer or {}
    return SuggestedLine(
        suggestion=one,
        dependant=map.label(one.source),
        cause=map.label(one.target),
        answer=str(said.get("answer", "")),
        by=str(said.get("by", "")),
    )


def settled(one: Suggestion, answer: Mapping[str, Any] | None, map: Map) -> bool:
    """Answered by a yes that still stands, or by a no since which it was not found so much oftener that it is asked anew."""
    if answer is None:
        return False
    if answer.get("answer") == "yes":
        return any(line.target == one.target for line in map.needs_of(one.source))
    return one.together < AGAIN * int(answer.get("together", 0))
