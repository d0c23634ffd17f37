"""Weekdays, months, ordinals and feasts by name."""

from __future__ import annotations

import re

WEEKDAYS = {
    "mon": 0, "monday": 0, "tue": 1, "tues": 1, "tuesday": 1, "wed": 2, "weds": 2, "wednesday": 2, "thu": 3, "thur": 3, "thurs": 3,
    "thursday": 3, "fri": 4, "friday": 4, "sat": 5, "saturday": 5, "sun": 6, "sunday": 6,
}  # fmt: skip
RRULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)

MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6, "july": 7,
    "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10, "oct": 10, "november": 11, "nov": 11,
    "december": 12, "dec": 12,
}  # fmt: skip

ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "last": -1, "final": -1,
    "penultimate": -2, "second to last": -2, "second-to-last": -2,
}  # fmt: skip

FEASTS = {
    "christmas eve": (12, 24), "xmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "xmas": (12, 25), "boxing day": (12, 26),
    "new year's eve": (12, 31), "new years eve": (12, 31), "new year's day": (1, 1), "new years day": (1, 1), "new year": (1, 1),
    "valentine's day": (2, 14), "valentines day": (2, 14), "halloween": (10, 31), "may day": (5, 1), "april fools": (4, 1),
}  # fmt: skip


def one_of(names: dict[str, int] | dict[str, tuple[int, int]]) -> str:
    return "(?:" + "|".join(sorted((re.escape(name) for name in names), key=len, reverse=True)) + ")"


WEEKDAY = one_of(WEEKDAYS)
MONTH = one_of(MONTHS)
ORDINAL = one_of(ORDINALS)
FEAST = one_of(FEASTS)


def weekday_of(word: str) -> int:
    plain = word.lower()
    return WEEKDAYS.get(plain, WEEKDAYS.get(plain.rstrip("s"), 0))
