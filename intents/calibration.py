"""How sure a reading is: an honest chance that its command is right, from what speaks for it. Pure; the table is fitted by benchmarks/confidence.py.

    chance = of all seen sentences that were read like this one, the share that was read rightly, drawn towards a prior of few sentences

“Like this one” is: which rung read it, whether its words speak for us, and whether the second reader agrees. What the reader itself says only moves
the chance inside its class, and a typo that was mended, a rival reading or an open question takes a little off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Rung(Enum):
    """Who read it."""

    NOTHING = "nothing"  # nobody found anything in it
    COMMAND = "command"
    WORKFLOW = "workflow"
    SECOND = "second"  # the second reader alone


@dataclass(frozen=True, slots=True)
class Evidence:
    """``sure``: what the reader says itself, 0..1. ``weight``: the score of ``for_us``. ``rivals``: other commands that nearly had it. ``mended``: typos.

    ``agreement``: "same", "differs", "unsure" of the second reader, None where it was not asked.
    ``said``: the words hold one for a command that cannot be taken back.
    """

    rung: Rung
    sure: float
    weight: float
    asked: bool = False
    rivals: int = 0
    mended: int = 0
    agreement: str | None = None
    said: bool = True


LEAST, MOST = 0.02, 0.99
# rung, stand of the words, agreement → chance that the command is right
TABLE: dict[tuple[str, str, str], float] = {
    ("command", "against", ""): 0.933,  # 1
    ("command", "for", "differs"): 0.953,  # 10
    ("command", "for", "same"): 0.99,  # 256
    ("command", "for", "unsure"): 0.948,  # 7
    ("command", "neither", "differs"): 0.9,  # 4
    ("command", "neither", "same"): 0.927,  # 13
    ("command", "neither", "unsure"): 0.933,  # 1
    ("nothing", "against", ""): 0.906,  # 12
    ("nothing", "against", "differs"): 0.87,  # 3
    ("nothing", "against", "same"): 0.986,  # 196
    ("nothing", "against", "unsure"): 0.889,  # 7
    ("nothing", "for", "differs"): 0.769,  # 19
    ("nothing", "for", "same"): 0.958,  # 52
    ("nothing", "for", "unsure"): 0.833,  # 16
    ("nothing", "neither", ""): 0.875,  # 4
    ("nothing", "neither", "differs"): 0.909,  # 13
    ("nothing", "neither", "same"): 0.988,  # 220
    ("nothing", "neither", "unsure"): 0.909,  # 13
    ("second", "for", "unsure"): 0.895,  # 18
    ("workflow", "for", "differs"): 0.969,  # 71
    ("workflow", "for", "same"): 0.99,  # 156
    ("workflow", "for", "unsure"): 0.979,  # 66
}  # of how many sentences: behind each line
PRIOR = {"nothing": 0.85, "command": 0.93, "workflow": 0.96, "second": 0.85}  # what is expected of sentences that nobody mended by
ASKING = 0.9  # at most, while something is open
DOUBTED = 0.6  # a reader that is less sure than this is taken at its word: what was merely overheard stays so
UNSAID = 0.5  # at most, where a command that cannot be taken back lacks a word for it
_SAYING = {
    "delete_workflow": r"delet|remov|get\s+rid|drop|scrap|trash|erase|\bbin\b|nuke|purge|destroy|wipe|eliminat|throw|clear|kill|undo",
    "resolve_alert": r"resolv|clos|fix|solv|clear|over|done|false\s+alarm|settl|end|sort",
    "run_workflow": r"run|start|trigger|kick|launch|execut|fire|send|post|invoke|begin|go\b|do\b|call|push|set\s+off|again|now|play|press",
    "cancel_run": r"cancel|stop|abort|kill|halt|terminat|end|interrupt|break\s+off|call\s+off",
}


def stand(weight: float) -> str:
    """Where the words stand: "against" us, "neither", or "for" us."""
    return "against" if weight <= -2.0 else "for" if weight >= 0.5 else "neither"


def said(command: str | None, text: str) -> bool:
    """Whether ``text`` holds a word for ``command``; true of every command that can be taken back."""
    pattern = _SAYING.get(command or "")
    return pattern is None or re.search(pattern, text, re.IGNORECASE) is not None


def calibrated(evidence: Evidence) -> float:
    """The chance, 0..1, rounded to three places."""
    rung = evidence.rung.value
    chance = TABLE.get((rung, stand(evidence.weight), evidence.agreement or ""), PRIOR[rung])
    if evidence.rung is Rung.NOTHING:  # the more words speak for us, the likelier something was missed
        chance -= 0.04 * min(max(evidence.weight - 0.5, 0.0), 5.0)
    else:
        chance += 0.3 * min(0.0, evidence.sure - 0.75)
        chance -= 0.02 * min(evidence.mended, 3) + 0.03 * min(evidence.rivals, 3) + 0.01 * evidence.asked
        if evidence.asked:
            chance = min(chance, ASKING)
        if evidence.sure < DOUBTED:
            chance = min(chance, evidence.sure)
        if not evidence.said:
            chance = min(chance, UNSAID)
    return round(min(MOST, max(LEAST, chance)), 3)
