"""The guard over our own network: when most of what is unrelated fails within one round of checks, it is we who are cut off.

    watching ──(most units begin to fail within ROUND)──▶ cut off ──(most of those answer again)──▶ watching
                                                             │ alerts of what failed are held       │ what is not looked at since stays held
                                                                                                    │ what fails on is told on its own

A *unit* is one vendor or platform: three Atlassian products that fail are one vendor's outage. Misconfigured and throttled count as answers,
for they came through our network. Services that never answered, sandboxes, and what failed before say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from engine.monitoring.grouping.topology import NOTHING_KNOWN, Topology

ROUND: Final = timedelta(seconds=45)  # checks every 30 s, and the time a check may take to fail
LEAST: Final = 3  # units that fail; with fewer nothing can be told
SHARE: Final = 0.5  # of the units heard of in the round; more than this
SETTLE: Final = timedelta(seconds=60)  # after the end: how long is waited for a look at what was held

Key = tuple[str, str]  # service, account


class Standing(Protocol):
    """What the guard reads of an account's state."""

    @property
    def service(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def ever_ok(self) -> bool: ...
    @property
    def misconfigured(self) -> bool: ...
    @property
    def failures(self) -> int: ...
    @property
    def last_at(self) -> datetime | None: ...
    @property
    def sandbox(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class NetworkGuard:
    """Remembers since when each account fails. ``observe`` after every round of checks, or after every sample."""

    topology: Topology = NOTHING_KNOWN
    failing: Mapping[Key, datetime] | None = None  # None: nothing was observed yet
    since: datetime | None = None  # cut off since; None: not
    held: frozenset[Key] = frozenset()
    ended: datetime | None = None

    def observe(self, states: Iterable[Standing], now: datetime) -> Guarded:
        """What is to be told of our network, and whose alerts are held. Order of ``states`` does not matter."""
        told = {(state.service, state.account): state for state in states if _tells(state)}
        failing = _failing(told, self.failing or {})
        guard = replace(self, failing=failing)
        return guard._cut_off(told, now) if self.since else guard._watch(told, now)

    def _watch(self, told: Mapping[Key, Standing], now: datetime) -> Guarded:
        failing, begun = self.failing or {}, now - ROUND
        fresh = {key for key, at in failing.items() if at >= begun}
        heard = {key for key, state in told.items() if (state.last_at or now) >= begun and (key in fresh or key not in failing)}
        units = self._units(heard)
        down = [unit for unit, keys in units.items() if 2 * len(keys & fresh) > len(keys)]
        common = self._explains(down)
        if len(down) < LEAST or len(down) <= SHARE * len(units) or common:
            waiting = self._waiting(told, now)
            why = f"{len(down)} of {len(units)} vendors began to fail within {ROUND.seconds} seconds"
            reason = (
                f"{why}; all of them need {self.topology.name(common)}."
                if common
                else f"{why}; more than half, and at least {LEAST}, would be our network."
            )
            return Guarded(replace(self, held=waiting, ended=self.ended if waiting else None), False, reason, waiting)
        guard = replace(self, since=now, held=frozenset(fresh), ended=None)
        names = self._named(down)
        because = f"{len(down)} of {len(units)} unrelated vendors began to fail within {ROUND.seconds} seconds ({names}): that is our own network, not they."
        return Guarded(guard, True, because, guard.held)

    def _cut_off(self, told: Mapping[Key, Standing], now: datetime) -> Guarded:
        assert self.since is not None
        failing = self.failing or {}
        held = self.held | {key for key, at in failing.items() if at >= self.since}
        units = self._units(key for key in held if key in told)
        back = [unit for unit, keys in units.items() if 2 * sum(key not in failing for key in keys) >= len(keys)]
        if 2 * len(back) > len(units) or not units:
            waiting = frozenset(key for key in held if key in failing)
            guard = replace(self, since=None, held=waiting, ended=now)
            left = guard._waiting(told, now)
            rest = self._named(sorted({key[0] for key in waiting}))
            tail = f"; still failing: {rest}, told on their own if their next check fails too" if waiting else ""
            return Guarded(replace(guard, held=left), False, f"{len(back)} of {len(units)} vendors answer again{tail}.", left)
        because = f"Since {self.since:%H:%M:%S} UTC: {len(units) - len(back)} of {len(units)} unrelated vendors still do not answer."
        return Guarded(replace(self, held=held), True, because, held)

    def _waiting(self, told: Mapping[Key, Standing], now: datetime) -> frozenset[Key]:
        """Of what was held, what has not been looked at since the end. Their old failures are the network's."""
        ended = self.ended
        if ended is None or now - ended > SETTLE:
            return frozenset()
        return frozenset(key for key in self.held if key in told and key in (self.failing or {}) and (told[key].last_at or ended) <= ended)

    def _units(self, keys: Iterable[Key]) -> dict[str, set[Key]]:
        units: dict[str, set[Key]] = {}
        for key in keys:
            units.setdefault(self.topology.vendor(key[0]), set()).add(key)
        return units

    def _explains(self, down: Sequence[str]) -> str:
        """One service or platform that all that fail need (or are): then it is that, not our network."""
        if not down:
            return ""
        shared = set.intersection(*({unit, *self.topology.causes(unit)} for unit in down))
        return min(shared, default="")

    def _named(self, units: Sequence[str]) -> str:
        shown = ", ".join(self.topology.name(unit) for unit in sorted(units)[:5])
        return f"{shown} and {len(units) - 5} more" if len(units) > 5 else shown


@dataclass(frozen=True, slots=True)
class Guarded:
    """``guard`` is to be asked next time. ``firing``: our own network is cut off; alerts of ``held`` (service, account) are not told."""

    guard: NetworkGuard
    firing: bool
    because: str
    held: frozenset[Key]


def _tells(state: Standing) -> bool:
    return state.ever_ok and not state.sandbox and state.last_at is not None


def _failing(told: Mapping[Key, Standing], before: Mapping[Key, datetime]) -> dict[Key, datetime]:
    """Since when each fails. One seen failing for the first time fails since its last check."""
    return {
        key: before.get(key) or state.last_at
        for key, state in told.items()
        if state.failures and not state.misconfigured and state.last_at is not None
    }
