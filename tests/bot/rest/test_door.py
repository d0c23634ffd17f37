"""Who gets in, what every failure looks like, hooks, readiness, events and the description."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx2
import pytest
from httpx2 import AsyncClient

from bot.faces.face import FaceState
from bot.faces.http.limits import HEARD_OUT
from bot.faces.http.rates import REFUSED
from bot.faces.http.server import HttpServer
from engine.errors import Transient, Unanswered
from engine.events import WebMessageSaved
from tests.bot.rest.house import SEED, TOKEN, RestHouse

GUARDED = [
    ("GET", "/api/v2/deliveries"), ("POST", "/api/v2/deliveries"), ("POST", "/api/v2/deliveries/end"), ("GET", "/api/v2/deliveries/greeting/notion/default"), ("GET", "/api/v2/connections"),
    ("GET", "/api/v2/connections/github"),
    ("PUT", "/api/v2/connections/github/default"),
    ("DELETE", "/api/v2/connections/github/default"),
    ("POST", "/api/v2/connections/github/default/link"),
    ("GET", "/api/v2/ai-workflows"), ("POST", "/api/v2/ai-workflows"), ("GET", "/api/v2/ai-workflows/analytics"),
    ("GET", "/api/v2/ai-workflows/templates"), ("GET", "/api/v2/ai-workflows/wf_1"), ("POST", "/api/v2/ai-workflows/wf_1/execute"),
    ("GET", "/api/v2/ai-workflows/wf_1/runs"), ("GET", "/api/v2/monitoring/services"), ("GET", "/api/v2/monitoring/services/x"),
    ("GET", "/api/v2/monitoring/health"), ("GET", "/api/v2/monitoring/alerts"), ("GET", "/api/v2/monitoring/analytics"),
    ("POST", "/api/v2/monitoring/alerts/x/acknowledge"), ("POST", "/api/v2/monitoring/alerts/x/resolve"), ("POST", "/api/v2/chat"),
    ("POST", "/api/v2/monitoring/inbound/generic"), ("GET", "/api/v2/monitoring/maintenance"), ("POST", "/api/v2/monitoring/maintenance"),
    ("DELETE", "/api/v2/monitoring/maintenance/x"), ("GET", "/api/v2/monitoring/thresholds"), ("PUT", "/api/v2/monitoring/thresholds"),
    ("POST", "/api/v2/monitoring/measurements"), ("GET", "/api/v2/monitoring/series"), ("GET", "/api/v2/monitoring/series/x"), ("GET", "/api/v2/monitoring/export?service=x"),
    ("POST", "/api/v2/actions"), ("GET", "/api/v2/runs/x"),
    *(("POST", f"/api/v2/runs/x/{verb}") for verb in ("cancel", "retry", "pause", "resume", "skip", "settle", "look", "vote")),
    ("GET", "/api/v2/ai-workflows/wf_1/versions"), ("GET", "/api/v2/ai-workflows/wf_1/diff"), ("POST", "/api/v2/ai-workflows/wf_1/rollback"),
    ("POST", "/api/v2/rehearsals"), ("POST", "/api/v2/ai-workflows/wf_1/rehearse"), ("POST", "/api/v2/ai-workflows/wf_1/replay"),
    ("GET", "/api/v2/impact/x"), ("GET", "/api/v2/graph"), ("GET", "/api/v2/graph.png"), ("GET", "/api/v2/events"),
    ("GET", "/api/v2/cards/x"), ("GET", "/api/v2/doctor"), ("GET", "/api/v2/sandbox/faults"), ("POST", "/api/v2/sandbox/faults"), ("DELETE", "/api/v2/sandbox/faults"),
    ("POST", "/api/v2/files?name=a.txt"), ("GET", "/api/v2/files/x"), ("GET", "/api/v2/files/x/content"),
    *(("GET", f"/api/v2/map{path}") for path in ("", "/export", "/history", "/findings", "/suggestions")),
    *(("POST", f"/api/v2/map{path}") for path in ("/import", "/import/undo", "/lines", "/suggestions/x/accept", "/suggestions/x/reject")),
    ("DELETE", "/api/v2/map/lines"),
    ("GET", "/api/v2/secrets"), ("PUT", "/api/v2/secrets/x"), ("DELETE", "/api/v2/secrets/x"),
]  # fmt: skip
OPEN = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), *((m, "/api/v2/hooks/{service}/{account}") for m in ("GET", "POST", "HEAD"))}


def stranger(house: RestHouse, token: str = "") -> AsyncClient:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return AsyncClient(transport=httpx2.ASGITransport(house.app), base_url="http://127.0.0.1:8321", headers=headers)


async def test_without_the_token_nothing_is_told_or_done(house: RestHouse):
    async with stranger(house) as nobody:
        for method, path in GUARDED:
            answer = await nobody.request(method, path)
            assert (answer.status_code, answer.json()["success"]) == (401, False), path
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_every_endpoint_is_either_guarded_or_meant_to_be_open(api: AsyncClient):
    described = (await api.get("/openapi.json")).json()
    there = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    for method, path in there - OPEN:
        assert described["paths"][path][method.lower()]["security"] == [{"token": []}], (method, path)
    for method, path in there & OPEN:
        assert "security" not in described["paths"][path][method.lower()], (method, path)
    assert len(there - OPEN) == len(GUARDED)


async def test_anything_but_the_token_is_refused(house: RestHouse):
    async with stranger(house) as nobody:
        for given in ("Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer", f"Token {TOKEN}", TOKEN, "Bearer \u00e9"):
            answer = await nobody.get("/api/v2/graph", headers={"authorization": given.encode()})
            assert answer.status_code == 401, given


async def test_a_client_with_a_stale_token_locks_nobody_out(house: RestHouse):
    async with stranger(house, "stale") as nobody:
        assert {(await nobody.get("/api/v2/graph")).status_code for _ in range(30)} == {401}
        assert (await nobody.get("/api/v2/graph", headers={"authorization": f"Bearer {TOKEN}"})).status_code == 200


async def test_guessing_the_token_is_bounded_and_forgiven(house: RestHouse):
    async with stranger(house) as nobody:
        tried = [nobody.get("/api/v2/graph", headers={"authorization": f"Bearer guess-{number}"}) for number in range(12)]
        assert [(await each).status_code for each in tried] == [401] * 10 + [429] * 2
        blocked = await nobody.get("/api/v2/graph", headers={"authorization": f"Bearer {TOKEN}"})
        assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "60")
        await house.clock.pass_(61)
        assert (await nobody.get("/api/v2/graph", headers={"authorization": f"Bearer {TOKEN}"})).status_code == 200


async def test_a_name_in_the_body_brings_no_rights(house: RestHouse, api: AsyncClient):
    await api.post("/api/v2/ai-workflows", json={**SEED, "actor": "signalbox:signalbox"})
    assert (await house.store.workflows.list())[0].created_by == "rest:api"


# --- failures ----------------------------------------------------------------------------------------------------------


async def test_a_failure_is_a_problem_document_on_request(api: AsyncClient):
    answer = await api.get("/api/v2/ai-workflows/wf_0", headers={"accept": "application/problem+json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank", "title": "Not Found", "status": 404, "detail": "Workflow not found", "success": False, "error": "Workflow not found",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status", "retry"), [(Transient("busy", 7.2), 503, "8"), (Transient("busy"), 503, "5"), (Unanswered("lost"), 504, None)]
)
async def test_trouble_of_the_world_says_when_to_come_again(house: RestHouse, api: AsyncClient, error: Exception, status: int, retry: str | None):
    async def fail() -> None:
        raise error

    house.rest.desk.graph = fail
    answer = await api.get("/api/v2/graph")
    assert (answer.status_code, answer.headers.get("retry-after"), answer.json()["error"]) == (status, retry, str(error))


async def test_a_fault_of_ours_is_a_sentence_and_never_a_traceback(house: RestHouse, caplog: pytest.LogCaptureFixture):
    async def fail() -> None:
        raise ZeroDivisionError("secret detail")

    house.rest.desk.graph = fail
    transport = httpx2.ASGITransport(house.app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1", headers={"authorization": f"Bearer {TOKEN}"}) as api:
        answer = await api.get("/api/v2/graph")
    assert answer.status_code == 500
    assert answer.json()["success"] is False
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"{", "not valid JSON"), (b"", "No JSON data provided"), (b"[1]", "JSON object"), (b'"x"', "JSON object"), (b"\xff", ""), (b"[" * 20_000, "")],
)
async def test_a_body_that_is_no_json_object_is_a_bad_request(api: AsyncClient, body: bytes, says: str):
    answer = await api.post("/api/v2/ai-workflows", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert says in answer.json()["error"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
async def test_numbers_that_json_does_not_know_are_refused(house: RestHouse, api: AsyncClient, number: str):
    body = json.dumps({**SEED, "conditions": {"n": 0}}).replace('"n": 0', f'"n": {number}')
    answer = await api.post("/api/v2/ai-workflows", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert await house.store.workflows.list() == []


async def test_a_body_that_is_too_large_is_refused_and_not_kept(api: AsyncClient):
    answer = await api.post("/api/v2/chat", json={"text": "x" * 70_000})
    assert answer.status_code == 413
    assert "64 kB" in answer.json()["error"]


async def test_an_endless_body_is_heard_out_for_a_while_and_refused(api: AsyncClient):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 8192
            yield b"x" * 8192

    answer = await api.post("/api/v2/hooks/github/main", content=endless())
    assert answer.status_code == 413
    assert sent <= 128 * 1024 + HEARD_OUT + 2 * 8192


async def test_addresses_and_methods_that_are_none_are_answered_with_a_sentence(api: AsyncClient):
    missing, wrong = await api.get("/api/v2/nothing"), await api.put("/api/v2/chat")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert "/openapi.json" in missing.json()["error"]
    assert wrong.headers["allow"] == "POST"


# --- hooks -------------------------------------------------------------------------------------------------------------


async def test_a_signed_webhook_needs_no_token_and_is_taken_raw(house: RestHouse):
    async with stranger(house) as github:
        answer = await github.post("/api/v2/hooks/github/main", content=b'{"a":  1}', headers={"x-hub-signature-256": "good"})
    assert (answer.status_code, answer.content) == (202, b"")
    assert [(each.account, each.data["size"]) for each in house.happened] == [("main", 9)]


async def test_an_unsigned_webhook_is_refused_and_nothing_happens(house: RestHouse):
    async with stranger(house) as somebody:
        forged = await somebody.post("/api/v2/hooks/github/main", content=b"{}")
        unknown = await somebody.post("/api/v2/hooks/nonsense/main", content=b"{}")
    assert (forged.status_code, unknown.status_code) == (403, 404)
    assert house.happened == []


async def test_a_greeting_is_answered_with_what_the_vendor_wants_to_hear(house: RestHouse):
    async with stranger(house) as vendor:
        answer = await vendor.get("/api/v2/hooks/github/main")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "hello", "text/plain")


async def test_a_sender_that_is_refused_again_and_again_is_told_when_to_go_on(house: RestHouse):
    async with stranger(house) as somebody:
        answers = [await somebody.post("/api/v2/hooks/github/main", content=b"{}") for _ in range(REFUSED + 1)]
        other = await somebody.post("/api/v2/hooks/github/other", content=b"{}")
    assert [answers[0].status_code, answers[-2].status_code, answers[-1].status_code, other.status_code] == [403, 403, 429, 403]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


# --- readiness, events, description ------------------------------------------------------------------------------------


async def test_alive_needs_no_token(house: RestHouse):
    async with stranger(house) as prober:
        assert (await prober.get("/healthz")).status_code == 200


async def test_ready_names_each_part_and_fails_only_for_configured_ones(house: RestHouse, api: AsyncClient):
    ready = await api.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["parts"]["web"]["ready"] is True
    assert {"engine", "storage", "web"} <= ready.json()["parts"].keys()

    async def parts(*states: FaceState):
        return states

    house.rest.desk.parts = lambda: parts(FaceState("engine", True, True), FaceState("discord", False, False))
    assert (await api.get("/readyz")).status_code == 200
    house.rest.desk.parts = lambda: parts(FaceState("engine", True, True), FaceState("slack", True, False, "the token was revoked"))
    not_ready = await api.get("/readyz")
    assert not_ready.status_code == 503
    assert not_ready.json()["parts"]["slack"] == {"ready": False, "configured": True, "detail": "the token was revoked"}


async def test_events_are_streamed_as_they_happen_and_end_with_the_house(house: RestHouse):
    async with asyncio.timeout(8), house.open():
        server = HttpServer(house.app, "127.0.0.1", 0)
        await server.start()
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with AsyncClient(base_url=server.url, headers=headers) as api, api.stream("GET", "/api/v2/events") as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            while not house.rest.feed._listeners:
                await asyncio.sleep(0)
            now = house.clock.now()
            await house.store.ledger.record(WebMessageSaved("m0", "#ops", now, "A", "web:a", "psst", None, "web:ana"))
            await house.store.ledger.record(WebMessageSaved("m1", "#ops", now, "A", "web:a", "hello"))
            heard = [line async for line in _until(lines, "m1")]
            assert not any("m0" in line for line in heard)
            assert "event: message" in heard
            stopping = asyncio.create_task(server.stop())
            assert [line async for line in lines if line.startswith("event")] == []
        await stopping


async def _until(lines, text: str):
    async for line in lines:
        yield line
        if text in line:
            return


async def test_every_endpoint_is_explained_in_the_documentation(api: AsyncClient):
    page = (Path(__file__).parents[3] / "docs" / "reference" / "rest.md").read_text(encoding="utf-8")
    described = (await api.get("/openapi.json")).json()
    there = {f"`{method.upper()} {path}`" for path, methods in described["paths"].items() for method in methods}
    implied = {f"`{method} /api/v2/hooks/{{service}}/{{account}}`" for method in ("GET", "HEAD")}
    assert {endpoint for endpoint in there - implied if endpoint not in page} == set()


async def test_the_description_is_openapi_3_1_whole_and_with_every_answer_typed(api: AsyncClient):
    described = (await api.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert not any(path.startswith("/web") or path in ("/", "/login") for path in described["paths"])
    names = described["components"]["schemas"].keys()
    references = {part.split('"')[0] for part in json.dumps(described).split("#/components/schemas/")[1:]}
    assert references <= names
    assert "HTTPValidationError" not in names
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description") or operation.get("summary"), path
            content = next(answer for status, answer in operation["responses"].items() if status[0] == "2").get("content", {})
            schema = content.get("application/json", {}).get("schema")
            bare = {"image/png", "text/event-stream", "application/octet-stream", "text/plain", "text/csv", "application/x-ndjson"} & set(content)
            assert schema or path.startswith("/api/v2/hooks") or bare, (method, path)
            if method != "get" and not path.startswith("/api/v2/hooks"):
                assert "401" in operation["responses"], path
