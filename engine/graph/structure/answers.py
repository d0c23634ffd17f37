"""Questions about a structure, and the long answers kept: what falls with a hub is worked out once, and brought up to date when the structure grows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from engine.graph.structure.impairing import impair
from engine.graph.structure.index import Structure
from engine.graph.structure.model import Node, Requirement
from engine.graph.structure.outcome import Outcome
from engine.graph.structure.spreading import spread

LONG: Final = 1_000  # nodes of an answer that is kept; shorter ones are quicker than looking after them
MOST_KEPT: Final = 4_000_000  # nodes in all answers that are kept: some 200 MB at the very most, 20 at the sizes of a company
MOST_WEAK: Final = 32  # the same of what is degraded or over quota


@dataclass(slots=True, eq=False)
class Answers:
    """``warm`` once, then ask. Answers are values: asked again, it may be the same one."""

    structure: Structure
    long: int = LONG
    _kept: dict[int, Outcome] = field(default_factory=dict)
    _stale: dict[int, set[int]] = field(default_factory=dict)  # kept answer → owners of needs told since that it may break
    _size: int = 0
    _seen: int = 0
    _weak: dict[tuple[bool, int], Outcome] = field(
        default_factory=dict
    )  # of a single node that is degraded (or over quota), asked for lately

    def what_if(self, down: Iterable[str], *, degraded: Iterable[str] = (), over_quota: Iterable[str] = ()) -> Outcome:
        """What follows when all of these fail at once. Nodes named as down count as down, whatever else is said of them. Raises NotFound."""
        if self._seen != self.structure.revision:  # somebody else made it grow
            self._kept, self._stale, self._weak, self._size, self._seen = {}, {}, {}, 0, self.structure.revision
        outcome = self._fallen(self.structure.numbered(down))
        weak = self.structure.numbered(degraded), self.structure.numbered(over_quota)
        if not any(weak):
            return outcome
        if outcome.failed or sum(map(len, weak)) > 1:
            return impair(outcome, *weak)
        key = (bool(weak[0]), (weak[0] or weak[1])[0])
        kept = self._weak.get(key)
        if kept is None or kept.revision != self.structure.revision:
            kept = impair(outcome, *weak)
            if len(kept.risk) >= self.long:
                self._weak[key] = kept
                if len(self._weak) > MOST_WEAK:
                    del self._weak[min(self._weak, key=lambda each: len(self._weak[each].risk))]
        return kept

    def warm(self, kinds: Iterable[str] = (), *, names: str = "") -> int:
        """Every node of these kinds (of none: every node that others need) is let fail once, and those that most falls with are let be degraded.

        Says how many answers were long and are kept.

        ``names``: of which kind the affected are asked for, to have them ready. At 100,000 nodes it takes one to two seconds.
        """
        wanted, s = frozenset(kinds), self.structure
        self.what_if(())
        for number, kind in enumerate(s.kinds):
            if (kind in wanted if wanted else s.hard_up[number] or s.parts[number]) and self._size < MOST_KEPT:
                outcome = self._fallen([number])
                if number in self._kept:
                    _ = outcome.names(names), outcome.lost_per_hour
        for number in sorted(self._kept, key=lambda number: -len(self._kept[number]))[:MOST_WEAK]:
            self.what_if((), degraded=[s.nodes[number].id])
        return len(self._kept)

    def join(self, nodes: Iterable[Node] = (), requirements: Iterable[Requirement] = ()) -> None:
        """The structure grows in place; what is kept of it is brought up to date when it is next asked for. Raises Invalid, and nothing has changed."""
        nodes, requirements = list(nodes), list(requirements)
        known = {node.id for node in nodes if node.id in self.structure}
        followed = self._seen == self.structure.revision
        self.structure.join(nodes, requirements)
        if not followed:
            return
        self._seen = self.structure.revision
        numbers = self.structure.numbers
        rows = [(numbers[one.node], [numbers[part] for way in one.ways for part in way]) for one in requirements]
        for number, outcome in self._kept.items():
            flags, size = outcome.flags, len(outcome.flags)
            stale = self._stale.setdefault(number, set())
            stale.update(
                owner for owner, parts in rows if not (owner < size and flags[owner]) and any(part < size and flags[part] for part in parts)
            )
        self._weak.clear()
        if known:  # said anew: another name, kind or rate
            for outcome in self._kept.values():
                outcome._down.clear()
                outcome._lost = None

    def _fallen(self, failed: list[int]) -> Outcome:
        """By way of the longest kept answer to a part of the question."""
        best = max((number for number in failed if number in self._kept), key=lambda number: len(self._kept[number]), default=None)
        if best is None:
            return self._keep(self._new(tuple(failed)))
        kept = self._current(best)
        if len(failed) == 1:
            return kept
        return self._on(kept, tuple(failed), [number for number in failed if number != best])

    def _new(self, failed: tuple[int, ...]) -> Outcome:
        flags, left, closed = bytearray(len(self.structure)), dict[int, int](), set[int]()
        return Outcome(
            self.structure, self.structure.revision, failed, spread(self.structure, failed, flags, left, closed), flags, left, closed
        )

    def _on(self, kept: Outcome, failed: tuple[int, ...], more: list[int]) -> Outcome:
        """What follows when ``more`` fails on top."""
        found = self._copies(kept)
        return kept.further(failed, self.structure.revision, spread(self.structure, more, *found), found)

    def _keep(self, outcome: Outcome) -> Outcome:
        if len(outcome.failed) == 1 and len(outcome) >= self.long and self._size + len(outcome) <= MOST_KEPT:
            self._kept[outcome.failed[0]] = outcome
            self._size += len(outcome)
        return outcome

    def _current(self, number: int) -> Outcome:
        kept = self._kept[number]
        if kept.revision == self.structure.revision:
            return kept
        found = self._copies(kept)
        broken = [owner for owner in self._stale.pop(number, ()) if _breaks(self.structure, owner, *found)]
        further = spread(self.structure, broken, *found)
        fresh = kept.further(kept.failed, self.structure.revision, further, found)
        self._kept[number] = fresh
        self._size += len(further)
        return fresh

    def _copies(self, kept: Outcome) -> tuple[bytearray, dict[int, int], set[int]]:
        return kept.flags + bytes(len(self.structure) - len(kept.flags)), kept.left.copy(), kept.closed.copy()


def _breaks(s: Structure, owner: int, flags: bytearray, left: dict[int, int], closed: set[int]) -> bool:
    """Whether needs that were told of ``owner`` since ``flags`` were found do not hold; its new groups are counted into ``left`` and ``closed``."""
    fails = any(flags[part] for part in s.hard(owner))
    for group in s.choices[owner]:
        if group not in left:
            gone = [way for way in s.options[group] if any(flags[part] for part in s.members[way])]
            closed.update(way for way in gone if len(s.members[way]) > 1)
            if gone:
                left[group] = s.spare[group] - len(gone)
                fails = fails or left[group] < 0
    return fails
