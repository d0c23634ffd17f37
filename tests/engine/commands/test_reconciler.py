"""What was done elsewhere is asked about once the service is well, and put right once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cards.reroute import reroutes
from bot.subjects import card_of
from engine.commands.rerouted import decided, kept
from engine.errors import Conflict
from engine.events import DetectorSaved
from engine.runtime.reconciler import Reconciler
from engine.workflow.definition import Json
from engine.workflow.putting_right import Fate
from engine.workflow.reroute import stream_of
from tests.engine.commands.hall import ADA, BOB, OPS, Hall

ARGUMENTS = {"board": "Release", "list": "To Do", "title": "Disk {{full}}"}


async def rerouted(hall: Hall, run: str = "run_1", **more: Json) -> str:
    stream = stream_of("trello", run, "card")
    body: dict[str, Json] = {
        "run": run, "step": "card", "workflow": "wf_1", "name": "Release", "where": str(OPS), "action": "trello.create_card", "account": "",
        "instead": "asana.create_task", "asked": {"title": "Disk {{full}}"}, "arguments": ARGUMENTS, "by_hand": "",
        "output": {"id": "77", "url": "https://example.org/77"}, "because": "", "sandbox": False, "state": "open", **more,
    }  # fmt: skip
    await hall.store.ledger.record(DetectorSaved(stream, body, hall.clock.now()))
    return stream


def reconciler(hall: Hall, down: set[str]) -> Reconciler:
    return Reconciler(hall.store, hall.runner, hall.clock, trouble=down.__contains__, addresses=lambda: [OPS])


async def well(hall: Hall, one: Reconciler) -> None:
    await one.look()
    await hall.clock.pass_(120)
    await one.look()


async def the_card(hall: Hall) -> str:
    (policy,) = await hall.store.policies.of("reroutes")
    return policy.id


async def fates(hall: Hall) -> list[Fate]:
    return [one.fate for one in await kept(hall.store)]


async def test_nobody_is_asked_while_it_is_down_or_only_just_back(hall: Hall) -> None:
    down = {"trello"}
    one = reconciler(hall, down)
    await rerouted(hall)
    await well(hall, one)
    assert await hall.store.policies.of("reroutes") == []
    down.clear()
    await one.look()
    await hall.clock.pass_(60)
    await one.look()
    assert await hall.store.policies.of("reroutes") == []
    await hall.clock.pass_(60)
    await one.look()
    card = await card_of(hall.house, "reroutes", await the_card(hall), {})
    assert card.title == "Trello is back. While it was down, 1 thing was done elsewhere"
    assert [button.verb for button in card.actions] == ["do", "leave"]


async def test_an_open_alert_keeps_the_question_back(hall: Hall) -> None:
    await hall.alerted("trello")
    await rerouted(hall)
    await well(hall, reconciler(hall, set()))
    assert await hall.store.policies.of("reroutes") == []


async def test_what_is_pressed_is_done_once_with_the_steps_own_words(hall: Hall) -> None:
    one = reconciler(hall, set())
    await rerouted(hall)
    await well(hall, one)
    card = await the_card(hall)
    await hall.press(card, "do", 1)
    await hall.finished()
    with pytest.raises(Conflict):
        await hall.press(card, "do", 2, actor=BOB)
    await one.look()
    await one.look()
    (asked,) = [call for call in hall.world.asked if call.service == "trello"]
    assert dict(asked.arguments) == ARGUMENTS, "braces in somebody's text are text"
    assert await fates(hall) == [Fate.DONE]
    assert ("Ada", "put_right", "done") in await hall.audited("trello")
    assert not (await card_of(hall.house, "reroutes", card, {})).actions
    assert [flow.name for flow in await hall.store.workflows.list()] == []


async def test_what_is_left_is_left_and_nothing_is_asked(hall: Hall) -> None:
    one = reconciler(hall, set())
    await rerouted(hall)
    await well(hall, one)
    await hall.press(await the_card(hall), "leave", 1)
    await well(hall, one)
    assert await fates(hall) == [Fate.LEFT]
    assert hall.world.asked == []


async def test_thing_by_thing_it_is_done_left_or_decided_later(hall: Hall) -> None:
    one = reconciler(hall, set())
    for run in ("run_1", "run_2", "run_3"):
        await rerouted(hall, run)
    await well(hall, one)
    await hall.press(await the_card(hall), "choose", 1, form={"thing0": "do", "thing1": "leave", "thing2": "later"})
    await hall.finished()
    await one.look()
    assert await fates(hall) == [Fate.DONE, Fate.LEFT, Fate.OPEN]


async def test_what_comes_later_joins_the_card_and_an_old_press_does_nothing(hall: Hall) -> None:
    one = reconciler(hall, set())
    await rerouted(hall)
    await well(hall, one)
    await rerouted(hall, "run_2")
    await one.look()
    card = await the_card(hall)
    with pytest.raises(Conflict, match="since you looked"):
        await hall.press(card, "do", 1)
    assert "2 things were" in (await card_of(hall.house, "reroutes", card, {})).title


async def test_a_crash_between_the_decision_and_its_run_loses_and_doubles_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    await rerouted(hall)
    (thing,) = await kept(hall.store)

    async def dies(*_: object, **__: object) -> None:
        raise ConnectionError

    runner_start = hall.runner.start
    monkeypatch.setattr(hall.runner, "start", dies)
    with pytest.raises(ConnectionError):
        await decided(hall.house, hall.asking(ADA), "trello", {thing.stream: "do"}, [], verb="put_right")
    monkeypatch.setattr(hall.runner, "start", runner_start)
    assert await fates(hall) == [Fate.DOING]
    one = reconciler(hall, set())
    for _ in range(3):
        await one.look()
        await hall.finished()
    assert await fates(hall) == [Fate.DONE]
    assert len([call for call in hall.world.asked if call.service == "trello"]) == 1


async def test_what_only_a_person_can_do_is_said_and_not_offered(hall: Hall) -> None:
    await rerouted(hall, arguments=None, by_hand="it speaks of what “first” made in Asana")
    await well(hall, reconciler(hall, set()))
    card = await card_of(hall.house, "reroutes", await the_card(hall), {})
    assert [button.verb for button in card.actions] == ["leave"]
    assert "it speaks of what “first” made in Asana" in str(card.body)


async def test_in_words_it_is_listed_and_done_after_a_confirm(hall: Hall) -> None:
    await rerouted(hall)
    listed = (await hall.ask("list_reroutes", service="Trello")).result
    assert "/service put-right trello" in str(reroutes(listed).body)  # type: ignore[arg-type]
    preview = (await hall.ask("put_right", service="trello")).result
    await hall.press(preview.draft.id, "confirm", 1)  # type: ignore[union-attr]
    await hall.finished()
    await reconciler(hall, set()).look()
    assert await fates(hall) == [Fate.DONE]


async def test_what_was_settled_long_ago_is_forgotten(hall: Hall) -> None:
    one = reconciler(hall, set())
    await rerouted(hall)
    await well(hall, one)
    await hall.press(await the_card(hall), "leave", 1)
    hall.clock._now += timedelta(days=91)
    await one.look()
    assert (await kept(hall.store), await hall.store.policies.of("reroutes")) == ([], [])
