"""Set a maintenance window or a silence: previewed with what it would mean, then confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import earlier, open_draft, settle, settled
from engine.commands.house import House
from engine.commands.maintaining import AT_ONCE, lasting, meaning, told
from engine.commands.moments import in_zone
from engine.errors import Rejected
from engine.events import PolicySaved
from engine.monitoring.silence import KIND, Matcher, Silence, SilenceKind, body_of, checked, silence_of
from engine.parties import Role
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Draft

NOTICE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMaintenance(Command):
    """``start`` None = now. ``every``: an RRULE; the window recurs then. ``notice``: how long before it is announced. ``kind``: maintenance or silence."""

    NAME: ClassVar[str] = "set_maintenance"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts maintenance set"
    HELP: ClassVar[str] = "Keep alerts of a service quiet while somebody works on it; what outlasts the window is told."
    EXAMPLE: ClassVar[str] = "/alerts maintenance set github tonight 22:00 to 23:30"
    service: str = ""
    start: datetime | None = None
    until: datetime | None = None
    every: str = ""
    note: str = ""
    rule: str = ""
    severity: str = ""
    notice: timedelta | None = None
    kind: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        silence = self._made(house, asking)
        sentences = [told(silence, asking.timezone), *await meaning(house, silence.match.service, silence.starts, silence.ends)]
        sentences.append("It is watched as ever; nobody is told of its alerts meanwhile. What still fires at the end is told then.")
        title = f"{silence.kind.value.capitalize()} of {silence.match.in_words(product(silence.match.service))}"
        return await open_draft(
            house,
            asking,
            command=self.NAME,
            text="\n".join(sentences),
            more={"title": title, "id": silence.id, "silence": body_of(silence)},
        )

    def _made(self, house: House, asking: Asking) -> Silence:
        """Raises Invalid or Rejected, saying what is missing."""
        if self.until is None:
            raise Rejected("Until when? For example: /alerts maintenance set github for 2 hours")
        service = house.service(self.service).id if self.service else ""
        zone = asking.timezone or house.timezone
        start, until = in_zone(self.start, zone), in_zone(self.until, zone) or self.until
        word = self.kind or SilenceKind.MAINTENANCE.value
        if word not in list(SilenceKind):
            raise Rejected(f"“{word[:40]}” is neither maintenance nor silence.")
        starts = max(start, asking.at) if start and not self.every else start or asking.at
        every = lasting(self.every, starts - AT_ONCE, zone) if self.every else ""
        silence = Silence(
            id=house.clock.new_id("sil"), kind=SilenceKind(word), match=Matcher(service=service, rule=self.rule, severity=self.severity),
            starts=starts, ends=until, by=asking.actor.id, by_name=asking.actor.name, made_at=asking.at, because=self.note,
            every=every, lasts=(until - starts).total_seconds(), timezone=zone, where=str(asking.where),
            notice=(NOTICE if self.notice is None else self.notice).total_seconds() if starts > asking.at else 0.0,
        )  # fmt: skip
        return checked(silence, asking.at)

    @classmethod
    async def confirmed(cls, house: House, asking: Asking, draft: Draft) -> Outcome:
        body = draft.arguments["silence"]
        assert isinstance(body, dict)
        silence = checked(silence_of(str(draft.arguments["id"]), body, 1), asking.at)
        saved = PolicySaved(KIND, silence.id, body_of(silence), asking.at, 1)
        await settle(house, draft, saved, house.audit(asking, cls.NAME, silence.id, told(silence, "UTC")))
        return await settled(house, asking, draft)
