"""Workflows by HTTP, in the seed's words and in ours."""

from __future__ import annotations

import asyncio
import csv
import io
import re

import pytest
from httpx2 import AsyncClient

from engine.errors import Rejected
from tests.bot.rest.house import DEFINITION, SEED, RestHouse

PATH = "/api/v2/ai-workflows"
WORKFLOW_KEYS = {
    "workflow_id", "name", "description", "trigger_service", "action_services", "conditions", "ai_optimized", "enabled", "created_at",
    "ai_prediction",
}  # fmt: skip
PREDICTION_KEYS = {
    "workflow_id", "predicted_success_rate", "recommended_optimizations", "risk_factors", "estimated_completion_time", "confidence_score",
}  # fmt: skip


async def create(api: AsyncClient, **changes) -> str:
    answer = await api.post(PATH, json={**SEED, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()["workflow_id"]


async def test_the_seeds_form_is_created_with_the_seeds_keys(api: AsyncClient):
    answer = await api.post(PATH, json={**SEED, "conditions": {"branch": "main", "commits": 3}, "description": "d"})
    body = answer.json()
    assert answer.status_code == 201
    assert body["success"] is True
    assert re.fullmatch(r"wf_[0-9a-f]{8}", body["workflow_id"])
    assert body["workflow"].keys() >= WORKFLOW_KEYS
    assert body["ai_prediction"].keys() >= PREDICTION_KEYS
    assert (body["workflow"]["trigger_service"], body["workflow"]["action_services"]) == ("github", ["trello", "chat"])
    assert body["workflow"]["conditions"] == {"branch": "main", "commits": 3}
    assert (body["workflow"]["enabled"], body["workflow"]["ai_optimized"], body["workflow"]["description"]) == (True, True, "d")


async def test_the_full_form_is_created(api: AsyncClient):
    answer = await api.post(PATH, json={"definition": DEFINITION})
    assert answer.status_code == 201, answer.text
    assert answer.json()["workflow"]["definition"]["trigger"]["event"] == "pull_request_merged"
    assert answer.json()["workflow"]["definition"]["home"] == "web"


async def test_what_was_created_is_listed_and_shown(api: AsyncClient):
    id = await create(api)
    listed = (await api.get(PATH)).json()
    assert (listed["total_count"], listed["workflows"][0]["workflow_id"]) == (1, id)
    shown = (await api.get(f"{PATH}/{id}")).json()["workflow"]
    assert shown.keys() >= {*WORKFLOW_KEYS, "performance_metrics"}
    assert shown["performance_metrics"] == []


async def test_dates_are_iso(api: AsyncClient):
    await create(api)
    workflow = (await api.get(PATH)).json()["workflows"][0]
    assert workflow["created_at"] == "2026-03-04T12:00:00Z"
    assert workflow["ai_prediction"]["estimated_completion_time"].startswith("PT")


@pytest.mark.parametrize("missing", ["name", "trigger_service", "action_services"])
async def test_a_missing_field_is_named_in_the_seeds_words(api: AsyncClient, missing: str):
    answer = await api.post(PATH, json={key: value for key, value in SEED.items() if key != missing})
    assert answer.status_code == 400
    assert answer.json() == {"success": False, "error": f"Missing required field: {missing}"}


async def test_no_body_is_named_in_the_seeds_words(api: AsyncClient):
    answer = await api.post(PATH)
    assert answer.status_code == 400
    assert answer.json()["error"] == "No JSON data provided"


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"trigger_service": "githib"}, ["trigger_service"], "github"),
        ({"action_services": ["trello", "trelo"]}, ["action_services", 1], "trello"),
        ({"action_services": ["trello.create_crad"]}, ["action_services", 0], "create_card"),
        ({"action_services": "trello"}, ["action_services"], "list"),
        ({"name": 5}, ["name"], "must be text"),
    ],
)
async def test_what_is_not_known_is_refused_with_its_place_and_the_nearest_name(api: AsyncClient, change: dict, path: list, says: str):
    answer = await api.post(PATH, json={**SEED, **change})
    assert answer.status_code == 400
    problem = answer.json()["problems"][0]
    assert problem["path"] == path
    assert says in problem["message"]
    assert (await api.get(PATH)).json()["total_count"] == 0


async def test_an_invalid_definition_lists_every_problem(api: AsyncClient):
    steps = [{"action": "trello.create_crad", "with": {}}, {"action": "nowhere.at_all", "needs": ["ghost"]}]
    answer = await api.post(PATH, json={"definition": {**DEFINITION, "steps": steps}})
    assert answer.status_code == 400
    assert len(answer.json()["problems"]) >= 3
    assert (await api.get(PATH)).json()["total_count"] == 0


async def test_a_taken_name_is_a_conflict(api: AsyncClient):
    await create(api)
    answer = await api.post(PATH, json=SEED)
    assert answer.status_code == 409
    assert "Push flow" in answer.json()["error"]


async def test_a_service_without_a_connector_is_refused_with_that_reason(api: AsyncClient):
    answer = await api.post(PATH, json={**SEED, "action_services": ["asana"]})
    assert answer.status_code in (400, 422)
    assert "connector" in answer.text.lower()


async def test_the_same_key_creates_once(api: AsyncClient):
    first = await api.post(PATH, json=SEED, headers={"idempotency-key": "k1"})
    again = await api.post(PATH, json=SEED, headers={"idempotency-key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["workflow_id"] == again.json()["workflow_id"]
    assert (await api.get(PATH)).json()["total_count"] == 1


async def test_a_workflow_that_is_not_there_is_not_found(api: AsyncClient):
    for answer in (await api.get(f"{PATH}/wf_00000000"), await api.post(f"{PATH}/wf_00000000/execute", json={}), await api.get(f"{PATH}/wf_0/runs")):
        assert answer.status_code == 404
        assert answer.json() == {"success": False, "error": "Workflow not found"}


# --- execution ---------------------------------------------------------------------------------------------------------


async def test_an_execution_answers_with_every_steps_result(house: RestHouse, api: AsyncClient):
    id = await create(api)
    answer = await api.post(f"{PATH}/{id}/execute", json={"branch": "main"})
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert body["success"] is True
    assert body["workflow_id"] == id
    assert [(result["service"], result["success"]) for result in body["execution_results"]] == [("trello", True), ("chat", True)]
    assert body["execution_results"][0]["result"] == {"id": "1", "url": "https://example.org/1"}
    assert body["execution_results"][0].keys() == {"service", "success", "result", "timestamp"}
    assert [call.operation for call in house.world.asked] == ["create_card", "post_message"]


async def test_conditions_of_the_seed_compare_numbers_by_at_least(api: AsyncClient):
    id = await create(api, conditions={"branch": "main", "duration_min": 30})
    assert (await api.post(f"{PATH}/{id}/execute", json={"branch": "main", "duration_min": 45})).status_code == 200
    for data in ({"branch": "main", "duration_min": 29}, {"branch": "dev", "duration_min": 45}, {"branch": "main"}, {}):
        answer = await api.post(f"{PATH}/{id}/execute", json=data)
        assert answer.status_code == 409
        assert answer.json()["error"] == "Conditions not met"


async def test_a_failed_execution_is_no_200(house: RestHouse, api: AsyncClient):
    house.world.answers["chat.post_message"] = Rejected("The channel is archived.")
    answer = await api.post(f"{PATH}/{await create(api)}/execute", json={})
    body = answer.json()
    assert answer.status_code == 502
    assert body["success"] is False
    assert body["state"] == "failed"
    assert [result["success"] for result in body["execution_results"]] == [True, False]
    assert "archived" in body["execution_results"][1]["result"]["error"]


async def test_a_run_that_takes_long_is_accepted_and_goes_on():
    house = RestHouse(patience=0.05)
    gate = house.world.answers["trello.create_card"] = asyncio.Event()
    async with house.open() as api:
        answer = await api.post(f"{PATH}/{await create(api)}/execute", json={})
        assert answer.status_code == 202
        assert (answer.json()["state"], answer.json()["error"]) == ("running", None)
        gate.set()
        ended = await house.rest.ended(answer.json()["run"])
        assert ended is not None
        assert ended.state.value == "succeeded", ended.error


async def test_a_paused_workflow_is_not_executed(house: RestHouse, api: AsyncClient):
    id = await create(api)
    await house.rest.desk.do("pause_workflow", {"workflow": id}, house.rest.actor(), house.rest.where(), "k")
    answer = await api.post(f"{PATH}/{id}/execute", json={})
    assert (answer.status_code, answer.json()["error"]) == (409, "Workflow is disabled")
    assert (await api.get(f"{PATH}/{id}")).json()["workflow"]["enabled"] is False


async def test_the_same_key_executes_once(house: RestHouse, api: AsyncClient):
    id = await create(api)
    for _ in range(2):
        answer = await api.post(f"{PATH}/{id}/execute", json={}, headers={"idempotency-key": "k1"})
    assert answer.status_code == 409
    assert len(house.world.asked) == 2


@pytest.mark.parametrize(("body", "status"), [(b"[1]", 400), (b"{", 400), (b"\xff\xfe", 400), (b'{"n": NaN}', 400), (b"[" * 30_000, 400)])
async def test_an_event_that_is_no_object_is_refused(api: AsyncClient, body: bytes, status: int):
    answer = await api.post(f"{PATH}/{await create(api)}/execute", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["success"] is False


async def test_predictions_learn_from_runs_and_admit_what_they_do_not_know(house: RestHouse, api: AsyncClient):
    id = await create(api)
    before = (await api.get(f"{PATH}/{id}")).json()["workflow"]["ai_prediction"]
    assert (before["predicted_success_rate"], before["confidence_score"], before["samples"]) == (0.5, 0.0, 0)
    assert "not enough data (0 of 5" in before["risk_factors"][0]
    for _ in range(6):
        await api.post(f"{PATH}/{id}/execute", json={})
    after = (await api.get(f"{PATH}/{id}")).json()["workflow"]
    assert after["ai_prediction"]["predicted_success_rate"] == 0.8048
    assert after["ai_prediction"]["confidence_score"] > 0
    assert after["ai_prediction"]["risk_factors"] == []
    assert [each["success_rate"] for each in after["performance_metrics"]] == [1.0] * 6


# --- around ------------------------------------------------------------------------------------------------------------


async def test_analytics_count_a_run_as_successful_only_when_all_of_it_was(house: RestHouse, api: AsyncClient):
    id = await create(api)
    await api.post(f"{PATH}/{id}/execute", json={})
    house.world.answers["chat.post_message"] = Rejected("no")
    await api.post(f"{PATH}/{id}/execute", json={})
    analytics = (await api.get(f"{PATH}/analytics")).json()["analytics"]
    assert (analytics["total_workflows"], analytics["enabled_workflows"], analytics["ai_optimized_workflows"]) == (1, 1, 1)
    assert analytics["service_distribution"] == {"chat": 1, "github": 1, "trello": 1}
    assert analytics["performance_summary"] == {"total_executions": 2, "successful_executions": 1, "overall_success_rate": 50.0}


async def test_a_template_that_is_ready_can_be_sent_back_as_it_is(house: RestHouse, api: AsyncClient):
    house.world.answers["signalbox.health_report"] = {"text": "All is well."}
    templates = (await api.get(f"{PATH}/templates")).json()
    assert templates["total_templates"] == len(templates["templates"]) >= 4
    assert templates["templates"][0].keys() >= {"name", "description", "trigger_service", "action_services", "conditions", "ai_optimized"}
    for template in templates["templates"]:
        assert template["ready"], template["name"]
        answer = await api.post(PATH, json=template)
        assert answer.status_code == 201, answer.text
        assert answer.json()["workflow"]["conditions"] == template["conditions"]
        run = await api.post(f"{PATH}/{answer.json()['workflow_id']}/execute", json=template["conditions"])
        assert run.status_code == 200, run.text


async def test_runs_are_listed_newest_first_and_shown_with_every_fact(api: AsyncClient):
    id = await create(api)
    run = (await api.post(f"{PATH}/{id}/execute", json={"n": 1})).json()["run"]
    later = (await api.post(f"{PATH}/{id}/execute", json={"n": 2})).json()["run"]
    runs = (await api.get(f"{PATH}/{id}/runs")).json()
    assert {each["id"] for each in runs["runs"]} == {run, later}
    shown = (await api.get(f"/api/v2/runs/{run}")).json()
    assert shown["state"] == "succeeded"
    assert [(step["id"], step["state"], step["attempts"]) for step in shown["steps"]] == [("create_card", "succeeded", 1), ("post_message", "succeeded", 1)]
    assert shown["steps"][0]["output"] == {"id": "1", "url": "https://example.org/1"}
    assert [fact["seq"] for fact in shown["facts"]] == list(range(1, len(shown["facts"]) + 1))
    kinds = [fact["kind"] for fact in shown["facts"]]
    assert (kinds[0], kinds[-1]) == ("started", "finished")
    asked = [fact for fact in shown["facts"] if fact["kind"] == "asked"]
    assert all(fact["key"] and fact["attempt"] == 1 for fact in asked)


async def test_a_failed_run_is_retried_from_where_it_failed(house: RestHouse, api: AsyncClient):
    house.world.answers["chat.post_message"] = Rejected("archived")
    run = (await api.post(f"{PATH}/{await create(api)}/execute", json={})).json()["run"]
    del house.world.answers["chat.post_message"]
    answer = await api.post(f"/api/v2/runs/{run}/retry", json={"actor": "Ana"})
    assert answer.status_code == 200, answer.text
    ended = await house.rest.ended(run)
    assert ended is not None
    assert ended.state.value == "succeeded"
    assert [call.operation for call in house.world.asked] == ["create_card", "post_message", "post_message"]


async def test_a_running_run_is_cancelled():
    house = RestHouse(patience=0.05)
    gate = house.world.answers["trello.create_card"] = asyncio.Event()
    async with house.open() as api:
        run = (await api.post(f"{PATH}/{await create(api)}/execute", json={})).json()["run"]
        assert (await api.post(f"/api/v2/runs/{run}/cancel")).status_code == 200
        gate.set()
        ended = await house.rest.ended(run)
        assert ended is not None
        assert ended.state.value == "cancelled"


async def test_a_run_that_is_not_there_is_not_found(api: AsyncClient):
    for answer in (await api.get("/api/v2/runs/run_x"), await api.post("/api/v2/runs/run_x/cancel"), await api.post("/api/v2/runs/run_x/retry")):
        assert answer.status_code == 404


async def test_analytics_tell_of_a_time_what_was_saved_lost_and_not_declared(house: RestHouse, api: AsyncClient):
    id = await create(api)
    await api.post(f"{PATH}/{id}/execute", json={})
    period = (await api.get(f"{PATH}/analytics?window=P30D&workflow={id}")).json()["analytics"]["period"]
    assert (period["scope"], period["total"]["runs"], period["total"]["success_rate"]) == ("workflow", 1, 1.0)
    assert (period["total"]["time_saved"], period["workflows"][0]["workflow_id"]) == (None, id)
    assert "not declared (options.saves)" in period["notes"][0]
    assert {change["verdict"] for change in period["changes"]} == {"cannot be told"}


async def test_analytics_are_a_sheet_for_whoever_asks_for_one(house: RestHouse, api: AsyncClient):
    id = await create(api)
    await api.post(f"{PATH}/{id}/execute", json={})
    answer = await api.get(f"{PATH}/analytics?format=csv&calendar=year")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''analytics-20260101-")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["kind"], row["runs"], row["success_rate"], row["saved_seconds"]) for row in rows if row["kind"] == "workflow"] == [
        ("workflow", "1", "1.0", "")
    ]


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ("window=soon", 400, "“soon” is no duration"),
        ("window=P30Y", 400, "at most 366 days"),
        ("window=1s", 400, "5 minutes to 366 days"),
        ("calendar=decade", 400, "calendar"),
        ("window=P7D&calendar=week", 400, "Say either window or calendar"),
        ("service=github&team=ops", 400, "Say one of workflow, service and team"),
        ("format=xml", 400, "format"),
        ("team=ops", 404, "Nothing belongs to “ops”"),
        ("service=githup", 404, "There is no service “githup”"),
        ("workflow=wf_ffffffff", 404, "There is no workflow yet"),
    ],
)
async def test_what_analytics_cannot_tell_is_refused_in_a_sentence(api: AsyncClient, asked: str, status: int, says: str):
    answer = await api.get(f"{PATH}/analytics?{asked}")
    assert answer.status_code == status, answer.text
    assert says in answer.text
