"""Sentences drawn from templates: ``(a|b)`` is one of, ``[a]`` and ``(a|b)?`` are perhaps, ``{slot}`` is a word of that slot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_GROUP = re.compile(r"\(([^()\[\]]*)\)([?*]?)|\[([^()\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


class Dice:
    """A small generator of our own (xorshift), so that the same sentences come out of every version of Python."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 2654435761 + 88172645463325252) & (2**64 - 1)

    def below(self, limit: int) -> int:
        state = self._state
        state ^= (state << 13) & (2**64 - 1)
        state ^= state >> 7
        state ^= (state << 17) & (2**64 - 1)
        self._state = state
        return (state >> 11) % limit

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def one(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]


def drawn(template: str, slots: Mapping[str, Sequence[str]], dice: Dice) -> str:
    """One sentence of a template."""

    def chosen(match: re.Match[str]) -> str:
        if match[1] is not None and not match[2]:
            return dice.one(match[1].split("|"))
        return dice.one((match[1] or match[3] or "").split("|")) if dice.chance(50) else ""

    text, before = template, ""
    while text != before:
        before = text
        text = _SLOT.sub(lambda match: dice.one(slots[match[1]]), _GROUP.sub(chosen, text))
    return re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", text)).strip()


def misspelt(text: str, dice: Dice) -> str:
    """With one or two slips of the fingers inside longer words."""
    words = text.split(" ")
    for _ in range(1 + dice.below(2)):
        at = dice.below(len(words))
        word = words[at]
        if len(word) < 4 or not word.isalpha():
            continue
        i = 1 + dice.below(len(word) - 2)
        kind = dice.below(3)
        swapped = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        words[at] = (swapped, word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:])[kind]
    return " ".join(words)
