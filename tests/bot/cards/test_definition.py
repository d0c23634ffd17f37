"""A definition in words: every construct and policy reads as a sentence, nested ones stand within what holds them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from bot.cards.approval import approval_card
from bot.cards.card import Fields, Steps, Text, User
from bot.cards.definition import MOST_LINES, definition_parts, step_line
from bot.cards.draw import DRAWINGS
from bot.cards.policies import options_lines
from bot.cards.words import brief
from engine.commands import command
from engine.commands.approvers import approvers
from engine.commands.approving import Vote, Wanted
from engine.workflow.catalogue import Catalogue, Service
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Approve, Definition, Workflow, WorkflowState
from engine.workflow.parse import parse_definition
from engine.workflow.run import RunState, StepState, StepView
from tests.bot.cards.test_drawings import a_run, words_of
from tests.bot.cards.test_progress import text
from tests.engine.commands.hall import MANUAL, NIGHTLY, an_alert

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
POST = {"action": "chat.post_message", "with": {"channel": "#ops", "text": "hi"}}


def definition(*steps: dict[str, Any], **more: Any) -> Definition:
    raw = {"name": "Ship", "trigger": {"type": "manual"}, "steps": list(steps) or [POST], **more}
    return parse_definition(raw, Catalogue(_connected()))


def _connected() -> list[Service]:
    return [replace(service, connected=True) for service in KNOWN]


def line_of(step: dict[str, Any]) -> str:
    return text(step_line(definition({"id": "before", "set": {"list": ["a"], "n": 1}}, step).steps[1]))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{id: each, foreach: {items: steps.before.list, as: name, concurrency: 5, steps: [{action: chat.post_message, with: {channel: '#a', text: b}}]}}",
         "for each name of steps.before.list, 5 at a time"),
        ("{id: each, foreach: {items: steps.before.list, concurrency: 1, on_item_failure: tolerate, steps: [{action: chat.post_message, with: {channel: '#a', text: b}}]}}",
         "for each item of steps.before.list, one at a time; failed ones are let pass"),
        ("{id: nap, wait: {for: 90s}}", "wait 1 minute 30 seconds"),
        ("{id: nap, wait: {until: '2026-12-24T09:00:00+01:00'}}", "wait until 2026-12-24T09:00:00+01:00"),
        ("{id: nap, wait: {event: github.push, where: \"incoming.branch == 'main'\", timeout: 2h, on_timeout: continue}}",
         "wait for GitHub: push where incoming.branch == 'main', for at most 2 hours, then go on"),
        ("{id: ok, approve: {by: ['@ops', 'role:admin'], quorum: 2, four_eyes: true, reason: true, expires: 4h, remind: 1h, text: 'Ship?', channel: '#cab', on_no: continue}}",
         "ask @ops or any admin for approval (2 must say yes, not whoever started it, with a reason, within 4 hours, else declined, a reminder every 1 hour, a no does not end the run), in #cab: Ship?"),
        ("{id: sub, run_workflow: {workflow: Deploy, inputs: {version: '1'}, wait: false}}", "run the workflow Deploy with version: 1, without waiting for it"),
        ("{id: v, set: {total: '{{steps.before.n}}'}}", "work out total: {{steps.before.n}}"),
        ("{id: m, ask_model: {prompt: 'Sum up', schema: {type: object}, optional: true}}", "ask the language model Sum up (if there is one)"),
        ("{id: card, action: trello.create_card, with: {board: B, list: L, title: T}, retries: 1, timeout: 5s, on_error: continue, idempotency_key: '{{run.id}}', compensate: {action: trello.archive_card, with: {card: '{{steps.card.id}}'}}}",
         "Trello create card board: B, list: L, title: T · tried once more · 5 seconds for an answer · once for each {{run.id}} · undone by Trello archive card · the run goes on if it fails"),
        ("{id: find, action: github.search_issues, with: {repo: a/b}, cache: {for: 10m}, when: steps.before.n > 0}",
         "GitHub search issues repo: a/b if steps.before.n > 0 · an answer is used again for 10 minutes"),
    ],
)  # fmt: skip
def test_a_step_reads_as_a_sentence(step: str, said: str) -> None:
    assert line_of(yaml.safe_load(step)) == said


def test_what_stands_within_a_step_stands_within_its_line() -> None:
    nested = definition(
        {"id": "both", "parallel": {"left": [{"id": "l", **POST}], "right": [
            {"id": "which", "switch": {"cases": [{"when": "inputs.x == 1", "steps": [{"id": "one", **POST}]}], "else": [{"id": "other", **POST}]}}]}},
    )  # fmt: skip
    (steps,) = [part for part in definition_parts(nested) if isinstance(part, Steps)]
    assert [(steps.depth(at), text(line).split(" ")[0]) for at, (_, line) in enumerate(steps.items)] == [
        (0, "side"), (1, "left:"), (2, "Chat"), (1, "right:"), (2, "the"), (3, "if"), (4, "Chat"), (3, "else:"), (4, "Chat"),
    ]  # fmt: skip
    assert not steps.begun


def test_a_definition_of_thousands_of_steps_is_told_by_its_beginning() -> None:
    long = definition(*({"id": f"s{number}", **POST} for number in range(1000)))
    (steps,) = [part for part in definition_parts(long) if isinstance(part, Steps)]
    assert len(steps.items) == MOST_LINES + 1
    assert text(steps.items[-1][1]) == f"… and {1000 - MOST_LINES} more lines; Export has them all"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"priority": "high"}, ["priority high"]),
        (
            {"concurrency": {"limit": 1, "key": "inputs.x", "when_full": "queue"}},
            ["one run at a time for each inputs.x, the next ones wait their turn"],
        ),
        ({"concurrency": {"limit": 3, "when_full": "skip"}}, ["3 runs at a time, a further one is not started"]),
        ({"concurrency": {"limit": 1, "when_full": "replace"}}, ["one run at a time, a further one takes the place of the oldest"]),
        ({"deadline": "2h"}, ["over within 2 hours, or it fails"]),
        ({"retries": 0}, ["never tried again"]),
        ({"retry": {"backoff": "fixed", "first": "5s"}}, ["5 seconds between attempts"]),
        ({"timeout": "10s"}, ["10 seconds for each step"]),
        ({"rate_limits": {"chat": {"limit": 30, "per": "1m"}}}, ["Chat at most 30 times in 1 minute"]),
        ({}, []),
    ],
)
def test_a_policy_reads_as_a_sentence_and_what_is_usual_is_not_said(options: dict[str, Any], said: list[str]) -> None:
    assert options_lines(definition(options=options)) == said


def test_a_trigger_says_what_narrows_it() -> None:
    scheduled = definition(trigger={"type": "scheduled", "cron": "0 9 * * 1-5", "jitter": "5m", "exceptions": ["2026-12-25"]})
    (fields,) = [part for part in definition_parts(scheduled) if isinstance(part, Fields)]
    said = {label: text(line) for label, line in fields.items}
    assert (said["Spread"], said["Not on"]) == ("up to 5 minutes later, to spread the load", "2026-12-25")
    event = definition(
        trigger={
            "type": "event_based",
            "service": "github",
            "event": "push",
            "dedup": "event.sha",
            "debounce": {"for": "30s", "key": "event.repo"},
        }
    )
    (fields,) = [part for part in definition_parts(event) if isinstance(part, Fields)]
    said = {label: text(line) for label, line in fields.items}
    assert (said["Begins"], said["Once for each"]) == ("once it has been quiet for 30 seconds for event.repo", "event.sha")


# --- approvals -------------------------------------------------------------------------------------------------------------------


def wanted(state: StepState = StepState.WAITING, **more: Any) -> Wanted:
    rule = more.pop("rule", Approve(by=("<@U2|bob>", "role:operator"), quorum=2))
    step = StepView(id="ok", action="chat.ask_approval", state=state, kind="approve", attempts=2, output=more.pop("output", None))
    values: dict[str, Any] = {
        "run": a_run(state=RunState.WAITING),
        "step": step,
        "text": "Ship?",
        "rule": rule,
        "asked": approvers(rule.by, {}, "slack"),
    }
    return Wanted(**(values | more))


def test_the_people_who_are_asked_are_called_while_their_answer_is_wanted() -> None:
    card = approval_card("apr_1", wanted())
    assert card.mentions == (User("U2", "bob", ping=True),)
    assert card.version == 2
    assert [button.label for button in card.actions] == ["Approve", "Decline"]
    settled = approval_card("apr_1", wanted(StepState.SUCCEEDED, output={"approved": True, "by": ["Ada", "Bob"], "at": "", "note": ""}))
    assert (settled.mentions, settled.actions) == ((), ())
    assert "Approved  by  Ada, Bob" in words_of(settled)


def test_votes_stand_with_their_reasons_and_the_count() -> None:
    card = approval_card("apr_1", wanted(votes=(Vote("Ada", "slack:U1", True, "tested", NOON),)))
    assert "1 of 2" in words_of(card)
    assert "Ada  said yes : “tested”" in words_of(card)


def test_a_reason_that_is_demanded_is_asked_for_with_either_answer() -> None:
    approve, decline = approval_card("apr_1", wanted(rule=Approve(reason=True))).actions
    assert approve.form is not None
    assert decline.form is not None
    assert [form.fields[0].required for form in (approve.form, decline.form)] == [True, True]
    approve, decline = approval_card("apr_1", wanted(rule=Approve())).actions
    assert approve.form is None, "one press is enough"
    assert decline.form is not None
    assert not decline.form.fields[0].required


def test_what_nobody_answered_says_so() -> None:
    assert "nobody answered in time" in words_of(
        approval_card("apr_1", wanted(StepState.SUCCEEDED, output={"approved": False, "by": [], "at": "", "note": ""}))
    )


# --- alerts, versions ------------------------------------------------------------------------------------------------------------


def a_workflow(raw: dict[str, Any], **more: Any) -> Workflow:
    made = parse_definition(raw, Catalogue(_connected()))
    values: dict[str, Any] = {
        "id": "wf_1",
        "version": 3,
        "revision": 4,
        "definition": made,
        "state": WorkflowState.ACTIVE,
        "created_at": NOON,
        "created_by": "x",
        "updated_at": NOON,
    }
    return Workflow(**(values | more))


def test_an_alert_offers_the_workflows_that_can_be_run_for_it_and_names_those_that_were() -> None:
    shown = command.AlertShown(alert=an_alert("alr_1", "github", NOON), runbooks=(a_workflow(MANUAL),), runs=(a_run(name="Failover"),))
    card = DRAWINGS[command.AlertShown](shown)
    labels = [button.label for button in card.actions]
    assert labels == ["Acknowledge", "Resolve", "Snooze…", "Escalate", "Runbook…", "Note…", "Why?"]
    form = card.actions[4].form
    assert form is not None
    assert form.fields[0].options == (("wf_1", "Deploy"),)
    assert "Failover" in words_of(card)


def test_what_fires_next_tells_how_late_it_may_be_and_when_it_rests() -> None:
    raw = {**NIGHTLY, "trigger": {**NIGHTLY["trigger"], "jitter": "5m", "end": "2026-12-31T00:00:00+00:00", "exceptions": ["2026-12-25"]}}
    card = DRAWINGS[command.WorkflowsShown](command.WorkflowsShown(rows=((a_workflow(raw), None, NOON),), schedule=True))
    assert "up to 5 minutes later; last fire by Thu 2026-12-31 00:00 UTC; not on 2026-12-25" in words_of(card)


def test_versions_offer_to_compare_and_to_go_back() -> None:
    new, old = a_workflow(NIGHTLY), a_workflow(NIGHTLY, version=2)
    card = DRAWINGS[command.VersionsShown](command.VersionsShown(workflow=new, rows=((new, "steps"), (old, "the first"))))
    assert [(button.verb, button.arg) for button in card.actions] == [("diff", "2"), ("rollback", "2")]
    same = DRAWINGS[command.DifferenceShown](command.DifferenceShown(workflow=new, older=2, newer=3, diff=""))
    assert "Both are the same." in words_of(same)
    assert any(isinstance(part, Text) for part in same.body)


def test_a_kept_file_is_shown_by_its_name() -> None:
    assert brief({"folder": "/reports", "file": {"id": "file_01J", "name": "report.csv"}}, 100) == "folder: /reports, file: report.csv"
    assert brief({"file": {"name": "a.txt", "text": "b"}}, 100) == 'file: {"name": "a.txt", "text": "b"}'
