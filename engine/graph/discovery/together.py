"""Which services began to fail together, episode by episode: who was first, and who else had begun before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

WITHIN: Final = timedelta(minutes=3)
CROWD: Final = 20  # services of one episode; where more begin at once something common is down, which says little of any two
MOST: Final = 50_000  # outages, the latest

Pair = tuple[str, str]  # in the order of letters


@dataclass(frozen=True, slots=True)
class Outage:
    """``service`` failed from ``begins`` on; ``ends`` None: it still does, or nobody knows."""

    service: str
    begins: datetime
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Episodes:
    """``starts``: how often each service began. ``of``: episodes that are no crowds, service → when it began. ``span``: time that was watched."""

    starts: Mapping[str, int] = field(default_factory=dict)
    of: Sequence[Mapping[str, datetime]] = ()
    span: timedelta = timedelta(0)

    def pairs(self) -> dict[Pair, list[int]]:
        """Two that began within WITHIN of each other → the episodes in which they did."""
        found: dict[Pair, list[int]] = {}
        for number, began in enumerate(self.of):
            names = sorted(began)
            for place, one in enumerate(names):
                for other in names[place + 1 :]:
                    if abs(began[one] - began[other]) <= WITHIN:
                        found.setdefault((one, other), []).append(number)
        return found

    def taking_part(self) -> Counter[str]:
        """In how many episodes each service had a part."""
        return Counter(service for began in self.of for service in began)


def episodes(outages: Iterable[Outage], *, since: datetime | None = None, until: datetime | None = None) -> Episodes:
    """An episode ends where nothing begins for WITHIN. What begins while it is still down, or right after, is the same outage going on."""
    ordered = sorted((one for one in outages if one.service), key=lambda one: (one.begins, one.service))[-MOST:]
    starts = list(_once(ordered))
    if not starts:
        return Episodes()
    found = [began for began in _episodes(starts) if len(began) <= CROWD]
    span = (until or starts[-1][0]) - (since or starts[0][0])
    return Episodes(Counter(service for _, service in starts), found, max(span, WITHIN))


def _once(ordered: Iterable[Outage]) -> Iterator[tuple[datetime, str]]:
    down_until: dict[str, datetime] = {}
    for one in ordered:
        if one.service not in down_until or one.begins > down_until[one.service] + WITHIN:
            yield one.begins, one.service
        down_until[one.service] = max(one.ends or one.begins, one.begins, down_until.get(one.service, one.begins))


def _episodes(starts: Sequence[tuple[datetime, str]]) -> Iterator[Mapping[str, datetime]]:
    began: dict[str, datetime] = {}
    last = starts[0][0]
    for at, service in starts:
        if at - last > WITHIN:
            yield began
            began = {}
        began.setdefault(service, at)
        last = at
    yield began
