"""A rehearser over the real parts: memory, connectors, runner; for tests that try definitions."""

from __future__ import annotations

from typing import Any

from connectors._kit.shelf import Shelf
from engine.rehearsal.story import Line, Rehearsed, What
from engine.rehearsal.wish import FaultWish, Reply, Wish
from engine.runtime.guard import Guard
from engine.runtime.model_asks import WithModel
from engine.runtime.rehearsal.rehearser import Rehearser
from engine.runtime.rehearsal.stage import Means
from engine.runtime.runner import JournalRunner
from engine.runtime.safe import Safe
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Workflow, WorkflowState
from engine.workflow.parse import parse_definition
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock

SHELF = Shelf.open({}, clock=StandingClock())
CATALOGUE = Catalogue.merge(KNOWN, SHELF.services())


def means(environ: dict[str, str] | None = None) -> Means:
    def runner(store: Any, actions: Any, clock: Any, model: Any) -> JournalRunner:
        guard = Guard(WithModel(actions, model), clock, tokens=store.tokens, safe=Safe(store.vault))
        return JournalRunner(store=store, guard=guard, clock=clock, catalogue=CATALOGUE)

    def scenery(clock: Any, speaker: Any, providers: Any, dice: Any) -> Shelf:
        return Shelf.rehearsal(environ or {}, clock=clock, speaker=speaker, providers=providers, dice=dice)

    return Means(catalogue=CATALOGUE, store=MemoryStore, scenery=scenery, runner=runner)


def rehearser(environ: dict[str, str] | None = None, store: MemoryStore | None = None, **more: Any) -> Rehearser:
    return Rehearser(means(environ), store=store or MemoryStore(), clock=StandingClock(), connections=SHELF, timezone="UTC", **more)


def flow(
    steps: list[dict[str, Any]], trigger: dict[str, Any] | None = None, name: str = "Ship it", number: int = 1, **more: Any
) -> Workflow:
    raw = {"name": name, "home": "slack", "trigger": trigger or {"type": "manual"}, "steps": steps, **more}
    return Workflow(
        id=f"wf_{number:08x}", version=1, revision=1, definition=parse_definition(raw, CATALOGUE), state=WorkflowState.ACTIVE,
        created_at=NOON, created_by="slack:U1", updated_at=NOON, where="slack:C1",
    )  # fmt: skip


async def rehearsed(workflow: Workflow, *faults: tuple[str, str] | tuple[str, str, float], **more: Any) -> Rehearsed:
    wish = Wish(workflow=workflow, faults=tuple(FaultWish(*fault) for fault in faults), **more)
    return await rehearser().rehearse(wish)


def told(result: Rehearsed, *kinds: What, trial: int = 0) -> list[tuple[float, str, str]]:
    """(when, what, step) of a trial's lines, of those kinds only if any are named."""
    return [(line.at, line.what.value, line.step) for line in result.trials[trial].lines if not kinds or line.what in kinds]


def lines(result: Rehearsed, step: str) -> list[Line]:
    return [line for line in result.trials[0].lines if line.step == step]


__all__ = ["CATALOGUE", "SHELF", "Reply", "flow", "lines", "means", "rehearsed", "rehearser", "told"]
