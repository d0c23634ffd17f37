"""What is said in the end: the suspects, each with its reason, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suspect:
    """``score``: how likely it is to blame, 0..1, only to be compared within one verdict. ``share``: how much of the symptom it carries (of flows)
    or explains (of alerts), 0..1. ``because``: one sentence for people."""

    node: str
    score: float
    share: float
    because: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``suspects`` best first. ``sure``: 0..1. ``doubt``: what is missing, a sentence; empty where there is enough. ``noise``: nodes whose alerts nobody
    explains; ``missed``: nodes that most likely fail without an alert."""

    suspects: tuple[Suspect, ...] = ()
    sure: float = 0.0
    doubt: str = ""
    noise: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


NOTHING = Verdict(doubt="Not enough data: neither flows nor alerts are known.")
