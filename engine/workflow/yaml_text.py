"""YAML text as plain values with the place of each: the small, safe part of YAML that a workflow needs.

JSON is read too, being YAML. Refused: anchors and aliases, tags, several documents, duplicate keys, keys that are not text, and what is too
large or too deep. Plain words keep YAML 1.2's sense: ``no``, ``12:30`` and ``2026-11-23`` are text, ``010`` is text, not eight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from engine.errors import Invalid, Problem
from engine.workflow.definition import Json

MAX_BYTES = 256 * 1024
MAX_DEPTH = 80
MAX_VALUES = 50_000

Path = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser where the wheel has it: forty times faster
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_WORDS: dict[str, Json] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_HINTS = {"found character that cannot start any token": " A text that begins with @ or ` needs quotes, and lines are indented by spaces."}


@dataclass(slots=True)
class Placed:
    """A document's value; ``places`` leads from a path to the 1-based (line, column) where it stands."""

    value: Json = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path) -> tuple[int, int]:
        """Of the path, or of the nearest thing that holds it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_yaml(text: str) -> Placed:
    """Raises Invalid whose problems carry line and column."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Invalid(f"The document is larger than {MAX_BYTES // 1024} KiB. Split it.")
    reader = _Reader()
    try:
        events = _events(text)
        reader.value = reader.read(events, next(events, None), ())
        if (further := next(events, None)) is not None:
            _refuse("Only one document is read at a time; “---” begins another one.", further.start_mark)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = (error.problem or error.context or "cannot be read").strip()
        raise _invalid(f"This is not valid YAML: {what}.{_HINTS.get(what, '')}", mark) from error
    except yaml.YAMLError as error:  # a character YAML does not allow
        raise _invalid(f"This is not valid YAML: {str(error).splitlines()[0]}.", None) from error
    except (UnicodeError, ValueError) as error:
        raise _invalid("This is not valid text: it holds characters that cannot be stored.", None) from error
    return reader.placed()


def _events(text: str) -> Iterator[Any]:
    """The parser's events without the frame of stream and document."""
    frame = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
    return (event for event in yaml.parse(text, Loader=_LOADER) if not isinstance(event, frame))


class _Reader:
    """Builds values from events; nothing is built that was not bounded first."""

    def __init__(self) -> None:
        self.value: Json = None
        self.places: dict[Path, tuple[int, int]] = {}

    def placed(self) -> Placed:
        return Placed(self.value, self.places)

    def read(self, events: Iterator[Any], event: Any, path: Path) -> Json:
        if event is None:
            return None
        self._check(event, path)
        self.places.setdefault(path, (event.start_mark.line + 1, event.start_mark.column + 1))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return _scalar(event)

    def _mapping(self, events: Iterator[Any], path: Path) -> Json:
        made: dict[str, Json] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            if key is None or event.anchor:
                _refuse('A key must be plain text. A template needs quotes: "{{event.title}}".', event.start_mark)
            if key in made:
                _refuse(f"“{key[:60]}” is said twice.", event.start_mark)
            self.places[(*path, key)] = (event.start_mark.line + 1, event.start_mark.column + 1)
            made[key] = self.read(events, next(events), (*path, key))
        return made

    def _sequence(self, events: Iterator[Any], path: Path) -> Json:
        made: list[Json] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            made.append(self.read(events, event, (*path, len(made))))
        return made

    def _check(self, event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            _refuse(
                "Anchors (&) and aliases (*) are not read; write the value out. A text that begins with * or & needs quotes.",
                event.start_mark,
            )
        if event.tag and event.tag != "!":
            _refuse(f"Tags such as {event.tag[:40]} are not read; write a plain value.", event.start_mark)
        if len(path) > MAX_DEPTH:
            _refuse(f"This is nested more than {MAX_DEPTH} deep.", event.start_mark)
        if len(self.places) > MAX_VALUES:
            _refuse(f"The document holds more than {MAX_VALUES:,} values.", event.start_mark)


def _scalar(event: Any) -> Json:
    text: str = event.value
    if event.style is not None and event.style != "":  # quoted or block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) <= 300 else text
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _refuse(message: str, mark: Any) -> NoReturn:
    raise _invalid(message, mark)


def _invalid(message: str, mark: Any) -> Invalid:
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Invalid("The document cannot be read:", [Problem(message, line=line, column=column)])
