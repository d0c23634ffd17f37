"""Hosts that the value of an environment variable names; the value itself, which may hold a password, goes no further."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 2_000
# ${NAME:-default} and ${NAME-default}: without the file that sets NAME the default is all that is known.
_DEFAULT = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^${}]*)\}")
# Lengths are bounded, so that no value takes more than a moment.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://(?:[^\s/]{0,300}@)?(\[[0-9A-Fa-f:.]{2,45}\]|[^\s/:@,;?#\"'\]]{1,255})")
_FURTHER = re.compile(r"(?::[0-9]{1,5})?((?:,(?![A-Za-z0-9+.-]{1,20}://)[A-Za-z0-9][A-Za-z0-9._-]{0,254}(?::[0-9]{1,5})?){1,50})")
_LISTED = re.compile(r"(?<![^,@/])([A-Za-z0-9][A-Za-z0-9._-]*):[0-9]{1,5}(?![0-9])")
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# A bare word is only taken for a host where the variable's name says so: POSTGRES_DB=db names a database, not the service db.
_SAYS_HOST = re.compile(r"(?:HOSTS?|HOSTNAME|SERVERS?|ADDR|ADDRESS(?:ES)?|ENDPOINTS?|UR[LI]|BROKERS?|NODES|BOOTSTRAP|UPSTREAM|DSN)(?:$|_)")
_OWN = re.compile(r"^(?:ALLOWED|TRUSTED|NO|CORS|VIRTUAL|LETSENCRYPT)_")  # by what names it is called itself, not whom it calls


def hosts_in(name: str, value: str) -> Iterator[str]:
    """In lower case; some of them more than once. ``postgres://u:p@db:5432/x`` → db; ``kafka-1:9092,kafka-2:9092`` → both."""
    text = _DEFAULT.sub(lambda match: match[1], value[:LONGEST])
    for match in _URL.finditer(text):
        yield match[1].casefold()
        yield from _behind(text[match.end() :])
    for match in _LISTED.finditer(text):
        yield match[1].casefold()
    if _SAYS_HOST.search(name.upper()) and not _OWN.search(name.upper()):
        yield from (part.casefold() for part in re.split(r"[,;\s]+", text) if _BARE.fullmatch(part))


def _behind(rest: str) -> Iterator[str]:
    """Further hosts of an address with several: ``mongodb://a:27017,b:27017/x``."""
    several = _FURTHER.match(rest)
    if several:
        yield from (part.partition(":")[0].casefold() for part in several[1].split(",") if part)
