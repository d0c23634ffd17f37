"""People, places and stages as they are said in help desks, shops and sales become the ids that are sent; what is not there is refused with what is near."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors._kit.shelf import Shelf, find_connectors
from engine.errors import NotFound, Rejected
from tests.connectors.contract_map import judged_by
from tests.connectors.made import Asked, Vendor
from tests.connectors.rig import SetClock, asgi, call

CONNECTORS = {connector.id: connector for connector in find_connectors()}


def shelf_of(service: str, answer: Callable[[Asked], Any], **environ: str) -> tuple[Shelf, Vendor]:
    vendor = Vendor(SetClock(), lambda asked: (200, {}, answer(asked)))
    settings = {**judged_by(service).environ, **environ}
    return Shelf.open(settings, clock=vendor.clock, transport=asgi(vendor), connectors=[CONNECTORS[service]]), vendor


# --- GitLab ----------------------------------------------------------------------------------------------------------------


def gitlab(asked: Asked) -> Any:
    if asked.path.endswith("/projects"):
        return [{"id": 4, "name": "Web", "path": "web", "path_with_namespace": "acme/web"}, {"id": 5, "name": "Webshop", "path": "shop"}]
    if asked.path.endswith("/users"):
        return [{"id": 18, "username": "anna", "name": "Anna Ekholm"}] if asked.query["username"] == "anna" else []
    if asked.path.endswith("/milestones"):
        return [{"id": 7, "title": "1.4"}]
    return {"id": 1, "iid": 2}


async def test_project_assignee_and_milestone_of_gitlab_are_said_by_name() -> None:
    shelf, vendor = shelf_of("gitlab", gitlab)
    await shelf.perform(call("gitlab.create_issue", {"project": "web", "title": "t", "assignee": "@anna", "milestone": "1.4"}))
    sent = vendor.asked[-1]
    assert sent.path == "/api/v4/projects/acme/web/issues"
    assert (sent.body["assignee_id"], sent.body["milestone_id"]) == (18, 7)


async def test_nobody_of_that_name_is_refused_and_nothing_is_written() -> None:
    shelf, vendor = shelf_of("gitlab", gitlab)
    with pytest.raises(NotFound, match="no user “@bob”"):
        await shelf.perform(call("gitlab.create_issue", {"project": "acme/web", "title": "t", "assignee": "@bob"}))
    assert all(asked.method == "GET" for asked in vendor.asked)


# --- Zendesk ---------------------------------------------------------------------------------------------------------------


def zendesk(asked: Asked) -> Any:
    if asked.path.endswith("/users/search"):
        people = [{"id": 1, "name": "Mia Berg", "email": "mia@acme.example"}, {"id": 2, "name": "Ben", "email": "b@a.example"}]
        return {"users": [*people, {"id": 3, "name": "Ben", "email": "b@b.example"}] if "Ben" in asked.query["query"] else people[:1]}
    if asked.path.endswith("/groups"):
        return {"groups": [{"id": 9, "name": "Support"}], "meta": {"has_more": False}}
    if asked.path.endswith("/create_or_update"):
        return {"user": {"id": 77}}
    return {"ticket": {"id": 5, "subject": "t"}}


async def test_agent_and_group_are_said_by_name_and_a_new_requester_is_made() -> None:
    shelf, vendor = shelf_of("zendesk", zendesk)
    said = {"title": "t", "assignee": "mia berg", "group": "support", "requester": "new.person@acme.example"}
    await shelf.perform(call("zendesk.create_ticket", said))
    ticket = vendor.asked[-1].body["ticket"]
    assert (ticket["assignee_id"], ticket["group_id"], ticket["requester_id"]) == (1, 9, 77)
    made = next(asked for asked in vendor.asked if asked.path.endswith("/create_or_update"))
    assert made.body == {"user": {"email": "new.person@acme.example", "name": "new.person"}}


async def test_two_people_of_one_name_are_never_guessed_between() -> None:
    shelf, _ = shelf_of("zendesk", zendesk)
    with pytest.raises(Rejected, match="2 people called"):
        await shelf.perform(call("zendesk.create_ticket", {"title": "t", "requester": "Ben"}))


# --- HubSpot ---------------------------------------------------------------------------------------------------------------


def hubspot(asked: Asked) -> Any:
    if asked.path == "/crm/v3/pipelines/deals":
        return {
            "results": [
                {"id": "b", "label": "Partners", "displayOrder": 1, "stages": [{"id": "b1", "label": "Won", "displayOrder": 0}]},
                {
                    "id": "a",
                    "label": "Sales",
                    "displayOrder": 0,
                    "stages": [{"id": "a2", "label": "Won", "displayOrder": 2}, {"id": "a1", "label": "Offered", "displayOrder": 1}],
                },
            ]
        }
    if asked.method == "GET":
        return {"id": "901", "properties": {"pipeline": "b"}}
    return {"id": "901", "properties": {}}


@pytest.mark.parametrize(
    ("action", "said", "sent"),
    [
        ("create_deal", {"title": "t"}, {"pipeline": "a", "dealstage": "a1"}),
        ("create_deal", {"title": "t", "stage": "won"}, {"pipeline": "a", "dealstage": "a2"}),
        ("create_deal", {"title": "t", "stage": "won", "pipeline": "partners"}, {"pipeline": "b", "dealstage": "b1"}),
        ("update_deal", {"deal": "901", "stage": "Won"}, {"dealstage": "b1"}),
        ("update_deal", {"deal": "901", "stage": "Won", "pipeline": "Sales"}, {"pipeline": "a", "dealstage": "a2"}),
        ("update_deal", {"deal": "901", "amount": 5}, {"amount": "5"}),
    ],
)
async def test_a_stage_is_that_of_the_deals_pipeline(action: str, said: dict[str, Any], sent: dict[str, str]) -> None:
    shelf, vendor = shelf_of("hubspot", hubspot)
    await shelf.perform(call(f"hubspot.{action}", said))
    properties = vendor.asked[-1].body["properties"]
    assert {name: value for name, value in properties.items() if name != "dealname"} == sent


async def test_a_stage_that_is_not_there_is_refused_with_the_nearest() -> None:
    shelf, _ = shelf_of("hubspot", hubspot)
    with pytest.raises(NotFound, match="Offered"):
        await shelf.perform(call("hubspot.create_deal", {"title": "t", "stage": "Ofered"}))


# --- Salesforce ------------------------------------------------------------------------------------------------------------


def salesforce(asked: Asked) -> Any:
    if asked.path.endswith("/search"):
        rows = [("Lead", "00Q1", "Anna Ekholm"), ("Contact", "0031", "Anna Ekholmsson")]
        return {"searchRecords": [{"attributes": {"type": kind}, "Id": number, "Name": name} for kind, number, name in rows]}
    if asked.path.endswith("/query"):
        return {"records": [{"Id": "0051", "Name": "Mia Berg"}] if "FROM User" in asked.query["q"] else [{"Id": "0011", "Name": "Acme"}]}
    return {"id": "00T1", "success": True, "errors": []}


async def test_a_task_is_about_whom_its_record_names_and_for_whom_it_says() -> None:
    shelf, vendor = shelf_of("salesforce", salesforce)
    await shelf.perform(call("salesforce.add_task", {"title": "Call", "record": "anna ekholm", "assignee": "mia@acme.example"}))
    assert vendor.asked[0].query["q"].startswith("FIND {anna ekholm} IN NAME FIELDS")
    assert (vendor.asked[-1].body["WhoId"], vendor.asked[-1].body["OwnerId"]) == ("00Q1", "0051")


async def test_an_opportunity_is_of_the_account_that_is_named_and_has_what_salesforce_wants_of_it() -> None:
    shelf, vendor = shelf_of("salesforce", salesforce)
    await shelf.perform(call("salesforce.create_record", {"object": "deal", "title": "Renewal", "company": "Acme", "amount": 4800}))
    assert vendor.asked[-1].path == "/services/data/v59.0/sobjects/Opportunity"
    assert vendor.asked[-1].body == {
        "StageName": "Prospecting", "CloseDate": "2026-12-23", "Name": "Renewal", "AccountId": "0011", "Amount": 4800,
    }  # fmt: skip


# --- Stripe ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["nothing", "cus_1", "https://dashboard.stripe.com/customers/cus_1"])
async def test_what_is_no_payment_is_not_refunded(said: str) -> None:
    shelf, vendor = shelf_of("stripe", lambda asked: {})
    with pytest.raises(Rejected, match="is no payment"):
        await shelf.perform(call("stripe.refund_payment", {"payment": said}))
    assert vendor.asked == []


async def test_a_part_in_another_currency_than_the_payments_is_not_refunded() -> None:
    shelf, vendor = shelf_of("stripe", lambda asked: {"id": "ch_1", "currency": "eur"})
    with pytest.raises(Rejected, match="EUR and in USD"):
        await shelf.perform(call("stripe.refund_payment", {"payment": "ch_1", "amount": "5 USD"}))
    assert [asked.method for asked in vendor.asked] == ["GET"]
