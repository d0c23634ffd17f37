"""Which run a request means: by id, else the one that fits; several are asked back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Protocol

from engine.commands.command import Asked, Asking, Outcome
from engine.commands.house import House
from engine.commands.speaking import local
from engine.errors import NotFound
from engine.workflow.catalogue import listed
from engine.workflow.run import RunRecord, RunState

MOST_OPTIONS = 5
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING, RunState.PAUSED)


class AboutRun(Protocol):
    """A command about one run, named by its id or by its workflow."""

    NAME: ClassVar[str]

    @property
    def workflow(self) -> str: ...
    @property
    def run(self) -> str: ...


async def meant(house: House, asking: Asking, command: AboutRun, states: Sequence[RunState]) -> RunRecord | Outcome:
    """The run by id, else the newest of the named workflow in one of ``states``; a question when no workflow is named and several have one.

    Raises NotFound.
    """
    if command.run:
        return await found(house, command.run.strip())
    chosen = await house.workflow(command.workflow) if command.workflow else None
    runs = [run for state in states for run in await house.store.runs.list(workflow=chosen.id if chosen else "", outcome=state.value)]
    runs.sort(key=lambda run: (run.started_at, run.id), reverse=True)
    newest = list({run.workflow: run for run in reversed(runs)}.values())[::-1]
    if not newest:
        of = f" of “{chosen.name}”" if chosen else ""
        raise NotFound(f"There is no {_in_words(states)} run{of}. /flow history lists the last ones.")
    return runs[0] if len(newest) == 1 else _which(asking, command, newest)


async def found(house: House, run_id: str) -> RunRecord:
    """Raises NotFound."""
    run = await house.store.runs.get(run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id[:80]}. /flow history lists the last ones.")
    return run


def _in_words(states: Sequence[RunState]) -> str:
    if len(states) == len(RunState):
        return "such"
    return "unfinished" if set(states) == set(UNDER_WAY) else listed((state.value for state in states), "or")


def _which(asking: Asking, command: AboutRun, runs: Sequence[RunRecord]) -> Outcome:
    verb = command.NAME.partition("_")[0]
    shown = runs[:MOST_OPTIONS]
    options = tuple(
        (f"{run.name}, {local(run.started_at, asking.timezone):%a %H:%M}"[:70], f"{verb} the run of {run.name}") for run in shown
    )
    deeds = tuple((command.NAME, {**said_of(command), "run": run.id}) for run in shown)
    return Outcome(result=Asked(question=f"Several workflows have one. Which run shall I {verb}?", options=options, deeds=deeds))


def said_of(command: AboutRun) -> dict[str, Any]:
    """Everything a command was told but which run: what it is asked again with."""
    told = {}
    for item in fields(command):  # type: ignore[arg-type]
        usual = item.default_factory() if item.default_factory is not MISSING else item.default
        if item.name not in ("workflow", "run") and getattr(command, item.name) != usual:
            told[item.name] = getattr(command, item.name)
    return told
