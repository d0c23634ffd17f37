"""What starts a workflow, in the ways people tell it: a sentence of its own, a state, a figure, a risk; and the conditions in it."""

from __future__ import annotations

import pytest

from intents.grammar.joining import joined
from tests.intents.words import read, workflow


def cause(text: str) -> tuple[str, str]:
    found = workflow(text)
    trigger = found["trigger"]
    return f"{trigger.get('service')}.{trigger.get('event')}", found.get("when", "")


def test_a_cause_in_a_sentence_of_its_own_is_the_end_of_the_one_before() -> None:
    assert joined("Post in #x. It should happen when a card moves.") == "Post in #x when a card moves."
    assert joined("Make a card. Do this for every new issue") == "Make a card for every new issue"
    assert joined("Open a bug. Trigger: a github issue is opened") == "Open a bug when a github issue is opened"
    assert joined("It happens. When it does, tell me") == "It happens. When it does, tell me"


@pytest.mark.parametrize(
    ("text", "event", "when"),
    [
        ("Tell #sec about it. This should run every time a hubspot contact is created.", "hubspot.contact_created", ""),
        ("if a zendesk ticket is urgent, tell #x", "zendesk.ticket_created", "event.priority == 'urgent'"),
        ("when a hubspot deal is over 10k, ping @cro", "hubspot.deal_created", "event.amount > 10000"),
        (
            "when the error rate of stripe exceeds 2% page @oncall",
            "signalbox.alert_opened",
            "event.service == 'stripe' && event.metric == 'error_rate' && event.value > 0.02",
        ),
        (
            "p95 of github over 800ms? tell #platform",
            "signalbox.alert_opened",
            "event.service == 'github' && event.metric == 'response_time' && event.value > 0.8",
        ),
        ("tell #eng whenever one of our workflows fails", "signalbox.run_failed", ""),
        ("when our deploy workflow fails tell #ops", "signalbox.run_failed", "event.workflow == 'deploy'"),
        ("a critical alert opens? wake @oncall up", "signalbox.alert_opened", "event.severity == 'critical'"),
        ("for each PR merged in acme/api post in #x", "github.pull_request_merged", "event.repo == 'acme/api'"),
        (
            "pushes to master or main in acme/api should start the gitlab pipeline",
            "gitlab.push",
            "event.branch in ['master', 'main'] && event.project == 'acme/api'",
        ),
        ("I want to know about all failed gitlab pipelines on branch main in #ci", "gitlab.pipeline_failed", "event.branch == 'main'"),
        ("quickbooks receives a payment bigger than 10.000 → announce in #finance", "quickbooks.payment_received", "event.amount > 10000"),
        ("if a file lands in dropbox /Incoming, tell #in", "dropbox.file_created", "event.folder == '/Incoming'"),
        ("mails from @bigcorp.com go to #big", "email.message_received", "event.from.endsWith('@bigcorp.com')"),
        ("POST to /hooks/ci → trigger gitlab pipeline", "http.webhook_received", "event.path == '/hooks/ci'"),
    ],
)
def test_what_starts_it_and_under_which_condition(text: str, event: str, when: str) -> None:
    assert cause(text) == (event, when)


@pytest.mark.parametrize("told", ["is at risk of an outage", "might go down soon", "is about to break", "is in danger of going down"])
def test_a_risk_of_a_service_is_a_forecast(told: str) -> None:
    assert workflow(f"dropbox {told}: warn #it")["trigger"] == {"type": "ai_predicted", "service": "dropbox", "metric": "availability"}


def test_a_build_without_its_host_is_asked_about_and_never_a_run_of_ours() -> None:
    assert read("unsuccessful ci runs → #builds").question
    assert workflow("unsuccessful ci runs → #builds")["trigger"].get("service") != "signalbox"
