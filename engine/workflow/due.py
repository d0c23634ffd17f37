"""What is due: which fires of a schedule are to be begun now, which were missed and are made up or dropped, and which comes next. Pure.

A fire is *ripe* once its own jitter is over; fires ripen in order, so that a lucky draw overtakes nobody. A ripe fire is *missed* when it
could not be begun within ``GRACE`` of that, or when the house was down.

misfire skip   missed fires are dropped
misfire once   the latest of them is made up, unless a later one is on time anyway
misfire all    each of them is made up, in order; of more than ``MOST_MADE_UP`` the latest so many, and ``left_out`` says so

A fire's run is called after workflow and fire time, and its jitter follows from the same two, so whoever works it out, and how often ever, means
the same run at the same moment.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import takewhile

from engine.workflow.calendar import fires, next_fire
from engine.workflow.definition import Misfire, Trigger

MOST_MADE_UP = 100
GRACE = timedelta(seconds=60)  # later than this a fire was missed, though the house was up (it slept, or its clock jumped)
# How far back missed fires are looked for first: a minutely schedule after a year must not be walked through from its start.
WINDOWS = tuple(timedelta(**span) for span in ({"minutes": 2}, {"hours": 2}, {"days": 2}, {"days": 32}, {"days": 367}, {"days": 36_700}))


@dataclass(frozen=True, slots=True)
class Due:
    """``fires`` to begin now, in order; ``missed`` of those are made up. ``next``: the fire after them, None = never again."""

    fires: tuple[datetime, ...]
    next: datetime | None
    missed: int = 0
    dropped: int = 0  # missed, and not made up, as far as they were looked at
    left_out: bool = False  # there were more than are ever made up


def due_now(trigger: Trigger, workflow: str, first: datetime, now: datetime, zone: str = "UTC", *, up: bool = True) -> Due:
    """``first``: the earliest fire that has not been dealt with; ``up``: the house has been at work until now.

    ``workflow`` is its id. All times are UTC.
    """
    if first > now:
        return Due((), next_fire(trigger, now, zone))  # anew: the clock may have been set back, or the schedule changed
    found, more = _ripe(trigger, workflow, first, now, zone)
    if not found:
        return Due((), first)
    on_time = _on_time(trigger, workflow, found, now) if up else ()
    missed = found[: len(found) - len(on_time)]
    made_up = _made_up(trigger.misfire, missed, bool(on_time))
    return Due(
        fires=(*made_up, *on_time),
        next=next_fire(trigger, found[-1], zone),
        missed=len(made_up),
        dropped=len(missed) - len(made_up),
        left_out=more and trigger.misfire is Misfire.ALL,
    )


def begins(trigger: Trigger, workflow: str, fire: datetime) -> datetime:
    """When the run of a fire begins: up to ``jitter`` seconds later, the same for everybody who works it out."""
    if not trigger.jitter:
        return fire
    digest = sha256(f"{workflow}\n{fire.astimezone(UTC).isoformat()}".encode()).digest()
    return fire + timedelta(seconds=int.from_bytes(digest[:6], "big") / 2**48 * trigger.jitter)


def latest_fires(trigger: Trigger, first: datetime, until: datetime, count: int, zone: str = "UTC") -> tuple[tuple[datetime, ...], bool]:
    """The last ``count`` fires up to ``until``, and whether there were more, given that ``first`` was one. Looks back in growing windows."""
    if first > until:
        return (), False
    for window in WINDOWS:
        if until - window <= first:
            break
        found = _last(fires(trigger, until - window, zone), until, count + 1)
        if len(found) > count:
            return found[1:], True
    found = _last(_from(trigger, first, zone), until, count + 1)
    return found[-count:], len(found) > count


def _last(stream: Iterator[datetime], until: datetime, count: int) -> tuple[datetime, ...]:
    return tuple(deque(takewhile(lambda fire: fire <= until, stream), maxlen=count))


def _from(trigger: Trigger, first: datetime, zone: str) -> Iterator[datetime]:
    yield first
    yield from fires(trigger, first, zone)


def _ripe(trigger: Trigger, workflow: str, first: datetime, now: datetime, zone: str) -> tuple[tuple[datetime, ...], bool]:
    """In order, the latest ``MOST_MADE_UP`` at most; the one after an unripe one waits for it."""
    surely = now - timedelta(seconds=trigger.jitter)
    found, more = latest_fires(trigger, first, surely, MOST_MADE_UP, zone)
    if not trigger.jitter:
        return found, more
    following = fires(trigger, found[-1], zone) if found else _from(trigger, first, zone)
    ripe = takewhile(lambda fire: fire <= now and begins(trigger, workflow, fire) <= now, following)
    together = deque([*found], maxlen=MOST_MADE_UP)
    for fire in ripe:
        more = more or len(together) == MOST_MADE_UP
        together.append(fire)
    return tuple(together), more


def _on_time(trigger: Trigger, workflow: str, found: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """From the first that ripened less than ``GRACE`` ago; those behind it had to wait for it."""
    late = takewhile(lambda fire: now - begins(trigger, workflow, fire) > GRACE, found)
    return found[sum(1 for _ in late) :]


def _made_up(misfire: Misfire, missed: tuple[datetime, ...], later: bool) -> tuple[datetime, ...]:
    if misfire is Misfire.ALL:
        return missed
    return missed[-1:] if misfire is Misfire.ONCE and not later else ()
