"""The looks as a style sheet: pages that draw a graph themselves wear the same colours as the pictures, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bot.pictures.looks import DARK, LIGHT


@cache
def stylesheet() -> str:
    """Custom properties by ``data-look`` (boxes), ``data-line`` (arrows) and ``data-health`` (signs)."""
    return "\n".join(_rules()) + "\n"


def _rules() -> Iterator[str]:
    for name, light in LIGHT.boxes.items():
        dark = DARK.boxes[name]
        colours = ((part, getattr(light, part), getattr(dark, part)) for part in ("fill", "stroke", "ink", "badge", "badge_ink"))
        listed = " ".join(f"--{part.replace('_', '-')}: light-dark({one}, {other});" for part, one, other in colours)
        yield f'[data-look="{name}"] {{ {listed} --dash: {light.dash.replace(" ", ", ") or "none"}; }}'
    for name, line in LIGHT.lines.items():
        dash = line.dash.replace(" ", ", ") or "none"
        yield f'[data-line="{name}"] {{ --line-colour: light-dark({line.colour}, {DARK.lines[name].colour}); --dash: {dash}; }}'
    for name, colour in LIGHT.health.items():
        yield f'[data-health="{name}"] {{ --sign: light-dark({colour}, {DARK.health[name]}); }}'
