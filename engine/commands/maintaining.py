"""Maintenance windows as commands speak of them: found, described, and what they would mean for workflows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from engine.commands.command import Asking, SilenceShown
from engine.commands.house import House
from engine.commands.show_impact import dependencies, taken_along
from engine.commands.speaking import spoken
from engine.errors import Conflict, NotFound, Rejected
from engine.events import PolicySaved, PostingsTouched
from engine.monitoring.alert import AlertState
from engine.monitoring.silence import KIND, Silence, body_of, silence_of
from engine.workflow.calendar import check_cron, counted, fires
from engine.workflow.calendar import in_words as schedule_words
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Trigger, TriggerType, WorkflowState
from engine.workflow.durations import in_words
from engine.workflow.recurrence import recurrence

AT_ONCE = timedelta(microseconds=1)  # so that what fires at the very start counts
MOST_FIRES = 200  # of one workflow within a window; beyond, “200 or more”
MOST_NAMED = 5
TRIES = 3  # times that the house or somebody else may be faster


async def windows(house: House) -> list[Silence]:
    """Every stored window, the one that comes first first; those that are over last."""
    found = [silence_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(KIND)]
    return sorted(found, key=lambda one: (one.told == "over", one.starts, one.id))


async def meant(house: House, said: str, asking: Asking) -> Silence:
    """By the id of a window or of its card, or by its service. Raises NotFound, Rejected where several fit, Conflict for a window that is over."""
    id, _, number = said.strip().partition(".")
    policy = await house.store.policies.get(KIND, id)
    if policy is not None:
        silence = silence_of(policy.id, policy.body, policy.revision)
        if silence.told == "over" or (number and number != str(silence.window)):
            raise Conflict("This window is over; nothing was changed. /alerts maintenance lists what is to come.")
        return silence
    service = house.service(said).id
    found = [one for one in await windows(house) if one.match.service == service and one.told != "over"]
    if not found:
        raise NotFound(f"No window is set for {product(service)}. /alerts maintenance lists those there are.")
    if len(found) > 1:
        said_times = "; ".join(f"{one.id} ({spoken(one.starts, asking.timezone)})" for one in found[:MOST_NAMED])
        raise Rejected(f"{product(service)} has {len(found)} windows. Say which, by its id: {said_times}.")
    return found[0]


async def changed(
    house: House, asking: Asking, said: str, verb: str, change: Callable[[Silence], tuple[Silence, str]]
) -> tuple[Silence, Silence]:
    """The window as it was and as ``change`` makes it, stored with its audit row. What begins or is announced at this very moment is changed
    as it is then. ``change`` gives the detail for the audit, too. Raises as ``meant``, and Conflict where somebody is faster again and again.
    """
    for last in (*[False] * (TRIES - 1), True):
        before = await meant(house, said, asking)
        later, detail = change(before)
        try:
            await house.store.ledger.record(
                PolicySaved(KIND, later.id, body_of(later), asking.at, later.revision + 1),
                PostingsTouched(before.card),
                house.audit(asking, verb, later.id, detail),
            )
        except Conflict:
            if last:
                raise
        else:
            return before, later
    raise AssertionError("unreachable: the last try returns or raises")


async def shown(house: House, card: str) -> SilenceShown:
    """The card of one window. Raises NotFound for one that is forgotten."""
    id, _, number = card.partition(".")
    policy = await house.store.policies.get(KIND, id)
    if policy is None:
        raise NotFound("This window was over long ago and is not kept any more.")
    silence, now = silence_of(policy.id, policy.body, policy.revision), house.clock.now()
    open_alerts = await house.store.alerts.list(states=(AlertState.FIRING, AlertState.ACKNOWLEDGED), limit=500)
    held = sum(bool(alert.quiet) and bool(silence.covers(alert, now)) for alert in open_alerts)
    return SilenceShown(silence=silence, window=int(number) if number.isdecimal() else silence.window, now=now, held=held)


def again(every: str, zone: str) -> Trigger:
    """The schedule of a recurring window. Raises Invalid for what is neither RRULE nor cron."""
    if "=" in every:
        recurrence(every)
        return Trigger(type=TriggerType.SCHEDULED, rrule=every, timezone=zone)
    return Trigger(type=TriggerType.SCHEDULED, cron=check_cron(every), timezone=zone)


def lasting(every: str, after: datetime, zone: str) -> str:
    """The same with “three times” as the moment of the third, counted from now on: nobody counts later. Raises Invalid like ``again``."""
    return counted(again(every, zone), after, zone).rrule or every


def recurring(every: str, zone: str) -> str:
    """“every Sunday at 02:00 (Europe/Berlin)”; the rule itself where it has no words."""
    try:
        return schedule_words(again(every, zone))
    except Rejected:
        return every


def told(silence: Silence, zone: str) -> str:
    """“GitHub, Monday … to 23:30 (1 h 30 min), every week”."""
    name = product(silence.match.service) if silence.match.service else "Everything"
    seconds = (silence.ends - silence.starts).total_seconds()
    length = in_words(60 * round(seconds / 60) if seconds > 90 else seconds)  # “for 2 hours” was read a moment before it begins
    again = f", then {recurring(silence.every, silence.timezone)}" if silence.every else ""
    return f"{name}: {spoken(silence.starts, zone)} to {spoken(silence.ends, zone)} ({length}){again}"


async def meaning(house: House, service: str, starts: datetime, ends: datetime) -> Sequence[str]:
    """What needs the service in that time: what is due, what stops, what carries on; one sentence each."""
    if not service:
        return ()
    graph = await dependencies(house)
    impact = graph.impact(service, falling=taken_along(house, service))
    due = []
    for flow in await house.store.workflows.list():
        if flow.id not in {one.id for one in impact.workflows} or flow.state is not WorkflowState.ACTIVE:
            continue
        if flow.definition.trigger.type is TriggerType.SCHEDULED:
            times = 0
            for fire in fires(flow.definition.trigger, starts - AT_ONCE, house.timezone):
                if fire >= ends or times >= MOST_FIRES:
                    break
                times += 1
            if times:
                due.append(f"{flow.name} ({times} time{'s' if times != 1 else ''})")
    stops = [one.name for one in impact.workflows if not one.survives_by]
    carried = [f"{one.name} by {product(one.survives_by)}" for one in impact.workflows if one.survives_by]
    sentences = []
    if not impact.workflows:
        sentences.append(f"No workflow needs {product(service)}.")
    if stops:
        sentences.append(f"While it is down these stop: {_named(stops)}.")
    if carried:
        sentences.append(f"These carry on by a fallback: {_named(carried)}.")
    if due:
        sentences.append(f"Due in that time: {_named(due)}.")
    running = [run for run in await house.store.runs.unfinished() if run.workflow in {one.id for one in impact.workflows}]
    if running:
        sentences.append(f"Under way right now: {len(running)} run{'s' if len(running) != 1 else ''} that need it.")
    return sentences


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
