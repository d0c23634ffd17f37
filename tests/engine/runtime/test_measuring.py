"""Measurements of any series: what is taken and what is refused, read from services, judged, restored, and bounded."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid, NotFound, Rejected, SignalboxError, Transient
from engine.events import DetectorSaved, Event, MeasurementsTaken, PolicySaved, PostingWanted, RunStarted, SamplesTaken
from engine.monitoring.gauge import KIND, Gauge, body_of, gauge_of, number_at
from engine.monitoring.measurement import KEPT, MOST_SERIES, Measurement
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.signal import Signal
from engine.parties import Address
from engine.ports import Answer, Call
from engine.runtime.gauges import Gauges
from engine.runtime.house_measures import HouseMeasures
from engine.runtime.measuring import Measuring
from engine.runtime.series_watch import CALM, PREFIX, SeriesWatch
from engine.workflow.catalogue import Action, Catalogue, Service
from engine.workflow.run import RunRecord, RunState
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock

AGES = timedelta(days=400)


def house() -> tuple[StandingClock, MemoryStore, Measuring]:
    clock, store = StandingClock(), MemoryStore()
    return clock, store, Measuring(store, clock)


async def kept(store: MemoryStore, series: str) -> list[float]:
    return [one.value for one in await store.measurements.series(series, since=NOON - AGES, until=NOON + AGES)]


# --- the door -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Measurement("a b", NOON, 1.0), "named by 1 to 120"),
        (Measurement("", NOON, 1.0), "named by 1 to 120"),
        (Measurement("x" * 121, NOON, 1.0), "named by 1 to 120"),
        (Measurement("<@U1>", NOON, 1.0), "named by 1 to 120"),
        (Measurement("a", NOON, math.nan), "finite number"),
        (Measurement("a", NOON, -math.inf), "finite number"),
        (Measurement("a", NOON + timedelta(minutes=6), 1.0), "look at the sender's clock"),
        (Measurement("a", NOON - KEPT - timedelta(seconds=1), 1.0), "older than 14 days"),
        (Measurement("a", NOON, 1.0, "a\nb"), "A unit has"),
    ],
)
async def test_what_is_no_measurement_is_refused_in_a_sentence_and_the_rest_is_taken(one: Measurement, words: str) -> None:
    _, store, measuring = house()
    taken = await measuring.take([Measurement("fine", NOON, 2.0), one])
    assert (taken.taken, taken.refused[0][0]) == (1, 1)
    assert words in taken.refused[0][1]
    assert await kept(store, "fine") == [2.0]


async def test_a_second_value_of_the_same_moment_changes_nothing() -> None:
    _, store, measuring = house()
    first = Measurement("a", NOON, 1.0)
    assert (await measuring.take([first, replace(first, value=2.0)])).taken == 2
    assert (await measuring.take([replace(first, value=3.0)])).taken == 1
    assert await kept(store, "a") == [1.0]


async def test_names_without_end_are_refused_once_ten_thousand_are_known_and_the_known_go_on() -> None:
    clock, store, measuring = house()
    await store.ledger.record(MeasurementsTaken(tuple(Measurement(f"s.{n}", NOON, 1.0) for n in range(MOST_SERIES - 1))))
    bomb = [Measurement(f"bomb.{n}", NOON, 1.0) for n in range(50)]
    taken = await measuring.take([*bomb, Measurement("s.1", NOON + timedelta(seconds=1), 2.0)])
    assert (taken.taken, len(taken.refused)) == (2, 49)
    assert "no more fit" in taken.refused[0][1]
    await store.measurements.prune(NOON + timedelta(days=1))
    await clock.pass_(120)
    assert (await measuring.take([replace(bomb[7], at=clock.now())])).taken == 1


# --- gauges ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "path", "number"),
    [
        ({"rows": [{"value": "12.5"}]}, "rows.0.value", 12.5),
        ({"items": [1, 2, 3]}, "items", 3.0),
        (7, "", 7.0),
        ({"open": True}, "open", 1.0),
    ],
)
def test_a_path_leads_to_the_number(output: Any, path: str, number: float) -> None:
    assert number_at(output, path) == number


@pytest.mark.parametrize(
    ("output", "path", "words"),
    [
        ({"rows": []}, "rows.0.value", "holds 0 entries"),
        ({"total": 1}, "count", "There is no “count” in the answer, only total."),
        ({"a": {"b": 1, "c": 2}}, "a", "there is no number but b, c"),
        ({"a": "many"}, "a", "no number but “many”"),
        ({"a": None}, "a", "no number but “None”"),
        ({"a": "nan"}, "a", "no number to go by"),
        ({"a": 1}, "a.b", "nothing below “a”"),
        ([1], "x", "nothing below the answer"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_is_there(output: Any, path: str, words: str) -> None:
    with pytest.raises(Rejected) as caught:
        number_at(output, path)
    assert words in str(caught.value)


@settings(max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    st.text("ab.01", max_size=8),
)
def test_whatever_is_answered_there_is_a_finite_number_or_a_sentence(output: Any, path: str) -> None:
    with contextlib.suppress(Rejected):
        assert math.isfinite(number_at(output, path))


def test_a_gauge_goes_into_storage_and_back() -> None:
    gauge = Gauge(
        series="shop.orders", service="stripe", operation="list", arguments={"limit": 3}, path="data", every=60, unit="orders", by="Zoë"
    )
    assert gauge_of("shop.orders", body_of(gauge), 1) == gauge


@pytest.mark.parametrize(
    ("series", "changes", "words"),
    [
        ("shop.orders", {"every": 5}, "every minute to once a day"),
        ("shop orders", {}, "named by 1 to 120"),
        ("signalbox.mine", {}, "the house's own"),
        ("shop.orders", {"operation": ""}, "what is to be asked"),
        ("shop.orders", {"path": "a." * 30}, "at most 20 parts"),
        ("shop.orders", {"every": "soon"}, "every minute to once a day"),
    ],
)
def test_a_gauge_that_does_not_fit_is_refused_by_name(series: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as caught:
        gauge_of(series, {"service": "stripe", "operation": "list", **changes}, 1)
    assert words in str(caught.value)


class Stripe:
    """Answers what it is told to, and remembers how often it was asked."""

    def __init__(self, *answers: Answer | SignalboxError) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, call: Call, seconds: float) -> Answer | SignalboxError:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


ACTIONS = (Action(service="stripe", operation="list", writes=False), Action(service="stripe", operation="refund"))
CATALOGUE = Catalogue([Service(id="stripe", name="Stripe", category="finance", actions=ACTIONS)])


async def watched(stripe: Stripe, **changes: Any) -> tuple[StandingClock, MemoryStore, Gauges]:
    clock, store, measuring = house()
    gauge = Gauge(series="shop.orders", service="stripe", operation="list", path="total", every=60)
    await store.ledger.record(PolicySaved(KIND, gauge.series, {**body_of(gauge), **changes}, NOON, 1))
    return clock, store, Gauges(store, stripe, measuring, CATALOGUE, clock)


async def test_a_gauge_is_read_at_its_pace() -> None:
    stripe = Stripe(Answer({"total": 1}), Answer({"total": 2}))
    clock, store, gauges = await watched(stripe)
    await gauges.start()
    await clock.pass_(119)
    await gauges.stop()
    assert stripe.asked == 2
    assert await kept(store, "shop.orders") == [1.0, 2.0]


async def test_a_gauge_that_fails_is_asked_less_and_less_often_and_says_why() -> None:
    stripe = Stripe(Transient("Stripe is busy."))
    clock, store, gauges = await watched(stripe)
    await gauges.start()
    await clock.pass_(3_600)
    await gauges.stop()
    assert stripe.asked < 8
    assert gauges.states()["shop.orders"].trouble == "Stripe is busy."
    assert await kept(store, "shop.orders") == []


async def test_what_the_sandbox_made_up_is_no_measurement() -> None:
    _clock, store, gauges = await watched(Stripe(Answer({"total": 1}, sandbox=True)))
    await gauges.look()
    assert await kept(store, "shop.orders") == []
    last = gauges.states()["shop.orders"].last
    assert last is not None
    assert last.sandbox


async def test_a_gauge_that_is_taken_away_is_not_read_any_more() -> None:
    stripe = Stripe(Answer({"total": 1}))
    clock, store, gauges = await watched(stripe)
    await gauges.look()
    await store.ledger.record(PolicySaved(KIND, "shop.orders", None, NOON, 2))
    await clock.pass_(600)
    await gauges.look()
    assert (stripe.asked, gauges.states()) == (1, {})


async def test_only_what_reads_may_be_asked() -> None:
    _clock, _store, gauges = await watched(Stripe(Answer({})))
    with pytest.raises(Rejected, match="changes something"):
        await gauges.read(Gauge(series="a", service="stripe", operation="refund"))
    with pytest.raises(NotFound):
        await gauges.read(Gauge(series="a", service="stripe", operation="guess"))


async def test_a_stored_gauge_that_cannot_be_read_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    _clock, store, gauges = await watched(Stripe(Answer({"total": 1})))
    await store.ledger.record(PolicySaved(KIND, "broken", {"every": "never"}, NOON, 1))
    await gauges.look()
    assert await kept(store, "shop.orders") == [1.0]
    assert "cannot be watched" in caplog.text


# --- the house itself -----------------------------------------------------------------------------------------------------


async def test_the_house_measures_its_runs_its_outbox_and_how_fast_it_is_answered() -> None:
    clock, store, measuring = house()
    runs = [
        RunRecord(
            id=f"run_{n}",
            workflow="wf_1",
            version=1,
            name="a",
            state=state,
            started_at=NOON + timedelta(seconds=n),
            by="x",
            where="",
            finished_at=done,
        )
        for n, (state, done) in enumerate(
            [
                (RunState.FAILED, NOON + timedelta(seconds=9)),
                (RunState.RUNNING, None),
                (RunState.WAITING, None),
                (RunState.FAILED, NOON + AGES),
            ]
        )
    ]
    samples = [Sample("github", "", NOON + timedelta(seconds=n), Source.CALL, Outcome.OK, 0.2) for n in range(5)]
    samples.append(Sample("github", "", NOON, Source.PROBE, Outcome.OK, 90.0))
    await store.ledger.record(
        *(RunStarted(run, ()) for run in runs), SamplesTaken(tuple(samples)), PostingWanted("run:run_1", "run", Address("web", "#ops"))
    )
    await clock.pass_(70)
    await HouseMeasures(store, measuring, clock).measure()
    found = {one.name: await kept(store, one.name) for one in await store.measurements.known()}
    assert found.pop("signalbox.ask_p95") == [pytest.approx(0.2, rel=0.011)]
    assert found == {
        "signalbox.runs_started": [4.0],
        "signalbox.runs_failed": [1.0],
        "signalbox.runs_running": [1.0],
        "signalbox.runs_waiting": [1.0],
        "signalbox.outbox_waiting": [1.0],
        "signalbox.asks": [5.0],
    }


# --- judging --------------------------------------------------------------------------------------------------------------


class Alerts:
    """Takes signals as the alerts of the house do: in one transaction with what comes along."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.told: list[Signal] = []
        self.busy = False

    async def take(self, signals: Sequence[Signal], *also: Event) -> None:
        if self.busy:
            raise Transient("Storage is busy.")
        await self.store.ledger.record(*also)
        self.told += signals


def steady(minutes: int, value: Callable[[int], float] = lambda n: 100.0 + n % 7) -> list[Measurement]:
    return [Measurement("shop.orders", NOON + timedelta(minutes=n), value(n), "orders") for n in range(minutes)]


async def watching(minutes: int = 600) -> tuple[StandingClock, MemoryStore, Alerts, SeriesWatch]:
    clock, store, _ = house()
    alerts = Alerts(store)
    await store.ledger.record(MeasurementsTaken(tuple(steady(minutes))))
    await clock.pass_(timedelta(minutes=minutes - 1).total_seconds())
    return clock, store, alerts, SeriesWatch(store, clock, alerts.take)


async def then(clock: StandingClock, store: MemoryStore, value: float, times: int = 1) -> None:
    for _ in range(times):
        await clock.pass_(60)
        await store.ledger.record(MeasurementsTaken((Measurement("shop.orders", clock.now(), value),)))


async def test_an_unusual_value_becomes_a_signal_and_its_end_another() -> None:
    clock, store, alerts, watch = await watching()
    assert await watch.look() == 600
    assert alerts.told == []
    await then(clock, store, 9_000.0)
    assert await watch.look() == 1
    (signal,) = alerts.told
    assert (signal.rule, signal.service, signal.metric, signal.firing) == ("anomaly", "shop", "shop.orders", True)
    assert signal.value == 9_000.0
    assert "9,000" in signal.because
    assert signal.ends_at is not None
    assert await watch.look() == 0
    await then(clock, store, 103.0, CALM)
    await watch.look()
    assert [one.firing for one in alerts.told] == [True, False]
    assert alerts.told[0].fingerprint == alerts.told[1].fingerprint


async def test_an_alert_lasts_as_long_as_what_is_unusual_and_nothing_is_learnt_of_it() -> None:
    clock, store, alerts, watch = await watching()
    await watch.look()
    await then(clock, store, 0.0, 60)  # an hour at a level it never had
    await watch.look()
    assert [one.firing for one in alerts.told] == [True]
    await then(clock, store, 103.0, CALM)
    await watch.look()
    assert [one.firing for one in alerts.told] == [True, False]
    await then(clock, store, 0.0)
    await watch.look()
    assert [one.firing for one in alerts.told] == [True, False, True]


async def test_what_stays_for_six_hours_is_the_usual_level() -> None:
    clock, store, alerts, watch = await watching()
    await watch.look()
    await then(clock, store, 300.0, 6 * 60 + 1)
    await watch.look()
    assert [one.firing for one in alerts.told][-1] is False
    assert "usual level from now on" in alerts.told[-1].because
    told = len(alerts.told)
    await then(clock, store, 300.0, 60)
    await watch.look()
    assert len(alerts.told) == told


async def test_what_was_unusual_long_ago_is_not_told_when_a_history_is_brought() -> None:
    clock, store, alerts, watch = await watching()
    await store.ledger.record(MeasurementsTaken((Measurement("shop.orders", clock.now() + timedelta(seconds=1), 9_000.0),)))
    await clock.pass_(7 * 3_600)
    await watch.look()
    assert alerts.told == []


async def test_an_open_alert_is_known_after_a_restart() -> None:
    clock, store, alerts, watch = await watching()
    await watch.look()
    await then(clock, store, 0.0, 10)
    await watch.look()
    await watch.stop()
    await then(clock, store, 0.0, 30)
    risen = SeriesWatch(store, clock, alerts.take)
    await risen.look()
    assert [one.firing for one in alerts.told] == [True]
    await then(clock, store, 103.0, CALM)
    await risen.look()
    assert [one.firing for one in alerts.told] == [True, False]


async def test_after_a_death_nothing_is_told_twice_and_nothing_is_missed() -> None:
    clock, store, alerts, watch = await watching()
    await watch.look()
    await then(clock, store, 9_000.0)
    await watch.look()
    await then(clock, store, 103.0, CALM)  # nobody is there to see it
    risen = SeriesWatch(store, clock, alerts.take)
    assert await risen.look() == CALM
    assert [one.firing for one in alerts.told] == [True, False]


async def test_what_was_learnt_is_saved_at_the_end_and_goes_on_from_there() -> None:
    clock, store, alerts, watch = await watching()
    await watch.look()
    await watch.stop()
    learnt = await store.detectors.get(PREFIX + "shop.orders")
    assert learnt is not None
    assert learnt.at == NOON + timedelta(minutes=599)
    assert await SeriesWatch(store, clock, alerts.take).look() == 0


async def test_a_signal_that_could_not_be_recorded_is_told_at_the_next_look() -> None:
    clock, store, alerts, watch = await watching()
    await watch.look()
    await watch.stop()
    await then(clock, store, 9_000.0)
    alerts.busy = True
    await watch.look()
    alerts.busy = False
    await watch.look()
    assert [one.firing for one in alerts.told] == [True]


async def test_a_damaged_snapshot_is_learnt_anew(caplog: pytest.LogCaptureFixture) -> None:
    _clock, store, _alerts, watch = await watching(50)
    await store.ledger.record(DetectorSaved(PREFIX + "shop.orders", {"detector": {"version": 1, "seen": "x"}}, NOON))
    assert await watch.look() == 50
    assert "damaged" in caplog.text


async def test_of_the_houses_own_series_only_those_somebody_watches_are_judged() -> None:
    _clock, store, _alerts, watch = await watching(1)
    await store.ledger.record(
        MeasurementsTaken((Measurement("signalbox.outbox_waiting", NOON, 1.0), Measurement("signalbox.asks", NOON, 1.0)))
    )
    assert await watch.look() == 1
    await store.ledger.record(PolicySaved(KIND, "signalbox.outbox_waiting", {"service": "signalbox"}, NOON, 1))
    assert await watch.look() == 1


async def test_more_series_than_fit_are_judged_in_turn_and_memory_stays_bounded() -> None:
    clock, store, alerts, _ = await watching(1)
    watch = SeriesWatch(store, clock, alerts.take, live=5, restored=3)
    names = [f"many.{n}" for n in range(20)]
    await store.ledger.record(MeasurementsTaken(tuple(Measurement(name, NOON, 1.0) for name in names)))
    judged = [await watch.look() for _ in range(9)]
    assert judged == [3, 3, 3, 3, 3, 3, 3, 0, 0]
    assert len(watch._live) == 5
    assert len(await store.detectors.under(PREFIX + "many.")) >= 15


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(-300, 300), st.floats(allow_nan=False, allow_infinity=False)), max_size=40))
async def test_no_order_and_no_size_of_values_breaks_the_watch(drawn: list[tuple[int, float]]) -> None:
    clock, store, measuring = house()
    alerts = Alerts(store)
    watch = SeriesWatch(store, clock, alerts.take)
    for first in range(0, len(drawn), 7):
        await measuring.take([Measurement("x", NOON + timedelta(seconds=at), value) for at, value in drawn[first : first + 7]])
        await watch.look()
    assert len(alerts.told) <= 3
