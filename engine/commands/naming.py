"""Which workflow a name means: its id, its name, an abbreviation or a typo that fits only one; anything less sure is asked back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA

from engine.errors import Conflict, NotFound
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import Definition, Workflow, WorkflowState

ALIKE = 0.84  # of a name's spelling that must be right for a typo of it
APART = 0.1  # by so much it must be nearer than the next name
_NOISE = frozenset({"the", "our", "my", "workflow", "flow", "automation"})


def named(name: str, workflows: Sequence[Workflow]) -> Workflow:
    """Raises NotFound with the nearest names, or with the names that all fit."""
    wanted = name.strip().strip("\"'“”‘’").strip()
    exact = [flow for flow in workflows if flow.id == wanted.casefold()] or [flow for flow in workflows if same(flow.name, wanted)]
    if exact:
        return exact[0]
    fitting = _abbreviated(wanted, workflows) or _misspelt(wanted, workflows)
    if len(fitting) == 1:
        return fitting[0]
    if not workflows:
        raise NotFound("There is no workflow yet. Say what should happen, or look at /flow templates.")
    if not wanted:
        raise NotFound("Say which workflow, for example: /flow show " + workflows[0].name)
    if fitting:
        raise NotFound(f"“{_cut(wanted)}” fits {listed(f'“{flow.name}”' for flow in fitting[:5])}. Say its whole name.")
    near = did_you_mean(wanted, [flow.name for flow in workflows]) or " /flow list shows them all."
    raise NotFound(f"There is no workflow called “{_cut(wanted)}”.{near}")


def same(one: str, other: str) -> bool:
    """Whether two names would be the same to a person."""
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def refuse_taken_name(definition: Definition, workflows: Sequence[Workflow], own: str = "") -> None:
    """Raises Conflict when another stored workflow than ``own`` has the name."""
    for workflow in workflows:
        if same(workflow.name, definition.name) and workflow.id != own:
            raise Conflict(
                f"There is a workflow called “{workflow.name}” already ({workflow.id}). "
                f"Give this one another name, or change that one: /flow edit {workflow.name}"
            )


def free_name(definition: Definition, workflows: Sequence[Workflow]) -> Definition:
    """What was named by us, not by its author, is numbered where its name is taken; not where the very same workflow is stored already."""
    taken = {workflow.name.casefold() for workflow in workflows}
    if definition.name.casefold() not in taken or any(_does(workflow.definition) == _does(definition) for workflow in workflows):
        return definition
    free = next(name for number in range(2, len(workflows) + 3) if (name := f"{definition.name} {number}").casefold() not in taken)
    return replace(definition, name=free)


def same_deed(definition: Definition, workflows: Sequence[Workflow]) -> Workflow | None:
    """The stored workflow that does the very same, begun by hand and ready to be: an order said again is that one's next run."""
    for workflow in workflows:
        alike = _does(workflow.definition) == _does(definition) and workflow.definition.places == definition.places
        if alike and workflow.state is WorkflowState.ACTIVE:
            return workflow
    return None


def _does(definition: Definition) -> tuple[object, ...]:
    return (definition.trigger, definition.when, definition.steps, definition.options)


def _abbreviated(wanted: str, workflows: Sequence[Workflow]) -> list[Workflow]:
    """Names that hold every word said. A word more than the name has may mean something else altogether, so it never fits."""
    words = _words(wanted)
    return [flow for flow in workflows if words and words <= _words(flow.name)]


def _misspelt(wanted: str, workflows: Sequence[Workflow]) -> list[Workflow]:
    spelt = " ".join(sorted(_words(wanted)))
    scored = [(OSA.normalized_similarity(spelt, " ".join(sorted(_words(flow.name)))), flow) for flow in workflows] if spelt else []
    best = max((score for score, _ in scored), default=0.0)
    return [flow for score, flow in scored if score >= max(ALIKE, best - APART)]


def _words(name: str) -> frozenset[str]:
    words = frozenset(re.findall(r"\w+", name.casefold().replace("_", " ")))
    return words - _NOISE or words


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
