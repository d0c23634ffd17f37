"""What QuickBooks' description cannot say: customers and invoices by name and number, lines, queries put together safely, events completed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.description import Request
from connectors._kit.nearest import did_you_mean
from connectors._kit.picking import at
from engine.errors import NotFound, Rejected, Transient
from engine.ports import Answer
from engine.workflow.definition import Json
from engine.workflow.durations import duration

COMPANY = "/v3/company/{setting_realm}"
QUERY = Request(method="GET", path=f"{COMPANY}/query", query={"query": "{query}"})
READ = Request(method="GET", path=f"{COMPANY}/{{kind}}/{{id}}")
CHANGES = Request(method="GET", path=f"{COMPANY}/cdc", query={"entities": "Invoice,Payment", "changedSince": "{since}"})
KINDS = {
    name.lower(): name
    for name in (
        *("Account", "Bill", "BillPayment", "Class", "CreditMemo", "Customer", "Deposit", "Employee", "Estimate", "Invoice", "Item"),
        *("JournalEntry", "Payment", "PaymentMethod", "Purchase", "PurchaseOrder", "RefundReceipt", "SalesReceipt", "Term", "Vendor"),
    )
}
NAMED_BY = {
    "Customer": "DisplayName",
    "Vendor": "DisplayName",
    "Employee": "DisplayName",
    "Item": "Name",
    "Account": "Name",
    "Class": "Name",
}
DUE = ("Invoice", "Bill")
OF_CUSTOMERS = ("Invoice", "Payment", "Estimate", "CreditMemo", "SalesReceipt", "RefundReceipt")
UNDATED = (*NAMED_BY, "Term", "PaymentMethod")
LINK = re.compile(r"[?&]txnId=(?P<id>\d+)", re.ASCII)
LINE = re.compile(r"(?P<description>.*\S)\s*[:=]\s*(?P<amount>\d+(?:\.\d+)?)\s*", re.DOTALL)
MONTHS = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?", re.ASCII)
MOST = 1_000
OVERLAP = timedelta(minutes=5)
REMEMBERED = 2_000
PAGES = {"Invoice": "invoice?txnId=", "Payment": "recvpayment?txnId=", "Customer": "customerdetail?nameId=", "Estimate": "estimate?txnId="}


# --- queries -----------------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A text as its query language takes it: nothing in it can end the text. Raises Rejected for what no name holds."""
    if any(ord(letter) < 32 for letter in text):
        raise Rejected("A line break or other invisible character cannot be looked for in QuickBooks.")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def select(kind: str, rules: Sequence[str], *, order: str = "", most: int = 10) -> str:
    """A query. ``kind`` is one of ``KINDS``, and every value in ``rules`` went through ``quoted``."""
    where = ["where", " and ".join(rules)] if rules else []
    return " ".join(["select * from", kind, *where, *(["orderby", order] if order else []), "maxresults", str(most)])


async def _rows(tools: Tools, kind: str, query: str, doing: str) -> list[Mapping[str, Any]]:
    return list(at(await tools.send(QUERY, {"query": query}, doing=doing), f"QueryResponse.{kind}") or [])


def _only(rows: Sequence[Mapping[str, Any]], said: str, what: str, name: str) -> Mapping[str, Any]:
    if len(rows) > 1:
        shown = ", ".join(f"{row.get(name)} (id:{row['Id']})" for row in rows[:5])
        raise Rejected(f"QuickBooks has several {what}s “{said}”: {shown}. Say which by its id.")
    if not rows:
        raise NotFound(f"QuickBooks has no {what} “{said}”.")
    return rows[0]


async def _customer(tools: Tools, said: str) -> str:
    text = said.strip()
    if text.removeprefix("id:").isdigit():
        return text.removeprefix("id:")
    field = "PrimaryEmailAddr" if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else "DisplayName"
    rows = await _rows(tools, "Customer", select("Customer", [f"{field} = {quoted(text)}"]), "a look-up of the customer")
    if not rows and field == "DisplayName":
        near = await _rows(
            tools, "Customer", select("Customer", [f"DisplayName like {quoted(f'{text[:3]}%')}"]), "a look-up of the customer"
        )
        names = [str(row.get("DisplayName")) for row in near]
        raise NotFound(f"QuickBooks has no customer “{said}”.{did_you_mean(text, names)}")
    return str(_only(rows, said, "customer", "DisplayName")["Id"])


async def _item(tools: Tools, said: str) -> str:
    async def load() -> Any:
        return _only(await _rows(tools, "Item", select("Item", [f"Name = {quoted(said)}"]), "a look-up of the item"), said, "item", "Name")[
            "Id"
        ]

    text = said.strip()
    return text if text.isdigit() else str(await tools.memory.recall(f"item {text.casefold()}", load, seconds=600.0))


# --- what is written ---------------------------------------------------------------------------------------------------


async def _new_customer(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    return {
        "display_name": (said.get("name") or said.get("company") or said["email"]).replace(":", " ").strip(),
        "mail": _in("Address", said.get("email")),
        "telephone": _in("FreeFormNumber", said.get("phone")),
    }


def _in(name: str, value: str | None) -> dict[str, str] | None:
    return {name: value} if value else None


async def _new_invoice(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    lines = _lines(said)
    usual = said.get("item") or "Services"
    items = {name: await _item(tools, name) for name in dict.fromkeys(line.get("item") or usual for line in lines)}
    return {
        "customer_id": await _customer(tools, said["customer"]),
        "line_list": [_line(line, items[line.get("item") or usual]) for line in lines],
        "code": _in("value", said.get("currency", "").upper()),
        "mail": _in("Address", said.get("email")),
        "message": _in("value", said.get("memo")),
    }


def _lines(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Each with ``description``, ``amount`` and perhaps ``quantity`` and ``item``. Raises Rejected for one that says no amount."""
    if not said.get("lines"):
        return [{"description": said.get("description"), "amount": said["amount"]}]
    given = said["lines"] if isinstance(said["lines"], list) else [said["lines"]]
    lines = [_read_line(one, place) for place, one in enumerate(given, 1)]
    total = sum(float(line["amount"]) for line in lines)
    if said.get("amount") is not None and abs(total - float(said["amount"])) > 0.005:
        raise Rejected(f"The lines come to {total:.2f}, but the amount is said to be {float(said['amount']):.2f}. Say one of them.")
    return lines


def _read_line(one: Any, place: int) -> Mapping[str, Any]:
    if isinstance(one, str) and (match := LINE.fullmatch(one)):
        return {"description": match["description"], "amount": float(match["amount"])}
    if isinstance(one, dict) and not set(one) - {"description", "amount", "quantity", "price", "item"}:
        price, quantity = one.get("price"), one.get("quantity", 1)
        amount = one.get("amount", price * quantity if _is_number(price) and _is_number(quantity) else None)
        if _is_number(amount) and _is_number(quantity) and quantity > 0:
            return {**one, "amount": round(float(amount), 6)}
    raise Rejected(f"Line {place} is not clear. Write it as “Support in November: 120.50”, or with description and amount.")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _line(line: Mapping[str, Any], item: str) -> dict[str, Any]:
    quantity = line.get("quantity")
    detail: dict[str, Any] = {"ItemRef": {"value": item}}
    if quantity is not None:
        detail |= {"Qty": quantity, "UnitPrice": round(float(line["amount"]) / float(quantity), 6)}
    made = {"Amount": line["amount"], "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return {**made, "Description": line["description"]} if line.get("description") else made


async def _sent(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """The one meant. A bare number may be an id or an invoice's own number: where two invoices fit, neither is sent."""
    text = ask.arguments["invoice"].strip()
    link = LINK.search(text)
    if link or text.startswith("id:"):
        number = link["id"] if link else text.removeprefix("id:").strip()
        if not number.isdigit():
            raise Rejected(f"“{text}” is no id of an invoice.")
        return {"invoice_id": number}
    rule = f"DocNumber = {quoted(text.removeprefix('#'))}"
    rows = await _rows(tools, "Invoice", select("Invoice", [rule]), "a look-up of the invoice")
    if text.isdigit():
        others = await _rows(tools, "Invoice", select("Invoice", [f"Id = {quoted(text)}"]), "a look-up of the invoice")
        both = {str(row["Id"]): row for row in (*rows, *others)}
        if len(both) > 1:
            raise Rejected(f"“{text}” is the number of one invoice and the id of another. Say #{text} for the number, or id:{text}.")
        rows = list(both.values())
    return {"invoice_id": str(_only(rows, text, "invoice", "DocNumber")["Id"])}


# --- asking ------------------------------------------------------------------------------------------------------------


async def _query(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    kind = _kind(said["object"])
    today = tools.clock.now().date().isoformat()
    rules = []
    if said.get("query"):
        rules.append(f"{NAMED_BY.get(kind, 'DocNumber')} like {quoted('%' + said['query'] + '%')}")
    if said.get("status"):
        if kind not in DUE:
            raise Rejected(f"Only invoices and bills are open, overdue or paid; {kind} is neither.")
        rules.append("Balance = '0'" if said["status"] == "paid" else "Balance > '0'")
        rules += [f"DueDate < {quoted(today)}"] if said["status"] == "overdue" else []
    if said.get("customer"):
        if kind not in OF_CUSTOMERS:
            raise Rejected(f"A {kind} is of no customer.")
        rules.append(f"CustomerRef = {quoted(await _customer(tools, said['customer']))}")
    if said.get("window"):
        rules.append(f"{'MetaData.CreateTime' if kind in UNDATED else 'TxnDate'} >= {quoted(_since(said['window'], tools.clock.now()))}")
    most = min(max(said["limit"], 1), MOST)
    order = "MetaData.LastUpdatedTime desc" if kind in UNDATED else "TxnDate desc"
    rows = await _rows(tools, kind, select(kind, rules, order=order, most=most), "query_records")
    return Answer({"count": len(rows), "items": [_row(tools, kind, row, today) for row in rows]})


def _kind(said: str) -> str:
    text = said.strip().lower().replace(" ", "").replace("_", "")
    singular = text[:-3] + "y" if text.endswith("ies") else text.removesuffix("es") if text.endswith("sses") else text.removesuffix("s")
    kind = KINDS.get(text) or KINDS.get(singular)
    if kind is None:
        raise Rejected(f"QuickBooks has no “{said}”.{did_you_mean(said, KINDS.values())}")
    return kind


def _since(window: str, now: datetime) -> str:
    """The day it began. A month counts 30 days, a year 365."""
    match = MONTHS.fullmatch(window.strip().upper())
    days = 365 * int(match["years"] or 0) + 30 * int(match["months"] or 0) if match else 0
    return (now - (timedelta(days=days) if days else timedelta(seconds=duration(window)))).date().isoformat()


def _status(kind: str, row: Mapping[str, Any], today: str) -> str | None:
    if kind not in DUE or not _is_number(row.get("Balance")):
        return None
    return "paid" if row["Balance"] == 0 else "overdue" if str(row.get("DueDate") or today) < today else "open"


def _row(tools: Tools, kind: str, row: Mapping[str, Any], today: str) -> dict[str, Any]:
    return {
        "id": row["Id"],
        "object": kind,
        "number": row.get("DocNumber"),
        "title": row.get(NAMED_BY.get(kind, "DocNumber")),
        "amount": row.get("TotalAmt", row.get("UnitPrice")),
        "balance": row.get("Balance"),
        "currency": at(row, "CurrencyRef.value"),
        "status": _status(kind, row, today),
        "customer": at(row, "CustomerRef.name"),
        "email": at(row, "BillEmail.Address") or at(row, "PrimaryEmailAddr.Address"),
        "date": row.get("TxnDate"),
        "due": row.get("DueDate"),
        "url": _page(tools, kind, row["Id"]),
        "fields": dict(row),
    }


def _page(tools: Tools, kind: str, number: Any) -> str | None:
    return f"{tools.credentials.get('site').rstrip('/')}/app/{PAGES[kind]}{number}" if kind in PAGES else None


# --- what happens over there -------------------------------------------------------------------------------------------


def _created(payload: Any, realm: str) -> list[tuple[str, str, str]]:
    """Kind, id and the event's own id of everything that was created in this company: of CloudEvents, and of the notifications before them."""
    found = []
    for event in payload if isinstance(payload, list) else []:
        _, kind, deed, *_ = (*str(at(event, "type")).split("."), "", "", "")
        if deed == "created" and str(at(event, "intuitaccountid")) == realm:
            found.append((kind, str(at(event, "intuitentityid")), str(at(event, "id"))))
    for note in (at(payload, "eventNotifications") or []) if isinstance(payload, dict) else []:
        for entity in at(note, "dataChangeEvent.entities") or []:
            if str(at(note, "realmId")) == realm and at(entity, "operation") == "Create":
                sign = f"{at(entity, 'name')}-{at(entity, 'id')}-{at(entity, 'lastUpdated')}"
                found.append((str(at(entity, "name")).lower(), str(at(entity, "id")), sign))
    return found


async def _unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    """Each new invoice and payment, asked for by its id; what is gone meanwhile tells nobody anything, nor does another company's."""
    told = []
    for kind, number, sign in _created(payload, tools.credentials.get("realm")):
        if kind in ("invoice", "payment") and number.isdigit():
            if tools.credentials.account.mode != "live":
                raise Transient("QuickBooks' events hold ids only, and it is not connected, so the rest cannot be asked for.")
            thing = await _read(tools, kind, number)
            if thing is not None:
                told.append({"event_id": sign, **await _completed(tools, kind.capitalize(), at(thing, kind.capitalize()))})
    return told


async def _read(tools: Tools, kind: str, number: str) -> Any:
    try:
        return await tools.send(READ, {"kind": kind, "id": number}, doing=f"a look at the {kind}")
    except NotFound:
        return None


async def _completed(tools: Tools, kind: str, thing: Mapping[str, Any]) -> dict[str, Any]:
    page = _page(tools, kind, thing["Id"])
    if kind == "Invoice":
        status = _status(kind, thing, tools.clock.now().date().isoformat())
        return {"happened": "invoice_created", "thing": thing, "status": status, "url": page}
    customer, linked = at(thing, "CustomerRef.value"), [one for line in thing.get("Line") or [] for one in line.get("LinkedTxn") or []]
    invoice = next((one.get("TxnId") for one in linked if one.get("TxnType") == "Invoice"), None)
    return {
        "happened": "payment_received",
        "thing": thing,
        "customer": await _read(tools, "customer", str(customer)) if customer else None,
        "invoice": await _read(tools, "invoice", str(invoice)) if invoice else None,
        "url": page,
    }


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """What was created since, from a little before the last look on; the first look tells nothing."""
    now = tools.clock.now().astimezone(UTC)
    begun = cursor.get("at") if cursor else None
    since = (datetime.fromtimestamp(float(begun), UTC) if isinstance(begun, int | float) else now) - OVERLAP
    seen = cursor.get("seen") if cursor else []
    known = [str(one) for one in seen] if isinstance(seen, list) else []
    answer = await tools.send(CHANGES, {"since": since.isoformat().replace("+00:00", "Z")}, doing="a look at what changed")
    items = []
    for part in at(answer, "CDCResponse.0.QueryResponse") or []:
        for kind in ("Invoice", "Payment"):
            for thing in part.get(kind) or []:
                sign = f"{kind}-{thing.get('Id')}"
                made = at(thing, "MetaData.CreateTime")
                if thing.get("status") == "Deleted" or sign in known or not made or datetime.fromisoformat(str(made)) < since:
                    continue
                known.append(sign)
                if cursor is not None:
                    items.append({"event_id": sign, **await _completed(tools, kind, thing)})
    return Told(items, {"at": now.timestamp(), "seen": [*known[-REMEMBERED:]]})


CUSTOM = Custom(
    prepare={"create_customer": _new_customer, "create_invoice": _new_invoice, "send_invoice": _sent},
    perform={"query_records": _query},
    unfold=_unfold,
    poll={"changes": _poll},
)
