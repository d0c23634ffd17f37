"""What commands about recommendations answer: values; ``bot.cards.advice`` draws them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRow:
    """One recommendation. ``state``: open, applied, measured, undone or dismissed; ``story``: what became of it, a sentence each."""

    id: str
    title: str
    because: str
    gain: str  # in words; "" = not enough data
    runs: tuple[str, ...]
    state: str
    story: tuple[str, ...] = ()
    by_hand: bool = False  # nothing to apply: a person has to make the change


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceShown:
    """``id`` is the card's (``adv_…``), ``revision`` the workflow's that was looked at. ``because``: what is known of its runs, in a sentence."""

    id: str
    workflow: str
    revision: int
    because: str
    rows: tuple[AdviceRow, ...]
    allowed: tuple[str, ...] = ()  # kinds that are applied without asking
