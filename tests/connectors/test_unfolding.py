"""One delivery may hold many events, or only say that something changed: each is told by its own name, and nothing is acknowledged half read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors._kit.custom import Custom, Delivered, Tools
from engine.errors import Rejected, Transient
from tests.connectors.desk_rig import DeskRig

BATCHED = {"header": "X-Sig", "each": "", "each_id": "eventId"}
COMPACT = {
    "header": "X-Sig",
    "each": "events",
    "fetch": [
        {
            "values": {"gid": "resource.gid"},
            "request": {"method": "GET", "path": "/tasks/{gid}"},
            "into": "task",
            "where": {"resource.resource_type": "task"},
        }
    ],
}
TOLD = {
    "changed": {"title": "Changed", "match": [{"where": {"kind": "changed"}}], "fields": {"name": {"take": "task.name"}}},
    "renamed": {"title": "Renamed", "match": [{"where": {"kind": "changed", "field": "name"}}], "fields": {"name": {"take": "task.name"}}},
}


def task(gid: str, **more: Any) -> dict[str, Any]:
    return {"kind": "changed", "resource": {"gid": gid, "resource_type": "task"}, **more}


async def test_the_items_of_a_batch_are_events_by_their_own_ids_however_the_sender_packs_them_again() -> None:
    house = DeskRig(BATCHED)
    first = await house.deliver([{"eventId": 1, "n": "a"}, {"eventId": 2, "n": "b"}])
    again = await house.deliver([{"eventId": 2, "n": "b"}, {"eventId": 3, "n": "c"}])
    assert [(h.id, h.data["n"]) for h in first.happenings] == [("1", "a"), ("2", "b")]
    assert [h.id for h in again.happenings] == ["2", "3"]


async def test_items_without_ids_are_told_apart_by_their_places_in_the_delivery() -> None:
    house = DeskRig({"header": "X-Sig", "each": "events"})
    ids = [h.id for h in (await house.deliver({"events": [{"n": 1}, {"n": 1}]})).happenings]
    assert len(set(ids)) == 2
    assert ids == [h.id for h in (await house.deliver({"events": [{"n": 1}, {"n": 1}]})).happenings]


async def test_a_list_of_lists_is_one_list_and_an_empty_one_is_acknowledged() -> None:
    house = DeskRig({"header": "X-Sig", "each": "notifications[].entities"})
    reply = await house.deliver({"notifications": [{"entities": [{"n": 1}, {"n": 2}]}, {"entities": [{"n": 3}]}, {}]})
    assert [h.data["n"] for h in reply.happenings] == [1, 2, 3]
    empties: list[Any] = [{}, {"notifications": []}, {"notifications": None}, [], None]
    for empty in empties:
        assert (await house.deliver(empty)).status == 202


async def test_one_delivery_may_be_several_events_each_with_an_id_of_its_own() -> None:
    house = DeskRig({**COMPACT, "fetch": []}, TOLD)
    reply = await house.deliver({"events": [task("7", field="name", task={"name": "Ship"})]})
    assert [h.event for h in reply.happenings] == ["changed", "renamed"]
    assert len({h.id for h in reply.happenings}) == 2


async def test_a_compact_delivery_is_completed_before_it_is_told() -> None:
    house = DeskRig(COMPACT, TOLD, answers={"/tasks/7": {"name": "Ship it"}})
    reply = await house.deliver({"events": [task("7"), {"kind": "changed", "resource": {"gid": "8", "resource_type": "story"}}]})
    assert [h.data for h in reply.happenings] == [{"name": "Ship it"}, {"name": None}]
    assert house.tools.asked == ["/tasks/7"]


async def test_what_is_gone_meanwhile_is_told_without_the_rest() -> None:
    house = DeskRig(COMPACT, TOLD)
    assert [h.data for h in (await house.deliver({"events": [task("7")]})).happenings] == [{"name": None}]


@pytest.mark.parametrize("trouble", [Transient("Acme is down.", 7.0), Rejected("Check ACME_TOKEN.")])
async def test_what_cannot_be_completed_is_not_acknowledged_and_comes_again(trouble: Any) -> None:
    house = DeskRig(COMPACT, TOLD, answers={"/tasks/7": trouble})
    with pytest.raises(Transient, match=str(trouble)) as raised:
        await house.deliver({"events": [task("7")]})
    assert raised.value.retry_after == (7.0 if isinstance(trouble, Transient) else None)
    house.tools.answers["/tasks/7"] = {"name": "Ship it"}
    assert (await house.deliver({"events": [task("7")]})).happenings[0].data == {"name": "Ship it"}


async def test_an_account_that_is_not_connected_cannot_complete_and_says_so() -> None:
    house = DeskRig(COMPACT, TOLD)
    house.tools.credentials.account = replace(house.tools.credentials.account, mode="off")
    with pytest.raises(Transient, match="not connected"):
        await house.deliver({"events": [task("7")]})


async def test_a_delivery_that_says_nothing_is_unfolded_by_hooks_into_what_changed() -> None:
    async def unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
        return [{"n": f"{payload['account']}/{delivered.account}/{number}", "rev": number} for number in (1, 2)]

    house = DeskRig({"header": "X-Sig", "each_id": "rev"}, custom=Custom(unfold=unfold))
    reply = await house.deliver({"account": "dbid:1"})
    assert [(h.id, h.data["n"]) for h in reply.happenings] == [("1", "dbid:1/default/1"), ("2", "dbid:1/default/2")]


async def test_hooks_that_fail_leave_the_delivery_to_be_sent_again() -> None:
    async def unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
        raise KeyError("cursor")

    with pytest.raises(Transient, match="the log tells more"):
        await DeskRig({"header": "X-Sig"}, custom=Custom(unfold=unfold)).deliver({})


async def test_more_events_than_anybody_sends_at_once_are_refused() -> None:
    with pytest.raises(Transient, match="1001 events"):
        await DeskRig(BATCHED).deliver([{"eventId": n} for n in range(1001)])


async def test_a_delivery_that_says_everything_in_its_headers_needs_no_body() -> None:
    said = {
        "changed": {"title": "Changed", "match": [{"headers": {"X-Goog-Resource-State": "exists", "X-Goog-Channel-ID": "*"}}], "fields": {}}
    }
    house = DeskRig({"scheme": "token", "header": "X-Goog-Channel-Token", "id_header": "X-Goog-Channel-ID,X-Goog-Message-Number"}, said)
    shown = {"X-Goog-Resource-State": "exists", "X-Goog-Channel-ID": "c1", "X-Goog-Message-Number": "17"}
    assert [h.id for h in (await house.deliver(b"", headers=shown)).happenings] == ["c1:17"]
    assert not (await house.deliver(b"", headers={**shown, "X-Goog-Resource-State": "sync"})).happenings
