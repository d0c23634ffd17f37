"""Amounts of money between what people say and what payment services count: the smallest unit of a currency. Pure.

A currency has two decimals but for those listed here, as Stripe's page on currencies lists them: the yen has none, the dinars of Kuwait or
Bahrain have three.
"""

from __future__ import annotations

import re
from decimal import Decimal

from engine.errors import Rejected

WITHOUT = frozenset(["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"])
THREE = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY"}  # $ is the sign of too many
SAID = re.compile(r"(?:(?P<before>[A-Za-z]{3}|[€£¥$])\s*)?(?P<number>\d[\d.,' ]*)(?:\s*(?P<after>[A-Za-z]{3}|[€£¥$]))?")
NOISE = Decimal("0.0001")  # of the smallest unit: what adding floats leaves behind


def decimals(currency: str) -> int:
    """How many a price in it has; two when it is not known better."""
    code = currency.upper()
    return 0 if code in WITHOUT else 3 if code in THREE else 2


def from_minor(value: float, currency: str) -> float | int:
    """``1990`` of ``eur`` → 19.9; ``500`` of ``jpy`` → 500."""
    places = decimals(currency)
    return value if places == 0 else float(Decimal(str(value)).scaleb(-places))


def to_minor(said: str, currency: str = "") -> tuple[int, str]:
    """``19.90 EUR``, ``€19,90`` or ``19.9`` with ``eur`` → (1990, "EUR"). Raises Rejected for what is no price, or could be read in two ways."""
    match = SAID.fullmatch(said.strip())
    if not match:
        raise Rejected(f"“{said}” is not an amount. Write it as 19.90 EUR.")
    code = _currency(said, match["before"] or "", match["after"] or "", currency)
    exact = _number(said, match["number"], decimals(code)).scaleb(decimals(code))
    whole = exact.to_integral_value()
    if abs(exact - whole) > NOISE:
        raise Rejected(f"“{said}” is finer than {code} is counted: it has {decimals(code)} decimals.")
    return int(whole), code


def _currency(said: str, before: str, after: str, given: str) -> str:
    written = {SIGNS.get(mark, mark.upper()) for mark in (before, after) if mark and mark != "$"}
    named = written | ({given.upper()} if given else set())
    if len(named) > 1:
        raise Rejected(f"“{said}” is said to be in {' and in '.join(sorted(named))}; say one currency.")
    if not named:
        raise Rejected(f"“{said}” has no currency. Say which, such as {said.strip(' $')} USD.")
    return named.pop()


def _number(said: str, written: str, places: int) -> Decimal:
    """Either sign may part thousands or decimals: the last one that does not part three digits is the decimal sign."""
    text = re.sub(r"[' ]", "", written)
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return Decimal(text)
    mark, tail = text[last], text[last + 1 :]
    whole = text[:last]
    if mark in whole or (len(tail) == 3 and mark == "," and places != 3):
        if not re.fullmatch(r"\d{1,3}([.,]\d{3})+", text):
            raise Rejected(f"“{said}” is not an amount. Write it as 1900.50 EUR.")
        return Decimal(re.sub(r"[.,]", "", text))
    if len(tail) == 3 and places != 3 and len(whole) <= 3:
        raise Rejected(f"“{said}” could be read in two ways. Write it without a sign between thousands, such as 1900.50 EUR.")
    if not re.fullmatch(r"\d+|\d{1,3}([.,]\d{3})+", whole):
        raise Rejected(f"“{said}” is not an amount. Write it as 1900.50 EUR.")
    return Decimal(f"{re.sub('[.,]', '', whole)}.{tail or '0'}")
