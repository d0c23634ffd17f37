"""What people said of earlier suspects, as a bounded prior: it leans a verdict, it never makes one.

factor = LEAN ^ (½ · (yes − no) / (yes + no + DOUBT) of the node everywhere  +  ½ · the same of the node for this target)      1/LEAN .. LEAN
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Invalid, Problem

LEAN: Final = 3.0  # by how much the odds of a suspect change at most
DOUBT: Final = 2.0  # verdicts that are assumed undecided before any is given
FADES: Final = 0.9  # what of earlier verdicts on the same node is left with each new one: services change
WIDEST: Final = 2_000  # nodes, and pairs, that are remembered; those of the latest verdicts

Count = tuple[float, float]  # yes, no


@dataclass(frozen=True, slots=True)
class Memory:
    """``nodes``: node → how often people said it was it, and that it was not. ``pairs``: the same by (target, node)."""

    nodes: Mapping[str, Count] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], Count] = field(default_factory=dict)

    def after(self, target: str, node: str, was_it: bool) -> Memory:
        """With one more verdict of a person."""
        return Memory(_counted(self.nodes, node, was_it), _counted(self.pairs, (target, node), was_it))

    def factor(self, target: str, node: str) -> float:
        """What the odds of a suspect are multiplied with: 1 when nothing was said."""
        lean = (_lean(self.nodes.get(node)) + _lean(self.pairs.get((target, node)))) / 2
        return float(LEAN**lean)

    def leaned(self, target: str, node: str, score: float) -> float:
        """A score of 0..1 with the odds so changed; 0 and 1 stay."""
        if not 0 < score < 1:
            return score
        odds = score / (1 - score) * self.factor(target, node)
        return odds / (1 + odds)

    def to_json(self) -> dict[str, Any]:
        """Plain values, in order of use."""
        return {
            "nodes": [[node, *count] for node, count in self.nodes.items()],
            "pairs": [[target, node, *count] for (target, node), count in self.pairs.items()],
        }

    @classmethod
    def from_json(cls, body: Any) -> Memory:
        """Raises Invalid for what ``to_json`` does not make."""
        try:
            nodes = {_text(node): _count(yes, no) for node, yes, no in body["nodes"]}
            pairs = {(_text(target), _text(node)): _count(yes, no) for target, node, yes, no in body["pairs"]}
        except (TypeError, ValueError, KeyError) as error:
            raise Invalid("What was learnt of earlier suspects cannot be read:", [Problem(str(error) or type(error).__name__)]) from error
        return cls(_bounded(nodes), _bounded(pairs))


def _counted(counts: Mapping[Any, Count], key: Any, was_it: bool) -> dict[Any, Count]:
    yes, no = counts.get(key, (0.0, 0.0))
    rest = {other: count for other, count in counts.items() if other != key}
    return _bounded({**rest, key: (yes * FADES + was_it, no * FADES + (not was_it))})


def _bounded(counts: dict[Any, Count]) -> dict[Any, Count]:
    return dict(list(counts.items())[-WIDEST:])


def _lean(count: Count | None) -> float:
    yes, no = count or (0.0, 0.0)
    return (yes - no) / (yes + no + DOUBT)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no name")
    return value


def _count(yes: Any, no: Any) -> Count:
    counts = float(yes), float(no)
    if not all(0 <= count <= 1 / (1 - FADES) + 1e-6 for count in counts):
        raise ValueError(f"{yes!r} and {no!r} are no counts")
    return counts
