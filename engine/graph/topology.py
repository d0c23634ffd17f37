"""Who needs whom, as the grouping of alerts asks: from what the house knows of workflows and platforms.

    workflow ──▶ the services that its steps cannot do without, and the workflows whose end it waits for
    service  ──▶ platform:Name

A service that another stands in for is not needed, and the two are no relation: one is there for when the other fails. Nor is what a step
needs whose failure lets the run go on, nor the services whose events start a workflow: without events it is idle, it does not fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from engine.graph.needs import flow_of
from engine.graph.platforms import PLATFORM
from engine.monitoring.grouping.topology import Topology
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import OnError, SubRun, Workflow, WorkflowState, flat

# Names that stand for nothing one could be cut off from: the house itself, whichever chat (its platform is named beside it), any address at all.
NOT_ONE_THING: Final = frozenset({"signalbox", "chat", "http"})
RUNS: Final = "signalbox.run_workflow"


def topology_of(workflows: Iterable[Workflow], catalogue: Catalogue, *, declared: Iterable[tuple[str, str]] = ()) -> Topology:
    """A workflow's node is its id. ``declared``: further lines, (dependant, what it needs), that people or a catalogue of services name.

    Paused and deleted workflows do not run, so they do not fail either. A thousand workflows take some tens of milliseconds.
    """
    active = [workflow for workflow in workflows if workflow.state is WorkflowState.ACTIVE]
    by_name = {workflow.name.casefold(): workflow.id for workflow in active}
    lines = [(workflow.id, needed) for workflow in active for needed in _needed(workflow, catalogue, by_name)]
    names = {service.id: service.name for service in catalogue.services.values()} | {workflow.id: workflow.name for workflow in active}
    further = list(declared)
    services = {*catalogue.services, *(end for line in further for end in line)} - NOT_ONE_THING
    return Topology.of([*lines, *further], platforms=PLATFORM, names=names, services=services)


def _needed(workflow: Workflow, catalogue: Catalogue, by_name: Mapping[str, str]) -> Iterator[str]:
    """Ids of services and workflows, of steps within steps too; some more than once."""
    definition = workflow.definition
    # A step's fallback and what its failure means are all that counts here: no order, no conditions.
    steps = [replace(step, needs=(), when="") for step in flat(definition.steps) if step.on_error is OnError.FAIL]
    for step in steps:
        if isinstance(step.does, SubRun) and step.does.wait:
            yield by_name.get(step.does.workflow.casefold(), step.does.workflow)
        elif step.action == RUNS and step.arguments.get("wait") is True:
            name = str(step.arguments.get("workflow", ""))
            yield by_name.get(name.casefold(), name)
    asks = tuple(step for step in steps if step.action and step.fallback is None)
    for need in flow_of(replace(workflow, definition=replace(definition, steps=asks, when="")), catalogue, 0.0).needs:
        if need.second is None:
            yield from sorted(need.first.services - NOT_ONE_THING)
