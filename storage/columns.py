"""The types that carry our values in and out of a database, and how a value becomes a row.

Instants are microseconds since 1970 UTC in an integer: exact, small, sortable, the same on every database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import Enum
from json import JSONEncoder, loads
from operator import attrgetter
from typing import Any
from zlib import compress, decompress
from zlib import error as ZlibError

from sqlalchemy import BigInteger, Dialect, LargeBinary, TypeDecorator
from sqlalchemy import Text as AnyText

from engine.monitoring.sketch import Sketch
from storage.kept import EPOCH, MICROSECOND

log = logging.getLogger(__name__)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


to_json: Callable[[Any], str] = JSONEncoder(separators=(",", ":"), default=_plain).encode
from_json: Callable[[str], Any] = loads


class Instant(TypeDecorator[datetime]):
    """An aware datetime, exact to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class JsonText(TypeDecorator[Any]):
    """Compact JSON in ASCII, so that no character of the outside can upset a database."""

    impl = AnyText
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else from_json(value)


class Packed(TypeDecorator[Any]):
    """Compressed JSON, for what is large, never asked about by the database, and learnt anew where it is lost: what cannot be read is empty."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else compress(to_json(value).encode(), 6)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        try:
            return from_json(decompress(value).decode())
        except (ZlibError, ValueError):
            log.warning("Something that was learnt is damaged in the database and cannot be read; it is learnt anew.")
            return {}


class Buckets(TypeDecorator[Sketch]):
    """A sketch as one flat JSON list: bucket, count, bucket, count …"""

    impl = AnyText
    cache_ok = True

    def process_bind_param(self, value: Sketch | None, dialect: Dialect) -> str | None:
        return None if value is None else to_json([number for pair in value.buckets for number in pair])

    def process_result_value(self, value: str | None, dialect: Dialect) -> Sketch | None:
        if value is None:
            return None
        flat = from_json(value)
        return Sketch(tuple(zip(flat[::2], flat[1::2], strict=True)))


def whole(text: str) -> str:
    """Half characters and zero bytes, as some services send them, become ``?``: not every database holds them."""
    if "\0" in text:
        text = text.replace("\0", "?")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Prose(TypeDecorator[str]):
    """Text that people or services wrote; stored whatever is in it. Ids and keys are plain Text."""

    impl = AnyText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else whole(value)


class Word(TypeDecorator[Any]):
    """A member of a string enumeration."""

    impl = AnyText
    cache_ok = True

    def __init__(self, of: type[Enum]) -> None:
        super().__init__()
        self.of = of
        self._members = {member.value: member for member in of}

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self._members[value]


# Ids, keys and names of the house's own: compared and ordered by their bytes on every database, whatever language a server speaks.
Text = AnyText().with_variant(AnyText(collation="C"), "postgresql")


def row_of(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    """A function from a value of the dataclass ``kind`` to its row."""
    names = tuple(field.name for field in fields(kind))
    get = attrgetter(*names)
    return lambda value: dict(zip(names, get(value), strict=True))
