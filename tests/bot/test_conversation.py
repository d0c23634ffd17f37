"""One turn at a time: heard once, answered always, asked back well, and never more done than was meant."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards.card import Picture, Tone
from bot.conversation import DIALOGUE_LIFE, TOO_OLD
from bot.faces.face import Press, Turn, Utterance
from bot.inbox import LONGEST
from engine.errors import Rejected, Transient
from engine.events import Handled, Received
from engine.parties import Actor, Address
from engine.ports import Understood
from engine.workflow.definition import DraftState, WorkflowState
from storage.sql import SqlStore
from tests.bot.cards.test_drawings import words_of
from tests.bot.talk import Talk, button, buttons, card, understood
from tests.engine.commands.hall import ADA, BOB, MANUAL, OPS, RELEASE


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with Talk() as talk:
        yield talk


# --- words ------------------------------------------------------------------------------------------------------------------


async def test_an_order_becomes_a_public_preview_that_arrives_by_itself(talk: Talk) -> None:
    turn = await talk.say("make it")
    (reply,) = turn.replies
    assert (turn.ok, reply.tracked, reply.private) == (True, True, False)
    assert buttons(reply.card) == ["Confirm", "Edit", "Cancel", "Rehearse"]
    assert turn.command is not None
    assert turn.command["command"] == "create_workflow"
    assert await talk.standing(reply.card.id) == reply.card


async def test_the_understanding_hears_who_where_and_when(talk: Talk) -> None:
    await talk.stored()
    await talk.say("/flow list")
    (said,) = talk.rote.heard
    assert (said.timezone, said.actor, said.where, said.workflows, said.pending) == ("Europe/Berlin", ADA.id, str(OPS), ["Release"], None)


async def test_the_same_utterance_is_accepted_once(talk: Talk) -> None:
    utterance = talk.utterance("make it", id="Ev1")
    assert await talk.conversation.accept(utterance)
    assert not await talk.conversation.accept(utterance)
    assert await talk.conversation.accept(replace(utterance, where=Address("discord", "C1")))


async def test_what_was_accepted_before_a_crash_is_answered_after_it_and_drafted_once(talk: Talk) -> None:
    utterance = talk.utterance("make it")
    await talk.conversation.accept(utterance)
    first = await talk.conversation._heard(utterance)  # the crash comes before it is noted as handled
    ((resumed, turn),) = await talk.conversation.resume()
    assert resumed == utterance
    assert card(turn) == card(first)
    assert len(await talk.store.postings.due(talk.clock.now())) == 1
    assert await talk.conversation.resume() == []


async def test_what_came_in_just_now_may_be_in_the_hands_of_another_process_and_is_left_to_it(talk: Talk) -> None:
    await talk.conversation.accept(talk.utterance("make it"))
    assert await talk.conversation.resume(older=timedelta(minutes=1)) == []
    await talk.clock.pass_(61)
    assert len(await talk.conversation.resume(older=timedelta(minutes=1))) == 1


async def test_a_run_asked_for_before_a_crash_is_started_once(talk: Talk) -> None:
    await talk.stored(
        {**MANUAL, "trigger": {"type": "manual"}, "steps": [{"action": "chat.post_message", "with": {"channel": "#x", "text": "x"}}]}
    )
    utterance = talk.utterance("/flow run deploy")
    await talk.conversation.accept(utterance)
    first = await talk.conversation._heard(utterance)
    ((_, turn),) = await talk.conversation.resume()
    assert turn.run == first.run
    assert len(await talk.store.runs.list()) == 1


async def test_what_was_said_long_before_a_crash_is_not_done_any_more_but_said_so(talk: Talk) -> None:
    await talk.stored()
    await talk.conversation.accept(talk.utterance("/flow pause release"))
    await talk.clock.pass_(TOO_OLD.total_seconds() + 1)
    ((_, turn),) = await talk.conversation.resume()
    assert "was not done" in card(turn).title
    assert "/flow pause release" in words_of(card(turn))
    assert (await talk.store.workflows.list())[0].state is WorkflowState.ACTIVE
    assert await talk.conversation.resume() == []


async def test_a_turn_cut_off_by_the_end_of_the_process_is_taken_up_again(talk: Talk) -> None:
    gate = asyncio.Event()

    class Slow:
        async def understand(self, said: Any) -> Understood:
            await gate.wait()
            return understood("list_workflows")

    talk.conversation._understanding = Slow()  # type: ignore[assignment]
    utterance = talk.utterance("/flow list")
    await talk.conversation.accept(utterance)
    hearing = asyncio.create_task(talk.conversation.hear(utterance))
    await asyncio.sleep(0)
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    gate.set()
    assert [resumed for resumed, _ in await talk.conversation.resume()] == [utterance]


async def test_whoever_spoke_is_who_they_were_after_a_crash(talk: Talk) -> None:
    actor = Actor("rest", "api", "Script", "Asia/Kathmandu", "ne-NP")
    utterance = talk.utterance("hello", actor=actor, where=Address("web", "#ops", "t1"), direct=False)
    await talk.conversation.accept(utterance)
    ((resumed, _),) = await talk.conversation.resume()
    assert resumed == utterance


async def test_other_deliveries_in_the_inbox_are_left_alone(talk: Talk) -> None:
    await talk.store.ledger.record(
        Received("hook:github:1", talk.clock.now(), {}), Received("said:slack:E", talk.clock.now(), {"where": "slack:C1"})
    )
    assert len(await talk.conversation.resume()) == 1
    await talk.store.ledger.record(Received("said:slack:F", talk.clock.now(), {"at": "never"}))
    assert await talk.conversation.resume() == [], "what cannot be read back is not tried for ever"
    assert [key for key, _ in await talk.store.inbox.unhandled()] == ["hook:github:1"]


async def test_what_is_too_long_is_refused_instead_of_cut(talk: Talk) -> None:
    turn = await talk.say("x" * (LONGEST + 1))
    assert not turn.ok
    assert f"{LONGEST + 1:,} characters; {LONGEST:,} are read at once" in card(turn).title
    utterance = talk.utterance("y" * 3 * LONGEST)
    await talk.conversation.accept(utterance)
    ((_, resumed),) = await talk.conversation.resume()
    assert not resumed.ok
    assert talk.rote.heard == []


@pytest.mark.parametrize("text", ["", "  ", "\n"])
async def test_nothing_said_to_us_directly_gets_help(talk: Talk, text: str) -> None:
    assert card(await talk.say(text)).title == "What Signalbox can be asked"
    assert (await talk.say(text, direct=False)).replies == ()


async def test_small_talk_is_answered_and_nonsense_gets_a_hint(talk: Talk) -> None:
    assert card(await talk.say("hello")).title == "Hello! Try /signalbox help."
    nonsense = await talk.say("blarg")
    assert card(nonsense).tone is Tone.WARNING
    assert "/signalbox help" in words_of(card(nonsense))


@pytest.mark.parametrize("text", ["blarg", "hello", "perhaps list"])
async def test_what_is_merely_overheard_and_not_surely_for_us_is_left_alone(talk: Talk, text: str) -> None:
    assert (await talk.say(text, direct=False)).replies == ()


async def test_a_command_this_version_lacks_is_answered_honestly(talk: Talk) -> None:
    turn = await talk.say("brew a coffee")
    assert "I understood “brew coffee”, but this version cannot do that yet" in card(turn).title
    assert turn.command is not None
    assert turn.command["command"] == "brew_coffee"


async def test_impact_comes_with_its_picture_or_with_the_same_in_words(talk: Talk) -> None:
    await talk.stored()
    drawn = card(await talk.say("/impact trello"))
    (picture,) = [part for part in drawn.body if isinstance(part, Picture)]
    assert "Release" in picture.alt
    talk.painter.broken = True
    bare = card(await talk.say("/impact trello"))
    assert not [part for part in bare.body if isinstance(part, Picture)]
    assert "Stops: Release" in words_of(bare)


async def test_completion_knows_the_workflows(talk: Talk) -> None:
    await talk.stored()
    assert await talk.conversation.complete("/flow run") == [("/flow run Release", "a workflow")]


# --- failures ---------------------------------------------------------------------------------------------------------------


async def test_a_fault_of_ours_shows_a_reference_and_no_traceback(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    talk.rote.words["boom"] = ZeroDivisionError("division by zero in /srv/secret.py")
    with caplog.at_level(logging.ERROR):
        turn = await talk.say("boom", id="Ev666")
    text = words_of(card(turn))
    assert not turn.ok
    assert "Ev666" in text
    assert not any(word in text for word in ("ZeroDivision", "secret", "Traceback", "division"))
    assert "turn Ev666 failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_busy_database_is_said_in_words(talk: Talk) -> None:
    talk.rote.words["busy"] = Transient("The database is busy.", 1.0)
    turn = await talk.say("busy")
    assert (turn.ok, card(turn).title) == (False, "Not now")


async def test_a_turn_is_answered_even_when_it_cannot_be_noted_as_handled(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    record = talk.store.ledger.record

    async def full(*events: Any) -> None:
        if any(isinstance(event, Handled) for event in events):
            raise Transient("The disk is full.")
        await record(*events)

    talk.store.ledger.record = full  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING):
        turn = await talk.say("hello")
    assert turn.ok
    assert "taken up again at the next start" in caplog.text


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60), name=st.text(min_size=1, max_size=20))
async def test_whatever_is_said_by_whomever_there_is_an_answer(text: str, name: str) -> None:
    async with Talk() as talk:
        turn = await talk.say(text, actor=replace(ADA, name=name))
        assert turn.replies


# --- asked back -------------------------------------------------------------------------------------------------------------


async def test_a_question_is_answered_by_a_press(talk: Talk) -> None:
    await talk.stored()
    asked = card(await talk.say("pause it"))
    assert (asked.title, buttons(asked)) == ("Which workflow shall I pause?", ["Release", "Deploy"])
    assert asked.id.startswith("ask_")
    turn = await talk.push(asked, "say", arg=button(asked, "Release").arg)
    assert "Ada paused “Release”" in card(turn).title
    over = await talk.push(asked, "say", arg="0")
    assert "This question is over" in card(over).title


@pytest.mark.parametrize("words", ["the release one", "pause release", "Release", "release.", "1", "#1", "1."])
async def test_a_question_is_answered_in_words(talk: Talk, words: str) -> None:
    await talk.stored()
    await talk.say("pause it")
    assert "Ada paused “Release”" in card(await talk.say(words)).title
    assert "I did not understand" in card(await talk.say("1")).title


async def test_the_understanding_is_reminded_of_its_question_until_it_is_answered(talk: Talk) -> None:
    await talk.stored()
    await talk.say("pause it")
    await talk.say("blarg")
    await talk.say("the release one")
    await talk.say("blarg")
    assert [said.pending for said in talk.rote.heard] == [None, {"command": "pause_workflow"}, {"command": "pause_workflow"}, None]


async def test_words_that_merely_resemble_a_choice_are_left_to_the_understanding(talk: Talk) -> None:
    question = talk.rote.words["pause it"]
    assert isinstance(question, Understood)
    talk.rote.words["pause it"] = replace(question, options=(("Deploy production", "pause deploy production"),))
    await talk.say("pause it")
    await talk.say("production")
    assert talk.rote.heard[-1].text == "production"


async def test_a_new_request_ends_the_question(talk: Talk) -> None:
    await talk.say("pause it")
    await talk.say("/flow list")
    await talk.say("blarg")
    assert talk.rote.heard[-1].pending is None


async def test_a_question_is_put_to_one_person_in_one_place_and_for_a_while(talk: Talk) -> None:
    await talk.stored()
    asked = card(await talk.say("pause it"))
    assert "put to somebody else" in card(await talk.push(asked, "say", arg="0", actor=BOB)).title
    await talk.say("1", actor=BOB)
    await talk.say("1", where=Address("slack", "C2"))
    assert [said.pending for said in talk.rote.heard[1:]] == [None, None]
    await talk.clock.pass_(DIALOGUE_LIFE.total_seconds() + 1)
    assert "This question is over" in card(await talk.push(asked, "say", arg="0")).title
    assert (await talk.store.workflows.list())[0].state is WorkflowState.ACTIVE


async def test_the_buttons_of_an_older_question_never_answer_a_newer_one(talk: Talk) -> None:
    await talk.stored(RELEASE)
    await talk.stored(MANUAL)
    talk.rote.words["resume it"] = replace(
        talk.rote.words["pause it"],
        command="resume_workflow",
        question="Which shall go on?",
        options=(("Deploy", "pause deploy"), ("Release", "/x")),  # type: ignore[type-var]
    )
    older = card(await talk.say("pause it"))
    await talk.say("resume it")
    turn = await talk.push(older, "say", arg=button(older, "Release").arg)
    assert "paused “Release”" in card(turn).title
    assert {flow.name: flow.state for flow in await talk.store.workflows.list()}["Deploy"] is WorkflowState.ACTIVE


async def test_a_press_on_a_question_shown_elsewhere_counts_where_it_was_put(talk: Talk) -> None:
    talk.rote.words["make what"] = Understood(
        command="create_workflow", confidence=0.7, arguments={}, question="What?", options=(("The release flow", "make it"),)
    )
    asked = card(await talk.say("make what"))
    drafted = card(await talk.push(asked, "say", arg="0", where=Address("slack", "D7")))
    (posting,) = await talk.store.postings.of(drafted.id)
    assert posting.to == OPS


async def test_a_choice_that_is_not_there_is_refused(talk: Talk) -> None:
    asked = card(await talk.say("pause it"))
    for arg in ("7", "-1", "x", "", "²", "0" * 99):
        assert not (await talk.push(asked, "say", arg=arg)).ok


async def test_an_acknowledgement_that_fits_several_alerts_asks_which(talk: Talk) -> None:
    first, second = await talk.alerted("github"), await talk.alerted("trello")
    asked = card(await talk.say("/ack"))
    assert asked.title == "2 alerts are open. Which one?"
    turn = await talk.say("trello")
    assert turn.ok
    states = {one.id: one.state.value for one in await talk.store.alerts.list()}
    assert states == {first.id: "firing", second.id: "acknowledged"}
    assert len(talk.rote.heard) == 1, "the answer needed no understanding"
    assert turn.command is not None
    assert turn.command["command"] == "acknowledge_alert"
    assert "I did not understand" in card(await talk.say("github")).title, "the question is answered and over"
    assert not (await talk.push(asked, "say", arg="1")).ok


async def test_words_that_fit_several_choices_or_none_are_no_answer(talk: Talk) -> None:
    await talk.alerted("github")
    await talk.alerted("trello")
    await talk.say("/ack")
    for words in ("does not answer", "the health of github please and thank you very much", "gitlab", "3"):
        assert "I did not understand" in card(await talk.say(words)).title
    assert {one.state.value for one in await talk.store.alerts.list()} == {"firing"}


# --- presses ----------------------------------------------------------------------------------------------------------------


async def test_confirm_stores_once_and_the_card_settles(talk: Talk) -> None:
    preview = card(await talk.say("make it"))
    turn = await talk.push(preview, "confirm", actor=BOB)
    (reply,) = turn.replies
    assert (turn.ok, reply.private, reply.tracked) == (True, True, True), "the card that was pressed says it; a second one would be noise"
    settled = await talk.standing(preview.id)
    assert settled == reply.card
    assert settled.actions == ()
    assert "Confirmed  by  Bob" in words_of(settled)
    assert turn.command == {"command": "confirm_draft", "arguments": {"card": preview.id}}


async def test_two_who_press_at_the_same_moment_store_once_and_the_second_hears_why_in_private(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'a.db'}", secret_key="k" * 43, clock=Talk().clock)
    try:
        async with Talk(store) as talk:
            preview = card(await talk.say("make it"))
            turns = await asyncio.gather(talk.push(preview, "confirm"), talk.push(preview, "confirm", actor=BOB))
            assert sorted(turn.ok for turn in turns) == [False, True]
            (late,) = [turn for turn in turns if not turn.ok]
            assert late.replies[0].private
            assert "already confirmed by" in words_of(card(late))
            assert len(await talk.store.workflows.list()) == 1
            assert sorted(row.outcome for row in await talk.store.audit.list()) == ["done", "refused"]
    finally:
        await store.close()


async def test_a_repeated_press_does_nothing_and_says_nothing(talk: Talk) -> None:
    preview = card(await talk.say("make it"))
    press = talk.pressing(preview, "confirm", id="T1")
    assert (await talk.conversation.press(press)).ok
    assert await talk.conversation.press(press) == Turn()
    assert len(await talk.audited()) == 1


async def test_a_refused_press_leaves_a_row_in_the_audit(talk: Talk) -> None:
    preview = card(await talk.say("make it"))
    await talk.push(preview, "cancel")
    turn = await talk.push(preview, "confirm", actor=BOB)
    assert not turn.ok
    assert await talk.audited(preview.id) == [("Ada", "cancel_draft", "done"), ("Bob", "confirm", "refused")]
    (row, _) = await talk.store.audit.list(subject=preview.id)
    assert (row.seen, row.where, "already cancelled by Ada" in row.detail) == (1, "slack:C1", True)


async def test_without_the_right_nothing_is_done_by_press_or_by_word(talk: Talk) -> None:
    preview = card(await talk.say("make it"))
    await talk.admin(ADA)
    pressed = await talk.push(preview, "confirm", actor=BOB)
    said = await talk.say("/flow pause release", actor=BOB)
    for turn in (pressed, said):
        assert (turn.ok, card(turn).title, turn.replies[0].private) == (False, "You may not do that", True)
        assert "Ask an admin: Ada" in words_of(card(turn))
    assert [row for row in await talk.audited() if row[0] == "Bob"] == [("Bob", "confirm", "refused"), ("Bob", "pause_workflow", "refused")]
    assert (await talk.say("/flow list", actor=BOB)).ok
    assert await talk.store.workflows.list() == []


@pytest.mark.parametrize(
    ("id", "verb"),
    [("prv_none", "confirm"), ("wf_none", "run"), ("run_none", "retry"), ("alr_none", "acknowledge"), ("x" * 5000, "y" * 5000), ("", "")],
)
async def test_a_press_on_what_is_gone_or_never_was_is_a_sentence(talk: Talk, id: str, verb: str) -> None:
    turn = await talk.conversation.press(Press(id="T1", actor=ADA, where=OPS, card=id, verb=verb, arg="", version=1))
    assert not turn.ok
    assert card(turn).title
    assert [row.outcome for row in await talk.store.audit.list()] == ["refused"]


async def test_an_edit_with_a_fault_keeps_the_draft_and_names_the_line(talk: Talk) -> None:
    preview = card(await talk.say("make it"))
    bad = "name: Release\ntrigger: {type: manual}\nsteps:\n  - action: trello.make_card\n"
    turn = await talk.push(preview, "edit", form={"definition": bad})
    assert not turn.ok
    assert "line 4" in words_of(card(turn))
    draft = await talk.store.drafts.get(preview.id)
    assert draft is not None
    assert (draft.state, draft.revision) == (DraftState.OPEN, 1)


async def test_a_form_is_drawn_from_the_newest_state_and_refused_when_it_moved_on(talk: Talk) -> None:
    preview = card(await talk.say("make it"))
    form = await talk.conversation.form(talk.pressing(preview, "edit"))
    assert form is not None
    assert "trello.create_card" in form.fields[0].value
    assert await talk.conversation.form(talk.pressing(preview, "confirm")) is None
    assert await talk.conversation.form(Press(id="T", actor=ADA, where=OPS, card="ask_1", verb="say", arg="0", version=0)) is None
    await talk.push(preview, "cancel")
    with pytest.raises(Rejected, match="has moved on"):
        await talk.conversation.form(talk.pressing(preview, "edit"))
    with pytest.raises(Rejected, match="not known here any more"):
        await talk.conversation.form(talk.pressing(replace(preview, id="prv_none"), "edit"))


async def test_the_form_of_a_run_asks_for_its_inputs(talk: Talk) -> None:
    workflow = await talk.stored(MANUAL)
    shown = await talk.conversation.form(Press(id="T", actor=ADA, where=OPS, card=workflow.id, verb="run", arg="", version=1))
    assert shown is not None
    assert [(field.name, field.kind, field.required, field.value) for field in shown.fields] == [
        ("version", "line", True, ""), ("count", "integer", False, "1"), ("dry", "choice", False, ""),
    ]  # fmt: skip


async def test_an_approval_is_asked_answered_and_settled_on_its_card(talk: Talk) -> None:
    await talk.stored({**MANUAL, "trigger": {"type": "manual"}, "options": {"approval": "@leads"}})
    turn = await talk.say("/flow run deploy")
    await talk.finished()
    (id,) = [one.subject for one in await talk.store.postings.due(talk.clock.now()) if one.kind == "approval"]
    asked = await talk.standing(id)
    assert (buttons(asked), asked.tone) == (["Approve", "Decline"], Tone.WARNING)
    assert "@leads , or an admin for them" in words_of(asked)
    assert (await talk.push(asked, "approve", actor=BOB)).ok
    settled = await talk.standing(id)
    assert (settled.actions, settled.tone) == ((), Tone.GOOD)
    assert "Approved  by  Bob" in words_of(settled)
    assert turn.run is not None


# --- hostile names ----------------------------------------------------------------------------------------------------------

HOSTILE = "<!channel> @everyone *b* [x](javascript:alert(1))"


async def test_a_hostile_name_stays_a_name_on_every_card(talk: Talk) -> None:
    talk.rote.words["make it"] = understood("create_workflow", workflow={**RELEASE, "name": HOSTILE})
    eve = Actor("slack", "U6", "<@U1> & co")
    preview = card(await talk.say("make it", actor=eve))
    assert HOSTILE in preview.title
    await talk.push(preview, "confirm", actor=eve)
    settled = await talk.standing(preview.id)
    assert "<@U1> & co" in words_of(settled)
    assert settled.mentions == ()


async def test_a_name_with_control_characters_is_refused_with_its_place(talk: Talk) -> None:
    talk.rote.words["make it"] = understood("create_workflow", workflow={**RELEASE, "name": "a\x07b\u202egnp"})
    turn = await talk.say("make it")
    assert not turn.ok
    assert "name" in words_of(card(turn))


async def test_the_same_words_in_two_faces_are_two_requests(talk: Talk) -> None:
    one, other = Utterance("1", ADA, OPS, "make it"), Utterance("1", replace(ADA, face="discord"), Address("discord", "9"), "make it")
    for utterance in (one, other):
        await talk.conversation.accept(utterance)
    ids = {card(await talk.conversation.hear(utterance)).id for utterance in (one, other)}
    assert len(ids) == 2
