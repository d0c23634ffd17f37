"""Confirm: what a preview promised is done, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import changing, decide, is_order, settle, settled
from engine.commands.habits import learnt
from engine.commands.house import House
from engine.commands.naming import free_name, refuse_taken_name, same_deed
from engine.commands.phrases import heard
from engine.commands.run_workflow import start
from engine.events import DetectorSaved, NextFireSet, WorkflowSaved
from engine.parties import Address, Role
from engine.workflow.calendar import counted
from engine.workflow.definition import Definition, Draft, DraftState, Workflow, WorkflowState


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
        from engine.commands.registry import commands  # the registry imports every command, this one too

        async with house.naming:  # before deciding: of two who press at once the second is to hear of the first
            draft = await decide(house, asking, self.draft, DraftState.CONFIRMED)
            match draft.command:
                case "create_workflow":
                    outcome, workflow = await _create(house, asking, draft)
                case "edit_workflow":
                    return await _change(house, asking, draft)
                case "delete_workflow":
                    return await _delete(house, asking, draft)
                case other:
                    return await commands().get(other, Command).confirmed(house, asking, draft)
        return await _carried_out(house, asking, draft, workflow, outcome)


async def _carried_out(house: House, asking: Asking, draft: Draft, workflow: Workflow, outcome: Outcome) -> Outcome:
    """An order is carried out when it is confirmed; what was asked for as a workflow waits for its time."""
    if not is_order(draft):
        return outcome
    began = await start(house, replace(asking, where=Address.parse(draft.where)), workflow, {})
    return replace(outcome, run=began.run)


async def _create(house: House, asking: Asking, draft: Draft) -> tuple[Outcome, Workflow]:
    definition = draft.definition
    assert definition is not None
    workflows = await house.store.workflows.list()
    if draft.arguments.get("again"):
        if (known := same_deed(definition, workflows)) is not None:
            draft = replace(draft, workflow=known.id)
            taught = [*await learnt(house, draft, known.definition, asking.at), *await _heard(house, asking, draft)]
            await settle(house, draft, *taught, house.audit(asking, draft.command, known.id, "the same order again"))
            return await settled(house, asking, draft), known
        definition = free_name(definition, workflows)  # the stored one was changed since
        draft = replace(draft, definition=definition)
    refuse_taken_name(definition, workflows)
    workflow = Workflow(
        id=house.clock.new_id("wf"),
        version=1,
        revision=1,
        definition=_from_now_on(house, asking, definition),
        state=WorkflowState.ACTIVE,
        created_at=asking.at,
        created_by=draft.asked_by,
        updated_at=asking.at,
        where=draft.where,
    )
    return await _store(house, asking, replace(draft, workflow=workflow.id), workflow), workflow


async def _change(house: House, asking: Asking, draft: Draft) -> Outcome:
    assert draft.definition is not None
    old = await changing(house, draft)
    refuse_taken_name(draft.definition, await house.store.workflows.list(), own=old.id)
    definition = _from_now_on(house, asking, draft.definition)
    workflow = replace(old, version=old.version + 1, revision=old.revision + 1, definition=definition, updated_at=asking.at)
    return await _store(house, asking, draft, workflow)


async def _heard(house: House, asking: Asking, draft: Draft) -> list[DetectorSaved]:
    return await heard(house, str(draft.arguments.get("said") or ""), draft.command, draft.definition, asking.at)


def _from_now_on(house: House, asking: Asking, definition: Definition) -> Definition:
    """“For the next ten days” is counted from Confirm, however long the draft lay there."""
    return replace(definition, trigger=counted(definition.trigger, asking.at, house.timezone))


async def _delete(house: House, asking: Asking, draft: Draft) -> Outcome:
    old = await changing(house, draft)
    gone = replace(old, revision=old.revision + 1, state=WorkflowState.DELETED, paused_until=None, updated_at=asking.at)
    return await _store(house, asking, draft, gone)


async def _store(house: House, asking: Asking, draft: Draft, workflow: Workflow) -> Outcome:
    """The draft's end, the workflow, its next fire, the audit row and the news, all or nothing."""
    await settle(
        house,
        draft,
        WorkflowSaved(workflow),
        NextFireSet(workflow.id, house.due(workflow, asking.at)),
        *(await learnt(house, draft, workflow.definition, asking.at) if workflow.state is not WorkflowState.DELETED else ()),
        *await _heard(house, asking, draft),
        house.audit(asking, draft.command, workflow.id, f"version {workflow.version}"),
    )
    return await settled(house, asking, draft)
