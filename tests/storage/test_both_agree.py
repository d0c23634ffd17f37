"""Whatever is recorded in whatever order, the dictionaries and the database say the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.errors import Conflict
from engine.events import (
    AlertSaved,
    Audited,
    CursorMoved,
    DetectorSaved,
    DialogueSaved,
    Event,
    ForetoldSettled,
    GatheringSaved,
    Handled,
    KeyClaimed,
    MapChanged,
    MeasurementsTaken,
    MemberSaved,
    NextFireSet,
    PolicySaved,
    Posting,
    PostingPutOff,
    PostingSent,
    PostingSettled,
    PostingsTouched,
    Priority,
    Received,
    RollupsSaved,
    RunForetold,
    RunMoved,
    RunStarted,
    SamplesTaken,
    ServiceStateSaved,
    TrafficCounted,
    WaitClosed,
    WaitOpened,
    WebMessageSaved,
    WorkflowSaved,
)
from engine.graph.map_change import MapChange
from engine.graph.traffic import Traffic
from engine.monitoring.alert import AlertState, Ruling
from engine.monitoring.measurement import Measurement
from engine.monitoring.rollup import Span
from engine.monitoring.sketch import Sketch
from engine.parties import Address, MessageRef, Role
from engine.ports import Store
from engine.prediction.foretold import Foretold
from engine.workflow.definition import Json, WorkflowState
from engine.workflow.run import FactKind, RunState
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.storage.conftest import emptied
from tests.storage.values import (
    KEY,
    NOON,
    StoppedClock,
    after,
    alert,
    definition,
    fact,
    rollup,
    run,
    sample,
    service_state,
    wanted,
    workflow,
)

moments = st.integers(-5, 5).map(after)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)  # any character but half ones and nothing
json: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=4) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
objects = st.dictionaries(st.text(max_size=3), json, max_size=3)
run_ids = st.sampled_from(["run_1", "run_2", "run_3"])
subjects = run_ids.map("run:{}".format)
places = st.sampled_from([Address("slack", "C1"), Address("web", "#ops"), Address("web", "#ops", "t")])
refs = st.builds(MessageRef, st.just("slack"), st.sampled_from(["C1", "C2"]), st.sampled_from(["1", "2"]), st.sampled_from(["", "t"]))
deliveries = st.sampled_from(["hook:a", "hook:b", "said:c"])
small = st.integers(1, 3)
postings = st.integers(1, 4)
priorities = st.sampled_from(Priority)

runs = st.builds(
    lambda run_id, state, started, finished, error, shared: run(
        run_id, state=state, started_at=started, finished_at=finished, error=error, **shared
    ),
    run_ids,
    st.sampled_from(RunState),
    moments,
    st.none() | moments,
    texts,
    st.fixed_dictionaries(
        {},
        optional={
            "queue": st.sampled_from("ab"),
            "rank": small,
            "parent": st.sampled_from(["run_1 a", "run_2 b", "run_1"]),
            "wake_at": moments,
            "alert": st.just("alr_1"),
        },
    ),
)
facts = st.builds(
    lambda seq, at, kind, data: fact(seq, kind, at=at, data=data), st.integers(1, 12), moments, st.sampled_from(FactKind), objects
)
some_facts = st.lists(facts, max_size=2).map(tuple)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(RunStarted, runs, some_facts),
    st.builds(lambda r, f, whole: RunMoved(r.id, f, r if whole else None), runs, some_facts, st.booleans()),
    st.builds(WaitOpened, run_ids, st.sampled_from("xy"), st.sampled_from(["github.push", "a.b"]), st.none() | moments),
    st.builds(WaitClosed, run_ids, st.sampled_from("xy")),
    st.builds(KeyClaimed, st.sampled_from("abc"), run_ids, st.sampled_from("xy"), moments),
    st.builds(GatheringSaved, st.sampled_from("ab"), st.sampled_from("xy"), st.none() | objects, moments, st.integers(0, 3)),
    st.builds(CursorMoved, st.sampled_from(["poll:a", "poll:b", "hook:a"]), st.none() | objects, moments, st.integers(0, 3)),
    st.builds(lambda s, to, p, data: wanted(s, to, priority=p, payload=data), subjects, places, priorities, objects),
    st.builds(PostingsTouched, subjects, priorities),
    st.builds(PostingSent, postings),
    st.builds(PostingSettled, postings, refs, small),
    st.builds(PostingPutOff, postings, st.none() | moments, texts),
    st.builds(
        lambda n, revision, version, name, state: WorkflowSaved(
            workflow(f"wf_{n}", revision=revision, version=version, definition=definition(name), state=state)
        ),
        st.integers(1, 2),
        small,
        st.integers(1, 2),
        st.sampled_from(["a", "B"]),
        st.sampled_from(WorkflowState),
    ),
    st.builds(
        lambda n, revision, state, opened, other: AlertSaved(alert(f"alr_{n}", revision=revision, state=state, opened_at=opened, **other)),
        small,
        small,
        st.sampled_from(AlertState),
        moments,
        st.fixed_dictionaries(
            {},
            optional={
                "incident": st.just("alr_1"),
                "due_at": moments,
                "resolved_at": moments,
                "labels": st.just({"queue": "mail"}),
                "trace": st.just((Ruling("silence", "held", "maintenance"),)),
            },
        ),
    ),
    st.builds(PolicySaved, st.sampled_from(["silence", "rota"]), st.sampled_from("ab"), st.none() | objects, moments, small),
    st.builds(DetectorSaved, st.sampled_from(["github/a", "github/b", "jira/a"]), st.none() | objects, moments),
    st.builds(
        SamplesTaken,
        st.lists(st.builds(lambda at, s: replace(sample(service=s), at=at), moments, st.sampled_from("ab")), max_size=3).map(tuple),
    ),
    st.builds(
        RollupsSaved,
        st.lists(
            st.builds(
                lambda n, s, account, span, errors, times: rollup(
                    n, service=s, account=account, span=span, errors=errors, sketch=Sketch.of(times)
                ),
                st.integers(-2, 2),
                st.sampled_from("ab"),
                st.sampled_from(["", "x"]),
                st.sampled_from(Span),
                small,
                st.lists(st.floats(0, 100), max_size=3),
            ),
            max_size=3,
        ).map(tuple),
    ),
    st.builds(
        MeasurementsTaken,
        st.lists(
            st.builds(Measurement, st.sampled_from(["a.x", "a.y", "B"]), moments, st.floats(-1e9, 1e9), st.sampled_from(["", "ms"])),
            max_size=4,
        ).map(tuple),
    ),
    st.builds(
        TrafficCounted,
        st.lists(
            st.builds(Traffic, moments, st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from(["", "get"]), small, small, small),
            max_size=4,
        ).map(tuple),
    ),
    st.builds(
        MapChanged,
        st.lists(
            st.builds(
                MapChange, at=moments, subject=st.sampled_from(["a", "a>b", "b>a", "aa>b"]), text=texts, by=st.just("web:1"), body=objects
            ),
            max_size=3,
        ).map(tuple),
    ),
    st.builds(
        lambda run_id, of, at, p: RunForetold(
            Foretold(run=run_id, workflow=of, at=at, probability=p, low=0.0, high=1.0, samples=3, median=2.5)
        ),
        run_ids,
        st.sampled_from("ab"),
        moments,
        st.floats(0, 1),
    ),
    st.builds(ForetoldSettled, run_ids, st.booleans(), moments),
    st.builds(lambda s, n: ServiceStateSaved(service_state(s, failures=n)), st.sampled_from("ab"), small),
    st.builds(NextFireSet, st.sampled_from("ab"), st.none() | moments),
    st.builds(lambda at, name, subject: Audited(at, "slack:U1", name, "press", subject), moments, texts, st.sampled_from("ab")),
    st.builds(MemberSaved, st.sampled_from("ab"), texts, st.sampled_from(Role)),
    st.builds(Received, deliveries, moments, objects),
    st.builds(Handled, deliveries),
    st.builds(DialogueSaved, st.sampled_from("ab"), objects, st.none() | moments),
    st.builds(
        lambda key, at, text, card, reader: WebMessageSaved(key, "#ops", at, "Zoë", "web:1", text, card, reader),
        st.sampled_from("abc"),
        moments,
        texts,
        st.none() | objects,
        st.sampled_from(["", "web:1"]),
    ),
)
batches = st.lists(events, min_size=1, max_size=4)


async def everything_said(store: Store) -> dict[str, object]:
    """Every question of every port."""
    ref = MessageRef("slack", "C1", "1")
    return {
        "workflows": await store.workflows.list(deleted=True),
        "active": await store.workflows.list(),
        "versions": [await store.workflows.versions(f"wf_{n}") for n in (1, 2)],
        "runs": await store.runs.list(),
        "failed": await store.runs.list(outcome="failed", since=NOON),
        "facts": [await store.runs.facts(f"run_{n}") for n in (1, 2, 3)],
        "unfinished": await store.runs.unfinished(),
        "census": [dict(await store.runs.census()), dict(await store.postings.census())],
        "in line": [await store.runs.in_line(queue) for queue in ("", "a", "b")],
        "children": [await store.runs.children(f"run_{n}") for n in (1, 2, 3)],
        "waits": [await store.waits.events(), await store.waits.for_event("github.push"), await store.waits.for_event("a.b")],
        "keys": [await store.keys.holder(key) for key in "abc"],
        "gatherings": [
            await store.gatherings.next_due(),
            await store.gatherings.due(NOON),
            await store.gatherings.get("a", "x"),
            await store.gatherings.count("a"),
        ],
        "cursors": [await store.cursors.under("poll:"), await store.cursors.get("hook:a")],
        "stats": await store.runs.stats(since=NOON),
        "tallies": [
            await store.runs.tallies(after(-3), after(4), slices=7),
            await store.runs.tallies(NOON, after(4), workflow="wf_1"),
            await store.runs.earliest(),
        ],
        "alerts": await store.alerts.list(),
        "latest": await store.alerts.latest("availability:trello"),
        "incident": await store.alerts.of_incident("alr_1"),
        "timed": await store.alerts.due(NOON),
        "of a time": await store.alerts.between(NOON, after(5), limit=2),
        "policies": [await store.policies.of("silence"), await store.policies.get("rota", "a")],
        "detectors": [await store.detectors.under("github/"), await store.detectors.get("jira/a")],
        "firing": await store.alerts.list(states=[AlertState.FIRING]),
        "samples": [await store.samples.recent(service, since=NOON, limit=3) for service in "ab"],
        "every sample": await store.samples.between(after(-3), after(3), skip=1, limit=3),
        "samples of one": await store.samples.between(after(-3), after(3), service="a"),
        "rollups": [await store.rollups.between(span, NOON, after(120), limit=3) for span in Span],
        "rollups of one": [
            await store.rollups.series("a", Span.MINUTE, since=after(-120), until=after(60), account=account) for account in (None, "x")
        ],
        "measurements": [await store.measurements.series(name, since=after(-3), until=after(3), limit=2) for name in ("a.x", "B")],
        "oldest measurements": [
            await store.measurements.series(name, since=after(-3), until=after(3), limit=2, oldest=True) for name in ("a.x", "B")
        ],
        "series": [await store.measurements.known(), await store.measurements.known(prefix="a."), await store.measurements.count()],
        "traffic": [
            await store.traffic.between(after(-3), after(3)),
            await store.traffic.between(after(-3), after(3), source="a", limit=2),
            await store.traffic.between(after(-3), after(3), target="y"),
            await store.traffic.tallies(after(-3), after(4), slices=3),
            await store.traffic.earliest(),
        ],
        "map": [await store.map_changes.list(), await store.map_changes.list(subject="a", since=NOON, limit=2)],
        "foretold": [
            await store.foretold.list(),
            await store.foretold.list(workflow="a", since=NOON, limit=1),
            await store.foretold.list(settled=True),
            await store.foretold.get("run_1"),
        ],
        "states": await store.samples.states(),
        "schedules": await store.schedules.all(),
        "due": await store.postings.due(NOON),
        "due later": await store.postings.due(after(60), limit=2),
        "heads": await store.postings.heads(NOON),
        "sending": await store.postings.sending(),
        "of": [await store.postings.of(f"run:run_{n}") for n in (1, 2, 3)],
        "standing": await store.postings.standing_at(ref),
        "audit": await store.audit.list(),
        "tampering": await store.audit.verify(),
        "members": [await store.members.role(actor) for actor in "ab"],
        "admins": await store.members.admins(),
        "inbox": await store.inbox.unhandled(),
        "came in": await store.inbox.between(after(-3), after(3), prefix="hook:", limit=2),
        "dialogues": [await store.dialogues.get(key, NOON) for key in "ab"],
        "messages": [await store.web_messages.list("#ops", reader=reader) for reader in ("", "web:1")],
        "pruned": (
            await store.samples.prune(NOON),
            await store.inbox.prune(NOON),
            await store.detectors.prune(NOON, prefix="github/"),
            await store.detectors.prune(NOON),
        ),
        "pruned measures": (await store.rollups.prune(Span.MINUTE, NOON), await store.measurements.prune(NOON)),
        "pruned mind": (await store.traffic.prune(NOON), await store.map_changes.prune(NOON), await store.foretold.prune(NOON)),
        "left": (await store.rollups.between(Span.MINUTE, after(-999), after(999)), await store.measurements.known()),
    }


async def outcomes(store: Store, group: list[list[Event]]) -> list[bool]:
    """Record all of them at once; whether each was taken."""
    results = await asyncio.gather(*(store.ledger.record(*batch) for batch in group), return_exceptions=True)
    assert all(result is None or isinstance(result, Conflict) for result in results), results
    return [result is None for result in results]


FORETOLD = RunForetold(Foretold(run="run_1", workflow="a", at=NOON, probability=0.5, low=0.0, high=1.0, samples=3, median=2.5))
ENDED_BEFORE: list[Event] = [ForetoldSettled("run_1", False, NOON), RunStarted(run("run_1"), ()), FORETOLD]


@settings(max_examples=10, deadline=None)
@example(groups=[[ENDED_BEFORE]])
@given(groups=st.lists(st.lists(batches, min_size=1, max_size=5), min_size=1, max_size=6))
async def test_dictionaries_and_database_agree_on_every_answer(empty_database: Path, groups: list[list[list[Event]]]) -> None:
    with TemporaryDirectory() as folder:
        memory = MemoryStore()
        database = await SqlStore.open(f"sqlite:///{copy(empty_database, folder)}", secret_key=KEY, clock=StoppedClock())
        try:
            for group in groups:
                assert await outcomes(database, group) == await outcomes(memory, group)
            assert await everything_said(database) == await everything_said(memory)
        finally:
            await database.close()


async def numbers_of(store: Store) -> dict[tuple[str, str], int]:
    """Number of each posting by subject and place; a server leaves gaps where dictionaries count."""
    found = [posting for n in (1, 2, 3) for posting in await store.postings.of(f"run:run_{n}")]
    return {(posting.subject, str(posting.to)): posting.id for posting in found}


def renumbered(value: object, numbers: dict[int, int]) -> object:
    if isinstance(value, Posting):
        return replace(value, id=numbers.get(value.id, value.id))
    if isinstance(value, list):
        return [renumbered(item, numbers) for item in value]
    return value


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(events, min_size=1, max_size=12))
async def test_dictionaries_and_a_server_agree_on_every_answer(shared: SqlStore, said: list[Event]) -> None:
    memory = MemoryStore()
    await shared._writer.perform(emptied)
    for event in said:
        there = await numbers_of(shared)
        numbers = {number: there[key] for key, number in (await numbers_of(memory)).items()}
        posting = getattr(event, "posting", None)
        told = event if posting is None else replace(event, posting=numbers.get(posting, posting + 1_000_000))  # type: ignore[call-arg]
        assert await outcomes(shared, [[told]]) == await outcomes(memory, [[event]])
    there = await numbers_of(shared)
    back = {there[key]: number for key, number in (await numbers_of(memory)).items()}
    answers = {question: renumbered(answer, back) for question, answer in (await everything_said(shared)).items()}
    assert answers == await everything_said(memory)
