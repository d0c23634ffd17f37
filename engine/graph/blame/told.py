"""The sentence that says why a node is blamed: its share, with figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.graph.blame.attribution import Part
from engine.graph.blame.excess import Excess
from engine.graph.blame.series import Metric

LONGEST: Final = 80  # characters of a name
ALL: Final = ""  # the target that stands for the whole house
THE_HOUSE: Final = "the house"


@dataclass(frozen=True, slots=True)
class Told:
    """``whole``: the target's excess, in request-seconds or failed requests, while it hurt. ``doubt``: a sentence, or empty. ``named``: what people
    call a node."""

    target: str
    metric: Metric
    whole: float
    doubt: str
    named: Callable[[str], str] = str


def because(part: Part, excess: Excess, told: Told) -> str:
    """One sentence; a second one where there is a doubt."""
    return f"{_sentence(part, excess, told)}{' ' + told.doubt if told.doubt else ''}"


def _sentence(part: Part, excess: Excess, told: Told) -> str:
    node, target = short(told.named(part.node)), short(told.named(told.target) if told.target != ALL else THE_HOUSE)
    excess_words = f"{target}'s {_amount(told)}"
    if part.node == told.target:
        return f"{percent(part.own)} of {excess_words} is explained by nothing that it calls."
    if part.share <= 0:
        return f"{node} carries nothing of {excess_words}."
    if excess.new:
        return f"{node} carries {percent(part.share)} of {excess_words}, but was never called before: whoever calls it now has changed."
    if excess.guessed:
        return f"{node} is unusual while {target} hurts, and what it calls explains {percent(part.share - part.own)} of that."
    carried = f"{node} carries {percent(part.share)} of {excess_words}"
    if not part.reached:
        return f"{carried}, though no known line leads there from {target}."
    return f"{carried}, and what it calls {percent(max(0.0, part.share - part.own))}."


def percent(share: float) -> str:
    return f"{round(100 * share)} %"


def short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _amount(told: Told) -> str:
    whole = told.whole
    figure = f"{whole:,.0f}" if whole >= 10 else f"{whole:.2g}"
    return f"excess {figure} request-seconds" if told.metric is Metric.LATENCY else f"{figure} failed requests more than usual"
