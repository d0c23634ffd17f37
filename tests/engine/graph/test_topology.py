"""What the house knows of who needs whom, as grouping asks for it."""

from __future__ import annotations

from engine.graph.topology import topology_of
from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.grouping import place
from engine.monitoring.grouping.topology import Kin, Relation
from engine.workflow.definition import WorkflowState
from tests.engine.graph.houses import CATALOGUE, NOW, manual, random_house, workflow
from tests.engine.monitoring.grouping.outages import Found


def test_a_workflow_needs_the_services_of_its_steps() -> None:
    topology = topology_of([workflow(1, manual("github.create_issue", "trello.create_card"), name="Triage")], CATALOGUE)
    assert topology.relation("wf_00000001", "github") == Relation(Kin.CAUSE, 1)
    assert topology.hops("wf_00000001", "platform:Atlassian") == 2
    assert topology.name("wf_00000001") == "Triage"


def test_two_services_of_one_workflow_are_no_relation() -> None:
    topology = topology_of([workflow(1, manual("github.create_issue", "trello.create_card"))], CATALOGUE)
    assert topology.relation("github", "trello") is None


def test_a_service_that_another_stands_in_for_is_not_needed_and_the_two_are_no_relation() -> None:
    raw = manual("trello.create_card", options={"fallback": {"trello": "asana"}})
    topology = topology_of([workflow(1, raw)], CATALOGUE)
    assert topology.relation("wf_00000001", "trello") is None
    assert topology.relation("wf_00000001", "asana") is None
    assert topology.relation("trello", "asana") is None


def test_a_workflow_that_waits_for_another_needs_what_that_needs() -> None:
    inner = workflow(1, manual("github.create_issue"), name="inner")
    outer = workflow(
        2, {"trigger": {"type": "manual"}, "steps": [{"action": "signalbox.run_workflow", "with": {"workflow": "Inner", "wait": True}}]}
    )
    assert topology_of([inner, outer], CATALOGUE).relation("wf_00000002", "github") == Relation(Kin.CAUSE, 2)


def test_steps_within_steps_count_and_what_may_fail_does_not() -> None:
    each = {"foreach": {"items": "[1, 2]", "steps": [{"id": "a", "action": "github.create_issue"}]}, "id": "each"}
    optional = {"id": "b", "action": "trello.create_card", "on_error": "continue"}
    spare = {"id": "c", "action": "slack.post_message", "fallback": {"action": "discord.post_message"}}
    inner = {"id": "d", "run_workflow": {"workflow": "Inner"}}
    started = {"id": "e", "run_workflow": {"workflow": "wf_00000003", "wait": False}}
    outer = workflow(2, {"trigger": {"type": "manual"}, "steps": [each, optional, spare, inner, started]})
    houses = [workflow(1, manual("notion.create_page"), name="inner"), outer, workflow(3, manual("stripe.create_refund"))]
    topology = topology_of(houses, CATALOGUE)
    assert topology.causes("wf_00000002") == {"github": 1, "wf_00000001": 1, "notion": 2}


def test_what_is_not_one_thing_relates_nobody() -> None:
    topology = topology_of([workflow(1, manual("http.request")), workflow(2, manual("http.request"))], CATALOGUE)
    assert topology.relation("wf_00000001", "wf_00000002") is None


def test_the_chat_platform_a_step_speaks_through_is_needed() -> None:
    step = {"action": "chat.post_message", "with": {"channel": "slack:C1", "text": "hello"}}
    topology = topology_of([workflow(1, {"trigger": {"type": "manual"}, "steps": [step]})], CATALOGUE)
    assert topology.causes("wf_00000001") == {"slack": 1}


def test_a_workflow_that_does_not_run_needs_nothing() -> None:
    topology = topology_of([workflow(1, manual("github.create_issue"), state=WorkflowState.PAUSED)], CATALOGUE)
    assert topology.relation("wf_00000001", "github") is None


def test_declared_lines_are_taken_in() -> None:
    topology = topology_of([], CATALOGUE, declared=[("checkout", "stripe")])
    assert topology.relation("checkout", "stripe") == Relation(Kin.CAUSE, 1)


def test_a_failing_workflow_belongs_to_the_outage_of_what_it_needs() -> None:
    topology = topology_of([workflow(1, manual("github.create_issue"), name="Triage")], CATALOGUE)
    group = Group("g").joined(Found("github"), NOW)
    placed = place(Found("wf_00000001"), [group], topology, NOW)
    assert placed.group == "g"
    assert placed.because == "Triage needs GitHub, which began to fail in the same moment."


def test_any_house_can_be_read() -> None:
    topology = topology_of(random_house(1, 60), CATALOGUE)
    assert all(topology.kin(workflow, need) for workflow, needs in topology.needs.items() for need in needs)


def test_two_services_that_workflows_use_are_not_put_together_by_time_alone() -> None:
    flows = [workflow(1, manual("github.create_issue")), workflow(2, manual("stripe.create_refund"))]
    topology = topology_of(flows, CATALOGUE, declared=[("checkout", "payments")])
    assert topology.lined == {"checkout", "payments"}
    assert place(Found("stripe"), [Group("g").joined(Found("github"), NOW)], topology, NOW).group is None


def test_in_a_house_of_vendors_an_outage_of_one_takes_no_other_in_however_many_workflows_fail_with_it() -> None:
    flows = [workflow(number, manual("github.create_issue")) for number in (1, 2, 3)] + [workflow(4, manual("stripe.create_refund"))]
    group = Group("g").joined(Found("github"), NOW)
    for flow in flows[:3]:
        group = group.joined(Found(flow.id), NOW)
    assert place(Found("stripe"), [group], topology_of(flows, CATALOGUE), NOW).group is None
