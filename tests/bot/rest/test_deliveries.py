"""Deliveries ordered by REST."""

from __future__ import annotations

from httpx2 import AsyncClient

from tests.bot.rest.house import RestHouse

PATH = "/api/v2/deliveries"


async def test_deliveries_are_ordered_listed_and_ended(house: RestHouse, api: AsyncClient) -> None:
    ordered = await api.post(PATH, json={"service": "github", "target": "acme/web"})
    assert ordered.status_code == 200
    assert [(one["service"], one["account"], one["target"], one["trouble"]) for one in ordered.json()["orders"]] == [
        ("github", "default", "acme/web", "")
    ]
    assert (await api.get(PATH)).json()["orders"] == ordered.json()["orders"]
    ended = await api.post(f"{PATH}/end", json={"service": "github", "target": "acme/web"})
    assert (ended.status_code, ended.json()["orders"]) == (200, [])
    assert (await api.post(f"{PATH}/end", json={"service": "github"})).status_code == 404


async def test_what_a_sender_greeted_with_is_shown_to_the_holder_of_the_token_and_that_it_was_stands_in_the_audit(
    house: RestHouse, api: AsyncClient
) -> None:
    assert (await api.get(f"{PATH}/greeting/notion/default")).json()["token"] == "greeted-with-this"
    assert (await api.get(f"{PATH}/greeting/github/default")).status_code == 404
    rows = await house.store.audit.list(subject="account:notion:default")
    assert [(row.verb, row.detail) for row in rows] == [("show_greeting", "")]


async def test_what_is_not_said_and_what_is_unknown_is_refused_with_a_sentence(house: RestHouse, api: AsyncClient) -> None:
    for body, status in (({"service": "github"}, 422), ({"service": "nonsense", "target": "x"}, 404), ({"target": "x"}, 400)):
        answer = await api.post(PATH, json=body)
        assert answer.status_code == status
        assert answer.json()["error"]
    assert house.orders.kept == []
