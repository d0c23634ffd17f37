"""Which events would have started a workflow: decided as the house decides, without storing anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.rehearsal.deciding import Decision, decisions_of, fires_between
from engine.workflow.definition import Definition
from engine.workflow.gathering import Seen
from engine.workflow.parse import parse_definition

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
STEP = {"action": "chat.post_message", "with": {"channel": "#ops", "text": "x"}}
ABOUT: dict[str, Any] = {"id": "wf_1", "name": "x", "version": 1}


def definition(trigger: dict[str, Any], when: str = "") -> Definition:
    return parse_definition({"name": "x", "trigger": trigger, "steps": [STEP], **({"when": when} if when else {})})


def seen(name: str, minutes: float = 0, **data: Any) -> Seen:
    return Seen(name, f"{name}@{minutes}", NOON + timedelta(minutes=minutes), data)


def decided(flow: Definition, *events: Seen) -> list[tuple[str, bool, str]]:
    return [(one.id, one.starts, one.reason) for one in decisions_of(flow, ABOUT, events, LATER)]


def starts(flow: Definition, *events: Seen) -> list[str]:
    return [one.id for one in decisions_of(flow, ABOUT, events, LATER) if one.starts]


PUSH = {"type": "event_based", "service": "github", "event": "push"}


def test_an_event_of_another_name_is_no_matter_of_its_and_one_that_fails_the_condition_says_why() -> None:
    flow = definition(PUSH, "event.branch == 'main'")
    found = decided(flow, seen("github.push", branch="main"), seen("github.push", 1, branch="dev"), seen("github.issue_opened", 2))
    assert [(id, starting) for id, starting, _ in found] == [("github.push@0", True), ("github.push@1", False)]
    assert "not fulfilled" in found[1][2]


def test_a_dedup_value_starts_once() -> None:
    flow = definition({**PUSH, "dedup": "event.sha"})
    found = decided(flow, seen("github.push", sha="a"), seen("github.push", 1, sha="a"), seen("github.push", 2, sha="b"))
    assert [starting for _, starting, _ in found] == [True, False, True]
    assert "“a” has started it before" in found[1][2]


def test_quiet_decides_with_the_last_event() -> None:
    flow = definition({**PUSH, "debounce": {"for": "10m", "key": "event.repo"}})
    events = [seen("github.push", minute, repo="web") for minute in (0, 5, 30)] + [seen("github.push", 6, repo="api")]
    assert starts(flow, *sorted(events, key=lambda one: one.at)) == ["github.push@5", "github.push@6", "github.push@30"]


def test_of_several_events_the_last_one_decides_and_sees_all_of_them() -> None:
    flow = definition(
        {
            "type": "cross_service",
            "all": ["stripe.payment_succeeded", "hubspot.deal_created"],
            "within": "P1D",
            "correlate": "event.customer",
        }
    )
    events = [
        seen("stripe.payment_succeeded", customer="a"),
        seen("hubspot.deal_created", 5, customer="b"),
        seen("hubspot.deal_created", 9, customer="a"),
    ]
    found = decisions_of(flow, ABOUT, events, LATER)
    assert [one.starts for one in found] == [False, False, True]
    assert "still waits for hubspot.deal_created" in found[0].reason
    assert set(found[2].event["events"]) == {"stripe.payment_succeeded", "hubspot.deal_created"}  # type: ignore[index, arg-type]


def test_an_event_without_a_case_says_so() -> None:
    flow = definition(
        {"type": "cross_service", "sequence": ["stripe.payment_succeeded", "hubspot.deal_created"], "correlate": "event.customer"}
    )
    ((_, starting, why),) = decided(flow, seen("stripe.payment_succeeded"))
    assert not starting
    assert "belongs to no case" in why


def test_a_condition_that_refuses_uses_nothing_up() -> None:
    flow = definition(
        {"type": "cross_service", "all": ["stripe.payment_succeeded", "hubspot.deal_created"], "within": "P1D"}, "event.amount > 100"
    )
    events = [seen("hubspot.deal_created"), seen("stripe.payment_succeeded", 1, amount=50), seen("stripe.payment_succeeded", 2, amount=150)]
    assert starts(flow, *events) == ["stripe.payment_succeeded@2"]


def test_any_of_several_is_started_by_each() -> None:
    flow = definition({"type": "cross_service", "any": ["github.push", "gitlab.push"]})
    assert starts(flow, seen("github.push"), seen("gitlab.push", 1)) == ["github.push@0", "gitlab.push@1"]


def test_a_prediction_about_something_else_is_left_alone() -> None:
    flow = definition({"type": "ai_predicted", "service": "github", "metric": "response_time"})
    event = seen("signalbox.anomaly_predicted", service="github", metric="response_time")
    other = seen("signalbox.anomaly_predicted", 1, service="trello", metric="response_time")
    assert starts(flow, event, other) == ["signalbox.anomaly_predicted@0"]


def test_the_fires_of_a_schedule_between_two_moments() -> None:
    flow = definition({"type": "scheduled", "cron": "0 */6 * * *", "timezone": "UTC"})
    found: list[Decision] = fires_between(flow.trigger, NOON, LATER, "UTC")
    assert [one.at.hour for one in found] == [18, 0, 6, 12]
