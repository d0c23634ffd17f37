"""Set up a rota, or change who is in it and when it is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.moments import clock
from engine.commands.rostering import saved, says
from engine.commands.speaking import local
from engine.commands.whom import person, rota_id, rotas
from engine.errors import Conflict, Rejected
from engine.monitoring.oncall import WEEKDAYS, Member, Rota, checked, turn_of
from engine.parties import Role

NINE = time(9)
EXAMPLE = "/oncall set ops @ada @bob weekly monday 9:00 Europe/Berlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRota(Command):
    """``members``: as they are mentioned, blanks between them, in the order of their turns. ``every``: days. ``at``: ``9:00``; ``zone``: IANA.

    The first of them has the turn that runs now; overrides of a rota that there is already are kept.
    """

    NAME: ClassVar[str] = "set_rota"
    NEEDS: ClassVar[Role] = Role.ADMIN
    SLASH: ClassVar[str] = "/oncall set"
    HELP: ClassVar[str] = "Set who is on call one after the other, and when they hand over."
    EXAMPLE: ClassVar[str] = EXAMPLE
    rota: str
    members: str
    every: str = "7"
    day: str = ""
    at: str = ""
    zone: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        id = rota_id(self.rota)
        if not id:
            raise Rejected(f"A rota needs a name of letters. For example: {EXAMPLE}")
        there = (await rotas(house)).get(id)
        members = tuple([await person(house, asking, said, self.places) for said in self.members.split()])
        rota = checked(self._made(id, members, there, asking))
        try:
            await house.store.ledger.record(saved(rota, asking.at), house.audit(asking, self.NAME, f"rota_{id}", self._detail(rota)))
        except Conflict as error:
            raise Conflict(f"Somebody else changed the rota “{id}” at the same moment. Look at it (/oncall) and say it again.") from error
        return done(f"The rota is {'changed' if there else 'set up'}\n{says(rota, asking, asking.at)}", public=True)

    def _made(self, id: str, members: tuple[Member, ...], there: Rota | None, asking: Asking) -> Rota:
        if not self.every.strip().isdecimal():
            raise Rejected(f"“{self.every[:40]}” is no number of days. For example: {EXAMPLE}")
        at = clock(self.at) if self.at else NINE
        if at is None:
            raise Rejected(f"“{self.at[:40]}” is no time of a day. Write it like 9:00.")
        zone = self.zone or asking.timezone
        rota = Rota(
            id=id, name=self.rota.strip(), members=members, start=_first_day(self.day, asking, zone), at=at, zone=zone, every=int(self.every[:4]),
            overrides=there.overrides if there else (), revision=there.revision + 1 if there else 1,
        )  # fmt: skip
        if not members or not 1 <= rota.every <= 366:
            return rota  # refused at the door
        # The turn that runs now is the first one's, though it may have begun before today.
        turn = turn_of(checked(rota), asking.at) % len(members)
        return replace(rota, start=rota.start + timedelta(days=turn * rota.every - (len(members) * rota.every if turn else 0)))

    @staticmethod
    def _detail(rota: Rota) -> str:
        return f"{', '.join(member.id for member in rota.members)}; every {rota.every} days at {rota.at:%H:%M} {rota.zone}, {rota.weekday}"


def _first_day(day: str, asking: Asking, zone: str) -> date:
    """Today, or the last such weekday."""
    today = local(asking.at, zone).date()
    if not day.strip():
        return today
    names = [name for name in WEEKDAYS if name.casefold().startswith(day.strip().casefold()[:9])]
    if len(day.strip()) < 2 or len(names) != 1:
        raise Rejected(f"“{day[:40]}” is no day of the week. For example: {EXAMPLE}")
    return today - timedelta(days=(today.weekday() - WEEKDAYS.index(names[0])) % 7)
