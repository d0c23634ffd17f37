"""What rehearsals and replays have in common: which definition is meant, who else is on stage, and who plays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.commands.command import Asking, RehearsedShown
from engine.commands.house import House
from engine.errors import Invalid, NotFound, Problem, Rejected
from engine.ports import Rehearsals
from engine.rehearsal.wish import FaultWish, Reply, Wish
from engine.rehearsal.words import Words, read_words
from engine.workflow.definition import Definition, Draft, TriggerType, Workflow, WorkflowState

CHAOS = 20  # trials with random faults, where nobody said what should go wrong
TRIALS = 20  # where random faults are wanted and nobody said how often
NEW = "wf_00000000"  # the id of a definition that is not stored yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was asked for, as it came in: ``words`` as people say it, the rest as machines do."""

    words: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] | None = None
    faults: Sequence[Mapping[str, Any]] = ()
    trials: int | None = None
    seed: int | None = None
    approvals: str = ""


def players(house: House) -> Rehearsals:
    """Raises Rejected where this process has no stage."""
    if house.rehearsals is None:
        raise Rejected("Nothing can be rehearsed here: this process has no stage for it.")
    return house.rehearsals


async def on_stage(house: House, workflow: Workflow) -> tuple[Workflow, ...]:
    """The workflows that its steps may start."""
    return tuple(flow for flow in await house.store.workflows.list() if flow.id != workflow.id and flow.state is WorkflowState.ACTIVE)


def awake(workflow: Workflow) -> Workflow:
    """As if nobody had paused it: it is looked at, not run."""
    return replace(workflow, state=WorkflowState.ACTIVE, paused_until=None)


async def drafted(house: House, draft_id: str) -> tuple[Draft, Workflow, Workflow | None]:
    """A draft, its definition as the workflow it would become, and the stored one it changes. Raises NotFound, or Rejected without one."""
    draft = await house.store.drafts.get(draft_id)
    if draft is None:
        raise NotFound("This preview is not known here any more. Ask again to get a fresh one.")
    if draft.definition is None:
        raise Rejected("This preview holds no definition, so there is nothing to try.")
    stored = await house.store.workflows.get(draft.workflow) if draft.workflow else None
    return draft, dressed(draft.definition, stored, draft.asked_at, draft.asked_by, draft.where), stored


def dressed(definition: Definition, stored: Workflow | None, at: datetime, by: str, where: str) -> Workflow:
    """A definition that is not stored yet, as the workflow it would become."""
    if stored is not None:
        return awake(replace(stored, definition=definition, version=stored.version + 1))
    return Workflow(
        id=NEW, version=1, revision=1, definition=definition, state=WorkflowState.ACTIVE, created_at=at, created_by=by, updated_at=at, where=where
    )  # fmt: skip


# --- rehearsing ----------------------------------------------------------------------------------------------------------


async def rehearse(house: House, asking: Asking, workflow: Workflow, said: Said) -> RehearsedShown:
    """Once as it should go and often with random faults, unless somebody said what should go wrong."""
    stage = players(house)
    words = read_words(said.words, _spoken(house))
    wish = _wish(asking, awake(workflow), await on_stage(house, workflow), said, words)
    rehearsed = await stage.rehearse(wish)
    chaos = None
    if not (wish.faults or wish.trials > 1) and rehearsed.good:
        chaos = await stage.rehearse(replace(wish, faults=(_random(),), trials=CHAOS))
    return RehearsedShown(rehearsed=rehearsed, chaos=chaos, again=_again(workflow, chaos or rehearsed, said))


def _random() -> FaultWish:
    (fault,) = read_words("random", {}).faults
    return fault


def _spoken(house: House) -> dict[str, str]:
    """What people call the services."""
    names: dict[str, str] = {}
    for service in house.catalogue.services.values():
        for name in (service.id, service.name, *service.aliases):
            names.setdefault(name.casefold(), service.id)
    return names


def _wish(asking: Asking, workflow: Workflow, others: tuple[Workflow, ...], said: Said, words: Words) -> Wish:
    """Values said in the line are inputs of a workflow by hand, else fields of its event."""
    faults = (*words.faults, *map(_fault, range(len(said.faults)), said.faults))
    by_hand = workflow.definition.trigger.type in (TriggerType.MANUAL, TriggerType.SCHEDULED)
    event = {**(said.event or {}), **({} if by_hand else said.inputs)}
    random = any(fault.kind == "random" or fault.share < 1 for fault in faults)
    return Wish(
        workflow=workflow,
        others=others,
        event=event or None,
        inputs=dict(said.inputs) if by_hand else {},
        faults=faults,
        trials=said.trials or words.trials or (TRIALS if random else 1),
        seed=next((seed for seed in (said.seed, words.seed) if seed is not None), _dice(asking)),
        reply=_reply(said.approvals) or words.reply or Reply.YES,
        by=asking.actor.id,
    )


def _fault(number: int, raw: Mapping[str, Any]) -> FaultWish:
    try:
        return FaultWish(str(raw.get("service") or ""), str(raw["kind"]), float(raw.get("share", 1.0)))
    except (KeyError, TypeError, ValueError) as error:
        problem = Problem('write it as {"service": "github", "kind": "down", "share": 0.5}', ("faults", number))
        raise Invalid("A fault could not be read.", [problem]) from error


def _reply(said: str) -> Reply | None:
    if not said:
        return None
    try:
        return Reply(said)
    except ValueError as error:
        raise Invalid("This cannot be rehearsed.", [Problem("approvals are answered yes, no or nobody", ("approvals",))]) from error


def _dice(asking: Asking) -> int:
    """A seed that is short enough to be typed."""
    return int.from_bytes(hashlib.blake2b(asking.key.encode("utf-8", "replace"), digest_size=2).digest(), "big") % 10_000


def _again(workflow: Workflow, last: Any, said: Said) -> str:
    if workflow.id == NEW or said.faults or said.event:
        return ""
    pairs = " ".join(f'{name}="{value}"' if " " in str(value) else f"{name}={value}" for name, value in said.inputs.items())
    words = [str(fault) for fault in last.faults]
    words += [f"{last.wanted} times" if last.wanted > 1 else "", f"seed {last.seed}" if last.faults else ""]
    words += [f"approvals {last.reply.value}" if last.reply is not Reply.YES else ""]
    return " ".join(filter(None, (f"/flow rehearse {workflow.name}", pairs, ", ".join(filter(None, words)))))
