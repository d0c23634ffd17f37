"""A dictionary that can be turned back: how the memory in dictionaries stays atomic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

K = TypeVar("K")
V = TypeVar("V")
Undo: TypeAlias = list[Callable[[], Any]]


class Book(dict[K, V], Generic[K, V]):
    """A dictionary that writes into a shared list how to undo each change."""

    def __init__(self, undo: Undo) -> None:
        super().__init__()
        self._undo = undo

    def put(self, key: K, value: V) -> None:
        if key in self:
            before = self[key]
            self._undo.append(lambda: self.__setitem__(key, before))
        else:
            self._undo.append(lambda: self.pop(key, None))
        self[key] = value

    def drop(self, key: K) -> None:
        if key in self:
            before = self.pop(key)
            self._undo.append(lambda: self.__setitem__(key, before))


def dropped(rows: Book[K, V], old: Callable[[V], bool]) -> int:
    """Drop for good those that are ``old``; how many that were."""
    gone = [key for key, row in rows.items() if old(row)]
    for key in gone:
        del rows[key]
    return len(gone)


def newest(rows: list[V], limit: int) -> list[V]:
    return rows[max(0, len(rows) - limit) :]
