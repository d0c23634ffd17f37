"""A sentence taken apart: which words tell what happens, when, what is to be done, and on what condition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from intents.opinion import features
from intents.opinion.tokens import Token
from intents.opinion.weights import Head

_CHANGE = 0.7  # what it costs to go from one part to another between two words, as a logarithm


@dataclass(frozen=True, slots=True)
class Part:
    """Words ``start`` to ``end`` (not included). ``kind``: T event, S time, A deed, C condition. ``sure``: the mean chance of its words."""

    kind: str
    start: int
    end: int
    sure: float


def parts_of(tokens: Sequence[Token], head: Head) -> list[Part]:
    """By the likeliest way through all words (Viterbi); a deed's first word is told from its others, so that two deeds in a row are two."""
    if not tokens:
        return []
    chances = [head.chances(found) for found in features.places(tokens)]
    labels = head.labels
    path = _likeliest(chances, labels)
    out: list[Part] = []
    start = 0
    for at in range(1, len(path) + 1):
        if at < len(path) and _goes_on(labels[path[at - 1]], labels[path[at]]):
            continue
        kind = labels[path[start]].upper()
        if kind != "O":
            out.append(Part(kind, start, at, sum(chances[i][path[i]] for i in range(start, at)) / (at - start)))
        start = at
    return out


def _goes_on(before: str, now: str) -> bool:
    return (before in "Aa" and now == "a") or (before == now and now != "A")


def _likeliest(chances: Sequence[Sequence[float]], labels: Sequence[str]) -> list[int]:
    costs = [[_cost(a, b) for a in labels] for b in labels]
    best = [math.log(chance + 1e-9) - (9.0 if label == "a" else 0.0) for chance, label in zip(chances[0], labels, strict=True)]
    back: list[list[int]] = []
    for row in chances[1:]:
        came, new = [], []
        for b, chance in enumerate(row):
            reached = [have - cost for have, cost in zip(best, costs[b], strict=True)]
            top = max(range(len(reached)), key=reached.__getitem__)
            came.append(top)
            new.append(reached[top] + math.log(chance + 1e-9))
        best = new
        back.append(came)
    at = max(range(len(best)), key=best.__getitem__)
    path = [at]
    for came in reversed(back):
        at = came[at]
        path.append(at)
    return path[::-1]


def _cost(before: str, now: str) -> float:
    if now == "a" and before not in "Aa":
        return 9.0
    return 0.0 if before == now or (before == "A" and now == "a") else _CHANGE
