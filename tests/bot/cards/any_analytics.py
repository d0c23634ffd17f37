"""Any report of analytics, by the product's own arithmetic from any counts at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from engine.commands.command import AnalyticsShown
from engine.prediction.analytics.drawing import chart
from engine.prediction.analytics.figures import Declared
from engine.prediction.analytics.report import Evidence, Kind, Scope, analytics
from engine.prediction.analytics.tally import AskTally, RunTallies, RunTally, Took, rounded

UNTIL = datetime(2026, 3, 4, 12, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=7)
SLICES = 7
IDS = ("wf_00000001", "wf_00000002", "wf_00000003")
SERVICES = ("github", "google_drive", "shop")

counts = st.integers(0, 40) | st.just(1_000_000)


@st.composite
def tallies(draw: st.DrawFn) -> RunTallies:
    found = []
    for id in IDS:
        for number in draw(st.sets(st.integers(0, SLICES - 1))):
            good, bad, gone, going = (draw(counts) for _ in range(4))
            live, lost = draw(st.integers(0, good)), draw(st.integers(0, bad))
            found.append(
                RunTally(workflow=id, slice=number, total=good + bad + gone + going, succeeded=good, failed=bad, cancelled=gone, live=live,
                         live_failed=lost, live_failed_micros=draw(st.integers(0, 10**12)))
            )  # fmt: skip
    took = st.builds(Took, st.sampled_from(IDS), st.integers(0, 10**13).map(rounded), st.integers(1, 100))
    return RunTallies(tuple(found), tuple(draw(st.lists(took, max_size=20, unique_by=lambda one: (one.workflow, one.micros)))))


asks = st.builds(
    AskTally, source=st.sampled_from([*IDS, "wf_unknown"]), target=st.sampled_from(SERVICES), slice=st.integers(0, SLICES - 1),
    count=st.integers(20, 5_000), failed=st.integers(0, 20), micros=st.integers(0, 10**12),
)  # fmt: skip
some_asks = st.lists(asks, max_size=12, unique_by=lambda one: (one.source, one.target, one.slice))
scopes = st.sampled_from([Kind.ALL, Kind.WORKFLOW, Kind.SERVICE, Kind.TEAM])
worth = st.none() | st.floats(1, 604_800)


@st.composite
def shown(draw: st.DrawFn, words: st.SearchStrategy[str]) -> AnalyticsShown:
    owners = ["", draw(words), draw(words)]
    flows = [
        Declared(id=id, name=draw(words) or "x", owner=draw(st.sampled_from(owners)), saves=draw(worth), failure_costs=draw(worth),
                 created_at=draw(st.none() | st.just(SINCE - timedelta(days=30)) | st.just(SINCE)), deleted=draw(st.booleans()))
        for id in IDS
    ]  # fmt: skip
    kind = draw(scopes)
    name = {Kind.ALL: "", Kind.WORKFLOW: IDS[0], Kind.SERVICE: "github", Kind.TEAM: owners[1]}[kind]
    evidence = Evidence(
        since=SINCE, until=UNTIL, slices=SLICES, flows=flows, runs=draw(tallies()), runs_before=draw(tallies()), asks=draw(some_asks),
        asks_before=draw(some_asks), earliest=draw(st.none() | st.just(SINCE) | st.just(SINCE - timedelta(days=30))),
        asks_earliest=draw(st.none() | st.just(SINCE) | st.just(UNTIL - timedelta(days=1)) | st.just(SINCE - timedelta(days=30))),
        owners=draw(st.dictionaries(st.sampled_from(SERVICES), words, max_size=2)), measured={},
    )  # fmt: skip
    report = analytics(Scope(kind, name, flows[0].name if kind is Kind.WORKFLOW else name), evidence)
    return AnalyticsShown(report=report, words="the last 7 days", chart=chart(report))
