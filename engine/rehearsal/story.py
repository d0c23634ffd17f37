"""What came of a rehearsal, as values: trials, each a list of lines with what would have happened when, and what a human would be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.rehearsal.wish import FaultWish, Reply
from engine.workflow.definition import Json
from engine.workflow.run import StepView


class What(StrEnum):
    BEGAN = "began"
    ASKED = "asked"
    ANSWERED = "answered"
    FAILED = "failed"  # an attempt; another one follows
    GAVE_UP = "gave_up"  # the step
    WAITS = "waits"
    VOTED = "voted"
    REMINDED = "reminded"
    DOUBT = "doubt"
    DECIDED = "decided"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    MOVED = "moved"  # paused, resumed, released, retried
    FINISHED = "finished"
    NOTE = "note"  # said by the rehearsal itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``at``: virtual seconds since the run began. ``run``: the name of a run that this one started, "" = the run itself.

    ``text``: why, or what came of it, in words. ``next_in``: seconds until the next attempt. ``undo``: it takes back what a step did.
    """

    at: float
    what: What
    run: str = ""
    step: str = ""
    action: str = ""
    attempt: int = 0
    text: str = ""
    arguments: Mapping[str, Json] = field(default_factory=dict)
    output: Json = None
    next_in: float | None = None
    undo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a human would be asked: ``kind`` is approval or doubt. ``answer``: what was said in the rehearsal, in words."""

    at: float
    kind: str
    step: str
    action: str
    text: str
    answer: str = ""
    run: str = ""


class End(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WAITS = "waits"  # nothing more would happen by itself
    CUT_OFF = "cut_off"  # a bound of the rehearsal was reached
    REFUSED = "refused"  # it would not even start


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run from its beginning to its ``end``; ``why`` says so in a sentence. ``seconds`` are virtual.

    ``asks``: attempts; ``failures``: those that did not come through. ``lines`` and ``steps`` only of a trial that is told.
    """

    number: int
    end: End
    why: str = ""
    seconds: float = 0.0
    asks: int = 0
    failures: int = 0
    lines: tuple[Line, ...] = ()
    questions: tuple[Question, ...] = ()
    steps: tuple[StepView, ...] = ()

    @property
    def undone(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.step for line in self.lines if line.undo and line.what is What.ANSWERED))


FAILURES = frozenset({What.FAILED, What.GAVE_UP, What.DOUBT})


def most_telling(trials: Sequence[Trial]) -> Trial:
    """The one most worth reading: the first that did not succeed, else the first with a doubt, else the one with most trouble."""
    bad = [trial for trial in trials if trial.end is not End.SUCCEEDED]
    doubtful = [trial for trial in trials if any(question.kind == "doubt" for question in trial.questions)]
    return (bad or doubtful or sorted(trials, key=lambda trial: -trial.failures))[0]


def briefed(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Only the most telling one keeps its lines."""
    told = most_telling(trials)
    return tuple(trial if trial is told else replace(trial, lines=(), steps=()) for trial in trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """``event``: what it was tried on, ``example`` where nobody said one. ``notes``: what the reader should know first. ``wanted``: trials."""

    name: str
    workflow: str
    version: int
    trials: tuple[Trial, ...]
    wanted: int
    seed: int
    reply: Reply
    faults: tuple[FaultWish, ...] = ()
    event: Mapping[str, Json] = field(default_factory=dict)
    inputs: Mapping[str, Json] = field(default_factory=dict)
    example: bool = False
    notes: tuple[str, ...] = ()

    @property
    def ends(self) -> Mapping[End, int]:
        return Counter(trial.end for trial in self.trials)

    @property
    def good(self) -> bool:
        return all(trial.end is End.SUCCEEDED for trial in self.trials)

    @property
    def telling(self) -> Trial:
        return next((trial for trial in self.trials if trial.lines), self.trials[0])

    def summary(self) -> str:
        """“20 of 20 trials succeed; in 3 a human is asked about trello.create_card”."""
        if len(self.trials) == 1:
            return _one(self.trials[0])
        counts = [f"{self.ends[end]} {words}" for end, words in _ENDINGS.items() if self.ends.get(end)]
        first = f"{self.ends.get(End.SUCCEEDED, 0)} of {len(self.trials)} trials succeed"
        return "; ".join([first, *counts, *_asked_in(self.trials)])


_ENDINGS = {
    End.FAILED: "fail", End.CANCELLED: "end cancelled", End.WAITS: "wait for ever", End.CUT_OFF: "were cut off", End.REFUSED: "do not start",
}  # fmt: skip
_SINGLE = {
    End.SUCCEEDED: "It would succeed", End.FAILED: "It would fail", End.CANCELLED: "It would be cancelled", End.WAITS: "It would wait for ever",
    End.CUT_OFF: "It was cut off", End.REFUSED: "It would not start",
}  # fmt: skip


def _one(trial: Trial) -> str:
    why = f": {trial.why}" if trial.why else ""
    asked = "".join(f"; {clause}" for clause in _asked_in((trial,)))
    return f"{_SINGLE[trial.end]}{why.rstrip('.')}{asked}"


def _asked_in(trials: tuple[Trial, ...]) -> list[str]:
    """In how many trials a human is asked whether something happened, by action."""
    doubts: Counter[str] = Counter()
    for trial in trials:
        doubts.update({question.action for question in trial.questions if question.kind == "doubt"})
    if len(trials) == 1:
        return [f"a human would be asked whether {action} happened" for action in sorted(doubts)]
    return [f"in {count} a human is asked whether {action} happened" for action, count in sorted(doubts.items())]
