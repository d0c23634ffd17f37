"""`detect`: a series in, its scores out, causal, and every fault of a file named with its line."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.serving import Ended, settle_in, within
from tests.shared_data import shared


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[bytes | str], Ended]:
    settle_in(monkeypatch, tmp_path / "data")

    def run(content: bytes | str) -> Ended:
        (tmp_path / "series.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        return within(capsys, "detect", "series.csv")

    return run


def scores(ended: Ended) -> list[tuple[str, str, float]]:
    header, *rows = csv.reader(ended.out.splitlines())
    assert header == ["timestamp", "value", "anomaly_score"]
    return [(at, value, float(score)) for at, value, score in rows]


def wave(count: int) -> str:
    lines = (
        f"2026-11-{1 + at // 288:02}T{at // 12 % 24:02}:{at % 12 * 5:02}:00Z,{50 + round(9 * math.sin(at / 45.84), 1)}"
        for at in range(count)
    )
    return "timestamp,value\n" + "\n".join(lines) + "\n"


def test_every_row_comes_back_with_a_score_that_no_later_row_changes(detect: Callable[[str], Ended]) -> None:
    whole, part = detect(wave(900) + "2026-11-05T00:00:00Z,500\n"), detect(wave(900))
    assert (whole.code, whole.err) == (0, "")
    assert whole.out.startswith(part.out)
    rows = scores(whole)
    assert rows[0] == ("2026-11-01T00:00:00Z", "50.0", 0)
    assert rows[-1][2] == max(score for _, _, score in rows)
    assert 0.5 < rows[-1][2] <= 1


def test_columns_are_found_by_name_and_timestamps_in_every_usual_form(detect: Callable[[bytes | str], Ended]) -> None:
    ended = detect(
        b"\xef\xbb\xbfHost, Value ,TimeStamp\r\n"
        b'web,1,"2026-11-23T00:00:00Z"\r\n\r\nweb,2e3,2026-11-23 00:05:00.250\r\nweb,-3,1795392600\r\nweb,4,1795392900000\r\nweb,5,2026-11-23T01:20+01:00'
    )
    assert (ended.code, ended.err) == (0, "")
    assert [value for _, value, _ in scores(ended)] == ["1", "2e3", "-3", "4", "5"]


def test_a_row_without_a_number_scores_nothing(detect: Callable[[str], Ended]) -> None:
    rows = scores(detect(wave(200) + "2026-11-02,\n2026-11-02,NaN\n2026-11-02,inf\n2026-11-02, nan \n"))
    assert [score for _, _, score in rows[-4:]] == [0, 0, 0, 0]


def test_a_series_without_rows_has_no_scores(detect: Callable[[str], Ended]) -> None:
    ended = detect("timestamp,value\n")
    assert (ended.code, ended.out, ended.err) == (0, "timestamp,value,anomaly_score\n", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty. Its first line names the columns: timestamp,value"),
        (b"time,value\n", "line 1: the header names no column (or several) for timestamp"),
        (b"timestamp,value,value\n", "line 1: the header names no column (or several) for value"),
        (b"timestamp,value\n2026-11-23\n", "line 2: 1 column where the header names more"),
        (b"timestamp,value\nyesterday,1\n", "line 2: “yesterday” is no timestamp. Write for example"),
        (b"timestamp,value\n1e300,1\n", "line 2: “1e300” is no timestamp"),
        (b"timestamp,value\n0001-01-01T00:00+14:00,1\n", "line 2: “0001-01-01T00:00+14:00” is no timestamp"),
        (b"timestamp,value\n\n2026-11-23,1,5\n2026-11-23,1;5\n", "line 4: “1;5” is no number. Write one, or leave it empty."),
        (b"timestamp,value\n2026-11-23,\xff\n", "is not UTF-8 text"),
        (b"timestamp,value\n2026-11-23," + b"1" * 200_000 + b"\n", "line 2: this is no CSV (field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(detect: Callable[[bytes], Ended], content: bytes, said: str) -> None:
    ended = detect(content)
    assert (ended.code, said in ended.err) == (1, True), ended.err
    assert ended.out.count("\n") in (0, 2)  # nothing, or the rows before the fault


def test_a_file_that_is_not_there_is_refused(detect: Callable[[str], Ended], capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("nowhere.csv", "", "."):
        ended = within(capsys, "detect", name)
        assert (ended.code, ended.out, "Name a CSV file." in ended.err) == (1, "", True)


@pytest.mark.shared
def test_a_known_failure_of_a_real_machine_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shared("data/nab/data/realKnownCause/ec2_request_latency_system_failure.csv")
    settle_in(monkeypatch, tmp_path / "data")
    rows = scores(within(capsys, "detect", str(file)))
    assert len(rows) == 4032
    assert any("2014-03-14 03:31" <= at <= "2014-03-14 14:41" and score >= 0.5 for at, _, score in rows)
