"""What a rewritten sentence was read as: said openly, and doubted where much of it stayed unread."""

from __future__ import annotations

from dataclasses import replace

from engine.ports import Understood
from intents.languages.rewriting import Heard

ENOUGH = 0.5  # below this share of rewritten words a reading is a guess, and nothing is done on a guess
READS_WELL = 0.85  # from here on the rewriting takes nothing away from how sure the grammar is


def as_heard(understood: Understood, heard: Heard) -> Understood:
    """``understood`` with the language among its parts; less sure, or asked about, by how much of the sentence was not rewritten."""
    parts = ((heard.english, f"{heard.language}, in English words"), *understood.parts)
    if understood.command is None:
        return replace(understood, parts=parts)
    if heard.share < ENOUGH and not understood.question:
        left = ", ".join(f"“{word}”" for word in heard.left[:5])
        return replace(
            understood, parts=parts, confidence=min(understood.confidence, 0.5), options=(),
            question=f"I read {heard.language}, but not every word: I do not know {left}. Did you mean “{heard.english}”? Say it in other words, or in English.",
        )  # fmt: skip
    doubt = max(0.0, READS_WELL - heard.share)
    return replace(understood, parts=parts, confidence=round(max(0.3, understood.confidence - doubt), 3))
