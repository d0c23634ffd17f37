"""Chances as log odds, where evidence adds up."""

from __future__ import annotations

import math

SUREST = 0.002  # no view is surer than that, either way: it would outvote the others for ever
LARGEST = 30.0  # log odds; the chance is 1e-13 from there on


def log_odds(chance: float) -> float:
    chance = min(1.0 - SUREST, max(SUREST, chance))
    return math.log(chance / (1.0 - chance))


def chance_of(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(LARGEST, max(-LARGEST, odds))))
