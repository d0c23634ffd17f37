"""From facts to the lines people read: who was asked what and when, what failed, what came next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.rehearsal.story import Line, What
from engine.workflow.definition import Approve, AskModel, Definition, Json, Step, SubRun, Wait
from engine.workflow.order import APPROVAL
from engine.workflow.run import Fact, FactKind

UNDO = ".undo"
_BY_CONSTRUCT: Mapping[type, str] = {Approve: "chat.ask_approval", SubRun: "signalbox.run_workflow", AskModel: "model.ask", Wait: "wait"}


def step_of(definition: Definition, id: str) -> Step | None:
    """The step of a definition that ``post[3]`` or ``pay.undo`` is one of; None for the approval before the first step."""
    base = id.partition("[")[0].removesuffix(UNDO)
    return next((step for step in definition.every_step if step.id == base), None)


def action_of(definition: Definition, id: str) -> str:
    """Whom a step asks, as ``service.operation``; the name of the construct for those that ask nobody."""
    step = step_of(definition, id)
    if step is None:
        return "chat.ask_approval" if id == APPROVAL else ""
    if id.partition("[")[0].endswith(UNDO) and step.compensate is not None:
        return step.compensate.action
    return step.action or _BY_CONSTRUCT.get(type(step.does), "")


@dataclass(slots=True)
class Teller:
    """Of one run. ``began``: when the whole rehearsal did. ``name``: of a run that was started by it, "" = the run itself."""

    definition: Definition
    began: datetime
    name: str = ""

    def line(self, fact: Fact) -> Line | None:
        """None for facts that say nothing a reader wants."""
        tell = TELL.get(fact.kind)
        if tell is None:
            return None
        what, more = tell(fact)
        return Line(
            at=max(0.0, round((fact.at - self.began).total_seconds(), 3)),
            what=what,
            run=self.name,
            step=fact.step,
            action=str(fact.data.get("action") or (action_of(self.definition, fact.step) if fact.step else "")),
            attempt=fact.attempt,
            undo=fact.step.partition("[")[0].endswith(UNDO),
            **more,
        )

    def lines(self, facts: Sequence[Fact]) -> list[Line]:
        return [line for fact in facts if (line := self.line(fact)) is not None]


Told = tuple[What, dict[str, Any]]


def _began(fact: Fact) -> Told:
    return What.BEGAN, {"text": "It waits for its turn." if fact.data.get("queued") else ""}


def _asked(fact: Fact) -> Told:
    return What.ASKED, {"arguments": _mapping(fact.data.get("arguments"))}


def _answered(fact: Fact) -> Told:
    return What.ANSWERED, {"output": fact.data.get("output")}


def _refused(fact: Fact) -> Told:
    error, again = str(fact.data.get("error") or ""), fact.data.get("retry_at")
    if again is None:
        return What.GAVE_UP, {"text": error}
    wait = (datetime.fromisoformat(str(again)) - fact.at).total_seconds()
    instead = fact.data.get("instead")
    more = f" {instead} stands in." if instead else ""
    return What.FAILED, {"text": error + more, "next_in": max(0.0, round(wait, 3))}


def _waiting(fact: Fact) -> Told:
    event, until = fact.data.get("event"), fact.data.get("until")
    words = f"for {event}" if event else ""
    if until:
        left = (datetime.fromisoformat(str(until)) - fact.at).total_seconds()
        return What.WAITS, {"text": words, "next_in": max(0.0, round(left, 3))}
    return What.WAITS, {"text": words}


def _voted(fact: Fact) -> Told:
    said = "yes" if fact.data.get("approved") else "no"
    return What.VOTED, {"text": f"{fact.data.get('by') or 'Somebody'} says {said}"}


def _decided(fact: Fact) -> Told:
    return What.DECIDED, {"text": "it did happen" if fact.data.get("happened") else "it did not happen", "output": fact.data.get("output")}


def _error(what: What) -> Callable[[Fact], Told]:
    def tell(fact: Fact) -> Told:
        return what, {"text": str(fact.data.get("error") or "")}

    return tell


def _moved(fact: Fact) -> Told:
    return What.MOVED, {"text": fact.kind.value}


def _finished(fact: Fact) -> Told:
    return What.FINISHED, {"text": str(fact.data.get("error") or fact.data.get("state") or "")}


TELL: Mapping[FactKind, Callable[[Fact], Told]] = {
    FactKind.STARTED: _began,
    FactKind.ASKED: _asked,
    FactKind.ANSWERED: _answered,
    FactKind.REFUSED: _refused,
    FactKind.WAITING: _waiting,
    FactKind.VOTED: _voted,
    FactKind.REMINDED: _error(What.REMINDED),
    FactKind.IN_DOUBT: _error(What.DOUBT),
    FactKind.DECIDED: _decided,
    FactKind.SKIPPED: _error(What.SKIPPED),
    FactKind.EXPIRED: _error(What.EXPIRED),
    FactKind.CANCELLED: _error(What.CANCELLED),
    FactKind.PAUSED: _moved,
    FactKind.RESUMED: _moved,
    FactKind.RELEASED: _moved,
    FactKind.RETRIED: _moved,
    FactKind.FINISHED: _finished,
}


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
