"""When a schedule fires next: in its own zone by name, on the asker's clock where that is another, and what a change of clocks does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from bot.cards.card import Line
from bot.cards.words import moments
from engine.commands.speaking import local


def fire_fields(fires: Sequence[datetime], zone: str, asker: str) -> list[tuple[str, Line]]:
    """Fields of a card. ``zone`` is the schedule's, ``asker`` the asker's (IANA; empty or the same: not shown twice)."""
    if not fires:
        return []
    fields: list[tuple[str, Line]] = [("Fires next", moments(fires))]
    if zone:
        fields.append((f"In {zone}", (_written(fires, zone),)))
    if asker and asker != zone:
        fields.append((f"For you, in {asker}", (_written(fires, asker),)))
    return fields


def clock_change(since: datetime, fires: Sequence[datetime], zone: str, asker: str) -> str:
    """A sentence where the clocks of either zone change between ``since`` and the last of the fires; "" where they do not."""
    for where in dict.fromkeys(one for one in (zone, asker) if one):
        here = [local(at, where) for at in (since, *fires)]
        for before, after in pairwise(here):
            if before.utcoffset() != after.utcoffset():
                return (
                    f"The clocks in {where} change before {_day(after)} ({before:%Z} to {after:%Z}). "
                    f"The times above take that into account; the schedule follows the clocks of {zone or where}."
                )
    return ""


def _written(fires: Sequence[datetime], zone: str) -> str:
    return " · ".join(f"{_day(here)} {here:%H:%M %Z}" for here in (local(at, zone) for at in fires))


def _day(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b}"
