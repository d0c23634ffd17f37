"""A replay says what a changed workflow would make of what really happened, beside the version it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.errors import Invalid
from engine.events import Handled, Happening, Received, RunStarted
from engine.rehearsal.differing import Replayed, ReplayWish
from engine.rehearsal.story import End
from engine.runtime.deliveries import key_of, write
from engine.workflow.definition import Workflow
from engine.workflow.run import Fact, FactKind, RunRecord, RunState
from storage.memory import MemoryStore
from tests.engine.clock import NOON
from tests.engine.runtime.rehearsal.house import flow, rehearser

PUSH = {"type": "event_based", "service": "github", "event": "push"}


def card(title: str = "{{event.title}}", **more: Any) -> dict[str, Any]:
    return {"id": "card", "action": "trello.create_card", "with": {"board": "Release", "list": "Doing", "title": title}, **more}


def tell(text: str = "{{steps.card.url}}") -> dict[str, Any]:
    return {"id": "tell", "action": "chat.post_message", "with": {"channel": "#ops", "text": text}}


def changed(old: Workflow, new: Workflow) -> Workflow:
    return replace(new, id=old.id, version=old.version + 1)


async def pushed(store: MemoryStore, hours_ago: float, event: str = "github.push", **data: Any) -> Happening:
    service, _, name = event.partition(".")
    at = NOON - timedelta(hours=hours_ago)
    happening = Happening(f"d{hours_ago}", service, name, at, data)
    await store.ledger.record(Received(key_of(happening), at, write([happening])))
    await store.ledger.record(Handled(key_of(happening)))
    return happening


async def ran(store: MemoryStore, flow: Workflow, event: dict[str, Any], at: datetime, *more: Fact, by: str = "event:github.push") -> None:
    record = RunRecord(
        id=f"run_{at:%H%M}",
        workflow=flow.id,
        version=flow.version,
        name=flow.name,
        state=RunState.SUCCEEDED,
        started_at=at,
        by=by,
        finished_at=at,
    )
    await store.ledger.record(RunStarted(record, (Fact(1, at, FactKind.STARTED, data={"event": event, "inputs": {}}), *more)))


async def replayed(store: MemoryStore, old: Workflow | None, new: Workflow, days: float = 7.0) -> Replayed:
    return await rehearser(store=store).replay(ReplayWish(new=new, old=old, days=days))


async def test_events_that_start_one_version_and_not_the_other_are_told_with_the_reason() -> None:
    store = MemoryStore()
    for hours, branch in ((3, "main"), (2, "dev"), (1, "main")):
        await pushed(store, hours, branch=branch, title=f"Push {hours}")
    old = flow([card()], PUSH)
    result = await replayed(store, old, changed(old, flow([card()], PUSH, when="event.branch == 'dev'")))
    assert [(row.event["title"], row.kind) for row in result.rows] == [("Push 3", "no_more"), ("Push 2", "same"), ("Push 1", "no_more")]
    assert "event.branch == 'dev'" in result.rows[0].new.reason
    assert result.summary() == "Of 3 events 1 would start it (3 before): 2 no more."


async def test_an_ask_that_would_say_something_else_is_told_by_argument_and_new_and_gone_steps_by_name() -> None:
    store = MemoryStore()
    await pushed(store, 1, title="Faster login", sha="abc")
    old = flow([card(), tell()], PUSH)
    new = changed(
        old,
        flow(
            [
                card("{{event.title}} ({{event.sha}})"),
                {"id": "issue", "action": "github.create_issue", "with": {"repo": "a/b", "title": "x"}},
            ],
            PUSH,
        ),
    )
    (row,) = (await replayed(store, old, new)).rows
    assert row.kind == "differs"
    assert [(one.kind, one.step, one.argument, one.was, one.now) for one in row.changes] == [
        ("other", "card", "title", "Faster login", "Faster login (abc)"),
        ("gone", "tell", "", "", ""),
        ("new", "issue", "", "", ""),
    ]


async def test_the_same_version_again_differs_in_nothing() -> None:
    store = MemoryStore()
    await pushed(store, 1, title="A")
    old = flow([card(), tell()], PUSH)
    result = await replayed(store, old, changed(old, flow([card(), tell()], PUSH)))
    assert result.same
    assert result.summary() == "Of 1 event 1 would start it, as before, and nothing differs."


async def test_what_was_really_answered_is_answered_again_where_the_same_is_asked() -> None:
    store = MemoryStore()
    event = {"title": "A"}
    await pushed(store, 1, **event)
    old = flow([card(), tell()], PUSH)
    at = NOON - timedelta(hours=1)
    arguments = {"board": "Release", "list": "Doing", "title": "A"}
    facts = (
        Fact(2, at, FactKind.ASKED, "card", 1, "k", {"arguments": arguments}),
        Fact(3, at, FactKind.ANSWERED, "card", 1, "k", {"output": {"url": "https://trello.com/c/really"}}),
    )
    await ran(store, old, event, at, *facts)
    (row,) = (await replayed(store, old, changed(old, flow([card(), tell("See {{steps.card.url}}")], PUSH)))).rows
    assert row.really == "succeeded"
    (change,) = row.changes
    assert (change.was, change.now) == ("https://trello.com/c/really", "See https://trello.com/c/really")


async def test_an_outcome_that_changes_is_a_difference() -> None:
    store = MemoryStore()
    await pushed(store, 1, title="A")
    old = flow([card()], PUSH)
    (row,) = (await replayed(store, old, changed(old, flow([card("{{event.tag}}")], PUSH)))).rows
    assert (row.kind, row.old and row.old.end, row.new.end) == ("differs", End.SUCCEEDED, End.FAILED)
    assert "tag" in row.new.why


async def test_events_of_the_house_are_known_from_the_runs_they_started() -> None:
    store = MemoryStore()
    trigger = {"type": "event_based", "service": "signalbox", "event": "alert_opened"}
    old = flow([tell("{{event.text}}")], trigger)
    await ran(store, old, {"text": "Down", "severity": "high"}, NOON - timedelta(hours=2), by="event:signalbox.alert_opened")
    (row,) = (await replayed(store, old, changed(old, flow([tell("Alert: {{event.text}}")], trigger)))).rows
    assert (row.kind, row.changes[0].now) == ("differs", "Alert: Down")


async def test_a_schedule_that_fires_at_other_times_is_told_fire_by_fire() -> None:
    old = flow([tell("x")], {"type": "scheduled", "cron": "0 6,9 * * *", "timezone": "UTC"})
    new = changed(old, flow([tell("x")], {"type": "scheduled", "cron": "0 9,18 * * *", "timezone": "UTC"}))
    result = await replayed(MemoryStore(), old, new, days=1)
    assert result.unit == "fire"
    assert [(row.at.hour, row.kind) for row in result.rows] == [(18, "newly"), (6, "no_more"), (9, "same")]


async def test_what_is_gathered_and_what_waits_for_quiet_is_decided_over_the_whole_time() -> None:
    store = MemoryStore()
    for minutes in (0, 2, 4, 60):
        await pushed(store, 5 - minutes / 60, title=f"{minutes}")
    old = flow([card()], PUSH)
    result = await replayed(store, old, changed(old, flow([card()], {**PUSH, "debounce": "10m"})))
    assert [(row.event["title"], row.kind) for row in result.rows] == [("0", "no_more"), ("2", "no_more"), ("4", "same"), ("60", "same")]


async def test_a_first_version_is_only_shown() -> None:
    store = MemoryStore()
    await pushed(store, 1, title="A")
    result = await replayed(store, None, flow([card()], PUSH))
    assert (result.old, result.rows[0].old, result.rows[0].new.end) == (0, None, End.SUCCEEDED)
    assert result.summary() == "Of 1 event 1 would start it."


async def test_only_the_time_that_was_asked_for_is_looked_at_and_only_so_much_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.rehearsal.replayer.MOST_PLAYED", 2)
    store = MemoryStore()
    for hours in (1, 2, 3, 30):
        await pushed(store, hours, title=f"{hours}")
    result = await replayed(store, None, flow([card()], PUSH), days=1)
    assert [(row.event["title"], row.new.end) for row in result.rows] == [("3", None), ("2", End.SUCCEEDED), ("1", End.SUCCEEDED)]
    assert "the newest 2 were played" in result.notes[0]
    with pytest.raises(Invalid, match="30 days can be replayed"):
        ReplayWish(new=flow([card()], PUSH), old=None, days=31)


async def test_nothing_of_the_house_is_written() -> None:
    store = MemoryStore()
    await pushed(store, 1, title="A")
    written: list[Any] = []
    store.ledger.listen(written.extend)
    await replayed(store, None, flow([card(), tell()], PUSH))
    assert written == []
    assert await store.runs.list() == []
