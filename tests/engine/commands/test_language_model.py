"""What the language model may be used for is changed by admins only, is shown to everybody, and is counted beyond a restart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from engine.commands.command import Done
from engine.commands.house import House
from engine.commands.registry import from_arguments
from engine.errors import Forbidden, Rejected
from engine.parties import Role
from engine.resilience.spending import KIND, WORKFLOWS, ModelFacts, added, leave_of
from engine.runtime.model_book import HouseModelBook
from tests.engine.commands.hall import BOB, Hall


async def set_up() -> ModelFacts:
    return ModelFacts(host="127.0.0.1", model="qwen", per_day=1000, mode="tool", hits=1, misses=3, trouble="It slept.")


async def asked(house: House, hall: Hall, **arguments: object) -> str:
    result = (await from_arguments("language_model", arguments).handle(house, hall.asking())).result
    assert isinstance(result, Done)
    return result.text


async def test_it_is_off_until_an_admin_turns_it_on_and_the_change_stands_in_the_audit(hall: Hall) -> None:
    house = replace(hall.house, language=set_up)
    face = hall.asking().where.face
    assert f"off for “{face}”" in await asked(house, hall)
    assert f"on for “{face}”" in await asked(house, hall, switch="on")
    assert "off for “discord”" in await asked(house, hall, workspace="discord")
    assert await hall.audited(f"model:{face}") == [("Ada", "language_model", "done")]
    assert f"off for “{face}”" in await asked(house, hall, switch="off")


async def test_the_limit_and_what_is_left_are_shown(hall: Hall) -> None:
    house = replace(hall.house, language=set_up)
    face = hall.asking().where.face
    book = HouseModelBook(house.store, house.clock, per_day=1000)
    await book.count(face, 300, 1)
    text = await asked(house, hall, tokens=500)
    assert "300 of 500 tokens used in 1 request, 200 left" in text
    assert "qwen at 127.0.0.1" in text
    assert "1 of 4" in text
    assert "It slept." in text
    assert "off for" in text  # a limit turns nothing on


async def test_whoever_is_no_admin_may_look_and_not_change(hall: Hall) -> None:
    house = replace(hall.house, language=set_up)
    other = hall.asking(BOB)
    await hall.admin()
    await from_arguments("language_model", {}).handle(house, other)
    with pytest.raises(Forbidden, match=Role.ADMIN.value):
        await from_arguments("language_model", {"switch": "on"}).handle(house, other)
    assert await house.store.policies.of(KIND) == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"workspace": "slak"}, "slack"),
        ({"switch": "maybe"}, "on or off"),
        ({"tokens": -1}, "tokens a day"),
        ({"tokens": 10**12}, "tokens a day"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_can(hall: Hall, arguments: dict[str, object], why: str) -> None:
    with pytest.raises(Rejected, match=why):
        await asked(replace(hall.house, language=set_up), hall, **arguments)


async def test_without_a_model_the_answer_says_how_to_get_one(hall: Hall) -> None:
    assert "OPENAI_BASE_URL" in await asked(hall.house, hall)
    with pytest.raises(Rejected, match="OPENAI_BASE_URL"):
        await asked(hall.house, hall, switch="on")


async def test_tokens_that_are_counted_at_once_are_all_counted(hall: Hall) -> None:
    book = HouseModelBook(hall.house.store, hall.house.clock, per_day=1000)
    await asyncio.gather(*(book.count("slack", 10, 1) for _ in range(5)))
    again = HouseModelBook(hall.house.store, hall.house.clock, per_day=1000)  # as after a restart
    leave = await again.leave("slack")
    assert (leave.on, leave.used, leave.asked, leave.left) == (False, 50, 5, 950)
    await again.keep("model:way:x", {"mode": "tool"})
    assert await book.recall("model:way:x") == {"mode": "tool"}
    await again.keep("model:way:x", None)
    assert await book.recall("model:way:x") is None


def test_a_new_day_begins_at_nothing_and_strange_records_count_as_none() -> None:
    today = date(2026, 11, 23)
    yesterday = added(None, 70, 1, today.replace(day=today.day - 1))
    assert leave_of("slack", {"on": True}, yesterday, per_day=9, today=today).used == 0
    assert added(yesterday, 5, 1, today)["tokens"] == 5
    assert added({"day": today.isoformat(), "tokens": "x"}, -5, 0, today)["tokens"] == 0
    strange = leave_of("slack", {"on": "yes", "tokens": "many"}, {"day": today.isoformat(), "tokens": None}, per_day=9, today=today)
    assert (strange.on, strange.limit, strange.used) == (False, 9, 0)
    assert leave_of(WORKFLOWS, None, None, per_day=9, today=today).on
