"""How good the rules were, and what threshold would have spared people: tried on the very alerts it speaks of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.monitoring.alert import Alert, AlertState, Ruling
from engine.monitoring.quality import proposals, quality, slept_through
from engine.parties import SYSTEM
from tests.engine.clock import NOON
from tests.engine.monitoring.test_alert import firing


def slow(number: int, value: float, *, by: str = SYSTEM.name, **changes: object) -> Alert:
    values: dict[str, object] = {
        "id": f"alr_{number}", "rule": "response_time", "value": value, "state": AlertState.RESOLVED, "resolved_by": by,
        "resolved_at": NOON + timedelta(minutes=5),
    }  # fmt: skip
    return firing(**{**values, **changes})


def test_a_rule_is_counted_by_what_came_of_its_alerts() -> None:
    alerts = [
        slow(1, 900.0),
        slow(2, 900.0, acknowledged_by="Ana", acknowledged_at=NOON + timedelta(minutes=1)),
        slow(3, 900.0, by="Ana"),
        slow(4, 900.0, reopened=1),
        slow(5, 900.0, quiet="maintenance", trace=(Ruling("flap", "held", "it comes and goes"),)),
    ]
    (row,) = quality(alerts, {"alr_4": ["start_runbook"]})
    assert (row.fired, row.told, row.acknowledged, row.acted_on, row.flapped, row.slept_through) == (5, 4, 1, 2, 2, 1)
    assert (row.to_acknowledge, row.lasted) == (60.0, 300.0)


def test_a_threshold_that_spares_half_and_loses_none_that_somebody_took_is_proposed() -> None:
    idle = [slow(number, 1000.0 + 50 * number) for number in range(4)]
    taken = slow(9, 4000.0, acknowledged_by="Ana", acknowledged_at=NOON)
    (proposal,) = proposals([*idle, taken], {}, {})
    assert (proposal.service, proposal.spared, proposal.kept) == ("github", 4, 1)
    assert 1.15 < proposal.value < 4.0
    assert "would have had 4 of 5 alerts less" in proposal.because
    assert proposals([*idle, taken], {}, {"github": proposal.value}) == (), "it is set already"


def test_too_few_alerts_or_needed_ones_below_are_no_reason_for_a_change() -> None:
    assert proposals([slow(1, 1000.0), slow(2, 1000.0)], {}, {}) == ()
    needed = slow(9, 500.0, acknowledged_by="Ana", acknowledged_at=NOON)
    assert proposals([*(slow(number, 1000.0) for number in range(5)), needed], {}, {}) == ()


values = st.floats(1, 1e5)


@given(st.lists(st.tuples(values, st.booleans()), max_size=12))
def test_no_proposal_ever_loses_an_alert_that_somebody_needed(told: list[tuple[float, bool]]) -> None:
    alerts = [
        slow(number, value, **({"acknowledged_by": "Ana", "acknowledged_at": NOON} if taken else {}))
        for number, (value, taken) in enumerate(told)
    ]
    for proposal in proposals(alerts, {}, {}):
        lost = [one for one in alerts if one.value / 1000 <= proposal.value]
        assert all(slept_through(one, {}) for one in lost)
        assert len(lost) == proposal.spared


def test_an_alert_that_is_open_is_not_slept_through() -> None:
    assert not slept_through(replace(slow(1, 900.0), state=AlertState.FIRING), {})
