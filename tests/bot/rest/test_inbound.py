"""Others' alerts and maintenance over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.bot.rest.house import INBOUND, RestHouse
from tests.engine.clock import NOON

WAY = "/api/v2/monitoring/inbound"
ALERT = {"title": "Disk full", "service": "postgres", "severity": "high", "key": "db1"}


async def test_an_alert_that_is_sent_opens_once_and_ends_when_its_sender_says_so() -> None:
    house = RestHouse()
    async with house.open() as client:
        first = (await client.post(f"{WAY}/generic", json=ALERT)).json()
        again = (await client.post(f"{WAY}/generic", json=ALERT)).json()
        assert (first["changed"], again["changed"]) == (1, 0)
        (alert,) = (await client.get("/api/v2/monitoring/alerts")).json()["alerts"]
        assert alert["alert_id"] == first["alerts"][0]
        assert (await client.post(f"{WAY}/generic", json={**ALERT, "status": "resolved"})).json()["alerts"] == first["alerts"]
        assert (await client.get("/api/v2/monitoring/alerts")).json()["alerts"] == []
    assert [posting.to.channel for posting in await house.store.postings.of(first["alerts"][0])] == ["#ops"]


async def test_the_token_for_alerts_opens_this_way_and_no_other() -> None:
    async with RestHouse().open() as client:
        few = {"authorization": f"Bearer {INBOUND}"}
        assert (await client.post(f"{WAY}/generic", json=ALERT, headers=few)).status_code == 200
        assert (await client.get("/api/v2/monitoring/alerts", headers=few)).status_code == 401
        assert (await client.post(f"{WAY}/generic", json=ALERT, headers={"authorization": "Bearer nobody"})).status_code == 401


async def test_what_is_no_alert_is_refused_with_what_to_send() -> None:
    async with RestHouse().open() as client:
        for sender, body, said in (
            ("generic", {"service": "x"}, "say what is wrong"),
            ("alertmanager", {"title": "x"}, "“alerts” is missing"),
            ("generic", [{"title": "x"}] * 5001, "at most 5,000 alerts"),
        ):
            answer = await client.post(f"{WAY}/{sender}", json=body)
            assert (answer.status_code, said in answer.json()["error"]) == (400, True)
        assert (await client.post(f"{WAY}/nagios", json={})).status_code == 400
        assert (await client.post(f"{WAY}/generic", content=b"{")).status_code == 400


async def test_bombs_and_other_peoples_numbers_break_nothing() -> None:
    house = RestHouse()
    async with house.open() as client:
        for body in (
            b"[" * 100_000,
            b'{"title": ' + b'{"a":' * 50_000,
            b'{"title": "x", "value": NaN}',
            b'{"title": "x", "value": 1' + b"0" * 4200 + b"}",
        ):
            answer = await client.post(f"{WAY}/generic", content=body, headers={"content-type": "application/json"})
            assert answer.status_code in (400, 413), body[:30]
        typed = await client.post(f"{WAY}/generic", content=b"<alert/>", headers={"content-type": "application/xml"})
        assert typed.status_code in (400, 415)
        halves = b'{"title": "x\\ud800", "service": "\\udfffpg", "labels": {"a\\ud800": "\\ud800b"}}'
        assert (await client.post(f"{WAY}/generic", content=halves, headers={"content-type": "application/json"})).json()["changed"] == 1
        assert (await client.get("/api/v2/monitoring/alerts")).json()["alerts"][0]["service_name"] == "pg"


async def test_maintenance_is_set_listed_and_ended() -> None:
    house = RestHouse()
    said: dict[str, Any] = {
        "service": "github",
        "start": (NOON + timedelta(hours=1)).isoformat(),
        "until": (NOON + timedelta(hours=2)).isoformat(),
        "note": "upgrade",
    }
    way = "/api/v2/monitoring/maintenance"
    async with house.open() as client:
        made = await client.post(way, json=said)
        window = made.json()["window"]
        assert (made.status_code, window["service"], window["state"], window["note"]) == (201, "github", "planned", "upgrade")
        assert made.json()["impact"] == ["No workflow needs GitHub."]
        assert [one["id"] for one in (await client.get(way)).json()["windows"]] == [window["id"]]
        assert (await client.delete(f"{way}/{window['id']}")).json()["windows"][0]["state"] == "over"
        assert (await client.delete(f"{way}/{window['id']}")).status_code == 409
        assert (await client.post(way, json={**said, "until": NOON.isoformat()})).status_code == 400


async def test_thresholds_are_shown_and_set_as_one_change_or_not_at_all() -> None:
    way = "/api/v2/monitoring/thresholds"
    async with RestHouse().open() as client:
        assert (await client.get(way)).json()["thresholds"]["response_time"] == {"warning": None, "critical": None}
        answer = await client.put(way, json={"response_time": {"warning": 800, "critical": 5000}, "success_rate": {"critical": 0.9}})
        assert answer.json()["thresholds"]["response_time"] == {"warning": 800.0, "critical": 5000.0}
        wrong = await client.put(way, json={"response_time": {"warning": 10}, "mood": {"warning": 1}})
        assert (wrong.status_code, "no metric" in wrong.json()["error"]) == (400, True)
        assert (await client.put(way, json={"response_time": {"warning": "much"}})).status_code == 400
        assert (await client.put(way, json={"response_time": {"warning": None}})).json()["thresholds"]["response_time"]["warning"] is None
        assert (await client.put(f"{way}?service=github", json={"error_rate": {"warning": 0.05}})).json()["service"] == "github"
        assert (await client.get(way)).json()["thresholds"]["success_rate"]["critical"] == 0.9
