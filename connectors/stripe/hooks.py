"""What Stripe's description cannot say: an invoice is several requests under keys of their own, and amounts are counted in the payment's currency."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.description import Request
from connectors._kit.money import SIGNS, from_minor, to_minor
from connectors._kit.picking import at
from engine.errors import Rejected
from engine.ports import Answer
from engine.workflow.durations import duration

PAYMENT = re.compile(r"(?:.*/)?(?P<id>(?P<kind>pi|ch|py)_\w+)(?:[/?#].*)?", re.ASCII)
MONTHS = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?P<rest>.*)")
DASHBOARD = "https://dashboard.stripe.com"
DAYS_TO_PAY = 30
PAGE = 100
MOST = 1_000
MOST_PAGES = 20

_KEYED = {"Idempotency-Key": "{part_key}"}
INVOICE = Request(
    method="POST",
    path="/v1/invoices",
    encoding="form",
    headers=_KEYED,
    body={
        "customer": "{customer_id}",
        "currency": "{code}",
        "collection_method": "send_invoice",
        "days_until_due": "{days}",
        "due_date": "{due|unix}",
        "description": "{description}",
        "auto_advance": "{send}",
        "pending_invoice_items_behavior": "exclude",
        "metadata": {"signalbox": "{mark}"},
    },
)
ITEM = Request(
    method="POST",
    path="/v1/invoiceitems",
    encoding="form",
    headers=_KEYED,
    body={"customer": "{customer_id}", "invoice": "{invoice}", "amount": "{minor}", "currency": "{code}", "description": "{description}"},
)
FINAL = Request(method="POST", path="/v1/invoices/{invoice}/finalize", encoding="form", headers=_KEYED, body={"auto_advance": "{send}"})
DRAFT = Request(method="GET", path="/v1/invoices/{invoice}")
CHARGES = Request(
    method="GET",
    path="/v1/charges",
    query={"customer": "{customer_id}", "created[gte]": "{since}", "limit": "{page}", "starting_after": "{after}"},
)


async def _invoice(ask: Ask, tools: Tools) -> Answer:
    """A draft, its one line, and its finalising: each under a key made of the ask's, so that what is asked again is done once."""
    said = dict(ask.arguments)
    minor, code = _counted(ask)
    scope = {**said, "minor": minor, "code": code.lower(), "days": None if said.get("due") else DAYS_TO_PAY, "mark": ask.call.key[:64]}
    draft = await _put(tools, INVOICE, scope, ask, "draft", "create_invoice")
    scope["invoice"] = draft["id"]
    await _put(tools, ITEM, scope, ask, "line", f"the line of the draft {draft['id']}")
    if said["finalize"]:
        done = await _put(tools, FINAL, scope, ask, "final", f"the finalising of the draft {draft['id']}")
    else:
        done = await tools.send(DRAFT, scope, doing=f"a look at the draft {draft['id']}")
    return Answer(_told(done))


def _told(invoice: Mapping[str, Any]) -> dict[str, Any]:
    currency = str(invoice.get("currency") or "")
    return {
        "id": invoice["id"],
        "invoice": invoice["id"],
        "number": invoice.get("number"),
        "url": invoice.get("hosted_invoice_url") or f"{DASHBOARD}/invoices/{invoice['id']}",
        "pdf": invoice.get("invoice_pdf"),
        "amount": from_minor(invoice.get("amount_due") or 0, currency),
        "currency": currency.upper(),
        "status": invoice.get("status"),
        "customer": invoice.get("customer"),
        "due": _moment(invoice.get("due_date")),
    }


def _moment(seconds: Any) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z") if isinstance(seconds, int) else None


async def _put(tools: Tools, request: Request, scope: Mapping[str, Any], ask: Ask, part: str, doing: str) -> Any:
    return await tools.send(request, {**scope, "part_key": f"{ask.call.key}:{part}"[-255:]}, doing=doing, may_repeat=True)


def _counted(ask: Ask) -> tuple[int, str]:
    """The amount in its smallest unit. The account's usual currency stands in only where neither the amount nor the ask names one."""
    amount, currency = ask.arguments["amount"], ask.arguments.get("currency", "")
    named = any(letter.isalpha() or letter in SIGNS for letter in amount)
    return to_minor(amount, "" if named and not ask.call.arguments.get("currency") else currency)


async def _priced(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """What the sandbox tells of an invoice in place of Stripe's own figures."""
    minor, code = _counted(ask)
    return {"price": from_minor(minor, code), "code": code}


async def _refund(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """The payment's own currency is asked for where only a part goes back: an amount without one means that, and another one is refused."""
    said = ask.arguments
    match = PAYMENT.fullmatch(said["payment"].strip())
    if not match:
        raise Rejected(f"“{said['payment']}” is no payment. Say its id (pi_… or ch_…) or its link; the list of payments shows both.")
    found = {"payment_intent" if match["kind"] == "pi" else "charge": match["id"]}
    if not said.get("amount"):
        return found
    if tools.credentials.account.mode != "live":  # the sandbox has no payment to ask: what was said is taken as it is
        minor, code = to_minor(said["amount"], tools.credentials.get("currency") or "EUR")
        return {**found, "minor": minor, "price": from_minor(minor, code)}
    path = f"/v1/{'payment_intents' if match['kind'] == 'pi' else 'charges'}/{quote(match['id'], safe='')}"
    payment = await tools.get(path, doing="a look at the payment")
    return {**found, "minor": to_minor(said["amount"], str(payment["currency"]))[0]}


async def _payments(ask: Ask, tools: Tools) -> Answer:
    """Charges, newest first. Stripe does not filter them by status, so pages are read until enough fit."""
    said = ask.arguments
    most = min(max(said["limit"], 1), MOST)
    scope = {
        **said,
        "since": _since(said["window"], tools.clock.now()) if said.get("window") else None,
        "page": PAGE if said.get("status") else min(most, PAGE),
    }
    fitting: list[Mapping[str, Any]] = []
    for _ in range(MOST_PAGES):
        page = await tools.send(CHARGES, scope, doing="list_payments")
        charges = page["data"]
        fitting += [charge for charge in charges if said.get("status", "") in ("", _status(charge))]
        if not page.get("has_more") or not charges or len(fitting) >= most:
            break
        scope["after"] = charges[-1]["id"]
    return Answer(_listed(fitting[:most]))


def _since(window: str, now: datetime) -> int:
    """The Unix second at which it began. A month counts 30 days, a year 365."""
    match = MONTHS.fullmatch(window.strip().upper())
    days = 365 * int(match["years"] or 0) + 30 * int(match["months"] or 0) if match else 0
    rest = (f"P{match['rest']}" if match["rest"] else "0") if match and days else window
    return int(now.timestamp() - days * 86_400 - duration(rest))


def _status(charge: Mapping[str, Any]) -> str:
    if charge.get("disputed"):
        return "disputed"
    return "refunded" if charge.get("refunded") else str(charge.get("status"))


def _listed(charges: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    currencies = sorted({str(charge["currency"]) for charge in charges})
    one = currencies[0] if len(currencies) == 1 else ""
    came = sum(_kept(charge) for charge in charges)
    return {
        "count": len(charges),
        "total": from_minor(came, one) if one else None if currencies else 0,
        "currency": one.upper() or None,
        "items": [_payment(charge) for charge in charges],
    }


def _kept(charge: Mapping[str, Any]) -> int:
    """What of it arrived and was not given back, in the smallest unit."""
    return int(charge["amount"]) - int(charge.get("amount_refunded") or 0) if charge.get("status") == "succeeded" else 0


def _payment(charge: Mapping[str, Any]) -> dict[str, Any]:
    currency = str(charge["currency"])
    return {
        "id": charge["id"],
        "payment": charge.get("payment_intent") or charge["id"],
        "amount": from_minor(charge["amount"], currency),
        "refunded": from_minor(charge.get("amount_refunded") or 0, currency),
        "currency": currency.upper(),
        "status": _status(charge),
        "customer": charge.get("customer"),
        "email": at(charge, "billing_details.email") or charge.get("receipt_email"),
        "description": charge.get("description"),
        "reason": charge.get("failure_message"),
        "created": _moment(charge.get("created")),
        "url": f"{DASHBOARD}/payments/{charge.get('payment_intent') or charge['id']}",
    }


CUSTOM = Custom(
    offline=True,
    prepare={"refund_payment": _refund, "create_invoice": _priced},
    perform={"create_invoice": _invoice, "list_payments": _payments},
)
