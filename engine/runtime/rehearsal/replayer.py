"""The replayer: what two versions of a workflow make of what really happened in the last days; nothing is asked of anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from engine.events import Happening
from engine.ports import Store
from engine.rehearsal.deciding import Decision, awaited, decisions_of, fires_between
from engine.rehearsal.differing import MOST_EVENTS, MOST_PLAYED, Replayed, ReplayWish, Row, changes_between, side_of
from engine.rehearsal.script import Script
from engine.rehearsal.story import Trial
from engine.rehearsal.telling import action_of
from engine.rehearsal.wish import Wish
from engine.runtime.deliveries import PREFIX, read
from engine.runtime.rehearsal.stage import KnownAnswer
from engine.workflow.definition import Json, TriggerType, Workflow
from engine.workflow.gathering import Seen
from engine.workflow.run import Fact, FactKind, RunRecord


@dataclass(slots=True)
class _Past:
    """What happened: events oldest first; by event id the run that it really started, with its facts."""

    seen: list[Seen] = field(default_factory=list)
    runs: dict[str, tuple[RunRecord, Sequence[Fact]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Player(Protocol):
    async def play_each(self, scripts: Sequence[tuple[Script, tuple[KnownAnswer, ...]]]) -> list[Trial]: ...


class Replayer:
    """``timezone``: of the house."""

    def __init__(self, rehearser: Player, store: Store, timezone: str) -> None:
        self._rehearser, self._store, self._timezone = rehearser, store, timezone

    async def replay(self, wish: ReplayWish, now: datetime) -> Replayed:
        """See ``ports.Rehearsals``."""
        since = now - timedelta(days=wish.days)
        past = await self._past(wish, since, now)
        old, new = self._decisions(wish.old, past, since, now), self._decisions(wish.new, past, since, now)
        rows = await self._rows(wish, past, old, new)
        scheduled = wish.new.definition.trigger.type is TriggerType.SCHEDULED
        return Replayed(
            name=wish.new.name, workflow=wish.new.id, old=wish.old.version if wish.old else 0, new=wish.new.version, since=since, until=now,
            rows=tuple(rows), notes=tuple(past.notes), unit="fire" if scheduled else "event",
        )  # fmt: skip

    # --- what happened

    async def _past(self, wish: ReplayWish, since: datetime, until: datetime) -> _Past:
        past = _Past()
        names = {name for flow in (wish.new, wish.old) if flow for name in awaited(flow.definition)}
        if names:
            await self._received(past, names, since, until)
        if wish.old is not None:
            await self._started(past, wish.old, names, since)
        past.seen.sort(key=lambda one: one.at)
        return past

    async def _received(self, past: _Past, names: set[str], since: datetime, until: datetime) -> None:
        rows = await self._store.inbox.between(since, until, prefix=PREFIX, limit=MOST_EVENTS)
        if len(rows) >= MOST_EVENTS:
            past.notes.append(f"Only the newest {MOST_EVENTS:,} deliveries of that time were looked at.")
        happened = [happening for _, payload in rows for happening in read(payload)]
        past.seen += [_seen(one) for one in happened if f"{one.service}.{one.event}" in names]

    async def _started(self, past: _Past, old: Workflow, names: set[str], since: datetime) -> None:
        """What really was started; events that only the runs still know (those of the house itself) are taken from them."""
        by_data = {_digest(one.data): one.id for one in past.seen}
        for record in await self._store.runs.list(workflow=old.id, since=since, limit=MOST_PLAYED):
            facts = await self._store.runs.facts(record.id)
            event = facts[0].data.get("event") if facts else None
            name = record.by.removeprefix("event:")
            if not record.by.startswith("event:") or not isinstance(event, dict):
                continue
            id = by_data.get(_digest(event))
            if id is None and name in names and name.startswith("signalbox."):
                id = record.id
                past.seen.append(Seen(name, id, record.started_at, event))
            if id is not None:
                past.runs.setdefault(id, (record, facts))

    def _decisions(self, flow: Workflow | None, past: _Past, since: datetime, until: datetime) -> dict[str, Decision]:
        if flow is None:
            return {}
        trigger = flow.definition.trigger
        if trigger.type is TriggerType.SCHEDULED:
            found = fires_between(trigger, since, until, self._timezone)
        else:
            about: dict[str, Json] = {"id": flow.id, "name": flow.name, "version": flow.version}
            found = decisions_of(flow.definition, about, past.seen, until)
        return {decision.id: decision for decision in found}

    # --- what would have been done

    async def _rows(self, wish: ReplayWish, past: _Past, old: Mapping[str, Decision], new: Mapping[str, Decision]) -> list[Row]:
        every = {**old, **new}
        ids = sorted(every, key=lambda id: (every[id].at, id))
        played = await self._played(wish, past, [id for id in ids if _starts(new, id) or _starts(old, id)][-MOST_PLAYED:], old, new)
        if sum(_starts(new, id) or _starts(old, id) for id in ids) > len(played):
            past.notes.append(
                f"Of those that would start, the newest {len(played)} were played; of the others it is only said whether they start."
            )
        return [self._row(wish, past, every[id], old.get(id), new.get(id), played.get(id, (None, None))) for id in ids]

    def _row(
        self,
        wish: ReplayWish,
        past: _Past,
        decision: Decision,
        old: Decision | None,
        new: Decision | None,
        trials: tuple[Trial | None, Trial | None],
    ) -> Row:
        before = side_of(old, trials[0]) if wish.old is not None else None
        after = side_of(new, trials[1])
        both = before is not None and before.end is not None and after.end is not None
        really = past.runs.get(decision.id)
        return Row(
            id=decision.id, at=decision.at, name=decision.name, event=(new or decision).event or (old or decision).event or {},
            old=before, new=after, changes=changes_between(before.asks, after.asks) if both and before else (),
            really=really[0].state.value if really else "",
        )  # fmt: skip

    async def _played(
        self, wish: ReplayWish, past: _Past, ids: Sequence[str], old: Mapping[str, Decision], new: Mapping[str, Decision]
    ) -> dict[str, tuple[Trial | None, Trial | None]]:
        """Both versions on the same event with the same answers: those that were really given, where the same is asked; else examples."""
        scripts: list[tuple[Script, tuple[KnownAnswer, ...]]] = []
        places: list[tuple[str, int]] = []
        for id in reversed(ids):  # the newest first, in case time is up
            known = _answers(wish.old, past.runs.get(id))
            for side, (flow, decisions) in enumerate(((wish.old, old), (wish.new, new))):
                if flow is not None and _starts(decisions, id):
                    scripts.append((_script(flow, wish.others, decisions[id]), known))
                    places.append((id, side))
        trials = await self._rehearser.play_each(scripts)
        found: dict[str, list[Trial | None]] = {}
        for (id, side), trial in zip(places, trials, strict=False):
            found.setdefault(id, [None, None])[side] = trial
        whole = {id: (pair[0], pair[1]) for id, pair in found.items()}
        return {id: pair for id, pair in whole.items() if _complete(id, pair, old, new)}


def _complete(id: str, pair: tuple[Trial | None, Trial | None], old: Mapping[str, Decision], new: Mapping[str, Decision]) -> bool:
    return (pair[0] is not None or not _starts(old, id)) and (pair[1] is not None or not _starts(new, id))


def _starts(decisions: Mapping[str, Decision], id: str) -> bool:
    return id in decisions and decisions[id].starts


def _script(flow: Workflow, others: Sequence[Workflow], decision: Decision) -> Script:
    wish = Wish(workflow=flow, others=tuple(other for other in others if other.id != flow.id))
    by = "schedule" if decision.name == "schedule" else f"event:{decision.name}"
    return Script(wish=wish, begin=decision.at, event=decision.event or {}, inputs={}, by=by, example=False)


def _answers(old: Workflow | None, run: tuple[RunRecord, Sequence[Fact]] | None) -> tuple[KnownAnswer, ...]:
    """What was really asked and answered in that run."""
    if old is None or run is None:
        return ()
    asked: dict[str, Fact] = {}
    found = []
    for fact in run[1]:
        if fact.kind is FactKind.ASKED:
            asked[fact.step] = fact
        elif fact.kind is FactKind.ANSWERED and fact.step in asked:
            ask = asked[fact.step]
            action = str(ask.data.get("action") or action_of(old.definition, fact.step))
            arguments = ask.data.get("arguments")
            if isinstance(arguments, dict) and action.partition(".")[0] not in HOUSE:
                found.append(KnownAnswer(step=fact.step, action=action, arguments=arguments, output=fact.data.get("output")))
    return tuple(found)


HOUSE = frozenset({"chat", "signalbox"})  # what the house itself does is done again: an approval is asked, a run is started


def _seen(happening: Happening) -> Seen:
    return Seen(f"{happening.service}.{happening.event}", happening.id, happening.at, happening.data)


def _digest(data: Mapping[str, Json]) -> str:
    return repr(sorted(data.items(), key=lambda item: item[0]))
