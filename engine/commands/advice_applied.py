"""Recommendations put into effect and taken back: a new version, as an edit makes one, with what was measured before beside it."""

from __future__ import annotations

from typing import Any, Final

from engine.commands.advising import card_id, change_of, moved, must_be, next_version, runs_of
from engine.commands.command import Asking
from engine.commands.drafting import prepared
from engine.commands.house import House
from engine.errors import Conflict, NotFound
from engine.events import Event, NextFireSet, PostingsTouched, WorkflowSaved
from engine.ports import Policy
from engine.prediction.advice.change import changed
from engine.prediction.advice.seen import finished
from engine.workflow.definition import Workflow

WANTED: Final = 20  # runs of the new version after which it is measured
DURATIONS: Final = 200  # that are kept of before


async def apply(house: House, asking: Asking, policy: Policy, workflow: Workflow, *events: Event, alone: bool = False) -> Workflow:
    """The workflow's new version. Raises Conflict where it is not open any more, Rejected or Invalid where the change does not fit any more."""
    must_be(policy, "open")
    definition = prepared(house, asking, changed(workflow.definition, change_of(policy), house.catalogue))
    new = next_version(workflow, asking.at, definition=definition)
    runs = await runs_of(house, workflow)
    succeeded, total = finished(runs)
    before = {
        "succeeded": succeeded,
        "total": total,
        "durations": [round(run.seconds, 3) for run in runs if run.succeeded][-DURATIONS:],
    }
    more: dict[str, Any] = {
        "by": asking.actor.name, "at": asking.at.isoformat(), "before_version": workflow.version, "after": new.version,
        "before": before, "alone": alone, "wanted": WANTED, "measured": [],
    }  # fmt: skip
    await house.store.ledger.record(
        WorkflowSaved(new),
        NextFireSet(new.id, house.due(new, asking.at)),
        moved(policy, "applied", asking.at, **more),
        house.audit(asking, "apply_advice", new.id, f"version {new.version}: {policy.body.get('title')}"),
        PostingsTouched(card_id(new.id)),
        *events,
    )
    return new


async def undo(house: House, asking: Asking, policy: Policy, workflow: Workflow) -> Workflow:
    """The version before, made the newest. Raises Conflict where somebody changed the workflow since."""
    must_be(policy, "applied", "measured")
    if policy.body.get("after") != workflow.version:
        raise Conflict(
            f"“{workflow.name}” was changed again since (it is version {workflow.version} now), so nothing was undone. "
            f"To go back all the same: /flow rollback {workflow.name} {policy.body.get('before_version')}"
        )
    old = await house.store.workflows.at_version(workflow.id, int(str(policy.body.get("before_version"))))
    if old is None:
        raise NotFound("The version before is not kept any more, so nothing was undone.")
    new = next_version(workflow, asking.at, definition=old.definition)
    await house.store.ledger.record(
        WorkflowSaved(new),
        NextFireSet(new.id, house.due(new, asking.at)),
        moved(policy, "undone", asking.at, undone_by=asking.actor.name),
        house.audit(asking, "undo_advice", new.id, f"version {new.version} is as version {old.version} was"),
        PostingsTouched(card_id(new.id)),
    )
    return new
