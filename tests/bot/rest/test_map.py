"""The map by HTTP."""

from __future__ import annotations

import httpx2
import pytest

COMPOSE = b"services: {shop: {image: shop, depends_on: [db]}, db: {image: postgres}}"


async def test_a_catalogue_is_shown_taken_in_and_undone(api: httpx2.AsyncClient) -> None:
    shown = (await api.post("/api/v2/map/import?name=compose.yaml&preview=true", content=COMPOSE)).json()
    assert (shown["applied"], shown["form"], shown["lines"], shown["change_count"]) == (False, "compose", 1, 3)
    assert (await api.get("/api/v2/map")).json()["lines"] == []
    taken = (await api.post("/api/v2/map/import?name=compose.yaml", content=COMPOSE)).json()
    assert taken["applied"] is True
    whole = (await api.get("/api/v2/map")).json()
    assert [(line["from"], line["to"]) for line in whole["lines"]] == [("shop", "db")]
    graph = (await api.get("/api/v2/graph")).json()
    assert [one["id"] for one in graph["components"]] == ["db", "shop"]
    assert graph["evidence"][0]["because"][0]["origin"] == "compose.yaml"
    assert (await api.post("/api/v2/map/import/undo?name=compose.yaml")).status_code == 200
    assert (await api.get("/api/v2/map")).json()["lines"] == []


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"[" * 100_000, b"a: &a [*a]", b'{"a": ' * 50_000])
async def test_noise_is_refused_in_a_sentence(api: httpx2.AsyncClient, content: bytes) -> None:
    answer = await api.post("/api/v2/map/import?name=x", content=content)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.slow
async def test_a_million_lines_are_refused_whole(api: httpx2.AsyncClient) -> None:
    content = b"from,to\n" + b"".join(b"a%d,b\n" % number for number in range(1_000_000))
    answer = await api.post("/api/v2/map/import?name=big.csv", content=content)
    assert answer.status_code == 400
    assert "200,000" in str(answer.json())
    assert (await api.post("/api/v2/map/import?name=huge.csv", content=b"x" * (26 * 1024 * 1024))).status_code == 413


async def test_lines_are_said_and_taken_back(api: httpx2.AsyncClient) -> None:
    assert (await api.post("/api/v2/map/lines", json={"source": "shop", "target": "db"})).json()["text"].startswith("“shop” needs “db”")
    refused = await api.post("/api/v2/map/lines", json={"source": "shop", "target": "SHOP"})
    assert (refused.status_code, "itself" in refused.json()["error"]) == (422, True)
    assert (await api.delete("/api/v2/map/lines?source=shop&target=dbb")).status_code == 404
    assert (await api.delete("/api/v2/map/lines?source=shop&target=db")).status_code == 200
    assert (await api.get("/api/v2/map/export?form=dot")).text.startswith("digraph")


async def test_what_is_not_there_is_a_clear_answer(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/api/v2/map/suggestions")).json()["suggestions"] == []
    assert (await api.post("/api/v2/map/suggestions/sg_1/accept")).status_code == 404
    assert (await api.post("/api/v2/map/import/undo")).status_code == 404
    assert (await api.get("/api/v2/map/findings?about=nothing")).status_code == 404
    assert (await api.get("/api/v2/map/history?since=2026-11-01T00:00:00")).status_code == 400
    assert (await api.get("/api/v2/map/history?since=2026-11-01T00:00:00Z")).json()["changes"] == []
    assert (await api.get("/api/v2/map", headers={"authorization": "Bearer wrong"})).status_code == 401
