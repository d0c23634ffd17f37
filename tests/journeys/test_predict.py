"""`predict`: a history in, the chance of every run out, from what was known as it began; every fault of a file is named with its line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.predict_runs import Markov, by_peer, history, scores
from tests.journeys.serving import Ended, settle_in, within
from tests.shared_data import shared

Predict = Callable[..., Ended]


@pytest.fixture
def predict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Predict:
    settle_in(monkeypatch, tmp_path / "data")

    def run(content: bytes | str, *more: str) -> Ended:
        (tmp_path / "runs.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        return within(capsys, "predict", "--history", "runs.csv", *more)

    return run


def rows(ended: Ended) -> list[dict[str, str]]:
    assert ended.code == 0, ended.err
    reader = csv.DictReader(ended.out.splitlines())
    assert reader.fieldnames == ["workflow", "started_at", "probability", "low", "high", "samples"]
    return list(reader)


HEAD = "workflow,started_at,succeeded\n"


def hourly(outcomes: str, day: int = 1) -> str:
    return "".join(f"a,2026-11-{day + place // 24:02} {place % 24:02}:00:00,{one}\n" for place, one in enumerate(outcomes))


def test_every_row_comes_back_with_a_chance_that_no_later_row_changes(predict: Predict) -> None:
    whole, part = predict(HEAD + hourly("1101" * 20)), predict(HEAD + hourly("1101" * 19))
    assert whole.err == ""
    assert whole.out.startswith(part.out)
    last = rows(whole)[-1]
    assert (last["workflow"], last["started_at"], last["samples"]) == ("a", "2026-11-04 07:00:00", "79")
    assert 0 < float(last["low"]) < float(last["probability"]) < float(last["high"]) < 1


def test_an_outcome_is_known_only_after_the_delay(predict: Predict) -> None:
    text = HEAD + hourly("1" * 10)
    assert [row["samples"] for row in rows(predict(text))] == [str(number) for number in range(10)]
    assert [row["samples"] for row in rows(predict(text, "--delay", "7200"))] == ["0", "0", "1", "2", "3", "4", "5", "6", "7", "8"]
    assert {row["samples"] for row in rows(predict(text, "--delay", "1e6"))} == {"0"}


def test_columns_are_found_by_name_and_moments_and_outcomes_in_every_usual_form(predict: Predict) -> None:
    told = rows(predict(
        b"\xef\xbb\xbfSucceeded, Started_At ,host,WORKFLOW\r\n"
        b'1,2026-11-23T10:00:00Z,x,a\r\n\r\ntrue,2026-11-23 11:00,x,a\r\nNO,1795435200,x,"b, c"\r\n0,11/23/2026 13:00,x,a\r\n,11/23/2026 14:00:30,x,a\r\n1,1795446000000,x,a\r\n'
    ))  # fmt: skip
    assert [(row["workflow"], row["samples"]) for row in told] == [
        ("a", "0"),
        ("a", "1"),
        ("b, c", "0"),
        ("a", "2"),
        ("a", "3"),
        ("a", "3"),
    ]
    assert told[3]["started_at"] == "11/23/2026 13:00"


def test_rows_out_of_order_are_foretold_by_time_printed_as_they_stand_and_said_to_be(predict: Predict) -> None:
    lines = hourly("1" * 6).splitlines(keepends=True)
    ended = predict(HEAD + "".join([*lines[3:], *lines[:3]]))
    assert [row["samples"] for row in rows(ended)] == ["3", "4", "5", "0", "1", "2"]
    assert "1 of 6 rows begin before the row above them." in ended.err


def test_dates_that_only_make_sense_with_the_day_first_are_read_so(predict: Predict) -> None:
    ended = predict(HEAD + "a,13/1/2026 10:00,1\na,2/2/2026 10:00,1\n")
    assert [row["samples"] for row in rows(ended)] == ["0", "1"]
    assert "day/month/year" in ended.err
    assert "Write all of them in one way" in predict(HEAD + "a,13/1/2026 10:00,1\na,2/28/2026 10:00,1\n").err


def test_a_history_without_rows_has_no_chances(predict: Predict) -> None:
    ended = predict(HEAD)
    assert (ended.code, ended.out, ended.err) == (0, "workflow,started_at,probability,low,high,samples\n", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty. Its first line names the columns: workflow,started_at,succeeded"),
        (b"workflow,succeeded\n", "line 1: the header names no column (or several) for started_at"),
        (b"workflow,started_at,succeeded\na,2026-11-23\n", "line 2: 2 columns where the header names more"),
        (b"workflow,started_at,succeeded\na,2026-11-23,1\n\n ,2026-11-23,1\n", "line 4: no workflow is named"),
        (b"workflow,started_at,succeeded\na,yesterday,1\n", "line 2: “yesterday” is no timestamp"),
        (
            b"workflow,started_at,succeeded\na,2/30/2026 10:00,1\n",
            "line 2: “2/30/2026 10:00” is no timestamp",
        ),
        (b"workflow,started_at,succeeded\na,2026-11-23,perhaps\n", "line 2: “perhaps” says neither"),
        (b"workflow,started_at,succeeded\na,2026-11-23,\xff\n", "is not UTF-8 text"),
        (b"workflow,started_at,succeeded\na,2026-11-23," + b"1" * 200_000, "line 2: this is no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(predict: Predict, content: bytes, said: str) -> None:
    ended = predict(content)
    assert (ended.code, ended.out, said in ended.err) == (1, "", True), ended.err


def test_a_delay_that_is_none_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for delay in ("-1", "soon", "nan", "inf"):
        ended = within(capsys, "predict", "--history", "x.csv", f"--delay={delay}")
        assert (ended.code, "is no number of seconds" in ended.err) == (2, True)


@pytest.mark.shared
def test_real_builds_are_foretold_better_than_by_the_last_two_outcomes() -> None:
    from engine.prediction.success.replay import PastRun, foretold

    runs = [run for run in history(shared("data/ci_runs/dev.csv.gz")) if run[0] in ("projecthydra/sufia", "spree/spree")]
    ours = scores(runs, [chance.probability for chance in foretold([PastRun(*run) for run in runs])])
    peer = scores(runs, by_peer(runs, Markov))
    assert ours["bss"] > peer["bss"] + 0.01 > 0.25
    assert ours["ece"] < 0.03
