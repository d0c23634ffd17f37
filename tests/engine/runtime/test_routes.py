"""Routes: fed by calls and probes, they say which way to go and hold back what is as good as lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import pairwise

import pytest

from engine.errors import Transient
from engine.events import SamplesTaken
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Samples
from engine.resilience.routing import Candidate
from engine.resilience.standing import Breaker
from engine.runtime.routes import Routes
from tests.engine.runtime.world import NOON, ManualClock

WAYS = (Candidate("jira", action="jira.create_issue"), Candidate("asana", action="asana.create_task", order=1))


class World:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.routes = Routes(self.clock, default=lambda service: "main")

    def sample(
        self, outcome: Outcome, *, service: str = "jira", latency: float = 0.2, source: Source = Source.CALL, account: str = ""
    ) -> Sample:
        return Sample(service, account, self.clock.now(), source, outcome, latency, operation="create_issue")

    def call(self, *outcomes: Outcome, service: str = "jira", retry_after: float | None = None) -> None:
        for outcome in outcomes:
            number = self.routes.left(service, "", "create_issue")
            self.routes.met(number, self.sample(outcome, service=service), retry_after)
            self.clock.set(self.clock.now() + timedelta(seconds=1))


def test_calls_and_probes_of_one_account_are_one_standing() -> None:
    world = World()
    world.call(Outcome.ERROR)
    world.routes.heard([SamplesTaken((world.sample(Outcome.ERROR, source=Source.PROBE, account="main"),))])
    assert world.routes.standing("jira").breaker(world.clock.now().timestamp()) is Breaker.OPEN
    assert list(world.routes.standings()) == ["jira/main"]


def test_a_call_that_is_stored_later_is_not_counted_twice() -> None:
    world = World()
    world.call(Outcome.ERROR)
    world.routes.heard([SamplesTaken((world.sample(Outcome.ERROR),))])
    assert world.routes.standing("jira").opened is None


def test_a_step_goes_another_way_while_the_first_is_in_trouble() -> None:
    world = World()
    assert world.routes.choose(WAYS).service == "jira"
    world.call(Outcome.ERROR, Outcome.ERROR)
    choice = world.routes.choose(WAYS)
    assert choice.service == "asana"
    assert choice.because == "Asana instead of Jira: Jira's breaker has been open since 12:00 UTC, 2 of its last 2 calls failed."


def test_who_may_not_wait_is_never_held_up() -> None:
    world = World()
    world.call(*[Outcome.ERROR] * 5)
    assert world.routes.refusal("jira", "", 0.0) is None


def test_who_may_wait_is_told_since_when_why_and_until_when() -> None:
    world = World()
    world.call(*[Outcome.ERROR] * 4)
    shut = world.routes.refusal("jira", "", 600.0)
    assert shut is not None
    assert str(shut) == "It was not put: Jira's breaker has been open since 12:00 UTC, 4 of its last 4 calls failed."
    assert 0 < (shut.retry_after or 0) <= 60
    assert (world.routes.refusal("jira", "", 2.0) or shut).retry_after == 2.0


def test_those_who_are_sent_away_come_back_one_after_the_other() -> None:
    world = World()
    world.call(*[Outcome.ERROR] * 4)
    moments = [shut.retry_after for _ in range(5) if (shut := world.routes.refusal("jira", "", 600.0)) is not None]
    assert [later - sooner for sooner, later in pairwise(moments) if later and sooner] == [4.0] * 4


def test_through_a_half_open_breaker_one_goes_at_a_time() -> None:
    world = World()
    world.call(*[Outcome.ERROR] * 4)
    world.clock.set(world.clock.now() + timedelta(seconds=61))
    assert world.routes.refusal("jira", "", 600.0) is None
    assert world.routes.refusal("jira", "", 600.0) is not None


def test_too_fast_closes_a_way_for_as_long_as_it_said() -> None:
    world = World()
    world.call(Outcome.THROTTLED, retry_after=90.0)
    assert world.routes.useless_for("jira") == 89
    assert world.routes.choose(WAYS).service == "asana"
    assert world.routes.standing("jira").opened is None


def test_an_announced_maintenance_closes_a_way() -> None:
    world = World()
    world.routes.shut("jira", "", 3600, "it is being worked on")
    assert world.routes.choose(WAYS).because == "Asana instead of Jira: Jira is left alone until 13:00 UTC, it is being worked on."


def test_in_panic_the_wait_for_a_way_is_told_to_each_anew() -> None:
    world = World()
    for service in ("jira", "asana") * 4:
        world.call(Outcome.ERROR, service=service)
    first, second = (world.routes.choose(WAYS) for _ in range(2))
    assert first.panic
    assert 0 < first.wait < second.wait


def test_a_call_that_hangs_counts_before_it_is_given_up() -> None:
    world = World()
    world.call(*[Outcome.OK] * 10)
    ways = [Candidate("jira", action="jira.create_issue"), Candidate("asana", action="asana.create_task")]
    world.call(*[Outcome.OK] * 10, service="asana")
    world.routes.left("jira", "", "create_issue")
    world.clock.set(world.clock.now() + timedelta(seconds=5))
    assert world.routes.choose(ways).service == "asana"
    assert world.routes.standing("jira").opened is None


def test_repeats_have_a_budget_that_ordinary_calls_fill_and_beyond_it_they_are_put_off() -> None:
    world = World()
    assert [world.routes.pause("jira", "", 1.0) for _ in range(12)] == [1.0] * 10 + [10.0] * 2
    world.call(*[Outcome.OK] * 5)
    assert world.routes.pause("jira", "", 1.0) == 1.0


def test_a_repeat_waits_until_a_call_is_not_as_good_as_lost() -> None:
    world = World()
    world.call(*[Outcome.ERROR] * 5)
    assert world.routes.pause("jira", "", 0.5) == world.routes.useless_for("jira") > 0.5


def test_seconds_calls_of_the_house_have_a_budget() -> None:
    world = World()
    assert sum(world.routes.spare_hedge() for _ in range(50)) < 20


def test_a_sample_that_makes_no_sense_is_left_out_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    with caplog.at_level(logging.WARNING):
        world.routes.heard([SamplesTaken((world.sample(Outcome.OK, latency=float("nan"), source=Source.PROBE),))])
    assert "says nothing" in caplog.text
    assert world.routes.standings() == {}


async def test_what_was_met_before_a_restart_is_read_back() -> None:
    world = World()

    class Stored:
        async def recent(self, service: str, *, since: object, limit: int = 500) -> list[Sample]:
            if service == "asana":
                raise Transient("The database is away.")
            return [world.sample(Outcome.ERROR), world.sample(Outcome.ERROR)]

    samples: Samples = Stored()  # type: ignore[assignment]
    await world.routes.remember(samples, ["asana", "jira"])
    assert world.routes.standing("jira").breaker(NOON.timestamp()) is Breaker.OPEN


def test_a_service_page_has_a_line_for_the_breaker_and_one_for_the_score() -> None:
    world = World()
    assert world.routes.lines("jira") == []
    world.call(*[Outcome.OK] * 3)
    assert world.routes.lines("jira")[0] == "Breaker: closed. None of its last calls and checks failed."
    world.call(Outcome.ERROR, Outcome.ERROR)
    breaker, score = world.routes.lines("jira")
    assert breaker == "Breaker: open. Jira's breaker has been open since 12:00 UTC, 2 of its last 5 calls failed."
    assert score.startswith("Score: ")


def test_trouble_where_there_was_none_is_looked_at_once_more_and_only_while_it_is_undecided() -> None:
    world, asked = World(), list[bool]()
    world.routes.suspect = lambda service, account, still: asked.append(still())
    world.call(Outcome.OK, Outcome.ERROR, Outcome.ERROR, Outcome.ERROR)
    assert asked == [True]
