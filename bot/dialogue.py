"""What was asked back of one person in one place: kept as plain values, answered by a press, a number, or words that fit one choice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.commands.command import Asked
from engine.parties import Actor, Address
from engine.workflow.definition import Json

_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NTH = re.compile(
    rf"(?:the\s+)?(?:(?P<n>\d{{1,2}})(?:st|nd|rd|th)|(?P<w>{'|'.join(_PLACES)}|last))(?:\s+(?:one|option|choice|alert|workflow|flow|run))?(?:\s+please)?"
)
FEW = 6  # words up to which something said may be an answer rather than a new request


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its label, and what it leads to, as words to be said or as a command."""

    label: str
    words: str
    command: str = ""
    arguments: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """``id`` is that of its card, new for every question. ``remember`` is what the understanding wants to hear again."""

    id: str
    choices: tuple[Choice, ...]
    remember: Mapping[str, Json] | None

    def chosen(self, number: str) -> Choice | None:
        """By the place of its button, counted from 0."""
        return self.choices[int(number)] if number.isdecimal() and len(number) < 3 and int(number) < len(self.choices) else None

    def answered_by(self, text: str) -> Choice | None:
        """The choice that words mean: its place counted from 1, its label, or, where choices are commands, words that only one label has."""
        said = text.strip().casefold().rstrip(".!")
        if number := re.fullmatch(r"#?([1-9])\.?", said):
            return self.chosen(str(int(number[1]) - 1))
        if nth := _NTH.fullmatch(said):
            place = len(self.choices) if nth["w"] == "last" else _PLACES.index(nth["w"]) + 1 if nth["w"] else int(nth["n"])
            return self.choices[place - 1] if 0 < place <= len(self.choices) else None
        if len(self.choices) == 1 and said in ("yes", "yes please", "yep", "yeah"):
            return self.choices[0]
        if exact := [choice for choice in self.choices if said and said in (choice.label.casefold(), choice.words.casefold())]:
            return exact[0]
        words = _words(said)
        fitting = [choice for choice in self.choices if choice.command and words <= _words(choice.label.casefold())]
        return fitting[0] if 0 < len(words) <= FEW and len(fitting) == 1 else None


def asked(result: Asked, key: str, remember: Mapping[str, Json] | None) -> Question:
    """``key`` identifies what led to the question: the same request asks under the same id."""
    id = "ask_" + hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=13).hexdigest()
    deeds = result.deeds or (("", {}),) * len(result.options)
    choices = tuple(
        Choice(label, words, command, arguments) for (label, words), (command, arguments) in zip(result.options, deeds, strict=True)
    )
    return Question(id, choices, remember)


def place_of(actor: Actor, where: Address) -> str:
    """Under which name a question to this person in this place is remembered."""
    return f"{actor.id}@{where}"


def write(question: Question, actor: Actor, where: Address) -> dict[str, Json]:
    choices: list[Json] = [
        {"label": one.label, "words": one.words, "command": one.command, "arguments": dict(one.arguments or {})} for one in question.choices
    ]
    return {"id": question.id, "actor": actor.id, "where": str(where), "choices": choices, "remember": dict(question.remember or {})}


def read(state: Mapping[str, Json]) -> Question:
    """Total: what does not look as ``write`` made it is left out."""
    raw = state.get("choices")
    choices = tuple(_choice(one) for one in raw if isinstance(one, dict)) if isinstance(raw, list) else ()
    remember = state.get("remember")
    return Question(str(state.get("id", "")), choices, remember if isinstance(remember, dict) and remember else None)


def _choice(raw: Mapping[str, Json]) -> Choice:
    arguments = raw.get("arguments")
    return Choice(
        str(raw.get("label", "")), str(raw.get("words", "")), str(raw.get("command", "")), arguments if isinstance(arguments, dict) else {}
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text)) - {"the", "one", "that", "this"}
