"""Calls that have left and are not answered yet: which is the oldest on each way."""

from __future__ import annotations

from itertools import count


class Flights:
    def __init__(self) -> None:
        self._numbers = count(1)
        self._ways: dict[int, str] = {}
        self._flying: dict[str, dict[int, tuple[str, float]]] = {}  # way → number → operation, when it left; the oldest first

    def begin(self, way: str, operation: str, at: float) -> int:
        number = next(self._numbers)
        self._ways[number] = way
        self._flying.setdefault(way, {})[number] = (operation, at)
        return number

    def end(self, number: int) -> None:
        way = self._ways.pop(number, None)
        if way is None:
            return
        flying = self._flying[way]
        del flying[number]
        if not flying:
            del self._flying[way]

    def oldest(self, way: str, at: float) -> tuple[str, float] | None:
        """Its operation and its age in seconds; None where nothing is under way."""
        flying = self._flying.get(way)
        if not flying:
            return None
        operation, left = next(iter(flying.values()))
        return operation, max(0.0, at - left)
