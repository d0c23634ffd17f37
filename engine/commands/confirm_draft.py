"""Confirm: what a preview promised is done, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.create_workflow import refuse_taken_name
from engine.commands.drafting import decide, done
from engine.commands.house import House
from engine.errors import NotFound
from engine.events import DraftSaved, Event, NextFireSet, PostingsTouched, WorkflowSaved
from engine.parties import Role
from engine.workflow.definition import Draft, DraftState, Workflow, WorkflowState


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDraft(Command):
    NAME: ClassVar[str] = "confirm_draft"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Do what the preview shows."
    BUTTON: ClassVar[str] = "prv.confirm"
    draft: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ConfirmDraft:
        return cls(draft=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        draft = await decide(house, asking, self.draft, DraftState.CONFIRMED)
        match draft.command:
            case "create_workflow":
                return await _create(house, asking, draft)
            case "edit_workflow":
                return await _change(house, asking, draft)
            case "delete_workflow":
                return await _delete(house, asking, draft)
            case _:
                raise NotFound("This preview asks for something that this version cannot do.")


async def _create(house: House, asking: Asking, draft: Draft) -> Outcome:
    assert draft.definition is not None
    await refuse_taken_name(house, draft.definition)
    workflow = Workflow(
        id=house.clock.new_id("wf"),
        version=1,
        revision=1,
        definition=draft.definition,
        state=WorkflowState.ACTIVE,
        created_at=asking.at,
        created_by=draft.asked_by,
        updated_at=asking.at,
        where=draft.where,
    )
    await _store(house, asking, replace(draft, workflow=workflow.id), workflow, "create_workflow")
    return done(f"Stored “{workflow.name}” ({workflow.id}).")


async def _change(house: House, asking: Asking, draft: Draft) -> Outcome:
    assert draft.definition is not None
    old = await _stored(house, draft)
    await refuse_taken_name(house, draft.definition, own=old.id)
    workflow = replace(
        old, version=old.version + 1, revision=old.revision + 1, definition=draft.definition, updated_at=asking.at
    )
    await _store(house, asking, draft, workflow, "edit_workflow")
    return done(f"“{workflow.name}” is now version {workflow.version}.")


async def _delete(house: House, asking: Asking, draft: Draft) -> Outcome:
    old = await _stored(house, draft)
    gone = replace(old, revision=old.revision + 1, state=WorkflowState.DELETED, paused_until=None, updated_at=asking.at)
    await _store(house, asking, draft, gone, "delete_workflow")
    return done(f"Deleted “{old.name}”. Runs in flight go on to their end; its history is kept.")


async def _stored(house: House, draft: Draft) -> Workflow:
    workflow = await house.store.workflows.get(draft.workflow)
    if workflow is None or workflow.state is WorkflowState.DELETED:
        raise NotFound("That workflow has been deleted meanwhile; nothing was changed.")
    return workflow


async def _store(house: House, asking: Asking, draft: Draft, workflow: Workflow, verb: str) -> None:
    """The draft's end, the workflow, its next fire, the audit row and the news, all or nothing."""
    events: list[Event] = [
        DraftSaved(draft),
        WorkflowSaved(workflow),
        NextFireSet(workflow.id, house.due(workflow, asking.at)),
        PostingsTouched(draft.id),
        house.audit(asking, verb, workflow.id, f"version {workflow.version}"),
    ]
    await house.store.ledger.record(*events)
