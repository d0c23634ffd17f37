"""What stands in a box and how much room it takes: an icon, a label on one line or two, a sign of health, a badge."""

from __future__ import annotations

import re

from bot.pictures.font import metrics
from bot.pictures.layout import LABEL, NOTE, Node

PADDING = 11.0
ICON = 21.0  # its room, on the left
SIGN = 19.0  # the room of a sign of health, on the right of the label
LINE = 18.0  # from line to line
ONE, TWO = 34.0, 52.0  # heights of boxes
BREAKS = re.compile(r"(?<=[\s\-_/.:,])(?=\S)")
QUIET = frozenset({"", "healthy", "unknown"})  # how a service is when there is nothing to say about it


def signed(node_health: str) -> bool:
    return node_health not in QUIET


def badge_width(badge: str) -> float:
    return metrics(bold=True).width(badge, NOTE) + 15.0 if badge else 0.0


def beside(node: Node) -> float:
    """Everything in the box but the label."""
    return 2 * PADDING + ICON + (SIGN if signed(node.health) else 0.0) + (badge_width(node.badge) + 8 if node.badge else 0.0)


def needed(node: Node) -> float:
    """The width of a box whose label stands on one line."""
    return metrics(bold=node.state in ("down", "degraded")).width(node.label, LABEL) + beside(node) + 1.0


def wrapped(node: Node, width: float) -> tuple[str, ...]:
    """The label on one line or two, ended by … where it does not fit."""
    able, room = metrics(bold=node.state in ("down", "degraded")), width - beside(node)
    if able.width(node.label, LABEL) <= room:
        return (node.label,)
    parts = BREAKS.split(node.label)
    first = ""
    while parts and able.width((first + parts[0]).rstrip(), LABEL) <= room:
        first += parts.pop(0)
    if not first or not parts:  # one word, too long for a line
        cut = next((at for at in range(len(node.label), 1, -1) if able.width(node.label[:at], LABEL) <= room), 1)
        first, parts = node.label[:cut], [node.label[cut:]]
    return (first.rstrip(), able.fitted("".join(parts).strip(), LABEL, room))


def box_height(lines: tuple[str, ...]) -> float:
    return ONE if len(lines) == 1 else TWO
