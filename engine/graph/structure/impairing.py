"""How trouble that is less than an outage passes on: only to who has no clean way left and cannot ride it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from engine.graph.structure.model import Impairment
from engine.graph.structure.outcome import Outcome
from engine.graph.structure.spreading import spread

BITS: Final = {Impairment.DEGRADED: 1, Impairment.OVER_QUOTA: 2}
SETS: Final = tuple(frozenset(kind for kind, bit in BITS.items() if mask & bit) for mask in range(4))


def impair(outcome: Outcome, degraded: Sequence[int], over_quota: Sequence[int]) -> Outcome:
    """``outcome`` with those at risk, each with what reaches it. What is down is not at risk.

    A way is clean while all of its nodes are up and none of them is at risk, apart from what its requirement absorbs. A requirement with fewer clean
    ways than it asks for passes on what its other open ways suffer from. Every node is looked at once for each of the two impairments at most.
    """
    if degraded and over_quota:
        return _both(outcome, degraded, over_quota)
    kind = Impairment.DEGRADED if degraded else Impairment.OVER_QUOTA
    # One impairment spreads as an outage does, past those who ride it out, from what the outage has left.
    found = outcome.flags[:], outcome.left.copy(), outcome.closed.copy()
    at_risk = spread(outcome.structure, degraded or over_quota, *found, kind)
    impaired = tuple(node for node in dict.fromkeys(degraded or over_quota) if not outcome.flags[node])
    return replace(outcome, risk=dict.fromkeys(at_risk, frozenset((kind,))), impaired=impaired)


def _both(outcome: Outcome, degraded: Iterable[int], over_quota: Iterable[int]) -> Outcome:
    s, flags, left = outcome.structure, outcome.flags, outcome.left
    masks: dict[int, int] = {}
    for kind, nodes in ((Impairment.DEGRADED, degraded), (Impairment.OVER_QUOTA, over_quota)):
        for node in nodes:
            if not flags[node]:
                masks[node] = masks.get(node, 0) | BITS[kind]
    impaired = tuple(masks)
    way_masks: dict[int, int] = {}
    weak: dict[int, int] = {}  # group → open ways that are not clean
    suffered: dict[int, int] = {}
    waiting = list(masks)

    def reach(node: int, mask: int) -> None:
        known = masks.get(node, 0)
        if not flags[node] and mask | known != known:
            masks[node] = mask | known
            waiting.append(node)

    for node in waiting:
        for above in s.hard_up[node]:
            reach(above, masks[node])
        for way in s.parts[node]:
            group = s.group_of[way]
            mask = masks[node] & ~_mask(s.titles[group].absorbs)
            known = way_masks.get(way, 0)
            if mask | known == known or flags[s.owner[group]] or any(flags[part] for part in s.members[way]):
                continue
            way_masks[way] = mask | known
            weak[group] = weak.get(group, 0) + (not known)
            suffered[group] = suffered.get(group, 0) | mask
            if left.get(group, s.spare[group]) < weak[group]:
                reach(s.owner[group], suffered[group])
    return replace(outcome, risk={node: SETS[mask] for node, mask in masks.items()}, impaired=impaired)


def _mask(kinds: frozenset[Impairment]) -> int:
    return sum(BITS[kind] for kind in kinds) if kinds else 0
