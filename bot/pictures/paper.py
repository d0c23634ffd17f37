"""The paper that charts are drawn on: SVG shapes and texts. Every text is made drawable, cut to its room and escaped here and nowhere else.

Sizes are in units of which WIDTH make the picture's width. Chats show pictures 360 to 550 pixels wide, on desktops too, so no text is smaller
than SMALL: that is 9.5 pixels on a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from bot.pictures.font import FAMILY, drawable, metrics

WIDTH = 720.0
MARGIN = 24.0
INSET = 8.0  # no text is nearer to the edge
TITLE, PLAIN, SMALL = 27.0, 21.0, 19.0

# On white, words have at least 4.5 : 1 and lines that tell something 3 : 1. The hues differ in lightness too, for those who see none.
PAPER, INK, SOFT, GRID, EDGE = "#ffffff", "#202124", "#5f6368", "#e8eaed", "#dadce0"
BLUE, BLUE_WASH, BLUE_EDGE, PURPLE = "#1558d6", "#d8e6fd", "#5b8ee6", "#8430ce"
RED, RED_WASH, ORANGE, AMBER, GREEN = "#b3261e", "#fce8e6", "#c2410c", "#b06000", "#188038"

DEFINITIONS = (
    '<defs><pattern id="hatch" patternUnits="userSpaceOnUse" width="9" height="9" patternTransform="rotate(45)">'
    f'<rect width="9" height="9" fill="{RED_WASH}"/><path d="M0 0V9" stroke="{RED}" stroke-opacity="0.35" stroke-width="3"/></pattern></defs>'
)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it stands: ``left`` to ``right``, on the line ``y``."""

    text: str
    left: float
    right: float
    y: float
    size: float


@dataclass(slots=True)
class Paper:
    width: float = WIDTH
    parts: list[str] = field(default_factory=list)
    texts: list[Written] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, size: float = SMALL, colour: str = INK, *, bold: bool = False, anchor: str = "start",
        room: float = WIDTH, instead: str = "", halo: bool = False,
    ) -> float:  # fmt: skip
        """How wide it became. ``anchor``: start, middle, end. ``halo``: white around it, where it stands on lines."""
        able = metrics(bold=bold)
        shown = able.fitted("–" if text == "–" else drawable(text, instead), size, max(0.0, room))
        if not shown:
            return 0.0
        wide = able.width(shown, size)
        left = min(max(INSET, x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]), max(INSET, self.width - wide - INSET))
        self.texts.append(Written(shown, left, left + wide, y, size))
        around = f' stroke="{PAPER}" stroke-width="5" stroke-linejoin="round" paint-order="stroke"' if halo else ""
        self.parts.append(
            f'<text x="{left:.1f}" y="{y:.1f}" font-size="{size:g}" font-weight="{500 if bold else 400}" fill="{colour}"{around}>{escape(shown)}</text>'
        )
        return wide

    def free(self, left: float, right: float, y: float, size: float = SMALL) -> bool:
        """Whether a text there would touch no other."""
        return not any(
            left < text.right + 6
            and text.left - 6 < right
            and y - size < text.y + 0.25 * text.size
            and text.y - text.size < y + 0.25 * size
            for text in self.texts
        )

    def paragraph(self, x: float, y: float, text: str, left: float, *, lines: int, size: float = SMALL, colour: str = INK) -> float:
        """From (x, y) to the margin, going on at ``left`` 27 units below; the last line is cut. The line it ends on."""
        able, words, end = metrics(), drawable(text, "").split(" "), self.width - MARGIN
        for _ in range(lines - 1):
            fits = next((count for count in range(len(words), 0, -1) if able.width(" ".join(words[:count]), size) <= end - x), 0)
            if fits in (0, len(words)):
                break
            self.text(x, y, " ".join(words[:fits]), size, colour)
            words, x, y = words[fits:], left, y + 27
        self.text(x, y, " ".join(words), size, colour, room=end - x)
        return y

    def rect(self, x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "", round: float = 0.0) -> None:
        edge = f' stroke="{stroke}" stroke-width="1.5"' if stroke else ""
        corner = f' rx="{round:g}"' if round else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}" fill="{fill}"{edge}{corner}/>'
        )

    def line(self, points: Sequence[Point], stroke: str, width: float, *, dash: str = "") -> None:
        """Through the points."""
        self.path(_through(points), stroke=stroke, width=width, dash=dash)

    def area(self, points: Sequence[Point], fill: str, *, opacity: float = 1.0) -> None:
        self.path(_through(points) + "Z", fill=fill, opacity=opacity)

    def path(self, d: str, *, fill: str = "none", stroke: str = "", width: float = 0.0, dash: str = "", opacity: float = 1.0) -> None:
        edge = f' stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round" stroke-linecap="round"' if stroke else ""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        clear = f' opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(f'<path d="{d}" fill="{fill}"{edge}{dashed}{clear}/>')

    def dot(self, x: float, y: float, radius: float, fill: str, *, stroke: str = PAPER, width: float = 2.0) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"/>')

    def svg(self, height: float) -> str:
        """The whole document: opaque, with an edge, so that it stands on light and on dark."""
        size = f'width="{round(self.width)}" height="{round(height)}" viewBox="0 0 {round(self.width)} {round(height)}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FAMILY}">',
                DEFINITIONS,
                f'<rect width="{round(self.width)}" height="{round(height)}" fill="{PAPER}"/>',
                *self.parts,
                f'<rect x="0.5" y="0.5" width="{round(self.width) - 1}" height="{round(height) - 1}" fill="none" stroke="{EDGE}"/>',
                "</svg>",
            ]
        )


def _through(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def heading(paper: Paper, title: str, below: str, *, figure: str = "", under: str = "", colour: str = INK, instead: str = "Chart") -> float:
    """Title and subtitle at the left, the figure one looks for at the right. Where the picture goes on."""
    bold = metrics(bold=True)
    taken = max(bold.width(figure, 32), metrics().width(under, SMALL)) + 24 if figure else 0.0
    room = paper.width - 2 * MARGIN - taken
    paper.text(MARGIN, 44, title, TITLE, bold=True, room=room, instead=instead)
    paper.text(MARGIN, 73, below, SMALL, SOFT, room=room)
    if figure:
        paper.text(paper.width - MARGIN, 46, figure, 32, colour, bold=True, anchor="end")
        paper.text(paper.width - MARGIN, 73, under, SMALL, SOFT, anchor="end")
    return 92.0
