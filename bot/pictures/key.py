"""The legend of a graph: only what occurs in it, in rows; below it, what is not drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.pictures.font import metrics
from bot.pictures.labels import signed
from bot.pictures.layout import MARGIN, Layout
from bot.pictures.looks import KINDS, Theme, line_name, look_name

SIZE = 13.0
ROW = 26.0
HEALTH = {"degraded": "degraded now", "unhealthy": "unhealthy now", "offline": "offline now", "misconfigured": "not set up"}


@dataclass(frozen=True, slots=True)
class Key:
    """``bottom``: the last line that anything stands on."""

    parts: tuple[str, ...]
    bottom: float


def key(layout: Layout, rest: str, theme: Theme, top: float) -> Key:
    from bot.pictures.svg import written

    parts: list[str] = []
    x, y = MARGIN, top
    for word, wide, sample in _items(layout, theme):
        needed = wide + 8 + metrics().width(word, SIZE) + 22
        if x > MARGIN and x + needed - 22 > layout.width - MARGIN:
            x, y = MARGIN, y + ROW
        parts += [sample(x, y - 4.6), written(x + wide + 8, y, word, SIZE, theme.soft)]
        x += needed
    if rest:
        y += ROW if parts else 0.0
        shown = metrics(bold=True).fitted(f"and {rest} more, not drawn", SIZE + 1, layout.width - 2 * MARGIN)
        parts.append(written(MARGIN, y, shown, SIZE + 1, theme.ink, bold=True))
    return Key(tuple(parts), y if parts else top - 30)


Sample = Callable[[float, float], str]


def _items(layout: Layout, theme: Theme) -> Iterator[tuple[str, float, Sample]]:
    """(word, width of the sample, how it is drawn with its middle left at a point)."""
    shown = {look_name(box.kind, box.state): box.kind for box in reversed(layout.boxes)}
    for name in [*(name for name in theme.boxes if name not in KINDS), *(kind for kind in KINDS)]:
        if name in shown:
            yield theme.boxes[name].word, 26.0, _box_sample(name, shown[name], theme)
    for health, word in HEALTH.items():
        if any(box.health == health and signed(health) for box in layout.boxes):
            yield word, 14.0, _health_sample(health, theme)
    lines = {line_name(arrow.kind, arrow.state, arrow.volume) for arrow in layout.arrows}
    for name, stroke in theme.lines.items():
        if stroke.word and name in lines:
            yield stroke.word, 28.0, _line_sample(name, theme)


def _box_sample(name: str, kind: str, theme: Theme) -> Sample:
    from bot.pictures.svg import icon, outline

    style = theme.boxes[name]

    def drawn(x: float, y: float) -> str:
        parts = [outline(x, y - 9, 26, 18, kind, style)]
        if name in KINDS:
            parts.append(f'<g transform="translate({x + 6.4:.1f} {y - 6.6:.1f}) scale(0.82)">{icon(kind, 0, 0, style.stroke)}</g>')
        return "".join(parts)

    return drawn


def _health_sample(health: str, theme: Theme) -> Sample:
    from bot.pictures.svg import health_sign

    return lambda x, y: health_sign(health, x + 7, y, theme.health[health], theme.paper)


def _line_sample(name: str, theme: Theme) -> Sample:
    stroke = theme.lines[name]
    dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
    wide = stroke.width + (0.9 if name == "observed" else 0.0)
    return lambda x, y: f'<path d="M{x:.1f} {y:.1f} h28" fill="none" stroke="{stroke.colour}" stroke-width="{wide:g}"{dash}/>'
