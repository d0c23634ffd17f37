"""Sentences that describe workflows, as specification: trigger, condition, steps, options."""

from __future__ import annotations

import pytest

from engine.monitoring.health import HealthStatus
from engine.workflow.complete import complete
from engine.workflow.expression import Condition
from engine.workflow.parse import parse_definition
from tests.intents.words import actions, catalogue, read, workflow

EVENTS = [
    ("when a pull request is merged in GitHub, tell #releases", "github.pull_request_merged", ""),
    ("once a PR gets merged into main on GitHub tell #dev", "github.pull_request_merged", "event.base == 'main'"),
    ("whenever a deal moves to Closed Won in HubSpot, shout about it in #sales", "hubspot.deal_stage_changed", "event.stage == 'Closed Won'"),
    ("when a Stripe payment over EUR 500 fails tell #money", "stripe.payment_failed", "event.amount > 500 && event.currency == 'EUR'"),
    ("each time somebody reacts with :bug: in #feedback, tell #dev", "chat.reaction_added", "event.emoji == 'bug' && event.channel == '#feedback'"),
    ("tell #growth when the bounce rate in GA goes above 60%", "google_analytics.metric_threshold", "event.metric == 'bounce_rate' && event.value > 0.6"),
    ("new pages in the Notion database Specs are to be announced in #specs, unless their status is Draft", "notion.page_created", "event.database == 'Specs' && event.status != 'Draft'"),
    ("MR merged in gitlab with label hotfix → tell #ops", "gitlab.merge_request_merged", "'hotfix' in event.labels"),
    ("when an alert fires for stripe with severity critical tell #ops", "signalbox.alert_opened", "event.severity == 'critical' && event.service == 'stripe'"),
    ("let #eng know when github has been down", "signalbox.health_changed", "event.service == 'github' && event.status in ['unhealthy', 'offline']"),
    ("webhook hits /forms with country FR or BE → tell #leads", "http.webhook_received", "event.path == '/forms' && (event.country == 'FR' || event.country == 'BE')"),
    ("if a dropbox file is modified in folder Contracts notify @legal unless the author is bot", "dropbox.file_updated", "event.folder == 'Contracts' && event.author != 'bot'"),
    ("post every new notion page in the Changelog database to discord #news", "notion.page_created", "event.database == 'Changelog'"),
    ("alert resolved → post in #ops, but not for info alerts", "signalbox.alert_resolved", "event.severity != 'info'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "event", "condition"), EVENTS)
def test_an_event_is_heard_with_its_filters_in_the_condition(text: str, event: str, condition: str) -> None:
    found = workflow(text)
    service, _, name = event.partition(".")
    assert found["trigger"] == {"type": "event_based", "service": service, "event": name}
    assert found.get("when", "") == condition
    if condition:
        Condition.compile(condition)


SCHEDULES = [
    ("every weekday at 9 post the health report in #ops", {"cron": "0 9 * * 1-5"}),
    ("every 15 min post the health report in #ops", {"cron": "*/15 * * * *"}),
    ("every 45 minutes post the health report in #ops", {"rrule": "FREQ=MINUTELY;INTERVAL=45"}),
    ("every other Thursday at 4pm remind #sales to update their forecasts", {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;BYHOUR=16;BYMINUTE=0"}),
    ("on the last working day of every month at 17:00 post the alert digest in #ops", {"rrule": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17;BYMINUTE=0"}),
    ("Mondays 7am Pacific: health report to #leadership", {"cron": "0 7 * * 1", "timezone": "America/Los_Angeles"}),
    ("in 2 hours post 'failover test starts' in #ops", {"at": "2026-11-23T12:00:00+00:00"}),
    ("on 18 December at 17:00 Paris time post 'freeze' in #dev", {"at": "2026-12-18T17:00:00+01:00", "timezone": "Europe/Paris"}),
    ("twice a day at 9 and 17 run the workflow sync-contacts", {"cron": "0 9,17 * * *"}),
    ("remind #exam every day at 18:00 for the next ten days to read", {"rrule": "FREQ=DAILY;BYHOUR=18;BYMINUTE=0;COUNT=10"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "schedule"), SCHEDULES)
def test_a_schedule_is_heard_wherever_it_stands_in_the_sentence(text: str, schedule: dict[str, str]) -> None:
    assert workflow(text)["trigger"] == {"type": "scheduled", **schedule}


@pytest.mark.parametrize("status", ["unhealthy", "offline"])
def test_down_is_spoken_in_the_statuses_that_the_monitor_reports(status: str) -> None:
    condition = Condition.compile(workflow("when jira goes down tell #ops")["when"])
    assert condition.holds({"event": {"service": "jira", "status": HealthStatus(status).value}})
    assert not condition.holds({"event": {"service": "jira", "status": "healthy"}})
    assert not condition.holds({"event": {"service": "box", "status": status}})


def test_two_events_in_order_within_a_time_are_a_sequence() -> None:
    found = workflow("If a HubSpot deal gets created and then a Stripe payment succeeds within seven days, let #revenue know")
    assert found["trigger"] == {"type": "cross_service", "sequence": ["hubspot.deal_created", "stripe.payment_succeeded"], "within": "P7D"}


def test_events_joined_by_or_are_any_even_within_one_service() -> None:
    assert workflow("If an event gets created or cancelled in gcal let #catering know")["trigger"] == {
        "type": "cross_service",
        "any": ["google_calendar.event_created", "google_calendar.event_cancelled"],
    }


def test_events_joined_by_and_must_all_happen() -> None:
    found = workflow("when both a github release is published and a gitlab pipeline fails within 1 hour tell #release")
    assert found["trigger"] == {"type": "cross_service", "all": ["github.release_published", "gitlab.pipeline_failed"], "within": "PT1H"}


def test_a_forecast_is_an_ai_trigger_with_metric_and_horizon() -> None:
    found = workflow("When you think Jira is going to be slow in the next four hours, warn #product")
    assert found["trigger"] == {"type": "ai_predicted", "service": "jira", "metric": "response_time", "horizon": "PT4H"}


def test_a_button_is_a_manual_trigger_and_may_carry_a_name() -> None:
    found = workflow("Give me a button named kill-switch: POST to https://api.example.com/off, then tell #eng and #exec")
    assert found["name"] == "kill-switch"
    assert found["trigger"] == {"type": "manual"}
    assert [step["action"] for step in found["steps"]] == ["http.request", "chat.post_message", "chat.post_message"]


STEPS = [
    ("when a pr is merged on github, create a Trello card on the Release board and tell #releases", ["trello.create_card", "chat.post_message"]),
    ("crit alert opens: make slack channel inc-live, invite @dmitri there, set its topic to 'live', then tell #ops", ["slack.create_channel", "slack.invite_to_channel", "slack.set_topic", "chat.post_message"]),
    ("jira goes down → impact report to #ops and open a zendesk ticket", ["signalbox.impact_report", "chat.post_message", "zendesk.create_ticket"]),
    ("Once a payment is received in QuickBooks, the remittance should be saved to the Box folder 'R' and shared there with @joan", ["box.upload_file", "box.share_file"]),
    ("every friday at 9 create an invoice in QuickBooks for Acme and send it", ["quickbooks.create_invoice", "quickbooks.send_invoice"]),
    ("if a stripe dispute is created, ask @cfo for approval, then refund the payment, then post in #disputes", ["chat.ask_approval", "stripe.refund_payment", "chat.post_message"]),
    ("post a summary of open asana tasks to #standup every weekday at 8:45", ["asana.search_tasks", "chat.post_message"]),
    ("for every new file in onedrive folder Reports, copy it to google drive", ["google_drive.upload_file"]),
    ("when a github release is published announce it in Slack #releases and in Teams channel News", ["slack.post_message", "teams.post_message"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STEPS)
def test_steps_come_in_the_order_of_doing(text: str, expected: list[str]) -> None:
    assert actions(text) == expected


def test_only_what_was_said_goes_into_a_step() -> None:
    steps = workflow("when a zendesk ticket is created, make a jira bug 'Look' in project WEB with priority high for @ben and tell #qa")[
        "steps"
    ]
    assert steps == [
        {"action": "jira.create_issue", "with": {"title": "Look", "project": "WEB", "priority": "high", "type": "bug", "assignee": "@ben"}},
        {"action": "chat.post_message", "with": {"channel": "#qa"}},
    ]


def test_options_are_taken_out_of_the_sentence_before_the_steps() -> None:
    found = workflow(
        "when a zendesk ticket comes in make a jira issue in SUP and tell #sup, retry 3x, timeout 30s, "
        "if jira is down use asana instead. @lead has to approve. If that fails tell #mods."
    )
    assert [step["action"] for step in found["steps"]] == ["jira.create_issue", "chat.post_message"]
    assert found["options"] == {
        "retries": 3,
        "approval": "@lead",
        "timeout": "PT30S",
        "fallback": {"jira": "asana"},
        "on_failure": [{"action": "chat.post_message", "with": {"channel": "#mods"}}],
    }


def test_a_condition_on_what_a_step_found_reads_that_step() -> None:
    found = workflow("hourly query mixpanel for 'checkout' events and if there are fewer than ten, alert #growth")
    assert found["when"] == "steps.query_events.count < 10"


def test_a_message_to_the_asker_goes_to_me() -> None:
    assert workflow("tell me when a google calendar event is cancelled")["steps"][0]["with"] == {"channel": "@me"}


def test_quotes_are_never_read_as_orders() -> None:
    found = workflow("every friday at 15:00 post 'delete everything every Monday at 9, ok?' in #office")
    assert found["trigger"]["cron"] == "0 15 * * 5"
    assert found["steps"] == [
        {"action": "chat.post_message", "with": {"channel": "#office", "text": "delete everything every Monday at 9, ok?"}}
    ]


def test_typos_and_slang_are_mended() -> None:
    assert workflow("wen a githib pull reqest is merged pls tell #dev")["trigger"]["service"] == "github"


def test_a_slack_channel_is_spoken_by_name_and_kept_by_id() -> None:
    understood = read("when a github release is published tell <#C0SRE1|sre-night> and <@U7|max>")
    assert [step["with"]["channel"] for step in understood.arguments["workflow"]["steps"]] == ["#sre-night", "@max"]  # type: ignore[index,call-overload]
    assert understood.places == {"#sre-night": "slack:C0SRE1", "@max": "slack:U7"}


def test_a_discord_channel_without_a_name_keeps_its_token() -> None:
    understood = read("when a github release is published post in <#998877>", where="discord:1")
    assert understood.arguments["workflow"]["steps"][0]["with"] == {"channel": "<#998877>"}  # type: ignore[index,call-overload]
    assert understood.places == {"<#998877>": "discord:998877"}


ASKED = [
    ("when a ticket is updated tell #ops", "Which service"),
    ("When the build breaks tell the team.", ""),
    ("Please send an invoice to Brightside every month.", "day"),
    ("every monday post the health report in #ops", "time"),
    ("every seconds post the health report in #ops", ""),
    ("on 30 february at 9 post 'x' in #ops", "no day 30"),
    ("at 25:00 every day post 'x' in #ops", "time"),
    ("every 0 minutes post 'x' in #ops", "How often"),
    ("page someone when its down", "service"),
    ("Please make the automatic for the invoices.", "start"),
    ("when a customer complains create a jira ticket", "start"),
]


@pytest.mark.parametrize(("text", "about"), ASKED)
def test_what_is_missing_is_asked_for_and_never_guessed(text: str, about: str) -> None:
    understood = read(text)
    assert understood.command == "create_workflow"
    assert understood.question
    assert about.casefold() in understood.question.casefold()
    assert understood.remember
    assert understood.confidence <= 0.9


def test_a_restriction_that_cannot_be_read_is_asked_about_rather_than_dropped() -> None:
    understood = read("when a github pull request is opened tell #dev, but only if the moon is full")
    assert understood.question is not None
    assert "moon" in understood.question


@pytest.mark.parametrize("text", [text for text, _, _ in EVENTS] + [text for text, _ in SCHEDULES] + [text for text, _ in STEPS])
def test_what_is_understood_completes_to_a_valid_definition(text: str) -> None:
    definition = parse_definition(complete(workflow(text), catalogue()), catalogue())
    assert definition.name
    assert definition.steps


@pytest.mark.parametrize(
    ("text", "event", "when"),
    [
        ("when a jira issue is closed post in #ops", "jira.issue_transitioned", "event.status == 'Closed'"),
        ("jira bug resolved? tell #qa", "jira.issue_transitioned", "event.status == 'Resolved'"),
        ("closed jira tickets should be announced in #ops", "jira.issue_transitioned", "event.status == 'Closed'"),
        ("when someone closes a jira issue, comment on the zendesk ticket", "jira.issue_transitioned", "event.status == 'Closed'"),
        ("whenever a jira story is in review ping @lead", "jira.issue_transitioned", "event.status == 'In Review'"),
        ("when a trello card is done tell #ops", "trello.card_moved", "event.list == 'Done'"),
        ("stuck monday items should go to #help", "monday.status_changed", "event.status == 'Stuck'"),
        ("after a quickbooks invoice is paid post in #money", "quickbooks.payment_received", None),
    ],
)
def test_the_state_a_thing_gets_into_starts_it(text: str, event: str, when: str | None) -> None:
    found = workflow(text)
    assert f"{found['trigger']['service']}.{found['trigger']['event']}" == event
    assert found.get("when") == when


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("ask @cfo for approval before refunding a stripe payment", ["chat.ask_approval", "stripe.refund_payment"]),
        ("an alert gets resolved -> note in #incidents", ["chat.post_message"]),
        ("every day at noon run the mixpanel report and mail it to team@corp.example", ["mixpanel.query_events", "email.send_email"]),
        ("new joiners in discord get the role Newbie", ["discord.add_role"]),
        ("failed workflow runs: tell #ops", ["chat.post_message"]),
    ],
)
def test_deeds_are_what_was_said_where_the_wording_is_unusual(text: str, steps: list[str]) -> None:
    assert actions(text) == steps


def test_a_limit_of_the_metric_is_no_horizon() -> None:
    trigger = workflow("warn #infra when github api latency is predicted to go over 2s in the next hour")["trigger"]
    assert trigger == {"type": "ai_predicted", "service": "github", "metric": "response_time", "horizon": "PT1H"}


def test_a_short_is_names_a_fallback_too() -> None:
    found = workflow("zendesk ticket solved → hubspot note, if hubspot's down use salesforce instead")
    assert found["options"]["fallback"] == {"hubspot": "salesforce"}


@pytest.mark.parametrize("text", ["EOD on fridays: post workflow analytics in #ops", "fridays at EOD post workflow analytics in #ops"])
def test_the_end_of_a_day_is_five_in_the_afternoon(text: str) -> None:
    assert workflow(text)["trigger"]["cron"] == "0 17 * * 5"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        (
            'when someone writes "help" in #support reply "we are on it"',
            {"action": "chat.post_message", "with": {"channel": "{{event.channel}}", "text": "we are on it"}},
        ),
        ('when a teams message contains "outage" reply "we know"', {"action": "teams.reply_to_message", "with": {"text": "we know"}}),
    ],
)
def test_a_reply_goes_where_it_was_said(text: str, step: dict[str, object]) -> None:
    found = read(text)
    assert found.question is None
    assert found.arguments["workflow"]["steps"] == [step]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("text", "event", "steps"),
    [
        ("add label triage to every new github issue in acme/web", "github.issue_opened", ["github.add_labels"]),
        ("assign new jira bugs to @sam", "jira.issue_created", ["jira.assign_issue"]),
        ("turn new zendesk tickets into jira issues", "zendesk.ticket_created", ["jira.create_issue"]),
        ("convert won deals into quickbooks invoices", "hubspot.deal_stage_changed", ["quickbooks.create_invoice"]),
        ("refund every disputed stripe charge", "stripe.dispute_created", ["stripe.refund_payment"]),
        ("back up every box file to dropbox", "box.file_created", ["dropbox.upload_file"]),
        ("calendar event cancelled > dm me", "google_calendar.event_cancelled", ["chat.post_message"]),
        ('when a zendesk ticket is created label it "intake"', "zendesk.ticket_created", ["zendesk.update_ticket"]),
        (
            "when is created a contact in hubspot, a customer must be created in stripe",
            "hubspot.contact_created",
            ["stripe.create_customer"],
        ),
    ],
)
def test_what_an_order_is_about_may_be_what_starts_it(text: str, event: str, steps: list[str]) -> None:
    trigger = workflow(text)["trigger"]
    assert f"{trigger['service']}.{trigger['event']}" == event
    assert actions(text) == steps


@pytest.mark.parametrize("text", ["close every issue in github that is stale", "create a new github issue in acme/web"])
def test_what_is_there_already_starts_nothing(text: str) -> None:
    assert workflow(text)["trigger"]["type"] == "manual"


def test_any_word_for_consent_asks_for_approval() -> None:
    found = workflow("on merge of an MR into main trigger the pipeline in gitlab, needs ok from @release")
    assert found["options"]["approval"] == "@release"
