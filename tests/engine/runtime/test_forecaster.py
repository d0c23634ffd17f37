"""The forecaster: what is likely is told once to workflows and stands as one alert, whatever dies in between."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.commands.objectives import KIND
from engine.errors import Transient
from engine.events import AlertSaved, DetectorSaved, Happening, PolicySaved, RollupsSaved, WorkflowSaved
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.forecast.failure import HORIZONS
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.rollup import Span, minutes, widened
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.slo.objective import Kind, Objective, to_body
from engine.parties import Address
from engine.ports import Account, Budget
from engine.runtime.alerts import Alerting
from engine.runtime.forecaster import LOOKS, Forecaster
from engine.runtime.quotas import Quotas
from engine.workflow.definition import Trigger, TriggerType
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock
from tests.engine.runtime.world import definition, step, workflow


@dataclass
class Vendors:
    """Fulfils what the forecaster asks of ``Connections``."""

    modes: dict[str, str] = field(default_factory=lambda: {"github": "live"})
    budgets: dict[str, Budget] = field(default_factory=dict)

    def accounts(self) -> Sequence[Account]:
        return [Account(service=name, name="default", url="", mode=mode) for name, mode in self.modes.items()]

    def budget(self, service: str) -> Sequence[Budget]:
        return [self.budgets[service]] if service in self.budgets else []


@dataclass
class Ear:
    """Fulfils ``ports.News``; a known happening is no news, as in the dispatcher. ``deaf``: raises instead."""

    heard: dict[str, Happening] = field(default_factory=dict)
    deaf: bool = False

    async def wanted(self, event: str) -> bool:
        return True

    async def tell(self, happenings: Sequence[Happening], *, by_run: str = "") -> int:
        if self.deaf:
            raise Transient("busy", 1.0)
        self.heard.update({one.id: one for one in happenings})
        return len(happenings)

    @property
    def told(self) -> list[tuple[Any, Any, Any]]:
        return [(one.data["metric"], one.data["horizon"], one.data["before"]) for one in self.heard.values()]


class House:
    def __init__(self) -> None:
        self.clock, self.store, self.vendors, self.ear = StandingClock(), MemoryStore(), Vendors(), Ear()
        self.alerting = Alerting(self.store, self.clock, addresses=lambda: [Address("web", "#ops")])
        self.forecaster = self.another()

    def another(self) -> Forecaster:
        return Forecaster(self.store, self.vendors, self.clock, self.ear, self.alerting)  # type: ignore[arg-type]

    async def measured(
        self,
        since: datetime,
        hours: float,
        latency: Callable[[float], float],
        failing: Callable[[float], float] = lambda at: 0.0,
        service: str = "github",
    ) -> None:
        """A check a minute; ``latency`` and ``failing`` by hours since then."""
        dice = random.Random(7)
        taken = []
        for number in range(int(hours * 60)):
            at = number / 60
            outcome = Outcome.ERROR if dice.random() < failing(at) else Outcome.OK
            taken.append(
                Sample(service, "default", since + timedelta(hours=at), Source.PROBE, outcome, latency(at) * dice.uniform(0.95, 1.05))
            )
        rows = minutes(taken)
        await self.store.ledger.record(RollupsSaved((*rows, *widened(rows, Span.HOUR))))

    async def alerts(self) -> list[Alert]:
        return await self.store.alerts.list()


@pytest.fixture
def house() -> House:
    return House()


def ramp(at: float) -> float:
    """From 200 ms, 200 ms more an hour."""
    return 0.2 + 0.2 * at


async def test_a_service_that_gets_slower_and_slower_is_foreseen_once_and_again_when_it_is_near(house: House) -> None:
    await house.measured(NOON - timedelta(hours=2), 4, ramp)
    await house.forecaster.look()
    await house.forecaster.look()
    assert house.ear.told == [("response_time", "PT4H", None)]
    (alert,) = await house.alerts()
    assert (alert.rule, alert.source, alert.service, alert.state) == ("forecast", "forecast", "github", AlertState.FIRING)
    assert alert.severity in (Severity.LOW, Severity.MEDIUM)
    assert "response time" in alert.because
    await house.clock.pass_(4500)
    await house.forecaster.look()
    assert house.ear.told[1:] == [("response_time", "PT1H", "PT4H")]
    assert len(await house.alerts()) == 1


async def test_what_is_not_foreseen_any_more_is_over_after_half_an_hour(house: House) -> None:
    await house.measured(NOON - timedelta(hours=2), 2, ramp)
    await house.forecaster.look()
    await house.measured(NOON, 5, lambda at: 0.2)
    await house.clock.pass_(5 * 3600)
    await house.forecaster.look()
    (alert,) = await house.alerts()
    assert alert.state is AlertState.RESOLVED
    assert "half an hour" in alert.because


async def test_a_steady_service_is_no_news(house: House) -> None:
    await house.measured(NOON - timedelta(hours=6), 6, lambda at: 0.3)
    await house.forecaster.look()
    assert house.ear.told == []
    assert await house.alerts() == []


async def test_what_fails_already_is_not_foreseen(house: House) -> None:
    await house.measured(NOON - timedelta(hours=2), 2, ramp)
    trouble = Alert(
        id="alr_1", fingerprint="availability/github/default", revision=1, state=AlertState.FIRING, severity=Severity.CRITICAL, service="github",
        account="default", rule="availability", message="down", metric="m", threshold=3, value=3, opened_at=NOON, updated_at=NOON, because="down",
    )  # fmt: skip
    await house.store.ledger.record(AlertSaved(trouble))
    await house.forecaster.look()
    assert house.ear.told == []


async def test_a_death_between_recording_and_telling_loses_and_doubles_nothing(house: House) -> None:
    await house.measured(NOON - timedelta(hours=2), 2, ramp)
    house.ear.deaf = True
    with pytest.raises(Transient):
        await house.forecaster.look()
    house.ear.deaf = False
    again = house.another()
    await house.clock.pass_(60)
    await again.look()
    await house.another().look()
    assert house.ear.told == [("response_time", "PT4H", None)]
    assert len(await house.alerts()) == 1


async def test_a_horizon_that_a_workflow_waits_for_is_looked_at_as_well(house: House) -> None:
    trigger = Trigger(type=TriggerType.AI_PREDICTED, service="github", horizon=timedelta(hours=3))
    await house.store.ledger.record(WorkflowSaved(workflow(definition(step("a"), trigger=trigger))))
    await house.measured(NOON - timedelta(hours=2), 2, ramp)
    await house.forecaster.look()
    assert house.ear.told == [("response_time", "PT3H", None)]


async def test_a_quota_that_runs_out_before_its_reset_is_foreseen(house: House) -> None:
    await house.forecaster.start()
    for minute in range(1, 26):
        house.vendors.budgets["github"] = Budget(
            "github", "default", "requests in 3600 s", 2500 + 100 * minute, 5000 + 500, 3600.0 - 60 * minute
        )
        await house.clock.pass_(60)
    await house.forecaster.stop()
    assert [metric for metric, _, _ in house.ear.told] == ["quota"]
    (alert,) = await house.alerts()
    assert alert.labels == {"metric": "quota", "of": "requests in 3600 s"}
    assert "5,500" in alert.because


async def test_a_quota_that_is_fresh_again_before_it_runs_out_is_no_news(house: House) -> None:
    await house.forecaster.start()
    for minute in range(1, 26):
        house.vendors.budgets["github"] = Budget("github", "default", "requests in 3600 s", 10 * minute, 5000, 3600.0 - 60 * minute)
        await house.clock.pass_(60)
    await house.forecaster.stop()
    assert house.ear.told == []


async def test_an_error_budget_that_burns_too_fast_is_an_alert_until_it_does_not(house: House) -> None:
    objective = Objective(service="github", kind=Kind.AVAILABILITY, goal=0.99)
    await house.store.ledger.record(PolicySaved(KIND, objective.id, to_body(objective), NOON, 1))
    await house.measured(NOON - timedelta(hours=48), 48, lambda at: 0.2, lambda at: 0.35 if at > 46.8 else 0.0)
    await house.forecaster.look()
    burning = [alert for alert in await house.alerts() if alert.rule == "burn_rate"]
    assert [(one.severity, one.state, one.labels) for one in burning] == [(Severity.HIGH, AlertState.FIRING, {"objective": "availability"})]
    assert "times as fast as its objective allows" in burning[0].message
    await house.store.ledger.record(PolicySaved(KIND, objective.id, None, NOON, 2))
    await house.forecaster.look()
    assert [one.state for one in await house.alerts() if one.rule == "burn_rate"] == [AlertState.RESOLVED]


async def test_what_the_past_teaches_is_learnt_one_account_at_a_time_and_kept(house: House) -> None:
    house.vendors.modes = {"github": "live", "trello": "live"}
    await house.measured(NOON - timedelta(days=2), 48, lambda at: 0.2)
    await house.forecaster.look()
    assert [one.stream for one in await house.store.detectors.under("forecast:lessons/")] == ["forecast:lessons/github/default"]
    await house.forecaster.look()
    await house.forecaster.look()
    kept = await house.store.detectors.under("forecast:lessons/")
    assert [one.stream for one in kept] == ["forecast:lessons/github/default", "forecast:lessons/trello/default"]
    assert set(kept[0].state) == {f"{horizon.total_seconds():.0f}" for horizon in HORIZONS}


async def test_it_looks_every_five_minutes_and_a_look_that_fails_does_not_end_it(house: House) -> None:
    await house.measured(NOON - timedelta(hours=2), 2, ramp)
    house.ear.deaf = True
    await house.forecaster.start()
    await house.clock.pass_(60 * LOOKS)
    house.ear.deaf = False
    await house.clock.pass_(60 * LOOKS)
    await house.forecaster.stop()
    assert house.ear.told == [("response_time", "PT4H", None)]


async def test_a_limit_that_a_person_set_stands_instead_of_ours(house: House) -> None:
    limits = {"values": {"response_time": {"warning": 3.0}}, "by": "Ada", "before": None}
    await house.store.ledger.record(PolicySaved("threshold", "github", limits, NOON, 1))
    await house.measured(NOON - timedelta(hours=2), 2, ramp)
    await house.forecaster.look()
    assert house.ear.told == [("response_time", "P1D", None)]
    (alert,) = await house.alerts()
    assert alert.threshold == 3.0


async def test_a_service_that_is_slow_every_noon_is_no_news(house: House) -> None:
    def noon(at: float) -> float:
        """Over a second at noon, 300 ms at night; the measuring begins at noon."""
        return 0.7 + 0.4 * math.cos(2 * math.pi * at / 24)

    await house.measured(NOON - timedelta(hours=96), 92, noon)
    await house.clock.pass_(-4 * 3600)
    await house.forecaster.look()
    assert house.ear.told == []


async def test_what_was_not_measured_of_late_is_not_foreseen(house: House) -> None:
    await house.measured(NOON - timedelta(hours=4), 2, ramp)
    await house.forecaster.look()
    assert house.ear.told == []


async def test_how_a_quota_was_used_outlives_a_restart_but_not_a_long_sleep(house: House) -> None:
    def used(minute: int) -> Budget:
        return Budget("github", "default", "requests in 3600 s", 2500 + 100 * minute, 5500, 7200.0 - 60 * minute)

    await house.forecaster.start()
    for minute in range(1, 10):
        house.vendors.budgets["github"] = used(minute)
        await house.clock.pass_(60)
    await house.forecaster.stop()
    again = house.another()
    await again.start()
    for minute in range(10, 16):
        house.vendors.budgets["github"] = used(minute)
        await house.clock.pass_(60)
    await again.stop()
    assert [metric for metric, _, _ in house.ear.told] == ["quota"], "too few points for either by itself"
    await house.clock.pass_(3600)
    kept = await house.store.detectors.get("forecast:quotas")
    assert kept is not None
    later = Quotas(house.vendors)  # type: ignore[arg-type]
    later.take_up(kept.state, house.clock.now())
    later.read(house.clock.now())
    assert [type(one.answer) for one in later.prospects({"github"})] == [NotEnough]


async def test_what_another_version_kept_is_begun_anew(house: House, caplog: pytest.LogCaptureFixture) -> None:
    odd = {"quotas": [{"name": [1]}], "episodes": 7, "untold": []}
    await house.store.ledger.record(DetectorSaved("forecast:quotas", odd, NOON), DetectorSaved("forecast:episodes", odd, NOON))
    await house.measured(NOON - timedelta(hours=2), 2, ramp)
    await house.forecaster.look()
    assert house.ear.told == [("response_time", "PT4H", None)]
    assert [record.message.endswith("it is begun anew.") for record in caplog.records] == [True, True]
