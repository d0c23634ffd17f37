from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Invalid
from engine.graph.declared.alternative import Alternative
from tests.engine.graph.houses import CATALOGUE


def made(**inputs: Any) -> Alternative:
    return Alternative.from_json({"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": inputs})


def test_arguments_are_filled_as_those_of_a_fallback_are() -> None:
    found = made(
        title="[{{input.project}}] {{input.title}}", labels="{{input.labels}}", assignee="{{input.assignee}}", project="Operations"
    )
    given: dict[str, Any] = {"title": "Down", "project": "OPS", "labels": ["a", "b"]}
    assert found.arguments(given) == {"title": "[OPS] Down", "labels": ["a", "b"], "project": "Operations"}


def test_what_a_template_reads_and_nobody_gave_is_an_error_with_a_sentence() -> None:
    with pytest.raises(Invalid, match="cannot be filled in"):
        made(title="{{input.title}} of {{input.project}}").arguments({"title": "x"})


def test_the_catalogue_finds_what_cannot_work() -> None:
    assert made(title="{{input.title}}", project="Ops").faults(CATALOGUE) == []
    said = " ".join(made(titel="{{input.titel}}").faults(CATALOGUE))
    assert "asana.create_task takes no “titel”. Did you mean “title”?" in said
    assert "jira.create_issue is given no “titel”" in said
    assert "cannot do without title" in said
    assert (
        Alternative(instead_of="jira.create_issue", use="asana.search_tasks")
        .faults(CATALOGUE)[-1]
        .endswith("no replacement for the other.")
    )
    assert (
        "There is no service “jura”. Did you mean “jira”?"
        in Alternative(instead_of="jura.x", use="asana.search_tasks").faults(CATALOGUE)[0]
    )


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {"instead_of": "jira.create_issue"},
        {"instead_of": "jira.create_issue", "use": "Asana Task"},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": {"x": "{{run.secret}}"}},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": {"x": "{{open"}},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": {"x": "y" * 5_000}},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": {"x": float("inf")}},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": {"x": "\ud800"}},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": {"x y": 1}},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": [1]},
        {"instead_of": "jira.create_issue", "use": "asana.create_task", "wait": True},
    ],
)
def test_what_is_no_alternative_is_refused_in_a_sentence(raw: Any) -> None:
    with pytest.raises(Invalid):
        Alternative.from_json(raw)
