"""The learnt weights as they lie in one small file, and the chances they give."""

from __future__ import annotations

import json
import math
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from intents.opinion.features import Features

FILE = Path(__file__).with_name("learnt.bin")


@dataclass(frozen=True, slots=True)
class Head:
    """Which of ``labels``? ``rows`` holds a signed byte for each (hash, label); ``warmth`` makes the chances honest (a softmax's temperature)."""

    labels: tuple[str, ...]
    bits: int
    scale: float
    warmth: float
    bias: tuple[float, ...]
    rows: array[int]

    def scores(self, features: Features) -> list[float]:
        """Logits, one a label."""
        width, rows = len(self.labels), self.rows
        mask = (1 << self.bits) - 1
        places = [(feature & mask) * width for feature in features]
        sums = [*map(sum, zip(*[rows[at : at + width] for at in places], strict=True))] or [0] * width
        factor = self.scale / math.sqrt(max(len(features), 1))
        return [(total * factor + bias) / self.warmth for total, bias in zip(sums, self.bias, strict=True)]

    def chances(self, features: Features) -> list[float]:
        """A chance for each label; they add up to 1."""
        scores = self.scores(features)
        top = max(scores)
        raised = [math.exp(score - top) for score in scores]
        whole = sum(raised)
        return [one / whole for one in raised]


@dataclass(frozen=True, slots=True)
class Weights:
    """Every head by its name, and the fingerprint of the sentences they were learnt from."""

    heads: Mapping[str, Head]
    fingerprint: str


def stored(heads: Mapping[str, Head], fingerprint: str) -> bytes:
    """As bytes for the file."""
    about = [
        {
            "name": name,
            "labels": head.labels,
            "bits": head.bits,
            "scale": head.scale,
            "warmth": head.warmth,
            "bias": [round(b, 4) for b in head.bias],
        }
        for name, head in heads.items()
    ]
    first = json.dumps({"fingerprint": fingerprint, "heads": about}).encode()
    return zlib.compress(first + b"\n" + b"".join(head.rows.tobytes() for head in heads.values()), 9)


def loaded(data: bytes) -> Weights:
    """What ``stored`` made. Raises ValueError when the bytes are not such a file."""
    try:
        first, rest = zlib.decompress(data).split(b"\n", 1)
        about = json.loads(first)
        heads, at = {}, 0
        for one in about["heads"]:
            size = (1 << one["bits"]) * len(one["labels"])
            rows = array("b")
            rows.frombytes(rest[at : at + size])
            at += size
            if len(rows) != size:
                raise ValueError("it is cut short")
            heads[one["name"]] = Head(tuple(one["labels"]), one["bits"], one["scale"], one["warmth"], tuple(one["bias"]), rows)
    except (zlib.error, KeyError, TypeError, ValueError) as err:
        raise ValueError(f"This is no file of learnt weights: {err}") from err
    return Weights(heads, about["fingerprint"])


def argmax(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)
