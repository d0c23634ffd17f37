"""A laid-out drawing as SVG text: headline, boxes, arrows, legend. Every text is escaped here and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bot.pictures.font import FAMILY, metrics
from bot.pictures.key import key
from bot.pictures.labels import ICON, LINE, PADDING, SIGN, badge_width, signed
from bot.pictures.layout import LABEL, MARGIN, NOTE, Arrow, Box, Caption, Layout
from bot.pictures.looks import ICONS, LIGHT, ROUND, SQUARE, Look, Theme, line_name, look_name

HEADLINE, SUBLINE = 25.0, 15.5
SUBLINES = 3  # a long one goes on below; what stands last in it, the severity, must be seen
MEMBERS = {
    "source": "event sources",
    "schedule": "schedules",
    "person": "people",
    "channel": "channels",
    "workflow": "workflows",
    "service": "services",
}
MEMBERS |= {
    "component": "components",
    "platform": "platforms",
    "infra": "infrastructure",
    "external": "external services",
    "alone": "on their own",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around the graph. ``rest``: what is not drawn, "" when all is."""

    headline: str
    subline: str
    rest: str = ""


def svg(layout: Layout, words: Words, theme: Theme = LIGHT) -> str:
    """A whole document: opaque, with an edge, so that it stands on light and on dark."""
    width = layout.width
    sublines = paragraph(words.subline, SUBLINE, width - 2 * MARGIN, SUBLINES)
    top = 64.0 + 22.0 * len(sublines)
    below = key(layout, words.rest, theme, top + layout.height + 42.0)
    height = math.ceil(below.bottom + 22.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" font-family="{FAMILY}">',
        f'<rect width="{width:.0f}" height="{height}" fill="{theme.paper}"/>',
        written(MARGIN, 44, metrics(bold=True).fitted(words.headline, HEADLINE, width - 2 * MARGIN), HEADLINE, theme.ink, bold=True),
        *(written(MARGIN, 72 + 22 * at, line, SUBLINE, theme.soft) for at, line in enumerate(sublines)),
        f'<g transform="translate(0 {top:.0f})">',
        *_arrows(layout.arrows, theme),
        *(part for box in layout.boxes for part in _box(box, theme)),
        *(part for arrow in layout.arrows for part in _note(arrow, theme)),
        *(_caption(caption, theme) for caption in layout.captions),
        "</g>",
        *below.parts,
        f'<rect x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1}" fill="none" stroke="{theme.edge}"/>',
        "</svg>",
    ]
    return "\n".join(parts)


def paragraph(text: str, size: float, room: float, most: int) -> list[str]:
    """Lines that fit, the last one cut."""
    able, lines, words = metrics(), list[str](), text.split(" ")
    while words and len(lines) < most - 1:
        fits = next((count for count in range(len(words), 0, -1) if able.width(" ".join(words[:count]), size) <= room), 1)
        lines.append(able.fitted(" ".join(words[:fits]), size, room))
        words = words[fits:]
    return [*lines, able.fitted(" ".join(words), size, room)] if words else lines


def written(x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False, anchor: str = "start", halo: str = "") -> str:
    around = f' stroke="{halo}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    aligned = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" font-weight="{500 if bold else 400}" fill="{colour}"{aligned}{around}>{escape(text)}</text>'


def _caption(caption: Caption, theme: Theme) -> str:
    said = MEMBERS.get(caption.kind, MEMBERS["service"])
    text = (
        f"{said.capitalize()} ({caption.count})"
        if caption.count > 1
        else said.capitalize().removesuffix("s" if caption.kind != "person" else "")
    )
    if caption.kind == "person" and caption.count == 1:
        text = "Person"
    return written(caption.x + 1, caption.y + 12, text, 13, theme.soft)


# --- arrows -----------------------------------------------------------------------------------------------------------------

IMPORTANCE = ("plain", "observed", "spare", "suggested", "alternative", "carrying", "risk", "fallback", "broken")


def _arrows(arrows: Sequence[Arrow], theme: Theme) -> Iterator[str]:
    """Quiet ones first, so that what matters lies on top; each line over a thin band of paper, so that crossings are seen as such."""
    named = sorted(
        ((line_name(arrow.kind, arrow.state, arrow.volume), arrow) for arrow in arrows), key=lambda one: IMPORTANCE.index(one[0])
    )
    for name, arrow in named:
        stroke = theme.lines[name]
        wide = thickness(stroke.width, arrow.volume)
        dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
        if IMPORTANCE.index(name) >= IMPORTANCE.index("carrying"):
            yield f'<path d="{path(arrow)}" fill="none" stroke="{theme.paper}" stroke-width="{wide + 2.4:.1f}"/>'
        yield f'<path d="{path(arrow)}" fill="none" stroke="{stroke.colour}" stroke-width="{wide:.1f}"{dash}/>'
        for x, y, way in arrow.heads:
            half = max(4.2, wide * 0.8 + 2)
            yield f'<path d="M{x:.1f} {y:.1f} l{-8.5 * way:g} {-half:.1f} v{2 * half:.1f} z" fill="{stroke.colour}"/>'


def thickness(width: float, volume: float) -> float:
    """Ten times the calls, one unit more; never so wide that it hides others."""
    return min(6.0, width + (math.log10(1 + volume) if volume > 0 else 0.0))


def path(arrow: Arrow) -> str:
    curves = " ".join("C" + " ".join(f"{value:.1f}" for value in curve) for curve in arrow.curves)
    return f"M{arrow.start[0]:.1f} {arrow.start[1]:.1f} {curves}"


def _note(arrow: Arrow, theme: Theme) -> Iterator[str]:
    if arrow.at:
        stroke = theme.lines[line_name(arrow.kind, arrow.state, arrow.volume)]
        colour = theme.soft if stroke is theme.lines["observed"] else stroke.colour
        yield written(arrow.at[0], arrow.at[1] + 4.4, arrow.note, NOTE, colour, bold=True, anchor="middle", halo=theme.paper)


# --- boxes ------------------------------------------------------------------------------------------------------------------


def corner(kind: str, height: float) -> float:
    return height / 2 if kind in ROUND else 2.5 if kind in SQUARE else 8.0


def _box(box: Box, theme: Theme) -> Iterator[str]:
    style = theme.boxes[look_name(box.kind, box.state)]
    heavy = box.state in ("down", "degraded")
    yield outline(box.x, box.y, box.width, box.height, box.kind, style)
    yield icon(box.kind, box.x + PADDING - 1, box.middle - 8, style.stroke if not heavy else style.ink)
    first = box.middle + 5.2 - (len(box.lines) - 1) * LINE / 2
    for at, line in enumerate(box.lines):
        yield written(box.x + PADDING + ICON, first + at * LINE, line, LABEL, style.ink, bold=heavy)
    right = box.right - PADDING
    if box.badge:
        wide = badge_width(box.badge)
        yield f'<rect x="{right - wide + 3:.1f}" y="{box.middle - 10:.1f}" width="{wide:.1f}" height="20" rx="10" fill="{style.badge}"/>'
        yield written(right - wide / 2 + 3, box.middle + 4.4, box.badge, NOTE, style.badge_ink, bold=True, anchor="middle")
        right -= wide + 5
    if signed(box.health):
        yield health_sign(
            box.health, right - SIGN / 2 + 3, box.middle, style.ink if heavy else theme.health.get(box.health, theme.soft), style.fill
        )


def outline(x: float, y: float, width: float, height: float, kind: str, style: Look) -> str:
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{corner(kind, height):g}" fill="{style.fill}" '
        f'stroke="{style.stroke}" stroke-width="1.5"{dash}/>'
    )


def icon(kind: str, x: float, y: float, colour: str) -> str:
    shape = ICONS.get(kind, ICONS["service"])
    return (
        f'<path transform="translate({x:.1f} {y:.1f})" d="{shape}" fill="none" stroke="{colour}" stroke-width="1.5" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def health_sign(health: str, x: float, y: float, colour: str, paper: str) -> str:
    """12 units large, a form of its own for each: a triangle, a square, a disc with a cross, a ring."""
    at = f'<g transform="translate({x:.1f} {y:.1f})">'
    line = f'fill="none" stroke="{paper}" stroke-width="1.8" stroke-linecap="round"'
    match health:
        case "degraded":
            return f'{at}<path d="M0 -6.6l7 12.2h-14z" fill="{colour}"/><path d="M0 -2.2v3.4M0 3.7v.1" {line}/></g>'
        case "unhealthy":
            return f'{at}<rect x="-6.2" y="-6.2" width="12.4" height="12.4" rx="1.5" fill="{colour}"/><path d="M-3 0h6" {line}/></g>'
        case "offline":
            return f'{at}<circle r="6.8" fill="{colour}"/><path d="M-2.6 -2.6l5.2 5.2m0 -5.2l-5.2 5.2" {line}/></g>'
        case _:
            return f'{at}<circle r="5.4" fill="none" stroke="{colour}" stroke-width="1.8"/></g>'
