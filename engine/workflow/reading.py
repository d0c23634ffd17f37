"""A cursor over raw data that takes what fits, collects every problem with its path, and never stops at the first."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from engine.errors import Invalid, Problem
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import Json
from engine.workflow.durations import duration
from engine.workflow.durations import in_words as span_in_words
from engine.workflow.schema_limits import DOTTED, IDENT, MAX_NAME, MAX_TEXT, SERVICE

Value = TypeVar("Value")

MAX_LIST = 500  # entries of one list or mapping
MAX_DEPTH = 16  # of the values an action takes
MAX_PROBLEMS = 50

# Everything that has no picture and is no line break or tab, direction overrides that make text read differently from what it is, and halves of characters.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ONE_LINE = re.compile("[\n\r\t\u2028\u2029]")
# Words that CEL keeps for itself: nothing can be called so.
RESERVED = frozenset(
    "as break const continue else false for function if import in let loop namespace null package return true var void while".split()  # noqa: SIM905
)


class Cursor:
    """One value of the raw data, with the path that leads to it."""

    __slots__ = ("path", "problems", "value")

    def __init__(self, value: Any, path: tuple[str | int, ...] = (), problems: list[Problem] | None = None) -> None:
        self.value = value
        self.path = path
        self.problems: list[Problem] = [] if problems is None else problems

    def problem(self, message: str, *more: str | int) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(message, (*self.path, *more)))

    # --- mappings --------------------------------------------------------------------------------------------------------

    def mapping(self, what: str, fields: Sequence[str]) -> bool:
        """Whether it is a mapping; fields that do not belong are problems."""
        if not isinstance(self.value, Mapping):
            self.problem(f"{what} must hold fields such as {listed(fields[:3])}; this is {kind(self.value)}.")
            return False
        for key in self.value:
            if len(self.problems) < MAX_PROBLEMS and (not isinstance(key, str) or key not in fields):
                self.problem(f"{what} has no field “{str(key)[:60]}”.{did_you_mean(str(key), fields)}", str(key)[:60])
        return True

    def has(self, key: str) -> bool:
        """Whether the field was said; an empty value counts as not said."""
        return isinstance(self.value, Mapping) and self.value.get(key) is not None

    def at(self, key: str) -> Cursor:
        return Cursor(self.value.get(key) if isinstance(self.value, Mapping) else None, (*self.path, key), self.problems)

    def entries(self, what: str, most: int = MAX_LIST) -> Iterator[Cursor]:
        """The parts of a list."""
        if not isinstance(self.value, (list, tuple)):
            self.problem(f"{what} must be a list; this is {kind(self.value)}.")
            return
        if len(self.value) > most:
            self.problem(f"{what} has {len(self.value):,} entries; {most:,} are allowed.")
            return
        for index, value in enumerate(self.value):
            yield Cursor(value, (*self.path, index), self.problems)

    def texts(self, key: str, what: str, most: int = MAX_LIST) -> tuple[str, ...]:
        """A list of one-line texts, each once; one text alone counts as a list of it."""
        if not self.has(key):
            return ()
        inner = self.at(key)
        if isinstance(inner.value, str):
            inner = Cursor([inner.value], inner.path, self.problems)
        found = [text for entry in inner.entries(what, most) if (text := entry.line(what))]
        if len(set(found)) < len(found):
            inner.problem(f"{what} names one thing twice.")
        return tuple(dict.fromkeys(found))

    def pairs(self, key: str, what: str) -> dict[str, str]:
        if not self.has(key):
            return {}
        inner = self.at(key)
        if not isinstance(inner.value, Mapping) or len(inner.value) > MAX_LIST:
            inner.problem(f"{what} must hold up to {MAX_LIST} pairs of texts; this is {kind(inner.value)}.")
            return {}
        names = {name: Cursor(name, (*inner.path, str(name)[:60]), self.problems).line(what) for name in inner.value}
        return {text: inner.at(name).line(what) for name, text in names.items() if text}

    # --- single values ---------------------------------------------------------------------------------------------------

    def line(self, what: str, longest: int = MAX_NAME) -> str:
        """Text of one line without surrounding blanks; empty when it does not fit."""
        text = self.text(what, longest)
        if _ONE_LINE.search(text):
            self.problem(f"{what} must stay on one line.")
            return ""
        return text.strip()

    def named(self, what: str) -> str:
        """As ``line``; what is left empty is a problem."""
        return self._not_empty(what, self.line, MAX_NAME)

    def filled(self, what: str, longest: int = MAX_TEXT) -> str:
        """As ``text``; what is left empty is a problem."""
        return self._not_empty(what, self.text, longest)

    def _not_empty(self, what: str, read: Callable[[str, int], str], longest: int) -> str:
        before = len(self.problems)
        text = read(what, longest)
        if not text.strip() and len(self.problems) == before:
            self.problem(f"{what} is empty.")
        return text

    def text(self, what: str, longest: int = MAX_TEXT) -> str:
        if not isinstance(self.value, str):
            self.problem(f"{what} must be text; this is {kind(self.value)}.")
            return ""
        if len(self.value) > longest:
            self.problem(f"{what} has {len(self.value):,} characters; {longest:,} are allowed.")
            return ""
        if unseen := _UNSEEN.search(self.value):
            self.problem(f"{what} holds a character that cannot be seen (U+{ord(unseen[0]):04X}). Take it out.")
            return ""
        return self.value

    def choice(self, key: str, what: str, choices: Sequence[str], default: str) -> str:
        if not self.has(key):
            return default
        inner = self.at(key)
        if inner.value not in choices:
            said = inner.value if isinstance(inner.value, str) else kind(inner.value)
            inner.problem(f"{what} is “{str(said)[:60]}”, but must be {listed(choices, 'or')}.{did_you_mean(str(said), choices)}")
            return default
        return str(inner.value)

    def whole(self, key: str, what: str, low: int, high: int) -> int | None:
        if not self.has(key):
            return None
        value = self.at(key).value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem(f"{what} must be a whole number from {low:,} to {high:,}.", key)
            return None
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        if not self.has(key):
            return default
        value = self.at(key).value
        if not isinstance(value, bool):
            self.problem(f"“{key}” must be true or false; this is {kind(value)}.", key)
            return default
        return value

    def seconds(self, key: str, low: float, high: float) -> float | None:
        """A duration between two bounds, in seconds, to the millisecond."""
        return self.checked(key, lambda value: within(value, f"“{key}”", low, high))

    def expression(self, key: str, *, needed: str = "") -> str:
        """CEL, not yet compiled. ``needed``: a sentence for when it is not said."""
        text = self.at(key).text(f"“{key}”").strip() if self.has(key) else ""
        if needed and not text and not (self.has(key) and not isinstance(self.at(key).value, str)):
            self.problem(needed, key)
        return text

    def ident(self, key: str, what: str) -> str:
        """A name that expressions can use; empty when it is not said or cannot be one."""
        if not self.has(key):
            return ""
        name = self.at(key).named(what)
        if name and not is_ident(name):
            self.problem(
                f"“{name[:60]}” cannot be {what[0].lower()}{what[1:]}: letters, digits and _ only, not beginning with a digit, "
                "64 characters at most, and no word of CEL.",
                key,
            )
            return ""
        return name

    def checked(self, key: str, read: Callable[[Any], Value]) -> Value | None:
        """What ``read`` makes of the field; its Invalid becomes a problem there."""
        if not self.has(key):
            return None
        try:
            return read(self.at(key).value)
        except Invalid as error:
            self.problem(str(error), key)
            return None

    def json(self, what: str, depth: int = 0) -> Json:
        """Any value an action may take, as plain JSON."""
        value = self.value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            return self._number(what, value)
        if isinstance(value, str):
            return self.text(what)
        if depth >= MAX_DEPTH:
            self.problem(f"{what} is nested more than {MAX_DEPTH} deep.")
        elif isinstance(value, (list, tuple)):
            return [entry.json(what, depth + 1) for entry in self.entries(what)]
        elif isinstance(value, Mapping) and len(value) <= MAX_LIST:
            return {self._key(key, what): self.at(key).json(what, depth + 1) for key in value}
        else:
            self.problem(f"{what} holds {kind(value)}, which cannot be kept.")
        return None

    def _number(self, what: str, value: float) -> Json:
        if isinstance(value, float) and not math.isfinite(value):
            self.problem(f"{what} must be a finite number.")
            return None
        if isinstance(value, int) and abs(value) >= 2**63:
            self.problem(f"{what} is too large a number; put it in quotes to keep it as text.")
            return None
        return value

    def _key(self, key: Any, what: str) -> str:
        return Cursor(key, (*self.path, str(key)[:60]), self.problems).text(what, MAX_NAME)


def within(value: Any, what: str, low: float, high: float) -> float:
    """Seconds of a duration. Raises Invalid."""
    found = round(duration(value), 3)
    if not low <= found <= high:
        raise Invalid(f"{what} must lie between {_span(low)} and {_span(high)}.")
    return found


def _span(seconds: float) -> str:
    return span_in_words(seconds) if seconds >= 1 else f"{seconds:g} seconds"


def is_ident(text: str) -> bool:
    return bool(re.match(IDENT, text)) and text not in RESERVED and "\n" not in text


def is_dotted(text: str) -> bool:
    """``service.name`` in the catalogue's spelling."""
    return bool(re.match(DOTTED, text)) and not text.endswith("\n")


def is_service(text: str) -> bool:
    return bool(re.match(SERVICE, text)) and not text.endswith("\n")


def kind(value: Any) -> str:
    """What a raw value is, for people."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    names: tuple[tuple[Any, str], ...] = (
        (str, "a text"),
        ((int, float), "a number"),
        ((list, tuple), "a list"),
        (Mapping, "a group of fields"),
    )
    return next((name for types, name in names if isinstance(value, types)), "something else")
