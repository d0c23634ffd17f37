"""Traces and metrics by OTLP: what a collector on loopback is told, and what it is never told."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs make install-otel")

import main
from bot.faces.face import Utterance
from connectors._kit.telemetry import OtlpTelemetry, _Complaint
from engine.errors import Invalid
from engine.events import PostingPutOff, PostingSent, PostingSettled, RunMoved, RunStarted, SamplesTaken
from engine.monitoring.sample import Outcome, Sample, Source
from engine.parties import Actor, Address, MessageRef
from engine.ports import NoTelemetry, Past
from engine.runtime.traces import MOST, Traces
from engine.settings import read_settings
from engine.workflow.run import Fact, FactKind, RunRecord, RunState
from tests.engine.clock import NOON, StandingClock
from tests.peers.otlp import Collector, collecting

SECRET = "nobody-may-see-this"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME"):
        monkeypatch.setenv(name, "")  # so that what a test sets is taken away again
        monkeypatch.delenv(name)
    library = logging.getLogger("opentelemetry")
    monkeypatch.setattr(library, "propagate", library.propagate)
    monkeypatch.setattr(library, "handlers", library.handlers)
    with collecting() as found:
        yield found


def telling(collector: Collector, **environ: str) -> OtlpTelemetry:
    return OtlpTelemetry({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **environ}, "1.2.3")


def run(state: RunState = RunState.RUNNING) -> RunRecord:
    over = NOON + timedelta(seconds=9) if state.over else None
    return RunRecord(
        id="run_1", workflow="wf_1", version=3, name=SECRET, state=state, started_at=NOON, by="x", where="", finished_at=over, error=SECRET
    )


def fact(seq: int, kind: FactKind, step: str = "") -> Fact:
    return Fact(seq, NOON + timedelta(seconds=seq), kind, step, 1, "k", {"arguments": {"text": SECRET}, "output": SECRET, "error": SECRET})


def lived(traces: Traces) -> None:
    """A run with two steps, a probe, a call and two posts."""
    traces.heard([RunStarted(run(), (fact(1, FactKind.STARTED), fact(2, FactKind.ASKED, "card")))])
    traces.heard(
        [RunMoved("run_1", (fact(3, FactKind.ANSWERED, "card"), fact(4, FactKind.ASKED, "tell"), fact(5, FactKind.REFUSED, "tell")))]
    )
    traces.heard([RunMoved("run_1", (fact(6, FactKind.FINISHED),), run(RunState.FAILED))])
    probe = Sample("github", "default", NOON, Source.PROBE, Outcome.ERROR, 0.25, SECRET)
    traces.heard([SamplesTaken((probe, Sample("slack", "default", NOON, Source.CALL, Outcome.OK, 0.5, operation="send_message")))])
    traces.heard([PostingSent(1), PostingSettled(1, MessageRef("slack", "C1", "1", ""), 1), PostingSent(2), PostingPutOff(2, None, SECRET)])


def attributes(span: object) -> dict[str, object]:
    pairs = span.attributes  # type: ignore[attr-defined]
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


async def test_a_run_is_one_trace_with_its_steps_and_the_rest_are_spans_of_their_own(collector: Collector) -> None:
    telemetry = telling(collector)
    lived(Traces(telemetry, StandingClock()))
    await telemetry.stop()
    spans = {(span.name, attributes(span).get("signalbox.step", "")): span for span in collector.spans()}
    assert {name for name, _ in spans} == {"run", "step", "probe", "call", "post"}
    whole, card, tell = spans["run", ""], spans["step", "card"], spans["step", "tell"]
    assert card.trace_id == tell.trace_id == whole.trace_id
    assert card.parent_span_id == tell.parent_span_id == whole.span_id
    assert whole.parent_span_id == b""
    assert (whole.end_time_unix_nano - whole.start_time_unix_nano) / 1e9 == 9.0
    assert (card.end_time_unix_nano - card.start_time_unix_nano) / 1e9 == 1.0
    assert [(span.status.code, span.status.message) for span in (whole, card, tell)] == [(2, "failed"), (0, ""), (2, "refused")]
    assert attributes(whole)["signalbox.workflow"] == "wf_1"
    assert attributes(spans["call", ""])["signalbox.operation"] == "send_message"
    assert spans["probe", ""].trace_id != whole.trace_id
    assert collector.resource() | {"service.name": "signalbox", "service.version": "1.2.3"} == collector.resource()


async def test_metrics_are_told_too(collector: Collector) -> None:
    telemetry = telling(collector)
    lived(Traces(telemetry, StandingClock()))
    await telemetry.stop()
    metrics = collector.metrics()
    assert metrics["signalbox.runs.started"].sum.data_points[0].as_int == 1
    assert metrics["signalbox.probe.duration"].histogram.data_points[0].sum == 0.25
    assert {attributes(point)["outcome"] for point in metrics["signalbox.posts"].sum.data_points} == {"settled", "failed"}


async def test_no_text_no_argument_and_no_secret_is_told(collector: Collector) -> None:
    telemetry = telling(collector, OTEL_EXPORTER_OTLP_HEADERS=f"x-key={SECRET}")
    lived(Traces(telemetry, StandingClock()))
    with pytest.raises(ValueError, match=SECRET), telemetry.span("command say", face="web"):
        raise ValueError(SECRET)
    await telemetry.stop()
    assert collector.headers["x-key"] == SECRET  # the collector's own
    assert len(collector.said) >= 2
    assert SECRET.encode() not in collector.everything()
    (command,) = [span for span in collector.spans() if span.name == "command say"]
    assert (command.status.code, command.status.message) == (2, "ValueError")


async def test_what_happens_within_a_span_is_below_it(collector: Collector) -> None:
    telemetry = telling(collector)
    with telemetry.span("turn", face="web"):
        await asyncio.sleep(0)
        with telemetry.span("command help"):
            telemetry.over(Past(name="probe", began=NOON, ended=NOON))
    await telemetry.stop()
    spans = {span.name: span for span in collector.spans()}
    assert spans["command help"].parent_span_id == spans["turn"].span_id
    assert spans["probe"].parent_span_id == b""
    assert attributes(spans["turn"]) == {"signalbox.face": "web"}


async def test_a_collector_that_is_gone_stops_nothing_and_is_told_of_rarely(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    collector.status = 400
    telemetry = telling(collector, OTEL_SERVICE_NAME="ops")
    telemetry.count("signalbox.posts")
    telemetry.measure("signalbox.turn", float("nan"))
    with telemetry.span("turn"):
        pass
    await telemetry.stop()
    assert collector.resource()["service.name"] == "ops"
    assert len([record for record in caplog.records if "not taken by their collector" in record.message]) == 1
    assert collector.url not in caplog.text


async def test_one_of_the_two_may_be_turned_off_by_its_standard_name(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    telemetry = telling(collector)
    lived(Traces(telemetry, StandingClock()))
    await telemetry.stop()
    assert collector.spans()
    assert collector.metrics() == {}


def test_the_library_complains_at_most_every_ten_minutes(caplog: pytest.LogCaptureFixture) -> None:
    complaint = _Complaint()
    record = logging.LogRecord("opentelemetry.x", logging.ERROR, "", 0, SECRET, (), None)
    for seconds in (0.0, 1.0, 599.0, 601.0):
        record.created = 1_000.0 + seconds
        complaint.handle(record)
    assert len(caplog.records) == 2
    assert SECRET not in caplog.text


def test_asks_without_an_end_are_not_remembered_for_ever() -> None:
    class Quiet:
        def over(self, past: Past) -> None: ...
        def count(self, name: str, amount: int = 1, **attributes: object) -> None: ...
        def measure(self, name: str, value: float, unit: str = "s", **attributes: object) -> None: ...

    traces = Traces(Quiet(), StandingClock())  # type: ignore[arg-type]
    traces.heard([RunMoved(f"run_{n}", (fact(1, FactKind.ASKED, "a"),)) for n in range(MOST + 10)])
    traces.heard([PostingSent(n) for n in range(MOST + 10)])
    assert (len(traces._asked), len(traces._sending)) == (MOST, MOST)


@pytest.mark.slow
def test_a_sample_whose_length_is_no_number_is_told_without_one() -> None:
    told: list[Past] = []

    class Kept(NoTelemetry):
        def over(self, past: Past) -> None:
            told.append(past)

    lengths = (float("nan"), float("inf"), -1.0, 1e300)
    samples = [Sample("github", "default", NOON, Source.PROBE, Outcome.OK, length) for length in lengths]
    Traces(Kept(), StandingClock()).heard([SamplesTaken(tuple(samples))])
    assert [(past.ended - past.began).total_seconds() for past in told] == [0.0, 0.0, 0.0, 86_400.0]


def test_nothing_of_it_is_loaded_where_nobody_collects() -> None:
    code = "import main, sys; print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter', 'prometheus_client'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- set up ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "levels"),
    [
        ({}, []),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, ["ok"]),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, ["ok"]),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, []),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, ["warning"]),
    ],
)
def test_the_doctor_says_how_it_stands_with_a_collector(environ: dict[str, str], levels: list[str]) -> None:
    assert [finding.level for finding in main.telemetry_findings(read_settings(environ))] == levels


def test_libraries_that_are_missing_are_named_with_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "connectors._kit.telemetry", None)
    settings = read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    (finding,) = main.telemetry_findings(settings)
    assert "make install-otel" in finding.advice
    assert main.telemetry_of(settings) is None
    assert "make install-otel" in caplog.text


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(Invalid, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"})


@pytest.mark.slow
async def test_a_house_with_a_collector_tells_its_turns_and_measures_itself(collector: Collector, tmp_path: Path) -> None:
    settings = read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "SIGNALBOX_DATA": str(tmp_path), "SIGNALBOX_PORT": "0"})
    app = await main.build(settings)
    async with app:
        said = Utterance(id="1", actor=Actor("web", "u", "Ada"), where=Address("web", "#ops"), text=f"/service metrics {SECRET}")
        assert await app.conversation.accept(said)
        await app.conversation.hear(said)
        parts = {type(part).__name__ for part in app.measures}
    assert parts == {"Folding", "HouseMeasures", "Gauges", "SeriesWatch"}
    assert app.house.gauging in app.measures
    assert {"turn", "probe"} <= {span.name for span in collector.spans()}
    assert SECRET.encode() not in collector.everything()
