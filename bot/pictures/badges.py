"""Numbers in pills: what a picture shows by number and tells in a list. Those too near each other share one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pictures.font import metrics
from bot.pictures.paper import INSET, PAPER, RED, SMALL, Paper


def badge(paper: Paper, x: float, y: float, text: str, colour: str = RED) -> None:
    """A number in a pill, its middle at (x, y)."""
    wide = _width(text)
    paper.rect(x - wide / 2, y - 13, wide, 26, colour, round=13)
    paper.text(x, y + 6.6, text, SMALL, PAPER, bold=True, anchor="middle")


def _width(text: str) -> float:
    return max(26.0, metrics(bold=True).width(text, SMALL) + 14)


def grouped(places: Sequence[float], right: float) -> list[tuple[float, str]]:
    """(middle, text) of badges for things at these places, numbered as given; pills that would touch become one (“2–4”), none stands past ``right``."""
    found: list[list[int]] = []
    for index in sorted(range(len(places)), key=lambda index: (places[index], index)):
        found.append([index])
        while len(found) > 1 and _touch(found[-2], found[-1], places, right):
            last = found.pop()
            found[-1] += last
    return [(_middle(group, places, right), _numbers(group)) for group in found]


def _touch(before: Sequence[int], after: Sequence[int], places: Sequence[float], right: float) -> bool:
    apart = (_width(_numbers(before)) + _width(_numbers(after))) / 2 + 2
    return _middle(after, places, right) - _middle(before, places, right) < apart


def _middle(group: Sequence[int], places: Sequence[float], right: float) -> float:
    half = _width(_numbers(group)) / 2
    return max(INSET + half, min(right - half, (places[group[0]] + places[group[-1]]) / 2))


def _numbers(group: Sequence[int]) -> str:
    """Of places in the list, from 0: “3”, “2–4”, or “2+2” where numbers between them stand elsewhere."""
    first, last = min(group) + 1, max(group) + 1
    if first == last:
        return str(first)
    return f"{first}–{last}" if last - first == len(group) - 1 else f"{first}+{len(group) - 1}"
