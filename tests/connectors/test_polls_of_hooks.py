"""Vendors that only tell how things are now: what of it is new, moved or solved is worked out here, once each, and never of what was before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors._kit.feeds import Feeds
from connectors._kit.shelf import Shelf, find_connectors
from engine.ports import Poll
from engine.workflow.definition import Json
from tests.connectors.contract_map import judged_by
from tests.connectors.made import Asked, Vendor
from tests.connectors.rig import NOW, SetClock, asgi

CONNECTORS = {connector.id: connector for connector in find_connectors()}
World = Callable[[Asked], Any]


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Watch:
    """One poll of one service, asked again and again while its clock goes on."""

    def __init__(self, service: str, name: str, world: World, **environ: str) -> None:
        self.clock = SetClock(NOW)
        self.vendor = Vendor(self.clock, lambda asked: (200, {}, world(asked)))
        settings = {**judged_by(service).environ, **environ}
        shelf = Shelf.open(settings, clock=self.clock, transport=asgi(self.vendor), connectors=[CONNECTORS[service]])
        self._feeds = Feeds(shelf.places)
        self._poll = Poll(service=service, account="default", name=name, every=60.0, events=frozenset())
        self.cursor: Mapping[str, Json] | None = None

    async def look(self, after: float = 60.0) -> list[tuple[str, Mapping[str, Any]]]:
        """(event, fields) of everything new; asked twice from one place it must be the same."""
        self.clock.time += timedelta(seconds=after)
        polled = await self._feeds.poll(self._poll, self.cursor, ())
        again = await self._feeds.poll(self._poll, self.cursor, ())
        assert [one.id for one in polled.happenings] == [one.id for one in again.happenings]
        assert len({one.id for one in polled.happenings}) == len(polled.happenings)
        self.cursor = polled.cursor
        return [(one.event, one.data) for one in polled.happenings]


# --- Zendesk ---------------------------------------------------------------------------------------------------------------


def ticket(number: int, status: str, made: datetime) -> dict[str, Any]:
    return {
        "id": number, "subject": f"Ticket {number}", "status": status, "priority": "high", "type": None, "tags": [], "requester_id": 7,
        "assignee_id": None, "group_id": None, "created_at": stamp(made), "updated_at": stamp(made), "generated_timestamp": made.timestamp(),
    }  # fmt: skip


class HelpDesk:
    """The incremental export: every state a ticket was in, in their order."""

    def __init__(self) -> None:
        self.log: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Any:
        begun = int(asked.query.get("cursor", 0) or 0)
        old = [n for n, one in enumerate(self.log) if one["generated_timestamp"] < float(asked.query.get("start_time", 0))]
        found = self.log[max([begun, *(n + 1 for n in old)]) :]
        latest = {one["id"]: one for one in found}
        people = [{"id": 7, "name": "Anna Ekholm", "email": "anna@acme.example"}]
        return {"tickets": list(latest.values()), "users": people, "groups": [], "after_cursor": str(len(self.log)), "end_of_stream": True}


async def test_a_ticket_is_new_once_solved_once_and_changed_each_time() -> None:
    desk = HelpDesk()
    desk.log.append(ticket(1, "open", NOW - timedelta(days=3)))
    watch = Watch("zendesk", "tickets", desk)
    assert await watch.look() == []
    desk.log.append(ticket(2, "new", watch.clock.now()))
    [(event, told)] = await watch.look()
    assert (event, told["ticket"], told["requester"], told["url"]) == (
        "ticket_created", 2, "Anna Ekholm", "https://acme.zendesk.com/agent/tickets/2",
    )  # fmt: skip
    old = ticket(1, "solved", NOW - timedelta(days=3))
    desk.log += [{**old, "updated_at": stamp(watch.clock.now()), "generated_timestamp": watch.clock.now().timestamp()}]
    assert [event for event, _ in await watch.look()] == ["ticket_updated", "ticket_solved"]
    desk.log += [{**desk.log[-1], "tags": ["late"], "generated_timestamp": watch.clock.now().timestamp()}]
    assert [event for event, _ in await watch.look()] == ["ticket_updated"]
    desk.log += [{**desk.log[-1], "status": "open", "generated_timestamp": watch.clock.now().timestamp()}]
    await watch.look()
    desk.log += [{**desk.log[-1], "status": "solved", "generated_timestamp": watch.clock.now().timestamp()}]
    assert [event for event, _ in await watch.look()] == ["ticket_updated", "ticket_solved"]
    assert await watch.look() == []


# --- HubSpot ---------------------------------------------------------------------------------------------------------------


class Crm:
    """Searches, objects and pipelines; what is made lately is listed only after ``lag`` seconds."""

    def __init__(self) -> None:
        self.deals: dict[str, dict[str, Any]] = {}
        self.contacts: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()

    def __call__(self, asked: Asked) -> Any:
        if asked.path.startswith("/crm/v3/pipelines"):
            stages = [
                {"id": "one", "label": "Offered", "displayOrder": 0, "metadata": {"isClosed": "false", "probability": "0.5"}},
                {"id": "two", "label": "Won", "displayOrder": 1, "metadata": {"isClosed": "true", "probability": "1.0"}},
            ]
            return {"results": [{"id": "p", "label": "Sales", "displayOrder": 0, "stages": stages}]}
        among = self.deals if "/deals" in asked.path else self.contacts
        if asked.path.endswith("/search"):
            rule = asked.body["filterGroups"][0]["filters"][0]
            since = int(rule["value"]) / 1000
            found = [one for number, one in among.items() if number not in self.hidden and self._changed(one) >= since]
            found.sort(key=self._changed)
            begun = int(asked.body.get("after", 0))
            following = {"next": {"after": str(begun + 100)}} if begun + 100 < len(found) else {}
            return {"total": len(found), "results": found[begun : begun + 100], "paging": following}
        return among[asked.path.rpartition("/")[2]]

    @staticmethod
    def _changed(one: Mapping[str, Any]) -> float:
        return datetime.fromisoformat(one["updatedAt"]).timestamp()


def thing(number: str, made: datetime, **properties: str) -> dict[str, Any]:
    return {"id": number, "createdAt": stamp(made), "updatedAt": stamp(made), "properties": properties}


async def test_a_contact_that_is_searchable_late_is_told_once_all_the_same() -> None:
    crm = Crm()
    crm.contacts["1"] = thing("1", NOW, email="old@acme.example")
    watch = Watch("hubspot", "contacts", crm)
    assert await watch.look(after=5) == []
    crm.contacts["2"] = thing("2", watch.clock.now(), email="anna@acme.example", firstname="Anna", lastname="Ekholm")
    crm.hidden.add("2")
    assert await watch.look() == []
    crm.hidden.clear()
    [(event, told)] = await watch.look()
    assert (event, told["name"], told["email"]) == ("contact_created", "Anna Ekholm", "anna@acme.example")
    assert await watch.look() == []


async def test_more_contacts_than_one_look_takes_are_told_by_the_next_ones_each_once() -> None:
    crm = Crm()
    watch = Watch("hubspot", "contacts", crm)
    assert await watch.look(after=5) == []
    for number in range(700):
        crm.contacts[str(number)] = thing(str(number), watch.clock.now() + timedelta(seconds=number // 10), email=f"{number}@acme.example")
    told = [one["id"] for _ in range(4) for _, one in await watch.look()]
    assert sorted(told, key=int) == [str(number) for number in range(700)]


async def test_a_deal_is_new_and_moves_and_a_change_of_anything_else_tells_nothing() -> None:
    crm = Crm()
    watch = Watch("hubspot", "deals", crm)
    assert await watch.look() == []
    made = watch.clock.now()
    crm.deals["9"] = thing(
        "9", made, dealname="Renewal", amount="4800", dealstage="one", pipeline="p", hs_v2_date_entered_current_stage=stamp(made)
    )
    [(event, told)] = await watch.look()
    assert (event, told["stage"], told["amount"]) == ("deal_created", "Offered", 4800.0)
    crm.deals["9"] = {**crm.deals["9"], "updatedAt": stamp(watch.clock.now())}
    assert await watch.look() == []
    now = stamp(watch.clock.now())
    moved = {**crm.deals["9"]["properties"], "dealstage": "two", "hs_v2_date_entered_current_stage": now}
    history = {"dealstage": [{"value": "two"}, {"value": "one"}]}
    crm.deals["9"] = {**crm.deals["9"], "updatedAt": now, "properties": moved, "propertiesWithHistory": history}
    [(event, told)] = await watch.look()
    assert (event, told["from_stage"], told["stage"], told["won"]) == ("deal_stage_changed", "Offered", "Won", True)
    assert await watch.look() == []


# --- Salesforce ------------------------------------------------------------------------------------------------------------


class Org:
    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def put(self, number: str, kind: str, made: datetime, changed: datetime, **fields: Any) -> None:
        at = {"CreatedDate": made.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), "SystemModstamp": changed.strftime("%Y-%m-%dT%H:%M:%S.000+0000")}
        self.rows[number] = {"attributes": {"type": kind}, "Id": number, **fields, **at}

    def __call__(self, asked: Asked) -> Any:
        match = re.search(r"FROM (\w+) WHERE SystemModstamp >= (\S+) ORDER BY SystemModstamp LIMIT (\d+)$", asked.query["q"])
        assert match
        since = datetime.fromisoformat(match[2])
        found = [
            row
            for row in self.rows.values()
            if row["attributes"]["type"] == match[1] and datetime.fromisoformat(row["SystemModstamp"]) >= since
        ]
        found.sort(key=lambda row: str(row["SystemModstamp"]))
        return {"totalSize": len(found), "done": True, "records": found[: int(match[3])]}


async def test_records_of_every_watched_object_are_new_once_and_changed_each_time_with_what_changed() -> None:
    org = Org()
    org.put("006a", "Opportunity", NOW - timedelta(days=9), NOW, Name="Renewal", StageName="Offered")
    watch = Watch("salesforce", "records", org, SALESFORCE_WATCHED_OBJECTS="Lead, Opportunity")
    assert await watch.look(after=5) == []
    now = watch.clock.now()
    org.put("00Qa", "Lead", now, now, Name="Anna Ekholm", Company="Acme", Status="Open")
    org.put("006a", "Opportunity", NOW - timedelta(days=9), now, Name="Renewal", StageName="Closed Won")
    told = await watch.look()
    assert [(event, one["object"], one["title"]) for event, one in told] == [
        ("record_created", "Lead", "Anna Ekholm"),
        ("record_updated", "Opportunity", "Renewal"),
    ]
    assert told[1][1]["field"] == "stage"
    assert await watch.look() == []
    later = watch.clock.now()
    org.put("00Qa", "Lead", now, later, Name="Anna Ekholm", Company="Acme", Status="Working")
    assert [(event, one["field"]) for event, one in await watch.look()] == [("record_updated", "status")]


async def test_more_records_than_one_look_takes_are_told_by_the_next_ones_each_once() -> None:
    org = Org()
    watch = Watch("salesforce", "records", org, SALESFORCE_WATCHED_OBJECTS="Lead")
    assert await watch.look(after=5) == []
    for number in range(1200):
        made = watch.clock.now() + timedelta(seconds=number // 10)
        org.put(f"00Q{number:04}", "Lead", made, made, Name=f"Lead {number}", Company="Acme")
    told = [(event, one["id"]) for _ in range(5) for event, one in await watch.look()]
    assert sorted(told) == [("record_created", f"00Q{number:04}") for number in range(1200)]


# --- QuickBooks ------------------------------------------------------------------------------------------------------------


class Books:
    def __init__(self) -> None:
        self.invoices: list[dict[str, Any]] = []

    def put(self, number: str, made: datetime, **more: Any) -> None:
        self.invoices.append(
            {"Id": number, "DocNumber": f"10{number}", "TotalAmt": 5.0, "Balance": 5.0, "MetaData": {"CreateTime": stamp(made)}, **more}
        )

    def __call__(self, asked: Asked) -> Any:
        assert asked.path.endswith("/cdc")
        assert asked.query["entities"] == "Invoice,Payment"
        return {"CDCResponse": [{"QueryResponse": [{"Invoice": self.invoices}, {}]}], "time": "2026-11-23T01:00:00Z"}


async def test_a_new_invoice_is_told_once_and_an_old_one_that_changed_or_was_deleted_is_not() -> None:
    books = Books()
    books.put("1", NOW)
    watch = Watch("quickbooks", "changes", books)
    assert await watch.look(after=5) == []
    books.put("2", NOW - timedelta(days=30))
    books.put("3", watch.clock.now())
    books.invoices.append({"Id": "4", "status": "Deleted", "MetaData": {"CreateTime": stamp(watch.clock.now())}})
    assert [(event, told["number"], told["status"]) for event, told in await watch.look()] == [("invoice_created", "103", "open")]
    assert await watch.look() == []


# --- Stripe ----------------------------------------------------------------------------------------------------------------


class Events:
    """The newest first, and what is newer than one of them in pages of two."""

    def __init__(self) -> None:
        self.ids: list[str] = ["evt_0"]

    def __call__(self, asked: Asked) -> Any:
        place = self.ids.index(asked.query["ending_before"]) + 1 if "ending_before" in asked.query else len(self.ids) - 1
        page = self.ids[place : place + 2]
        charge = {"id": "ch_1", "amount": 1990, "amount_captured": 1990, "captured": True, "currency": "eur"}
        found = [{"id": one, "type": "charge.succeeded", "livemode": False, "data": {"object": charge}} for one in reversed(page)]
        return {"object": "list", "data": found, "has_more": place + 2 < len(self.ids)}


async def test_payments_are_read_on_from_the_newest_known_event_and_none_between_pages_is_missed() -> None:
    events = Events()
    watch = Watch("stripe", "events", events)
    assert await watch.look() == []
    events.ids += ["evt_1", "evt_2", "evt_3", "evt_4", "evt_5"]
    told = [await watch.look() for _ in range(4)]
    assert [len(some) for some in told] == [2, 2, 1, 0]
    assert told[0][0][1]["amount"] == 19.9


# --- GitLab ----------------------------------------------------------------------------------------------------------------


class Project:
    """Lists of one project, whatever is asked for; each kind of list knows its own moment."""

    def __init__(self) -> None:
        self.issues: list[Any] = []
        self.merge_requests: list[Any] = []
        self.pipelines: list[Any] = []
        self.events: list[Any] = []

    def __call__(self, asked: Asked) -> Any:
        assert asked.path.startswith("/api/v4/projects/acme/web/")
        found: list[Any] = getattr(self, asked.path.rpartition("/")[2])
        state = asked.query.get("state")
        return [one for one in found if state is None or one["state"] == state]


async def test_without_deliveries_a_project_is_asked_and_its_answers_read_like_them() -> None:
    project = Project()
    project.issues.append({"id": 1, "iid": 1, "title": "Old", "state": "opened", "created_at": stamp(NOW)})
    watch = Watch("gitlab", "project", project, GITLAB_DEFAULT_PROJECT="acme/web")
    assert await watch.look(after=5) == []
    now = stamp(watch.clock.now())
    anna = {"username": "anna", "name": "Anna Ekholm"}
    project.issues.append(
        {"id": 2, "iid": 2, "title": "Login is slow", "state": "opened", "created_at": now, "author": anna, "labels": ["bug"]}
    )
    project.merge_requests.append(
        {
            "id": 9,
            "iid": 8,
            "title": "Index",
            "state": "merged",
            "created_at": now,
            "merged_at": now,
            "author": anna,
            "merge_user": {"username": "ben"},
        }
    )
    project.pipelines.append({"id": 61, "iid": 21, "ref": "main", "status": "failed", "updated_at": now, "web_url": "https://x.example/61"})
    push = {
        "ref_type": "branch",
        "ref": "main",
        "action": "pushed",
        "commit_to": "da15" * 10,
        "commit_from": "9579" * 10,
        "commit_title": "Index",
    }
    project.events.append({"id": 5, "created_at": now, "author": anna, "push_data": {**push, "commit_count": 2}})
    project.events.append({"id": 6, "created_at": now, "author": anna, "push_data": {**push, "ref_type": "tag"}})
    told = await watch.look()
    assert [(event, one["project"], one["title"]) for event, one in told] == [
        ("issue_opened", "acme/web", "Login is slow"),
        ("merge_request_opened", "acme/web", "Index"),
        ("merge_request_merged", "acme/web", "Index"),
        ("pipeline_failed", "acme/web", None),
        ("push", "acme/web", "Index"),
    ]
    assert (told[0][1]["labels"], told[1][1]["author"], told[2][1]["merged_by"], told[4][1]["branch"]) == (["bug"], "anna", "ben", "main")
    assert await watch.look() == []
