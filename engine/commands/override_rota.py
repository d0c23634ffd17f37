"""Let somebody stand in on a rota for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.moments import EXAMPLES, in_zone
from engine.commands.rostering import one, saved, stands_in
from engine.commands.speaking import spoken
from engine.commands.whom import person
from engine.errors import Conflict, Rejected
from engine.monitoring.oncall import Override
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRota(Command):
    """``start`` None = now. Without a ``rota`` the only one there is."""

    NAME: ClassVar[str] = "override_rota"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/oncall override"
    HELP: ClassVar[str] = "Let somebody be on call for a while, whoever's turn it is."
    EXAMPLE: ClassVar[str] = "/oncall override ops @cem from friday 18:00 until monday 9:00"
    user: str
    rota: str = ""
    start: datetime | None = None
    until: datetime | None = None
    places: Mapping[str, str] = field(default_factory=dict)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        until, start = in_zone(self.until, asking.timezone), in_zone(self.start, asking.timezone) or asking.at
        if until is None:
            raise Rejected(f"Until when? {EXAMPLES}")
        if until <= asking.at:
            raise Rejected(f"That is past already, so nothing was changed. {EXAMPLES}")
        who = await person(house, asking, self.user, self.places)
        rota = await one(house, asking, self.rota)
        later = stands_in(rota, Override(start, until, who, asking.actor.name), asking.at)
        detail = f"{who.id} from {start.isoformat(timespec='minutes')} until {until.isoformat(timespec='minutes')}"
        try:
            await house.store.ledger.record(saved(later, asking.at), house.audit(asking, self.NAME, f"rota_{rota.id}", detail))
        except Conflict as error:
            raise Conflict(
                f"Somebody else changed the rota “{rota.id}” at the same moment. Look at it (/oncall) and say it again."
            ) from error
        since = f"from {spoken(start, asking.timezone)}" if start > asking.at else "from now on"
        return done(f"{rota.name}: {who.name} is on call {since} until {spoken(until, asking.timezone)}.", public=True)
