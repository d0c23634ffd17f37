"""Two learners that are used on streams, restated in plain Python: Netdata's k-means and half-space trees as river has them."""

from __future__ import annotations

import random
from collections import deque
from math import dist

Vector = tuple[float, ...]


class NetdataKMeans:
    """Netdata's anomaly bit before it is rounded: k-means with two centres over six lags of smoothed differences, one model after another; the score
    is what every model of the last 18 at least finds. Its seconds are samples here: a model learns from the last 360, every 180."""

    DIFFERENCED, SMOOTHED, LAGGED = 1, 3, 5
    MODELS, TRAINED_ON, EVERY, ROUNDS = 18, 360, 180, 20

    def __init__(self) -> None:
        self.last: float | None = None
        self.differences: deque[float] = deque(maxlen=self.SMOOTHED)
        self.lags: deque[float] = deque(maxlen=self.LAGGED + 1)
        self.vectors: deque[Vector] = deque(maxlen=self.TRAINED_ON)
        self.models: deque[tuple[list[Vector], float, float]] = deque(maxlen=self.MODELS)
        self.since = 0

    def observe(self, at: float, value: float) -> float:
        before, self.last = self.last, value
        if before is None:
            return 0.0
        self.differences.append(value - before)
        self.lags.append(sum(self.differences) / len(self.differences))
        if len(self.lags) <= self.LAGGED:
            return 0.0
        vector = tuple(self.lags)
        score = min((_beyond(vector, *model) for model in self.models), default=0.0)
        self.vectors.append(vector)
        self.since += 1
        if self.since >= self.EVERY and len(self.vectors) == self.TRAINED_ON:
            self.since = 0
            self.models.append(self._trained())
        return score / (score + 1)

    def _trained(self) -> tuple[list[Vector], float, float]:
        """Centres, and the nearest and farthest that a training vector was from them."""
        vectors = list(self.vectors)
        centres = [vectors[0], max(vectors, key=lambda vector: dist(vector, vectors[0]))]
        for _ in range(self.ROUNDS):
            groups: tuple[list[Vector], list[Vector]] = ([], [])
            for vector in vectors:
                groups[dist(vector, centres[1]) < dist(vector, centres[0])].append(vector)
            moved = [_mean(group) if group else centre for group, centre in zip(groups, centres, strict=True)]
            if moved == centres:
                break
            centres = moved
        distances = [_apart(vector, centres) for vector in vectors]
        return centres, min(distances), max(distances)


def _mean(vectors: list[Vector]) -> Vector:
    return tuple(sum(column) / len(vectors) for column in zip(*vectors, strict=True))


def _apart(vector: Vector, centres: list[Vector]) -> float:
    """The mean distance, as Netdata takes it."""
    return (dist(vector, centres[0]) + dist(vector, centres[1])) / 2


def _beyond(vector: Vector, centres: list[Vector], least: float, most: float) -> float:
    return max(0.0, (_apart(vector, centres) - least) / (most - least)) if most > least else 0.0


class HalfSpaceTrees:
    """Tan, Ting and Liu 2011, with river's ways: 25 trees of height 8, windows of 250, splits kept 15 % from the edges, mass counted in the window
    before and summed on the way down; of the value and its difference, scaled by the least and most seen."""

    TREES, HEIGHT, WINDOW, PADDING = 25, 8, 250, 0.15
    FEW = 0.1 * WINDOW  # mass under which a tree is not gone down any farther

    def __init__(self, seed: int = 7) -> None:
        dice = random.Random(seed)
        self.feature: list[list[int]] = []
        self.split: list[list[float]] = []
        for _ in range(self.TREES):
            features, splits = [0] * 2**self.HEIGHT, [0.0] * 2**self.HEIGHT
            self._grow(1, [(0.0, 1.0), (0.0, 1.0)], features, splits, dice)
            self.feature.append(features)
            self.split.append(splits)
        self.old = [[0] * 2 ** (self.HEIGHT + 1) for _ in range(self.TREES)]
        self.new = [[0] * 2 ** (self.HEIGHT + 1) for _ in range(self.TREES)]
        self.count = 0
        self.full = False
        self.low, self.high = [float("inf")] * 2, [float("-inf")] * 2
        self.last: float | None = None

    def _grow(self, node: int, limits: list[tuple[float, float]], features: list[int], splits: list[float], dice: random.Random) -> None:
        if node >= 2**self.HEIGHT:
            return
        feature = features[node] = dice.randrange(2)
        low, high = limits[feature]
        edge = self.PADDING * (high - low)
        split = splits[node] = dice.uniform(low + edge, high - edge)
        for child, half in ((2 * node, (low, split)), (2 * node + 1, (split, high))):
            self._grow(child, [half if at == feature else limit for at, limit in enumerate(limits)], features, splits, dice)

    def observe(self, at: float, value: float) -> float:
        point = self._scaled((value, value - self.last if self.last is not None else 0.0))
        self.last = value
        mass = 0.0
        for features, splits, old, new in zip(self.feature, self.split, self.old, self.new, strict=True):
            node, depth, deep = 1, 0, False
            while True:
                new[node] += 1
                if not deep:
                    mass += old[node] * 2**depth
                    deep = old[node] < self.FEW
                if depth == self.HEIGHT:
                    break
                node = 2 * node + (point[features[node]] >= splits[node])
                depth += 1
        self.count += 1
        if self.count == self.WINDOW:
            self.old, self.count, self.full = self.new, 0, True
            self.new = [[0] * 2 ** (self.HEIGHT + 1) for _ in range(self.TREES)]
        return 1 - mass / (self.TREES * self.WINDOW * (2 ** (self.HEIGHT + 1) - 1)) if self.full else 0.0

    def _scaled(self, features: tuple[float, float]) -> list[float]:
        scaled = []
        for at, feature in enumerate(features):
            self.low[at], self.high[at] = min(self.low[at], feature), max(self.high[at], feature)
            width = self.high[at] - self.low[at]
            scaled.append((feature - self.low[at]) / width if width else 0.0)
        return scaled
