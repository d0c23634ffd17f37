"""An alternative: another service's action that may do the work of one, and how its inputs are filled.

The inputs are filled in the language of a step's own fallback: strings may hold ``{{CEL}}``. What they read is ``input``: what the replaced
action was to be given. ``{"name": "{{input.title}}", "notes": "{{input.text}}", "workspace": "Operations"}``
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Invalid, NotFound
from engine.graph.declared import raw as read
from engine.graph.declared.component import evidence_of
from engine.graph.declared.evidence import Evidence
from engine.workflow.catalogue import Action, Catalogue, did_you_mean, listed
from engine.workflow.definition import Json
from engine.workflow.expression import Expression, templates
from engine.workflow.standing_in import filled

FIELDS: Final = ("instead_of", "use", "inputs", "evidence")
MOST_INPUTS: Final = 60
LARGEST: Final = 4_000  # characters of one input
_ACTION = re.compile(r"[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,59}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """``use`` may stand in for ``instead_of`` (both ``service.operation``). ``inputs``: input of ``use`` → value or template."""

    instead_of: str
    use: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.instead_of, self.use

    @property
    def service(self) -> str:
        return self.instead_of.partition(".")[0]

    @property
    def other(self) -> str:
        return self.use.partition(".")[0]

    def arguments(self, given: Mapping[str, Json]) -> dict[str, Json]:
        """What ``use`` is to be asked with, where ``instead_of`` was to be given ``given``.

        An input that only copies one that was not given is left out. Raises Rejected where a template cannot be filled.
        """
        return filled(self.inputs, given)

    def faults(self, catalogue: Catalogue) -> list[str]:
        """What the catalogue says against it, in sentences: unknown actions and inputs, required inputs that nothing fills, read for write."""
        try:
            ours, theirs = catalogue.action(self.instead_of), catalogue.action(self.use)
        except NotFound as error:
            return [str(error)]
        return [*_unknown(self.inputs, theirs), *_unread(self._read(), ours), *_unfilled(self.inputs, theirs), *_unlike(ours, theirs)]

    def _read(self) -> set[str]:
        """Inputs of ``instead_of`` that templates read."""
        paths = (path for text in _templates(self.inputs) for path in Expression.compile(text, ("input",)).references())
        return {path[1] for path in paths if path[0] == "input" and len(path) > 1}

    def to_json(self) -> dict[str, Any]:
        made: dict[str, Any] = {"instead_of": self.instead_of, "use": self.use}
        if self.inputs:
            made["inputs"] = dict(self.inputs)
        if self.evidence:
            made["evidence"] = [one.to_json() for one in self.evidence]
        return made

    @classmethod
    def from_json(cls, raw: Any) -> Alternative:
        """Raises Invalid with a sentence."""
        found = read.mapping(raw, "An alternative")
        read.only(found, FIELDS, "An alternative")
        made = cls(
            instead_of=_action(found.get("instead_of"), "“instead_of”"),
            use=_action(found.get("use"), "“use”"),
            inputs=_inputs(found.get("inputs") or {}),
            evidence=evidence_of(found.get("evidence")),
        )
        if made.instead_of == made.use:
            raise Invalid(f"{made.use} cannot stand in for itself.")
        return made


def _action(raw: Any, what: str) -> str:
    text = read.words(raw, what, 120)
    if not _ACTION.fullmatch(text):
        raise Invalid(f"{what} names an action, such as jira.create_issue, not {read.shown(text)}.")
    return text


def _inputs(raw: Any) -> dict[str, Json]:
    found = read.mapping(raw, "“inputs”")
    if len(found) > MOST_INPUTS:
        raise Invalid(f"An alternative has at most {MOST_INPUTS} inputs.")
    for name, value in found.items():
        if not _NAME.fullmatch(name):
            raise Invalid(f"{read.shown(name)} is no name of an input.")
        _small(value, 0)
        for text in _templates(value):
            if further := sorted(set(Expression.compile(text, ("input",)).roots) - {"input"}):
                raise Invalid(
                    f"A template of an alternative reads only “input”, what the replaced action was to be given, not “{further[0]}”."
                )
    return dict(found)


def _small(value: Json, depth: int) -> None:
    if depth > 8:
        raise Invalid("An input of an alternative is nested at most 8 deep.")
    if isinstance(value, str) and (len(value) > LARGEST or any("\ud800" <= character <= "\udfff" for character in value)):
        raise Invalid(f"An input of an alternative is at most {LARGEST:,} characters of text.")
    if isinstance(value, (int, float)) and not abs(value) < 10**30:  # neither endless nor without a number
        raise Invalid("A number in an input of an alternative is too large.")
    parts: list[Json] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if len(parts) > MOST_INPUTS:
        raise Invalid(f"An input of an alternative holds at most {MOST_INPUTS} values.")
    for part in parts:
        _small(part, depth + 1)


def _templates(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from templates(value)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from templates(key)
            yield from _templates(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _templates(part)


def _unknown(inputs: Mapping[str, Json], theirs: Action) -> list[str]:
    known = [entry.name for entry in theirs.inputs]
    return [f"{theirs.id} takes no {read.shown(name)}.{did_you_mean(name, known)}" for name in inputs if known and name not in known]


def _unread(read_names: set[str], ours: Action) -> list[str]:
    known = [entry.name for entry in ours.inputs]
    return [
        f"{ours.id} is given no {read.shown(name)}.{did_you_mean(name, known)}"
        for name in sorted(read_names)
        if known and name not in known
    ]


def _unfilled(inputs: Mapping[str, Json], theirs: Action) -> list[str]:
    missing = [entry.name for entry in theirs.inputs if entry.required and entry.default is None and entry.name not in inputs]
    return (
        [f"{theirs.id} cannot do without {listed(missing)}, and nothing fills {'it' if len(missing) == 1 else 'them'}."] if missing else []
    )


def _unlike(ours: Action, theirs: Action) -> list[str]:
    if ours.writes == theirs.writes:
        return []
    reads, writes = (theirs.id, ours.id) if ours.writes else (ours.id, theirs.id)
    return [f"{reads} only reads and {writes} changes something, so one is no replacement for the other."]
