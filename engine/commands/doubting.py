"""A step in doubt: which run and step a card or a request means, and how what a human knows of it is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.commands.command import Asked, Asking, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.commands.run_steps import the_step
from engine.commands.running import UNDER_WAY, AboutRun, found, meant
from engine.commands.show_run import shown
from engine.errors import Conflict, NotFound
from engine.workflow.definition import Json
from engine.workflow.run import RunRecord, StepState, StepView

MOST_OPTIONS = 5


@dataclass(frozen=True, slots=True)
class Doubt:
    """``card``: its id, "" when it was meant in words."""

    run: RunRecord
    step: StepView
    card: str = ""


class AboutDoubt(AboutRun, Protocol):
    """A command about one step in doubt, named by its card, or by its run and step."""

    @property
    def doubt(self) -> str: ...
    @property
    def step(self) -> str: ...


async def doubted(house: House, card: str, payload: Mapping[str, Json] | None = None) -> Doubt:
    """What a doubt's card is about; ``payload`` where the posting is at hand. Raises NotFound."""
    about = payload or next((posting.payload for posting in await house.store.postings.of(card) if posting.kind == "doubt"), None)
    if not about:
        raise NotFound("This step in doubt is not known here any more. /flow history lists the last runs.")
    run = await found(house, str(about.get("run", "")))
    step = next((one for one in (await shown(house, run)).steps if one.id == about.get("step")), None)
    if step is None:
        raise NotFound("This step is not part of the run any more.")
    return Doubt(run, step, card)


async def the_doubt(house: House, asking: Asking, command: AboutDoubt) -> Doubt | Outcome:
    """The doubt by its card, else the one that fits; a question when several runs have one. Raises NotFound or Rejected."""
    if command.doubt:
        return await doubted(house, command.doubt)
    if command.run or command.workflow:
        run = await meant(house, asking, command, UNDER_WAY)
        return run if isinstance(run, Outcome) else await _of_run(house, run, command.step)
    doubts = [one for run in await house.store.runs.list(outcome="waiting") for one in await _all(house, run)]
    doubts += [one for run in await house.store.runs.list(outcome="running") for one in await _all(house, run)]
    if len(doubts) == 1:
        return doubts[0]
    if not doubts:
        raise NotFound("No step of any run is in doubt; nothing was changed.")
    options = tuple((f"{one.run.name}: {one.step.id}"[:70], f"{one.run.name} {one.step.id}") for one in doubts[:MOST_OPTIONS])
    deeds = tuple((command.NAME, {"run": one.run.id, "step": one.step.id}) for one in doubts[:MOST_OPTIONS])
    return Outcome(result=Asked(question=f"{len(doubts)} steps are in doubt. Which one?", options=options, deeds=deeds))


async def _all(house: House, run: RunRecord) -> list[Doubt]:
    return [Doubt(run, step) for step in (await shown(house, run)).steps if step.state is StepState.IN_DOUBT]


async def _of_run(house: House, run: RunRecord, step: str) -> Doubt:
    steps = (await shown(house, run)).steps
    among = [one.id for one in steps if one.state is StepState.IN_DOUBT]
    if not among:
        raise Conflict(f"No step of this run of “{run.name}” is in doubt; the run is {run.state.value}. Nothing was changed.")
    id = the_step(step, steps, among, "settled")
    return Doubt(run, next(one for one in steps if one.id == id))


async def settle(
    house: House, asking: Asking, command: AboutDoubt, verb: str, act: Callable[[Doubt], Awaitable[RunRecord]], said: str
) -> Outcome:
    """``said`` is told of it, with {step} in it. Raises Conflict when the step is not in doubt any more, or in doubt anew since the card
    that was pressed."""
    doubt = await the_doubt(house, asking, command)
    if isinstance(doubt, Outcome):
        return doubt
    step = doubt.step
    if step.state is not StepState.IN_DOUBT:
        raise Conflict(f"This is settled already: “{step.id}” is {step.state.value.replace('_', ' ')} now. Your press changed nothing.")
    if asking.version and asking.version != step.attempts:
        raise Conflict(f"“{step.id}” was asked again since and is in doubt once more. Look there anew, then press on the new card.")
    await act(doubt)
    await house.store.ledger.record(house.audit(asking, verb, doubt.run.id, step.id))
    return await noted(house, asking, doubt.card, said.format(step=step.id))
