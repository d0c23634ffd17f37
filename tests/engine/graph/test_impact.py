"""What breaks if a service goes down, held against working it out by hand."""

from __future__ import annotations

import itertools
import random

import pytest

from engine.errors import Invalid, NotFound
from engine.graph.impact import Impact
from engine.workflow.definition import WorkflowState
from tests.engine.graph.houses import CATALOGUE, event, graph, manual, random_house, workflow


def survivors(impact: Impact) -> dict[str, str]:
    return {one.name: one.survives_by for one in impact.workflows}


def test_a_step_without_a_fallback_stops_its_workflow_and_one_with_it_carries_on() -> None:
    house = graph(
        workflow(1, event("github", "pull_request_merged", "trello.create_card", "chat.post_message"), name="release"),
        workflow(2, manual("trello.create_card", options={"fallback": {"trello": "asana"}}), name="intake"),
        workflow(3, manual("jira.create_issue"), name="other"),
        runs={1: 168 * 4, 2: 168 * 2},
    )
    impact = house.impact("trello")
    assert survivors(impact) == {"release": "", "intake": "asana"}
    assert [one.runs_per_hour for one in impact.workflows] == [4.0, 2.0]
    assert impact.runs_lost_per_hour == 4.0
    assert impact.people == ("slack:U1",)
    assert impact.severity == "medium"
    assert impact.because == "1 of 3 active workflows stops, 1 carries on by Asana; 4 runs an hour lost."
    assert impact.workflows[0].because == "Its step “create_card” needs Trello, and nothing stands in for it."
    assert impact.workflows[1].because == "Asana stands in for Trello in “create_card”."


def test_events_that_do_not_come_stop_a_workflow() -> None:
    house = graph(
        workflow(1, event("github", "push", "trello.create_card"), name="one source"),
        workflow(
            2, {**manual("chat.post_message"), "trigger": {"type": "cross_service", "any": ["github.push", "gitlab.push"]}}, name="either"
        ),
        workflow(
            3, {**manual("chat.post_message"), "trigger": {"type": "cross_service", "all": ["github.push", "gitlab.push"]}}, name="both"
        ),
    )
    impact = house.impact("github")
    assert survivors(impact) == {"one source": "", "either": "gitlab", "both": ""}
    assert impact.workflows[0].because == "It starts on events of GitHub, and none come."


def test_a_fallback_that_is_down_as_well_does_not_count() -> None:
    house = graph(workflow(1, manual("trello.create_card", options={"fallback": {"trello": "asana"}}), name="intake"))
    assert survivors(house.impact("trello", also_down=["asana"])) == {"intake": ""}
    assert house.impact("trello", also_down=["asana"]).workflows[0].because.endswith("its fallback Asana is down as well.")
    assert survivors(house.impact("asana")) == {}


def test_a_fallback_without_an_equal_action_does_not_count() -> None:
    house = graph(workflow(1, manual("trello.create_card", options={"fallback": {"trello": "stripe"}}), name="intake"))
    assert survivors(house.impact("trello")) == {"intake": ""}


def test_a_fallback_on_the_same_platform_is_named_as_a_trap() -> None:
    house = graph(workflow(1, manual("jira.create_issue", options={"fallback": {"jira": "trello"}}), name="intake"))
    assert house.impact("jira").shared_fallback_dependencies == ("Atlassian (Jira and Trello)",)


def test_a_message_of_the_bot_needs_the_platform_its_channel_is_on() -> None:
    said = {"action": "chat.post_message", "with": {"channel": "#ops"}}
    slack = workflow(1, {"trigger": {"type": "manual"}, "steps": [said], "places": {"#ops": "slack:C1"}}, name="in slack")
    discord = workflow(2, {"trigger": {"type": "manual"}, "steps": [said], "home": "discord"}, name="in discord")
    web = workflow(3, {"trigger": {"type": "manual"}, "steps": [said], "home": "web"}, name="in web")
    trapped = workflow(
        4, {"trigger": {"type": "manual"}, "steps": [said], "home": "slack", "options": {"fallback": {"chat": "slack"}}}, name="trapped"
    )
    house = graph(slack, discord, web, trapped)
    assert survivors(house.impact("slack")) == {"in slack": "", "trapped": ""}
    assert house.impact("slack").shared_fallback_dependencies == ("Slack",)
    assert survivors(house.impact("discord")) == {"in discord": ""}
    assert set(survivors(house.impact("chat"))) == {"in slack", "in discord", "in web", "trapped"}


def test_an_approval_needs_the_chat() -> None:
    house = graph(workflow(1, manual("trello.create_card", options={"approval": "@leads"}), name="guarded"))
    assert survivors(house.impact("chat")) == {"guarded": ""}


def test_a_degraded_service_is_ridden_out_by_retries() -> None:
    house = graph(
        workflow(1, manual("trello.create_card"), name="patient"),
        workflow(2, manual("trello.create_card", options={"retries": 0}), name="hasty"),
        runs={1: 168, 2: 168},
    )
    impact = house.impact("trello", "degraded")
    assert survivors(impact) == {"hasty": "", "patient": "retries"}
    assert (impact.runs_lost_per_hour, impact.severity) == (1.0, "low")
    assert house.drawing(impact)["headline"] == "Trello is degraded"


def test_schedules_are_counted_exactly_and_paused_workflows_expect_nothing() -> None:
    hourly = workflow(1, {**manual("trello.create_card"), "trigger": {"type": "scheduled", "cron": "0 * * * *"}}, name="hourly")
    weekly = workflow(2, {**manual("trello.create_card"), "trigger": {"type": "scheduled", "cron": "0 9 * * 1"}}, name="weekly")
    often = workflow(3, {**manual("trello.create_card"), "trigger": {"type": "scheduled", "cron": "* * * * *"}}, name="often")
    paused = workflow(4, manual("trello.create_card"), name="paused", state=WorkflowState.PAUSED)
    gone = workflow(5, manual("trello.create_card"), name="gone", state=WorkflowState.DELETED)
    impact = graph(hourly, weekly, often, paused, gone, runs={4: 999, 5: 999}).impact("trello")
    assert {one.name: one.runs_per_hour for one in impact.workflows} == {
        "often": 60.0,
        "hourly": 1.0,
        "weekly": pytest.approx(1 / 168, abs=1e-4),
    }
    assert impact.severity == "critical"
    assert impact.because.endswith("1 paused workflow needs it too.")


def test_nothing_breaks_where_nobody_needs_it() -> None:
    impact = graph(workflow(1, manual("trello.create_card"))).impact("stripe")
    assert (impact.workflows, impact.severity, impact.because) == ((), "low", "No active workflow needs Stripe.")


def test_unknown_names_and_states_are_refused_in_a_sentence() -> None:
    house = graph(workflow(1, manual("trello.create_card"), name="release train"))
    with pytest.raises(NotFound, match="Did you mean “trello”"):
        house.impact("trelo")
    with pytest.raises(Invalid, match="down, degraded or over quota"):
        house.impact("trello", "sleepy")
    with pytest.raises(NotFound, match="Did you mean “release train”"):
        house.dependencies("release trian")


def test_dependencies_are_told_in_both_directions() -> None:
    house = graph(
        workflow(1, event("github", "push", "trello.create_card", options={"fallback": {"trello": "asana"}}), name="release"),
        workflow(
            2,
            {"trigger": {"type": "manual"}, "steps": [{"action": "signalbox.run_workflow", "with": {"workflow": "Release"}}]},
            name="train",
        ),
    )
    assert house.needed_by("trello") == ["release", "train"]
    assert house.dependencies("Release").needs == ("Asana", "GitHub", "Trello")
    assert house.dependencies("release").needed_by == ("train",)
    assert house.dependencies("asana").needed_by == ("release", "train")
    assert house.dependencies("stripe").needed_by == ()


def brute_force(workflows: list, down: set[str]) -> dict[str, bool]:  # type: ignore[type-arg]
    """Whether each workflow can go on, by the structure function written out: AND over steps of OR over ways; AND with its events."""
    works = {}
    for one in workflows:
        definition = one.definition
        trigger = definition.trigger
        fine = not (trigger.service and trigger.service in down)
        for step in definition.steps:
            ways = [step.service]
            other = definition.options.fallback.get(step.service)
            if other and any(name.partition(".")[0] == other for name in CATALOGUE.actions[step.action].equivalents):
                ways.append(other)
            fine = fine and any(way not in down for way in ways)
        works[one.name] = fine
    return works


@pytest.mark.parametrize("seed", range(25))
def test_and_or_is_exact_on_random_houses(seed: int) -> None:
    workflows = random_house(seed, 40)
    house = graph(*workflows)
    services = sorted({service for one in workflows for service in one.definition.services})
    dice = random.Random(seed)
    for service, other in itertools.product(services, [None, dice.choice(services)]):
        down = {service, other} - {None}
        impact = house.impact(service, also_down=[other] if other else [])
        works = brute_force(workflows, down)
        alone = brute_force(workflows, {other} if other else set())
        stops = {one.name for one in impact.workflows if not one.survives_by}
        # What the service stops must not work; what does not work although it did before must be named.
        assert all(not works[name] for name in stops)
        assert {name for name in works if alone[name] and not works[name]} <= stops
        assert all(works[one.name] or not alone[one.name] for one in impact.workflows if one.survives_by)
