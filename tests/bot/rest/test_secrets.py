"""Secrets over REST: put in, listed by name, forgotten; told to nobody."""

from __future__ import annotations

import pytest
from httpx2 import AsyncClient

from engine.runtime.safe import Safe
from tests.bot.rest.house import RestHouse


async def test_a_secret_is_kept_replaced_listed_by_name_and_forgotten(house: RestHouse, api: AsyncClient) -> None:
    safe = Safe(house.store.vault)
    for value in ("s3cr3t", "n3w3r"):
        answer = await api.put("/api/v2/secrets/token", json={"value": value})
        assert answer.json() == {"success": True, "secrets": ["token"]}
        assert await safe.value("token") == value
    assert (await api.get("/api/v2/secrets")).json()["secrets"] == ["token"]
    assert (await api.delete("/api/v2/secrets/token")).json()["secrets"] == []
    gone = await api.delete("/api/v2/secrets/token")
    assert (gone.status_code, gone.json()["error"]) == (404, "There is no secret “token”.")


async def test_who_did_it_is_in_the_audit_and_the_value_is_not(house: RestHouse, api: AsyncClient) -> None:
    await api.put("/api/v2/secrets/token", json={"value": "c4n4ry"})
    await api.delete("/api/v2/secrets/token")
    rows = await house.store.audit.list()
    assert [(row.verb, row.subject) for row in rows] == [("forget_secret", "secret:token"), ("set_secret", "secret:token")]
    assert "c4n4ry" not in repr(rows)


@pytest.mark.parametrize("body", [{}, {"value": 5}, {"value": ["c4n4ry"]}, {"value": "c4n4ry" * 9_999}, {"value": "abc"}])
async def test_a_value_that_cannot_be_kept_is_refused_without_being_repeated(api: AsyncClient, body: dict) -> None:
    answer = await api.put("/api/v2/secrets/token", json=body)
    assert answer.status_code in (400, 422)
    assert "c4n4ry" not in answer.text
    assert (await api.get("/api/v2/secrets")).json()["secrets"] == []


async def test_a_name_that_no_definition_can_say_is_refused(api: AsyncClient) -> None:
    answer = await api.put("/api/v2/secrets/a-b", json={"value": "s3cr3t"})
    assert answer.status_code == 422
    assert "cannot name a secret" in answer.json()["error"]
