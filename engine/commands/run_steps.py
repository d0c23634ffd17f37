"""The steps of a run as commands speak of them: which can be passed over, which a retry may put anew, which one a word means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from engine.commands.command import Amendable
from engine.errors import NotFound, Rejected
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import Definition, Json, Step, flat
from engine.workflow.run import Fact, FactKind, StepState, StepView

CONTAINERS = frozenset({"foreach", "parallel", "switch"})
PASSABLE = frozenset({StepState.WAITING, StepState.RETRYING, StepState.IN_DOUBT})
FAILED_ONLY = frozenset({StepState.FAILED})
_ENTRY = re.compile(r"\[(\d+)\]")
_SECRET = re.compile(r"\{\{[^}]*\bsecrets\s*\.")


def base_of(step_id: str) -> str:
    """The id in the definition: ``post`` of ``post[3][1]``."""
    return _ENTRY.sub("", step_id)


def entry_of(step_id: str) -> tuple[int, ...]:
    """Which entries of which foreach it belongs to, from the outside in: ``(3, 1)`` of ``post[3][1]``."""
    return tuple(int(number) for number in _ENTRY.findall(step_id))


def in_definition(definition: Definition, step_id: str) -> Step | None:
    """The step as it was written; None for one that stands only in the run, such as the approval that ``options.approval`` puts first."""
    base = base_of(step_id)
    return next((step for step in definition.every_step if step.id == base), None)


def is_approval(step: StepView) -> bool:
    return step.kind == "approve" or step.action == "chat.ask_approval"


def passable(definition: Definition, steps: Iterable[StepView], *, failed: bool) -> tuple[str, ...]:
    """Steps a human may pass over now, in order: single ones, not what holds them, and no approval. ``failed``: the run is; then only what a
    retry goes through again."""
    main = {step.id for step in flat(definition.steps)}
    return tuple(
        step.id
        for step in steps
        if step.state in (FAILED_ONLY if failed else PASSABLE)
        and step.kind not in CONTAINERS
        and not (step.undo or is_approval(step))
        and (not failed or base_of(step.id) in main)
    )


def amendable(definition: Definition, steps: Iterable[StepView], facts: Sequence[Fact]) -> tuple[Amendable, ...]:
    """Failed asks of the main part with what they were asked; where nothing could be filled in, what the definition says."""
    asked = {fact.step: fact.data.get("arguments") for fact in facts if fact.kind is FactKind.ASKED and "action" not in fact.data}
    main = {step.id for step in flat(definition.steps)}
    return tuple(
        _amendable(definition, step.id, asked.get(step.id))
        for step in steps
        if step.state is StepState.FAILED and step.kind == "action" and not step.undo and base_of(step.id) in main
    )


def _amendable(definition: Definition, step_id: str, asked: Json) -> Amendable:
    written = in_definition(definition, step_id)
    own: Mapping[str, Json] = written.arguments if written else {}
    arguments = asked if isinstance(asked, dict) else dict(own)
    fixed = frozenset(name for name, value in own.items() if _SECRET.search(json.dumps(value, default=str)))
    return Amendable(step=step_id, arguments=arguments, fixed=fixed)


def round_of(facts: Iterable[Fact]) -> int:
    """1, and one more for every retry."""
    return 1 + sum(fact.kind is FactKind.RETRIED for fact in facts)


def the_step(said: str, steps: Sequence[StepView], among: Sequence[str], doing: str) -> str:
    """The step of ``among`` that is meant; the only one where none is said. Raises Rejected or NotFound, naming them."""
    wanted = said.strip().strip("\"'“”‘’")
    if wanted:
        return _named(wanted, steps, among, doing)
    if len(among) == 1:
        return among[0]
    if not among:
        raise Rejected(f"No step of this run can be {doing} now: only one that waits, is to be tried again, is in doubt or has failed.")
    raise Rejected(f"Say which step is to be {doing}: {listed((f'“{id}”' for id in among[:8]), 'or')}.")


def _named(wanted: str, steps: Sequence[StepView], among: Sequence[str], doing: str) -> str:
    exact = [id for id in among if id.casefold() == wanted.casefold()]
    loose = exact or [id for id in among if base_of(id).replace("_", " ").casefold() == wanted.replace("_", " ").casefold()]
    if len(loose) == 1:
        return loose[0]
    if loose:
        raise Rejected(f"“{wanted[:60]}” stands for {len(loose)} steps; say which: {listed((f'“{id}”' for id in loose[:8]), 'or')}.")
    there = next((step for step in steps if step.id.casefold() == wanted.casefold()), None)
    if there is not None:
        raise Rejected(f"“{there.id}” cannot be {doing}: it is {there.state.value.replace('_', ' ')}.")
    near = did_you_mean(wanted, [step.id for step in steps])
    raise NotFound(f"This run has no step “{wanted[:60]}”.{near}")
