"""A group: the services whose alerts are told as one outage, with the times that grouping goes by."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol


class Finding(Protocol):
    """What is to be grouped: an alert, or what is about to become one. ``service`` may be "" for an alert from outside that names none."""

    @property
    def service(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def rule(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Member:
    """One service in a group: its first and its last alert there, how many there were, and for which accounts and by which rules.

    ``firing``: one of them is known to be firing still; False where that is not known or over.
    """

    service: str
    first_at: datetime
    last_at: datetime
    alerts: int = 1
    accounts: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    firing: bool = False

    def alive(self, now: datetime) -> datetime:
        """Until when it surely failed."""
        return now if self.firing else self.last_at


@dataclass(frozen=True, slots=True)
class Group:
    """``members`` in the order in which they first alerted; a group has at least one alert."""

    id: str
    members: tuple[Member, ...] = ()

    @property
    def opened_at(self) -> datetime:
        return min(member.first_at for member in self.members)

    @property
    def last_at(self) -> datetime:
        return max(member.last_at for member in self.members)

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(member.service for member in self.members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def member(self, service: str) -> Member | None:
        return next((member for member in self.members if member.service == service), None)

    def joined(self, finding: Finding, at: datetime) -> Group:
        """The group with one more alert. One that comes late keeps its own time: the first stays the first, the last the last."""
        known = self.member(finding.service)
        if known is None:
            new = Member(finding.service, at, at, 1, frozenset({finding.account}), frozenset({finding.rule}))
            return replace(self, members=tuple(sorted((*self.members, new), key=lambda member: member.first_at)))
        grown = Member(
            known.service, min(known.first_at, at), max(known.last_at, at), known.alerts + 1,
            known.accounts | {finding.account}, known.rules | {finding.rule}, known.firing,
        )  # fmt: skip
        members = (grown if member is known else member for member in self.members)
        return replace(self, members=tuple(sorted(members, key=lambda member: member.first_at)))

    def standing(self, services: Collection[str]) -> Group:
        """The group with those, and only those, of its services marked as firing still."""
        return replace(self, members=tuple(replace(member, firing=member.service in services) for member in self.members))
