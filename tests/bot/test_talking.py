"""A talk over a real house, really understood: lists and alerts that were shown here are pointed at, and what comes too late is told so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation import DIALOGUE_LIFE, HouseConversation
from bot.faces.face import Turn
from engine.events import PostingSent, PostingSettled
from engine.monitoring.alert import AlertState
from engine.parties import Address, MessageRef
from engine.workflow.definition import WorkflowState
from tests.bot.cards.test_drawings import words_of
from tests.bot.talk import Talk, buttons, card
from tests.engine.commands.hall import BOB, OPS
from tests.intents.words import recogniser

LOUNGE = Address("slack", "C77")


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with Talk() as talk:
        talk.conversation = HouseConversation(talk.house, recogniser(), talk.painter)
        yield talk


def told(turn: Turn) -> str:
    return " ".join(words_of(reply.card) for reply in turn.replies)


async def states(talk: Talk) -> dict[str, AlertState]:
    return {one.service: one.state for one in await talk.store.alerts.list()}


async def later(talk: Talk, minutes: float) -> None:
    await talk.clock.pass_(minutes * 60)


# --- lists --------------------------------------------------------------------------------------------------------------------


async def test_rows_of_a_list_are_meant_by_their_place_for_ten_minutes(talk: Talk) -> None:
    for service in ("github", "trello", "asana"):
        await talk.alerted(service)
        await later(talk, 1)
    await later(talk, 20)
    await talk.say("list alerts", where=LOUNGE)  # the newest first: Asana, Trello, GitHub
    await talk.say("resolve the second", where=LOUNGE)
    assert await states(talk) == {
        "github": AlertState.FIRING, "trello": AlertState.RESOLVED, "asana": AlertState.FIRING
    }  # fmt: skip
    turn = await talk.say("ack 1 and 3", where=LOUNGE)
    assert len(turn.replies) >= 2
    assert [state for service, state in (await states(talk)).items() if service != "trello"] == [AlertState.ACKNOWLEDGED] * 2
    await talk.say("list alerts", where=LOUNGE)
    await later(talk, 11)
    assert "no list" in told(await talk.say("the second one", where=LOUNGE))


async def test_a_workflow_is_meant_by_its_place_and_a_list_is_each_persons_own(talk: Talk) -> None:
    names = [(await talk.stored()).name, (await talk.stored({**RUNBOOK, "name": "Sweep"})).name]
    shown = await talk.say("list workflows")
    assert all(name in told(shown) for name in names)
    assert "no list" in told(await talk.say("the last one", actor=BOB))
    order = [flow.name for flow in await talk.store.workflows.list()]
    await talk.say("pause the first one")
    paused = [flow.name for flow in await talk.store.workflows.list() if flow.state is WorkflowState.PAUSED]
    assert paused in ([order[0]], [order[1]])
    assert told(shown).index(paused[0]) < told(shown).index(next(name for name in names if name not in paused))


RUNBOOK = {"trigger": {"type": "manual"}, "steps": [{"action": "chat.post_message", "with": {"channel": "#ops", "text": "hello"}}]}


# --- alerts --------------------------------------------------------------------------------------------------------------------


async def test_it_is_the_alert_that_was_posted_here_and_of_several_one_is_asked_for(talk: Talk) -> None:
    await talk.alerted("github")
    await talk.say("ack it")
    assert await states(talk) == {"github": AlertState.ACKNOWLEDGED}
    await talk.alerted("trello")
    await later(talk, 1)
    asked = await talk.say("resolve it")
    assert len(buttons(card(asked))) == 2
    await talk.say("the first one")
    assert list((await states(talk)).values()).count(AlertState.RESOLVED) == 1


async def test_an_alert_nobody_spoke_of_here_is_asked_for_with_a_button_each(talk: Talk) -> None:
    await talk.alerted("github")
    turn = await talk.say("ack it", where=LOUNGE)
    assert buttons(card(turn)) == ["GitHub: github does not answer"]
    assert await states(talk) == {"github": AlertState.FIRING}
    await talk.push(card(turn), card(turn).actions[0].verb, arg=card(turn).actions[0].arg, where=LOUNGE)
    assert await states(talk) == {"github": AlertState.ACKNOWLEDGED}


async def test_why_tells_of_the_alert_and_right_after_another_request_of_its_reading(talk: Talk) -> None:
    await talk.alerted("github")
    await later(talk, 15)
    assert "GitHub" in told(await talk.say("/alerts why github", where=LOUNGE))
    assert "Why GitHub alerted" in told(await talk.say("why?", where=LOUNGE))
    await talk.say("ack it", where=LOUNGE)
    assert "Why GitHub alerted" in told(await talk.say("who has it?", where=LOUNGE))
    await talk.say("every weekday at 9 post the health report in #ops", where=LOUNGE)
    assert "You said: every weekday" in told(await talk.say("why?", where=LOUNGE))
    await talk.say("help", where=LOUNGE)
    assert "You said: help" in told(await talk.say("why?", where=LOUNGE))


async def test_an_answer_in_the_thread_of_an_alerts_card_is_about_that_alert(talk: Talk) -> None:
    first = await talk.alerted("github")
    await talk.alerted("trello")
    (posting,) = await talk.store.postings.of(first.id)
    await talk.store.ledger.record(PostingSent(posting.id), PostingSettled(posting.id, MessageRef("slack", "C1", "17.5"), posting.wanted))
    thread = replace(Address("slack", "C1"), thread="17.5")
    await talk.say("so who looks at it, you?", where=thread, direct=False)
    assert set((await states(talk)).values()) == {AlertState.FIRING}
    await talk.say("ack", where=thread, direct=False, actor=BOB)
    assert await states(talk) == {"github": AlertState.ACKNOWLEDGED, "trello": AlertState.FIRING}
    await talk.say("resolve it", where=thread)
    assert (await states(talk))["github"] is AlertState.RESOLVED


# --- too late --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["2", "the second one"])
@pytest.mark.parametrize("direct", [True, False])
async def test_an_answer_that_comes_too_late_is_told_so(talk: Talk, words: str, direct: bool) -> None:
    await talk.stored()
    await talk.stored({**RUNBOOK, "name": "Sweep"})
    assert len(buttons(card(await talk.say("pause it", where=OPS)))) == 2
    await talk.clock.pass_(DIALOGUE_LIFE.total_seconds() + 1)
    turn = await talk.say(words, direct=direct)
    assert "That question is over" in told(turn)
    assert all(flow.state is WorkflowState.ACTIVE for flow in await talk.store.workflows.list())
    await talk.clock.pass_(timedelta(hours=13).total_seconds())
    assert "That question is over" not in told(await talk.say(words, direct=direct))
