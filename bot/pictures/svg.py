"""A laid-out drawing as SVG text. Every text is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from bot.pictures.font import FAMILY, metrics
from bot.pictures.layout import LABEL, MARGIN, NOTE, PADDING, Arrow, Box, Layout, badge_width

INK, SOFT, PAPER = "#202124", "#5f6368", "#ffffff"
RED, ORANGE, LINE = "#c5221f", "#e37400", "#bdc1c6"


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of a box. ``word`` is what the legend calls it."""

    word: str
    fill: str
    stroke: str
    ink: str = INK
    badge: str = SOFT
    dash: str = ""


LOOKS: Mapping[str, Look] = {
    "down": Look("down", "#d93025", "#a50e0e", PAPER),
    "degraded": Look("degraded", "#fbbc04", "#b06000"),
    "stops": Look("stops", "#fce8e6", RED, badge=RED),
    "risk": Look("may fail", "#fce8e6", RED, badge=RED, dash="6 4"),
    "survives": Look("carries on", "#fef7e0", ORANGE, badge=ORANGE),
    "paused": Look("paused", "#f8f9fa", "#9aa0a6", SOFT, dash="3 3"),
    "workflow": Look("workflow", "#e8f0fe", "#1a73e8", badge="#1967d2"),
    "service": Look("service", "#e6f4ea", "#188038"),
    "source": Look("event source", "#f1f3f4", SOFT),
}


@dataclass(frozen=True, slots=True)
class Stroke:
    word: str
    colour: str
    width: float
    dash: str = ""


STROKES: Mapping[str, Stroke] = {
    "broken": Stroke("", RED, 2.4),
    "risk": Stroke("", RED, 2.0, "2 4"),
    "carrying": Stroke("replaced", ORANGE, 1.6, "2 4"),
    "fallback": Stroke("fallback at work", ORANGE, 2.4, "7 5"),
    "spare": Stroke("spare fallback", "#9aa0a6", 1.3, "7 5"),
    "plain": Stroke("", LINE, 1.3),
}


def svg(layout: Layout, headline: str, subline: str, more: int) -> str:
    """A whole document, white behind dark text."""
    width, height = round(layout.width), round(layout.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FAMILY}">',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        *_title(headline, subline, layout.width),
        *_arrows(layout.arrows),
        *(part for box in layout.boxes for part in _box(box)),
        *_legend(layout, more),
        "</svg>",
    ]
    return "\n".join(parts)


def _title(headline: str, subline: str, width: float) -> Iterator[str]:
    room = width - 2 * MARGIN
    yield _text(MARGIN, 44, metrics(bold=True).fitted(headline, 26, room), 26, INK, weight=500)
    yield _text(MARGIN, 70, metrics().fitted(subline, 15.5, room), 15.5, SOFT)


def _text(x: float, y: float, text: str, size: float, colour: str, *, weight: int = 400, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


# --- arrows ------------------------------------------------------------------------------------------------------------------


def _arrows(arrows: Sequence[Arrow]) -> Iterator[str]:
    """Quiet ones first, so that what matters lies on top."""
    importance = ["plain", "spare", "carrying", "risk", "fallback", "broken"]
    for arrow in sorted(arrows, key=lambda arrow: importance.index(_stroke(arrow))):
        yield from _arrow(arrow, STROKES[_stroke(arrow)])


def _stroke(arrow: Arrow) -> str:
    if arrow.kind == "fallback":
        return "fallback" if arrow.state == "carrying" else "spare"
    return arrow.state if arrow.state in STROKES else "plain"


def _arrow(arrow: Arrow, stroke: Stroke) -> Iterator[str]:
    dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
    yield f'<path d={quoteattr(path(arrow))} fill="none" stroke="{stroke.colour}" stroke-width="{stroke.width}"{dash}/>'
    x, _, y = arrow.points[-1]
    yield f'<path d="M{x:.1f} {y:.1f} l-8 -4.5 v9 z" fill="{stroke.colour}"/>'


def path(arrow: Arrow) -> str:
    """Level through columns, an S between them; it ends at the tip's foot."""
    (_, x, y), *rest = arrow.points
    steps = [f"M{x:.1f} {y:.1f}"]
    for index, (left, right, level) in enumerate(rest):
        last = index == len(rest) - 1
        end = left - 7 if last else left
        half = (x + end) / 2
        steps.append(f"C{half:.1f} {y:.1f} {half:.1f} {level:.1f} {end:.1f} {level:.1f}")
        if not last:
            steps.append(f"H{right:.1f}")
        x, y = right, level
    return " ".join(steps)


# --- boxes -------------------------------------------------------------------------------------------------------------------


def look(box: Box) -> Look:
    return LOOKS.get(box.state) or LOOKS.get(box.kind) or LOOKS["service"]


def _box(box: Box) -> Iterator[str]:
    style = look(box)
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    yield (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="9" fill="{style.fill}" '
        f'stroke="{style.stroke}" stroke-width="1.5"{dash}/>'
    )
    room = badge_width(box.badge, metrics(bold=True)) + 10 if box.badge else 0.0
    weight = 500 if box.state in ("down", "degraded") else 400
    yield _text(box.x + (box.width - room) / 2, box.middle + 5, box.label, LABEL, style.ink, weight=weight, anchor="middle")
    if box.badge:
        yield from _badge(box, style)


def _badge(box: Box, style: Look) -> Iterator[str]:
    width = badge_width(box.badge, metrics(bold=True))
    left, height = box.right - PADDING / 2 - width, 20.0
    yield f'<rect x="{left:.1f}" y="{box.middle - height / 2:.1f}" width="{width:.1f}" height="{height}" rx="10" fill="{style.badge}"/>'
    yield _text(left + width / 2, box.middle + 4.2, box.badge, NOTE, PAPER, weight=500, anchor="middle")


# --- legend ------------------------------------------------------------------------------------------------------------------


def _legend(layout: Layout, more: int) -> Iterator[str]:
    """Only what occurs. What was left out is counted at the right."""
    x, y = MARGIN, layout.height - 28
    for style in dict.fromkeys(found for found in LOOKS.values() if any(look(box) is found for box in layout.boxes)):
        dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
        yield f'<rect x="{x:.1f}" y="{y - 11:.1f}" width="20" height="14" rx="4" fill="{style.fill}" stroke="{style.stroke}" stroke-width="1.5"{dash}/>'
        yield _text(x + 27, y, style.word, 13, SOFT)
        x += 27 + metrics().width(style.word, 13) + 22
    shown = {_stroke(arrow) for arrow in layout.arrows}
    for name, stroke in STROKES.items():
        if stroke.word and name in shown:
            yield f'<path d="M{x:.1f} {y - 4:.1f} h26" fill="none" stroke="{stroke.colour}" stroke-width="{stroke.width}" stroke-dasharray="{stroke.dash}"/>'
            yield _text(x + 33, y, stroke.word, 13, SOFT)
            x += 33 + metrics().width(stroke.word, 13) + 22
    if more:
        yield _text(layout.width - MARGIN, y, f"and {more:,} more", 13, INK, weight=500, anchor="end")
