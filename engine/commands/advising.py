"""Recommendations as they are kept: looked for, found again, counted before and after; what the commands about them have in common.

runs ─▶ found ─▶ open ─┬─▶ applied ─┬─▶ measured ─▶ undone        one policy a recommendation (kind ``recommendation``),
                       └─▶ dismissed └─▶ undone                   one card a workflow (``adv_…``), edited whenever something of it changes
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from engine.commands.advice_shown import AdviceRow, AdviceShown
from engine.commands.house import House
from engine.errors import Conflict, NotFound
from engine.events import Event, PolicySaved, PostingsTouched
from engine.ports import Policy, Store
from engine.prediction.advice.change import Change
from engine.prediction.advice.find import recommendations
from engine.prediction.advice.recommendation import Kind, Recommendation
from engine.prediction.advice.reliability import Around
from engine.prediction.advice.seen import RunSeen, run_seen
from engine.workflow.calendar import zone_named
from engine.workflow.definition import Workflow, WorkflowState

KIND: Final = "recommendation"
ALLOWED: Final = "advice_allowed"
EVERYWHERE: Final = "all"
LOOKED_AT: Final = 200  # runs of a workflow, the newest
SINCE: Final = timedelta(days=30)  # calls of services that are looked at
AGAIN: Final = 2  # times the evidence, before what was refused is told again
SHOWN: Final = 5  # settled ones that a card still shows
LIVE: Final = ("open", "applied", "measured")


def card_id(workflow: str) -> str:
    return "adv_" + workflow.removeprefix("wf_")


def workflow_id(card: str) -> str:
    return "wf_" + card.removeprefix("adv_")


# --- looking ---------------------------------------------------------------------------------------------------------------


async def looked(house: House, workflow: Workflow) -> tuple[Recommendation, ...]:
    """What can be said now, from runs of definitions that did the same."""
    runs = await runs_of(house, workflow)
    around = await _around(house, workflow)
    return await asyncio.to_thread(recommendations, workflow.definition, runs, around)


async def runs_of(house: House, workflow: Workflow, *, limit: int = LOOKED_AT) -> list[RunSeen]:
    """Finished ones of every version with these very steps and options, oldest first."""
    same: dict[int, bool] = {workflow.version: True}
    found = []
    for record in reversed(await house.store.runs.list(workflow=workflow.id, limit=limit)):
        if record.version not in same:
            before = await house.store.workflows.at_version(workflow.id, record.version)
            same[record.version] = before is not None and _alike(before, workflow)
        if same[record.version] and record.state.over and (seen := run_seen(record, await house.store.runs.facts(record.id))):
            found.append(seen)
    return found


def _alike(one: Workflow, other: Workflow) -> bool:
    ours, theirs = one.definition, other.definition
    return (ours.steps, ours.options, ours.trigger) == (theirs.steps, theirs.options, theirs.trigger)


async def _around(house: House, workflow: Workflow) -> Around:
    now = house.clock.now()
    zone = zone_named(workflow.definition.trigger.timezone or house.timezone)
    calls: dict[str, tuple[int, int]] = {}
    hours: dict[str, dict[int, tuple[int, int]]] = {}
    for row in await house.store.traffic.between(now - SINCE, now):
        action = f"{row.target}.{row.operation}"
        good, of = calls.get(action, (0, 0))
        calls[action] = (good + row.count - row.failed, of + row.count)
        by_hour = hours.setdefault(row.target, {})
        failed, count = by_hour.get(hour := row.at.astimezone(zone).hour, (0, 0))
        by_hour[hour] = (failed + row.failed, count + row.count)
    usable = frozenset(account.service for account in house.connections.accounts() if account.mode in ("live", "sandbox"))
    return Around(catalogue=house.catalogue, usable=usable, calls=calls, hours=hours)


# --- keeping ---------------------------------------------------------------------------------------------------------------


async def kept(store: Store, workflow: str) -> list[Policy]:
    """Those of one workflow, in the order in which they are numbered."""
    found = [policy for policy in await store.policies.of(KIND) if policy.body.get("workflow") == workflow]
    return sorted(found, key=lambda one: (_order(one), -_number(one.body.get("weight")), one.id))


def _order(policy: Policy) -> int:
    state = policy.body.get("state")
    return 0 if state == "open" else 1 if state in LIVE else 2


async def refreshed(house: House, workflow: Workflow) -> list[Policy]:
    """Look anew and keep what was found: new ones are open, open ones that do not hold any more go, refused ones come back with twice the evidence."""
    found = {one.id(workflow.id): one for one in await looked(house, workflow)}
    now = house.clock.now()
    before = {policy.id: policy for policy in await kept(house.store, workflow.id)}
    events: list[Event] = []
    for id, one in found.items():
        policy = before.get(id)
        body = opened(workflow, one)
        if policy is None or (_may_open(policy, one) and policy.body != body):
            events.append(PolicySaved(KIND, id, body, now, policy.revision + 1 if policy else 1))
    for id, policy in before.items():
        if id not in found and policy.body.get("state") == "open":
            events.append(PolicySaved(KIND, id, None, now, policy.revision + 1))
    if events:
        await house.store.ledger.record(*events, PostingsTouched(card_id(workflow.id)))
    return await kept(house.store, workflow.id)


def _may_open(policy: Policy, one: Recommendation) -> bool:
    state = policy.body.get("state")
    if state in ("dismissed", "undone"):
        return one.evidence >= AGAIN * _number(policy.body.get("evidence"))
    return state == "open"


def opened(workflow: Workflow, one: Recommendation) -> dict[str, Any]:
    gain = one.gain
    return {
        **one.to_json(),
        "workflow": workflow.id,
        "state": "open",
        "gain_words": str(gain) if gain else "",
        "weight": gain.weight if gain else 0.0,
        "surely": gain is not None and gain.low > 0,
    }


def moved(policy: Policy, state: str, at: datetime, /, **more: Any) -> PolicySaved:
    return PolicySaved(KIND, policy.id, {**policy.body, "state": state, **more}, at, policy.revision + 1)


# --- meaning one -----------------------------------------------------------------------------------------------------------


async def meant(house: House, workflow: str, advice: str) -> tuple[Policy, Workflow]:
    """By its id, or by its number on the card of a workflow; without a number the only one there is. Raises NotFound."""
    said = advice.strip().casefold().removeprefix("number").strip().removeprefix("#")
    if said.startswith("rec_"):
        policy = await house.store.policies.get(KIND, said)
        flow = await house.store.workflows.get(str(policy.body.get("workflow"))) if policy else None
        if policy is None or flow is None or flow.state is WorkflowState.DELETED:
            raise NotFound("This recommendation does not hold any more. Ask again: how can we improve it?")
        return policy, flow
    flow = await house.workflow(workflow)
    rows = (await kept(house.store, flow.id))[: SHOWN * 2]
    if not rows:
        raise NotFound(f"Nothing is recommended for “{flow.name}”. Ask: how can we improve {flow.name}?")
    place = int(said) if said.isdecimal() and len(said) < 4 else (1 if not said and len(rows) == 1 else 0)
    if not 1 <= place <= len(rows):
        raise NotFound(f"Say which of the {len(rows)} recommendations for “{flow.name}” by its number, 1 to {len(rows)}.")
    return rows[place - 1], flow


def change_of(policy: Policy) -> Change:
    """Raises Conflict for what only a person can change."""
    change = Change.read(policy.body.get("change"))
    if change is None:
        raise Conflict("This cannot be applied by itself: make the change with /flow edit.")
    return change


def must_be(policy: Policy, *states: str) -> None:
    """Raises Conflict, telling what has become of it."""
    state = str(policy.body.get("state"))
    if state not in states:
        by = policy.body.get("by") or "somebody"
        raise Conflict(f"This was {state} by {by} already. Your press changed nothing.")


# --- what is allowed without asking ------------------------------------------------------------------------------------------


async def allowed(house: House, workflow: str) -> frozenset[Kind]:
    """Kinds that are applied without asking, here or everywhere."""
    found: set[Kind] = set()
    for id in (EVERYWHERE, workflow):
        policy = await house.store.policies.get(ALLOWED, id)
        names = policy.body.get("kinds") if policy else None
        found |= {Kind(name) for name in (names if isinstance(names, list) else []) if name in list(Kind)}
    return frozenset(found)


# --- showing ---------------------------------------------------------------------------------------------------------------


async def shown(house: House, workflow: Workflow, policies: Sequence[Policy] | None = None) -> AdviceShown:
    rows = list(policies) if policies is not None else await kept(house.store, workflow.id)
    records = [one for one in await house.store.runs.list(workflow=workflow.id, limit=LOOKED_AT) if one.state.over]
    good = sum(one.state.value == "succeeded" for one in records)
    over = sum(one.state.value in ("succeeded", "failed") for one in records)
    because = f"{good} of its last {over} runs succeeded." if over else "It has not run yet."
    return AdviceShown(
        id=card_id(workflow.id),
        workflow=workflow.name,
        revision=workflow.revision,
        because=because,
        rows=tuple(row_of(policy.id, policy.body) for policy in rows[: SHOWN * 2]),
        allowed=tuple(sorted(kind.value for kind in await allowed(house, workflow.id))),
    )


def row_of(id: str, body: Mapping[str, Any]) -> AdviceRow:
    return AdviceRow(
        id=id,
        title=str(body.get("title")),
        because=str(body.get("because")),
        gain=str(body.get("gain_words") or ""),
        runs=tuple(map(str, body.get("runs") or ())),
        state=str(body.get("state")),
        story=tuple(_story(body)),
        by_hand=body.get("change") is None,
    )


def _story(body: Mapping[str, Any]) -> Iterable[str]:
    by = body.get("by") or "somebody"
    state = body.get("state")
    if body.get("after"):
        alone = " (that kind was allowed)" if body.get("alone") else ""
        yield f"Applied by {by}{alone}: version {body.get('before_version')} became version {body.get('after')}."
    if state == "applied":
        yield f"What it brought is measured after {body.get('wanted')} runs of that version."
    yield from map(str, body.get("measured") or ())
    if state == "undone":
        yield f"Undone by {body.get('undone_by') or 'somebody'}."
    if state == "dismissed":
        yield f"Dismissed by {by}. It comes back only with twice the evidence."


async def told(store: Store, workflow: str) -> tuple[str, ...]:
    """Open ones in a sentence each, as they were found last."""
    rows = [policy.body for policy in await kept(store, workflow) if policy.body.get("state") == "open"]
    return tuple(f"{body.get('title')}: {body.get('because')}" for body in rows)


def next_version(workflow: Workflow, at: datetime, **more: Any) -> Workflow:
    return replace(workflow, version=workflow.version + 1, revision=workflow.revision + 1, updated_at=at, **more)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
