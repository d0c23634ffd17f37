"""The legend of a chart: only what occurs in it, each with its sample and a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.pictures.font import drawable, metrics
from bot.pictures.paper import AMBER, BLUE, BLUE_EDGE, BLUE_WASH, MARGIN, PURPLE, RED, SMALL, SOFT, Paper
from bot.pictures.phases import LOOKS, Look
from bot.pictures.signs import SIGNS, sign


def legend(paper: Paper, y: float, items: Sequence[tuple[str, str]]) -> float:
    """``items``: (kind of sample, word), flowing over lines of 30 units; the line below them."""
    x = MARGIN
    for sample, said in items:
        word = metrics().fitted(drawable(said, "–"), SMALL, 330)
        wide = 34 + metrics().width(word, SMALL)
        if x > MARGIN and x + wide > paper.width - MARGIN:
            x, y = MARGIN, y + 30
        SAMPLES[sample](paper, x, y - 6.5)
        paper.text(x + 34, y, word, SMALL, SOFT)
        x += wide + 20
    return y + 30 if items else y


def _sample_line(paper: Paper, x: float, y: float) -> None:
    paper.line([(x, y), (x + 26, y)], BLUE, 3.4)


def _sample_band(paper: Paper, x: float, y: float) -> None:
    paper.rect(x, y - 8, 26, 16, BLUE_WASH, stroke=BLUE_EDGE)


def _sample_p95(paper: Paper, x: float, y: float) -> None:
    paper.line([(x, y), (x + 26, y)], PURPLE, 2.6, dash="1 6")


def _sample_limit(paper: Paper, x: float, y: float) -> None:
    paper.line([(x, y), (x + 26, y)], RED, 2.6, dash="10 6")


def _sample_incident(paper: Paper, x: float, y: float) -> None:
    paper.rect(x, y - 9, 26, 18, "url(#hatch)")
    paper.rect(x, y - 9, 26, 4, RED)


def _sample_ideal(paper: Paper, x: float, y: float) -> None:
    paper.line([(x, y), (x + 26, y)], SOFT, 2.6, dash="8 7")


def _sample_outlook(paper: Paper, x: float, y: float) -> None:
    paper.line([(x, y), (x + 26, y)], AMBER, 3.2, dash="0.1 7")


def _signed(kind: str) -> Callable[[Paper, float, float], None]:
    return lambda paper, x, y: sign(paper, kind, x + 14, y)


def _phased(look: Look) -> Callable[[Paper, float, float], None]:
    def draw(paper: Paper, x: float, y: float) -> None:
        paper.rect(x, y - 9, 26, 18, look.fill)
        paper.rect(x, y - 9, 26, 4, look.ink)

    return draw


SAMPLES: Mapping[str, Callable[[Paper, float, float], None]] = {
    "line": _sample_line, "band": _sample_band, "p95": _sample_p95, "limit": _sample_limit, "incident": _sample_incident,
    **{f"{state} time": _phased(look) for state, look in LOOKS.items()},
    "ideal": _sample_ideal, "outlook": _sample_outlook, **{kind: _signed(kind) for kind in SIGNS},
}  # fmt: skip
