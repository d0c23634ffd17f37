"""Reports that are posted by themselves: ordered, listed, ended; or one of them posted now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, PlansShown
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.maintaining import again, lasting
from engine.commands.reported import reported
from engine.commands.speaking import spoken
from engine.errors import NotFound, Rejected
from engine.events import PolicySaved
from engine.monitoring.report import KIND, ReportPlan, What, body_of, plan_of
from engine.parties import Address, Role
from engine.workflow.calendar import next_fire
from engine.workflow.catalogue import did_you_mean, listed

SPANS = {What.HEALTH: timedelta(days=1), What.DIGEST: timedelta(days=1), What.QUALITY: timedelta(days=7), What.ONCALL: timedelta(days=1)}
MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport(Command):
    """``what``: health, digest, quality or oncall; ``every`` "" = now, here. ``channel``: where, "" = here. ``off``: the id of one to end."""

    NAME: ClassVar[str] = "plan_report"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts report"
    HELP: ClassVar[str] = "Post a report here again and again: health, digest, quality or oncall; alone it lists them."
    EXAMPLE: ClassVar[str] = "/alerts report digest every weekday at 9:00"
    what: str = ""
    every: str = ""
    timezone: str = ""
    channel: str = ""
    off: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if self.off:
            return await self._ended(house, asking)
        if not self.what:
            return Outcome(result=PlansShown(plans=tuple(await plans(house)), timezone=asking.timezone))
        what = self._what()
        if not self.every:
            return Outcome(result=await reported(house, what, asking.at - SPANS[what], asking.at, asking.timezone), public=True)
        return await self._planned(house, asking, what)

    def _what(self) -> What:
        word = self.what.strip().casefold()
        if word not in list(What):
            raise Rejected(f"There is no report “{self.what[:40]}”.{did_you_mean(word, list(What))} There are {listed(What)}.")
        return What(word)

    async def _planned(self, house: House, asking: Asking, what: What) -> Outcome:
        zone = self.timezone or asking.timezone or house.timezone
        every = lasting(self.every, asking.at, zone)
        first = next_fire(again(every, zone), asking.at, zone)
        if first is None:
            raise Rejected("That time never comes. Say for example “every weekday at 9:00”.")
        if len(await plans(house)) >= MOST:
            raise Rejected(f"{MOST} reports are posted already. /alerts report lists them; end one first.")
        to = Address.parse(self.channel, asking.where.face) if self.channel else Address(asking.where.face, asking.where.channel)
        plan = ReportPlan(
            id=house.clock.new_id("rpt"), what=what, every=every, timezone=zone, to=str(to), by_name=asking.actor.name, next_at=first,
            last=asking.at,
        )  # fmt: skip
        saved = PolicySaved(KIND, plan.id, body_of(plan), asking.at, 1)
        await house.store.ledger.record(saved, house.audit(asking, self.NAME, plan.id, f"{what.value} {self.every} to {to}"))
        return done(f"The {what.value} report comes to {to.channel} next on {spoken(first, asking.timezone)}, and so on.", public=True)

    async def _ended(self, house: House, asking: Asking) -> Outcome:
        found = [one for one in await plans(house) if self.off in (one.id, one.what.value)]
        if not found:
            raise NotFound(f"No report “{self.off[:60]}” is posted by itself. /alerts report lists those there are.")
        if len(found) > 1:
            raise Rejected(f"{len(found)} reports are called that. Say which by its id: {listed([one.id for one in found], 'or')}.")
        (plan,) = found
        gone = PolicySaved(KIND, plan.id, None, asking.at, plan.revision + 1)
        await house.store.ledger.record(gone, house.audit(asking, "end_report", plan.id, plan.what.value))
        return done(f"The {plan.what.value} report is not posted any more.", public=True)


async def plans(house: House) -> list[ReportPlan]:
    """The one that comes next first."""
    found = [plan_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(KIND)]
    return sorted(found, key=lambda one: (one.next_at, one.id))
