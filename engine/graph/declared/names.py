"""Names from outside as ids that meet: ``Pet Search``, ``pet-search`` and ``PET-SEARCH`` are one thing in every catalogue."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_ID: Final = 120  # characters
LONGEST_NAME: Final = 80
KEPT: Final = frozenset("._/:+-")  # of what is neither letter nor digit

_SPACE = re.compile(r"\s+")
_PLAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_]|[._/:+-](?=[a-z0-9_]))*")
_HYPHENS = re.compile(r"-{2,}")


def clean(text: str, limit: int = LONGEST_NAME) -> str:
    """One line of text without control characters or such that turn the direction of writing. Mark-up stays: it is text, never mark-up."""
    if text.isascii() and text.isprintable():  # nearly all
        return _SPACE.sub(" ", text).strip()[:limit].strip()
    shown = "".join(" " if character in "\t\n\r" else character for character in text if not _unseen(character))
    return _SPACE.sub(" ", unicodedata.normalize("NFC", shown)).strip()[:limit].strip()


def id_of(name: str) -> str:
    """The id that a name stands for, "" when nothing is left of it. The id of an id is itself.

    Letters of any script and digits in lower case, ``. _ / : + -`` kept; anything else parts words.
    """
    if len(name) <= LONGEST_ID and _PLAIN.fullmatch(name):  # nearly all
        return name
    folded = _folded(name[: LONGEST_ID * 4])
    mapped = "".join(character if character.isalnum() or character in KEPT else "-" for character in folded)
    return _HYPHENS.sub("-", mapped)[:LONGEST_ID].strip("-./:+")


def same_letters(id: str) -> str:
    """An id without what people write differently: ``petsearch`` of ``pet-search``. Alike ids may be one thing; nothing says that they are."""
    return "".join(character for character in id if character.isalnum())


def quoted(name: str) -> str:
    """For a sentence: cut, on one line, in quotation marks."""
    short = clean(name, 60)
    return f"“{short}{'…' if len(clean(name, 200)) > len(short) else ''}”"


def _folded(name: str) -> str:
    """Compatibility forms and cases made one; a few letters take more than one pass."""
    for _ in range(4):
        again = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        if again == name:
            break
        name = again
    return name


def _unseen(character: str) -> bool:
    return character not in "\t\n\r" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
