"""What people say of money becomes the smallest unit that payment services count, and back, or is refused; it is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._kit.money import decimals, from_minor, to_minor
from engine.errors import Rejected


@pytest.mark.parametrize(
    ("said", "currency", "minor"),
    [
        ("19.90 EUR", "", (1990, "EUR")),
        ("19,90", "eur", (1990, "EUR")),
        ("€1,234.50", "", (123450, "EUR")),
        ("1.234,50 EUR", "", (123450, "EUR")),
        ("1'234'567.8 CHF", "", (123456780, "CHF")),
        ("500 JPY", "", (500, "JPY")),
        ("12.340 KWD", "", (12340, "KWD")),
        ("$5", "usd", (500, "USD")),
        ("0.30000000000000004", "EUR", (30, "EUR")),
    ],
)
def test_an_amount_is_counted_in_the_smallest_unit_of_its_currency(said: str, currency: str, minor: tuple[int, str]) -> None:
    assert to_minor(said, currency) == minor


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("1.000 EUR", "two ways"),
        ("5.5 JPY", "finer"),
        ("12.3456 EUR", "finer"),
        ("$5", "no currency"),
        ("much", "not an amount"),
        ("1.,2 EUR", "not an amount"),
        ("-5 EUR", "not an amount"),
    ],
)
def test_what_is_no_price_or_could_be_two_is_refused_with_the_reason(said: str, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        to_minor(said)


def test_two_currencies_at_once_are_refused() -> None:
    with pytest.raises(Rejected, match="EUR and in USD"):
        to_minor("5 EUR", "usd")


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "USD", "JPY", "KWD"]))
def test_counted_and_said_again_it_is_the_same(minor: int, currency: str) -> None:
    amount = from_minor(minor, currency)
    assert to_minor(f"{amount:.{decimals(currency)}f}", currency) == (minor, currency)
