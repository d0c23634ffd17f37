"""What is kept of an incident's suspects between two edits of its card: the verdict, and what people said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.graph.blame.verdict import Suspect, Verdict

STREAM: Final = "blame:"  # and the id of the incident's leader
MEMORY: Final = "blame:memory"
MOST: Final = 8  # suspects that are kept
MOST_DENIED: Final = 20
SURE: Final = 0.3  # below it there is not enough data for a suspect, and what the lines say stands
QUITE: Final = 0.75


@dataclass(frozen=True, slots=True)
class Kept:
    """``suspects``: best first. ``denied``: node → who said that it was not it. ``confirmed``: the node a person named, ``by`` whom; or empty."""

    suspects: tuple[Suspect, ...] = ()
    sure: float = 0.0
    doubt: str = ""
    denied: Mapping[str, str] | None = None
    confirmed: str = ""
    by: str = ""

    @property
    def noes(self) -> Mapping[str, str]:
        return self.denied or {}

    @property
    def first(self) -> Suspect | None:
        """The one to be named: whom a person named, else the best that nobody denied, where it is sure enough; None otherwise."""
        if self.confirmed:
            found = next((one for one in self.suspects if one.node == self.confirmed), None)
            return found or Suspect(self.confirmed, 1.0, 1.0, "")
        left = [one for one in self.suspects if one.node not in self.noes and one.score > 0]
        return left[0] if left and self.sure >= SURE else None

    def found(self, verdict: Verdict) -> Kept:
        """With a newer verdict; what people said stays."""
        return replace(self, suspects=verdict.suspects[:MOST], sure=round(verdict.sure, 3), doubt=verdict.doubt)

    def judged(self, node: str, was_it: bool, who: str) -> Kept:
        """With the word of a person; the last one counts."""
        noes = {other: by for other, by in self.noes.items() if other != node}
        if was_it:
            return replace(self, denied=noes, confirmed=node, by=who)
        denied = dict(list({**noes, node: who}.items())[-MOST_DENIED:])
        mine = self.confirmed == node
        return replace(self, denied=denied, confirmed="" if mine else self.confirmed, by="" if mine else self.by)

    def spoken(self, named: Callable[[str], str]) -> str:
        """What people said, in a sentence each; "" when nobody said anything."""
        said = [f"{self.by} says that it was {named(self.confirmed)}."] if self.confirmed else []
        said += [f"{who} says that it was not {named(node)}." for node, who in self.noes.items()]
        return " ".join(said)

    def to_json(self) -> dict[str, Any]:
        rows = [[one.node, one.score, one.share, one.because] for one in self.suspects]
        body: dict[str, Any] = {"suspects": rows, "sure": self.sure, "doubt": self.doubt, "denied": dict(self.noes)}
        return {**body, "confirmed": self.confirmed, "by": self.by}

    @classmethod
    def from_json(cls, body: Any) -> Kept:
        """Raises Invalid for what ``to_json`` does not make."""
        try:
            suspects = tuple(Suspect(str(node), float(score), float(share), str(why)) for node, score, share, why in body["suspects"])
            denied = {str(node): str(who) for node, who in body["denied"].items()}
            return cls(suspects, float(body["sure"]), str(body["doubt"]), denied, str(body["confirmed"]), str(body["by"]))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise Invalid("What was found of an incident's cause cannot be read:", [Problem(str(error) or type(error).__name__)]) from error


def sign_of(node: str) -> str:
    """A node in a button: names from outside may hold what a button cannot."""
    return hashlib.blake2b(node.encode("utf-8", "replace"), digest_size=6).hexdigest()


def surely(sure: float) -> str:
    """How sure a verdict is, in words and as a figure."""
    word = "quite sure" if sure >= QUITE else "rather sure" if sure >= 0.5 else "not sure"
    return f"{word} ({round(100 * sure)} %)"
