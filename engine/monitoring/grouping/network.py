"""The guard over our own network: when most of what is unrelated fails within one round of checks, it is we who are cut off.

    watching ──(cut: most vendors begin to fail within ROUND, or
                lossy: most failed a check within LOSSY, and some of them answered again)──▶ cut off: alerts of what failed are held
    cut off ──(most answer again, and few begin to fail anew)──▶ watching: what is not looked at since stays held, what fails on is told on its own

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
LOSSY: Final = timedelta(seconds=120)
LEAST: Final = 3  # units that fail; with fewer nothing can be told
SHARE: Final = 0.5  # of the units heard of in that time; more than this
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
    """Remembers since when each account fails, and when each last began to. ``observe`` after every round of checks, or after every sample."""

    topology: Topology = NOTHING_KNOWN
    failing: Mapping[Key, datetime] | None = None  # None: nothing was observed yet
    since: datetime | None = None  # cut off since; None: not
    held: frozenset[Key] = frozenset()
    ended: datetime | None = None
    began: Mapping[Key, datetime] | None = None  # within LOSSY, over or not
    lossy: bool = False  # cut off in the sense that checks come through now and then

    def observe(self, states: Iterable[Standing], now: datetime) -> Guarded:
        """What is to be told of our network, and whose alerts are held. Order of ``states`` does not matter."""
        told = {(state.service, state.account): state for state in states if _tells(state)}
        failing = _failing(told, self.failing or {})
        began = {key: at for key, at in {**(self.began or {}), **failing}.items() if at >= now - LOSSY and key in told}
        guard = replace(self, failing=failing, began=began)
        return guard._cut_off(told, now) if self.since else guard._watch(told, now)

    def _watch(self, told: Mapping[Key, Standing], now: datetime) -> Guarded:
        if not self.began and not self.held:
            return Guarded(self, False, "Nothing began to fail lately.", frozenset())
        cut, lossy = self._cut(told, now), self._lossy(told, now, frozenset(self.began or {}))
        found = cut if cut.most or not lossy.most else lossy
        common = self._explains(found.down)
        if not found.most or common:
            waiting = self._waiting(told, now)
            blame = (
                f"all of them need {self.topology.name(common)}"
                if common
                else f"more than half, and at least {LEAST}, would be our network"
            )
            guard = replace(self, held=waiting)
            return Guarded(guard, False, f"{found.said}; {blame}.", waiting)
        # One that is back so soon was not over: from now on it has to be quiet for a while.
        again = self.ended is not None and now - self.ended <= LOSSY
        guard = replace(self, since=now, held=found.keys, ended=None, lossy=lossy.most or again)
        return Guarded(guard, True, f"{found.said} ({self._named(found.down)}): that is our own network, not they.", guard.held)

    def _cut_off(self, told: Mapping[Key, Standing], now: datetime) -> Guarded:
        assert self.since is not None
        failing, since = self.failing or {}, self.since
        held = self.held | {key for key, at in (self.began or {}).items() if at >= since}
        units = self._units(key for key in held if key in told)
        back = [unit for unit, keys in units.items() if 2 * sum(key not in failing for key in keys) >= len(keys)]
        # What the cut itself began is no sign of loss; what began after it was noticed is, unless it is only the rest of the same round.
        unsteady = self._lossy(told, now, frozenset(key for key, at in (self.began or {}).items() if at > since))
        unsure = unsteady.wide or (self.lossy and now - since < LOSSY)
        if not units or (2 * len(back) > len(units) and not unsure):
            return self._over(told, now, held, f"{len(back)} of {len(units)} vendors answer again")
        out = len(units) - len(back)
        how = f"{out} of {len(units)} unrelated vendors still do not answer" if 2 * out >= len(units) else unsteady.said
        return Guarded(replace(self, held=held), True, f"Since {since:%H:%M:%S} UTC: {how}.", held)

    def _over(self, told: Mapping[Key, Standing], now: datetime, held: frozenset[Key], said: str) -> Guarded:
        left = frozenset(key for key in held if key in (self.failing or {}))
        guard = replace(self, since=None, held=left, ended=now, began={}, lossy=False)
        waiting = guard._waiting(told, now)
        rest = self._named(sorted({key[0] for key in left}))
        tail = f"; still failing: {rest}, told on their own if their next check fails too" if left else ""
        return Guarded(replace(guard, held=waiting), False, f"{said}{tail}.", waiting)

    def _cut(self, told: Mapping[Key, Standing], now: datetime) -> _Found:
        """Units that began to fail within ROUND and fail still, of those heard of in it."""
        failing, begun = self.failing or {}, now - ROUND
        fresh = frozenset(key for key, at in failing.items() if at >= begun)
        heard = self._units(key for key, state in told.items() if _at(state) >= begun and (key in fresh or key not in failing))
        down = self._mostly(heard, fresh)
        return _Found(down, fresh, _most(down, heard), f"{len(down)} of {len(heard)} vendors began to fail within {ROUND.seconds} seconds")

    def _lossy(self, told: Mapping[Key, Standing], now: datetime, lately: frozenset[Key]) -> _Found:
        """Units that began to fail ``lately``, if enough of them answered again: loss is no vendor's outage, for those last."""
        failing, begun = self.failing or {}, now - LOSSY
        heard = self._units(key for key, state in told.items() if _at(state) >= begun and (key in lately or key not in failing))
        down = self._mostly(heard, lately)
        again = self._mostly(heard, frozenset(key for key in lately if key not in failing))
        said = f"{len(down)} of {len(heard)} vendors failed a check within {LOSSY.seconds} seconds"
        wide = _most(down, heard)
        return _Found(down, lately, wide and len(again) >= LEAST, said, wide)

    @staticmethod
    def _mostly(units: Mapping[str, set[Key]], keys: frozenset[Key]) -> list[str]:
        return [unit for unit, own in units.items() if 2 * len(own & keys) > len(own)]

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


@dataclass(frozen=True, slots=True)
class _Found:
    """``down``: units, ``keys``: of their accounts and others that fail, ``most``: it is our network, ``wide``: at least it concerns most."""

    down: list[str]
    keys: frozenset[Key]
    most: bool
    said: str
    wide: bool = False


def _most(down: Sequence[str], heard: Mapping[str, set[Key]]) -> bool:
    return len(down) >= LEAST and len(down) > SHARE * len(heard)


def _at(state: Standing) -> datetime:
    assert state.last_at is not None  # others tell nothing, see ``_tells``
    return state.last_at


def _tells(state: Standing) -> bool:
    return state.ever_ok and not state.sandbox and state.last_at is not None


def _failing(told: Mapping[Key, Standing], before: Mapping[Key, datetime]) -> dict[Key, datetime]:
    """Since when each fails. One seen failing for the first time fails since its last check."""
    return {
        key: before.get(key) or state.last_at
        for key, state in told.items()
        if state.failures and not state.misconfigured and state.last_at is not None
    }
