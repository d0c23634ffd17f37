"""The reporter: posts the reports that are due, each once, and says when the next one is."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from engine.commands.maintaining import again
from engine.errors import Conflict, SignalboxError
from engine.events import PolicySaved, PostingWanted, Priority
from engine.monitoring.report import KIND, ReportPlan, body_of, plan_of
from engine.parties import Address
from engine.ports import Clock, Store
from engine.workflow.calendar import next_fire

log = logging.getLogger(__name__)

LATE = timedelta(hours=12)  # so much later is a report still posted that the house slept through


class Reporter:
    """``look`` is called every few seconds by one process of all."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def look(self) -> None:
        """The wanted posting and the next time are one commit: a death at any point neither loses a report nor posts it twice."""
        for policy in await self._store.policies.of(KIND):
            try:
                plan = plan_of(policy.id, policy.body, policy.revision)
                if plan.next_at <= self._clock.now():
                    await self._post(plan)
            except Conflict:
                log.info("the report %s was changed at this moment; it is looked at again", policy.id)
            except SignalboxError as error:
                log.warning("the report %s: %s", policy.id, error)

    async def _post(self, plan: ReportPlan) -> None:
        now = self._clock.now()
        posted = now - plan.next_at <= LATE
        after = next_fire(again(plan.every, plan.timezone), now, plan.timezone)
        # What a report that is left out would have told is told by the next one.
        last = plan.next_at if posted else plan.last
        later = replace(plan, number=plan.number + 1, last=last, next_at=after) if after is not None else None
        body = body_of(later) if later is not None else None
        events: list[PolicySaved | PostingWanted] = [PolicySaved(KIND, plan.id, body, now, plan.revision + 1)]
        if posted:
            said = {"what": plan.what.value, "since": plan.last.isoformat(), "until": plan.next_at.isoformat(), "timezone": plan.timezone}
            to = Address.parse(plan.to)
            events.append(PostingWanted(f"{plan.id}.{plan.number + 1}", "report", to, Priority.REPORT, said))
        await self._store.ledger.record(*events)
