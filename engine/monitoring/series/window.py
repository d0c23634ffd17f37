"""The last values of a stream, in order of arrival and in order of size."""

from __future__ import annotations

import base64
from array import array
from bisect import bisect_left, insort


class SortedWindow:
    """At most ``size`` values, 16 bytes each; adding one costs a search and a shift of memory."""

    __slots__ = ("next", "order", "size", "sorted")

    def __init__(self, size: int, order: array[float] | None = None, next: int = 0) -> None:
        self.size = size
        self.order: array[float] = array("d") if order is None else order
        self.sorted: array[float] = array("d", sorted(self.order))
        self.next = next  # where in ``order`` the oldest one stands, once it is full

    def __len__(self) -> int:
        return len(self.sorted)

    def add(self, value: float) -> None:
        if len(self.order) < self.size:
            self.order.append(value)
            if len(self.order) == self.size:
                self.order, self.sorted = array("d", self.order), array("d", self.sorted)  # without the room kept for growing
        else:
            oldest, self.order[self.next] = self.order[self.next], value
            self.next = (self.next + 1) % self.size
            del self.sorted[bisect_left(self.sorted, oldest)]
        insort(self.sorted, value)

    def nearest(self, value: float) -> float:
        """How far the nearest one is; 0 without any."""
        sorted = self.sorted
        at = bisect_left(sorted, value)
        above = sorted[at] - value if at < len(sorted) else None
        if at == 0:
            return above or 0.0
        below = value - sorted[at - 1]
        return below if above is None or below < above else above

    def state(self) -> list[int | str]:
        return [self.next, packed(self.order)]

    @classmethod
    def of(cls, size: int, state: list[int | str]) -> SortedWindow:
        """Raises ValueError for what no window of that size has said."""
        next, order = int(state[0]), unpacked(str(state[1]))
        if len(order) > size or not 0 <= next < size or (next and len(order) < size) or any(value != value for value in order):
            raise ValueError("not the values of a window")
        return cls(size, order, next)


def packed(values: array[float]) -> str:
    """The values to the bit, as text."""
    return base64.b64encode(_little(values).tobytes()).decode("ascii")


def unpacked(text: str) -> array[float]:
    values = array("d")
    values.frombytes(base64.b64decode(text))
    return _little(values)


BIG = array("H", [1]).tobytes() == b"\x00\x01"  # the byte order of this machine


def _little(values: array[float]) -> array[float]:
    """The same in the byte order in which they are kept."""
    if BIG:
        values = array("d", values)
        values.byteswap()
    return values
