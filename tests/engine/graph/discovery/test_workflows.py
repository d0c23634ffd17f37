from __future__ import annotations

from typing import Any

import pytest

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import ComponentKind
from engine.graph.declared.detect import read_declared
from engine.graph.declared.known import Known
from engine.graph.discovery.map import Knowledge
from engine.graph.discovery.merging import merge
from engine.graph.discovery.requirements import nodes, requirements
from engine.graph.discovery.workflows import workflow_lines
from engine.graph.structure.answers import Answers
from engine.graph.structure.index import Structure
from engine.workflow.definition import TriggerType, WorkflowState
from tests.engine.graph.discovery.test_merging import NOW, drawn
from tests.engine.graph.houses import CATALOGUE, event, graph, manual, random_house, workflow


def known(*raws: dict[str, Any], **more: Any) -> Knowledge:
    return workflow_lines([workflow(number, raw) for number, raw in enumerate(raws, 1)], CATALOGUE, **more)


def said(found: Knowledge) -> set[str]:
    return {one.replace("wf_0000000", "") for one in drawn(merge([found], at=NOW)) if one.startswith("wf")}


def test_steps_that_nothing_stands_in_for_are_needs() -> None:
    assert said(known(manual("jira.create_issue", "github.add_comment"))) == {"1 needs jira", "1 needs github"}


def test_a_fallback_makes_a_group_of_ways() -> None:
    assert said(known(manual("jira.create_issue", options={"fallback": {"jira": "asana"}}))) == {
        "1 needs jira (1: step create_issue)",
        "1 alternative asana (1: step create_issue)",
    }


def test_a_step_of_its_own_fallback_makes_one_too() -> None:
    raw = {
        "trigger": {"type": "manual"},
        "steps": [
            {
                "id": "tell",
                "action": "slack.post_message",
                "with": {"channel": "#a", "text": "x"},
                "fallback": {"action": "email.send", "with": {"to": "a@example.com", "subject": "x", "text": "y"}},
            }
        ],
    }
    assert said(known(raw)) == {"1 needs slack (1: step tell)", "1 alternative email (1: step tell)"}


def test_two_services_at_once_or_another_are_written_as_groups_that_all_hold() -> None:
    step = {"id": "tell", "action": "chat.post_message", "with": {"channel": "#ops", "text": "x"}}
    raw = {"trigger": {"type": "manual"}, "steps": [step], "places": {"#ops": "slack:C1"}, "options": {"fallback": {"chat": "teams"}}}
    found = merge([known(raw)], at=NOW)
    needed = [(one.ways, one.at_least) for one in requirements(found) if one.node.startswith("wf")]
    assert needed == [((("chat",), ("teams",)), 1), ((("slack",), ("teams",)), 1)]


def test_a_declared_alternative_stands_in_where_the_workflow_names_none() -> None:
    other = Alternative(instead_of="jira.create_issue", use="asana.create_task")
    assert said(known(manual("jira.create_issue"), alternatives=[other])) == {
        "1 needs jira (1: step create_issue)",
        "1 alternative asana (1: step create_issue)",
    }


def test_what_may_fail_is_a_soft_need_and_steps_within_steps_count() -> None:
    inner = [{"action": "jira.add_comment", "with": {"issue": "{{item}}", "text": "x"}, "on_error": "continue"}]
    raw = {"trigger": {"type": "manual"}, "steps": [{"id": "each", "foreach": {"items": "[1]", "steps": inner}}]}
    assert said(known(raw)) == {"1 needs? jira"}


def test_events_are_listened_to_and_workflows_started_or_waited_for() -> None:
    first = event("github", "pull_request_merged", "trello.create_card")
    runs = [{"run_workflow": {"workflow": "flow 1"}}, {"run_workflow": {"workflow": "flow 1", "wait": False}}]
    found = said(known(first, {"trigger": {"type": "manual"}, "steps": runs}))
    assert found == {"1 listens github", "1 needs trello", "2 needs wf_00000001".replace("wf_0000000", ""), "2 starts 1"}


def test_any_of_several_events_is_a_group_that_breaks_nothing() -> None:
    raw = {"trigger": {"type": "cross_service", "any": ["github.push", "gitlab.push"]}, "steps": [{"action": "jira.create_issue"}]}
    found = merge([known(raw)], at=NOW)
    assert "wf_00000001 listens github (1: trigger)" in drawn(found)
    assert [one.ways for one in requirements(found) if one.node.startswith("wf")] == [(("jira",),)]


def test_platforms_that_services_share_are_components() -> None:
    found = merge([known(manual("jira.create_issue"), manual("trello.create_card"))], at=NOW)
    assert {line.source for line in found.needed_by("platform:atlassian")} == {"jira", "trello"}
    assert (found.components["platform:atlassian"].kind, found.label("platform:atlassian")) == (ComponentKind.PLATFORM, "Atlassian")
    assert found.components["jira"].service == "jira"
    assert found.components["wf_00000001"].name == "flow 1"


def test_a_deleted_workflow_says_nothing() -> None:
    assert workflow_lines([workflow(1, manual("jira.create_issue"), state=WorkflowState.DELETED)], CATALOGUE).lines == ()


def test_a_house_of_workflows_is_exported_and_imported_the_same() -> None:
    found = merge([workflow_lines(random_house(3, 25), CATALOGUE, per_hour={"wf_00000003": 2.5})], at=NOW)
    again = read_declared(found.to_yaml(), at=NOW, known=Known(services=CATALOGUE.services))
    assert again.problems == ()
    assert (again.components, again.lines) == (tuple(found.components.values()), found.lines)


@pytest.mark.parametrize("seed", [11, 12])
def test_what_stops_by_the_map_is_what_stops_by_the_definitions(seed: int) -> None:
    """Held against the graph that is read off the definitions without a map; a workflow without its events is idle, which is another matter."""
    house = random_house(seed, 40)
    asked = {one.id for one in house if one.definition.trigger.type is not TriggerType.EVENT_BASED}
    map = merge([workflow_lines(house, CATALOGUE)], at=NOW)
    answers, definitions = Answers(Structure.of(nodes(map), requirements(map))), graph(*house)
    services = [id for id, one in map.components.items() if one.service]
    assert len(services) > 10
    for service in services:
        stops = {one.id for one in definitions.impact(service).workflows if not one.survives_by}
        assert asked & set(answers.what_if([service]).down("workflow")) == asked & stops, service
