"""Measurements by HTTP, and what was measured as files."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from engine.events import RollupsSaved, SamplesTaken
from engine.monitoring.rollup import minutes
from engine.monitoring.sample import Outcome, Sample, Source
from tests.bot.rest.house import RestHouse

PATH = "/api/v2/monitoring"
NOON = "2026-03-04T12:00:00Z"


async def push(api: AsyncClient, *measurements: object):
    return await api.post(f"{PATH}/measurements", json={"measurements": measurements})


async def test_what_is_pushed_can_be_read(api: AsyncClient):
    answer = await push(
        api,
        {"series": "shop.orders", "value": 4, "unit": "orders"},
        {"series": "shop.orders", "value": 3, "at": "2026-03-04T12:59:00+01:00"},
    )
    assert answer.json() == {"success": True, "taken": 2, "refused": []}
    assert (await api.get(f"{PATH}/series", params={"prefix": "shop"})).json()["series"] == [
        {"name": "shop.orders", "unit": "orders", "last_at": NOON}
    ]
    until = "2026-03-04T12:01:00Z"
    points = (await api.get(f"{PATH}/series/shop.orders", params={"until": until})).json()["points"]
    assert points == [{"at": "2026-03-04T11:59:00Z", "value": 3.0}, {"at": NOON, "value": 4.0}]


async def test_what_does_not_fit_is_named_and_the_rest_is_taken(api: AsyncClient):
    answer = await push(
        api, {"series": "a", "value": 1}, {"series": "a b", "value": 1}, {"series": "a", "value": 1, "at": "2030-01-01T00:00:00Z"}
    )
    assert (answer.status_code, answer.json()["taken"]) == (200, 1)
    assert [one["index"] for one in answer.json()["refused"]] == [1, 2]


async def test_a_body_of_which_nothing_can_be_taken_is_refused(api: AsyncClient):
    for body, words in (
        ('{"measurements": [{"series": "a", "value": NaN}]}', "finite"),
        ('{"measurements": [{"series": "a", "value": "many"}]}', "must be a number"),
        ('{"measurements": [{"series": "a", "value": 1, "at": "2026-03-04T12:00:00"}]}', "timezone"),
        ('{"measurements": [{"series": "<!here>", "value": 1}]}', "named by"),
        ('{"measurements": []}', "measurements"),
        ("{}", "Missing required field: measurements"),
    ):
        answer = await api.post(f"{PATH}/measurements", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400
        assert words in answer.text


async def test_a_thousand_at_once_and_no_more(api: AsyncClient):
    one = {"series": "a", "value": 1}
    assert (await push(api, *[one] * 1_000)).status_code == 200
    assert (await push(api, *[one] * 1_001)).status_code == 400


async def test_a_series_nobody_measured_is_not_found(api: AsyncClient):
    assert (await api.get(f"{PATH}/series/no/such")).status_code == 404


async def test_measurements_need_the_token(api: AsyncClient):
    del api.headers["authorization"]
    for answer in (await push(api, {"series": "a", "value": 1}), await api.get(f"{PATH}/export"), await api.get(f"{PATH}/series")):
        assert answer.status_code == 401


async def measured(house: RestHouse, count: int = 5) -> list[Sample]:
    samples = [
        Sample("github", "default", house.clock.now() - timedelta(minutes=n), Source.PROBE, Outcome.ERROR, 0.25, detail='=HYPERLINK("x")')
        for n in range(count, 0, -1)
    ]
    await house.store.ledger.record(SamplesTaken(tuple(samples)), RollupsSaved(tuple(minutes(samples))))
    return samples


async def test_rollups_are_taken_away_as_csv(house: RestHouse, api: AsyncClient):
    await measured(house)
    answer = await api.get(f"{PATH}/export", params={"service": "github"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "github-minutes-20260303.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert next((row["at"], row["count"], row["errors"], row["mean"]) for row in rows) == ("2026-03-04T11:55:00+00:00", "1", "1", "0.25")
    assert len(rows) == 5
    assert float(rows[0]["p99"]) == pytest.approx(0.25, rel=0.011)


async def test_samples_are_taken_away_as_lines_of_json(house: RestHouse, api: AsyncClient):
    await measured(house, 2_500)
    answer = await api.get(f"{PATH}/export", params={"what": "samples", "format": "ndjson", "since": "2026-03-01T00:00:00Z"})
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == 2_500
    assert rows[0].keys() >= {"at", "service", "outcome", "latency"}
    assert [row["at"] for row in rows] == sorted({row["at"] for row in rows})


async def test_text_from_outside_is_no_formula_in_a_sheet(house: RestHouse, api: AsyncClient):
    await measured(house, 1)
    rows = list(csv.DictReader(io.StringIO((await api.get(f"{PATH}/export", params={"what": "samples"})).text)))
    assert rows[0]["detail"].startswith("'=")


async def test_an_export_stands_in_the_audit(house: RestHouse, api: AsyncClient):
    await api.get(f"{PATH}/export", params={"service": "github"})
    assert [row.verb for row in await house.store.audit.list(subject="service:github")] == ["export_measurements"]


async def test_an_export_that_cannot_be_is_refused_before_it_begins(api: AsyncClient):
    for query, words in (
        ({"until": "2020-01-01T00:00:00Z", "since": NOON}, "must lie before"),
        ({"span": "week"}, "span"),
        ({"format": "xls"}, "format"),
    ):
        answer = await api.get(f"{PATH}/export", params=query)
        assert answer.status_code == 400
        assert words in answer.text


async def test_an_export_of_nothing_is_a_heading(api: AsyncClient):
    assert (await api.get(f"{PATH}/export", params={"service": "nobody"})).text.splitlines() == [
        "at,span,service,account,source,count,errors,untold,sandbox,mean,p50,p95,p99"
    ]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_at_the_end_of_the_calendar_is_refused_in_a_sentence(api: AsyncClient, at: str):
    answers = [await push(api, {"series": "shop.orders", "value": 4, "at": at})]
    answers += [await api.get(f"{PATH}/export", params={name: at}) for name in ("since", "until")]
    assert [(answer.status_code, "calendar" in answer.json()["error"]) for answer in answers] == [(400, True)] * 3
