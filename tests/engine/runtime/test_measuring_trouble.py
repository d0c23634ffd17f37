"""Measuring when things go wrong: a fault of ours stops no other series, a clock that is set back blinds nothing, and long histories keep nobody waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import Rejected
from engine.events import MeasurementsTaken, PolicySaved
from engine.monitoring.gauge import KIND, number_at
from engine.monitoring.measurement import Measurement
from engine.monitoring.series.detector import SeriesDetector
from engine.ports import Answer, Call
from engine.runtime import measuring as door
from engine.runtime import series_watch
from engine.runtime.series_watch import SeriesWatch
from tests.engine.clock import NOON
from tests.engine.runtime.test_measuring import Alerts, Stripe, house, kept, steady, then, watched, watching


async def test_a_fault_of_ours_in_one_reading_keeps_no_other_metric_from_being_read(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Stripe):
        async def __call__(self, call: Call, seconds: float) -> Answer | Any:
            if call.arguments.get("broken"):
                raise ZeroDivisionError
            return await super().__call__(call, seconds)

    clock, store, gauges = await watched(Broken(Answer({"total": 1})))
    body: dict[str, Any] = {"service": "stripe", "operation": "list", "path": "total", "every": 60, "arguments": {"broken": True}}
    for number in range(20):
        await store.ledger.record(PolicySaved(KIND, f"a.{number:02}", body, NOON, 1))
    await gauges.look()
    await clock.pass_(60)
    await gauges.look()
    assert await kept(store, "shop.orders") == [1.0, 1.0]
    assert "log" in gauges.states()["a.00"].trouble
    assert "ZeroDivisionError" in caplog.text


async def test_a_number_with_more_digits_than_any_is_no_number_to_go_by() -> None:
    with pytest.raises(Rejected, match="more digits"):
        number_at({"total": 10**400}, "total")


async def test_a_metric_that_finds_no_room_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, store, gauges = await watched(Stripe(Answer({"total": 1})))
    monkeypatch.setattr(door, "MOST_SERIES", 1)
    await store.ledger.record(MeasurementsTaken((Measurement("other", clock.now(), 1.0),)))
    await gauges.look()
    assert "no more fit" in gauges.states()["shop.orders"].trouble


async def test_a_clock_set_back_by_a_day_does_not_keep_a_metric_from_being_read() -> None:
    stripe = Stripe(Answer({"total": 1}))
    clock, _store, gauges = await watched(stripe)
    await clock.pass_(timedelta(days=1).total_seconds())
    await gauges.look()
    clock._now = NOON
    await gauges.look()
    assert stripe.asked == 2


async def test_a_fault_of_ours_with_one_series_keeps_no_other_from_being_judged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock, store, alerts, watch = await watching()
    observe = SeriesDetector.observe

    def broken(self: SeriesDetector, at: Any, value: Any) -> Any:
        if value == 666.0:
            raise ZeroDivisionError
        return observe(self, at, value)

    monkeypatch.setattr(SeriesDetector, "observe", broken)
    await store.ledger.record(MeasurementsTaken((Measurement("a.poison", clock.now(), 666.0),)))
    await watch.look()
    await then(clock, store, 9_000.0)
    await watch.look()
    assert [signal.metric for signal in alerts.told] == ["shop.orders"]
    assert caplog.text.count("a.poison") == 1, "told once, and tried again when it has news"


async def test_a_series_written_while_the_clock_was_ahead_is_watched_once_it_is_right_again() -> None:
    clock, store, alerts, watch = await watching()
    await watch.look()
    right = clock.now()
    await clock.pass_(timedelta(days=2).total_seconds())
    await then(clock, store, 103.0, times=3)
    await watch.look()
    clock._now = right
    await then(clock, store, 103.0, times=3)
    await watch.look()
    await then(clock, store, 9_000.0)
    await watch.look()
    assert [signal.value for signal in alerts.told] == [9_000.0]


async def test_a_long_history_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, store, _ = house()
    alerts = Alerts(store)
    await store.ledger.record(MeasurementsTaken(tuple(steady(1_200))))
    await clock.pass_(timedelta(minutes=1_200).total_seconds())
    monkeypatch.setattr(series_watch, "FED", 100)
    read: list[int] = []
    series = store.measurements.series

    async def counted(*args: Any, **named: Any) -> list[Measurement]:
        found = await series(*args, **named)
        read.append(len(found))
        return found

    monkeypatch.setattr(store.measurements, "series", counted)
    watch = SeriesWatch(store, clock, alerts.take)
    judged = [await watch.look() for _ in range(13)]
    assert (sum(judged), max(judged)) == (1_200, 100)
    assert max(read) <= 101, "what is not judged now is not read now"
