"""Who is on call: a rota hands over every so many days at the same local time, and overrides win over it.

  turn −1      turn 0       turn 1       turn 2        every ``every`` days at ``at`` in ``zone``, counted from ``start``
──┬────────────┬────────────┬────────────┬──
  │   Cem      │   Ada      │   Bob      │   Cem
  │            │      ▒▒▒▒▒Dee▒▒▒▒▒      │               an override: Dee stands in, whoever it would have been
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import Invalid, Problem

KIND = "rota"  # of the policy
MOST_MEMBERS = 50
MOST_OVERRIDES = 100
LONGEST_TURN = 366  # days
LONGEST_OVERRIDE = timedelta(days=366)
LONGEST_NAME = 60
KEPT = timedelta(days=30)  # so long are overrides that are over remembered
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Member:
    """``id``: actor id (``slack:U1``). ``zone``: their own IANA zone, "" = not known."""

    id: str
    name: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """``since`` ≤ t < ``until``: ``who`` is on call, whoever it would have been. ``by``: name of who said so."""

    since: datetime
    until: datetime
    who: Member
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Hand-over is at ``at`` o'clock, local time in ``zone``, every ``every`` days from ``start`` on; the turns before ``start`` count, too.

    Of overrides that overlap the one made last wins. A local time that a clock change skips is taken as if it had not been put forward; one
    that comes twice is the first.
    """

    id: str  # as it is called, in lower case: ``ops``
    name: str
    members: tuple[Member, ...]
    start: date
    at: time
    zone: str
    every: int = 7  # days
    overrides: tuple[Override, ...] = ()
    revision: int = 1

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.start.weekday()]


@dataclass(frozen=True, slots=True)
class Shift:
    """``since`` ≤ t < ``until``. ``instead_of``: whose turn it would have been, None where nobody stands in."""

    who: Member
    since: datetime
    until: datetime
    instead_of: Member | None = None


# --- reading a rota ------------------------------------------------------------------------------------------------------


def on_call(rota: Rota, at: datetime) -> Shift:
    """The shift of the moment; at every moment there is exactly one. A stand-in's shift goes on over hand-overs."""
    since, until = _piece(rota, at)
    key = _holder(rota, at)
    while key[0] == "override" and _holder(rota, until) == key:
        until = _piece(rota, until)[1]
    while key[0] == "override":
        before = _edge_before(rota, since)
        if _holder(rota, before) != key:
            break
        since = before
    if key[0] == "turn":
        return Shift(rota.members[key[1] % len(rota.members)], since, until)
    own = rota.members[turn_of(rota, at) % len(rota.members)]
    return Shift(rota.overrides[key[1]].who, since, until, own)


def shifts(rota: Rota, since: datetime, until: datetime) -> Iterator[Shift]:
    """Every shift that is on at some time in ``since`` ≤ t < ``until``, one behind the other without a gap; whole, not cut."""
    at = since
    while at < until:
        shift = on_call(rota, at)
        yield shift
        at = shift.until


def _holder(rota: Rota, at: datetime) -> tuple[str, int]:
    """("override", which) or ("turn", number)."""
    for number in reversed(range(len(rota.overrides))):
        if rota.overrides[number].since <= at < rota.overrides[number].until:
            return "override", number
    return "turn", turn_of(rota, at)


def _piece(rota: Rota, at: datetime) -> tuple[datetime, datetime]:
    """From the last edge at or before ``at`` to the next one after it; in between the holder is the same."""
    turn = turn_of(rota, at)
    own = [edge for override in rota.overrides for edge in (override.since, override.until)]
    starts = [edge for edge in own if edge <= at]
    ends = [edge for edge in own if edge > at]
    return max([*starts, hand_over(rota, turn)]), min([*ends, _next_hand_over(rota, turn)])


def _edge_before(rota: Rota, edge: datetime) -> datetime:
    return _piece(rota, edge - timedelta(microseconds=1))[0]


def hand_over(rota: Rota, turn: int) -> datetime:
    """When a turn begins, in UTC; turn 0 is that of the first member on ``start``."""
    day = rota.start + timedelta(days=turn * rota.every)
    return datetime.combine(day, rota.at, ZoneInfo(rota.zone)).astimezone(UTC)


def turn_of(rota: Rota, at: datetime) -> int:
    """The last turn that has begun. Where a zone leaves out a whole day two hand-overs fall together, and the later turn counts."""
    guess = (at.astimezone(ZoneInfo(rota.zone)).date() - rota.start).days // rota.every + 2
    return next(turn for turn in range(guess, guess - 6, -1) if hand_over(rota, turn) <= at)


def _next_hand_over(rota: Rota, turn: int) -> datetime:
    return hand_over(rota, turn + 1)


# --- changing a rota -----------------------------------------------------------------------------------------------------


def overridden(rota: Rota, override: Override, now: datetime) -> Rota:
    """With one more override; those long over are forgotten."""
    kept = tuple(one for one in rota.overrides if one.until > now - KEPT)
    return replace(rota, overrides=(*kept, override), revision=rota.revision + 1)


def checked(rota: Rota) -> Rota:
    """The one door for what people set. Raises Invalid, naming everything that does not fit."""
    problems = []
    if not rota.name.strip() or len(rota.name) > LONGEST_NAME:
        problems.append(Problem(f"a rota needs a name of at most {LONGEST_NAME} characters", ("name",)))
    if not rota.members:
        problems.append(Problem("nobody is in it; name at least one person", ("members",)))
    if len(rota.members) > MOST_MEMBERS:
        problems.append(Problem(f"at most {MOST_MEMBERS} people fit into one rota", ("members",)))
    if not 1 <= rota.every <= LONGEST_TURN:
        problems.append(Problem(f"a turn lasts 1 to {LONGEST_TURN} days", ("every",)))
    if len(rota.overrides) > MOST_OVERRIDES:
        problems.append(Problem(f"at most {MOST_OVERRIDES} overrides are kept; wait until some are over", ("overrides",)))
    for number, override in enumerate(rota.overrides):
        if override.until <= override.since:
            problems.append(Problem("it ends before it begins", ("overrides", number)))
        elif override.until - override.since > LONGEST_OVERRIDE:
            problems.append(Problem(f"it lasts longer than {LONGEST_OVERRIDE.days} days", ("overrides", number)))
    if not _is_zone(rota.zone):
        problems.append(Problem(f"there is no time zone “{rota.zone[:60]}”; write it like Europe/Berlin", ("zone",)))
    if problems:
        raise Invalid(f"The rota “{rota.name[:LONGEST_NAME]}” cannot be set:", problems)
    return rota


def _is_zone(name: str) -> bool:
    try:
        return name not in ("", "localtime") and bool(ZoneInfo(name))  # those would mean this machine's own zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


# --- as a policy keeps it ------------------------------------------------------------------------------------------------


def body_of(rota: Rota) -> dict[str, Any]:
    return {
        "name": rota.name,
        "members": [_written(member) for member in rota.members],
        "start": rota.start.isoformat(),
        "at": rota.at.isoformat("minutes"),
        "zone": rota.zone,
        "every": rota.every,
        "overrides": [
            {"since": one.since.isoformat(), "until": one.until.isoformat(), "who": _written(one.who), "by": one.by}
            for one in rota.overrides
        ],
    }


def rota_of(id: str, body: Mapping[str, Any], revision: int) -> Rota:
    """What ``body_of`` wrote, or what somebody wrote by hand. Raises Invalid for anything that is no rota."""
    try:
        rota = Rota(
            id=id,
            name=str(body["name"]),
            members=_members(body["members"]),
            start=date.fromisoformat(body["start"]),
            at=time.fromisoformat(body["at"]),
            zone=str(body["zone"]),
            every=int(body["every"]),
            overrides=tuple(
                Override(_moment(one["since"]), _moment(one["until"]), _member(one["who"]), str(one.get("by", "")))
                for one in body.get("overrides", ())
            ),
            revision=revision,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"The rota “{id[:LONGEST_NAME]}” cannot be read.", [Problem(str(error)[:200], (id,))]) from error
    return checked(rota)


def _written(member: Member) -> dict[str, str]:
    return {"id": member.id, "name": member.name, "zone": member.zone}


def _member(said: Mapping[str, Any]) -> Member:
    id = str(said["id"])
    if ":" not in id:
        raise ValueError(f"“{id[:60]}” is no person; write face:id, such as slack:U0123")
    return Member(id, str(said["name"]), str(said.get("zone", "")))


def _members(said: Sequence[Mapping[str, Any]]) -> tuple[Member, ...]:
    return tuple(_member(one) for one in said)


def _moment(said: str) -> datetime:
    at = datetime.fromisoformat(said)
    if at.tzinfo is None:
        raise ValueError(f"“{said}” has no time zone")
    return at


def cursor_of(rota: str) -> str:
    """The name under which it is kept whose shift was told of."""
    return f"on_call:{rota}"
