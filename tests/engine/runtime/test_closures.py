"""A maintenance window leads runs round its service while it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from engine.events import PolicySaved
from engine.monitoring.silence import KIND, Matcher, Silence, SilenceKind, body_of
from engine.ports import Account
from engine.resilience.routing import Candidate
from engine.runtime.closures import Closures
from engine.runtime.routes import Routes
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock

WAYS = (Candidate("jira", "default", "jira.create_issue"), Candidate("asana", "default", "asana.create_task", order=1))


class Connected:
    def accounts(self) -> Sequence[Account]:
        return [Account(service=id, name="default", url="", mode="live") for id in ("jira", "asana")]


async def test_a_run_goes_round_what_is_being_worked_on_and_back_when_it_is_over() -> None:
    clock, store = StandingClock(), MemoryStore()
    routes = Routes(clock)
    closures = Closures(store, clock, routes, Connected())  # type: ignore[arg-type]
    now = clock.now()
    window = Silence(
        id="sil_1", kind=SilenceKind.MAINTENANCE, match=Matcher(service="jira"), starts=now, ends=now + timedelta(minutes=30), by="web:ada",
        by_name="Ada", made_at=now, because="the upgrade",
    )  # fmt: skip
    await store.ledger.record(PolicySaved(KIND, window.id, body_of(window), now, 1))
    assert routes.choose(WAYS).service == "jira"
    await closures.look()
    choice = routes.choose(WAYS)
    assert choice.service == "asana"
    assert "the upgrade" in choice.because
    await store.ledger.record(PolicySaved(KIND, window.id, None, now, 2))
    await clock.pass_(25)
    await closures.look()
    assert routes.choose(WAYS).service == "jira", "ended early, it is asked again within half a minute"


async def test_a_silence_is_no_maintenance() -> None:
    clock, store = StandingClock(), MemoryStore()
    routes = Routes(clock)
    now = clock.now()
    quiet = Silence(
        id="sil_2", kind=SilenceKind.SILENCE, match=Matcher(service="jira"), starts=now, ends=now + timedelta(hours=1), by="web:ada",
        by_name="Ada", made_at=now,
    )  # fmt: skip
    await store.ledger.record(PolicySaved(KIND, quiet.id, body_of(quiet), now, 1))
    await Closures(store, clock, routes, Connected()).look()  # type: ignore[arg-type]
    assert routes.choose(WAYS).service == "jira"
