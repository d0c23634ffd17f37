"""Who is called when nobody takes an alert: levels, one after the other, until somebody does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.errors import Invalid, Problem, Rejected
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.parties import Address

KIND = "escalation"  # of the policy
EVERYTHING = "all"  # id of the policy that holds where no other does
MOST_LEVELS = 10
MOST_TARGETS = 10
MOST_REPEATS = 10
LONGEST_WAIT = 7 * 86400.0  # seconds until the last level
PAUSE = 900.0  # seconds until the next round where there is one level only


class Kind(StrEnum):
    PERSON = "person"
    ROTA = "rota"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Target:
    """``id``: actor id of a person, id of a rota, ``face:id`` of a platform's group, address of a channel. ``name``: as people say it."""

    kind: Kind
    id: str
    name: str

    @property
    def words(self) -> str:
        return f"rota {self.name}" if self.kind is Kind.ROTA else self.name if self.kind is Kind.CHANNEL else f"@{self.name.lstrip('@')}"


@dataclass(frozen=True, slots=True)
class Level:
    """``after``: seconds from the beginning of the escalation."""

    after: float
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """``id`` says for what it holds: a severity, a service, or “all”. ``repeat``: how many further rounds there are after the first."""

    id: str
    levels: tuple[Level, ...]
    repeat: int = 0
    revision: int = 1

    @property
    def round(self) -> float:
        """Seconds from one round's beginning to the next one's: the last wait once more."""
        waits = [0.0, *(level.after for level in self.levels)]
        return self.levels[-1].after + (waits[-1] - waits[-2] if len(self.levels) > 1 else PAUSE)

    def outgrows(self, given: str) -> bool:
        """Whether it is for something worse than the policy ``given`` (id) that an alert has; that of a service holds for all it has."""
        known = [EVERYTHING, *Severity]
        return given in known and self.id in known and known.index(self.id) > known.index(given)


@dataclass(frozen=True, slots=True)
class Call:
    """``level`` counts on through the rounds, from 1; ``next_at``: when the one after it is due, None = it is the last."""

    level: int
    targets: tuple[Target, ...]
    next_at: datetime | None


def fitting(policies: Iterable[EscalationPolicy], alert: Alert, severity: Severity) -> EscalationPolicy | None:
    """The one an alert was given, else that of its service, else that of its (incident's) severity, else the one for all.

    What has become worse than the policy it was given is for is called about as what it is now.
    """
    known = {policy.id: policy for policy in policies}
    names = (alert.service, severity.value, EVERYTHING)
    wanted = next((known[name] for name in names if name and name in known), None)
    given = known.get(alert.policy)
    return wanted if given is None or (wanted is not None and wanted.outgrows(given.id)) else given


def begins(policy: EscalationPolicy, at: datetime) -> datetime:
    """When the first level is due of what begins at ``at``."""
    return at + timedelta(seconds=policy.levels[0].after)


def next_call(policy: EscalationPolicy, alert: Alert, at: datetime) -> Call | None:
    """Whom to call now, by how many levels of the policy were told; None when it is through, or the alert waits for nobody.

    The next one is counted from now: after a standstill the levels are not all called at once.
    """
    count = len(policy.levels)
    if alert.state is not AlertState.FIRING or alert.level >= count * (1 + policy.repeat):
        return None
    place, following = alert.level % count, alert.level + 1
    if following >= count * (1 + policy.repeat):
        return Call(following, policy.levels[place].targets, None)
    after = policy.levels[following % count].after + (policy.round if following % count == 0 else 0.0)
    return Call(following, policy.levels[place].targets, at + timedelta(seconds=after - policy.levels[place].after))


def checked(policy: EscalationPolicy) -> EscalationPolicy:
    """The one door for what people set. Raises Invalid, naming everything that does not fit."""
    problems = []
    if not policy.id.strip():
        problems.append(Problem("say for what it holds: a severity, a service, or “all”", ("id",)))
    if not 1 <= len(policy.levels) <= MOST_LEVELS:
        problems.append(Problem(f"it needs 1 to {MOST_LEVELS} levels", ("levels",)))
    if not 0 <= policy.repeat <= MOST_REPEATS:
        problems.append(Problem(f"it can be repeated up to {MOST_REPEATS} times", ("repeat",)))
    for number, level in enumerate(policy.levels):
        if not 1 <= len(level.targets) <= MOST_TARGETS:
            problems.append(Problem(f"a level calls 1 to {MOST_TARGETS} people, rotas, groups or channels", ("levels", number)))
        problems += [
            Problem(f"“{one.id[:60]}” is no place; write it like slack:#ops", ("levels", number))
            for one in level.targets
            if one.kind is Kind.CHANNEL and not _is_place(one.id)
        ]
        if not 0 <= level.after <= LONGEST_WAIT:
            problems.append(Problem("a level comes within seven days", ("levels", number)))
        if number and level.after <= policy.levels[number - 1].after:
            problems.append(Problem("it must come later than the one before it; times count from the beginning", ("levels", number)))
    if problems:
        raise Invalid(f"The escalation for “{policy.id[:60]}” cannot be set:", problems)
    return policy


def _is_place(text: str) -> bool:
    """One that cannot be read would keep the whole level from being called, when it is too late to mend it."""
    try:
        return bool(Address.parse(text))
    except Rejected:
        return False


def body_of(policy: EscalationPolicy) -> dict[str, Any]:
    return {
        "levels": [
            {"after": level.after, "targets": [{"kind": one.kind.value, "id": one.id, "name": one.name} for one in level.targets]}
            for level in policy.levels
        ],
        "repeat": policy.repeat,
    }


def escalation_of(id: str, body: Mapping[str, Any], revision: int) -> EscalationPolicy:
    """What ``body_of`` wrote, or what somebody wrote by hand. Raises Invalid for anything that is none."""
    try:
        levels = tuple(
            Level(float(level["after"]), tuple(Target(Kind(one["kind"]), str(one["id"]), str(one["name"])) for one in level["targets"]))
            for level in body["levels"]
        )
        policy = EscalationPolicy(id=id, levels=levels, repeat=int(body.get("repeat", 0)), revision=revision)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"The escalation “{id[:60]}” cannot be read.", [Problem(str(error)[:200], (id,))]) from error
    return checked(policy)
