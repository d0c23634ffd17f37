"""One spelling for what is typed in several: capitals, accents, umlauts as two letters, apostrophes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MARKS = "\uf000-\uf7ff"  # one character stands for words that are not to be touched
LAST_MARK = 0xF7FF
FIRST_MARK = 0xF000
_APOSTROPHES = re.compile(r"['’`´]")


def folded(text: str, spellings: Sequence[tuple[str, str]] = ()) -> str:
    """``text`` in small letters without accents; ``spellings`` are pairs (as typed, as kept), applied in order. Marks stay as they are.

    Idempotent as long as the spellings are, so that a data file and a sentence meet in the same letters.
    """
    low = text.lower()
    for typed, kept in spellings:
        low = low.replace(typed, kept)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", low) if not unicodedata.combining(letter))
    return _APOSTROPHES.sub(" ", bare)
