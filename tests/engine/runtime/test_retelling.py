"""What another process wrote is told here too, in its newest state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.events import Elsewhere, Event, RunMoved, RunStarted, ServiceStateSaved, WebMessageSaved, WorkflowSaved
from engine.monitoring.alert import ServiceState
from engine.runtime.retelling import MOST, Retelling, Retold
from engine.workflow.run import RunRecord, RunState
from storage.memory import MemoryStore
from tests.engine.runtime.world import NOON, ManualClock, changed, definition, step, workflow

FLOW = workflow(definition(step("a")))
RUN = RunRecord(id="run_1", workflow=FLOW.id, version=1, name="Test", state=RunState.RUNNING, started_at=NOON, by="test")
SAID = WebMessageSaved(id="msg_1", channel="#ops", at=NOON, author="Ada", author_id="web:ada", text="hello")


class House:
    """``notice`` is what storage does when another process recorded something."""

    def __init__(self) -> None:
        self.clock, self.store = ManualClock(), MemoryStore()
        self.heard: list[Sequence[Event]] = []
        self.retelling = Retelling(self.store, self.clock)
        self.retelling.listen(self.heard.append)

    def notice(self, *events: Event) -> None:
        self.retelling._heard(events)

    @property
    def retold(self) -> list[Event]:
        return [event for events in self.heard if isinstance(events, Retold) for event in events]


async def test_what_is_written_here_is_told_as_it_is() -> None:
    house = House()
    await house.retelling.record(WorkflowSaved(FLOW))
    assert [list(events) for events in house.heard] == [[WorkflowSaved(FLOW)]]
    assert house.retold == []


async def test_what_another_wrote_is_told_at_once_and_again_with_what_it_is() -> None:
    house = House()
    state = ServiceState(service="github", account="main", status="down")
    await house.store.ledger.record(WorkflowSaved(FLOW), RunStarted(RUN, ()), ServiceStateSaved(state), SAID)
    await house.retelling.start()
    house.heard.clear()
    told = [
        Elsewhere("workflow", FLOW.id),
        Elsewhere("run", "run_1"),
        Elsewhere("service_state", "github"),
        Elsewhere("web_message", "msg_1"),
    ]
    house.notice(*told)
    assert [list(events) for events in house.heard] == [told]
    await house.clock.pass_time(1)
    assert house.retold == [WorkflowSaved(FLOW), RunMoved("run_1", (), RUN), ServiceStateSaved(state), SAID]
    await house.retelling.stop()


async def test_many_changes_of_one_thing_within_a_moment_are_one_and_the_newest() -> None:
    house = House()
    await house.store.ledger.record(WorkflowSaved(FLOW))
    await house.retelling.start()
    for _ in range(5):
        house.notice(Elsewhere("workflow", FLOW.id))
    newest = changed(FLOW, where="web:#ops")
    await house.store.ledger.record(WorkflowSaved(newest))
    await house.clock.pass_time(1)
    assert house.retold == [WorkflowSaved(newest)]
    await house.retelling.stop()


async def test_a_flood_is_read_some_at_a_time_and_none_is_forgotten() -> None:
    house = House()
    runs = [replace(RUN, id=f"run_{number}") for number in range(MOST * 2 + 3)]
    await house.store.ledger.record(*(RunStarted(run, ()) for run in runs))
    await house.retelling.start()
    house.notice(*(Elsewhere("run", run.id) for run in runs))
    await house.clock.pass_time(0.1)
    assert len(house.retold) == MOST
    await house.clock.pass_time(1)
    assert len(house.retold) == len(runs)
    await house.retelling.stop()


async def test_what_is_gone_and_what_has_no_id_is_not_read() -> None:
    house = House()
    await house.retelling.start()
    house.notice(Elsewhere("run", ""), Elsewhere("posting", "run_1"), Elsewhere("alert", "alr_gone"))
    await house.clock.pass_time(1)
    assert house.retold == []
    assert len(house.heard) == 1
    await house.retelling.stop()
