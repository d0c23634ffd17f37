"""Cards by their id, and the doctor, by HTTP."""

from __future__ import annotations

from httpx2 import AsyncClient

from tests.bot.rest.house import RestHouse
from tests.bot.rest.test_chat import SENTENCE, button


async def test_the_card_of_a_draft_is_had_by_its_id_in_its_newest_state(house: RestHouse, api: AsyncClient):
    card = (await api.post("/api/v2/chat", json={"text": SENTENCE})).json()["cards"][0]
    assert (await api.get(f"/api/v2/cards/{card['id']}")).json()["card"] == card
    await api.post("/api/v2/actions", json=button(card, "Cancel"))
    newest = (await api.get(f"/api/v2/cards/{card['id']}")).json()["card"]
    assert newest["actions"] == []
    assert newest["version"] == card["version"] + 1


async def test_a_card_nobody_knows_is_not_found(api: AsyncClient):
    for card in ("prv_nothing", "xyz", "run_1:approval", "dbt_1_0"):
        answer = await api.get(f"/api/v2/cards/{card}")
        assert (answer.status_code, answer.json()["success"]) == (404, False)


async def test_the_doctor_answers_in_findings(api: AsyncClient):
    answer = await api.get("/api/v2/doctor")
    assert answer.status_code == 200
    assert all(set(finding) == {"area", "level", "message", "advice"} for finding in answer.json()["findings"])
