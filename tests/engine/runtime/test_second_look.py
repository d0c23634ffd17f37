"""A second look at an account that has just met trouble."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import Transient
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Account
from engine.runtime.routes import Routes
from engine.runtime.second_look import SecondLook
from tests.engine.runtime.world import ManualClock


class Connected:
    """Probes say what they are told, then that all is well."""

    def __init__(self, clock: ManualClock, *outcomes: Outcome | Exception, probed: bool = True) -> None:
        self.clock, self.outcomes, self.probes = clock, list(outcomes), 0
        self.account = Account(service="jira", name="main", url="", mode="live", probed=probed)

    def accounts(self) -> Sequence[Account]:
        return [self.account]

    async def probe(self, account: Account) -> Sample:
        self.probes += 1
        said = self.outcomes.pop(0) if self.outcomes else Outcome.OK
        if isinstance(said, Exception):
            raise said
        return Sample(account.service, account.name, self.clock.now(), Source.PROBE, said, 0.1)


class Rig:
    def __init__(self, *outcomes: Outcome | Exception, probed: bool = True) -> None:
        self.clock, self.taken = ManualClock(), list[Sample]()
        self.connected = Connected(self.clock, *outcomes, probed=probed)
        self.routes = Routes(self.clock)
        self.looks = SecondLook(self.routes, self.connected, self.clock, self._take)

    async def _take(self, samples: Sequence[Sample]) -> None:
        self.taken.extend(samples)

    def undecided(self) -> bool:
        return not self.taken or self.taken[-1].outcome is not Outcome.OK


async def test_trouble_is_looked_at_a_second_later_and_a_good_answer_ends_it() -> None:
    rig = Rig(Outcome.ERROR)
    rig.looks.suspect("jira", "", rig.undecided)
    await rig.clock.pass_time(10)
    assert [sample.outcome for sample in rig.taken] == [Outcome.ERROR, Outcome.OK]


async def test_looks_are_three_in_a_row_and_one_row_at_a_time() -> None:
    rig = Rig(*[Outcome.ERROR] * 99)
    for _ in range(100):
        rig.looks.suspect("jira", "main", rig.undecided)
        await rig.clock.pass_time(0.1)
    assert rig.connected.probes == 3
    await rig.clock.pass_time(30)
    rig.looks.suspect("jira", "main", rig.undecided)
    await rig.clock.pass_time(1.5)
    assert rig.connected.probes == 4
    await rig.looks.stop()


async def test_what_is_decided_meanwhile_is_not_looked_at() -> None:
    rig = Rig()
    rig.looks.suspect("jira", "main", lambda: False)
    await rig.clock.pass_time(5)
    assert rig.connected.probes == 0


async def test_what_is_not_probed_or_not_there_is_left_alone() -> None:
    rig = Rig(probed=False)
    rig.looks.suspect("jira", "main", rig.undecided)
    rig.looks.suspect("asana", "", rig.undecided)
    await rig.clock.pass_time(5)
    assert rig.connected.probes == 0


async def test_a_look_that_fails_by_our_own_fault_ends_the_row_and_not_the_house() -> None:
    rig = Rig(Transient("The database is away."))
    rig.looks.suspect("jira", "", rig.undecided)
    await rig.clock.pass_time(5)
    rig.looks.suspect("jira", "", rig.undecided)
    await rig.clock.pass_time(5)
    assert rig.connected.probes == 2


async def test_it_hears_of_routes_while_it_runs() -> None:
    rig = Rig()
    await rig.looks.start()
    failed = Sample("jira", "main", rig.clock.now(), Source.CALL, Outcome.ERROR, 0.1)
    rig.routes.met(rig.routes.left("jira", "main", "do"), failed)
    await rig.clock.pass_time(1.5)
    assert rig.connected.probes == 1
    await rig.looks.stop()
    assert rig.routes.suspect is None
