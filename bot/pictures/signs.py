"""Shapes that stand for a state or for what happened: each differs from the others in form, not in colour alone."""

from __future__ import annotations

from bot.pictures.paper import AMBER, BLUE, GREEN, ORANGE, PAPER, PURPLE, RED, SOFT, Paper


def sign(paper: Paper, kind: str, x: float, y: float) -> None:
    """The shape of ``Sign``, 18 units large, its middle at (x, y)."""
    draw = SIGNS.get(kind, _noted)
    draw(paper, x, y)


def _opened(paper: Paper, x: float, y: float) -> None:
    paper.path(f"M{x:.1f} {y - 10:.1f}l10.5 18h-21z", fill=RED, stroke=PAPER, width=2)


def _acknowledged(paper: Paper, x: float, y: float) -> None:
    paper.path(f"M{x:.1f} {y - 11:.1f}l11 11l-11 11l-11 -11z", fill=AMBER, stroke=PAPER, width=2)


def _escalated(paper: Paper, x: float, y: float) -> None:
    paper.path(f"M{x:.1f} {y - 11:.1f}l10.5 10.5h-5.5v10.5h-10v-10.5h-5.5z", fill=PURPLE, stroke=PAPER, width=2)


def _resolved(paper: Paper, x: float, y: float) -> None:
    paper.dot(x, y, 10.5, GREEN)
    paper.path(f"M{x - 4.8:.1f} {y + 0.3:.1f}l3.4 3.6l6.2 -7.4", stroke=PAPER, width=2.6)


def _changed(paper: Paper, x: float, y: float) -> None:
    paper.rect(x - 8.5, y - 8.5, 17, 17, BLUE, stroke=PAPER)


def _noted(paper: Paper, x: float, y: float) -> None:
    paper.dot(x, y, 7.5, SOFT)


def state_sign(paper: Paper, state: str, x: float, y: float) -> None:
    """Of a word of ``HealthStatus``: a disc with a tick, a triangle, a square, a cross, a ring."""
    match state:
        case "healthy":
            _resolved(paper, x, y)
        case "degraded":
            paper.path(f"M{x:.1f} {y - 10:.1f}l10.5 18h-21z", fill=AMBER)
            paper.path(f"M{x:.1f} {y - 3.5:.1f}v5.4M{x:.1f} {y + 5.2:.1f}v0.1", stroke=PAPER, width=2.4)
        case "unhealthy":
            paper.rect(x - 9, y - 9, 18, 18, ORANGE, round=2)
            paper.path(f"M{x - 4.5:.1f} {y:.1f}h9", stroke=PAPER, width=2.8)
        case "offline":
            paper.dot(x, y, 10.5, RED)
            paper.path(f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8", stroke=PAPER, width=2.6)
        case _:
            paper.dot(x, y, 8.5, PAPER, stroke=SOFT, width=2.6)


SIGNS = {
    "opened": _opened,
    "acknowledged": _acknowledged,
    "escalated": _escalated,
    "resolved": _resolved,
    "changed": _changed,
    "noted": _noted,
}
