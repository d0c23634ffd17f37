"""What each stored workflow needs to start and to finish: services together (AND), fallbacks instead of each other (OR)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from engine.graph.platforms import FACES
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Definition, Step, Trigger, TriggerType, Workflow
from engine.workflow.order import effective_steps


class RunCounts(Protocol):
    """How many runs of a workflow were started in the window that was looked at."""

    @property
    def total(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Way:
    """One way of doing a step: it works while all of ``services`` do. ``by`` is the one that is asked."""

    by: str
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class Need:
    """A step, done by its first way, else by one of the others."""

    step: Step
    first: Way
    others: tuple[Way, ...] = ()

    @property
    def second(self) -> Way | None:
        """The one that is tried first of the others."""
        return self.others[0] if self.others else None


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow as the graph sees it. ``sources``: services whose events start it; any of them is enough if ``any_source``."""

    workflow: Workflow
    needs: tuple[Need, ...]
    sources: tuple[str, ...]
    any_source: bool
    per_hour: float

    @property
    def id(self) -> str:
        return self.workflow.id

    @property
    def name(self) -> str:
        return self.workflow.name


def flow_of(workflow: Workflow, catalogue: Catalogue, per_hour: float) -> Flow:
    definition = workflow.definition
    return Flow(
        workflow=workflow,
        needs=tuple(_need(step, definition, catalogue) for step in effective_steps(definition)),
        sources=tuple(dict.fromkeys(_sources(definition.trigger))),
        any_source=bool(definition.trigger.any),
        per_hour=per_hour,
    )


def _need(step: Step, definition: Definition, catalogue: Catalogue) -> Need:
    options = definition.options
    named = [*options.among.get(step.service, ()), *([options.fallback[step.service]] if step.service in options.fallback else [])]
    others = [other for other in named if step.action not in catalogue.actions or catalogue.equivalent(step.action, other) is not None]
    if step.fallback is not None:  # its own goes before what the workflow says of the service
        others = [*(other for other in others if other in options.among.get(step.service, ())), step.fallback.action.partition(".")[0]]
    ways = (Way(other, _with_face(other, step, definition)) for other in dict.fromkeys(others))
    return Need(step, Way(step.service, _with_face(step.service, step, definition)), tuple(ways))


def _with_face(service: str, step: Step, definition: Definition) -> frozenset[str]:
    """The service, and the chat platform behind it where the step speaks through the bot itself."""
    if service != "chat":
        return frozenset({service})
    channel = step.arguments.get("channel")
    address = definition.places.get(channel, channel) if isinstance(channel, str) else ""
    face = address.partition(":")[0] if ":" in address else definition.home
    return frozenset({"chat", face} if face in FACES else {"chat"})


def _sources(trigger: Trigger) -> Iterator[str]:
    """Services whose events start it. The house's own events and its predictions need nobody."""
    if trigger.type is TriggerType.EVENT_BASED:
        yield trigger.service
    for event in (*trigger.all, *trigger.any, *trigger.sequence):
        yield event.partition(".")[0]
