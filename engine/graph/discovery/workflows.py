"""Lines from the definitions of workflows: what each step asks, what stands in for it, what starts the workflow and what it starts.

A step that needs two services at once (the chat, and the platform behind it) and may be done by others instead is written as groups that all
hold: (chat and slack) or teams is (chat or teams) and (slack or teams). That is exact, and every group stays a list of single services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.declared.names import clean, id_of
from engine.graph.discovery.map import Knowledge
from engine.graph.needs import Way, flow_of
from engine.graph.platforms import PLATFORM
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Approve, OnError, Step, SubRun, Trigger, TriggerType, Wait, Workflow, WorkflowState, flat

NOWHERE: Final = frozenset({"", "signalbox", "http"})  # the house itself, and any address at all: nothing one could be cut off from
RUNS: Final = "signalbox.run_workflow"
TRIGGER: Final = "trigger"
Group = tuple[str, ...]  # services that one way of doing a step needs together


def workflow_lines(
    workflows: Iterable[Workflow],
    catalogue: Catalogue,
    *,
    per_hour: Mapping[str, float] | None = None,
    alternatives: Iterable[Alternative] = (),
) -> Knowledge:
    """``per_hour``: expected runs by workflow. ``alternatives``: declared ones; a step that has none of its own may fall back on them.

    Deleted workflows say nothing; a paused one keeps its lines. Platforms that services share are named, as components that they need.
    """
    there = [workflow for workflow in workflows if workflow.state is not WorkflowState.DELETED]
    by_name = {workflow.name.casefold(): workflow.id for workflow in there}
    others: dict[str, list[str]] = {}
    for one in alternatives:
        others.setdefault(one.instead_of, []).append(one.use)
    lines = [line for workflow in there for line in _of(workflow, catalogue, by_name, others, (per_hour or {}).get(workflow.id))]
    ids = dict.fromkeys(line.target for line in lines)
    components = [*map(_component, there), *(_service(id, catalogue) for id in ids if id in catalogue.services)]
    platforms = [line for id in ids if id in PLATFORM for line in (_on_platform(id),)]
    names = {line.target: PLATFORM[line.source] for line in platforms}
    components += [Component(id=id, name=name, kind=ComponentKind.PLATFORM) for id, name in names.items()]
    return Knowledge(components=tuple(components), lines=(*lines, *platforms))


def _component(workflow: Workflow) -> Component:
    return Component(id=workflow.id, name=clean(workflow.name), kind=ComponentKind.WORKFLOW, owner=clean(workflow.definition.owner), evidence=_said(workflow, None))  # fmt: skip


def _service(id: str, catalogue: Catalogue) -> Component:
    return Component(id=id, name=catalogue.services[id].name, kind=ComponentKind.SERVICE, service=id)


def _on_platform(service: str) -> Line:
    evidence = Evidence(kind=EvidenceKind.WORKFLOW, origin="its vendor")
    return Line(source=service, target=id_of(f"platform:{PLATFORM[service]}"), evidence=(evidence,))


def _said(workflow: Workflow, per_hour: float | None) -> tuple[Evidence, ...]:
    return (Evidence(kind=EvidenceKind.WORKFLOW, origin=workflow.id, since=workflow.updated_at, per_hour=per_hour),)


def _of(
    workflow: Workflow, catalogue: Catalogue, by_name: Mapping[str, str], others: Mapping[str, Sequence[str]], per_hour: float | None
) -> Iterator[Line]:
    said = _said(workflow, per_hour)
    seen: set[tuple[str, str, str, str]] = set()
    parts = (
        _trigger(workflow.definition.trigger),
        *(_step(step, workflow, catalogue, by_name, others) for step in _steps(workflow)),
    )
    for target, kind, group, soft in (found for part in parts for found in part):
        line = Line(source=workflow.id, target=target, kind=kind, group=group, soft=soft, evidence=said)
        if target not in NOWHERE and target != workflow.id and line.key not in seen:
            seen.add(line.key)
            yield line


def _steps(workflow: Workflow) -> Iterator[Step]:
    definition = workflow.definition
    if definition.options.approval:
        yield Step(id="approval", does=Approve())
    yield from flat(definition.steps)


def _trigger(trigger: Trigger) -> Iterator[tuple[str, LineKind, str, bool]]:
    if trigger.type is TriggerType.EVENT_BASED and trigger.service:
        yield trigger.service, LineKind.LISTENS, "", False
    for event in (*trigger.all, *trigger.sequence):
        yield event.partition(".")[0], LineKind.LISTENS, "", False
    for event in trigger.any:
        yield event.partition(".")[0], LineKind.LISTENS, TRIGGER, False


def _step(
    step: Step, workflow: Workflow, catalogue: Catalogue, by_name: Mapping[str, str], others: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, LineKind, str, bool]]:
    soft = step.on_error is not OnError.FAIL
    if isinstance(step.does, Wait) and step.does.event:
        yield step.does.event.partition(".")[0], LineKind.LISTENS, "", soft
    if started := _started(step):
        name, waits = started
        yield by_name.get(name.casefold(), name), LineKind.NEEDS if waits else LineKind.STARTS, "", soft
    if isinstance(step.does, Approve):
        step = Step(id=step.id, action="chat.ask_approval", arguments={"channel": step.does.channel} if step.does.channel else {})
    if step.action and step.action != RUNS:
        yield from _grouped(step.id, _ways(step, workflow, catalogue, others), soft)


def _started(step: Step) -> tuple[str, bool] | None:
    """(workflow, whether its end is waited for)."""
    if isinstance(step.does, SubRun):
        return step.does.workflow, step.does.wait
    if step.action == RUNS:
        return str(step.arguments.get("workflow", "")), step.arguments.get("wait") is True
    return None


def _ways(step: Step, workflow: Workflow, catalogue: Catalogue, others: Mapping[str, Sequence[str]]) -> list[Group]:
    """The step's own services first, then what stands in: its own fallback, else the workflow's, else what was declared."""
    found = [_asked(replace(step, fallback=None), workflow, catalogue)]
    if step.fallback is not None:
        stand_in = Step(id=step.id, action=step.fallback.action, arguments=step.fallback.arguments)
        found.append(_asked(stand_in, workflow, catalogue)[:1])
    ways = [way for part in found for way in part]
    if len(ways) == 1:
        ways += [(other.partition(".")[0],) for other in others.get(step.action, ())]
    return [way for way in dict.fromkeys(ways) if way]


def _asked(step: Step, workflow: Workflow, catalogue: Catalogue) -> list[Group]:
    alone = replace(
        workflow.definition, steps=(replace(step, needs=(), when=""),), when="", options=replace(workflow.definition.options, approval="")
    )
    need = flow_of(replace(workflow, definition=alone), catalogue, 0.0).needs[0]
    return [_by_first(way) for way in (need.first, *need.others)]


def _by_first(way: Way) -> Group:
    """The one that is asked, then what it needs for that."""
    others = sorted(way.services - NOWHERE - {way.by})
    return (way.by, *others) if way.by in way.services - NOWHERE else tuple(others)


def _grouped(id: str, ways: Sequence[Group], soft: bool) -> Iterator[tuple[str, LineKind, str, bool]]:
    if len(ways) < 2:
        yield from ((service, LineKind.NEEDS, "", soft) for way in ways for service in way)
        return
    for number, chosen in enumerate(product(*ways)):
        services = list(dict.fromkeys(chosen))
        group = f"step {id}" + (f" ({number + 1})" if number else "")
        if len(services) == 1:  # every way needs it
            yield services[0], LineKind.NEEDS, "", soft
            continue
        yield services[0], LineKind.NEEDS, group, soft
        yield from ((service, LineKind.ALTERNATIVE, group, soft) for service in services[1:])
