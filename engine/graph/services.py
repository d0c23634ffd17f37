"""The dependency graph of the stored workflows, and what follows when a service in it fails. The only importer of networkx.

    workflow ──trigger──▶ service whose events start it
             ──step─────▶ service that is asked, and the chat platform that a message goes through
             ──fallback─▶ service that stands in
             ──runs─────▶ workflow that it starts

A way of doing a step is open while all of its services are up (AND). A step is done by its first way or else by its fallback's (OR); a
workflow goes on while every step can be done and its events come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import Invalid, NotFound
from engine.graph.drawing import draw
from engine.graph.impact import AffectedWorkflow, Impact
from engine.graph.needs import Flow, Need, RunCounts, Way, flow_of
from engine.graph.platforms import PLATFORM
from engine.graph.rates import runs_per_hour
from engine.graph.words import amount, sentence
from engine.workflow.catalogue import Catalogue, did_you_mean, listed
from engine.workflow.definition import Workflow, WorkflowState

if TYPE_CHECKING:
    import networkx as nx

WEEK = timedelta(days=7)
STATES = ("down", "degraded", "over quota")
SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Around:
    """Names around a node: ``needs`` is what it cannot do without (or falls back to), ``needed_by`` what cannot do without it."""

    needs: tuple[str, ...]
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Dependencies:
    """Who needs whom. Built anew when workflows change; a thousand workflows take some tens of milliseconds."""

    flows: Mapping[str, Flow]
    catalogue: Catalogue
    graph: nx.MultiDiGraph[str]
    names: Mapping[str, str] = field(default_factory=dict)  # of what neither the catalogue nor a workflow names

    @classmethod
    def build(
        cls,
        workflows: Iterable[Workflow],
        catalogue: Catalogue,
        *,
        stats: Mapping[str, RunCounts],
        now: datetime,
        zone: str = "UTC",
        window: timedelta = WEEK,
        names: Mapping[str, str] | None = None,
    ) -> Dependencies:
        """``stats``: runs started within ``window`` by workflow id. Deleted workflows are left out."""
        flows = {
            workflow.id: flow_of(workflow, catalogue, runs_per_hour(workflow, stats.get(workflow.id), now=now, zone=zone, window=window))
            for workflow in workflows
            if workflow.state is not WorkflowState.DELETED
        }
        return cls(flows, catalogue, _graph(list(flows.values())), names or {})

    # --- who needs whom ----------------------------------------------------------------------------------------------------

    def needed_by(self, service: str) -> list[str]:
        """Names of the workflows that need a service, directly, as a fallback, or through a workflow they run."""
        import networkx as nx

        before = nx.ancestors(self.graph, service) if service in self.graph else set()
        return sorted(self.flows[id].name for id in before if id in self.flows)

    def needs(self, workflow: str) -> list[str]:
        """Ids of the services and workflows that a workflow (by id) needs, its event sources and fallbacks included."""
        return sorted(self.graph.successors(workflow))

    def dependencies(self, name: str) -> Around:
        """Both directions, for a service or workflow by id or name. Raises NotFound with the nearest names."""
        node = self._node(name)
        needs = tuple(self._name(id) for id in self.needs(node)) if node in self.graph else ()
        return Around(needs, tuple(self.needed_by(node)))

    def _node(self, name: str) -> str:
        wanted = name.strip().casefold()
        for id, flow in self.flows.items():
            if wanted in (id, flow.name.casefold()):
                return id
        if wanted in self.catalogue.services or wanted in self.graph:
            return wanted
        names = {flow.name: flow.name for flow in self.flows.values()} | {s.name: s.id for s in self.catalogue.services.values()}
        raise NotFound(f"There is no service or workflow “{name[:60]}”.{did_you_mean(name, names)}")

    def label(self, id: str) -> str:
        return self._name(id)

    def _name(self, id: str) -> str:
        if id in self.flows:
            return self.flows[id].name
        return self.catalogue.services[id].name if id in self.catalogue.services else self.names.get(id, id)

    # --- what follows --------------------------------------------------------------------------------------------------------

    def impact(
        self, service: str, state: str = "down", *, also_down: Collection[str] = (), falling: Mapping[str, str] | None = None
    ) -> Impact:
        """What stops and what carries on. ``also_down``: services that are down already, so that nothing can fall back on them.

        ``falling``: what fails together with it or because of it (services, components, workflows that are waited for) → why, as a sentence
        that goes on from “Its step … needs X”: what they take along counts as its doing.

        *Down*, or *over quota*: a step without an open fallback stops its workflow. *Degraded*: asks fail now and then, so a workflow is lost
        only if it neither retries nor falls back. Severity: low nothing stops · medium something does · high three workflows or ten runs an hour ·
        critical sixty runs an hour, or half of all active workflows where there are four or more; one lower when only degraded.
        Raises Invalid for another state, NotFound for a service nobody knows.
        """
        if state not in STATES:
            raise Invalid(f"A service can be {listed(STATES, 'or')}, not “{state[:40]}”.")
        if service not in self.graph and falling is None:
            self.catalogue.service(service)
        falling = falling or {}
        struck = frozenset({service, *falling})
        down = struck | set(also_down)
        affected = [found for flow in self._active() if (found := self._affected(flow, struck, falling, state, down))]
        affected.sort(key=lambda one: (bool(one.survives_by), -one.runs_per_hour, one.name.casefold()))
        stops = [one for one in affected if not one.survives_by]
        lost = round(sum(one.runs_per_hour for one in stops), 4)
        return Impact(
            service=service,
            state=state,
            workflows=tuple(affected),
            runs_lost_per_hour=lost,
            people=tuple(dict.fromkeys(_person(self.flows[one.id].workflow) for one in stops if _person(self.flows[one.id].workflow))),
            severity=_severity(len(stops), lost, len(self._active()), state),
            shared_fallback_dependencies=self._shared(struck, affected),
            because=self._because(service, state, affected, lost),
        )

    def drawing(self, impact: Impact | None = None) -> dict[str, Any]:
        """The picture of an impact, or of everything, as plain values: what ``Pictures.impact`` takes and ``words.alt_text`` tells."""
        names = {id: self._name(id) for id in (*self.graph, *([impact.service] if impact else []))}
        return draw(self.flows, names, [(source, target, kind) for source, target, kind in self.graph.edges(keys=True)], impact)

    def _active(self) -> list[Flow]:
        return [flow for flow in self.flows.values() if flow.workflow.state is WorkflowState.ACTIVE]

    def _affected(
        self, flow: Flow, struck: frozenset[str], falling: Mapping[str, str], state: str, down: frozenset[str]
    ) -> AffectedWorkflow | None:
        verdicts = [
            *self._starts(flow, struck, down),
            *(self._goes(need, flow, struck, state, down) for need in _hit(flow, struck, down)),
            *([("", falling[flow.id])] if flow.id in falling else []),
        ]
        if not verdicts:
            return None
        worst = next((verdict for verdict in verdicts if not verdict[0]), None)
        by = "" if worst else listed(dict.fromkeys(name for name, _ in verdicts))
        because = worst[1] if worst else " ".join(dict.fromkeys(reason for _, reason in verdicts))
        return AffectedWorkflow(id=flow.id, name=flow.name, survives_by=by, runs_per_hour=round(flow.per_hour, 4), because=because)

    def _starts(self, flow: Flow, struck: frozenset[str], down: frozenset[str]) -> list[tuple[str, str]]:
        """(who carries it, why) for the events that start it."""
        gone = [source for source in flow.sources if source in struck]
        if not gone:
            return []
        left = [source for source in flow.sources if source not in down]
        name = listed([self._name(source) for source in gone])
        if flow.any_source and left:
            return [(listed(left), f"No events of {name} start it meanwhile; those of {listed(map(self._name, left))} do.")]
        return [("", f"It starts on events of {name}, and none come.")]

    def _goes(self, need: Need, flow: Flow, struck: frozenset[str], state: str, down: frozenset[str]) -> tuple[str, str]:
        """(who carries the step, why)."""
        hit = sorted(need.first.services & struck)
        name, step = self._name(hit[0] if hit else need.first.by), need.step
        only = f" (only when {step.when})" if step.when else ""
        open_ = next((way for way in need.others if not _closed(way, down)), None)
        if open_ is not None:
            return open_.by, f"{self._name(open_.by)} stands in for {name} in “{step.id}”."
        retries = flow.workflow.definition.options.retries if step.retries is None else step.retries
        if state == "degraded" and retries and need.first.services & down <= struck:
            return "retries", f"“{step.id}” is tried {retries + 1} times, so it gets through to {name} later."
        if need.second is None:
            return "", f"Its step “{step.id}” needs {name}{only}, and nothing stands in for it."
        common = self._name(next(iter(need.second.services & down)))
        why = f"needs {common} too" if need.second.by not in down else "is down as well"
        return "", f"Its step “{step.id}” needs {name}{only}, and its fallback {self._name(need.second.by)} {why}."

    def _shared(self, struck: frozenset[str], affected: Iterable[AffectedWorkflow]) -> tuple[str, ...]:
        """Platforms and services that a fallback shares with what it replaces: where those fail, both do."""
        found: dict[str, None] = {}
        for one in affected:
            for need in self.flows[one.id].needs:
                if struck & need.first.services:
                    found |= dict.fromkeys(common for other in need.others for common in self._common(need.first, other))
        return tuple(found)

    def _common(self, first: Way, second: Way) -> list[str]:
        platform = PLATFORM.get(first.by)
        shared = [self._name(id) for id in sorted(first.services & second.services)]
        if platform and platform == PLATFORM.get(second.by):
            shared.append(f"{platform} ({self._name(first.by)} and {self._name(second.by)})")
        return shared

    def _because(self, service: str, state: str, affected: list[AffectedWorkflow], lost: float) -> str:
        name = self._name(service)
        paused = sum(1 for flow in self.flows.values() if flow.workflow.state is WorkflowState.PAUSED and service in self._needed(flow))
        waiting = f" {amount(paused, 'paused workflow')} {'needs' if paused == 1 else 'need'} it too." if paused else ""
        if not affected:
            return f"No active workflow needs {name}.{waiting}"
        return sentence(affected, lost, len(self._active()), state, self._name) + waiting

    def _needed(self, flow: Flow) -> set[str]:
        return {*flow.sources}.union(*(need.first.services for need in flow.needs))


def _hit(flow: Flow, struck: frozenset[str], down: frozenset[str]) -> list[Need]:
    """Steps that ``struck`` close a way of: the first, or the fallback of one that others closed. What others alone closed is no news."""
    return [need for need in flow.needs if struck & need.first.services or (_closed(need.first, down) and struck & _services(need.others))]


def _closed(way: Way, down: frozenset[str]) -> bool:
    return bool(way.services & down)


def _services(ways: Iterable[Way]) -> frozenset[str]:
    return frozenset().union(*(way.services for way in ways))


def _person(workflow: Workflow) -> str:
    return "" if workflow.created_by.startswith("signalbox:") else workflow.created_by


def _severity(stops: int, lost: float, active: int, state: str) -> str:
    if not stops:
        return SEVERITIES[0]
    level = 3 if lost >= 60 or (active >= 4 and stops * 2 >= active) else 2 if stops >= 3 or lost >= 10 else 1
    return SEVERITIES[max(0, level - 1) if state == "degraded" else level]


def _graph(flows: Sequence[Flow]) -> nx.MultiDiGraph[str]:
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    by_name = {flow.name.casefold(): flow.id for flow in flows}
    for flow in flows:
        graph.add_node(flow.id)
        for target, kind in _edges(flow, by_name):
            graph.add_edge(flow.id, target, key=kind)
    return graph


def _edges(flow: Flow, by_name: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(what is needed, how)."""
    for source in flow.sources:
        yield source, "trigger"
    for need in flow.needs:
        for way, kind in ((need.first, "step"), *((other, "fallback") for other in need.others)):
            yield from ((service, kind) for service in sorted(way.services))
        if need.step.action == "signalbox.run_workflow":
            other = by_name.get(str(need.step.arguments.get("workflow", "")).casefold(), "")
            if other and other != flow.id:
                yield other, "runs"
