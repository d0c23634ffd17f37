"""A rehearsal drives the real runner through a whole definition, where nobody is reached and nothing is waited for."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from connectors._kit.shelf import Shelf
from engine.errors import Invalid, Rejected, Transient
from engine.rehearsal.story import End, What
from engine.rehearsal.wish import FaultWish, Wish
from engine.runtime.rehearsal.rehearser import Rehearser
from engine.workflow.definition import Workflow
from engine.workflow.parse import parse_yaml
from storage.memory import MemoryStore
from tests.connectors.loopback import answer, serving
from tests.engine.clock import StandingClock
from tests.engine.runtime.rehearsal.house import CATALOGUE, Reply, flow, lines, means, rehearsed, rehearser, told

CARD: dict[str, Any] = {"id": "card", "action": "trello.create_card", "with": {"board": "Release", "list": "Doing", "title": "Speed up"}}
TELL: dict[str, Any] = {"id": "tell", "action": "chat.post_message", "with": {"channel": "#ops", "text": "{{steps.card.url}}"}}
PLAIN = flow([CARD, TELL])
MERGED = {"type": "event_based", "service": "github", "event": "pull_request_merged"}
DAY = 86_400.0


async def test_a_plain_workflow_is_told_step_by_step_with_what_was_asked_and_answered() -> None:
    result = await rehearsed(PLAIN)
    (trial,) = result.trials
    assert (trial.end, trial.asks, trial.failures, result.summary()) == (End.SUCCEEDED, 2, 0, "It would succeed")
    asked = next(line for line in trial.lines if line.what is What.ASKED and line.step == "tell")
    made = next(line for line in trial.lines if line.what is What.ANSWERED and line.step == "card")
    assert asked.action == "chat.post_message"
    assert asked.arguments == {"channel": "#ops", "text": made.output["url"]}  # type: ignore[index, call-overload]
    assert [step.state.value for step in trial.steps] == ["succeeded", "succeeded"]


async def test_nobody_is_reached_whatever_credentials_are_set() -> None:
    async with serving(answer(), answer()) as server:
        secrets = {
            "GITHUB_TOKEN": "t", "GITHUB_URL": server.url, "TRELLO_KEY": "k", "TRELLO_TOKEN": "t", "TRELLO_URL": server.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "EMAIL_FROM": "a@b.example", "SIGNALBOX_HTTP_ALLOW_PRIVATE": "true",
        }  # fmt: skip
        steps = [
            CARD,
            {"id": "issue", "action": "github.create_issue", "with": {"repo": "acme/web", "title": "t"}},
            {"id": "mail", "action": "email.send_email", "with": {"to": "a@b.example", "text": "Hi"}},
            {"id": "call", "action": "http.request", "with": {"url": f"{server.url}/x"}},
        ]
        result = await rehearser(secrets).rehearse(Wish(workflow=flow(steps)))
        assert result.good
        assert server.requests == []
    assert all(step.sandbox for step in result.trials[0].steps)


# --- faults -------------------------------------------------------------------------------------------------------------


async def test_a_service_that_is_down_is_tried_again_with_growing_pauses_and_then_the_run_fails() -> None:
    result = await rehearsed(PLAIN, ("trello", "down"))
    failed = [line for line in lines(result, "card") if line.what in (What.FAILED, What.GAVE_UP)]
    assert [line.what for line in failed] == [What.FAILED] * 3 + [What.GAVE_UP]
    pauses = [line.next_in for line in failed[:3]]
    assert pauses == sorted(pauses)  # type: ignore[type-var]
    assert result.trials[0].end is End.FAILED
    assert "connection was refused" in result.summary()
    assert lines(result, "tell") == []


async def test_a_service_that_asks_for_a_pause_gets_it() -> None:
    result = await rehearsed(PLAIN, ("trello", "429", 0.5), seed=3, trials=10)
    waits = [line.next_in for trial in result.trials for line in trial.lines if line.what is What.FAILED]
    assert waits
    assert all(wait >= 2.0 for wait in waits if wait is not None)
    assert result.good or any(trial.end is End.FAILED for trial in result.trials)


@pytest.mark.parametrize(("kind", "so"), [("lost_answer", "it did happen"), ("lost_ask", "it did not happen")])
async def test_after_a_lost_answer_a_human_is_asked_who_looks_and_says_what_is_so(kind: str, so: str) -> None:
    result = await rehearsed(PLAIN, ("trello", kind, 0.5), seed=1, trials=8)
    asked = [trial for trial in result.trials if trial.questions]
    assert asked
    assert len(asked) < 8
    told_so = {line.text for line in result.telling.lines if line.what is What.DECIDED}
    assert told_so == {so}
    (question, *_) = asked[0].questions
    assert (question.kind, question.step, question.action) == ("doubt", "card", "trello.create_card")
    assert f"in {len(asked)} a human is asked whether trello.create_card happened" in result.summary()
    # What did happen was made once: the output after the doubt is the one of the lost answer.
    assert result.good


async def test_a_doubt_that_comes_back_for_ever_is_left_after_a_while() -> None:
    result = await rehearsed(PLAIN, ("trello", "lost_ask"))
    (trial,) = result.trials
    assert trial.end is End.WAITS
    assert "in doubt" in trial.why
    assert trial.questions[-1].answer == "nobody looks a 6th time"


async def test_a_slow_service_runs_into_the_timeout_of_its_step_in_virtual_time() -> None:
    step = {**CARD, "timeout": "2s", "retries": 0}
    begun = perf_counter()
    result = await rehearsed(flow([step]), ("trello", "slow"))
    assert [line.what for line in lines(result, "card")][:2] == [What.ASKED, What.DOUBT]
    assert "within 2 seconds" in lines(result, "card")[1].text
    assert perf_counter() - begun < 5


async def test_random_faults_of_the_same_seed_are_the_same_and_of_another_are_not() -> None:
    async def ends(seed: int) -> list[tuple[Any, ...]]:
        result = await rehearsed(PLAIN, ("", "random", 0.4), seed=seed, trials=10)
        return [(trial.end, trial.asks, trial.failures, trial.seconds, len(trial.questions)) for trial in result.trials]

    first = await ends(7)
    assert first == await ends(7)
    assert first != await ends(8)


async def test_a_fallback_stands_in_for_what_is_down() -> None:
    step = {
        "id": "m",
        "action": "email.send_email",
        "with": {"to": "a@b.example", "text": "Hi"},
        "retries": 0,
        "fallback": {"action": "chat.post_message", "with": {"channel": "#ops", "text": "Hi"}},
    }
    result = await rehearsed(flow([step]), ("email", "down"))
    assert result.good
    assert [line.action for line in lines(result, "m") if line.what is What.ASKED] == ["email.send_email", "chat.post_message"]


# --- constructs -----------------------------------------------------------------------------------------------------------


async def test_waits_of_months_pass_at_once() -> None:
    begun = perf_counter()
    result = await rehearsed(flow([{"id": "nap", "wait": {"for": "300d"}}, TELL | {"with": {"channel": "#ops", "text": "x"}}]))
    assert result.good
    assert result.trials[0].seconds == pytest.approx(300 * DAY, abs=1)
    assert told(result, What.WAITS) == [(0.0, "waits", "nap")]
    assert perf_counter() - begun < 2


APPROVE = {"id": "ok", "approve": {"by": ["@ops"], "quorum": 2, "expires": "4h", "remind": "1h", "text": "Ship?", "channel": "#cab"}}


async def test_an_approval_is_answered_by_as_many_as_it_needs() -> None:
    result = await rehearsed(flow([APPROVE, CARD]))
    (question,) = result.trials[0].questions
    assert (question.kind, question.text, question.answer) == ("approval", "Ship?", "2 say yes")
    assert result.good
    assert told(result, What.VOTED) == [(60.0, "voted", "ok"), (60.0, "voted", "ok")]


async def test_a_no_ends_the_run_and_what_was_done_is_taken_back() -> None:
    undo = {**CARD, "compensate": {"action": "trello.archive_card", "with": {"card": "{{steps.card.card}}"}}}
    result = await rehearsed(flow([undo, APPROVE, TELL]), reply=Reply.NO)
    (trial,) = result.trials
    assert trial.end is End.CANCELLED
    assert trial.undone == ("card.undo",)
    assert lines(result, "tell") == []


async def test_when_nobody_answers_the_approval_is_reminded_of_and_expires() -> None:
    result = await rehearsed(flow([APPROVE, CARD]), reply=Reply.NOBODY)
    (trial,) = result.trials
    assert (trial.end, trial.questions[0].answer) == (End.CANCELLED, "nobody answers")
    assert trial.seconds == pytest.approx(4 * 3600, abs=1)
    assert told(result, What.REMINDED)


async def test_an_approval_without_an_end_that_nobody_gives_waits_for_ever_and_says_so() -> None:
    result = await rehearsed(flow([{"id": "ok", "approve": {"text": "Ship?", "channel": "#cab"}}]), reply=Reply.NOBODY)
    assert result.trials[0].end is End.WAITS
    assert "“ok” waits" in result.trials[0].why


async def test_an_event_that_is_waited_for_arrives_about_what_was_made_here() -> None:
    wait = {"id": "moved", "wait": {"event": "trello.card_moved", "where": "incoming.card == steps.card.card", "timeout": "2h"}}
    result = await rehearsed(flow([CARD, wait, TELL]))
    assert result.good
    made, moved = lines(result, "card")[-1].output, lines(result, "moved")[-1].output
    assert moved["event"]["card"] == made["card"]  # type: ignore[index, call-overload]


async def test_an_event_whose_condition_no_example_meets_times_out_and_that_is_said() -> None:
    wait = {
        "id": "moved",
        "wait": {"event": "trello.card_moved", "where": "incoming.title.startsWith('zzz')", "timeout": "2h", "on_timeout": "continue"},
    }
    result = await rehearsed(flow([CARD, wait, TELL]))
    assert result.good
    (note,) = [line.text for line in lines(result, "moved") if line.what is What.NOTE]
    assert note.startswith("The example of trello.card_moved is not the one that is waited for")
    assert lines(result, "moved")[-1].output["timed_out"] is True  # type: ignore[index, call-overload]


async def test_a_foreach_asks_for_each_of_its_entries() -> None:
    each = {
        "id": "each",
        "foreach": {
            "items": "['a', 'b', 'c']",
            "as": "name",
            "concurrency": 2,
            "steps": [{"id": "post", "action": "chat.post_message", "with": {"channel": "#ops", "text": "{{name}}"}}],
        },
    }
    result = await rehearsed(flow([each]))
    asked = [(line.step, line.arguments["text"]) for line in result.trials[0].lines if line.what is What.ASKED]
    assert sorted(asked) == [("post[0]", "a"), ("post[1]", "b"), ("post[2]", "c")]


async def test_runs_that_are_started_are_rehearsed_too() -> None:
    inner = flow(
        [CARD, {"id": "nap", "wait": {"for": "10m"}}], {"type": "manual", "inputs": [{"name": "version"}]}, name="Deploy", number=2
    )
    outer = flow([{"id": "sub", "run_workflow": {"workflow": "Deploy", "inputs": {"version": "1"}, "wait": True}}])
    result = await rehearsed(outer, others=(inner,))
    assert result.good
    assert result.trials[0].seconds == pytest.approx(600, abs=1)
    assert [(line.run, line.step) for line in result.trials[0].lines if line.what is What.ASKED] == [("", "sub"), ("Deploy", "card")]


async def test_a_model_answers_with_an_example_of_its_schema_and_secrets_are_never_true_ones() -> None:
    ask = {
        "id": "m",
        "ask_model": {"prompt": "Say", "schema": {"type": "object", "properties": {"mood": {"enum": ["good"]}}, "required": ["mood"]}},
    }
    call = {
        "id": "c",
        "action": "http.request",
        "with": {"url": "https://x.example/{{steps.m.mood}}", "headers": {"Authorization": "Bearer {{secrets.token}}"}},
    }
    store = MemoryStore()
    await store.vault.put("secret:token", {"value": "the-true-one"})
    result = await rehearser(store=store).rehearse(Wish(workflow=flow([ask, call])))
    assert result.good
    assert lines(result, "m")[-1].output == {"mood": "good"}
    assert "the-true-one" not in repr(result)
    missing = await rehearser().rehearse(
        Wish(workflow=flow([call | {"with": {"url": "https://x.example", "headers": {"A": "{{secrets.token}}"}}}]))
    )
    assert "There is no secret “token”" in missing.summary()


async def test_on_failure_and_finally_are_part_of_the_story() -> None:
    options = {
        "on_failure": [{"id": "cry", "action": "chat.post_message", "with": {"channel": "#ops", "text": "{{run.error}}"}}],
        "finally": [{"id": "bye", "action": "chat.post_message", "with": {"channel": "#ops", "text": "bye"}}],
    }
    result = await rehearsed(flow([{**CARD, "retries": 0}], options=options), ("trello", "down"))
    asked = [line.step for line in result.trials[0].lines if line.what is What.ASKED]
    assert asked == ["card", "cry", "bye"]


# --- what it is tried on ---------------------------------------------------------------------------------------------------


async def test_an_example_stands_for_the_event_and_is_bent_to_the_condition() -> None:
    by_title = flow([{**CARD, "with": {**CARD["with"], "title": "{{event.title}}"}}], MERGED, when="event.base == 'release/9'")
    result = await rehearsed(by_title)
    assert result.example
    assert result.event["base"] == "release/9"
    assert result.notes == ()
    assert result.good


async def test_a_given_event_that_starts_nothing_says_why_and_nothing_is_played() -> None:
    result = await rehearsed(flow([CARD], MERGED, when="event.base == 'main'"), event={"base": "dev"})
    (trial,) = result.trials
    assert (trial.end, trial.lines) == (End.REFUSED, ())
    assert "event.base == 'main'" in trial.why


async def test_an_example_that_cannot_meet_the_condition_is_tried_all_the_same_and_that_is_noted() -> None:
    result = await rehearsed(flow([CARD], MERGED, when="event.additions > 5000"))
    assert result.good
    assert result.notes[0].startswith("On this example it would not start")


async def test_needed_inputs_are_given_an_example_and_a_wrong_one_is_refused_as_in_life() -> None:
    manual = {"type": "manual", "inputs": [{"name": "version", "required": True}, {"name": "count", "type": "integer"}]}
    step = {**CARD, "with": {**CARD["with"], "title": "{{inputs.version}}"}}
    result = await rehearsed(flow([step], manual))
    assert lines(result, "card")[0].arguments["title"] == "version"
    refused = await rehearsed(flow([step], manual), inputs={"count": "many"})
    assert refused.trials[0].end is End.REFUSED
    assert "no integer" in refused.trials[0].why


async def test_a_schedule_begins_at_its_next_fire() -> None:
    result = await rehearsed(flow([CARD], {"type": "scheduled", "cron": "0 9 * * 1-5", "timezone": "UTC"}))
    assert result.good
    assert "as at its next fire, Thursday 2026-03-05 09:00" in result.notes[0]


async def test_what_is_gathered_from_several_services_sees_an_example_of_each() -> None:
    trigger = {"type": "cross_service", "all": ["github.pull_request_merged", "trello.card_moved"], "within": "P1D"}
    result = await rehearsed(flow([{**CARD, "with": {**CARD["with"], "title": "{{event.events['trello.card_moved'].title}}"}}], trigger))
    assert result.good
    assert lines(result, "card")[0].arguments["title"] == "Speed up the login"


# --- bounds -----------------------------------------------------------------------------------------------------------------


async def test_a_wish_that_is_out_of_bounds_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="between 1 and 100 trials"):
        Wish(workflow=PLAIN, trials=101)
    with pytest.raises(Invalid, match="no fault “fire”"):
        Wish(workflow=PLAIN, faults=(FaultWish("github", "fire"),))
    with pytest.raises(Rejected, match="“jirra” is no service that can be made to fail here"):
        await rehearsed(PLAIN, ("jirra", "down"))


async def test_when_real_time_is_up_the_trials_so_far_are_told() -> None:
    result = await rehearser(seconds=0.0).rehearse(Wish(workflow=PLAIN, trials=50))
    assert len(result.trials) < 50
    assert result.notes[-1] == f"{len(result.trials)} of 50 trials were played, then time was up."


async def test_what_would_go_on_for_more_than_a_year_is_cut_off() -> None:
    result = await rehearsed(flow([{"id": "nap", "wait": {"for": "300d"}}, {"id": "again", "wait": {"for": "200d"}}]))
    assert result.trials[0].end is End.CUT_OFF
    assert "400 days" in result.trials[0].why


async def test_only_the_most_telling_trial_keeps_its_lines() -> None:
    result = await rehearsed(PLAIN, ("trello", "down", 0.6), trials=12, seed=2)
    assert sum(bool(trial.lines) for trial in result.trials) == 1
    assert result.telling.end is not End.SUCCEEDED or result.good


async def test_more_than_anybody_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.rehearsal.stage.MOST_FACTS", 100)
    post = {"id": "post", "action": "chat.post_message", "with": {"channel": "#ops", "text": "{{string(item)}}"}}
    each = {"id": "each", "foreach": {"items": "event.numbers", "steps": [post]}}
    event = {"numbers": list(range(400))}
    result = await rehearsed(flow([each], {"type": "event_based", "service": "http", "event": "webhook_received"}), event=event)
    assert result.trials[0].end is End.CUT_OFF
    assert "more than 100 things happened" in result.trials[0].why


async def test_the_house_goes_on_while_something_is_rehearsed_and_too_many_at_once_are_told_to_wait() -> None:
    stage = rehearser()
    many = Wish(workflow=PLAIN, faults=(FaultWish("", "random", 0.3),), trials=20)
    playing = [asyncio.create_task(stage.rehearse(many)) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Transient, match="under way"):
        await stage.rehearse(many)
    turns = 0
    while not all(task.done() for task in playing):
        turns += 1
        await asyncio.sleep(0)
    assert turns > 4
    assert {len(task.result().trials) for task in playing} == {20}


async def test_what_goes_well_in_a_rehearsal_and_would_not_in_life_is_warned_of() -> None:
    ask = {"id": "m", "ask_model": {"prompt": "Say", "schema": {"type": "string"}}}
    off = Shelf.open({}, clock=StandingClock(), sandbox_mode="off")
    stage = Rehearser(replace(means(), model=False), store=MemoryStore(), clock=StandingClock(), connections=off, timezone="UTC")
    result = await stage.rehearse(Wish(workflow=flow([CARD, ask])))
    assert result.good
    assert result.notes[0].startswith("Trello is not connected")
    assert result.notes[1].startswith("No language model is set up")


# --- every example of the documentation ---------------------------------------------------------------------------------------

EXAMPLES = sorted((Path(__file__).parents[4] / "docs" / "examples").glob("*.yml"))


def documented(path: Path, number: int) -> Workflow:
    return replace(flow([CARD], number=number), definition=replace(parse_yaml(path.read_text(), CATALOGUE), home="slack"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_every_example_of_the_documentation_goes_well_in_a_rehearsal_with_random_faults_too(path: Path) -> None:
    number = EXAMPLES.index(path)
    cast = [documented(other, place) for place, other in enumerate(EXAMPLES)]
    store = MemoryStore()
    for name in re.findall(r"secrets\.(\w+)", path.read_text()):
        await store.vault.put(f"secret:{name}", {"value": "a-true-one"})
    wish = Wish(workflow=cast[number], others=(*cast[:number], *cast[number + 1 :]), by="slack:U1")
    stage = rehearser(store=store)
    assert (await stage.rehearse(wish)).summary() == "It would succeed"
    chaos = await stage.rehearse(replace(wish, faults=(FaultWish("", "random", 0.2),), trials=5))
    assert {trial.end for trial in chaos.trials} <= {End.SUCCEEDED, End.FAILED, End.CANCELLED}
