"""The digest of alerts: what began, what is open, how long people took, over a span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import ClassVar

from engine.commands.command import Asking, Command, DigestShown, Outcome
from engine.commands.house import House
from engine.errors import Rejected
from engine.monitoring.incident import incidents

DAY = timedelta(days=1)
LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDigest(Command):
    NAME: ClassVar[str] = "alert_digest"
    SLASH: ClassVar[str] = "/alerts digest"
    HELP: ClassVar[str] = "What alerted in the last day or longer: incidents, who took them, how long they lasted."
    EXAMPLE: ClassVar[str] = "/alerts digest 7d"
    window: timedelta | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        window = self.window or DAY
        if not timedelta() < window <= LONGEST:
            raise Rejected(f"A digest speaks of at most {LONGEST.days} days; say for example 7d.")
        return Outcome(result=await digest(house, asking.at - window, asking.at, asking.timezone))


async def digest(house: House, since: datetime, until: datetime, timezone: str = "UTC") -> DigestShown:
    found = {one.id: one for one in await house.store.alerts.between(since, until)}
    for leader in {one.leader for one in found.values()} - set(found):  # over long ago, but what it leads is not
        if (lead := await house.store.alerts.get(leader)) is not None:
            found[leader] = lead
    whole = incidents(found.values())
    waits = [(one.lead.acknowledged_at - one.opened_at).total_seconds() for one in whole if one.lead.acknowledged_at]
    lengths = [(one.resolved_at - one.opened_at).total_seconds() for one in whole if one.resolved_at]
    return DigestShown(
        since=since, until=until, incidents=whole, called=sum(any(member.level for member in one.members) for one in whole),
        quiet=sum(all(member.quiet for member in one.members) for one in whole), to_acknowledge=median(waits) if waits else None,
        to_resolve=median(lengths) if lengths else None, timezone=timezone,
    )  # fmt: skip
