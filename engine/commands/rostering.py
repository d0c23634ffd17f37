"""Rotas as commands speak of them: shown, changed, described in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from engine.commands.command import Asking, OnCallShown
from engine.commands.house import House
from engine.commands.speaking import spoken
from engine.commands.whom import named, rotas
from engine.errors import NotFound
from engine.events import PolicySaved
from engine.monitoring.oncall import KIND, Override, Rota, Shift, body_of, checked, on_call, overridden, shifts

AHEAD = 4  # shifts shown of one rota


async def shown(house: House, rota: str = "", timezone: str = "UTC") -> OnCallShown:
    """Of one rota or of all. Raises NotFound for one there is not."""
    known = await rotas(house)
    wanted = [named(known, rota)] if rota else list(known.values())
    now = house.clock.now()
    rows = tuple((one, *_now_and_next(one, now)) for one in wanted)
    return OnCallShown(rows=rows, ahead=tuple(ahead(wanted[0], now)) if len(wanted) == 1 else (), timezone=timezone)


def ahead(rota: Rota, now: datetime) -> Sequence[Shift]:
    return list(islice(shifts(rota, now, now.replace(year=now.year + 2, day=min(now.day, 28))), AHEAD))


def _now_and_next(rota: Rota, now: datetime) -> tuple[Shift, Shift]:
    shift = on_call(rota, now)
    return shift, on_call(rota, shift.until)


async def one(house: House, asking: Asking, name: str) -> Rota:
    """The rota of that name; without one the only one there is. Raises NotFound, naming those there are."""
    known = await rotas(house)
    if name.strip():
        return named(known, name)
    if len(known) != 1:
        raise NotFound(
            "Which rota?" + (f" There are: {', '.join(known)}." if known else " There is none: /oncall set ops @ada weekly monday 9:00")
        )
    return next(iter(known.values()))


def stands_in(rota: Rota, override: Override, now: datetime) -> Rota:
    """Raises Invalid for what cannot be."""
    return checked(overridden(rota, override, now))


def saved(rota: Rota, at: datetime) -> PolicySaved:
    return PolicySaved(KIND, rota.id, body_of(rota), at, rota.revision)


def says(rota: Rota, asking: Asking, now: datetime) -> str:
    """“ops: Ada until Monday …, then Bob.”"""
    shift, next_ = _now_and_next(rota, now)
    return f"{rota.name}: {shift.who.name} until {spoken(shift.until, asking.timezone)}, then {next_.who.name}."
