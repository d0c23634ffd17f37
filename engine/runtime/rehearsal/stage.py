"""The stage: a house of its own in virtual time, with a memory that is thrown away and services that only pretend."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from engine.errors import Rejected
from engine.events import Event, RunMoved, RunStarted
from engine.parties import Address, MessageRef
from engine.ports import Actions, Answer, Call, Clock, Connections, Fault, Model, Runner, Sandbox, Speaker, Store
from engine.rehearsal.examples import example_of
from engine.rehearsal.wish import KINDS, MOST_FACTS, FaultWish
from engine.runtime.rehearsal.virtual import VirtualLoop
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json, Workflow
from engine.workflow.run import Fact, RunRecord

Provider: TypeAlias = "Callable[[Call], Awaitable[Json | Answer]]"
Dice: TypeAlias = Callable[[str], float]

RUN = "run_rehearsal"  # the run that is rehearsed; those it starts have ids of their own


class Scenery(Actions, Connections, Protocol):
    """Services that pretend. ``connectors`` has one: ``Shelf.rehearsal``."""

    @property
    def sandbox(self) -> Sandbox: ...
    async def close(self) -> None: ...


class StageRunner(Runner, Protocol):
    def providers(self) -> Mapping[str, Provider]: ...
    async def stop(self, grace: float = ...) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a stage is built of, handed in by the composition root: the same parts the house is built of, over other ports.

    ``model``: whether the house has a language model at all.
    """

    catalogue: Catalogue
    store: Callable[[Clock], Store]
    scenery: Callable[[Clock, Speaker, Mapping[str, Provider], Dice], Scenery]
    runner: Callable[[Store, Actions, Clock, Model], StageRunner]
    model: bool = True


class Prompter:
    """Fulfils ``ports.Model``: an example of what was asked for."""

    async def ask(self, prompt: str, schema: Mapping[str, Json], *, key: str) -> Json:
        return example_of(schema)


class Whisper:
    """Fulfils ``ports.Speaker``: what is said is heard by nobody, and stands."""

    def __init__(self) -> None:
        self._standing: dict[str, MessageRef] = {}

    async def say(self, to: Address, payload: Mapping[str, Json], *, key: str, kind: str = "note", priority: int = 0) -> MessageRef:
        return self._standing.setdefault(key, MessageRef(to.face, to.channel, f"rehearsed-{len(self._standing) + 1}", to.thread))

    async def standing(self, to: Address, *, key: str) -> MessageRef | None:
        return self._standing.get(key)


class Cast:
    """Fulfils ``ports.Workflows``: those that are on stage, one version each, all of them active."""

    def __init__(self, workflows: Sequence[Workflow]) -> None:
        self._workflows = {flow.id: flow for flow in workflows}

    async def get(self, workflow_id: str) -> Workflow | None:
        return self._workflows.get(workflow_id)

    async def at_version(self, workflow_id: str, version: int) -> Workflow | None:
        flow = self._workflows.get(workflow_id)
        return flow if flow is not None and flow.version == version else None

    async def versions(self, workflow_id: str) -> list[Workflow]:
        return [flow for flow in self._workflows.values() if flow.id == workflow_id]

    async def list(self, *, deleted: bool = False) -> list[Workflow]:
        return sorted(self._workflows.values(), key=lambda flow: flow.name.casefold())


class PretendVault:
    """Fulfils ``ports.Vault``: the secrets that the house keeps, by name, none of them true."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)

    async def get(self, name: str) -> Mapping[str, str] | None:
        return {"value": f"pretended-{name}"} if name in self._names else None

    async def names(self) -> list[str]:
        return list(self._names)

    async def put(self, name: str, secret: Mapping[str, str]) -> None:
        raise Rejected("A rehearsal keeps no secrets.")

    async def forget(self, name: str) -> None:
        raise Rejected("A rehearsal keeps no secrets.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    step: str
    action: str
    arguments: Mapping[str, Json]
    output: Json


class Watched:
    """Fulfils ``ports.Actions``: lets calls through and remembers each by its key, so that a doubt can be looked into.

    ``known``: what was really answered once to the same step's same ask, which is then answered again.
    """

    def __init__(self, scenery: Scenery, known: Sequence[KnownAnswer]) -> None:
        self._scenery = scenery
        self._known = {(one.step, one.action): one for one in known}
        self.calls: dict[str, Call] = {}

    async def perform(self, call: Call) -> Answer:
        self.calls[call.key] = call
        await asyncio.sleep(0)  # between any two asks the loop looks at its bounds
        known = self._known.get((call.step, f"{call.service}.{call.operation}"))
        if known is not None and call.run == RUN and dict(known.arguments) == dict(call.arguments):
            return Answer(known.output)
        return await self._scenery.perform(call)

    async def look(self, call: Call) -> Answer | None:
        return await self._scenery.look(call)

    def looks(self, service: str, operation: str) -> bool:
        return self._scenery.looks(service, operation)


class Stage:
    """Built inside a virtual loop; ``close`` it there. ``heard`` keeps every fact of every run, in the order in which they were written."""

    def __init__(
        self,
        means: Means,
        workflows: Sequence[Workflow],
        clock: Clock,
        dice: Dice,
        secrets: Sequence[str],
        loop: VirtualLoop,
        known: Sequence[KnownAnswer] = (),
    ) -> None:
        self.clock = clock
        self._loop = loop
        self.heard: list[tuple[RunRecord, Fact]] = []
        self.records: dict[str, RunRecord] = {}
        self.store = means.store(clock)
        self.store.workflows = Cast(workflows)
        self.store.vault = PretendVault(secrets)
        self.scenery = means.scenery(clock, Whisper(), {"run_workflow": self._begin_child}, dice)
        self.actions = Watched(self.scenery, known)
        self.runner = means.runner(self.store, self.actions, clock, Prompter())
        self.listen(self._note)

    async def _begin_child(self, call: Call) -> Answer:
        started = await self.runner.providers()["run_workflow"](call)
        return started if isinstance(started, Answer) else Answer(started)

    def furnish(self, faults: Sequence[FaultWish]) -> None:
        everybody = tuple(service.id for service in self.scenery.services())
        for wish in sorted(faults, key=lambda wish: KINDS.index(wish.kind)):
            for service in (wish.service,) if wish.service else everybody:
                self.scenery.sandbox.inject(Fault(service, wish.kind, wish.share))

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self.store.ledger.listen(heard)

    def _note(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self.records[event.run.id] = event.run
            elif isinstance(event, RunMoved) and event.run is not None:
                self.records[event.run_id] = event.run
            if isinstance(event, (RunStarted, RunMoved)):
                run_id = event.run.id if isinstance(event, RunStarted) else event.run_id
                self.heard += [(self.records[run_id], fact) for fact in event.facts]
        if len(self.heard) > MOST_FACTS:
            self._loop.bounds.stop(f"more than {MOST_FACTS:,} things happened")
            self._loop.come_to_rest()

    async def close(self) -> None:
        await self.runner.stop(0.0)
        await self.scenery.close()
        await self.store.close()
        mine = asyncio.current_task()
        for task in asyncio.all_tasks():
            if task is not mine:
                task.cancel()
