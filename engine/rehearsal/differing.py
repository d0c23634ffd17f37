"""What two versions of a workflow would do differently about the same events: which start it, who is asked what, how it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.errors import Invalid, Problem
from engine.rehearsal.deciding import Decision
from engine.rehearsal.story import End, Line, Trial, What
from engine.workflow.definition import Json, Workflow

MOST_DAYS = 30
MOST_EVENTS = 2_000  # that are looked at
MOST_PLAYED = 100  # events of which both versions are played; of more the newest
LONGEST_VALUE = 300  # characters of an argument that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWish:
    """``new``: the version to be tried, stored or a draft's; ``old``: the one it is held against, None = it is new altogether."""

    new: Workflow
    old: Workflow | None
    days: float = 7.0
    others: tuple[Workflow, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.days <= MOST_DAYS:
            problem = Problem(f"between a moment and {MOST_DAYS} days can be replayed", ("days",))
            raise Invalid("This cannot be replayed.", [problem])


@dataclass(frozen=True, slots=True, kw_only=True)
class AskMade:
    """One step's ask, as it was first put."""

    step: str
    action: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``kind``: new (a step that asks now), gone, or other (it asks something else). ``was`` and ``now`` are short texts."""

    kind: str
    step: str
    action: str
    argument: str = ""
    was: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one version makes of an event. ``reason``: why it does not start. ``end`` None: it starts, and was not played."""

    starts: bool
    reason: str = ""
    end: End | None = None
    why: str = ""
    asks: tuple[AskMade, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event. ``really``: how the run that it started then ended, "" = it started none."""

    id: str
    at: datetime
    name: str
    event: Mapping[str, Json]
    old: Side | None
    new: Side
    changes: tuple[Change, ...] = ()
    really: str = ""

    @property
    def kind(self) -> str:
        """newly, no_more, differs, same, or neither (no version starts)."""
        before = self.old is not None and self.old.starts
        if self.new.starts != before:
            return "newly" if self.new.starts else "no_more"
        if not self.new.starts:
            return "neither"
        ends_differ = self.old is not None and self.old.end is not self.new.end
        return "differs" if self.changes or ends_differ else "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """``rows`` oldest first. ``notes``: what the reader should know first."""

    name: str
    workflow: str
    old: int  # version; 0 = none
    new: int
    since: datetime
    until: datetime
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    unit: str = "event"  # or fire

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.rows)

    @property
    def same(self) -> bool:
        return all(row.kind in ("same", "neither") for row in self.rows)

    def summary(self) -> str:
        """“Of 42 events 30 would start it (35 before): 5 no more, 0 newly; 12 would ask differently.”"""
        if not self.rows:
            return f"No {self.unit} of that time would have started it."
        starts = sum(row.new.starts for row in self.rows)
        before = sum(row.old is not None and row.old.starts for row in self.rows)
        first = f"Of {len(self.rows)} {self.unit}{'s' if len(self.rows) != 1 else ''} {starts} would start it"
        if not self.old:
            return f"{first}."
        parts = [f"{self.count(kind)} {words}" for kind, words in _WORDS.items() if self.count(kind)]
        return f"{first} ({before} before): {', '.join(parts)}." if parts else f"{first}, as before, and nothing differs."


_WORDS = {"no_more": "no more", "newly": "newly", "differs": "would go differently"}


def asks_of(trial: Trial) -> tuple[AskMade, ...]:
    """Each step's first ask, in order; those of runs it started too, under ``<run>/<step>``."""
    found: dict[str, AskMade] = {}
    for line in trial.lines:
        if line.what is What.ASKED:
            found.setdefault(_name(line), AskMade(step=_name(line), action=line.action, arguments=line.arguments))
    return tuple(found.values())


def _name(line: Line) -> str:
    return f"{line.run}/{line.step}" if line.run else line.step


def changes_between(old: Sequence[AskMade], new: Sequence[AskMade]) -> tuple[Change, ...]:
    """Steps are the same when they have the same id; one that asks another action is gone and new."""
    before, after = {ask.step: ask for ask in old}, {ask.step: ask for ask in new}
    found = []
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was is not None and (now is None or now.action != was.action):
            found.append(Change(kind="gone", step=name, action=was.action))
        if now is not None and (was is None or now.action != was.action):
            found.append(Change(kind="new", step=name, action=now.action))
        elif now is not None and was is not None:
            found += _arguments(was, now)
    return tuple(found)


def _arguments(was: AskMade, now: AskMade) -> list[Change]:
    names = dict.fromkeys([*was.arguments, *now.arguments])
    return [
        Change(
            kind="other", step=now.step, action=now.action, argument=name, was=_text(was.arguments, name), now=_text(now.arguments, name)
        )
        for name in names
        if was.arguments.get(name) != now.arguments.get(name)
    ]


def _text(arguments: Mapping[str, Json], name: str) -> str:
    if name not in arguments:
        return "–"
    value = arguments[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def side_of(decision: Decision | None, trial: Trial | None = None) -> Side:
    """``decision`` None: the version does not wait for such an event at all."""
    if decision is None:
        return Side(starts=False, reason="it does not wait for this")
    if not decision.starts:
        return Side(starts=False, reason=decision.reason)
    if trial is None:
        return Side(starts=True)
    return Side(starts=True, end=trial.end, why=trial.why, asks=asks_of(trial))
