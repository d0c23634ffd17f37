from __future__ import annotations

import json

import pytest

from engine.errors import Invalid
from engine.graph.declared.component import ComponentKind
from engine.graph.declared.evidence import EvidenceKind
from engine.graph.declared.reading import Form, Reading
from tests.engine.graph.declared.catalogues import NOW, drawn, reading, told

METRICS = """
# HELP traces_service_graph_request_total Total count of requests between two nodes
# TYPE traces_service_graph_request_total counter
traces_service_graph_request_total{client="front",server="Search Service",connection_type="",client_zone="a"} 7200
traces_service_graph_request_total{client="front",server="Search Service",connection_type="",client_zone="b"} 4800 1700000000000
traces_service_graph_request_total{client="front",server="postgres",connection_type="database"} 24
traces_service_graph_request_total{client="front",server="pay\\"pal",connection_type="virtual_node"} 1e3
traces_service_graph_request_total{client="orders",server="mailer",connection_type="messaging_system"} 240
traces_service_graph_request_total{client="front",server="front"} 3
traces_service_graph_request_total{client="front",server="idle"} 0
traces_service_graph_request_total{client="front",server="broken"} NaN
traces_service_graph_request_total{client="front"} 3
traces_service_graph_request_total{client="front" server="x"} 3
traces_service_graph_request_failed_total{client="front",server="failing"} 9
up{job="x"} 1
"""


@pytest.mark.parametrize(
    "row",
    [
        'traces_service_graph_request_total{client="a",server="b",} 5',
        ' traces_service_graph_request_total { client = "a" , server="b" }  5 # {trace_id="x"} 1',
        'traces_service_graph_request_total{"client"="a",server="b",x="}{"} 5 17',
    ],
)
def test_a_line_may_be_written_in_several_ways(row: str) -> None:
    assert drawn(reading(row).lines) == {"a calls b"}


def test_a_hostile_line_takes_no_longer_than_it_is_long() -> None:
    row = 'traces_service_graph_request_total{client="a",server="' + "}" * 7_000 + " " * 500
    with pytest.raises(Invalid):
        reading("\n".join([row] * 300))


def volumes(found: Reading) -> dict[str, float | None]:
    return {f"{line.source}>{line.target}": line.per_hour for line in found.lines}


def test_series_of_one_pair_are_added_up() -> None:
    found = reading(METRICS, hours=24)
    assert found.form is Form.TRACES
    assert volumes(found) == {
        "front>search-service": 500.0,
        "front>postgres": 1.0,
        "front>pay-pal": pytest.approx(1000 / 24),
        "mailer>orders": 10.0,
    }


def test_a_counter_without_a_span_of_time_has_no_volume() -> None:
    assert set(volumes(reading(METRICS)).values()) == {None}


@pytest.mark.parametrize("hours", [0, -1, float("nan"), float("inf")])
def test_calls_are_counted_over_some_time(hours: float) -> None:
    with pytest.raises(Invalid, match="hours"):
        reading(METRICS, hours=hours)


def test_a_consumer_listens_to_its_producer() -> None:
    found = reading(METRICS)
    assert "mailer listens orders" in drawn(found.lines)
    line = next(one for one in found.lines if one.source == "mailer")
    assert line.evidence[0].kind is EvidenceKind.EVENT


def test_databases_and_what_is_not_instrumented_are_known_as_such() -> None:
    kinds = {one.id: (one.kind, one.name) for one in reading(METRICS).components}
    assert kinds == {
        "postgres": (ComponentKind.INFRA, ""),
        "pay-pal": (ComponentKind.EXTERNAL, 'pay"pal'),
        "search-service": (ComponentKind.COMPONENT, "Search Service"),
    }


def test_what_cannot_be_read_is_told_with_its_line() -> None:
    said = told(reading(METRICS))
    assert "line 11: How often “front” called “broken” is no number." in said
    assert "line 12: A series without “client” and “server”" in said
    assert "line 13: This line is not in the text format of Prometheus." in said
    assert "calls itself" in said


def vector(*rows: tuple[dict[str, str], object]) -> str:
    return json.dumps(
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": labels, "value": value} for labels, value in rows]}}
    )


def test_the_answer_of_a_query_is_read() -> None:
    pair = {"client": "a", "server": "b"}
    named = pair | {"__name__": "traces_service_graph_request_total"}
    failed = {"client": "a", "server": "c", "__name__": "traces_service_graph_request_failed_total"}
    found = reading(vector((pair, [NOW.timestamp(), "48"])), hours=24)
    assert volumes(found) == {"a>b": 2.0}
    assert found.lines[0].evidence[0].seen == NOW
    assert volumes(reading(vector((named, [1, "48"]), (failed, [1, "9"])))) == {"a>b": None}


def test_a_matrix_knows_by_itself_how_fast_a_counter_grows_also_over_a_restart_and_a_gap() -> None:
    start = NOW.timestamp() - 7200
    values = [[start, "100"], [start + 1800, "160"], [start + 3600, "10"], [start + 5400, "NaN"], [start + 7200, "30"]]
    raw = {"data": {"resultType": "matrix", "result": [{"metric": {"client": "a", "server": "b"}, "values": values}]}}
    found = reading(json.dumps(raw))
    assert volumes(found) == {"a>b": (60 + 10 + 20) / 2}
    assert "count as gaps" in told(found)


@pytest.mark.parametrize(
    "raw",
    [
        [{"client": "a", "server": "b", "per_hour": 12}, {"client": "a"}, {"client": "a", "server": "c", "per_hour": -1}],
        {"data": [{"parent": "a", "child": "b", "callCount": 288}]},
        {"edges": [{"source": "a", "target": "b", "calls": "288"}]},
    ],
)
def test_lists_of_calls_are_read(raw: object) -> None:
    assert volumes(reading(json.dumps(raw), hours=24)) == {"a>b": 12.0}


def test_an_error_of_prometheus_is_no_catalogue() -> None:
    with pytest.raises(Invalid, match="bad_data"):
        reading('{"status": "error", "errorType": "x", "error": "bad_data: unknown"}')
