"""Whom alerts alone accuse: the few causes that together explain best who alerts, who does not, and when.

A cause takes a node that needs it along with a chance of PASSES a line; who fails and is watched alerts with a chance of NOTICED, mostly within a
minute; now and then somebody alerts for no reason. Of a single cause the likelihood is summed over its cone from the leaves (exact on trees; Pearl,
Reverend Bayes on inference engines, 1982). Several causes are found one after the other, each given what the others explain already (a noisy-OR),
and each is then looked at again given the others, until none changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.graph.blame.cone import Member, Needs

PASSES: Final = 0.7  # chance that trouble passes one line
NOTICED: Final = 0.8  # chance that what fails and is watched alerts
ITSELF: Final = 0.9  # the same for the cause, which fails longest and most
WATCHED: Final = 0.75  # share of nodes that are watched, where nobody says which
SOON: Final = 30.0  # seconds, mean, from the beginning to most alerts
HOP: Final = 0.4  # share of SOON that each hop adds
LATE: Final = 180.0  # seconds, mean, of the others
OTHERS: Final = 0.1  # share of those
CANDIDATES: Final = 160  # causes that are weighed
LONE: Final = -1.5  # log odds of what nobody needs: it can be the cause of no alert but its own
ENOUGH: Final = 4.0  # log odds that count half when causes are put in order: sure are many, but some explain more
MEMBERS: Final = 40_000  # of all cones together, so that a dense graph costs a bounded time
FEWEST: Final = 12  # causes that are weighed however large their cones are
MOST: Final = 6  # causes at the same time
ROUNDS: Final = 3
BEFORE: Final = 3.0  # alerts without a reason that are assumed before any is seen,
SELDOM: Final = 0.02  # but not more than this share of all that are watched
NEVER: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Accused:
    """``share``: how likely it is a cause, 0..1. ``explains``: nodes whose alerts it explains, itself perhaps among them. ``alerts``: it alerts itself.
    ``silent``: watched nodes that should have alerted and did not."""

    node: str
    share: float
    explains: tuple[str, ...]
    alerts: bool
    silent: int


@dataclass(frozen=True, slots=True)
class Cover:
    """``causes``: how many troubles there seem to be that explain several alerts (or the only one). ``accused``: best first, further ones after those. ``noise``: alerts that nothing but
    themselves explains.
    ``missed``: watched nodes that most likely fail without an alert."""

    causes: int
    accused: tuple[Accused, ...]
    noise: tuple[str, ...]
    missed: tuple[str, ...]


Prior = Callable[[str], float]


def cover(
    lines: Iterable[tuple[str, str]] | Needs,
    alerts: Iterable[tuple[str, float]],
    *,
    watched: Collection[str] | None = None,
    prior: Prior = lambda node: 1.0,
) -> Cover:
    """``lines``: (who needs, what it needs). ``alerts``: (node, second it began), the first of a node counts. ``watched``: nodes that can alert;
    None: nobody knows. ``prior``: how much likelier than another a node is a cause, before anything is seen."""
    needs = lines if isinstance(lines, Needs) else Needs.of(lines)
    first: dict[str, float] = {}
    for node, at in alerts:
        if math.isfinite(at):
            first[node] = min(at, first.get(node, at))
    first = dict(sorted(first.items(), key=lambda alert: (alert[1], alert[0])))
    if not first:
        return Cover(0, (), (), ())
    return _Search.of(needs, first, watched, prior).found()


@dataclass(slots=True)
class _Search:
    needs: Needs
    first: Mapping[str, float]
    watched: Collection[str] | None
    prior: Prior
    span: float
    size: int
    leak: float
    cones: dict[str, tuple[Member, ...]]

    @classmethod
    def of(cls, needs: Needs, first: Mapping[str, float], watched: Collection[str] | None, prior: Prior) -> _Search:
        nodes = {*needs.needs, *needs.needed_by, *first}
        span = max(first.values()) - min(first.values()) + 2 * SOON
        size = len(watched) if watched is not None else round(WATCHED * len(nodes))
        cones: dict[str, tuple[Member, ...]] = {}
        room = MEMBERS
        for name in _candidates(needs, first):
            cone = needs.cone(name, PASSES)
            if len(cones) < FEWEST or len(cone) <= room:
                cones[name] = cone
                room -= len(cone)
        return cls(needs, first, watched, prior, span, max(1, size), 0.0, cones)

    def found(self) -> Cover:
        before = min(BEFORE, SELDOM * self.size)
        noise = before + 0.2 * len(self.first)
        chosen: list[str] = []
        for _ in range(2):  # the second time with the noise that the first left over
            self.leak = min(0.5, noise / self.size)
            chosen = self._chosen()
            explained = self._by(chosen)
            noise = before / 2 + sum(1 for node in self.first if explained.get(node, 0.0) < 0.5)
        return self._told(chosen)

    # --- which causes --------------------------------------------------------------------------------------------------------

    def _chosen(self) -> list[str]:
        chosen: list[str] = []
        while len(chosen) < MOST:
            gains = self._gains(chosen)
            best = max(gains, key=lambda node: (gains[node], node), default=None)
            if best is None or (chosen and gains[best] <= 0):
                break
            chosen.append(best)
            if len(chosen) > 1:
                chosen = self._swapped(chosen)
        return chosen

    def _swapped(self, chosen: list[str]) -> list[str]:
        for _ in range(ROUNDS):
            before = list(chosen)
            for place in range(len(chosen)):
                others = chosen[:place] + chosen[place + 1 :]
                gains = self._gains(others)
                chosen[place] = max(gains, key=lambda node: (gains[node], node))
            if chosen == before:
                break
        return chosen

    def _gains(self, others: Sequence[str]) -> dict[str, float]:
        """Log odds that each further node is a cause too, given the others."""
        by = self._by(others)
        rest = math.log(max(1, len(self.needs.needs) + len(self.needs.needed_by)))
        return {
            node: self._likelihood(cone, by) - rest + math.log(max(NEVER, self.prior(node))) + (LONE if len(cone) == 1 else 0.0)
            for node, cone in self.cones.items()
            if node not in others
        }

    def _by(self, causes: Iterable[str]) -> dict[str, float]:
        """How likely each node fails by one of these."""
        spared: dict[str, float] = {}
        for cause in causes:
            begun = self._begun(self.cones[cause], {})
            for member in self.cones[cause]:
                chance = member.reached
                if member.node in self.first and begun is not None:
                    odds = chance / (1 - min(chance, 0.999)) * NOTICED * self._timely(member, begun) / self.leak
                    chance = odds / (1 + odds)
                spared[member.node] = spared.get(member.node, 1.0) * (1 - chance)
        return {node: 1 - chance for node, chance in spared.items()}

    # --- how likely ----------------------------------------------------------------------------------------------------------

    def _likelihood(self, cone: Sequence[Member], by: Mapping[str, float]) -> float:
        """Log likelihood ratio of what was seen, with the cause and without it."""
        begun = self._begun(cone, by)
        fails = [0.0] * len(cone)
        fine = [0.0] * len(cone)
        first, watched = self.first, self.watched
        for place in range(len(cone) - 1, -1, -1):
            member = cone[place]
            node = member.node
            known = (ITSELF if not place else NOTICED) * (WATCHED if watched is None else 1.0 if node in watched else 0.0)
            other = by.get(node, 0.0)
            if node in first:
                # Against the chance of an alert at that very moment without a reason.
                quiet = self.leak * (1 - other) + other * NOTICED * 0.5
                hit = quiet + NOTICED * (self._timely(member, begun) if begun is not None else 1.0)
                failing, well = math.log(hit / quiet), 0.0
            else:
                failing, well = math.log(1 - known) if known else 0.0, 0.0
                if other:
                    failing *= 1 - other
            fails[place] += failing
            fine[place] += well
            if member.parent >= 0:
                ratio = fails[place] - fine[place]
                base = fine[place]
                fails[member.parent] += base + _mixed(member.fails, ratio)
                fine[member.parent] += base + _mixed(member.else_fails, ratio)
        return fails[0] - fine[0]

    def _begun(self, cone: Sequence[Member], by: Mapping[str, float]) -> float | None:
        """When it began: the moment from which most of its alerts are timely."""
        seen = [
            (self.first[member.node], member.reached * (1 - by.get(member.node, 0.0)), member)
            for member in cone
            if member.node in self.first
        ]
        if not seen:
            return None
        seen.sort(key=lambda one: one[0])
        best, begun = -1.0, seen[0][0]
        for at, _, _ in seen[:40]:
            worth = sum(weight * min(3.0, self._timely(member, at - SOON / 2, time)) for time, weight, member in seen)
            if worth > best:
                best, begun = worth, at - SOON / 2
        return begun

    def _timely(self, member: Member, begun: float, at: float | None = None) -> float:
        """How much likelier its alert is then than at any moment."""
        after = (self.first[member.node] if at is None else at) - begun
        if after < 0:
            return math.exp(after / 5) * 0.05
        soon = SOON * (1 + HOP * member.hops)
        density = (1 - OTHERS) / soon * math.exp(-after / soon) + OTHERS / LATE * math.exp(-after / LATE)
        return density * self.span

    # --- what is said of it ----------------------------------------------------------------------------------------------------

    def _told(self, chosen: Sequence[str]) -> Cover:
        shares: dict[str, float] = {}
        weights_of: dict[str, float] = {}
        for place in range(len(chosen)):
            gains = self._gains([*chosen[:place], *chosen[place + 1 :]])
            most = max(max(gains.values()), 0.0)
            weights = {node: math.exp(gain - most) for node, gain in gains.items()}
            whole = sum(weights.values()) + math.exp(-most)  # the last: there is no further cause
            for node, weight in weights.items():
                shares[node] = 1 - (1 - shares.get(node, 0.0)) * (1 - weight / whole)
                evidence = max(0.0, gains[node])
                weights_of[node] = max(weights_of.get(node, 0.0), evidence / (evidence + ENOUGH))
        # What explains nothing but its own alert may as well be an alert without a reason.
        common = [node for node in chosen if sum(1 for member in self.cones[node] if member.node in self.first) > 1] or list(chosen[:1])
        by = self._by(common)
        noise = tuple(node for node in self.first if by.get(node, 0.0) < 0.5)
        ordered = sorted(shares, key=lambda node: (-shares[node] * (1 + weights_of[node]), node))
        missed = tuple(node for node in sorted(by) if by[node] >= 0.5 and node not in self.first and self._is_watched(node))
        return Cover(len(common), tuple(self._accused(node, shares[node]) for node in ordered), noise, missed)

    def _accused(self, node: str, share: float) -> Accused:
        cone = self.cones[node]
        explains = tuple(member.node for member in cone if member.node in self.first)
        silent = sum(1 for member in cone if member.hops == 1 and member.node not in self.first and self._is_watched(member.node))
        return Accused(node, share, explains, node in self.first, silent)

    def _is_watched(self, node: str) -> bool:
        return self.watched is None or node in self.watched


def _mixed(chance: float, ratio: float) -> float:
    """log(chance · e^ratio + 1 - chance)"""
    if ratio > 30:
        return ratio + math.log(max(NEVER, chance))
    return math.log(max(NEVER, chance * math.exp(ratio) + 1 - chance))


def _candidates(needs: Needs, first: Mapping[str, float]) -> list[str]:
    """Whoever could explain most alerts, and whoever alerts."""
    worth: dict[str, float] = {}
    for node in first:
        for below, hops in needs.below(node).items():
            worth[below] = worth.get(below, 0.0) + PASSES**hops
    order = sorted(worth, key=lambda node: (-worth[node] / (1 + 0.2 * len(needs.needed_by.get(node, ()))), node))
    return list(dict.fromkeys([*order[:CANDIDATES], *sorted(first, key=lambda node: -worth[node])[:CANDIDATES]]))
