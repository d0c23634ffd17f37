"""Gathering: what a trigger that waits for several events, or for quiet, has seen so far of one case, and when that is enough.

A *case* is one value of the trigger's ``correlate`` expression (``debounce.key``); without one a workflow has a single case. Pure: the state
is JSON, so it can be stored between any two events and taken up after a crash. ``engine.runtime.gatherer`` drives it.

all        Of each name the event that arrived last counts. Enough when every name is there and none of them lies further than ``within``
           from another. What was used is used up: a second round needs new events of every name.
sequence   Enough when an event of the last name arrives and before it, in this order of arrival, one of each name before, the first of them
           not longer than ``within`` ago. A later first event begins anew *beside* what has begun; of all beginnings that lead to the end
           the one that arrived last is used, so an early start never spoils a later one (A, A' within the window, B: A' then B). Other events
           in between do not matter. Once it was enough, everything that arrived before is used up, beginnings that led nowhere included.
any        Needs no memory: every event is enough by itself.
debounce   Enough once nothing has happened for so long; the newest event is used. There is no longest wait: a key that never
           comes to rest never starts anything.

Order is the order in which events arrive here (senders' clocks differ, and networks reorder); how far they lie apart is told by their own times,
and one that says it is older than what came before it lies 0 apart. An event that was taken in is known by its id and is not taken in twice,
however often it is offered (of a case the last ``REMEMBERED`` ids). When a condition (``when``) refuses what is enough, nothing is used up:
“a deal, then a payment over 100” goes on waiting for a larger payment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from engine.errors import Invalid
from engine.workflow.definition import Json, Trigger
from engine.workflow.expression import Expression, Missing, as_text

DEFAULT_WITHIN = timedelta(days=7)  # all, sequence: from the first event to the last, where the trigger says nothing
REMEMBERED = 512  # ids of a case; more than can be under way between taking in and writing down
LARGEST = 256 * 1024  # characters of one event's data that are kept while others are waited for
LATE = timedelta(hours=1)  # a case is kept so long beyond its window, for events that are told late
LONGEST_KEY = 200  # characters of a case's key; longer ones are known by their hash

State = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as triggers see it. ``name`` is "service.event"; ``id`` the same for every repetition of a delivery."""

    name: str
    id: str
    at: datetime
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A case after one more event. ``events``: enough to start with, in order of arrival; empty while it is not.

    ``state`` is what to keep when nothing is started with them, ``spent`` when something is; ``due_at`` when the case is looked at again.
    """

    state: State
    due_at: datetime
    events: tuple[Seen, ...] = ()
    reason: str = ""

    @property
    def spent(self) -> State:
        return {key: value for key, value in self.state.items() if key in ("for", "ids")}


def gathers(trigger: Trigger) -> bool:
    """Whether one event alone does not start it."""
    return bool(trigger.all or trigger.sequence or trigger.debounce)


def case_of(trigger: Trigger, seen: Seen) -> str | None:
    """The key of the case an event belongs to; None when the expression finds nothing (missing, null or empty): it belongs to none.

    Numbers and texts that look the same are the same case (42 and "42"), as services disagree about that. Raises Invalid for values that do
    not fit the expression.
    """
    text = trigger.debounce.key if trigger.debounce else trigger.correlate.get(seen.name, trigger.correlate.get("", ""))
    if not text:
        return ""
    value = value_of(text, seen.data)
    return None if value is None else value if len(value) <= LONGEST_KEY else sha256(value.encode("utf-8", "replace")).hexdigest()


def value_of(expression: str, event: Mapping[str, Json]) -> str | None:
    """What a CEL expression over ``event`` finds, as text; None for what is missing, null or empty. Raises Invalid as ``evaluate`` does."""
    found = Expression.compile(expression).evaluate({"event": event})
    if found is None or isinstance(found, Missing):
        return None
    text = found if isinstance(found, str) else as_text(found) if isinstance(found, (bool, int, float)) else _canonical(found)
    return text or None


def event_of(trigger: Trigger, events: Sequence[Seen]) -> dict[str, Json]:
    """What a run of these events sees as ``event``.

    event_based: the fields of its event. cross_service: ``events`` holds the fields of each under its name
    (``event.events["stripe.payment_succeeded"].amount``), and beside it stand the fields of the last one (``event.amount``).
    """
    last = dict(events[-1].data)
    if not (trigger.all or trigger.any or trigger.sequence):
        return last
    together: dict[str, Json] = {**last, "events": {seen.name: dict(seen.data) for seen in events}}
    depths = [depth for seen in events if isinstance(depth := seen.data.get("depth"), int)]
    return together | {"depth": max(depths)} if depths else together


def gather(trigger: Trigger, state: State | None, seen: Seen, now: datetime) -> Gathered:
    """One more event of the case. An event that is known, or of a name the trigger does not wait for, changes nothing (``state`` is returned
    as it was). Raises Invalid for an event too large to be kept."""
    before: dict[str, Any] = dict(state) if state and state.get("for") == _mark(trigger) else {"for": _mark(trigger), "ids": []}
    due_at = now + window(trigger) + LATE
    if seen.id in before["ids"]:
        return Gathered(state or before, due_at, reason="it was taken in before")
    if seen.name not in trigger.events:
        return Gathered(state or before, due_at, reason=f"it does not wait for {seen.name}")
    _check_size(seen)
    after = {**before, "ids": [*before["ids"], seen.id][-REMEMBERED:]}
    if trigger.debounce:
        return _debounced(trigger, after, seen, now)
    return _all(trigger, after, seen, due_at) if trigger.all else _sequence(trigger, after, seen, due_at)


def last_of(state: State) -> Seen | None:
    """The event that a debounced case is to start with; None when there is none (any more)."""
    kept: Any = state.get("last")
    return None if kept is None else _seen(kept)


def window(trigger: Trigger) -> timedelta:
    """How long a case is of interest after its last event."""
    return timedelta(seconds=trigger.debounce.seconds) if trigger.debounce else trigger.within or DEFAULT_WITHIN


# --- the three kinds ---------------------------------------------------------------------------------------------------------


def _debounced(trigger: Trigger, after: dict[str, Any], seen: Seen, now: datetime) -> Gathered:
    """One that is told late must neither take the place of a newer one nor end the quiet early; times of a clock that ran ahead do not count."""
    known = last_of(after)
    newest = known if known is not None and seen.at < known.at <= now else seen
    due_at = min(newest.at, now) + window(trigger)
    return Gathered({**after, "last": _kept(newest)}, due_at, reason="it starts once it has been quiet")


def _all(trigger: Trigger, after: dict[str, Any], seen: Seen, due_at: datetime) -> Gathered:
    # The newest last: their order here is the order they arrived in.
    held = [kept for kept in after.get("held", ()) if kept["name"] != seen.name] + [_kept(seen)]
    state = {**after, "held": held}
    missing = [name for name in dict.fromkeys(trigger.all) if name not in {kept["name"] for kept in held}]
    if missing:
        return Gathered(state, due_at, reason=f"it still waits for {', '.join(missing)}")
    events = tuple(map(_seen, held))
    if max(one.at for one in events) - min(one.at for one in events) > window(trigger):
        return Gathered(state, due_at, reason="its events lie too far apart")
    return Gathered(state, due_at, events)


def _sequence(trigger: Trigger, after: dict[str, Any], seen: Seen, due_at: datetime) -> Gathered:
    """``chains[k]``: the ids of the latest beginning that has come as far as name number k; each is replaced by a later one as soon as there is."""
    names, events = trigger.sequence, {**after.get("events", {}), seen.id: _kept(seen)}
    chains: list[list[str]] = [list(chain) for chain in after.get("chains") or [[] for _ in names[:-1]]]
    complete: list[str] = []
    for number in reversed(range(len(names))):  # from the end: an event is one link of a chain only
        if names[number] != seen.name or (number and not chains[number - 1]):
            continue
        chain = [*(chains[number - 1] if number else ()), seen.id]
        if number == len(names) - 1:
            complete = chain
        else:
            chains[number] = chain
    used = {id for chain in chains for id in chain}
    state = {**after, "chains": chains, "events": {id: kept for id, kept in events.items() if id in used}}
    if not complete:
        return Gathered(state, due_at, reason=_awaited(names, chains))
    found = tuple(_seen(events[id]) for id in complete)
    if found[-1].at - found[0].at > window(trigger):
        return Gathered(state, due_at, reason=f"its {found[0].name} was too long ago")
    return Gathered(state, due_at, found)


def _awaited(names: Sequence[str], chains: Sequence[Sequence[str]]) -> str:
    come = max((number + 1 for number, chain in enumerate(chains) if chain), default=0)
    return f"it waits for {names[come]} next" if come else f"it waits for {names[0]} first"


# --- what is kept ----------------------------------------------------------------------------------------------------------


def _mark(trigger: Trigger) -> str:
    """What was gathered for another trigger is of no use to this one."""
    key = trigger.debounce.key if trigger.debounce else None
    about = [trigger.type, trigger.service, trigger.event, trigger.all, trigger.sequence, sorted(trigger.correlate.items()), key]
    return sha256(json.dumps(about).encode()).hexdigest()[:8]


def _check_size(seen: Seen) -> None:
    size = len(_canonical(dict(seen.data)))
    if size > LARGEST:
        raise Invalid(f"The event has {size:,} characters; up to {LARGEST:,} are kept while others are waited for.")


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _kept(seen: Seen) -> dict[str, Json]:
    return {"name": seen.name, "id": seen.id, "at": seen.at.isoformat(), "data": dict(seen.data)}


def _seen(kept: Mapping[str, Any]) -> Seen:
    return Seen(kept["name"], kept["id"], datetime.fromisoformat(kept["at"]), kept["data"])
