"""Talk that must change nothing: a stray “yes”, what others say, what came too late, what was renamed meanwhile; over a real house, really understood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.conversation import HouseConversation
from bot.faces.face import Turn
from engine.monitoring.alert import AlertState
from engine.parties import Address
from engine.workflow.definition import WorkflowState
from tests.bot.cards.test_drawings import words_of
from tests.bot.talk import Talk, card
from tests.engine.commands.hall import ADA, BOB, OPS
from tests.intents.words import recogniser

ASKED = "create a workflow called digest: every day at 9 post the health report in #ops"
CHATTER = [
    "ok",
    "sure",
    "y",
    "👍",
    "🚀",
    "great",
    "nice",
    "k",
    "lol yes we did",
    "thanks",
    "sounds good to me, see you",
    "right",
    "yes?",
    "no idea",
]


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with Talk() as talk:
        talk.conversation = HouseConversation(talk.house, recogniser(), talk.painter)
        yield talk


def told(turn: Turn) -> str:
    return " ".join(words_of(reply.card) for reply in turn.replies)


async def stored(talk: Talk) -> list[str]:
    return [one.name for one in await talk.store.workflows.list() if one.state is not WorkflowState.DELETED]


async def later(talk: Talk, minutes: float) -> None:
    await talk.clock.pass_(minutes * 60)


async def test_a_yes_at_once_confirms_what_was_shown(talk: Talk) -> None:
    await talk.say(ASKED)
    await talk.say("yes")
    assert await stored(talk) == ["digest"]


@pytest.mark.parametrize("words", CHATTER)
async def test_chatter_confirms_nothing(talk: Talk, words: str) -> None:
    await talk.say(ASKED)
    await talk.say(words)
    await talk.say("yes", direct=False)
    assert await stored(talk) == []


async def test_a_yes_overheard_while_a_question_is_open_confirms_nothing(talk: Talk) -> None:
    await talk.say(ASKED)
    await talk.say("pause it or not, which one is it")
    await talk.say("when something happens, do something in jira")
    await talk.say("yes", direct=False)
    await talk.say("do it", direct=False)
    assert await stored(talk) == []


async def test_a_yes_long_after_the_preview_asks_for_a_look_at_it(talk: Talk) -> None:
    await talk.say(ASKED)
    await later(talk, 25)
    turn = await talk.say("yes")
    assert await stored(talk) == []
    assert told(turn)


async def test_a_yes_of_somebody_else_or_elsewhere_confirms_nothing(talk: Talk) -> None:
    await talk.say(ASKED)
    await talk.say("yes", actor=BOB)
    await talk.say("yes", where=Address("slack", "C77"))
    await talk.say("undo", actor=BOB)
    assert await stored(talk) == []
    await talk.say("yes")
    assert await stored(talk) == ["digest"]


async def test_a_yes_after_something_else_was_spoken_of_is_not_about_the_preview(talk: Talk) -> None:
    await talk.say(ASKED)
    await talk.say("how is github doing?")
    await talk.say("yes")
    assert await stored(talk) == []


async def test_a_yes_to_a_question_is_no_confirm_of_the_preview_before_it(talk: Talk) -> None:
    await talk.say(ASKED)
    turn = await talk.say("post 'hi' in #\u043eps")
    assert "Do you mean #ops?" in told(turn)
    turn = await talk.say("yes")
    assert "Message to ops" in told(turn)
    assert await stored(talk) == []


async def test_two_who_confirm_at_once_make_one_workflow(talk: Talk) -> None:
    turn = await talk.say(ASKED)
    shown = card(turn)
    both = await asyncio.gather(talk.push(shown, "confirm", actor=BOB), talk.say("yes"), talk.push(shown, "confirm", actor=ADA))
    assert await stored(talk) == ["digest"]
    assert all(told(one) for one in both)


async def test_undo_twice_deletes_nothing_and_says_so(talk: Talk) -> None:
    await talk.say(ASKED)
    await talk.say("yes")
    first = await talk.say("undo")
    second = await talk.say("undo")
    assert told(first)
    assert told(second)
    assert await stored(talk) == ["digest"], "it is asked for with a Confirm first"


async def test_what_was_renamed_meanwhile_is_changed_under_its_new_name(talk: Talk) -> None:
    await talk.say(ASKED)
    await talk.say("yes")
    await talk.say("rename digest to morning", actor=BOB)
    await talk.say("yes", actor=BOB)
    turn = await talk.say("also tell #dev")
    await talk.say("yes")
    assert len(await stored(talk)) == 1
    assert told(turn)


async def test_the_same_for_a_service_without_such_a_thing_is_refused_in_a_sentence(talk: Talk) -> None:
    await talk.say("when a pull request is merged in github, tell #ops")
    turn = await talk.say("same for stripe")
    assert told(turn)
    assert "Traceback" not in told(turn)
    assert await stored(talk) == []


async def test_an_expired_preview_is_not_confirmed_by_words(talk: Talk) -> None:
    await talk.say(ASKED)
    await later(talk, 60 * 30)
    turn = await talk.say("confirm")
    assert await stored(talk) == []
    assert told(turn)


async def test_a_taught_phrase_does_no_more_than_its_words(talk: Talk) -> None:
    await talk.alerted("github")
    await talk.alerted("trello")
    await talk.say("/signalbox teach clean up = resolve all")
    turn = await talk.say("clean up")
    assert told(turn)
    assert {one.state for one in await talk.store.alerts.list()} == {AlertState.FIRING}


async def test_another_request_while_a_question_is_open_is_no_name(talk: Talk) -> None:
    await talk.alerted("github")
    await talk.alerted("trello")
    await talk.stored()
    await talk.say("run it all", where=OPS)
    turn = await talk.say("resolve all", where=OPS)
    assert "workflow called" not in told(turn)
    assert {one.state for one in await talk.store.alerts.list()} == {AlertState.FIRING}
