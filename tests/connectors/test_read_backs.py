"""A write whose answer was lost is found again by its mark or by what it made, told as if the answer had come, and never put twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from connectors._kit.performing import mark_of
from connectors._kit.shelf import Shelf, find_connectors
from engine.errors import Unanswered
from tests.connectors.contract_map import judged_by
from tests.connectors.made import Asked, Vendor
from tests.connectors.rig import NOW, SetClock, asgi, call

CONNECTORS = {connector.id: connector for connector in find_connectors()}
MADE = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
MARK = f"text\n\n<!-- signalbox {mark_of('example')} -->"
Answering = Callable[[Asked], Any]

CASES: tuple[tuple[str, Mapping[str, Any], Answering, Mapping[str, Any]], ...] = (
    (
        "gitlab.create_issue",
        {"project": "acme/web", "title": "t", "text": "text"},
        lambda asked: [{"id": 1, "iid": 17, "description": MARK, "created_at": MADE}],
        {"number": 17},
    ),
    (
        "gitlab.add_comment",
        {"issue": "acme/web#17", "text": "text"},
        lambda asked: [{"id": 5, "body": MARK, "created_at": MADE}],
        {"id": 5, "number": 17},
    ),
    (
        "gitlab.create_merge_request",
        {"project": "acme/web", "title": "t", "source": "a", "text": "text"},
        lambda asked: [{"id": 1, "iid": 8, "description": MARK, "created_at": MADE}],
        {"number": 8},
    ),
    (
        "gitlab.trigger_pipeline",
        {"project": "acme/web"},
        lambda asked: [{"id": 61, "ref": "main", "source": "api", "created_at": MADE, "status": "pending"}],
        {"id": 61},
    ),
    (
        "zendesk.add_comment",
        {"ticket": "35436", "text": "on  its way"},
        lambda asked: {"comments": [{"id": 1, "audit_id": 9, "body": "on its way", "public": True, "created_at": MADE}]},
        {"id": 9, "url": "https://acme.zendesk.com/agent/tickets/35436"},
    ),
    (
        "hubspot.create_deal",
        {"title": "Renewal", "stage": "1", "pipeline": "0"},
        lambda asked: {"results": [{"id": "901", "createdAt": MADE, "properties": {"dealname": "Renewal", "dealstage": "1"}}]},
        {"id": "901", "title": "Renewal"},
    ),
    (
        "hubspot.create_ticket",
        {"title": "White page", "status": "1", "pipeline": "0"},
        lambda asked: {"results": [{"id": "77", "createdAt": MADE, "properties": {"subject": "White page"}}]},
        {"id": "77"},
    ),
    (
        "hubspot.add_note",
        {"text": "2 < 3", "contact": "512"},
        lambda asked: {"results": [{"id": "3", "createdAt": MADE, "properties": {"hs_note_body": "2 &lt; 3"}}]},
        {"id": "3"},
    ),
    (
        "salesforce.create_record",
        {"object": "account", "title": "Acme"},
        lambda asked: {"records": [{"Id": "001a", "CreatedDate": "2026-11-23T09:00:00.000+0000"}]},
        {"id": "001a", "url": "https://acme.my.salesforce.com/lightning/r/Account/001a/view"},
    ),
    (
        "salesforce.add_task",
        {"title": "Call Anna"},
        lambda asked: {"records": [{"Id": "00Ta", "CreatedDate": "2026-11-23T09:00:00.000+0000"}]},
        {"id": "00Ta"},
    ),
)
NOTHING: Mapping[str, Any] = {"gitlab": [], "zendesk": {"comments": []}, "hubspot": {"results": []}, "salesforce": {"records": []}}


def is_write(asked: Asked) -> bool:
    return asked.method != "GET" and not asked.path.endswith("/search")


def shelf_of(service: str, answer: Answering, writes: int = 503) -> tuple[Shelf, Vendor]:
    vendor = Vendor(SetClock(), lambda asked: (writes, {}, {"message": "no"}) if is_write(asked) else (200, {}, answer(asked)))
    return Shelf.open(judged_by(service).environ, clock=vendor.clock, transport=asgi(vendor), connectors=[CONNECTORS[service]]), vendor


@pytest.mark.parametrize(("action", "said", "listed", "told"), CASES, ids=[case[0] for case in CASES])
async def test_a_lost_answer_is_found_and_told(action: str, said: Mapping[str, Any], listed: Answering, told: Mapping[str, Any]) -> None:
    shelf, vendor = shelf_of(action.partition(".")[0], listed)
    answer = await shelf.perform(call(action, said, asked_at=NOW))
    assert isinstance(answer.output, dict)
    assert {name: answer.output[name] for name in told} == told
    assert sum(map(is_write, vendor.asked)) == 1


@pytest.mark.parametrize(("action", "said", "listed", "told"), CASES, ids=[case[0] for case in CASES])
async def test_what_is_not_found_stays_in_doubt_and_is_not_put_again(
    action: str, said: Mapping[str, Any], listed: Answering, told: Mapping[str, Any]
) -> None:
    service = action.partition(".")[0]
    shelf, vendor = shelf_of(service, lambda asked: NOTHING[service])
    with pytest.raises(Unanswered):
        await shelf.perform(call(action, said, asked_at=NOW))
    assert sum(map(is_write, vendor.asked)) == 1


async def test_a_second_merge_request_that_gitlab_refuses_is_the_first_one() -> None:
    action, said, listed, told = CASES[2]
    shelf, _ = shelf_of("gitlab", listed, writes=409)
    answer = await shelf.perform(call(action, said, asked_at=NOW))
    assert isinstance(answer.output, dict)
    assert answer.output["number"] == told["number"]


async def test_where_there_is_a_field_for_it_salesforce_is_asked_by_the_mark() -> None:
    vendor = Vendor(SetClock(), lambda asked: (503, {}, {}) if is_write(asked) else (200, {}, CASES[8][2](asked)))
    settings = {**judged_by("salesforce").environ, "SALESFORCE_KEY_FIELD": "Signalbox_Key__c"}
    shelf = Shelf.open(settings, clock=vendor.clock, transport=asgi(vendor), connectors=[CONNECTORS["salesforce"]])
    await shelf.perform(call(CASES[8][0], CASES[8][1], asked_at=NOW))
    sent, looked = vendor.asked[0].body, vendor.asked[-1].query["q"]
    assert sent["Signalbox_Key__c"] == mark_of("example")
    assert f"Signalbox_Key__c = '{mark_of('example')}'" in looked
