"""What a condition asks of an event is read where it is said plainly, and left to the condition where it is not."""

from __future__ import annotations

import pytest

from engine.workflow.definition import Trigger, TriggerType, Wait
from engine.workflow.wished import Bound, Wished, wished, wishes_of
from tests.engine.runtime.world import definition, step

ANYTHING = (Wished(),)


@pytest.mark.parametrize(
    ("condition", "wishes"),
    [
        ("event.metric == 'signups' && event.value < 100", (Wished({"metric": "signups"}, (Bound("value", "<", 100.0),)),)),
        (
            "0.6 <= double(event.value) && 'bounce_rate' == event['metric']",
            (Wished({"metric": "bounce_rate"}, (Bound("value", ">=", 0.6),)),),
        ),
        ("event.value > -5", (Wished({}, (Bound("value", ">", -5.0),)),)),
        (
            "event.metric == 'a' && (event.value < 1 || event.value > 9)",
            (Wished({"metric": "a"}, (Bound("value", "<", 1.0),)), Wished({"metric": "a"}, (Bound("value", ">", 9.0),))),
        ),
        ("event.title.contains('x') && event.urgent == true", (Wished({"urgent": True}),)),
        ("", ANYTHING),
        ("not even (CEL", ANYTHING),
        ("event.value > event.threshold", ANYTHING),
        ("event.value > true", ANYTHING),
        ("steps.a.value > 3 || inputs.metric == 'x'", (Wished(), Wished())),
        ("!(event.value > 3)", ANYTHING),
        ("event.items.exists(i, i > 3)", ANYTHING),
    ],
)
def test_a_condition_is_read_as_what_it_asks_for(condition: str, wishes: tuple[Wished, ...]) -> None:
    assert wishes_of(condition, "event") == wishes


def test_a_condition_of_endless_alternatives_is_read_so_far() -> None:
    assert len(wishes_of(" || ".join(f"event.n == {n}" for n in range(40)), "event")) == 16


def test_a_workflow_asks_by_its_trigger_and_by_its_waiting_steps() -> None:
    trigger = Trigger(type=TriggerType.EVENT_BASED, service="mixpanel", event="metric_threshold")
    waits = step("w", does=Wait(event="stripe.payment_succeeded", where="incoming.amount > 5"))
    found = wished(definition(step("a"), waits, trigger=trigger, when="event.metric == 'signups'"))
    assert found == [
        ("mixpanel.metric_threshold", Wished({"metric": "signups"})),
        ("stripe.payment_succeeded", Wished({}, (Bound("amount", ">", 5.0),))),
    ]


def test_the_condition_of_several_events_together_is_not_about_any_single_one() -> None:
    both = Trigger(type=TriggerType.CROSS_SERVICE, all=("a.x", "b.y"))
    assert wished(definition(step("a"), trigger=both, when="event.metric == 'm'")) == [("a.x", Wished()), ("b.y", Wished())]


def test_bounds_hold_on_their_side() -> None:
    assert [Bound("v", sign, 1.0).holds(1.0) for sign in ("<", "<=", ">", ">=")] == [False, True, False, True]
