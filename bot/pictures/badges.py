"""Numbers in pills: what a picture shows by number and tells in a list. Those too near each other share one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pictures.font import metrics
from bot.pictures.paper import PAPER, RED, SMALL, Paper


def badge(paper: Paper, x: float, y: float, text: str, colour: str = RED) -> None:
    """A number in a pill, its middle at (x, y)."""
    wide = max(26.0, metrics(bold=True).width(text, SMALL) + 14)
    paper.rect(x - wide / 2, y - 13, wide, 26, colour, round=13)
    paper.text(x, y + 6.6, text, SMALL, PAPER, bold=True, anchor="middle")


def grouped(places: Sequence[float], apart: float, right: float) -> list[tuple[float, str]]:
    """Badges of things at these places, in the order of their numbers: those that would touch share one (“2–4”), and none stands past ``right``."""
    groups: list[list[int]] = []
    for index in sorted(range(len(places)), key=lambda index: (places[index], index)):
        if groups and places[index] - places[groups[-1][-1]] < apart:
            groups[-1].append(index)
        else:
            groups.append([index])
    found: list[tuple[float, str]] = []
    for group in groups:
        middle = (places[group[0]] + places[group[-1]]) / 2
        text = _numbers([index + 1 for index in group])
        wide = max(26.0, metrics(bold=True).width(text, SMALL) + 14)
        least = found[-1][0] + max(26.0, metrics(bold=True).width(found[-1][1], SMALL) + 14) / 2 + wide / 2 + 2 if found else 0.0
        found.append((max(least, min(middle, right - wide / 2)), text))
    return found


def _numbers(numbers: Sequence[int]) -> str:
    ordered = sorted(numbers)
    if len(ordered) == 1:
        return str(ordered[0])
    return f"{ordered[0]}–{ordered[-1]}" if ordered[-1] - ordered[0] == len(ordered) - 1 else f"{ordered[0]}+{len(ordered) - 1}"
