"""`root-cause`: PetShop's files in, the suspects out, best first, and every fault of a file named with its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.graph.blame.shop import LINES, shop, slow_database
from tests.journeys.serving import Ended, settle_in, within
from tests.shared_data import shared

Table = list[list[str]]


def metrics(table: Table | None = None) -> str:
    return "\n".join(",".join(row) for row in (table if table is not None else rows(slow_database()))) + "\n"


def rows(table) -> Table:  # type: ignore[no-untyped-def]
    columns = [(node, metric) for metric in ("latency", "requests", "availability") for node in table.nodes]
    head = [
        ["microservice", *(node for node, _ in columns)],
        ["metric", *(metric for _, metric in columns)],
        ["statistic", *({"latency": "Average", "requests": "Sum"}.get(metric, "Average") for _, metric in columns)],
        ["unix_timestamp", *("" for _ in columns)],
    ]
    cells = [
        [str(1_700_000_000 + 300 * row), *(str(getattr(table.nodes[node], metric)[row]) for node, metric in columns)]
        for row in range(table.rows)
    ]
    return [*head, *cells]


def matrix() -> str:
    names = sorted({end for line in LINES for end in line})
    return "\n".join([",".join(["", *names]), *(",".join([a, *("1.0" if (a, b) in LINES else "0.0" for b in names)]) for a in names)])


GRAPH = "caller,callee\n" + "".join(f"{a},{b}\n" for a, b in LINES)
Blame = Callable[..., Ended]


@pytest.fixture
def blame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Blame:
    settle_in(monkeypatch, tmp_path / "data")

    def run(graph: str = GRAPH, measured: str | bytes | None = None, *more: str, target: str = "front", metric: str = "latency") -> Ended:
        (tmp_path / "graph.csv").write_text(graph)
        content = metrics() if measured is None else measured
        (tmp_path / "metrics.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        (tmp_path / "calm.csv").write_text(metrics(rows(shop(rows=40))))
        return within(
            capsys, "root-cause", "--graph", "graph.csv", "--metrics", "metrics.csv", "--target", target, "--metric", metric, *more
        )

    return run


def suspects(ended: Ended) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(ended.out)
    return found


@pytest.mark.parametrize("graph", [GRAPH, matrix(), "\ufeffSource,Target\n" + GRAPH.partition("\n")[2]])
def test_the_suspects_come_best_first_with_their_share_and_why(blame: Blame, graph: str) -> None:
    ended = blame(graph)
    assert (ended.code, ended.err) == (0, "")
    found = suspects(ended)
    assert [set(one) for one in found] == [{"node", "score", "share", "because"}] * len(found)
    assert found[0]["node"] == "database"
    assert str(found[0]["because"]).startswith("database carries 100 % of front's excess 80 request-seconds")
    scores = [float(str(one["score"])) for one in found]
    assert scores == sorted(scores, reverse=True)


def test_a_baseline_stands_in_for_calm_rows(blame: Blame) -> None:
    table = rows(slow_database())
    ended = blame(GRAPH, metrics([*table[:4], table[6]]), "--baseline", "calm.csv")
    assert (ended.code, ended.err) == (0, "")
    assert suspects(ended)[0]["node"] == "database"


def test_one_row_alone_is_answered_with_the_doubt(blame: Blame) -> None:
    table = rows(slow_database())
    ended = blame(GRAPH, metrics([*table[:4], table[6]]))
    assert ended.code == 0
    assert "Not enough data" in ended.err
    assert all("Not enough data" in str(one["because"]) for one in suspects(ended))


def test_a_target_that_nobody_knows_is_refused_with_the_nearest_name(blame: Blame) -> None:
    ended = blame(target="fronts")
    assert (ended.code, ended.out) == (1, "")
    assert "Did you mean “front”?" in ended.err


def test_rows_out_of_order_gaps_and_nan_are_put_right(blame: Blame) -> None:
    table = rows(slow_database())
    table[5][2], table[6][3] = "", "NaN"
    mixed = [*table[:4], table[8], table[5], "", table[4], table[7], table[6]]
    ended = blame(GRAPH, metrics([row if row else [""] for row in mixed]))
    assert ended.code == 0
    assert suspects(ended)[0]["node"] == "database"


@pytest.mark.parametrize(
    ("graph", "measured", "said"),
    [
        ("", None, "graph.csv is empty"),
        ("caller,callee\nfront\n", None, "graph.csv, line 2: name a caller and a callee"),
        (",a,b\na,0,1,1\n", None, "graph.csv, line 2: 4 cells where the header has 3"),
        (",a\na,yes\n", None, "graph.csv, line 2: “yes” is no number"),
        (GRAPH, b"", "metrics.csv: the header's rows should begin with microservice, metric and statistic"),
        (GRAPH, b"microservice,a\nmetric,latency\n1,2\n", "metrics.csv, line 3: the header's rows should begin"),
        (GRAPH, b"microservice,a\nmetric,latency\nstatistic,p90\n1,2\n", "no latency of the statistic “Average”. It has p90"),
        (GRAPH, b"microservice,a\nmetric,colour\nstatistic,x\n1,2\n", "has no column of latency, requests or availability"),
        (GRAPH, b"microservice,a,a\nmetric,requests,requests\nstatistic,Sum,Sum\n1,2,2\n", "requests of “a” stands there twice"),
        (GRAPH, b"microservice,a\nmetric,requests\nstatistic,Sum\n1,lots\n", "line 4: “lots” is no number"),
        (GRAPH, b"microservice,a\nmetric,requests\nstatistic,Sum\n1,2,3\n", "line 4: 3 cells where the header has 2"),
        (GRAPH, b"microservice,\xff\n", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(blame: Blame, graph: str, measured: bytes | None, said: str) -> None:
    ended = blame(graph, measured)
    assert (ended.code, ended.out, said in ended.err) == (1, "", True), ended.err


def test_a_file_that_is_not_there_is_refused(blame: Blame) -> None:
    ended = blame(GRAPH, None, "--baseline", "nowhere.csv")
    assert (ended.code, ended.out) == (1, "")
    assert "nowhere.csv cannot be read" in ended.err


@pytest.mark.shared
@pytest.mark.parametrize(("issue", "metric"), [("issue_1", "latency"), ("issue_5", "availability")])
def test_a_real_incident_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], issue: str, metric: str
) -> None:
    folder = shared("data/petshop/low_traffic")
    settle_in(monkeypatch, tmp_path / "data")
    ended = within(
        capsys, "root-cause", "--graph", str(folder / "graph.csv"), "--metrics", str(folder / "train" / issue / "metrics.csv"),
        "--baseline", str(folder / "noissue/metrics.csv"), "--target", "PetSite", "--metric", metric,
    )  # fmt: skip
    assert ended.code == 0
    assert suspects(ended)[0]["node"] == "PetSearch_AWS::ECS::Fargate"
