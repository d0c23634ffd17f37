"""The adviser: looks for recommendations while the house works, applies those of the kinds people allowed, and measures what was applied.

Part of what one process of all has running; what it does is recorded as what people do is, and stands in the audit under Signalbox's own name.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from engine.commands.advice_applied import WANTED, apply
from engine.commands.advising import KIND, allowed, card_id, moved, refreshed
from engine.commands.command import Asking
from engine.commands.house import House
from engine.errors import Conflict, Invalid, Rejected
from engine.events import Event, PostingsTouched, PostingWanted, Priority
from engine.parties import SYSTEM, Address
from engine.ports import Policy
from engine.prediction.advice.measuring import Before, measured, ripe
from engine.prediction.advice.recommendation import NEVER_ALONE, Kind
from engine.prediction.advice.seen import RunSeen, run_seen
from engine.workflow.definition import Workflow, WorkflowState

log = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=1)  # between looks for new recommendations
MOST: Final = 200  # runs after that are counted
PATIENCE: Final = timedelta(minutes=30)  # for a run that was under way while somebody changed the workflow again


class Adviser:
    """``look`` is called again and again. ``wanted``: runs after which what was applied is measured."""

    def __init__(self, house: House, *, wanted: int = WANTED) -> None:
        self._house, self._wanted = house, wanted
        self._looked: datetime | None = None

    async def look(self) -> None:
        await self.measure()
        now = self._house.clock.now()
        if self._looked is None or now - self._looked >= EVERY:
            self._looked = now
            await self.advise()

    # --- what could be better

    async def advise(self) -> None:
        """Of workflows that ran since something was looked for last; one that cannot be looked at keeps no other from it."""
        since = self._house.clock.now() - 2 * EVERY
        ran = {record.workflow for record in await self._house.store.runs.list(since=since, limit=5_000)}
        for workflow in await self._house.store.workflows.list():
            if workflow.id in ran and workflow.state is WorkflowState.ACTIVE:
                await self._alone(workflow, await refreshed(self._house, workflow))

    async def _alone(self, workflow: Workflow, policies: list[Policy]) -> None:
        """One at a time: what is applied is measured before the next thing changes."""
        kinds = await allowed(self._house, workflow.id)
        under_way = any(policy.body.get("state") == "applied" for policy in policies)
        for policy in policies:
            if under_way or not _may(policy.body, kinds):
                continue
            try:
                await apply(self._house, self._asking(workflow, policy), policy, workflow, *_card(workflow), alone=True)
            except (Conflict, Rejected, Invalid) as error:
                log.warning("a recommendation for %s was not applied: %s", workflow.id, error)
                continue
            return

    def _asking(self, workflow: Workflow, policy: Policy) -> Asking:
        house = self._house
        where = Address.parse(workflow.where) if workflow.where else Address("signalbox", "signalbox")
        key = f"advice:{policy.id}:{policy.revision}"
        return Asking(actor=SYSTEM, where=where, at=house.clock.now(), timezone=house.timezone, key=key)

    # --- what it brought

    async def measure(self) -> None:
        for policy in await self._house.store.policies.of(KIND):
            if policy.body.get("state") == "applied":
                await self._measure(policy)

    async def _measure(self, policy: Policy) -> None:
        house, body = self._house, policy.body
        before, version = Before.read(body.get("before")), body.get("after")
        workflow = await house.store.workflows.get(str(body.get("workflow")))
        if before is None or workflow is None or not isinstance(version, int):
            return
        now = house.clock.now()
        applied = datetime.fromisoformat(str(body.get("at")))
        over = workflow.version != version and now - workflow.updated_at >= PATIENCE
        after = await self._after(workflow.id, version, applied)
        if not ripe(after, now - applied, self._wanted, over=over):
            return
        found = moved(policy, "measured", now, measured=list(measured(before, after)), runs_after=[run.id for run in after[-20:]])
        try:
            await house.store.ledger.record(found, PostingsTouched(card_id(workflow.id)))
        except Conflict:  # somebody undid it at this moment: that is what stands
            return

    async def _after(self, workflow: str, version: int, since: datetime) -> list[RunSeen]:
        """Finished runs of that very version, oldest first."""
        store = self._house.store
        records = [one for one in await store.runs.list(workflow=workflow, since=since, limit=MOST) if one.version == version]
        found = [run_seen(one, ()) for one in reversed(records)]
        return [one for one in found if one is not None]


def _may(body: Mapping[str, Any], kinds: frozenset[Kind]) -> bool:
    """Only what is open, allowed, can be applied, and surely gains something."""
    kind = body.get("kind")
    alone = {one.value for one in kinds - NEVER_ALONE}
    return body.get("state") == "open" and kind in alone and body.get("change") is not None and body.get("surely") is True


def _card(workflow: Workflow) -> tuple[Event, ...]:
    """Where the cards of its runs stand, people are told."""
    if not workflow.where:
        return ()
    return (PostingWanted(card_id(workflow.id), "advice", Address.parse(workflow.where), Priority.REPORT),)
