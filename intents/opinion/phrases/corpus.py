"""All that the second reader learns from, drawn in the same way each time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from intents.opinion.names import NAMES
from intents.opinion.phrases.composing import Composed, composed
from intents.opinion.phrases.deed_words import ACTIONS, EVENTS
from intents.opinion.phrases.flow_wordings import FLOWS
from intents.opinion.phrases.foreign_wordings import FOREIGN, FOREIGN_SLOTS
from intents.opinion.phrases.sampling import Dice, drawn, misspelt
from intents.opinion.phrases.slots import SLOTS
from intents.opinion.phrases.watch_wordings import WATCH

NONE = ""  # the command of what is not for us
_EACH, _NONE, _MADE = 450, 9_000, 14_000
_SEED = 20261123


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    command: str


def commands() -> Iterator[Sentence]:
    """Every command but the making of workflows, and what is not for us."""
    dice = Dice(_SEED)
    for command, wordings in {**FLOWS, **WATCH}.items():
        for _ in range(_EACH):
            yield Sentence(_varied(drawn(dice.one(wordings), SLOTS, dice), dice, asked=True), command)
    for _ in range(_NONE):
        yield Sentence(_varied(drawn(dice.one(FOREIGN), {**SLOTS, **FOREIGN_SLOTS}, dice), dice, asked=dice.chance(30)), NONE)


def workflows() -> Iterator[Composed]:
    dice = Dice(_SEED + 1)
    for _ in range(_MADE):
        yield composed(dice)


def fingerprint() -> str:
    """A short hash by which weights and sentences are known to belong together: of all wordings, and of the first sentences drawn from them."""
    digest = hashlib.sha256(
        repr((FLOWS, WATCH, FOREIGN, FOREIGN_SLOTS, SLOTS, EVENTS, ACTIONS, NAMES, _EACH, _NONE, _MADE, _SEED)).encode()
    )
    for drawn_one in chain(islice(commands(), 2_000), islice(workflows(), 500)):
        digest.update(repr(drawn_one).encode())
    return digest.hexdigest()[:16]


def _varied(text: str, dice: Dice, *, asked: bool) -> str:
    said = text
    if asked and dice.chance(15):
        said = f"{drawn('{BOT}[,]', SLOTS, dice)} {said}"
    if asked and dice.chance(15):
        said = f"{drawn('{PLEASE}', SLOTS, dice)} {said}"
    if asked and dice.chance(10):
        said = f"{said} {drawn('{END}', SLOTS, dice)}"
    if dice.chance(40):
        said = said.lower()
    elif dice.chance(40):
        said = said[:1].upper() + said[1:]
    if dice.chance(25):
        said = said.rstrip("?.!")
    elif dice.chance(15):
        said += dice.one((".", "!", "..", "?"))
    return misspelt(said, dice) if dice.chance(20) else said
