"""One service: its account, its mode, its health and what it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.monitoring.alert import ServiceState
from engine.ports import Budget, FeedState, Watch
from engine.workflow.durations import in_words

MOST_SHOWN = 8


def budget_line(row: Budget, *, several: bool) -> str:
    """“Limit: 12 of 100 used (requests in 10 s), all free in 4 s.”"""
    resets = "" if row.resets_in is None else f", all free in {in_words(row.resets_in)}" if row.used else ""
    return f"Limit{f' of {row.account}' if several else ''}: {row.used:,} of {row.limit:,} used ({row.name}){resets}."


def _credential(state: ServiceState) -> str:
    if state.misconfigured:
        return f"refused. {state.detail}"
    if state.failures:
        since = f" since {state.last_ok_at:%H:%M} UTC" if state.last_ok_at else ""
        return f"not known, it has not answered{since}. {state.detail}".rstrip()
    if state.sandbox:
        return "none needed, the sandbox answers."
    return f"live, it answered in {state.last_latency * 1000:.0f} ms."


async def _health(house: House, service: str) -> list[str]:
    """Three questions kept apart: is the vendor up, does our credential live; what is left of its quota stands further down."""
    lines = []
    if (standing := await house.connections.standing(service)) is not None:
        lines.append(f"Vendor: {standing.state}. {standing.says}")
    for state in await house.store.samples.states():
        if state.service == service and state.last_at is not None:
            lines.append(f"Credential: {_credential(state)}")
    return lines


def feed_line(feed: FeedState) -> str:
    """“Polled: events every 60 s, last at 09:12:03 UTC.”"""
    last = "" if feed.asked_at is None else f", last at {feed.asked_at:%H:%M:%S} UTC"
    return f"Polled: {feed.poll.name} every {in_words(feed.poll.every)}{last}.{f' {feed.trouble}' if feed.trouble else ''}"


def watch_line(watch: Watch) -> str:
    """“Delivers acme/web until 2026-12-01 09:00 UTC.”"""
    until = "" if watch.ends_at is None else f" until {watch.ends_at:%Y-%m-%d %H:%M} UTC, renewed before"
    return f"Delivers {watch.target}{until}.{f' {watch.trouble}' if watch.trouble else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowService(Command):
    NAME: ClassVar[str] = "show_service"
    SLASH: ClassVar[str] = "/service"
    HELP: ClassVar[str] = "How a service is connected and what it can do."
    EXAMPLE: ClassVar[str] = "/service github"
    service: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service)
        lines = [f"{service.name}, {service.category.replace('_', ' ')}"]
        accounts = [account for account in house.connections.accounts() if account.service == service.id]
        for account in accounts:
            lines.append(f"Account {account.name}: {account.mode}, {account.url or 'built in'}. {account.missing}".strip())
        lines += await _health(house, service.id)
        for account in accounts:
            lines += [f"{account.name}: {line}" if len(accounts) > 1 else line for line in house.fares(service.id, account.name)]
        lines += [feed_line(feed) for feed in house.feeds() if feed.poll.service == service.id]
        lines += [watch_line(watch) for watch in await house.watching.watches(service.id)] if house.watching else []
        lines += [budget_line(row, several=len(accounts) > 1) for row in house.connections.budget(service.id)[:MOST_SHOWN]]
        if not accounts:
            lines.append("Not connected: this version has no connector for it yet.")
        if service.actions:
            lines.append("Can: " + ", ".join(action.operation.replace("_", " ") for action in service.actions))
        if service.events:
            lines.append("Tells: " + ", ".join(event.event.replace("_", " ") for event in service.events))
        return done("\n".join(lines))
