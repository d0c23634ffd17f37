"""A mapping that is cheap to copy however long it is: a thick layer that never changes, and a thin one above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

V = TypeVar("V")

THICK = 512  # entries from which on a copy would cost more than two look-ups
THIN = 256  # entries above, from which on both layers are made one


class Layered(Mapping[str, V], Generic[V]):
    """Written by whoever made it with ``opened``, and by nobody once it is in a Run. Entries are replaced, not taken away."""

    __slots__ = ("_above", "_below", "_length")

    def __init__(self, below: dict[str, V], above: dict[str, V], length: int) -> None:
        self._below = below
        self._above = above
        self._length = length

    def __getitem__(self, key: str) -> V:
        if key in self._above:
            return self._above[key]
        return self._below[key]

    def get(self, key: str, default: Any = None) -> Any:
        found = self._above.get(key)
        if found is not None:
            return found
        return self._below.get(key, default)

    def __setitem__(self, key: str, value: V) -> None:
        if key not in self._above and key not in self._below:
            self._length += 1
        self._above[key] = value

    def __contains__(self, key: object) -> bool:
        return key in self._above or key in self._below

    def __iter__(self) -> Iterator[str]:
        yield from self._below
        for key in self._above:
            if key not in self._below:
                yield key

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and len(self) == len(other) and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]

    def copy(self) -> Layered[V]:
        if len(self._above) > THIN:
            return Layered({**self._below, **self._above}, {}, self._length)
        return Layered(self._below, dict(self._above), self._length)


def opened(values: Mapping[str, V]) -> Any:
    """A copy to write into; the values given are not touched."""
    if type(values) is dict:  # asked for every fact, and several times as fast as isinstance
        return values.copy() if len(values) < THICK else Layered(values, {}, len(values))
    return values.copy() if isinstance(values, Layered) else dict(values)
