"""The one door for raw definitions: what is read, what is refused and where, and that writing and reading agree."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.workflow.catalogue import Action, Catalogue, EventSpec, Field
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.complete import complete
from engine.workflow.definition import Definition, Options, Trigger, TriggerType
from engine.workflow.durations import duration, iso
from engine.workflow.order import APPROVAL
from engine.workflow.parse import effective_steps, parse_definition, parse_yaml, start_condition, to_raw, to_yaml, unsupported
from engine.workflow.schema import json_schema
from engine.workflow.schema_parts import CONSTRUCTS
from tests.engine.workflow.drawn import definitions
from tests.shared_data import shared

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
EVERYTHING = Catalogue([replace(service, connected=True) for service in KNOWN])
RELEASE: dict[str, Any] = {
    "trigger": {"type": "event_based", "service": "github", "event": "pull_request_merged"},
    "when": "event.base == 'main'",
    "steps": [
        {"action": "trello.create_card", "with": {"board": "Release", "title": "{{event.title}}"}},
        {"action": "chat.post_message", "with": {"channel": "#releases", "text": "Merged"}},
    ],
    "options": {"retries": 2, "approval": "@ops-leads", "timeout": "PT1M", "fallback": {"trello": "asana"}},
}


def manual(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"trigger": {"type": "manual"}, "steps": list(steps), **more}


def post(**more: Any) -> dict[str, Any]:
    return {"action": "chat.post_message", "with": {"channel": "#ops", "text": "hello"}, **more}


def problems(raw: Any, catalogue: Catalogue | None = EVERYTHING) -> list[str]:
    with pytest.raises(Invalid) as caught:
        parse_definition(raw, catalogue)
    return [str(problem) for problem in caught.value.problems]


# --- what is read --------------------------------------------------------------------------------------------------------


def test_what_a_run_is_worth_and_whose_it_is_are_declared_in_words_and_left_out_where_nobody_said() -> None:
    said = parse_definition(manual(post(), owner="Finance", options={"saves": "12 minutes", "failure_costs": "PT1H30M"}), EVERYTHING)
    assert (said.owner, said.options.saves, said.options.failure_costs) == ("Finance", 720.0, 5400.0)
    assert parse_yaml(to_yaml(said), EVERYTHING) == said
    older = parse_definition(manual(post()), EVERYTHING)  # as it was stored before any of it could be said
    assert (older.owner, older.options.saves, older.options.failure_costs) == ("", None, None)
    assert {"owner", "options"}.isdisjoint(to_raw(older))


@pytest.mark.parametrize(
    ("text", "seconds"), [("12 minutes", 720.0), ("1 hour 30 minutes", 5400.0), ("2 days", 172_800.0), ("45 sec", 45.0)]
)
def test_a_duration_is_read_back_from_the_words_that_tell_it(text: str, seconds: float) -> None:
    assert duration(text) == seconds


def test_the_contracts_form_becomes_a_definition() -> None:
    definition = parse_definition(RELEASE, EVERYTHING)
    assert definition.trigger == Trigger(type=TriggerType.EVENT_BASED, service="github", event="pull_request_merged")
    assert definition.when == "event.base == 'main'"
    assert [step.id for step in definition.steps] == ["create_card", "post_message"]
    assert definition.options == Options(retries=2, timeout=60.0, approval="@ops-leads", fallback={"trello": "asana"})
    assert definition.name == "Merged pull requests to the Release board"


def test_ids_are_readable_and_never_taken_twice() -> None:
    raw = manual(post(), post(), post(id="post_message_2"), post(), options={"on_failure": [post()]})
    definition = parse_definition(raw)
    assert [step.id for step in definition.steps] == ["post_message", "post_message_3", "post_message_2", "post_message_4"]
    assert definition.options.on_failure[0].id == "post_message_5"


def test_a_moment_without_an_offset_is_read_in_the_triggers_zone() -> None:
    raw = manual(post())
    raw["trigger"] = {"type": "scheduled", "at": "2026-12-24T12:00", "timezone": "Europe/Berlin"}
    assert parse_definition(raw).trigger.at == datetime(2026, 12, 24, 11, tzinfo=UTC)
    del raw["trigger"]["timezone"]
    assert problems(raw)[0].startswith("trigger.at: The moment has no offset.")


def test_every_workflow_of_the_development_set_is_read_once_completed() -> None:
    rows = [json.loads(line) for line in shared("data/gold/dev.jsonl").read_text(encoding="utf-8").splitlines()]
    read = 0
    for row in rows:
        raw = (row["gold"].get("arguments") or {}).get("workflow")
        if isinstance(raw, dict) and not row["must_ask"]:
            definition = parse_definition(complete(raw, EVERYTHING), EVERYTHING)
            assert parse_definition(to_raw(definition), EVERYTHING) == definition
            read += 1
    assert read > 100


# --- order ----------------------------------------------------------------------------------------------------------------


def test_steps_follow_each_other_unless_they_say_what_they_need() -> None:
    definition = parse_definition(manual(post(id="a"), post(id="b"), post(id="c", needs=["a"]), post(id="d", needs=[])))
    assert [step.needs for step in effective_steps(definition)] == [(), ("a",), ("a",), ()]


def test_an_approval_comes_before_everything_that_would_begin_at_once() -> None:
    raw = manual(post(id="a"), post(id="b", needs=[]), post(id="c"), name="Deploy", options={"approval": "@leads"})
    gate, *steps = effective_steps(parse_definition(raw))
    assert (gate.id, gate.action, gate.needs) == ("approval", "chat.ask_approval", ())
    assert gate.arguments["approver"] == "@leads"
    assert [step.needs for step in steps] == [("approval",), ("approval",), ("b",)]


def test_a_condition_that_reads_a_step_is_decided_behind_it() -> None:
    raw = manual({"id": "ask", "action": "http.request"}, post(), post(when="inputs.loud"), when="steps.ask.status != 200")
    definition = parse_definition(raw)
    assert start_condition(definition) == ""
    assert [step.when for step in effective_steps(definition)] == [
        "",
        "steps.ask.status != 200",
        "(steps.ask.status != 200) && (inputs.loud)",
    ]
    plain = parse_definition(manual(post(), when="inputs.env == 'prod'"))
    assert start_condition(plain) == "inputs.env == 'prod'"
    assert effective_steps(plain)[0].when == ""


# --- what is refused ----------------------------------------------------------------------------------------------------------

BAD: list[tuple[Any, str]] = [
    (None, "A workflow must hold fields such as"),
    ([], "this is a list"),
    ("create a card", "this is a text"),
    ({}, "trigger: A workflow needs a trigger"),
    ({**RELEASE, "stpes": []}, "stpes: A workflow has no field “stpes”. Did you mean “steps”?"),
    ({**RELEASE, "steps": []}, "steps: A workflow needs at least one step"),
    ({**RELEASE, "steps": {}}, "steps: “steps” must be a list"),
    ({**RELEASE, "steps": ["x"]}, "steps.0: A step must hold fields"),
    ({**RELEASE, "steps": [post()] * 1001}, "1,000 are allowed"),
    ({**RELEASE, "name": ""}, "name: The name is empty."),
    ({**RELEASE, "name": "x" * 121}, "name: The name has 121 characters; 120 are allowed."),
    ({**RELEASE, "name": "a\nb"}, "name: The name must stay on one line."),
    ({**RELEASE, "name": "a\x00b"}, "cannot be seen (U+0000)"),
    ({**RELEASE, "name": "a\u202eb"}, "cannot be seen (U+202E)"),
    ({**RELEASE, "name": "\ud800"}, "cannot be seen (U+D800)"),
    ({**RELEASE, "name": 5}, "name: The name must be text; this is a number."),
    ({**RELEASE, "schema": 2}, "schema: This version reads schema 1"),
    ({**RELEASE, "when": "event.base = 'main'"}, "when: “event.base = 'main'” is not a valid expression"),
    ({**RELEASE, "when": "evnt.base == 'x'"}, "Did you mean “event”?"),
    ({**RELEASE, "when": 5}, "when: “when” must be text"),
    ({**RELEASE, "places": {"#ops": 5}}, "places.#ops: “places” must be text"),
    ({**RELEASE, "trigger": "github"}, "A trigger must hold fields"),
    ({**RELEASE, "trigger": {"type": "sometimes"}}, "but must be scheduled, event_based"),
    ({**RELEASE, "trigger": {"service": "github"}}, "trigger.type: The trigger needs a type"),
    ({**RELEASE, "trigger": {"type": "event_based", "service": "github"}}, "trigger.event: The trigger must say which event"),
    ({**RELEASE, "trigger": {"type": "event_based", "service": "githup", "event": "push"}}, "There is no service “githup”. Did you mean “github”?"),
    ({**RELEASE, "trigger": {"type": "event_based", "service": "github", "event": "pull_request_mergd"}}, "“github.pull_request_merged”"),
    ({**RELEASE, "trigger": {"type": "event_based", "service": "Git Hub", "event": "push"}}, "is no name of a service"),
    ({**RELEASE, "trigger": {"type": "scheduled"}}, "exactly one of cron, rrule or at; this has none"),
    ({**RELEASE, "trigger": {"type": "scheduled", "cron": "* * * * *", "at": "2026-01-01T00:00Z"}}, "this has cron and at"),
    ({**RELEASE, "trigger": {"type": "scheduled", "cron": "61 * * * *"}}, "trigger.cron: The cron schedule “61 * * * *” cannot be read"),
    ({**RELEASE, "trigger": {"type": "scheduled", "rrule": "FREQ=SOMETIMES"}}, "trigger.rrule: A recurrence needs FREQ"),
    ({**RELEASE, "trigger": {"type": "scheduled", "at": "tomorrow"}}, "trigger.at: “tomorrow” is no moment"),
    ({**RELEASE, "trigger": {"type": "scheduled", "cron": "0 9 * * *", "timezone": "Berlin"}}, "Did you mean “Europe/Berlin”?"),
    ({**RELEASE, "trigger": {"type": "scheduled", "cron": "0 9 * * *", "event": "push"}}, "A trigger of type scheduled has no field “event”"),
    ({**RELEASE, "trigger": {"type": "cross_service"}}, "exactly one of all, any or sequence"),
    ({**RELEASE, "trigger": {"type": "cross_service", "any": ["github.push"]}}, "needs two events or more"),
    ({**RELEASE, "trigger": {"type": "cross_service", "any": ["github.push", "gitlab"]}}, "must be written service.event"),
    ({**RELEASE, "trigger": {"type": "cross_service", "all": ["github.push", "gitlab.push"], "within": "soon"}}, "“soon” is no duration"),
    ({**RELEASE, "trigger": {"type": "ai_predicted"}}, "trigger.service: The trigger must say which service"),
    ({**RELEASE, "trigger": {"type": "manual", "inputs": [{"name": "n", "type": "number", "default": "x"}]}}, "The default of “n” is no number."),
    ({**RELEASE, "trigger": {"type": "manual", "inputs": [{"name": "a"}, {"name": "a"}]}}, "Two inputs have the same name."),
    (manual(post(when="inputs.evn == 'x'"), trigger={"type": "manual", "inputs": [{"name": "env"}]}), "Did you mean “env”?"),
    (manual({"with": {}}), "steps.0.action: The step must say its action"),
    (manual({"action": "trello"}), "steps.0.action: “trello” must be written service.action"),
    (manual({"action": "trelo.create_card"}), "steps.0.action: There is no service “trelo”. Did you mean “trello”?"),
    (manual({"action": "trello.creat_card"}), "Did you mean “trello.create_card”?"),
    (manual(post(foo=1)), "steps.0.foo: A step has no field “foo”."),
    (manual(post(id="a b")), "steps.0.id: “a b” cannot be a step's id"),
    (manual(post(id="in")), "no word of CEL"),
    (manual(post(id="a"), post(id="a")), "steps.1.id: The id “a” belongs to another step already."),
    (manual(post(id="approval"), options={"approval": "@x"}), "belongs to the approval"),
    (manual(post(id="abc"), post(needs=["abd"])), "steps.1.needs: Step “post_message” needs “abd”, which is no step beside it. Did you mean “abc”?"),
    (manual(post(id="a", needs=["c"]), post(id="b"), post(id="c")), "steps: The steps wait for each other in a circle: a → c → b → a."),
    (manual(post(id="a", needs=["a"])), "in a circle: a → a."),
    (manual(post(retries=21)), "steps.0.retries: “retries” must be a whole number from 0 to 20."),
    (manual(post(retries=True)), "must be a whole number"),
    (manual(post(timeout=0)), "steps.0.timeout: A timeout must lie between"),
    (manual(post(timeout="P2D")), "A timeout must lie between"),
    (manual({"action": "chat.post_message", "with": []}), "steps.0.with: “with” must hold the inputs"),
    (manual({"action": "chat.post_message", "with": {"channel": "#x"}}), "steps.0.with: chat.post_message needs “text”."),
    (manual({"action": "chat.post_message", "with": {"text": "x", "chanel": "#x"}}), "has no input “chanel”. Did you mean “channel”?"),
    (manual({"action": "chat.post_message", "with": {"text": float("nan")}}), "must be a finite number"),
    (manual({"action": "chat.post_message", "with": {"text": object()}}), "which cannot be kept"),
    (manual({"action": "chat.post_message", "with": {"text": {"a": 1}}}), "“text” of chat.post_message must be text."),
    (manual({"action": "stripe.create_invoice", "with": {"amount": "a lot"}}), "“amount” of stripe.create_invoice must be a number."),
    (manual({"action": "chat.post_message", "with": {"text": "{{event.title"}}), "steps.0.with.text: “{{” is opened but never closed"),
    (manual({"action": "chat.post_message", "with": {"text": "{{evnt.title}}"}}), "steps.0.with.text: There is nothing called “evnt”"),
    (manual({"action": "chat.post_message", "with": {"text": "{{steps.ask.body}}"}}), "reads the step “ask”, which is not there."),
    (manual(post(id="a", when="steps.b.ok"), post(id="b")), "steps.0.when: Step “a” reads the step “b”, which may not be over by then."),
    (manual(post(id="a", when="steps.a.ok")), "steps.0.when: Step “a” reads itself."),
    (manual(post(), options={"fallback": {"chat": "chat"}}), "chat cannot stand in for itself"),
    (manual(post(), options={"fallback": {"chat": "stripe"}}), "Stripe cannot stand in for “post_message”"),
    (manual(post(), options={"fallback": {"chat": "slak"}}), "Did you mean “slack”?"),
    (manual(post(), options={"on_failure": [{"action": "chat.post"}]}), "options.on_failure.0.action: Chat has no action “post”."),
    (manual(post(), options={"retris": 3}), "Did you mean “retries”?"),
    (manual(post(), options=5), "options: “options” must hold fields"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "sentence"), BAD, ids=[sentence[:40] for _, sentence in BAD])
def test_what_does_not_fit_is_refused_in_a_sentence_with_its_place(raw: Any, sentence: str) -> None:
    found = problems(raw)
    assert any(sentence in problem for problem in found), found
    assert all(len(problem) < 400 for problem in found)


def test_all_problems_are_named_at_once() -> None:
    raw = {
        "name": "",
        "trigger": {"type": "scheduled", "cron": "x"},
        "steps": [{"action": "trelo.x"}, post(needs=["zz"])],
        "options": {"retries": -1},
    }
    assert len(problems(raw)) == 5


def test_a_service_without_a_connector_is_understood_and_refused_with_that_reason() -> None:
    known = Catalogue.merge(KNOWN, [service for service in KNOWN if service.id in ("chat", "github")])
    with pytest.raises(Invalid) as caught:
        parse_definition(RELEASE, known)
    sentences = [problem.message for problem in caught.value.problems]
    assert "Trello cannot be asked: no connector for it ships with this version. Connected services: chat and github." in sentences


ASKING = Catalogue(
    [
        replace(s, actions=(Action(service="http", operation="request", inputs=(Field(name="url", required=True, own_host=True),)),))
        if s.id == "http"
        else s
        for s in EVERYTHING.services.values()
    ]
)


@pytest.mark.parametrize(
    "url",
    ["https://api.example.org", "http://api.example.org:8080/x?{{event.q}}", "https://api.example.org/{{event.id}}", "{{env.base}}/x"],
)
def test_an_address_may_hold_values_behind_its_host(url: str) -> None:
    parse_definition(
        {
            "trigger": {"type": "manual"},
            "env": {"base": "https://api.example.org"},
            "steps": [{"action": "http.request", "with": {"url": url}}],
        },
        ASKING,
    )


@pytest.mark.parametrize(
    "url",
    [
        "{{event.url}}",
        "https://{{event.host}}/x",
        "https://api.example.org{{event.rest}}",
        "https://{{event.user}}@api.example.org/",
        "//api.example.org/{{event.x}}",
    ],
)
def test_no_value_can_lead_a_request_to_another_host(url: str) -> None:
    raw = {
        "trigger": {"type": "event_based", "service": "http", "event": "webhook_received"},
        "steps": [{"action": "http.request", "with": {"url": url}}],
    }
    assert any("host that is written out" in problem for problem in problems(raw, ASKING))


def test_deep_values_are_bounded() -> None:
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    assert any("nested" in problem for problem in problems(manual({"action": "chat.post_message", "with": {"text": deep}})))


def test_a_forecast_of_what_nobody_forecasts_or_too_far_ahead_is_refused_with_what_to_say() -> None:
    watched = {"type": "ai_predicted", "service": "stripe", "metric": "error_rate"}
    for forecast in ({"horizon": "PT2H"}, {"method": "forecast"}, {"horizon": "P1D", "metric": "quota"}, {"horizon": "PT10M"}):
        assert unsupported(parse_definition(manual(post(), trigger=watched | forecast))) is None
    for wrong, why in (
        ({"horizon": "PT2H", "metric": "throughput"}, "Nobody forecasts"),
        ({"horizon": "P60D"}, "10 minutes to 30 days"),
        ({"horizon": "PT1M"}, "10 minutes"),
    ):
        assert why in str(unsupported(parse_definition(manual(post(), trigger=watched | wrong))))


def test_waiting_for_an_event_within_a_loop_can_be_run() -> None:
    waiting = {"foreach": {"items": "[1, 2]", "steps": [{"wait": {"event": "chat.reaction_added"}}]}}
    assert unsupported(parse_definition(manual(waiting))) is None


@pytest.mark.parametrize(
    "trigger",
    [
        {"type": "cross_service", "sequence": ["github.push", "gitlab.push"], "within": "PT1H"},
        {"type": "cross_service", "any": ["github.push", "gitlab.push"]},
        {"type": "ai_predicted", "service": "stripe", "metric": "error_rate"},
        {"type": "event_based", "service": "signalbox", "event": "anomaly_predicted"},
        {"type": "scheduled", "rrule": "FREQ=DAILY;COUNT=3"},
        {"type": "event_based", "service": "chat", "event": "message_posted"},
        {"type": "cross_service", "any": ["github.push", "chat.reaction_added", "chat.member_joined"]},
        RELEASE["trigger"],
    ],
    ids=lambda trigger: "-".join(list(trigger)[:3]),
)
def test_what_can_run_is_not_refused(trigger: dict[str, Any]) -> None:
    assert unsupported(parse_definition(manual(post(), trigger=trigger))) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"trigger": {"type": "scheduled", "cron": ""}}, "“cron” is empty"),
        ({"trigger": {"type": "scheduled", "rrule": "  "}}, "“rrule” is empty"),
        ({"trigger": {"type": "event_based", "service": "", "event": "push"}}, "“service” is empty"),
        ({"trigger": {"type": "manual", "inputs": [{"name": ""}]}}, "The name of an input is empty"),
        ({"steps": [{"action": " "}]}, "The action is empty"),
        ({"name": " "}, "The name is empty"),
        ({"trigger": {"type": "scheduled", "at": "9999-12-31T23:59:59-12:00"}}, "outside of the calendar"),
        ({"trigger": {"type": "scheduled", "at": "0001-01-01T00:00:00+14:00"}}, "outside of the calendar"),
        ({"trigger": {"type": "scheduled", "at": "9998-01-01T00:00:00Z"}}, "the years 1970 to 2999"),
    ],
)
def test_what_is_said_and_left_empty_or_beyond_the_calendar_is_named(change: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems({**manual(post()), **change}))


def test_an_id_said_twice_is_not_called_a_circle() -> None:
    (found,) = problems({**manual(post()), "steps": [{**post(), "id": "a"}, {**post(), "id": "a"}]})
    assert "belongs to another step already" in found


STATUS = Field(name="status", enum=("healthy", "degraded", "unhealthy", "offline", "unknown"))
STATE = Field(name="state", enum=("up", "degraded", "down", "unknown"))
HEALTH = EventSpec(service="signalbox", event="health_changed", fields=(STATUS, STATE))


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (
            "event.status == 'down'",
            "is never “down”; it is healthy, degraded, unhealthy, offline or unknown. Did you mean event.state == 'down'?",
        ),
        ('event.status in ["healthy", "offlin"]', "is never “offlin”"),
        ("event.state != 'offline'", "Did you mean event.status == 'offline'?"),
    ],
)
def test_a_condition_on_a_value_that_never_comes_is_named(when: str, said: str) -> None:
    catalogue = Catalogue([*EVERYTHING.services.values(), replace(EVERYTHING.service("signalbox"), events=(HEALTH,))])
    waiting = manual(post(), trigger={"type": "event_based", "service": "signalbox", "event": "health_changed"})
    (found,) = problems({**waiting, "when": when}, catalogue)
    assert said in found
    parse_definition({**waiting, "when": "event.state == 'down' && event.status in ['offline', 'unhealthy']"}, catalogue)


# --- YAML ---------------------------------------------------------------------------------------------------------------------

TEXT = """\
name: Release train
trigger: {type: event_based, service: github, event: pull_request_merged}
steps:
  - action: trello.create_card
    with:
      board: Release
      titel: "{{event.title}}"
  - action: chat.post_mesage
    with: {channel: "#releases", text: no}
options:
  retries: 99
"""


def test_problems_of_yaml_carry_line_and_column() -> None:
    with pytest.raises(Invalid) as caught:
        parse_yaml(TEXT, EVERYTHING)
    found = [(problem.line, problem.column, problem.message) for problem in caught.value.problems]
    assert found == [
        (7, 7, "trello.create_card has no input “titel”. Did you mean “title”?"),
        (8, 5, "Chat has no action “post_mesage”. Did you mean “chat.post_message”?"),
        (11, 3, "“retries” must be a whole number from 0 to 20."),
    ]


def test_json_is_read_by_the_same_door() -> None:
    assert parse_yaml(json.dumps(RELEASE)) == parse_definition(RELEASE)


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: &x 1\nb: *x", 1, "Anchors"),
        ("a: 1\nb: *x", 2, "Anchors"),
        ("trigger: 1\ntrigger: 2", 2, "“trigger” is said twice."),
        ("a: !!python/object:os.system x", 1, "Tags"),
        ("a: 1\n---\nb: 2", 3, "Only one document"),
        ("steps: [1, 2", 2, "not valid YAML"),
        ("a:\n\t- b", 2, "indented by spaces"),
        ("a: {{event.x}}", 1, "A template needs quotes"),
        ("[" * 100 + "]" * 100, 1, "deep"),
        ("a: " + "[" * 5_000, 1, "deep"),
        ("name: @ops", 1, "needs quotes"),
    ],
)
def test_yaml_that_is_not_plain_is_refused(text: str, line: int, part: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_yaml(text)
    assert part in str(caught.value)
    assert caught.value.problems[0].line == line


def test_a_bomb_of_aliases_and_a_huge_document_are_refused_at_once() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for text in (bomb, "x" * 300_000, "a: \x00", "\ud800", ""):
        with pytest.raises(Invalid):
            parse_yaml(text)


def test_plain_words_stay_text() -> None:
    raw = to_raw(
        parse_yaml(
            "trigger: {type: manual}\nsteps: [{action: chat.post_message, with: {a: no, b: 12:30, c: 2026-11-23, d: 010, e: 1.5, f: yes}}]"
        )
    )
    assert raw["steps"][0]["with"] == {"a": "no", "b": "12:30", "c": "2026-11-23", "d": "010", "e": 1.5, "f": "yes"}


# --- round trips ---------------------------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions())
def test_writing_and_reading_agree_about_everything_there_is(definition: Definition) -> None:
    raw = to_raw(definition)
    assert parse_definition(raw) == definition
    assert parse_definition(json.loads(json.dumps(raw))) == definition
    assert parse_yaml(to_yaml(definition)) == definition
    assert not (faults := list(VALIDATOR.iter_errors(raw))), faults[0]


def _without_ids(value: Any) -> Any:
    """Needs go with the ids they name."""
    if isinstance(value, list):
        return [_without_ids(part) for part in value]
    if not isinstance(value, dict):
        return value
    step = bool(value.keys() & {"action", *CONSTRUCTS})
    return {key: _without_ids(part) if key in ("steps", "cases", "else", "options", "on_failure", "finally", "foreach", "parallel", "switch") or isinstance(part, list) else part for key, part in value.items() if not (step and key in ("id", "needs"))}  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions())
def test_steps_that_say_no_id_are_given_one_that_nobody_else_has(definition: Definition) -> None:
    raw = _without_ids(to_raw(definition))
    read = parse_definition(raw)
    ids = [step.id for step in read.every_step]
    assert len(ids) == len(definition.every_step)
    assert len(set(ids)) == len(ids)
    assert APPROVAL not in ids
    written = to_raw(read)
    assert written == _without_ids(written)
    assert parse_definition(written) == read


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["trigger", "steps", "type", "action", "with", "needs", "options", "when", "name", "cron", "inputs", "on_failure"]), inner, max_size=6)))  # fmt: skip
def test_any_value_is_read_or_refused(raw: Any) -> None:
    try:
        parse_definition(raw, EVERYTHING)
    except Invalid as error:
        assert error.problems  # noqa: PT017 - either way is right, but a refusal must name something


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_yaml(text)


@given(st.floats(0, 1e8).map(lambda seconds: round(seconds, 3)))
def test_durations_are_written_exactly(seconds: float) -> None:
    assert duration(iso(seconds)) == seconds


@pytest.mark.parametrize(
    "value",
    ["", "P", "PT", "PT-1S", "1 fortnight", "P1Y", float("nan"), float("inf"), -1, True, None, [], "9" * 500, "PT" + "9" * 50 + "H"],
)
def test_what_is_no_duration_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        duration(value)
