"""Health and alerts by HTTP."""

from __future__ import annotations

import pytest
from httpx2 import AsyncClient

from engine.events import AlertSaved
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.sample import Outcome
from tests.bot.rest.house import RestHouse

PATH = "/api/v2/monitoring"
METRICS = {"service_name", "response_time_ms", "success_rate", "error_count", "request_count", "last_checked", "health_score", "status"}
ALERT = {"alert_id", "service_name", "severity", "message", "metric", "threshold", "current_value", "timestamp", "acknowledged", "resolved"}


async def fire(house: RestHouse, id: str = "alr_1", severity: Severity = Severity.CRITICAL, state: AlertState = AlertState.FIRING) -> None:
    now = house.clock.now()
    alert = Alert(
        id=id, fingerprint=id, revision=1, state=state, severity=severity, service="trello", account="trello", rule="availability",
        message="trello is down", metric="availability", threshold=1, value=0, opened_at=now, updated_at=now, because="3 probes failed",
    )  # fmt: skip
    await house.store.ledger.record(AlertSaved(alert))


async def test_every_connected_service_has_the_seeds_metrics(house: RestHouse, api: AsyncClient):
    await house.sampled("github", count=3, latency=0.2)
    await house.sampled("trello", count=5, latency=0.2, outcome=Outcome.ERROR)
    body = (await api.get(f"{PATH}/services")).json()
    assert body["total_services"] == 2
    assert body["services"]["github"].keys() >= METRICS
    assert (body["services"]["github"]["health_score"], body["services"]["github"]["status"]) == (100.0, "healthy")
    assert (body["services"]["trello"]["health_score"], body["services"]["trello"]["status"]) == (0.0, "offline")
    assert body["services"]["github"]["sandbox"] is True
    assert body["timestamp"] == "2026-03-04T12:00:00Z"


async def test_the_seeds_own_scores_are_there_for_whoever_asks_for_them(house: RestHouse, api: AsyncClient):
    await house.sampled("github")
    await house.sampled("trello", outcome=Outcome.ERROR, count=5)
    services = (await api.get(f"{PATH}/services?formula=legacy")).json()["services"]
    assert [(services[name]["health_score"], services[name]["status"]) for name in ("github", "trello")] == [(98.4, "healthy"), (38.4, "offline")]
    assert (await api.get(f"{PATH}/health?formula=legacy")).json()["system_health"]["overall_score"] == 50.0
    assert (await api.get(f"{PATH}/health?formula=other")).status_code in (400, 422)


async def test_a_service_nobody_measured_is_unknown(api: AsyncClient):
    assert (await api.get(f"{PATH}/services")).json()["services"]["github"]["status"] == "unknown"


async def test_one_service_comes_with_its_history(house: RestHouse, api: AsyncClient):
    await house.sampled("github", count=60, latency=0.3)
    body = (await api.get(f"{PATH}/services/github")).json()
    assert body["service"]["service_name"] == "github"
    assert body["history_count"] == len(body["performance_history"]) == 50
    assert body["budget"] == [{"account": "default", "name": "requests in 3600 s", "used": 4900, "limit": 5000, "resets_in": 600.0}]
    assert body["performance_history"][0] == {"response_time": 300.0, "success_rate": 1.0, "error_rate": 0.0, "timestamp": "2026-03-04T12:00:00Z"}


async def test_a_service_that_is_not_connected_is_not_found(api: AsyncClient):
    answer = await api.get(f"{PATH}/services/nonsense")
    assert (answer.status_code, answer.json()) == (404, {"success": False, "error": "Service not found"})


async def test_the_system_has_one_health(house: RestHouse, api: AsyncClient):
    await house.sampled("github")
    await house.sampled("trello", outcome=Outcome.ERROR, count=5)
    await fire(house)
    health = (await api.get(f"{PATH}/health")).json()["system_health"]
    assert health == {
        "overall_score": 37.5, "healthy_services": 1, "total_services": 2, "critical_alerts": 1, "performance_trend": "stable",
        "last_updated": "2026-03-04T12:00:00Z",
    }  # fmt: skip


async def test_open_alerts_are_listed_and_filtered_by_severity(house: RestHouse, api: AsyncClient):
    await fire(house, "alr_1", Severity.CRITICAL)
    await fire(house, "alr_2", Severity.MEDIUM)
    await fire(house, "alr_3", Severity.MEDIUM, AlertState.RESOLVED)
    body = (await api.get(f"{PATH}/alerts")).json()
    assert (body["total_alerts"], body["critical_count"]) == (2, 1)
    assert body["alerts"][0].keys() >= ALERT
    medium = (await api.get(f"{PATH}/alerts?severity=medium")).json()
    assert [alert["alert_id"] for alert in medium["alerts"]] == ["alr_2"]


@pytest.mark.parametrize("severity", ["dire", "Critical", "low;drop"])
async def test_a_severity_that_is_none_is_refused_in_the_seeds_words(api: AsyncClient, severity: str):
    answer = await api.get(f"{PATH}/alerts", params={"severity": severity})
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid severity filter")


async def test_an_alert_is_acknowledged_by_name_and_only_once(house: RestHouse, api: AsyncClient):
    await fire(house)
    answer = await api.post(f"{PATH}/alerts/alr_1/acknowledge", json={"actor": "Ana", "note": "looking"})
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert (body["success"], body["alert_id"], body["acknowledged"]) == (True, "alr_1", True)
    assert body.keys() >= {"message"}
    assert (body["alert"]["acknowledged_by"], body["alert"]["note"]) == ("Ana", "looking")
    again = await api.post(f"{PATH}/alerts/alr_1/acknowledge")
    assert again.status_code == 409
    assert "Ana" in again.json()["error"]
    row = (await house.store.audit.list(subject="alr_1"))[0]
    assert (row.verb, row.actor, row.actor_name) == ("acknowledge_alert", "rest:api", "Ana")


async def test_an_alert_is_resolved_without_a_body_as_the_seed_did(house: RestHouse, api: AsyncClient):
    await fire(house)
    answer = await api.post(f"{PATH}/alerts/alr_1/resolve")
    assert (answer.status_code, answer.json()["resolved"]) == (200, True)
    assert (await api.get(f"{PATH}/alerts")).json()["total_alerts"] == 0


@pytest.mark.parametrize("verb", ["acknowledge", "resolve"])
async def test_an_alert_that_is_not_there_is_not_found(api: AsyncClient, verb: str):
    answer = await api.post(f"{PATH}/alerts/alr_x/{verb}", json={})
    assert (answer.status_code, answer.json()["error"]) == (404, "Alert not found")


async def test_analytics_summarise_services_alerts_and_trends(house: RestHouse, api: AsyncClient):
    await house.sampled("github", count=8)
    await fire(house, severity=Severity.HIGH)
    analytics = (await api.get(f"{PATH}/analytics")).json()["analytics"]
    assert analytics["service_summary"]["github"].keys() == {"health_score", "status", "response_time", "success_rate"}
    assert analytics["alert_summary"] == {"low": 0, "medium": 0, "high": 1, "critical": 0}
    assert analytics["performance_trends"] == {"github": "stable", "trello": "unknown"}
    assert (analytics["total_services"], analytics["monitoring_enabled"]) == (2, True)


async def test_analytics_tell_what_workflows_asked_of_services(house: RestHouse, api: AsyncClient):
    assert (await api.get(f"{PATH}/analytics?window=30d")).json()["analytics"]["service_usage"] == []
    usage = (await api.get(f"{PATH}/analytics?service=github")).json()["analytics"]["service_usage"]
    assert (usage[0]["service"], usage[0]["asks"], usage[0]["success_rate"], usage[0]["mean_duration"]) == ("github", 0, None, None)
    assert (await api.get(f"{PATH}/analytics?format=csv")).text.startswith("kind,id,name,")
    assert (await api.get(f"{PATH}/analytics?window=never")).status_code == 400
