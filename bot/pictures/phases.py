"""How the states of an alert look where they are stretches of time."""

from __future__ import annotations

from dataclasses import dataclass

from bot.pictures.paper import RED, SOFT


@dataclass(frozen=True, slots=True)
class Look:
    fill: str
    ink: str


LOOKS = {
    "firing": Look("url(#hatch)", RED),
    "acknowledged": Look("#fdedc8", "#8a4b00"),
    "resolved": Look("#d5efdf", "#0d652d"),
}
QUIET = Look("#eef0f2", SOFT)
