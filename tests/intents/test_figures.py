"""Figures, bounds and states as people write them, and the words that are no names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read, recogniser, said, workflow


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("when a stripe payment of USD 1,000 or more succeeds tell #fin", "event.amount >= 1000 && event.currency == 'USD'"),
        ("when a stripe payment of 1,000 euros or less succeeds tell #fin", "event.amount <= 1000 && event.currency == 'EUR'"),
        ("when a hubspot deal of 10k+ is created tell #fin", "event.amount >= 10000"),
        ("Disputed Stripe charges of USD 1,000 or more are to be recorded as cases in Salesforce", "event.amount >= 1000 && event.currency == 'USD'"),
        ("hubspot deal goes to closed won?? shout in #fin", "event.stage == 'Closed Won'"),
        ("In case that a pipeline in GitLab fails on the branch release/4.2, inform #fin", "event.branch == 'release/4.2'"),
        ('Jira tickets with the label "security" which go from Open to In Progress → #fin', "event.from_status == 'Open' && event.status == 'In Progress' && 'security' in event.labels"),
    ],
)  # fmt: skip
def test_bounds_and_states_are_conditions(text: str, when: str) -> None:
    assert workflow(text)["when"] == when


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("set error rate threshold of github to 2,5 percent warning", {"service": "github", "metric": "error_rate", "severity": "warning", "value": 0.025}),
        ("Set the latency threshold of github to 1200 ms and the error rate to 2,5 percent", {"service": "github", "metric": "response_time", "value": 1.2}),
    ],
)  # fmt: skip
def test_a_threshold_has_the_value_of_its_own_unit(text: str, arguments: dict[str, Any]) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments)) == ("set_threshold", arguments)


def test_a_reminder_stays_one_whatever_messenger_is_named_behind() -> None:
    found = workflow("remind me tmrw at 7pm to pay the lawyers, slack dm is fine")
    assert found["trigger"] == {"type": "scheduled", "at": "2026-11-24T19:00:00+00:00"}


def test_one_of_two_workflows_is_no_name() -> None:
    understood = read("Since three days the workflow 'cert-check' runs double; can you delete the older one?")
    assert understood.question is not None
    assert understood.arguments == {}


def test_a_change_within_a_workflow_is_told_from_its_name() -> None:
    understood = read('Could you change in the workflow "PR Reminder" the time from 10:00 to 08:45?')
    assert dict(understood.arguments) == {"workflow": "PR Reminder", "change": "change the time from 10:00 to 08:45"}


def test_on_approves_nothing() -> None:
    text = "Please deploy only after approval: on merge of a merge request to main, dispatch deploy-prod.yml in GitHub"
    assert "approval" not in workflow(text).get("options", {})
    assert "Who should approve it" in str(read(text).question)


def test_who_approves_may_be_said_afterwards() -> None:
    asked = read("when a merge request is merged to main in gitlab, dispatch deploy-prod.yml in GitHub, only after approval")
    assert asked.question is not None
    assert asked.remember is not None
    again = recogniser().read(said("approval by @ops-lead", pending=dict(asked.remember)))
    assert again.question is None
    found: Any = again.arguments["workflow"]
    assert found["options"] == {"approval": "@ops-lead"}
