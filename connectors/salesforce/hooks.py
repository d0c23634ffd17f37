"""What Salesforce's description cannot say: objects and fields in people's words, queries put together safely, records named, and the poll."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.description import Request
from connectors._kit.performing import mark_of
from connectors._kit.picking import at
from engine.errors import NotFound, Rejected
from engine.ports import Answer
from engine.workflow.definition import Json

QUERY = Request(method="GET", path="/services/data/v59.0/query", query={"q": "{soql}"})
SEARCH = Request(method="GET", path="/services/data/v59.0/search", query={"q": "{sosl}"})
API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
LINK = re.compile(r"/(?:lightning/r/)?(?:(?P<object>[A-Za-z]\w*)/)?(?P<id>[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)(?:[/?#].*)?$", re.ASCII)
RESERVED = re.compile(r"""([?&|!{}\[\]()^~*:\\"'+-])""")
OBJECTS = {"001": "Account", "003": "Contact", "006": "Opportunity", "00Q": "Lead", "500": "Case", "701": "Campaign", "00T": "Task"}
WORDS = {
    **{name.lower(): name for name in OBJECTS.values()},
    "opp": "Opportunity",
    "deal": "Opportunity",
    "company": "Account",
    "customer": "Account",
    "ticket": "Case",
    "user": "User",
}
FIELDS = {
    "Lead": "Id, Name, Company, Email, Status, Country, Owner.Name",
    "Opportunity": "Id, Name, Amount, StageName, CloseDate, Account.Name, Owner.Name",
    "Account": "Id, Name, BillingCountry, Owner.Name",
    "Contact": "Id, Name, Email, Account.Name, MailingCountry, Owner.Name",
    "Case": "Id, CaseNumber, Subject, Status, SuppliedEmail, Account.Name, Owner.Name",
    "Campaign": "Id, Name, Status, Owner.Name",
    "Task": "Id, Subject, Status, Priority, ActivityDate, Owner.Name",
}
NAMED_BY = {"Case": "Subject", "Task": "Subject", "Event": "Subject"}
PEOPLE = ("Lead", "Contact")
MOST = 2_000
CLOSES_IN = timedelta(days=30)
CLOCKS = timedelta(seconds=90)
OVERLAP = timedelta(seconds=120)  # what is changed now may be seen a little later
REMEMBERED = 1_000
LOOKED_AT = 500  # records of an object at one look
KNOWN_FIELDS = {"stage": "StageName", "status": "Status", "amount": "Amount", "owner": "Owner.Name", "name": "Name"}


# --- words, quoting, names ---------------------------------------------------------------------------------------------


def sobject_of(said: str) -> str:
    """The API name of an object. Raises Rejected for what can be none."""
    text = said.strip()
    word = text.lower().removesuffix("ies") + "y" if text.lower().endswith("ies") else text.lower().removesuffix("s")
    known = WORDS.get(text.lower()) or WORDS.get(word)
    if known:
        return known
    if not API_NAME.fullmatch(text):
        raise Rejected(f"“{said}” is no object of Salesforce. Say lead, opportunity, account, contact or case, or the object's API name.")
    return text


def quoted(text: str) -> str:
    """A text as SOQL takes it: nothing in it can end the text."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f"'{escaped}'"


def like(words: str) -> str:
    """A pattern that finds the words anywhere; their own ``%`` and ``_`` mean themselves."""
    return "'%" + quoted(words)[1:-1].replace("%", "\\%").replace("_", "\\_") + "%'"


def select(fields: str, sobject: str, rules: Sequence[str] = (), *, order: str = "", most: int = MOST) -> str:
    """A query. ``sobject`` and ``fields`` are API names, and every value in ``rules`` went through ``quoted``."""
    where = ["WHERE", " AND ".join(rules)] if rules else []
    return " ".join(["SELECT", fields, "FROM", sobject, *where, *(["ORDER BY", order] if order else []), "LIMIT", str(most)])


def _name_field(sobject: str) -> str:
    return NAMED_BY.get(sobject, "Name")


async def _rows(tools: Tools, soql: str, doing: str) -> list[Mapping[str, Any]]:
    return list((await tools.send(QUERY, {"soql": soql}, doing=doing)).get("records") or [])


async def _user(tools: Tools, said: str) -> str:
    text = said.strip().removeprefix("@")
    if ID.fullmatch(text) and text.startswith("005"):
        return text
    same = " OR ".join(f"{field} = {quoted(text)}" for field in ("Name", "Email", "Username"))
    rows = await _rows(tools, select("Id, Name", "User", ["IsActive = true", f"({same})"], most=3), "a look-up of a colleague")
    return _only(rows, said, "user")


async def _account(tools: Tools, said: str) -> str:
    rows = await _rows(tools, select("Id, Name", "Account", [f"Name = {quoted(said.strip())}"], most=3), "a look-up of an account")
    return _only(rows, said, "account")


def _only(rows: Sequence[Mapping[str, Any]], said: str, what: str) -> str:
    if len(rows) > 1:
        raise Rejected(f"Salesforce has several {what}s called “{said}”: {', '.join(str(row['Id']) for row in rows)}. Say which by its id.")
    if not rows:
        raise NotFound(f"Salesforce has no {what} “{said}”, or the credential may not see it.")
    return str(rows[0]["Id"])


async def _record(tools: Tools, said: str, sobject: str) -> tuple[str, str]:
    """Object and id of a record by its id, its link or its name."""
    text = said.strip()
    link = LINK.search(text) if "://" in text else None
    number = link["id"] if link else text if ID.fullmatch(text) and text[:3] in OBJECTS else ""
    if not number and ID.fullmatch(text) and sobject and any(letter.isdigit() for letter in text[:5]):
        number = text
    if number:
        kind = sobject or (link["object"] if link else "") or OBJECTS.get(number[:3], "")
        if not kind:
            raise Rejected(f"“{said}” does not show what it is. Say the object too.")
        return kind, number
    if sobject:
        field = _name_field(sobject)
        soql = select(f"Id, {field}", sobject, [f"{field} = {quoted(text)}"], most=3)
        return sobject, _only(await _rows(tools, soql, "a look-up of the record"), said, sobject)
    returning = ", ".join(f"{kind}(Id, Name)" for kind in ("Lead", "Opportunity", "Account", "Contact"))
    sosl = f"FIND {{{RESERVED.sub(lambda found: chr(92) + found[1], text)}}} IN NAME FIELDS RETURNING {returning}"
    found = (await tools.send(SEARCH, {"sosl": sosl}, doing="a search for the record")).get("searchRecords") or []
    same = [row for row in found if str(row.get("Name", "")).casefold() == text.casefold()]
    number = _only(same, said, "record")
    return str(at(same[0], "attributes.type") or OBJECTS.get(number[:3], "")), number


# --- what is written ---------------------------------------------------------------------------------------------------


async def _new(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    sobject = sobject_of(said["object"])
    values = _said({**_named(sobject, said), **(await _common(tools, sobject, said)), **(said.get("fields") or {})})
    if sobject == "Opportunity":
        closes = tools.clock.now() + CLOSES_IN
        values = {"StageName": "Prospecting", "CloseDate": closes.date().isoformat(), **values}
    key_field = tools.credentials.get("key_field")
    if key_field and ask.call.operation == "create_record":
        values[key_field] = mark_of(ask.call.key)
    return {"sobject": sobject, "values": values}


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _named(sobject: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that hold the name: people have two, a case has a subject."""
    name = said.get("name") or said.get("title")
    if sobject in PEOPLE:
        first, _, last = (name or "").strip().rpartition(" ")
        names = {"FirstName": first or None, "LastName": last or None}
        return {**names, "Company": said.get("company")} if sobject == "Lead" else names
    return {_name_field(sobject): said.get("title") or said.get("name")}


async def _common(tools: Tools, sobject: str, said: Mapping[str, Any]) -> dict[str, Any]:
    of_account = sobject in ("Contact", "Opportunity", "Case") and said.get("company")
    return {
        "AccountId": await _account(tools, said["company"]) if of_account else None,
        "SuppliedEmail" if sobject == "Case" else "Email": said.get("email"),
        "Phone": said.get("phone"),
        "Amount": said.get("amount"),
        "StageName": said.get("stage"),
        "Status": said.get("status"),
        "Description": said.get("text"),
        "CloseDate": _day(said.get("due")) if sobject == "Opportunity" else None,
        "OwnerId": await _user(tools, said["owner"]) if said.get("owner") else None,
    }


def _day(moment: str | None) -> str | None:
    return moment[:10] if moment else None


async def _changed(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    sobject, number = await _record(tools, said["record"], sobject_of(said["object"]) if said.get("object") else "")
    values = {**(_named(sobject, said) if said.get("title") else {}), **(await _common(tools, sobject, said)), **(said.get("fields") or {})}
    return {"sobject": sobject, "record_id": number, "values": _said(values)}


async def _task(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    about: dict[str, Any] = {}
    if said.get("record"):
        sobject, number = await _record(tools, said["record"], "")
        about = {"WhoId" if sobject in PEOPLE else "WhatId": number}
    values = {
        "Subject": said["title"],
        "Description": said.get("text"),
        "Status": "Not Started",
        "Priority": said["priority"].capitalize(),
        "ActivityDate": _day(said.get("due")),
        "OwnerId": await _user(tools, said["assignee"]) if said.get("assignee") else None,
        **about,
    }
    key_field = tools.credentials.get("key_field")
    if key_field:
        values[key_field] = mark_of(ask.call.key)
    return {"sobject": "Task", "values": _said(values)}


async def _look(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """The query that finds what this ask made: by its mark where there is a field for it, else by name among what was made since."""
    made = await (_task if ask.call.operation == "add_task" else _new)(ask, tools)
    sobject, values, key_field = made["sobject"], made["values"], tools.credentials.get("key_field")
    asked = ask.call.asked_at or tools.clock.now() - timedelta(minutes=10)
    same = {key_field: values[key_field]} if key_field else {name: values[name] for name in _telling(sobject) if name in values}
    rules = [f"{name} = {quoted(str(value))}" for name, value in same.items()]
    rules.append(f"CreatedDate >= {(asked - CLOCKS).astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}")
    return {"look_soql": select("Id, CreatedDate", sobject, rules, order="CreatedDate DESC", most=100)}


def _telling(sobject: str) -> tuple[str, ...]:
    return ("FirstName", "LastName", "Company", "Email") if sobject in PEOPLE else (_name_field(sobject),)


# --- asking ------------------------------------------------------------------------------------------------------------


async def _query(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    most = min(max(said["limit"], 1), MOST)
    soql = said["soql"].strip().rstrip(";") if said.get("soql") else await _select(tools, said, most)
    rows = (await _rows(tools, soql, "query_records"))[:most]
    return Answer({"count": len(rows), "items": [_row(tools, row) for row in rows]})


async def _select(tools: Tools, said: Mapping[str, Any], most: int) -> str:
    sobject = sobject_of(said["object"])
    rules = []
    if said.get("query"):
        rules.append(f"{_name_field(sobject)} LIKE {like(said['query'])}")
    rules += [f"{field} = {quoted(said[name])}" for name, field in (("status", "Status"), ("stage", "StageName")) if said.get(name)]
    if said.get("owner"):
        rules.append(f"OwnerId = {quoted(await _user(tools, said['owner']))}")
    return select(_fields(sobject), sobject, rules, order="LastModifiedDate DESC", most=most)


def _fields(sobject: str) -> str:
    return FIELDS.get(sobject, "Id, Name")


def _row(tools: Tools, row: Mapping[str, Any]) -> dict[str, Any]:
    sobject, number = at(row, "attributes.type"), row.get("Id")
    return {
        "id": number,
        "record": number,
        "object": sobject,
        "title": row.get("Name") or row.get("Subject"),
        "amount": row.get("Amount"),
        "stage": row.get("StageName"),
        "status": row.get("Status"),
        "company": row.get("Company") or at(row, "Account.Name"),
        "email": row.get("Email") or row.get("SuppliedEmail"),
        "owner": at(row, "Owner.Name"),
        "url": _page(tools, sobject, number),
        "fields": {name: value for name, value in row.items() if name != "attributes"},
    }


def _page(tools: Tools, sobject: Any, number: Any) -> str | None:
    return f"{tools.credentials.get('base_url').rstrip('/')}/lightning/r/{sobject}/{number}/view" if number else None


# --- what happens over there -------------------------------------------------------------------------------------------


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """New and changed records of every watched object, from a little before the last look on; the first look tells nothing."""
    now = tools.clock.now().astimezone(UTC)
    asked = (datetime.fromtimestamp(_number(cursor, "at"), UTC) if cursor else now) - OVERLAP
    seen, known = [str(one) for one in _list(cursor, "seen")], dict(_known(cursor))
    items: list[dict[str, Any]] = []
    reached = now
    for sobject in [sobject_of(name) for name in tools.credentials.get("watched").split(",") if name.strip()]:
        stamp = asked.strftime("%Y-%m-%dT%H:%M:%SZ")
        fields = f"{_fields(sobject)}, CreatedDate, SystemModstamp"
        soql = select(fields, sobject, [f"SystemModstamp >= {stamp}"], order="SystemModstamp", most=LOOKED_AT)
        rows = await _rows(tools, soql, f"a look at what changed of {sobject}")
        if len(rows) >= LOOKED_AT:  # the rest is for the next look, which begins where this one ended
            reached = min(reached, max(_moment(rows[-1]["SystemModstamp"]), asked + timedelta(seconds=1)) + OVERLAP)
        for row in rows:
            sign = f"{row['Id']}@{row['SystemModstamp']}"
            values = {name: at(row, path) for name, path in KNOWN_FIELDS.items()}
            if sign not in seen:
                seen.append(sign)
                if cursor is not None:
                    is_new = row["Id"] not in known and _moment(row["CreatedDate"]) >= asked
                    items.append(_told(tools, sobject, row, is_new, known.get(str(row["Id"])), values, sign))
            known[str(row["Id"])] = values
    kept = dict(list(known.items())[-REMEMBERED:])
    return Told(items, {"at": reached.timestamp(), "seen": [*seen[-2 * REMEMBERED :]], "known": kept})


def _told(
    tools: Tools, sobject: str, row: Mapping[str, Any], is_new: bool, before: Any, values: Mapping[str, Any], sign: str
) -> dict[str, Any]:
    field = next((name for name, value in values.items() if isinstance(before, dict) and before.get(name) != value), None)
    return {
        "id": sign,
        "happened": "record_created" if is_new else "record_updated",
        "object": sobject,
        "record": dict(row),
        "field": None if is_new else field,
        "url": _page(tools, sobject, row["Id"]),
    }


def _list(cursor: Mapping[str, Json] | None, name: str) -> list[Json]:
    value = cursor.get(name) if cursor else None
    return value if isinstance(value, list) else []


def _known(cursor: Mapping[str, Json] | None) -> Mapping[str, Json]:
    value = cursor.get("known") if cursor else None
    return value if isinstance(value, dict) else {}


def _number(cursor: Mapping[str, Json], name: str) -> float:
    value = cursor.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


CUSTOM = Custom(
    prepare={"create_record": _new, "upsert_record": _new, "update_record": _changed, "add_task": _task},
    prepare_look={"create_record": _look, "add_task": _look},
    perform={"query_records": _query},
    poll={"records": _poll},
)
