"""Bounds how often one sender may deliver: by its address, by the account it delivers to, and far less often what is refused."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from starlette.requests import Request

from engine.ports import Clock

WINDOW = timedelta(minutes=1)
BY_ADDRESS = 3000  # deliveries of one address in a window; services send from few addresses, and in bursts
BY_ACCOUNT = 6000  # to one account
REFUSED = 120  # of one address to one account that were not proven; who guesses is not listened to for a while
SENDERS = 8192  # remembered; the longest silent ones are forgotten first


@dataclass(slots=True)
class _Count:
    since: datetime
    times: int = 0


class HookRates:
    """Counted in windows, in memory: a restart forgives."""

    def __init__(self, clock: Clock, *, by_address: int = BY_ADDRESS, by_account: int = BY_ACCOUNT, refused: int = REFUSED) -> None:
        self._clock = clock
        self._limits = {"address": by_address, "account": by_account, "refused": refused}
        self._counts: OrderedDict[tuple[str, ...], _Count] = OrderedDict()

    def wait(self, address: str, account: str) -> float:
        """Seconds until this one may deliver; 0.0: now, and it is counted."""
        keys = {"address": ("address", address), "account": ("account", account), "refused": ("refused", address, account)}
        waits = [self._left(self._count(key)) for kind, key in keys.items() if self._count(key).times >= self._limits[kind]]
        if waits:
            return max(waits)
        for kind in ("address", "account"):
            self._count(keys[kind]).times += 1
        return 0.0

    def refused(self, address: str, account: str) -> None:
        self._count(("refused", address, account)).times += 1

    def _count(self, key: tuple[str, ...]) -> _Count:
        now = self._clock.now()
        count = self._counts.get(key)
        if count is None or now - count.since >= WINDOW:
            count = self._counts[key] = _Count(now)
        self._counts.move_to_end(key)
        while len(self._counts) > SENDERS:
            self._counts.popitem(last=False)
        return count

    def _left(self, count: _Count) -> float:
        return max(1.0, (count.since + WINDOW - self._clock.now()).total_seconds())


def address_of(request: Request) -> str:
    """Who sent it. A proxy of this machine or its own network names whom it speaks for, last in its list; nobody else is believed."""
    peer = request.client.host if request.client else ""
    named = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return named[:64] if named and _is_near(peer) and _is_address(named) else peer


def _is_near(peer: str) -> bool:
    return _is_address(peer) and (ip_address(peer).is_private or ip_address(peer).is_loopback)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
