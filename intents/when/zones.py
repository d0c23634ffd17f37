"""Time zones by the names people use: "London time", "Pacific", "CET", "hour of Madrid", "Europe/Berlin"."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

COMMON = {
    "utc": "UTC", "gmt": "UTC", "zulu": "UTC", "z": "UTC",
    "london": "Europe/London", "uk": "Europe/London", "bst": "Europe/London", "british": "Europe/London",
    "cet": "Europe/Berlin", "cest": "Europe/Berlin", "german": "Europe/Berlin", "munich": "Europe/Berlin", "hamburg": "Europe/Berlin",
    "eet": "Europe/Helsinki", "eest": "Europe/Helsinki",
    "new york": "America/New_York", "nyc": "America/New_York", "ny": "America/New_York", "eastern": "America/New_York",
    "et": "America/New_York", "est": "America/New_York", "edt": "America/New_York", "boston": "America/New_York",
    "washington": "America/New_York", "miami": "America/New_York", "atlanta": "America/New_York",
    "central": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago", "texas": "America/Chicago", "austin": "America/Chicago",
    "dallas": "America/Chicago", "mountain": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pacific": "America/Los_Angeles", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles", "sf": "America/Los_Angeles", "seattle": "America/Los_Angeles", "la": "America/Los_Angeles",
    "california": "America/Los_Angeles", "los angeles": "America/Los_Angeles",
    "jst": "Asia/Tokyo", "japan": "Asia/Tokyo", "tokyo": "Asia/Tokyo", "sgt": "Asia/Singapore", "ist": "Asia/Kolkata", "india": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata", "bengaluru": "Asia/Kolkata", "beijing": "Asia/Shanghai",
    "china": "Asia/Shanghai", "shenzhen": "Asia/Shanghai", "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "sao paulo": "America/Sao_Paulo",
    "são paulo": "America/Sao_Paulo", "brasilia": "America/Sao_Paulo", "rio": "America/Sao_Paulo", "tel aviv": "Asia/Jerusalem",
    "geneva": "Europe/Zurich", "barcelona": "Europe/Madrid", "milan": "Europe/Rome", "lyon": "Europe/Paris", "porto": "Europe/Lisbon",
}  # fmt: skip

_IANA = r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?|UTC"
_NAME = r"[A-Za-zÀ-ÿ]+(?:\s[A-Z][A-Za-zÀ-ÿ]+)?"
_OFFSET = r"(?:UTC|GMT)\s?[+-]\d{1,2}(?::?00)?(?![\d:])"
_SHORT = "|".join(sorted((re.escape(name) for name in COMMON if len(name) > 2), key=len, reverse=True)) + "|ET|PT|NY|UK|SF|LA|Z"

FORMS = [
    re.compile(rf"\(?\b(?P<zone>{_OFFSET})\)?", re.IGNORECASE),
    re.compile(rf"\(?\b(?P<zone>{_IANA})\b(?:\s+time)?\)?"),
    re.compile(r"\(?(?<![\w/.:#@-])(?P<zone>[a-z]+/[a-z_]+(?:/[a-z_]+)?)\b(?![/.])(?:\s+time)?\)?"),
    re.compile(
        rf"\(?\b(?:(?:in|per|on)\s+)?(?:the\s+)?(?P<zone>[A-Z][\w.À-ÿ]*(?:\s[A-Z][\wÀ-ÿ]+)?"
        rf"|{_SHORT})(?:'s)?\s+(?:local\s+)?time(?:zone)?\b\)?"
    ),
    re.compile(
        r"(?P<zone>\b(?!(?:general|center|troll|easter|west|east|north|south)\b)[a-zà-ÿ]{3,}(?:\s[a-zà-ÿ]{3,})?)\s+(?:local\s+)?time(?:zone)?\b"
    ),
    re.compile(r"(?:(?<=\d)|(?<=[ap]m)|(?<=noon))\s*\((?P<zone>[A-Za-zÀ-ÿ]+(?:\s[A-Za-zÀ-ÿ]+)?)(?:\s+time)?\)", re.IGNORECASE),
    re.compile(rf"\(?\b(?:hour|time|zone|timezone)\s+(?:of|in)\s+(?P<zone>{_NAME})\)?", re.IGNORECASE),
]
AFTER_TIME = re.compile(rf"[\s,]*(?:\(|\bin\s+)?(?P<zone>{_SHORT}|[A-Z][a-zA-ZÀ-ÿ]+(?:\s[A-Z][a-zÀ-ÿ]+)?)\b\)?")


@cache
def _in_small_letters() -> dict[str, str]:
    """ "europe/vienna" → "Europe/Vienna"."""
    return {name.lower(): name for name in available_timezones() if name[:1].isupper()}


@cache
def _cities() -> dict[str, str]:
    """Last part of every IANA name, in lower case; made only when a name is not in the short list."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/")))
    return {name.rsplit("/", 1)[1].replace("_", " ").lower(): name for name in names}


@cache
def zone_named(name: str) -> str | None:
    """The IANA name behind a spoken one, or None."""
    plain = name.strip().strip("()").lower()
    offset = re.fullmatch(r"(?:utc|gmt)\s?([+-])(\d{1,2})(?::?00)?", plain)
    if offset is not None:
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}" if 0 < int(offset[2]) <= 12 else None
    if plain in COMMON:
        return COMMON[plain]
    if "/" in name:
        try:
            return ZoneInfo(name.strip()).key
        except (KeyError, ValueError, OSError):
            return _in_small_letters().get(plain)
    return _cities().get(plain)
