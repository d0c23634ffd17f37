"""Snooze an alert: nobody is reminded or called until a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from engine.commands.about_alert import AboutOneAlert
from engine.commands.command import Asked, Asking, Outcome
from engine.commands.house import House
from engine.commands.moments import in_zone, moment
from engine.commands.speaking import spoken
from engine.errors import Rejected
from engine.monitoring.alert import snoozed
from engine.parties import Role

LONGEST = timedelta(days=30)
OPTIONS = (("30 minutes", "30m"), ("1 hour", "1h"), ("4 hours", "4h"), ("Tomorrow 9:00", "tomorrow 9:00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeAlert(AboutOneAlert):
    """``until``: a moment; ``within``: the same as people type it into a form, ``1h`` or ``tomorrow 9:00``."""

    NAME: ClassVar[str] = "snooze_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts snooze"
    HELP: ClassVar[str] = "Put an alert off: nobody is reminded or called until then, and then you are told."
    EXAMPLE: ClassVar[str] = "/alerts snooze github 1h"
    BUTTON: ClassVar[str] = "alr.snooze"
    until: datetime | None = None
    within: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> SnoozeAlert:
        return cls(alert=card, within=form.get("other", "").strip() or form.get("until", "") or arg or OPTIONS[1][1])

    async def handle(self, house: House, asking: Asking) -> Outcome:
        until = in_zone(self.until, asking.timezone) or (moment(self.within, asking.at, asking.timezone) if self.within else None)
        if until is None:
            said = {name: value for name, value in (("alert", self.alert), ("service", self.service), ("severity", self.severity)) if value}
            deeds = tuple((self.NAME, {**said, "within": within}) for _, within in OPTIONS)
            return Outcome(result=Asked(question="Until when should it be quiet?", options=OPTIONS, deeds=deeds))
        if until <= asking.at:
            raise Rejected("That time is past already. Say one to come, for example “for 1 hour” or “until tomorrow 8:00”.")
        if until > asking.at + LONGEST:
            raise Rejected(f"An alert can be snoozed for {LONGEST.days} days at most. For longer set a silence: /alerts maintenance")
        move = partial(snoozed, until=until, by=asking.actor.id, at=asking.at)
        when = spoken(until, asking.timezone)
        return await self.moved(
            house,
            asking,
            move,
            lambda name: f"{name}: quiet until {when}; then you are told.",
            f"until {until.isoformat(timespec='minutes')}",
        )
