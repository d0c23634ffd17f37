"""Which of the events of a stretch of time would start a workflow, and why the others would not: triggers worked out without storing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from engine.errors import Invalid
from engine.workflow.calendar import fires
from engine.workflow.definition import Definition, Json, Trigger, TriggerType
from engine.workflow.expression import Condition
from engine.workflow.gathering import Gathered, Seen, case_of, event_of, gather, gathers, last_of, value_of
from engine.workflow.order import start_condition

MOST_FIRES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``id``: of the event (for a schedule, its fire) that decided. ``event``: what the run would see; None when none would start, with why."""

    id: str
    at: datetime
    name: str
    event: Mapping[str, Json] | None = None
    reason: str = ""

    @property
    def starts(self) -> bool:
        return self.event is not None


def decisions_of(definition: Definition, about: Mapping[str, Json], seen: Sequence[Seen], until: datetime) -> list[Decision]:
    """One for each event that its trigger waits for, in order. ``about`` is what conditions see as ``workflow``; ``seen`` oldest first.

    An event that is only gathered (for a case of several, for quiet) decides when the case does: the decision carries the last event's id.
    """
    trigger = definition.trigger
    names = set(_awaited(trigger))
    mine = [one for one in seen if one.name in names]
    found = _gathered(definition, about, mine, until) if gathers(trigger) else (_single(definition, about, one) for one in mine)
    return _once(trigger, list(found))


def fires_between(trigger: Trigger, since: datetime, until: datetime, zone: str) -> list[Decision]:
    """The fires of a schedule."""
    moments = islice(takewhile(lambda at: at <= until, fires(trigger, since, zone)), MOST_FIRES)
    return [Decision(id=at.isoformat(), at=at, name="schedule", event={}) for at in moments]


def awaited(definition: Definition) -> tuple[str, ...]:
    """The events, as ``service.event``, that may start it."""
    return _awaited(definition.trigger)


def _awaited(trigger: Trigger) -> tuple[str, ...]:
    if trigger.type is TriggerType.EVENT_BASED:
        return (f"{trigger.service}.{trigger.event}",)
    if trigger.type is TriggerType.AI_PREDICTED:
        return ("signalbox.anomaly_predicted",)
    return (*trigger.all, *trigger.any, *trigger.sequence)


def _single(definition: Definition, about: Mapping[str, Json], one: Seen) -> Decision:
    trigger = definition.trigger
    decision = Decision(id=one.id, at=one.at, name=one.name)
    if trigger.type is TriggerType.AI_PREDICTED and not _predicted(trigger, one.data):
        return replace(decision, reason="the prediction is about another service or metric")
    event = event_of(trigger, [one])
    holds, why = _holds(definition, about, event)
    return replace(decision, event=event if holds else None, reason="" if holds else why)


def _predicted(trigger: Trigger, data: Mapping[str, Json]) -> bool:
    return trigger.service in ("", data.get("service")) and trigger.metric in ("", data.get("metric"))


def _holds(definition: Definition, about: Mapping[str, Json], event: Mapping[str, Json]) -> tuple[bool, str]:
    when = start_condition(definition)
    if not when:
        return True, ""
    scope: dict[str, Any] = {"event": dict(event), "inputs": {}, "workflow": dict(about), "env": dict(definition.env)}
    return Condition.compile(when).explain(scope)


# --- several events, or quiet --------------------------------------------------------------------------------------------


def _gathered(definition: Definition, about: Mapping[str, Json], seen: Sequence[Seen], until: datetime) -> Iterator[Decision]:
    """Case by case, in the order of the events; what a debounce keeps is decided at the end of its quiet."""
    trigger = definition.trigger
    states: dict[str, Gathered] = {}
    for one in seen:
        key, why = _case(trigger, one)
        if key is None:
            yield Decision(id=one.id, at=one.at, name=one.name, reason=why)
            continue
        if trigger.debounce and (before := states.get(key)) and before.due_at <= one.at:
            yield from _quiet(definition, about, states.pop(key))
        before = states.get(key)
        try:
            states[key] = gather(trigger, before.state if before else None, one, one.at)
        except Invalid as error:
            yield Decision(id=one.id, at=one.at, name=one.name, reason=str(error))
            continue
        yield _taken_in(definition, about, one, key, states)
    for key in list(states) if trigger.debounce else ():
        if states[key].due_at <= until:
            yield from _quiet(definition, about, states[key])


def _case(trigger: Trigger, one: Seen) -> tuple[str | None, str]:
    try:
        key = case_of(trigger, one)
    except Invalid as error:
        return None, str(error)
    return key, "" if key is not None else "it belongs to no case: what it is correlated by is missing or empty"


def _taken_in(definition: Definition, about: Mapping[str, Json], one: Seen, key: str, states: dict[str, Gathered]) -> Decision:
    now = states[key]
    decision = Decision(id=one.id, at=one.at, name=one.name)
    if not now.events:
        return replace(decision, reason=now.reason or "it is waited for more")
    event = event_of(definition.trigger, now.events)
    holds, why = _holds(definition, about, event)
    states[key] = replace(now, state=now.spent if holds else now.state, events=())
    return replace(decision, event=event if holds else None, reason="" if holds else why)


def _quiet(definition: Definition, about: Mapping[str, Json], case: Gathered) -> Iterator[Decision]:
    """It has been quiet for long enough: the newest event decides."""
    last = last_of(case.state)
    if last is None:
        return
    event = event_of(definition.trigger, [last])
    holds, why = _holds(definition, about, event)
    yield Decision(id=last.id, at=case.due_at, name=last.name, event=event if holds else None, reason="" if holds else why)


# --- once each -----------------------------------------------------------------------------------------------------------


def _once(trigger: Trigger, decisions: Sequence[Decision]) -> list[Decision]:
    """Of those with the same ``dedup`` value only the first starts; of those with the same id the one that starts counts."""
    known: set[str] = set()
    kept: dict[str, Decision] = {}
    for decision in decisions:
        if decision.starts and trigger.dedup and (value := _dedup(trigger, decision)) is not None:
            if value in known:
                decision = replace(decision, event=None, reason=f"“{value}” has started it before")
            known.add(value)
        if decision.id not in kept or decision.starts or not kept[decision.id].starts:
            kept[decision.id] = decision
    return sorted(kept.values(), key=lambda decision: decision.at)


def _dedup(trigger: Trigger, decision: Decision) -> str | None:
    try:
        return value_of(trigger.dedup, decision.event or {})
    except Invalid:
        return None
