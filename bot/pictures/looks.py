"""How kinds and states look, on white and on dark: colours, dashes, icons, the words of the legend.

Never by colour alone: each kind has an icon, each state a word in the legend and a form of line. Words have a contrast of 4.5 : 1 at least,
outlines and lines 3 : 1 (WCAG AA, tested).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of a box. ``word`` is what the legend calls it."""

    word: str
    fill: str
    stroke: str
    ink: str
    badge: str
    badge_ink: str
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    word: str
    colour: str
    width: float
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Theme:
    """``boxes`` by state, else by kind; ``lines`` by what they tell."""

    paper: str
    edge: str
    ink: str
    soft: str
    boxes: Mapping[str, Look]
    lines: Mapping[str, Stroke]
    health: Mapping[str, str]


# Outlines of 16 × 16 units, drawn with a line; the page draws the same ones.
ICONS: Mapping[str, str] = {
    "source": "M9.2 1.8 3.8 9h3.6l-.6 5.2L12.2 7H8.6z",
    "schedule": "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2M8 4.8V8l2.3 1.6",
    "person": "M8 2.4a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4M2.8 13.8c.5-2.9 2.5-4.2 5.2-4.2s4.7 1.3 5.2 4.2",
    "channel": "M6.4 2.5 5 13.5M11 2.5 9.6 13.5M3 5.9h10.6M2.4 10.1H13",
    "workflow": "M2.2 2.8h5v4.4h-5zM8.8 8.8h5v4.4h-5zM4.7 7.2V11h4.1",
    "service": "M4.6 12.6h6.9a2.9 2.9 0 0 0 .4-5.8 4 4 0 0 0-7.6-.6 3.2 3.2 0 0 0 .3 6.4z",
    "component": "M8 1.9l5.3 3v6.2L8 14.1l-5.3-3V4.9zM2.7 4.9 8 8l5.3-3.1M8 8v6.1",
    "platform": "M8 2.2l6 3-6 3-6-3zM2 8.2l6 3 6-3M2 11.2l6 3 6-3",
    "infra": "M2.4 2.9h11.2v4.2H2.4zM2.4 8.9h11.2v4.2H2.4zM4.8 5h.2M4.8 11h.2",
    "external": "M6.4 3H2.8v10.2H13V9.6M9 2.6h4.4V7M13.2 2.8 7.4 8.6",
}
KINDS = tuple(ICONS)
WORDS = {
    "source": "event source", "schedule": "schedule", "person": "person", "channel": "channel", "workflow": "workflow", "service": "service",
    "component": "component", "platform": "platform", "infra": "infrastructure", "external": "external service",
    "down": "down", "degraded": "degraded", "stops": "stops", "risk": "may fail", "idle": "gets no events", "survives": "carries on", "carrier": "stands in", "paused": "paused",
}  # fmt: skip
ROUND = frozenset({"schedule", "person", "channel", "source"})  # ends like a pill's
SQUARE = frozenset({"component", "platform", "infra"})


def _boxes(fills: Mapping[str, tuple[str, str, str, str, str]]) -> dict[str, Look]:
    dashes = {"risk": "6 4", "idle": "2 3", "paused": "3 3", "external": "2.5 2.5"}
    return {name: Look(WORDS[name], *fill, dash=dashes.get(name, "")) for name, fill in fills.items()}


def _lines(red: str, orange: str, plain: str, violet: str, teal: str) -> dict[str, Stroke]:
    return {
        "broken": Stroke("broken", red, 2.4),
        "risk": Stroke("at risk", red, 2.0, "2 4"),
        "carrying": Stroke("replaced", orange, 1.8, "2 4"),
        "fallback": Stroke("fallback at work", orange, 2.4, "7 5"),
        "spare": Stroke("spare fallback", plain, 1.4, "7 5"),
        "alternative": Stroke("can stand in", teal, 1.6, "9 3 2 3"),
        "suggested": Stroke("suggested, not confirmed", violet, 1.6, "4 4"),
        "observed": Stroke("observed calls, wider: more", plain, 1.4),
        "plain": Stroke("", plain, 1.2),
    }


#           fill       stroke     ink        badge      on the badge
_ON_WHITE = {
    "down": ("#c5221f", "#8c1d18", "#ffffff", "#ffffff", "#a50e0e"),
    "degraded": ("#fbbc04", "#8f4f00", "#202124", "#5c3a00", "#ffffff"),
    "stops": ("#fce8e6", "#c5221f", "#202124", "#c5221f", "#ffffff"),
    "risk": ("#fce8e6", "#c5221f", "#202124", "#c5221f", "#ffffff"),
    "idle": ("#fff4ec", "#c2410c", "#202124", "#b23a0a", "#ffffff"),
    "survives": ("#fef3d6", "#b45309", "#202124", "#a84a00", "#ffffff"),
    "carrier": ("#e6f4ea", "#b45309", "#202124", "#a84a00", "#ffffff"),
    "paused": ("#f8f9fa", "#80868b", "#5f6368", "#5f6368", "#ffffff"),
    "source": ("#f1f3f4", "#5f6368", "#202124", "#5f6368", "#ffffff"),
    "schedule": ("#f3e8fd", "#8430ce", "#202124", "#8430ce", "#ffffff"),
    "person": ("#f5ebe0", "#7a5230", "#202124", "#7a5230", "#ffffff"),
    "channel": ("#f5ebe0", "#7a5230", "#202124", "#7a5230", "#ffffff"),
    "workflow": ("#e8f0fe", "#1a73e8", "#202124", "#1967d2", "#ffffff"),
    "service": ("#e6f4ea", "#188038", "#202124", "#137333", "#ffffff"),
    "component": ("#e0f4f3", "#00796b", "#202124", "#00695c", "#ffffff"),
    "platform": ("#eceff1", "#546e7a", "#202124", "#455a64", "#ffffff"),
    "infra": ("#eceff1", "#546e7a", "#202124", "#455a64", "#ffffff"),
    "external": ("#ffffff", "#5f6368", "#202124", "#5f6368", "#ffffff"),
}
_ON_DARK = {
    "down": ("#e5484d", "#ff9592", "#0b0d10", "#2a0a0b", "#ffd1cf"),
    "degraded": ("#f5b83d", "#ffe2a8", "#15191e", "#3a2600", "#ffe2a8"),
    "stops": ("#3a1a1c", "#ff7b80", "#f1f4f7", "#ff9a9d", "#26090b"),
    "risk": ("#3a1a1c", "#ff7b80", "#f1f4f7", "#ff9a9d", "#26090b"),
    "idle": ("#301c10", "#ff9d5c", "#f1f4f7", "#ffb37e", "#2a1204"),
    "survives": ("#35270c", "#e5b04a", "#f1f4f7", "#efc067", "#241800"),
    "carrier": ("#14301f", "#e5b04a", "#f1f4f7", "#efc067", "#241800"),
    "paused": ("#1b2026", "#7d8896", "#a9b4c2", "#8b96a5", "#101317"),
    "source": ("#22282f", "#98a4b3", "#e6ebf0", "#a9b4c2", "#101317"),
    "schedule": ("#2b1f3d", "#c58cf5", "#f1f4f7", "#cfa0f7", "#1c0f2c"),
    "person": ("#2e251c", "#cfa67e", "#f1f4f7", "#d9b591", "#1f1408"),
    "channel": ("#2e251c", "#cfa67e", "#f1f4f7", "#d9b591", "#1f1408"),
    "workflow": ("#1a2b45", "#6aa8ff", "#f1f4f7", "#8dbcff", "#0b1a30"),
    "service": ("#14301f", "#4cc38a", "#f1f4f7", "#6fd3a3", "#062414"),
    "component": ("#0f3230", "#4fc4b8", "#f1f4f7", "#72d2c8", "#04211e"),
    "platform": ("#242c33", "#93a7b5", "#f1f4f7", "#a9bac6", "#10171c"),
    "infra": ("#242c33", "#93a7b5", "#f1f4f7", "#a9bac6", "#10171c"),
    "external": ("#15191e", "#98a4b3", "#f1f4f7", "#a9b4c2", "#101317"),
}

LIGHT = Theme(
    paper="#ffffff",
    edge="#dadce0",
    ink="#202124",
    soft="#5f6368",
    boxes=_boxes(_ON_WHITE),
    lines=_lines("#c5221f", "#b45309", "#8d939a", "#7627bb", "#00796b"),
    health={
        "healthy": "#188038",
        "degraded": "#8f4f00",
        "unhealthy": "#c2410c",
        "offline": "#b3261e",
        "misconfigured": "#5f6368",
        "unknown": "#5f6368",
    },
)
DARK = Theme(
    paper="#15191e",
    edge="#2b323a",
    ink="#e8edf2",
    soft="#a3afbd",
    boxes=_boxes(_ON_DARK),
    lines=_lines("#ff6369", "#e5b04a", "#6f7b89", "#c58cf5", "#4fc4b8"),
    health={
        "healthy": "#4cc38a",
        "degraded": "#f0c060",
        "unhealthy": "#ff9d5c",
        "offline": "#ff8b8f",
        "misconfigured": "#a3afbd",
        "unknown": "#a3afbd",
    },
)
THEMES = {"light": LIGHT, "dark": DARK}


def look_name(kind: str, state: str) -> str:
    """By what a box is to be drawn: what happens to it, else what it is."""
    return state if state in _ON_WHITE and state not in ICONS else kind if kind in ICONS else "service"


def line_name(kind: str, state: str, volume: float = 0.0) -> str:
    if state in ("broken", "risk"):
        return state
    if kind == "fallback":
        return "fallback" if state == "carrying" else "spare"
    if state == "carrying":
        return "carrying"
    if kind in ("alternative", "suggested"):
        return kind
    return "observed" if volume > 0 else "plain"
