"""The monitor from one start of the house to the next: what is over ends, and what was learnt of something else counts for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine.events import DetectorSaved, Event
from engine.monitoring.alert import AlertState
from engine.monitoring.detection.account import AccountDetector
from engine.monitoring.sample import Outcome, Sample
from engine.ports import Account
from engine.runtime.monitor import SAVED_AT_ONCE
from engine.runtime.network_watch import STREAM
from tests.engine.clock import settled
from tests.engine.runtime.test_monitor import GITHUB, House, World


class Sandboxed(World):
    """Samples say whether the sandbox answered, as those of the shelf do."""

    async def probe(self, account: Account) -> Sample:
        return replace(await super().probe(account), sandbox=account.mode == "sandbox")


class Reopened(House):
    async def restart(self) -> None:
        await self.monitor.stop()
        self.monitor = self.another()
        await self.monitor.start()
        await settled()


async def started(world: type[World] = World) -> Reopened:
    house = Reopened()
    house.world = world(house.clock)
    house.monitor = house.another()
    await house.monitor.start()
    await settled()
    return house


async def test_what_a_status_page_said_before_a_restart_is_over_when_the_checks_are_good_after_it() -> None:
    house = await started()
    await house.pass_(60)
    house.world.outcome, house.world.says = Outcome.ERROR, "down"
    await house.pass_(300)
    assert "status_page" in {alert.rule for alert in await house.alerts() if alert.open}
    house.world.outcome, house.world.says = Outcome.OK, "up"
    while any(alert.rule == "availability" and alert.open for alert in await house.alerts()):
        await house.pass_(1)
    await house.restart()  # before the pages were looked at again
    await house.pass_(900)
    assert {alert.rule: alert.state for alert in await house.alerts()} == dict.fromkeys(
        ("availability", "status_page"), AlertState.RESOLVED
    )
    await house.monitor.stop()


async def test_a_service_that_was_the_sandbox_before_a_restart_never_answered() -> None:
    house = await started(Sandboxed)
    house.world.there = (replace(GITHUB, mode="sandbox"),)
    await house.pass_(1200)
    house.world.there, house.world.outcome = (GITHUB,), Outcome.ERROR
    await house.restart()
    await house.pass_(600)
    assert await house.alerts() == [], "what never answered is for the doctor, not for whoever is on call"
    await house.monitor.stop()


async def test_after_a_kill_what_the_sandbox_answered_is_not_played_to_the_detector_of_the_service() -> None:
    house = await started(Sandboxed)
    house.world.there = (replace(GITHUB, mode="sandbox"),)
    await house.pass_(300)
    await house.store.ledger.record(DetectorSaved("account:github/default", None, house.clock.now()))
    for task in house.monitor._tasks:
        task.cancel()  # killed: nothing is saved
    house.world.there, house.world.outcome = (GITHUB,), Outcome.ERROR
    house.monitor._probing["github", "default"][1].cancel()
    house.monitor = house.another()
    await house.monitor.start()
    await house.pass_(600)
    assert await house.alerts() == []
    await house.monitor.stop()


async def test_another_address_over_a_restart_is_another_service_to_the_detector() -> None:
    house = await started()
    await house.pass_(4500)
    house.world.there, house.world.latency = (replace(GITHUB, url="http://127.0.0.1:2"),), 0.9
    await house.restart()
    await house.pass_(900)
    assert await house.alerts() == [], "far away is not slow"
    await house.monitor.stop()


async def test_an_account_that_went_while_the_house_was_down_says_nothing_any_more() -> None:
    house = await started()
    gone = replace(GITHUB, name="gone")
    house.world.there = (GITHUB, gone)
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(30)
    house.world.there, house.world.outcome, house.world.says = (GITHUB,), Outcome.OK, "down"
    await house.restart()
    await house.pass_(1200)
    rules = {alert.rule for alert in await house.alerts() if alert.account != "gone"}
    assert rules == set(), "its last failed check makes nobody's service suffer"
    await house.monitor.stop()


async def test_a_damaged_memory_of_our_network_does_not_keep_the_house_from_starting() -> None:
    house = await started()
    await house.pass_(60)
    await house.store.ledger.record(
        DetectorSaved(STREAM, {"since": {"at": "yesterday"}, "held": {"keys": [["github"]]}}, house.clock.now())
    )
    await house.restart()
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    assert [alert.rule for alert in await house.alerts()] == ["availability"]
    await house.monitor.stop()


@pytest.mark.parametrize("state", [{}, {"version": 1}, {"version": 1, "state": []}])
async def test_what_was_learnt_and_cannot_be_read_is_learnt_anew_and_no_outage_is_missed(state: dict[str, Any]) -> None:
    house = await started()
    await house.pass_(60)
    await house.monitor.stop()
    for stream in (STREAM, "account:github/default"):
        await house.store.ledger.record(DetectorSaved(stream, state, house.clock.now()))
    await house.restart()
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    assert [alert.rule for alert in await house.alerts()] == ["availability"]
    await house.monitor.stop()


async def test_a_fault_of_ours_in_what_is_played_again_does_not_keep_the_house_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    house = await started()
    await house.pass_(600)
    observe = AccountDetector.observe

    def broken(self: AccountDetector, *args: Any, **named: Any) -> Any:
        raise ZeroDivisionError

    again = house.another()
    monkeypatch.setattr(AccountDetector, "observe", broken)
    await again._learning.restore(again._alerting.rules_of, house.clock.now())
    monkeypatch.setattr(AccountDetector, "observe", observe)
    assert again._learning.of("github", "default").snapshot() == AccountDetector("github", "default").snapshot()
    await house.monitor.stop()


async def test_what_many_accounts_have_taught_is_saved_in_parts_and_whole() -> None:
    house = await started()
    house.world.there = tuple(replace(GITHUB, name=f"a{number:03}") for number in range(2 * SAVED_AT_ONCE + 1))
    await house.pass_(65)
    saved: list[int] = []

    def heard(events: Sequence[Event]) -> None:
        saved.append(sum(isinstance(event, DetectorSaved) for event in events))

    house.store.ledger.listen(heard)
    await house.monitor.save()
    assert [count for count in saved if count] == [SAVED_AT_ONCE, SAVED_AT_ONCE, 1]
    await house.monitor.save()
    assert sum(saved) == 2 * SAVED_AT_ONCE + 1, "what did not change is not written again"
    await house.monitor.stop()
