"""Happenings: each starts what waits for it, once, through repetitions and crashes; news of the house itself do not run in circles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import Rejected
from engine.events import AlertSaved, Elsewhere, Happening, ServiceStateSaved, WorkflowSaved
from engine.monitoring.alert import Alert, AlertState, ServiceState, Severity
from engine.ports import Answer
from engine.runtime.dispatcher import AT_ONCE, DEEPEST, LEFT_BEHIND, MOST_TRIES, Dispatcher, run_id_of
from engine.workflow.definition import Debounce, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.run import RunState
from storage.memory import MemoryStore
from tests.engine.runtime.world import NOON, Bench, ManualClock, changed, definition, runner_over, settle, step, workflow

MERGED = Trigger(type=TriggerType.EVENT_BASED, service="github", event="pull_request_merged")


class House:
    def __init__(self, store: MemoryStore | None = None, clock: ManualClock | None = None, *, shared: bool = False) -> None:
        self.store = store or MemoryStore()
        self.clock = clock or ManualClock()
        self.bench = Bench()
        self.runner = runner_over(self.store, self.bench, self.clock)
        self.dispatcher = Dispatcher(
            ledger=self.store.ledger,
            inbox=self.store.inbox,
            workflows=self.store.workflows,
            runs=self.store.runs,
            alerts=self.store.alerts,
            samples=self.store.samples,
            waits=self.store.waits,
            gatherings=self.store.gatherings,
            runner=self.runner,
            clock=self.clock,
            shared=shared,
        )

    async def keep(self, *flows: Workflow) -> None:
        await self.store.ledger.record(*map(WorkflowSaved, flows))

    async def idle(self) -> None:
        for _ in range(12):
            await settle()
            await self.dispatcher.idle()

    async def stop(self) -> None:
        await self.dispatcher.stop()
        await self.runner.stop(grace=0)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.dispatcher.start()
    yield house
    await house.stop()


def on_merge(**more: object) -> Workflow:
    when = str(more.pop("when", ""))
    return workflow(definition(step("a", arguments={"t": "{{event.title}}"}), trigger=MERGED, when=when), **more)  # type: ignore[arg-type]


def merged(id: str = "d1", **data: object) -> Happening:
    return Happening(id, "github", "pull_request_merged", NOON, {"title": "Fix", **data})  # type: ignore[dict-item]


async def test_a_happening_starts_the_workflows_that_wait_for_it_with_its_data(house: House) -> None:
    await house.keep(on_merge(), workflow(definition(step("b")), id="wf_00000002"))
    (decision,) = await house.dispatcher.dispatch(merged())
    await house.idle()
    assert (decision.workflow, decision.reason) == ("wf_00000001", "github.pull_request_merged happened")
    assert decision.run == run_id_of("wf_00000001", merged())
    assert [call.arguments for call in house.bench.asked] == [{"t": "Fix"}]
    record = await house.store.runs.get(decision.run)
    assert record is not None
    assert record.by == "event:github.pull_request_merged"


async def test_a_replayed_delivery_starts_nothing_twice(house: House) -> None:
    await house.keep(on_merge())
    assert await house.dispatcher.accept([merged()]) == 1
    assert await house.dispatcher.accept([merged()]) == 0
    await house.idle()
    (decision,) = await house.dispatcher.dispatch(merged())
    assert decision.reason == "it was started by this already"
    await house.idle()
    assert len(house.bench.asked) == 1


async def test_two_deliveries_are_two_runs(house: House) -> None:
    await house.keep(on_merge())
    await house.dispatcher.accept([merged("d1"), merged("d2")])
    await house.idle()
    assert len(house.bench.asked) == 2


async def test_a_delivery_that_was_accepted_before_a_crash_is_acted_on_after_it(house: House) -> None:
    class Stuck:
        async def start(self, *_: object, **__: object) -> None:
            await asyncio.Event().wait()

    house.dispatcher._starter._runner = Stuck()  # type: ignore[assignment]
    await house.keep(on_merge())
    await house.dispatcher.accept([merged()])
    await settle()
    await house.dispatcher.stop()
    assert [key for key, _ in await house.store.inbox.unhandled()] == ["hook:github:d1"]
    again = House(house.store)
    await again.dispatcher.start()
    await again.idle()
    assert len(again.bench.asked) == 1
    assert await again.store.inbox.unhandled() == []
    await again.stop()


async def test_what_others_keep_in_the_inbox_is_left_alone(house: House) -> None:
    from engine.events import Received

    await house.store.ledger.record(Received("slack:Ev1", NOON, {"text": "hello"}))
    again = House(house.store)
    await again.dispatcher.start()
    await again.idle()
    assert [key for key, _ in await again.store.inbox.unhandled()] == ["slack:Ev1"]
    await again.stop()


async def test_a_condition_that_does_not_hold_is_the_reason_given(house: House) -> None:
    await house.keep(on_merge(when="event.base == 'main'"))
    (decision,) = await house.dispatcher.dispatch(merged(base="dev"))
    assert decision.run == ""
    assert "not fulfilled" in decision.reason
    (decision,) = await house.dispatcher.dispatch(merged("d2", base="main"))
    assert decision.run


async def test_a_paused_workflow_does_not_start_until_its_pause_is_over(house: House) -> None:
    flow = on_merge()
    await house.keep(flow)
    await house.keep(changed(flow, state=WorkflowState.PAUSED, paused_until=NOON + timedelta(hours=1)))
    (decision,) = await house.dispatcher.dispatch(merged())
    assert (decision.run, decision.reason) == ("", "it is paused")
    house.clock.set(NOON + timedelta(hours=1))
    (decision,) = await house.dispatcher.dispatch(merged("d2"))
    assert decision.run


async def test_a_changed_or_deleted_workflow_waits_for_what_it_says_now(house: House) -> None:
    flow = on_merge()
    await house.keep(flow)
    pushed = replace(MERGED, event="push")
    flow = changed(flow, version=2, definition=definition(step("a"), trigger=pushed))
    await house.keep(flow)
    assert await house.dispatcher.dispatch(merged()) == ()
    assert len(await house.dispatcher.dispatch(Happening("d", "github", "push", NOON, {}))) == 1
    await house.keep(changed(flow, state=WorkflowState.DELETED))
    assert await house.dispatcher.dispatch(Happening("d2", "github", "push", NOON, {})) == ()


async def test_any_of_several_happenings_starts_a_cross_service_workflow(house: House) -> None:
    trigger = Trigger(type=TriggerType.CROSS_SERVICE, any=("github.push", "gitlab.push"))
    await house.keep(workflow(definition(step("a"), trigger=trigger)))
    for service in ("github", "gitlab"):
        (decision,) = await house.dispatcher.dispatch(Happening("d", service, "push", NOON, {}))
        assert decision.run
    await house.idle()
    assert len(house.bench.asked) == 2


async def test_a_prediction_starts_only_what_asked_for_its_service_and_metric(house: House) -> None:
    trigger = Trigger(type=TriggerType.AI_PREDICTED, service="stripe", metric="latency")
    await house.keep(workflow(definition(step("a"), trigger=trigger)))
    for number, (service, starts) in enumerate((("trello", False), ("stripe", True))):
        data = {"service": service, "metric": "latency"}
        (decision,) = await house.dispatcher.dispatch(Happening(f"p{number}", "signalbox", "anomaly_predicted", NOON, data))
        assert bool(decision.run) is starts


async def test_a_workflow_made_after_it_happened_does_not_start(house: House) -> None:
    await house.keep(on_merge(at=NOON + timedelta(minutes=1)))
    (decision,) = await house.dispatcher.dispatch(merged())
    assert (decision.run, decision.reason) == ("", "it was made after this happened")


ALERT = Alert(
    id="alr_1", fingerprint="f", revision=1, state=AlertState.FIRING, severity=Severity.HIGH, service="trello", account="main",
    rule="availability", message="Trello does not answer", metric="availability", threshold=0.9, value=0.1, opened_at=NOON,
    updated_at=NOON, because="5 probes failed",
)  # fmt: skip


def on_house(event: str, id: str = "wf_00000001") -> Workflow:
    trigger = Trigger(type=TriggerType.EVENT_BASED, service="signalbox", event=event)
    return workflow(definition(step("tell", arguments={"text": "{{event.text}}"}), trigger=trigger), id=id)


async def test_an_alert_that_opens_and_resolves_starts_workflows_once_each(house: House) -> None:
    await house.keep(on_house("alert_opened"), on_house("alert_resolved", "wf_00000002"))
    await house.store.ledger.record(AlertSaved(ALERT))
    await house.store.ledger.record(AlertSaved(replace(ALERT, revision=2, severity=Severity.CRITICAL)))
    await house.store.ledger.record(AlertSaved(replace(ALERT, revision=3, state=AlertState.ACKNOWLEDGED)))
    await house.store.ledger.record(AlertSaved(replace(ALERT, revision=4, state=AlertState.RESOLVED, resolved_at=NOON)))
    await house.idle()
    assert [call.workflow for call in house.bench.asked] == ["wf_00000001", "wf_00000002"]
    assert house.bench.asked[0].arguments == {"text": "Trello does not answer"}


async def test_a_reopened_alert_is_news_again(house: House) -> None:
    await house.keep(on_house("alert_opened"))
    await house.store.ledger.record(AlertSaved(ALERT))
    await house.store.ledger.record(AlertSaved(replace(ALERT, revision=2, reopened=1)))
    await house.idle()
    assert len(house.bench.asked) == 2


async def test_a_change_of_health_is_told_once(house: House) -> None:
    await house.keep(on_house("health_changed"))
    for status, since in (("healthy", NOON), ("healthy", NOON), ("offline", NOON + timedelta(seconds=9))):
        await house.store.ledger.record(ServiceStateSaved(ServiceState(service="trello", account="main", status=status, since=since)))
    await house.idle()
    assert [call.arguments["text"] for call in house.bench.asked] == ["trello is healthy", "trello is offline"]


async def test_a_change_of_health_is_told_in_plain_words_too(house: House) -> None:
    flow = on_house("health_changed")
    text = {"text": "{{event.from_status}} → {{event.status}}: {{event.state}}"}
    steps = tuple(replace(each, arguments=text) for each in flow.definition.steps)
    await house.keep(replace(flow, definition=replace(flow.definition, steps=steps, when="event.state in ['down', 'up']")))
    for second, status in enumerate(("healthy", "degraded", "unhealthy", "offline", "unknown", "healthy")):
        state = ServiceState(service="trello", account="main", status=status, since=NOON + timedelta(seconds=second))
        await house.store.ledger.record(ServiceStateSaved(state))
        await house.idle()
    assert [call.arguments["text"] for call in house.bench.asked] == [
        "unknown → healthy: up", "degraded → unhealthy: down", "unhealthy → offline: down", "unknown → healthy: up",
    ]  # fmt: skip


async def test_a_failed_run_starts_the_workflows_that_wait_for_it(house: House) -> None:
    house.bench.tell("a.do", Rejected("no board"))
    failing = workflow(definition(step("x")), id="wf_0000000f")
    await house.keep(on_house("run_failed"), failing)
    await house.runner.start(failing, by="web:ada")
    await house.idle()
    assert house.bench.asked[-1].arguments == {"text": "Test failed: x: no board"}


async def test_a_workflow_started_by_its_own_failure_does_not_start_itself_for_ever(house: House) -> None:
    house.bench.tell("a.do", *(Rejected("no") for _ in range(50)))
    flow = on_house("run_failed")
    await house.keep(flow)
    await house.runner.start(flow, by="web:ada", event={"text": "by hand"})
    await house.idle()
    assert len(house.bench.asked) == 1 + DEEPEST
    (row,) = await house.store.audit.list(subject=flow.id)
    assert (row.outcome, row.verb) == ("refused", "start_run")
    assert "in a chain of failed runs" in row.detail


async def test_news_that_a_crash_cut_off_are_told_after_it_and_told_ones_are_not_repeated(house: House) -> None:
    await house.keep(on_house("run_failed"), on_house("alert_opened", "wf_00000002"))
    failing = workflow(definition(step("x")), id="wf_0000000f")
    await house.keep(failing)
    await house.dispatcher.stop()
    deaf = House(house.store)
    deaf.bench.tell("a.do", Rejected("no board"))
    await deaf.runner.start(failing, by="web:ada")
    await deaf.store.ledger.record(AlertSaved(ALERT))
    await settle()
    house.dispatcher._tasks.clear()
    assert [run.state for run in await deaf.store.runs.list(workflow="wf_0000000f")] == [RunState.FAILED]
    again = House(house.store)
    again.bench.tell("a.do", *(Answer(None) for _ in range(5)))
    await again.dispatcher.start()
    await again.idle()
    started = sorted(run.workflow for run in await again.store.runs.list())
    assert started == ["wf_00000001", "wf_00000002", "wf_0000000f"]
    await again.stop()
    third = House(house.store)
    await third.dispatcher.start()
    await third.idle()
    assert third.bench.asked == []
    await third.stop()
    await deaf.stop()


# --- dedup, several events, quiet ----------------------------------------------------------------------------------------------


async def test_a_dedup_value_that_has_started_a_run_never_starts_another(house: House) -> None:
    await house.keep(workflow(definition(step("a"), trigger=replace(MERGED, dedup="event.sha"))))
    first, again, other = [(await house.dispatcher.dispatch(merged(id, sha=sha)))[0] for id, sha in (("d1", "x"), ("d2", "x"), ("d3", "y"))]
    assert again.reason == "it was started by this already"
    assert len({first.run, other.run}) == 2
    await house.idle()
    assert len(house.bench.asked) == 2


async def test_an_event_without_a_dedup_value_starts_a_run_of_its_own(house: House) -> None:
    await house.keep(workflow(definition(step("a"), trigger=replace(MERGED, dedup="event.sha"))))
    decisions = [(await house.dispatcher.dispatch(merged(id)))[0] for id in ("d1", "d2")]
    assert len({decision.run for decision in decisions}) == 2


async def test_a_dedup_expression_that_its_values_do_not_fit_is_audited(house: House) -> None:
    await house.keep(workflow(definition(step("a"), trigger=replace(MERGED, dedup="event.title + 1"))))
    (decision,) = await house.dispatcher.dispatch(merged())
    assert decision.run == ""
    assert [row.outcome for row in await house.store.audit.list(subject="wf_00000001")] == ["refused"]


async def test_one_of_several_events_is_told_by_its_name(house: House) -> None:
    trigger = Trigger(type=TriggerType.CROSS_SERVICE, any=("github.push", "gitlab.push"))
    text = {"t": "{{'gitlab.push' in event.events ? 'lab' : 'hub'}} {{event.branch}}"}
    await house.keep(workflow(definition(step("a", arguments=text), trigger=trigger)))
    await house.dispatcher.accept([Happening("d", "gitlab", "push", NOON, {"branch": "main"})])
    await house.idle()
    assert [call.arguments for call in house.bench.asked] == [{"t": "lab main"}]


async def test_deliveries_that_belong_together_start_one_run_and_are_handled_each(house: House) -> None:
    trigger = Trigger(type=TriggerType.CROSS_SERVICE, sequence=("crm.deal", "pay.paid"), correlate={"": "event.customer"})
    text = {"t": "{{event.events['crm.deal'].title}} for {{event.amount}}"}
    await house.keep(workflow(definition(step("a", arguments=text), trigger=trigger, when="event.amount > 100")))
    deal = Happening("d1", "crm", "deal", NOON, {"customer": 7, "title": "Chairs"})
    small = Happening("p1", "pay", "paid", NOON, {"customer": "7", "amount": 50})
    large = Happening("p2", "pay", "paid", NOON, {"customer": "7", "amount": 500})
    for happening in (deal, small, large, deal, large):
        await house.dispatcher.accept([happening])
        await house.idle()
    assert [call.arguments for call in house.bench.asked] == [{"t": "Chairs for 500"}]
    assert await house.store.inbox.unhandled() == []


async def test_quiet_is_looked_for_by_who_looks_after_all_of_it(house: House) -> None:
    await house.keep(
        workflow(definition(step("a", arguments={"t": "{{event.n}}"}), trigger=replace(MERGED, debounce=Debounce(30)), when="event.n > 0"))
    )
    await house.dispatcher.accept([merged(f"d{n}", n=n) for n in (1, 2, 0)])
    await house.idle()
    await house.dispatcher.look()
    assert house.bench.asked == []
    house.clock.set(NOON + timedelta(seconds=30))
    await house.dispatcher.look()
    await house.idle()
    assert [call.arguments for call in house.bench.asked] == [{"t": 2}]


async def test_a_paused_workflow_gathers_nothing(house: House) -> None:
    trigger = Trigger(type=TriggerType.CROSS_SERVICE, all=("crm.deal", "pay.paid"))
    await house.keep(workflow(definition(step("a"), trigger=trigger), state=WorkflowState.PAUSED))
    (decision,) = await house.dispatcher.dispatch(Happening("d", "crm", "deal", NOON, {}))
    assert decision.reason == "it is paused"
    assert await house.store.gatherings.count("wf_00000001") == 0


# --- findings of the detector ------------------------------------------------------------------------------------------------------


def unusual(**more: object) -> Workflow:
    trigger = Trigger(type=TriggerType.AI_PREDICTED, **more)  # type: ignore[arg-type]
    return workflow(
        definition(step("tell", arguments={"text": "{{event.service}} {{event.metric}} {{event.value}}: {{event.text}}"}), trigger=trigger)
    )


@pytest.mark.parametrize(
    ("wanted", "starts"),
    [
        ({"service": "trello"}, True), ({"service": "trello", "metric": "availability"}, True), ({"service": "trello", "metric": "error_rate"}, True),
        ({"service": "trello", "metric": "response_time"}, False), ({"service": "stripe"}, False),
        ({"service": "trello", "horizon": timedelta(hours=2)}, False), ({"service": "trello", "method": "forecast"}, False),
        ({"service": "trello", "method": "anomaly"}, True),
    ],
)  # fmt: skip
async def test_a_new_alert_is_a_finding_for_workflows_that_wait_for_its_service_and_metric(
    house: House, wanted: dict[str, object], starts: bool
) -> None:
    await house.keep(unusual(**wanted))
    await house.store.ledger.record(AlertSaved(ALERT))
    await house.store.ledger.record(AlertSaved(replace(ALERT, revision=2, severity=Severity.CRITICAL)))
    await house.store.ledger.record(AlertSaved(replace(ALERT, revision=3, state=AlertState.RESOLVED, resolved_at=NOON)))
    await house.idle()
    texts = [call.arguments["text"] for call in house.bench.asked]
    assert texts == (["trello availability 0.1: Trello does not answer"] if starts else [])
    if starts:
        (run,) = await house.store.runs.list()
        assert run.alert == "alr_1"


# --- many, and left behind -----------------------------------------------------------------------------------------------------------


async def test_deliveries_are_handled_side_by_side(house: House) -> None:
    """Five hundred that each wait for storage wait together, a bounded number at a time."""
    inside = most = 0
    start = house.runner.start

    async def slow(*args: object, **more: object) -> object:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await settle(20)
        inside -= 1
        return await start(*args, **more)  # type: ignore[arg-type]

    house.dispatcher._starter._runner.start = slow  # type: ignore[method-assign, assignment]
    await house.keep(on_merge())
    assert await house.dispatcher.accept([merged(f"d{number}") for number in range(500)]) == 500
    await house.idle()
    assert most == AT_ONCE
    assert len(house.bench.asked) == 500
    assert await house.store.inbox.unhandled() == []


async def test_what_a_process_that_is_gone_accepted_is_taken_up_by_who_looks_after_it(house: House) -> None:
    from engine.events import Received
    from engine.runtime.deliveries import key_of, write

    await house.keep(on_merge())
    await house.store.ledger.record(Received(key_of(merged()), NOON, write([merged()])))
    await house.dispatcher.look()
    await house.idle()
    assert house.bench.asked == []
    house.clock.set(NOON + LEFT_BEHIND + timedelta(seconds=1))
    await house.dispatcher.look()
    await house.idle()
    assert len(house.bench.asked) == 1
    assert await house.store.inbox.unhandled() == []


async def test_a_delivery_that_meets_a_fault_of_ours_is_tried_a_few_times_and_then_at_the_next_start(house: House) -> None:
    class Broken:
        tries = 0

        async def start(self, *_: object, **__: object) -> None:
            self.tries += 1
            raise ZeroDivisionError

    broken = house.dispatcher._starter._runner = Broken()  # type: ignore[assignment]
    await house.keep(on_merge())
    await house.dispatcher.accept([merged()])
    for minute in range(1, 9):
        await house.idle()
        house.clock.set(NOON + timedelta(minutes=minute))
        await house.dispatcher.look()
    await house.idle()
    assert broken.tries == MOST_TRIES
    again = House(house.store, house.clock)
    await again.dispatcher.start()
    await again.idle()
    assert len(again.bench.asked) == 1
    await again.stop()


async def test_a_workflow_that_another_process_made_is_read_and_waits_here_too(house: House) -> None:
    deaf = House(house.store)
    await deaf.dispatcher.start()
    house.store.ledger._listeners.clear()  # type: ignore[attr-defined]
    flow = on_merge()
    await house.keep(flow)
    assert await deaf.dispatcher.dispatch(merged()) == ()
    deaf.dispatcher._heard([Elsewhere("workflow", flow.id)])
    await deaf.idle()
    assert len(await deaf.dispatcher.dispatch(merged())) == 1
    await deaf.stop()


async def test_a_health_that_another_process_saw_change_is_not_told_again_here(house: House) -> None:
    await house.keep(on_house("health_changed"))
    listeners = house.store.ledger._listeners[:]  # type: ignore[attr-defined]
    house.store.ledger._listeners.clear()  # type: ignore[attr-defined]
    offline = ServiceState(service="trello", account="main", status="offline", since=NOON)
    await house.store.ledger.record(ServiceStateSaved(offline))
    house.store.ledger._listeners.extend(listeners)  # type: ignore[attr-defined]
    house.dispatcher._heard([Elsewhere("service_state", "trello:main")])
    await house.idle()
    await house.store.ledger.record(ServiceStateSaved(replace(offline, failures=9)))
    await house.idle()
    assert house.bench.asked == []


async def test_the_alarm_clock_rings_when_it_has_been_quiet() -> None:
    """With the real clock: a run starts by itself a moment after the last event."""
    from engine.runtime.clock import SystemClock
    from engine.runtime.clockwork import Clockwork

    house, clock = House(), SystemClock()
    clockwork = Clockwork(clock)
    dispatcher = Dispatcher(
        ledger=house.store.ledger, inbox=house.store.inbox, workflows=house.store.workflows, runs=house.store.runs, alerts=house.store.alerts,
        samples=house.store.samples, waits=house.store.waits, gatherings=house.store.gatherings, runner=house.runner, clock=clock,
        clockwork=clockwork,
    )  # fmt: skip
    await dispatcher.start()
    clockwork.start()
    await house.keep(workflow(definition(step("a"), trigger=replace(MERGED, debounce=Debounce(0.2))), at=clock.now()))
    await dispatcher.accept([Happening("d1", "github", "pull_request_merged", clock.now(), {})])
    for _ in range(500):
        if house.bench.asked:
            break
        await clock.sleep(0.01)
    assert len(house.bench.asked) == 1
    await clockwork.stop()
    await dispatcher.stop()
    await house.stop()


async def test_what_the_house_brought_about_itself_is_written_down_only_where_somebody_wants_it(house: House) -> None:
    assert await house.dispatcher.tell([merged()]) == 0
    assert await house.store.inbox.unhandled() == []
    await house.keep(on_merge())
    assert await house.dispatcher.tell([merged(), merged()]) == 2
    await house.idle()
    assert len(house.bench.asked) == 1


async def test_runs_that_set_each_other_off_are_stopped_and_it_is_said(house: House) -> None:
    flow = on_merge()
    await house.keep(flow)
    await house.runner.start(flow, by="web:ada", event={"title": "by hand"}, run_id="run_0")
    await house.idle()
    last, told = "run_0", 0
    for number in range(2 * DEEPEST):  # each run merges, which is what starts it
        news = merged(f"m{number}")
        told += await house.dispatcher.tell([news], by_run=last)
        await house.idle()
        last = run_id_of(flow.id, news) if number < DEEPEST else last
    assert len(house.bench.asked) == 1 + DEEPEST
    (*_, row) = await house.store.audit.list(subject=flow.id)
    assert "in a chain of runs that set each other off" in row.detail


async def test_a_process_that_only_drives_leaves_the_news_to_one_that_dispatches(house: House) -> None:
    await house.keep(on_merge())
    driving = House(house.store, house.clock)
    assert await driving.dispatcher.tell([merged()]) == 1
    assert await driving.dispatcher.tell([merged()]) == 1
    assert [key for key, _ in await house.store.inbox.unhandled()] == ["hook:github:d1"]
    await house.clock.pass_time(LEFT_BEHIND.total_seconds() * 2)
    await house.dispatcher.look()
    await house.idle()
    assert len(house.bench.asked) == 1
