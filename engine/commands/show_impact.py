"""What breaks if one or several things go down, are degraded or over their quota; and what a workflow stands on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from random import Random
from typing import ClassVar, Final

from engine.commands.command import Asking, Command, ImpactShown, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import local, people
from engine.errors import NotFound, Rejected
from engine.graph.declared.component import ComponentKind
from engine.graph.discovery.map import Map
from engine.graph.falling import Falling, answers_of, falling, footing, told
from engine.graph.impact import Impact
from engine.graph.map_drawing import failure_drawing
from engine.graph.services import WEEK, Dependencies
from engine.monitoring.rollup import Span
from engine.monitoring.sample import Source
from engine.parties import Address
from engine.workflow.calendar import fires
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import TriggerType, Workflow

DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)
MOST_FIRES: Final = 500
NAMED: Final = 6
MOST_NAMED: Final = 50  # things that fail at once in one question
AND = re.compile(r"\s*(?:,|;|\+|&|\band\b)\s*", re.IGNORECASE)
STATE = re.compile(r"\s+(?:is\s+|are\s+)?(?P<state>down|degraded|slow|over(?:\s+(?:its|the))?\s+quota)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowImpact(Command):
    """``service`` may name several (“jira and slack”), and may end with a state (“jira degraded”)."""

    NAME: ClassVar[str] = "show_impact"
    SLASH: ClassVar[str] = "/impact"
    HELP: ClassVar[str] = "What stops, what carries on by a fallback, and who is hit if services or components fail."
    EXAMPLE: ClassVar[str] = "/impact trello"
    service: str = ""
    workflow: str = ""
    state: str = "down"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.service:
            if not self.workflow:
                raise Rejected("Say which service, for example: /impact trello")
            return done(await _stands_on(house, await house.workflow(self.workflow)))
        found = STATE.search(self.service)
        state = _state(found["state"]) if found else self.state
        return Outcome(result=await measured(house, self.service[: found.start()] if found else self.service, state))


def _state(said: str) -> str:
    word = said.casefold()
    return "over quota" if word.startswith("over") else "degraded" if word in ("degraded", "slow") else "down"


async def measured(house: House, named: str, state: str) -> ImpactShown:
    """Raises NotFound for what nobody knows, Invalid for another state than down, degraded or over quota."""
    map = house.map()
    first, *others = struck(house, map, named)
    graph = await dependencies(house)
    with_it = falling(map, house.answers(), [first, *others], degraded=state == "degraded")
    impact = _reckoned(graph, first, others, with_it, state)
    labels = [map.label(id) if id in map.components else graph.label(id) for id in with_it.things]
    named_ = tuple(map.label(id) if id in map.components else graph.label(id) for id in (first, *others))
    further = [f"With it {'suffer' if state == 'degraded' else 'fall'}: {_some(labels)}."] if labels else []
    further += await _further(house, impact)
    drawn = [id for id in (first, *others) if id in map.components]  # what nothing needs is on no map
    drawing = failure_drawing(map, drawn) if _beyond(map, drawn) else graph.drawing(impact)
    return ImpactShown(impact=impact, drawing=drawing, people=await people(house, impact.people), named=named_, further=tuple(further))


def _beyond(map: Map, ids: Sequence[str]) -> bool:
    """Whether the picture of services and workflows alone would not hold it."""
    return len(ids) > 1 or any(map.components[id].kind is not ComponentKind.SERVICE for id in ids)


def _reckoned(graph: Dependencies, first: str, others: Sequence[str], with_it: Falling, state: str) -> Impact:
    """Workflows that the definitions name have their reason from there; the map's reasons stand for those that it alone knows of."""
    things = dict.fromkeys((*others, *with_it.things), "")
    impact = graph.impact(first, state, falling=things)
    missing = {id: why for id, why in with_it.workflows.items() if id not in {one.id for one in impact.workflows}}
    return graph.impact(first, state, falling={**things, **missing}) if missing else impact


def struck(house: House, map: Map, named: str) -> list[str]:
    """Ids of what is named; of several the first is what the answer is about. Raises NotFound with the nearest names."""
    whole = named.strip()
    if _known(house, map, whole):
        return [_node(house, map, whole)]
    parts = [part for part in AND.split(whole) if part]
    words = whole.split()
    if len(parts) == 1 and len(words) > 1 and all(_known(house, map, word) for word in words):
        parts = words
    found = [_node(house, map, part) for part in parts[:MOST_NAMED]]
    return list(dict.fromkeys(found)) or [_node(house, map, whole)]


def _known(house: House, map: Map, name: str) -> bool:
    try:
        _node(house, map, name)
    except NotFound:
        return False
    return True


def _node(house: House, map: Map, name: str) -> str:
    plain = name.strip().casefold()
    for id, component in map.components.items():
        if plain in (id.casefold(), component.label.casefold()) and component.kind is not ComponentKind.SERVICE:
            return id
    try:
        return house.service(name).id
    except NotFound:
        labels = {component.label: component.label for component in map.components.values()}
        if near := did_you_mean(name, labels):
            raise NotFound(f"Nothing is called “{name.strip()[:60]}” here.{near}") from None
        raise


async def _further(house: House, impact: Impact) -> list[str]:
    """What is under way, what is due, and where the workflows that stop are told."""
    stops = {one.id: one.name for one in impact.workflows if not one.survives_by}
    if not stops:
        return []
    sentences = []
    running = [run for run in await house.store.runs.unfinished() if run.workflow in stops]
    if running:
        sentences.append(f"Under way right now: {len(running)} run{'s' if len(running) != 1 else ''} of them.")
    flows = [flow for flow in await house.store.workflows.list() if flow.id in stops]
    now = house.clock.now()
    due = [said for flow in flows if (said := _due(flow, now, now + DAY, house.timezone))]
    if due:
        sentences.append(f"Due within a day: {_some(due)}.")
    rooms = {Address.parse(flow.where).channel for flow in flows if flow.where}
    if rooms:
        sentences.append(f"Whose cards stand in: {_some(sorted(rooms))}.")
    return sentences


def _due(flow: Workflow, since: datetime, until: datetime, zone: str) -> str:
    trigger = flow.definition.trigger
    if trigger.type is not TriggerType.SCHEDULED:
        return ""
    times = []
    for fire in takewhile(lambda at: at < until, fires(trigger, since, zone)):
        times.append(fire)
        if len(times) == MOST_FIRES:
            break
    if not times:
        return ""
    return f"“{flow.name}” ({len(times)} time{'s' if len(times) != 1 else ''}, first {local(times[0], zone):%H:%M})"


def _some(names: Sequence[str]) -> str:
    return listed(names) if len(names) <= NAMED else f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


# --- what a workflow stands on ------------------------------------------------------------------------------------------


async def _stands_on(house: House, workflow: Workflow) -> str:
    around = (await dependencies(house)).dependencies(workflow.id)
    needs = f"“{workflow.name}” needs {listed(around.needs)}." if around.needs else f"“{workflow.name}” needs no other service."
    map = house.map()
    lines = [needs]
    if workflow.id in map.components:
        known = await availabilities(house)
        stands = answers_of(map, known)
        bits = Random(house.clock.random()).getrandbits  # noqa: S311 - for estimates, not for secrets
        found = await asyncio.to_thread(footing, stands, workflow.id, bits)
        lines += told(map, found, measured=bool(known))
    lines.append("To see what one of them would take down: /impact SERVICE")
    return "\n".join(lines)


async def availabilities(house: House) -> dict[str, float]:
    """Service → the share of checks of the last 30 days that it answered. The worst of its accounts counts."""
    now = house.clock.now()
    counts: dict[tuple[str, str], list[int]] = {}
    for span, since, until in ((Span.DAY, now - MONTH, now - DAY), (Span.HOUR, now - DAY, now)):
        for row in await house.store.rollups.between(span, since, until):
            if row.source is Source.PROBE and row.count > row.sandbox:
                sums = counts.setdefault((row.service, row.account), [0, 0])
                sums[0] += row.count
                sums[1] += row.errors
    found: dict[str, float] = {}
    for (service, _), (count, errors) in counts.items():
        found[service] = min(found.get(service, 1.0), 1.0 - errors / count)
    return found


# --- what is known ------------------------------------------------------------------------------------------------------


async def dependencies(house: House) -> Dependencies:
    """The graph of the stored workflows with the runs of the last week."""
    now = house.clock.now()
    return Dependencies.build(
        await house.store.workflows.list(),
        house.catalogue,
        stats=await house.store.runs.stats(since=now - WEEK),
        now=now,
        zone=house.timezone,
        window=WEEK,
        names=labels(house.map()),
    )


def labels(map: Map) -> Mapping[str, str]:
    return {id: component.label for id, component in map.components.items()}


def taken_along(house: House, service: str) -> dict[str, str]:
    """What fails with a service, as ``Dependencies.impact`` takes it."""
    map = house.map()
    found = falling(map, house.answers(), [service])
    return {**dict.fromkeys(found.things, ""), **found.workflows}
