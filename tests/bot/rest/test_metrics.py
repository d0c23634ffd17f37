"""/metrics: what Prometheus reads, who may read it, and that it stays small."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from httpx2 import AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from bot.faces.rest.exposition import Scrape, counted, measured, written
from bot.faces.rest.tallies import MOST_ACCOUNTS, Tallies
from engine.events import AlertSaved, PostingPutOff, PostingSent, PostingWanted, RollupsSaved, RunMoved, RunStarted, SamplesTaken
from engine.monitoring.rollup import minutes
from engine.monitoring.sample import Outcome, Sample, Source
from engine.parties import Address
from engine.workflow.run import RunRecord, RunState
from tests.bot.rest.house import TOKEN, RestHouse
from tests.bot.rest.test_monitoring import fire

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def read(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {(sample.name, frozenset(sample.labels.items())): sample.value for family in plain(text) for sample in family.samples}


def found(text: str, name: str, **labels: str) -> list[float]:
    return [value for (one, said), value in read(text).items() if one == f"signalbox_{name}" and labels.items() <= dict(said).items()]


async def lively(house: RestHouse) -> None:
    now = house.clock.now()
    await house.sampled("github", count=4, latency=0.2)
    await house.sampled("trello", count=4, outcome=Outcome.ERROR)
    await house.store.ledger.record(RollupsSaved(tuple(minutes([Sample("github", "github", now, Source.PROBE, Outcome.OK, 0.2)]))))
    run = RunRecord(id="run_1", workflow="wf_1", version=1, name="a", state=RunState.RUNNING, started_at=now, by="x", where="")
    other = RunRecord(id="run_2", workflow="wf_1", version=1, name="a", state=RunState.FAILED, started_at=now, by="x", where="")
    await house.store.ledger.record(RunStarted(run, ()), RunStarted(other, ()), RunMoved("run_2", (), other))
    await house.store.ledger.record(
        PostingWanted("run:run_1", "run", Address("web", "#ops")), PostingSent(1), PostingPutOff(1, None, "gone")
    )
    await fire(house)
    await house.clock.pass_(60)


async def test_the_house_says_itself_in_numbers(house: RestHouse, api: AsyncClient):
    await lively(house)
    answer = await api.get("/metrics")
    text = answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert found(text, "service_up", service="github", account="github") == [1.0]
    assert found(text, "service_up", service="trello") == [0.0]
    assert found(text, "service_health_score", service="github") == [pytest.approx(98, abs=3)]
    assert found(text, "service_latency_seconds", service="github", quantile="0.95") == [pytest.approx(0.2, rel=0.011)]
    assert found(text, "service_success_ratio", service="github", account="github", source="probe") == [1.0]
    assert found(text, "samples_total", service="trello", outcome="error") == [4.0]
    assert found(text, "alerts", state="firing", severity="critical", quiet="no") == [1.0]
    assert found(text, "alerts_opened_total", severity="critical") == [1.0]
    assert found(text, "runs", state="running") == [1.0]
    assert (found(text, "run_events_total", event="started"), found(text, "run_events_total", event="failed")) == ([2.0], [1.0])
    assert found(text, "outbox", state="failed") == [1.0]
    assert found(text, "posts_total", outcome="failed") == [1.0]
    assert found(text, "build_info") == [1.0]
    assert found(text, "storage_ok") == [1.0]
    assert TOKEN not in text


async def test_openmetrics_is_spoken_where_it_is_asked_for(house: RestHouse, api: AsyncClient):
    await lively(house)
    answer = await api.get("/metrics", headers={"accept": f"{OPENMETRICS}, text/plain;q=0.5"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    assert {family.name for family in openmetrics(answer.text)} >= {"signalbox_service_up", "signalbox_samples", "signalbox_outbox"}


async def test_whatever_is_asked_for_there_is_an_answer(api: AsyncClient):
    for accept in ("application/openmetrics-text; version=a.b", "text/plain; version=..", "*/*", "", "\x7f;;version=1"):
        assert (await api.get("/metrics", headers={"accept": accept})).status_code == 200


async def test_a_fresh_house_has_numbers_too(api: AsyncClient):
    text = (await api.get("/metrics")).text
    assert found(text, "service_up") == []
    assert found(text, "build_info") == [1.0]


async def asked(house: RestHouse, peer: str, headers: dict[str, str], *, host: str = "http://127.0.0.1:8321") -> int:
    transport = httpx2.ASGITransport(house.app, client=(peer, 1))
    async with AsyncClient(transport=transport, base_url=host) as client:
        return (await client.get("/metrics", headers=headers)).status_code


async def test_a_program_on_this_machine_needs_no_token(house: RestHouse):
    for peer, host in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("127.0.0.7", "localhost"), ("::ffff:127.0.0.1", "127.0.0.1")):
        assert await asked(house, peer, {}, host=f"http://{host}:8321") == 200


async def test_everyone_else_needs_it(house: RestHouse):
    near = "http://127.0.0.1:8321"
    for peer, headers, host in (
        ("10.1.2.3", {}, near),
        ("127.0.0.1", {"x-forwarded-for": "10.1.2.3"}, near),
        ("127.0.0.1", {"forwarded": "for=10.1.2.3"}, near),
        ("127.0.0.1", {"via": "1.1 proxy"}, near),
        ("127.0.0.1", {"x-real-ip": "10.1.2.3"}, near),
        ("127.0.0.1", {}, "http://rebound.example.com"),
        ("", {}, near),
    ):
        assert await asked(house, peer, headers, host=host) == 401
        assert await asked(house, peer, {**headers, "authorization": "Bearer a-wrong-one"}, host=host) == 401
        assert await asked(house, peer, {**headers, "authorization": f"Bearer {TOKEN}"}, host=host) == 200


async def test_a_proxy_that_names_nobody_is_known_by_its_old_speech(house: RestHouse):
    async def spoken(version: str) -> int:
        async def old(scope: Any, receive: Any, send: Any) -> None:
            await house.app({**scope, "http_version": version}, receive, send)

        async with AsyncClient(transport=httpx2.ASGITransport(old, client=("127.0.0.1", 1)), base_url="http://127.0.0.1:8321") as client:
            return (await client.get("/metrics")).status_code

    assert (await spoken("1.0"), await spoken("1.1")) == (401, 200)


async def test_one_scrape_answers_for_the_next_within_a_moment(house: RestHouse, api: AsyncClient):
    await api.get("/metrics")
    await house.sampled("github")
    assert found((await api.get("/metrics")).text, "service_up") == []
    await house.clock.pass_(3)
    assert found((await api.get("/metrics")).text, "service_up") == [1.0]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_no_label_breaks_the_format(one: str, other: str) -> None:
    whole = [text.encode("utf-8", "replace").decode() for text in (one, other)]
    scrape = Scrape([measured("a", "…", ("x", "y"), [((whole[0], whole[1]), 1.0)]), counted("b", "…", ("x",), [((whole[0],), 2.0)])])
    for accept, parser in ((OPENMETRICS, openmetrics), ("", plain)):
        text, _ = written(scrape, accept)
        samples = [sample for family in parser(text.decode()) for sample in family.samples if not sample.name.endswith("_created")]
        assert [sample.labels for sample in samples] == [{"x": whole[0], "y": whole[1]}, {"x": whole[0]}]


def test_accounts_without_end_are_counted_together() -> None:
    tallies, at = Tallies(), RestHouse().clock.now()
    bomb = tuple(Sample("github", f"a{n}", at, Source.CALL, Outcome.OK, 0.1) for n in range(MOST_ACCOUNTS + 50))
    tallies.heard([SamplesTaken(bomb)])
    assert len(tallies.samples) == MOST_ACCOUNTS + 1
    assert tallies.samples["other", "", "call", "ok"] == 50


async def test_an_alert_is_opened_once_however_often_it_changes(house: RestHouse) -> None:
    tallies = Tallies()
    house.store.ledger.listen(tallies.heard)
    await fire(house)
    (alert,) = await house.store.alerts.list()
    await house.store.ledger.record(AlertSaved(replace(alert, revision=2)))
    assert tallies.alerts == {"critical": 1}
