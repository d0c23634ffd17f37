"""The life of an alert: what is allowed, and what the late one is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Conflict
from engine.monitoring.alert import Alert, AlertState, Severity, acknowledged, reopened, resolved
from tests.engine.clock import NOON


def firing(**changes: object) -> Alert:
    values: dict[str, object] = {
        "id": "alr_1", "fingerprint": "availability/github/default", "revision": 1, "state": AlertState.FIRING, "severity": Severity.CRITICAL, "service": "github",
        "account": "default", "rule": "availability", "message": "github does not answer", "metric": "consecutive failures", "threshold": 3.0, "value": 3.0,
        "opened_at": NOON, "updated_at": NOON, "because": "3 checks in a row failed.",
    }  # fmt: skip
    return Alert(**{**values, **changes})  # type: ignore[arg-type]


def test_an_acknowledgement_names_who_and_when() -> None:
    alert = acknowledged(firing(), by="Ana", at=NOON + timedelta(minutes=1), seen=1)
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_at, alert.revision) == (AlertState.ACKNOWLEDGED, "Ana", NOON + timedelta(minutes=1), 2)


def test_a_second_acknowledgement_is_told_who_was_faster() -> None:
    alert = acknowledged(firing(), by="Ana", at=NOON)
    with pytest.raises(Conflict, match="already acknowledged by Ana at 12:00 UTC"):
        acknowledged(alert, by="Bo", at=NOON)


def test_an_acknowledgement_of_a_resolved_alert_does_not_open_it_again() -> None:
    alert = resolved(firing(), by="Ana", at=NOON)
    with pytest.raises(Conflict, match="already resolved by Ana"):
        acknowledged(alert, by="Bo", at=NOON)


def test_a_press_on_an_old_card_is_refused() -> None:
    with pytest.raises(Conflict, match="moved on"):
        resolved(firing(revision=3), by="Bo", at=NOON, seen=2)


def test_a_reopened_alert_keeps_its_card_and_has_nobody_on_it() -> None:
    alert = reopened(resolved(acknowledged(firing(), by="Ana", at=NOON), by="Ana", at=NOON), at=NOON, because="it goes on")
    assert (alert.id, alert.state, alert.acknowledged_by, alert.resolved_by, alert.reopened, alert.revision) == ("alr_1", AlertState.FIRING, "", "", 1, 4)
