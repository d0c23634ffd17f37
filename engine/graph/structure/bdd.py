"""Boolean functions as diagrams: each variable asked once and in one order, equal parts kept once, so that a probability is a single walk.

Reduced ordered binary decision diagrams (Bryant, Graph-Based Algorithms for Boolean Function Manipulation, IEEE Transactions on Computers 35, 1986).
A function is the number of its top node; 0 is false and 1 is true, and what a node leads to has a smaller number than the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

FALSE, TRUE = 0, 1


class TooLarge(Exception):
    """The diagram grew beyond its limit: another order of the variables, or another method."""


class Diagram:
    """Functions of ``variables`` variables, asked in the order of their numbers. ``limit``: nodes in all, some 300 bytes each."""

    def __init__(self, variables: int, limit: int) -> None:
        self.limit = limit
        self.variable = [variables, variables]
        self.low = [FALSE, TRUE]  # where the variable is false
        self.high = [FALSE, TRUE]
        self._nodes: dict[tuple[int, int, int], int] = {}
        self._done: dict[tuple[int, int, bool], int] = {}

    def of(self, variable: int) -> int:
        return self._node(variable, FALSE, TRUE)

    def both(self, one: int, other: int) -> int:
        return self._joined(one, other, True)

    def either(self, one: int, other: int) -> int:
        return self._joined(one, other, False)

    def every(self, functions: Iterable[int]) -> int:
        """True where all are. Those of the last variables first: what is built on top of them leaves them as they are."""
        found = TRUE
        for function in sorted(functions, key=lambda function: -self.variable[function]):
            found = self.both(found, function)
        return found

    def at_least(self, count: int, functions: Sequence[int]) -> int:
        """True where so many of them are. Raises TooLarge, as all of these do."""
        found = [TRUE] + [FALSE] * count
        for function in functions:
            for number in range(count, 0, -1):
                found[number] = self.either(found[number], self.both(found[number - 1], function))
        return found[count]

    def _joined(self, one: int, other: int, both: bool) -> int:
        """Recursion is as deep as there are variables."""
        if one == other:
            return one
        if one > other:
            one, other = other, one
        if one == FALSE:
            return FALSE if both else other
        if one == TRUE:
            return other if both else TRUE
        key = (one, other, both)
        found = self._done.get(key)
        if found is None:
            variable = min(self.variable[one], self.variable[other])
            low, high = (self.low[one], self.high[one]) if self.variable[one] == variable else (one, one)
            low2, high2 = (self.low[other], self.high[other]) if self.variable[other] == variable else (other, other)
            found = self._node(variable, self._joined(low, low2, both), self._joined(high, high2, both))
            self._done[key] = found
        return found

    def _node(self, variable: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (variable, low, high)
        found = self._nodes.get(key)
        if found is None:
            found = len(self.variable)
            if found >= self.limit:
                raise TooLarge
            self.variable.append(variable)
            self.low.append(low)
            self.high.append(high)
            self._nodes[key] = found
        return found

    def reached(self, function: int) -> list[int]:
        """Its nodes, the two constants aside, from the ground up."""
        found, waiting = set[int](), [function]
        while waiting:
            node = waiting.pop()
            if node > TRUE and node not in found:
                found.add(node)
                waiting += (self.low[node], self.high[node])
        return sorted(found)

    def weighed(self, function: int, chances: Sequence[float]) -> tuple[float, list[float]]:
        """(how likely it is true, Birnbaum importance of each variable: how much likelier where the variable is true than where it is false).

        One walk up for the probabilities, one down for how likely each node is come by: ∂P/∂p = Σ over its nodes of that × (P(high) − P(low)).
        """
        nodes = self.reached(function)
        true = {FALSE: 0.0, TRUE: 1.0}
        for node in nodes:
            chance = chances[self.variable[node]]
            true[node] = chance * true[self.high[node]] + (1 - chance) * true[self.low[node]]
        come_by = dict.fromkeys((FALSE, TRUE, *nodes), 0.0)
        come_by[function] = 1.0
        importance = [0.0] * len(chances)
        for node in reversed(nodes):
            variable, here = self.variable[node], come_by[node]
            come_by[self.high[node]] += here * chances[variable]
            come_by[self.low[node]] += here * (1 - chances[variable])
            importance[variable] += here * (true[self.high[node]] - true[self.low[node]])
        return true[function], importance
