"""The pipeline: who is told of an alert, decided stage by stage, each with a reason that is kept in ``Alert.trace``.

    group    which incident it belongs to; alone, it leads one
    inhibit  what another card tells already, or our own cut-off network explains, sends no message of its own
    silence  silences and maintenance windows
    flap     what comes and goes all the time
    dedup    a card that stands is edited, never posted a second time
    route    where it is told

Monitoring goes on whatever is held here, and the end of an alert passes none of these stages: only its beginning can be held. What is held is
an alert with ``quiet`` set to the reason. It is looked at again (``again``) until the reason is gone, and then it is told if it still fires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

from engine.monitoring.alert import Alert, AlertState, Ruling
from engine.monitoring.grouping.flapping import Flapping
from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.grouping import place
from engine.monitoring.grouping.topology import NOTHING_KNOWN, Topology
from engine.monitoring.route import Route, places
from engine.monitoring.storm import RULE as STORM
from engine.parties import Address

PASSED, JOINED, HELD, SENT = "passed", "joined", "held", "sent"
OURS: Final = "network"  # the rule of our own network: neither grouped nor held by itself
# Rules that always lead an incident of their own: a person, or the house, wants to be heard.
ALONE: Final = frozenset({OURS, STORM, "manual"})
THROUGH: Final = frozenset({"availability", "response_time", "throughput"})  # rules that a cut-off network explains


STEADY: Final = Flapping()


class Silencing(Protocol):
    """A silence or a maintenance window."""

    def covers(self, alert: Alert, at: datetime) -> str:
        """Why nobody is told of this alert now, in a sentence; "" where it does not apply."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What stands around an alert at a moment. ``groups``: the open incidents it may join, without its own when it is looked at ``again``.

    ``leads``: the alert that leads each of them. ``cut_off``: (service, account) → what the guard says of our own network.
    ``storm``: the incident of a storm that lasts, "" = it is calm. ``told``: incidents whose card was sent. ``usual``: where alerts go that no route names.
    """

    now: datetime
    groups: Sequence[Group] = ()
    leads: Mapping[str, Alert] = field(default_factory=dict)
    topology: Topology = NOTHING_KNOWN
    cut_off: Mapping[tuple[str, str], str] = field(default_factory=dict)
    silences: Sequence[Silencing] = ()
    windows: Sequence[Silencing] = ()  # those of the silences that are maintenance
    flapping: Flapping = STEADY
    storm: str = ""
    told: frozenset[str] = frozenset()
    routes: Sequence[Route] = ()
    usual: Sequence[Address] = ()
    again: bool = False


Stage = Callable[[Alert, Scene], tuple[Alert, Ruling]]


def group(alert: Alert, scene: Scene) -> tuple[Alert, Ruling]:
    """Joins the open incident whose members it is related to, in who needs whom and in time."""
    if scene.again:
        return alert, _before(alert, "group")
    if alert.rule in ALONE:
        return alert, Ruling("group", PASSED, "It stands on its own: it is about the house or a person's word.")
    placed = place(alert, scene.groups, scene.topology, scene.now)
    if placed.group is None and scene.storm and scene.storm != alert.id:
        return replace(alert, incident=scene.storm), Ruling("group", JOINED, f"A storm: its one card tells this, too. {placed.because}")
    if placed.group is None or placed.group == alert.id:
        return alert, Ruling("group", PASSED, placed.because)
    return replace(alert, incident=placed.group), Ruling("group", JOINED, placed.because)


def inhibit(alert: Alert, scene: Scene) -> tuple[Alert, Ruling]:
    """Our own network explains it, or the card of its incident speaks for it."""
    ours = scene.cut_off.get((alert.service, alert.account), "") if alert.rule in THROUGH else ""
    if ours:
        return _hushed(alert, ours), Ruling("inhibit", HELD, ours)
    if alert.incident:
        lead = scene.leads.get(alert.incident)
        name = scene.topology.name(lead.service) if lead is not None and lead.service else "its incident"
        return alert, Ruling("inhibit", JOINED, f"It has no card of its own: the one of {name} tells it, too.")
    return alert, Ruling("inhibit", PASSED, "Nothing that is open already explains it.")


def silence(alert: Alert, scene: Scene) -> tuple[Alert, Ruling]:
    """A silence or a maintenance window covers it, or what it needs is under maintenance."""
    because = next((why for one in scene.silences if (why := one.covers(alert, scene.now))), "") or _worked_on(alert, scene)
    if because:
        return _hushed(alert, because), Ruling("silence", HELD, because)
    return alert, Ruling("silence", PASSED, "No silence and no maintenance window covers it.")


def flap(alert: Alert, scene: Scene) -> tuple[Alert, Ruling]:
    """Another message about what comes and goes all the time tells nobody anything."""
    judged = scene.flapping.judged(scene.now)
    if judged.flapping:
        return _hushed(alert, judged.because), Ruling("flap", HELD, judged.because)
    return alert, Ruling("flap", PASSED, judged.because)


def dedup(alert: Alert, scene: Scene) -> tuple[Alert, Ruling]:
    """One card an incident."""
    if alert.leader in scene.told:
        return alert, Ruling("dedup", JOINED, "The card of its incident stands already and is edited; no second message is posted.")
    return alert, Ruling("dedup", PASSED, "No card of its incident was posted yet.")


def route(alert: Alert, scene: Scene) -> tuple[Alert, Ruling]:
    """Where it is told."""
    if alert.quiet:
        return alert, Ruling(
            "route", HELD, "Nobody is told for now; it is looked at again, and told if it still fires when the reason is gone."
        )
    to, why = places(alert, scene.routes, scene.usual)
    if not to:
        return alert, Ruling("route", HELD, "No place is set where alerts go.")
    return alert, Ruling("route", SENT, f"To {', '.join(str(place) for place in to)}: {why}.")


STAGES: Final[tuple[Stage, ...]] = (group, inhibit, silence, flap, dedup, route)


def through(alert: Alert, scene: Scene) -> Alert:
    """The alert after every stage, with all they said; it keeps its revision. ``quiet`` is the first reason to hold it, "" = it is told."""
    alert, rulings = replace(alert, quiet=""), []
    for stage in STAGES:
        alert, ruling = stage(alert, scene)
        rulings.append(ruling)
    return _taken_on(replace(alert, trace=tuple(rulings)), scene)


def nowhere(alert: Alert) -> bool:
    """Whether it was to be told, and there was no place to tell it."""
    last = next((ruling for ruling in reversed(alert.trace) if ruling.stage == "route"), None)
    return not alert.quiet and last is not None and last.outcome == HELD


def _taken_on(alert: Alert, scene: Scene) -> Alert:
    """Who is on an incident is on what joins it or comes back, unless that is worse than what they took on."""
    lead = scene.leads.get(alert.incident) if alert.incident and alert.state is AlertState.FIRING else None
    if lead is None or lead.state is not AlertState.ACKNOWLEDGED or alert.severity.rank > lead.severity.rank:
        return alert
    return replace(
        alert, state=AlertState.ACKNOWLEDGED, acknowledged_by=lead.acknowledged_by, acknowledged_actor=lead.acknowledged_actor,
        acknowledged_at=lead.acknowledged_at,
    )  # fmt: skip


def _worked_on(alert: Alert, scene: Scene) -> str:
    """What it needs leads its incident and is under maintenance: that is expected to take it along."""
    lead = scene.leads.get(alert.incident) if alert.incident else None
    if lead is None or not scene.topology.hops(alert.service, lead.service):
        return ""
    covered = next((why for one in scene.windows if (why := one.covers(lead, scene.now))), "")
    return f"It needs {scene.topology.name(lead.service)}, which is worked on. {covered}" if covered else ""


def _hushed(alert: Alert, because: str) -> Alert:
    return alert if alert.quiet else replace(alert, quiet=because)


def _before(alert: Alert, stage: str) -> Ruling:
    """What the stage said when it was asked first; an alert does not change its incident."""
    known = next((ruling for ruling in alert.trace if ruling.stage == stage), None)
    return known or Ruling(stage, JOINED if alert.incident else PASSED, "As it was when it opened.")
