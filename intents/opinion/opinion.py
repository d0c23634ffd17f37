"""Reading a sentence by what was learnt from many: its command, and of a workflow the trigger and the actions, each with its chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from intents.opinion import features
from intents.opinion.neighbours import Examples
from intents.opinion.parts import Part, parts_of
from intents.opinion.tokens import Token, services_of, tokens_of
from intents.opinion.view import Example, Guess, Neighbour, View
from intents.opinion.weights import FILE, Weights, argmax, loaded

ALIKE: Final = 0.72  # a confirmed sentence this like the one said outweighs what was learnt
FAINT: Final = 0.2  # an event or a deed less likely than this is none, when there are others
_NONE = View(None, 1.0)


@cache
def _weights() -> Weights:
    return loaded(FILE.read_bytes())


class Opinion:
    """Pure and deterministic. ``load`` reads the weights once for the whole process."""

    def __init__(self, weights: Weights) -> None:
        self._command = weights.heads["command"]
        self._places = weights.heads["places"]
        self._event = weights.heads["event"]
        self._action = weights.heads["action"]

    @classmethod
    def load(cls) -> Opinion:
        return cls(_weights())

    def read(self, text: str, examples: Examples | Iterable[Example] = ()) -> View:
        """Total: any text has a view; of long ones the first 2,000 characters are read."""
        tokens = tokens_of(text)
        if not tokens:
            return _NONE
        found = features.sentence(tokens)
        known = examples if isinstance(examples, Examples) else Examples(examples)
        near = known.near(found, frozenset(services_of(tokens))) if known.all else ()
        if near and near[0].likeness >= ALIKE:
            return _confirmed(near)
        chances = self._command.chances(found)
        best = argmax(chances)
        command = self._command.labels[best] or None
        if command != "create_workflow":
            return View(command, chances[best], neighbours=near)
        parts = parts_of(tokens, self._places)
        return View(command, chances[best], self._trigger(tokens, parts), self._actions(tokens, parts), near)

    def _trigger(self, tokens: Sequence[Token], parts: Sequence[Part]) -> Guess:
        times = [part.sure for part in parts if part.kind == "S"]
        read = [self._named(tokens, part) for part in parts if part.kind == "T"]
        likeliest = max((event.probability for event in read), default=0.0)
        events = [event for event in read if event.probability >= (FAINT if times else min(FAINT, likeliest))]
        if len(events) > 1:
            return Guess("cross_service", min(event.probability for event in events))
        if events:
            return events[0]
        if times:
            return Guess("scheduled", max(times))
        return Guess("manual", min((part.sure for part in parts), default=0.0))

    def _named(self, tokens: Sequence[Token], part: Part) -> Guess:
        chances = self._event.chances(features.part(tokens, part.start, part.end))
        best = argmax(chances)
        return Guess(self._event.labels[best], chances[best] * part.sure)

    def _actions(self, tokens: Sequence[Token], parts: Sequence[Part]) -> tuple[Guess, ...]:
        out: dict[str, Guess] = {}
        for part in parts:
            if part.kind != "A":
                continue
            chances = self._action.chances(features.part(tokens, part.start, part.end))
            best = argmax(chances)
            name, chance = self._action.labels[best], chances[best] * part.sure
            if name not in out or out[name].probability > chance:
                out[name] = Guess(name, chance)
        likeliest = max((guess.probability for guess in out.values()), default=0.0)
        return tuple(guess for guess in out.values() if guess.probability >= min(FAINT, likeliest))


def _confirmed(near: tuple[Neighbour, ...]) -> View:
    """As it was confirmed; the latest likest counts."""
    example, sure = near[0].example, min(0.5 + near[0].likeness / 2, 0.99)
    trigger = Guess(example.trigger, sure) if example.trigger else None
    return View(example.command, sure, trigger, tuple(Guess(action, sure) for action in example.actions), near)
