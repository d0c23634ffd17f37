"""One ask that is several requests, and several asks that are one: nothing is done twice, and each hears its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import pytest

from connectors._kit.shelf import Shelf, find_connectors
from engine.errors import Forbidden, NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Answer
from tests.connectors.contract_map import judged_by
from tests.connectors.made import Asked, Vendor
from tests.connectors.rig import SetClock, asgi, call

CONNECTORS = {connector.id: connector for connector in find_connectors()}


def shelf_of(service: str, answer: Callable[[Asked], Any], **environ: str) -> tuple[Shelf, Vendor]:
    vendor = Vendor(SetClock(), answer)
    settings = {**judged_by(service).environ, **environ}
    return Shelf.open(settings, clock=vendor.clock, transport=asgi(vendor), connectors=[CONNECTORS[service]]), vendor


# --- an invoice of Stripe's is three requests ----------------------------------------------------------------------------------


class Till:
    """What Stripe keeps of each key: the same key gets the same answer. ``loses``: the request whose first answer never arrives."""

    def __init__(self, loses: int) -> None:
        self.kept: dict[str, Any] = {}
        self.deeds: list[str] = []
        self.loses = loses

    def __call__(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        key = asked.headers["idempotency-key"]
        known = key in self.kept
        if not known:
            self.deeds.append(asked.path)
            total = 1990 if asked.path.endswith("finalize") else 0
            self.kept[key] = {"id": "in_1", "status": "open", "currency": "eur", "amount_due": total, "customer": "cus_1"}
        if not known and len(self.deeds) == self.loses:
            return 500, {}, {"error": {"message": "lost"}}
        return 200, {}, self.kept[key]


@pytest.mark.parametrize("loses", [1, 2, 3])
async def test_an_invoice_whose_answer_was_lost_on_the_way_is_written_once_when_it_is_asked_again(loses: int) -> None:
    till = Till(loses)
    shelf, _ = shelf_of("stripe", till)
    ask = call("stripe.create_invoice", {"customer": "cus_1", "amount": "19.90 EUR"})
    with pytest.raises(Transient):
        await shelf.perform(ask)
    answer = await shelf.perform(ask)
    assert isinstance(answer.output, dict)
    assert (answer.output["id"], answer.output["amount"]) == ("in_1", 19.9)
    assert till.deeds == ["/v1/invoices", "/v1/invoiceitems", "/v1/invoices/in_1/finalize"]


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({"amount": "19.90 EUR"}, ("1990", "eur")),
        ({"amount": "19.90"}, ("1990", "usd")),
        ({"amount": 500, "currency": "jpy"}, ("500", "jpy")),
        ({"amount": "€5"}, ("500", "eur")),
    ],
)
async def test_the_usual_currency_stands_in_only_where_none_is_said(said: Mapping[str, Any], counted: tuple[str, str]) -> None:
    seen: dict[str, str] = {}

    def till(asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        if asked.path == "/v1/invoiceitems":
            seen.update(parse_qsl(asked.raw.decode()))
        return 200, {}, {"id": "in_1", "currency": "eur"}

    shelf, _ = shelf_of("stripe", till, STRIPE_DEFAULT_CURRENCY="USD")
    await shelf.perform(call("stripe.create_invoice", {"customer": "cus_1", **said}))
    assert (seen["amount"], seen["currency"]) == counted


@pytest.mark.parametrize(("again", "word"), [("true", Transient), ("false", Unanswered)])
async def test_where_stripe_keeps_a_failure_for_the_key_nobody_asks_again_for_ever(again: str, word: type[SignalboxError]) -> None:
    shelf, _ = shelf_of("stripe", lambda asked: (500, {"stripe-should-retry": again}, {"error": {"message": "oops"}}))
    with pytest.raises(word):
        await shelf.perform(call("stripe.create_customer", {"email": "anna@acme.example"}))
    with pytest.raises(word):
        await shelf.perform(call("stripe.create_invoice", {"customer": "cus_1", "amount": "5 EUR"}))
    with pytest.raises(Transient):
        await shelf.perform(call("stripe.list_payments", {}))


# --- several new tickets of Zendesk's are one job --------------------------------------------------------------------------------


class Desk:
    def __init__(self) -> None:
        self.looks = 0
        self.tickets: list[Any] = []

    def __call__(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        if asked.path == "/api/v2/users/search":
            return 200, {}, {"users": []}
        if asked.path.endswith("/create_many"):
            self.tickets = asked.body["tickets"]
            return 200, {}, {"job_status": {"id": "j1", "status": "queued", "results": None}}
        if asked.path == "/api/v2/tickets":
            found = [{"id": 99, "subject": "lost", "status": "new"}] if asked.query.get("external_id") else []
            return 200, {}, {"tickets": [{**one, "external_id": asked.query["external_id"]} for one in found]}
        self.looks += 1
        if self.looks == 1:
            return 200, {}, {"job_status": {"id": "j1", "status": "working", "results": []}}
        results = [self._result(place, one) for place, one in enumerate(self.tickets) if one["subject"] != "lost"]
        return 200, {}, {"job_status": {"id": "j1", "status": "completed", "results": results}}

    @staticmethod
    def _result(place: int, one: Any) -> Any:
        if one["subject"] == "bad":
            return {"index": place, "error": "TicketCreateFailed", "details": "Subject: will not do"}
        return {"index": place, "id": 100 + place, "success": True, "action": "create"}


async def test_tickets_that_come_at_once_are_one_job_and_each_hears_its_own() -> None:
    desk = Desk()
    shelf, vendor = shelf_of("zendesk", desk)
    titles = ["one", "bad", "two", "nobody", "lost"]
    said = [{"title": title, **({"requester": "Nobody"} if title == "nobody" else {})} for title in titles]
    asks = [shelf.perform(call("zendesk.create_ticket", one, key=f"k{n}")) for n, one in enumerate(said)]
    one, bad, two, nobody, lost = await asyncio.gather(*asks, return_exceptions=True)
    assert [asked.path for asked in vendor.asked].count("/api/v2/tickets/create_many") == 1
    assert [of(one), of(two)] == [(100, "one"), (102, "two")]
    assert isinstance(bad, Rejected)
    assert "will not do" in str(bad)
    assert isinstance(nobody, NotFound)
    assert of(lost) == (99, "lost")  # the job did not tell of it, its mark did
    assert len({ticket["external_id"] for ticket in desk.tickets}) == 4


def of(answer: Answer | SignalboxError | BaseException) -> Any:
    assert isinstance(answer, Answer), answer
    assert isinstance(answer.output, dict)
    return answer.output["id"], answer.output["title"]


# --- which of two invoices -------------------------------------------------------------------------------------------------------


def books(asked: Asked) -> tuple[int, Mapping[str, str], Any]:
    if asked.method == "POST":
        number = asked.path.split("/")[-2]
        return 200, {}, {"Invoice": {"Id": number, "DocNumber": "n", "EmailStatus": "EmailSent"}}
    query = asked.query["query"]
    rows = [{"Id": "145", "DocNumber": "1037"}, {"Id": "1037", "DocNumber": "1040"}]
    field, _, value = query.partition(" where ")[2].partition(" maxresults")[0].partition(" = ")
    return 200, {}, {"QueryResponse": {"Invoice": [row for row in rows if row[field] == value.strip("'")]}}


@pytest.mark.parametrize(
    ("said", "sent"), [("#1037", "145"), ("id:1037", "1037"), ("1040", "1037"), ("https://q.example/app/invoice?txnId=145", "145")]
)
async def test_an_invoice_is_sent_by_its_number_its_id_or_its_link(said: str, sent: str) -> None:
    shelf, vendor = shelf_of("quickbooks", books)
    await shelf.perform(call("quickbooks.send_invoice", {"invoice": said}))
    assert vendor.asked[-1].path == f"/v3/company/realmId/invoice/{sent}/send"


async def test_a_number_that_is_one_invoices_number_and_anothers_id_sends_neither() -> None:
    shelf, vendor = shelf_of("quickbooks", books)
    with pytest.raises(Rejected, match="number of one invoice and the id of another"):
        await shelf.perform(call("quickbooks.send_invoice", {"invoice": "1037"}))
    assert all(asked.method == "GET" for asked in vendor.asked)


@pytest.mark.parametrize(
    ("lines", "why"), [("Support", "not clear"), ([{"description": "a"}], "not clear"), (["a: 5", "b: 6"], "come to 11.00")]
)
async def test_lines_that_do_not_say_what_they_cost_are_refused(lines: Any, why: str) -> None:
    shelf, vendor = shelf_of("quickbooks", books)
    with pytest.raises(Rejected, match=why):
        await shelf.perform(call("quickbooks.create_invoice", {"customer": "1", "lines": lines, "amount": 5}))
    assert vendor.asked == []


# --- deliveries of GitLab's that cannot be signed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "signature", "status"), [("s3cret", "", 202), ("wrong", "", 403), ("", "", 403), ("s3cret", "v1,AAAA", 403)]
)
async def test_an_unsigned_delivery_must_hold_the_secret_and_a_signed_one_is_judged_by_its_signature(
    shown: str, signature: str, status: int
) -> None:
    shelf, _ = shelf_of("gitlab", lambda asked: (200, {}, {}), GITLAB_WEBHOOK_SECRET="s3cret")
    headers = {"X-Gitlab-Token": shown} | (
        {"webhook-signature": signature, "webhook-id": "1", "webhook-timestamp": "1"} if signature else {}
    )
    body = b'{"object_kind": "issue", "object_attributes": {"action": "open", "iid": 3}}'
    if status == 403:
        with pytest.raises(Forbidden):
            await shelf.receive("gitlab", "", "POST", headers, body)
    else:
        assert (await shelf.receive("gitlab", "", "POST", headers, body)).status == status
