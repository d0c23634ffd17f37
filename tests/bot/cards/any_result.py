"""Any answer of the house at all, with hostile words wherever people or services can put some."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from engine.commands import command as c
from engine.commands.advice_shown import AdviceRow, AdviceShown
from engine.commands.foreseeing import Foreseen
from engine.commands.objectives import Spending
from engine.commands.reroutes_shown import ReroutesShown
from engine.graph.impact import AffectedWorkflow, Impact
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.charting import Timeline
from engine.monitoring.escalation import EscalationPolicy, Kind, Level, Target
from engine.monitoring.forecast.failure import HORIZONS, Risk
from engine.monitoring.forecast.foresight import Prospect
from engine.monitoring.forecast.limit import Reach
from engine.monitoring.forecast.measure import ERROR_RATE, QUOTA, RESPONSE_TIME, THROUGHPUT
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.forecast.precursor import Look
from engine.monitoring.forecast.trend import Direction, Trend
from engine.monitoring.grouping.suspect import Suspect
from engine.monitoring.health import Formula, HealthStatus, ServiceHealth, SystemHealth
from engine.monitoring.incident import Incident
from engine.monitoring.oncall import Member, Rota, Shift
from engine.monitoring.quality import Proposal, RuleQuality
from engine.monitoring.report import ReportPlan
from engine.monitoring.report import What as ReportOf
from engine.monitoring.silence import Matcher, Silence, SilenceKind
from engine.monitoring.slo.budget import Budget as ErrorBudget
from engine.monitoring.slo.burn import RULES, Burn
from engine.monitoring.slo.objective import Kind as Promised
from engine.monitoring.slo.objective import Objective
from engine.monitoring.threshold import Thresholds
from engine.ports import Account, AuditRow, Finding, Need, Standing, Way
from engine.rehearsal.differing import Change, Replayed, Row, Side
from engine.rehearsal.story import End, Line, Question, Rehearsed, Trial, What
from engine.rehearsal.wish import KINDS, FaultWish, Reply
from engine.workflow.definition import (
    Approve,
    AskModel,
    Cache,
    Case,
    Concurrency,
    Debounce,
    Definition,
    Draft,
    DraftState,
    ForEach,
    Input,
    ItemFailure,
    OnError,
    OnExpiry,
    Options,
    Parallel,
    Priority,
    RateLimit,
    SetValues,
    Step,
    SubRun,
    Substitute,
    Switch,
    Trigger,
    TriggerType,
    Wait,
    WhenFull,
    Workflow,
    WorkflowState,
)
from engine.workflow.putting_right import Batch, Fate, Reroute
from engine.workflow.run import RunRecord, RunState, StepState, StepView
from tests.bot.cards import any_analytics, any_map
from tests.bot.cards.any_card import words

moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
maybe_moments = st.none() | moments
zones = st.sampled_from(("UTC", "Europe/Berlin", "Asia/Kathmandu", "", "Nowhere/At_all"))
services = st.sampled_from(("github", "google_drive", "trello")) | words
touches = st.lists(st.tuples(services, words, st.sampled_from(("live", "sandbox", "off", "not connected"))), max_size=3).map(tuple)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=5,
)
ids = st.integers(0, 2**32)


def id_of(prefix: str) -> st.SearchStrategy[str]:
    return ids.map(lambda number: f"{prefix}_{number:08x}")


inputs = st.builds(
    Input,
    words,
    st.sampled_from(("string", "number", "integer", "boolean")),
    st.booleans(),
    json_values,
    words,
    st.lists(json_values, max_size=3).map(tuple),
)
triggers = st.builds(
    Trigger,
    type=st.sampled_from(TriggerType).filter(lambda kind: kind is not TriggerType.SCHEDULED),
    service=services,
    event=words,
    all=st.lists(words, max_size=2).map(tuple),
    any=st.lists(words, max_size=2).map(tuple),
    sequence=st.lists(words, max_size=2).map(tuple),
    within=st.none() | st.just(timedelta(hours=2)),
    metric=words,
    horizon=st.none() | st.just(timedelta(minutes=5)),
    inputs=st.lists(inputs, max_size=3).map(tuple),
    dedup=words,
    debounce=st.none() | st.builds(Debounce, st.floats(0, 1e6), words),
    jitter=st.floats(0, 1e6),
    exceptions=st.lists(words, max_size=2).map(tuple),
    correlate=st.dictionaries(words, words, max_size=2),
    method=st.sampled_from(("", "forecast", "anomaly")),
) | st.sampled_from(
    (Trigger(type=TriggerType.SCHEDULED, cron="0 9 * * 1-5"), Trigger(type=TriggerType.SCHEDULED, at=datetime(2026, 1, 1, tzinfo=UTC)))
)
plain_arguments = st.dictionaries(words, json_values, max_size=2)
substitutes = st.builds(Substitute, action=words, arguments=plain_arguments)
on_error = st.sampled_from(OnError)
approves = st.builds(
    Approve,
    by=st.lists(words | st.sampled_from(("role:admin", "@ops", "<@U1|ada>", "<!subteam^S1|@ops>")), max_size=2).map(tuple),
    text=words,
    channel=words,
    quorum=st.integers(1, 5),
    four_eyes=st.booleans(),
    reason=st.booleans(),
    expires=st.none() | st.floats(0, 1e6),
    on_expiry=st.sampled_from(OnExpiry),
    remind=st.none() | st.floats(0, 1e6),
    on_no=on_error,
)
waits = (
    st.builds(Wait, seconds=st.floats(0, 1e6))
    | st.builds(Wait, until=words)
    | st.builds(Wait, event=words, where=words, timeout=st.none() | st.floats(0, 1e6), on_timeout=on_error)
)
leaves = (
    waits
    | approves
    | st.builds(SubRun, workflow=words, inputs=plain_arguments, wait=st.booleans())
    | st.builds(SetValues, values=plain_arguments)
    | st.builds(AskModel, prompt=words, schema=st.just({}), optional=st.booleans())
)


def some(of: st.SearchStrategy[Step], many: int = 2) -> st.SearchStrategy[tuple[Step, ...]]:
    return st.lists(of, max_size=many).map(tuple)


def with_constructs(within: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    inner = some(within)
    holders = (
        st.builds(ForEach, items=words, steps=inner, name=words, concurrency=st.integers(1, 50), on_failure=st.sampled_from(ItemFailure))
        | st.builds(Parallel, branches=st.dictionaries(words, inner, max_size=2))
        | st.builds(Switch, cases=st.lists(st.builds(Case, when=words, steps=inner), max_size=2).map(tuple), otherwise=inner)
    )
    return st.builds(Step, id=words, does=holders, when=words)


plain_steps = st.builds(
    Step,
    id=words,
    action=words,
    arguments=st.dictionaries(words, json_values, max_size=3),
    when=words,
    needs=st.none() | st.lists(words, max_size=2).map(tuple),
    retries=st.none() | st.integers(0, 9),
    timeout=st.none() | st.floats(0.1, 1e6),
    on_error=on_error,
    fallback=st.none() | substitutes,
    compensate=st.none() | substitutes,
    idempotency_key=words,
    cache=st.none() | st.builds(Cache, st.floats(0, 1e6), words),
)
steps = st.recursive(plain_steps | st.builds(Step, id=words, does=leaves, when=words), with_constructs, max_leaves=4)
options = st.builds(
    Options,
    retries=st.integers(0, 20),
    timeout=st.floats(0.1, 1000),
    deadline=st.none() | st.floats(0, 1e6),
    fallback=st.dictionaries(services, services, max_size=2),
    approval=words,
    concurrency=st.none() | st.builds(Concurrency, st.integers(1, 9), words, st.sampled_from(WhenFull)),
    rate_limits=st.dictionaries(services, st.builds(RateLimit, st.integers(1, 99), st.floats(1, 1e5)), max_size=1),
    priority=st.sampled_from(Priority),
    on_failure=some(plain_steps),
    finally_=some(plain_steps),
)
definitions = st.builds(
    Definition, name=words, trigger=triggers, steps=st.lists(steps, max_size=3).map(tuple), when=words, description=words, options=options,
    env=st.dictionaries(words, json_values, max_size=1),
)  # fmt: skip
workflows = st.builds(
    Workflow, id=id_of("wf"), version=st.integers(1, 9), revision=st.integers(1, 99), definition=definitions, state=st.sampled_from(WorkflowState),
    created_at=moments, created_by=words, updated_at=moments, paused_until=maybe_moments, where=words,
)  # fmt: skip
drafts = st.builds(
    Draft, id=id_of("prv"), revision=st.integers(1, 99), state=st.sampled_from(DraftState),
    command=st.sampled_from(("create_workflow", "edit_workflow", "delete_workflow")), arguments=st.fixed_dictionaries({"name": words}),
    definition=st.none() | definitions, asked_by=words, asked_by_name=words, asked_at=moments, expires_at=moments, where=words,
    workflow=st.just("") | id_of("wf"), decided_by=words, decided_at=maybe_moments,
)  # fmt: skip
runs = st.builds(
    RunRecord, id=id_of("run"), workflow=id_of("wf"), version=st.integers(1, 9), name=words, state=st.sampled_from(RunState), started_at=moments,
    by=words, where=words, finished_at=maybe_moments, sandbox=st.booleans(), error=words, wake_at=maybe_moments,
    parent=st.just("") | st.just("run_1 sub"), alert=words,
)  # fmt: skip
step_ids = words | st.sampled_from(("each", "post[3]", "post[4]", "inner[1]", "post[1][2]", "both", "left"))
run_steps = st.builds(
    StepView, id=step_ids, action=words, state=st.sampled_from(StepState), attempts=st.integers(0, 5), output=json_values, error=words, sandbox=st.booleans(),
    kind=st.sampled_from(("action", "foreach", "parallel", "switch", "wait", "approve", "run_workflow", "set", "ask_model", "odd")),
    within=st.sampled_from(("", "each", "inner", "inner[1]", "both", "nowhere", "post[3]")), until=maybe_moments, waits_for=words,
    undo=st.booleans(), looks=st.booleans(), finished_at=maybe_moments,
)  # fmt: skip
amendables = st.builds(
    c.Amendable, step=step_ids, arguments=st.dictionaries(words, json_values, max_size=2), fixed=st.frozensets(words, max_size=1)
)
starters = st.builds(c.Starter, words, st.sampled_from(("", "slack:U1", "discord:7", "web:owner", "odd:")))
alerts = st.builds(
    Alert, id=id_of("alr"), fingerprint=words, revision=st.integers(1, 99), state=st.sampled_from(AlertState), severity=st.sampled_from(Severity),
    service=services, account=words, rule=words, message=words, metric=words, threshold=st.floats(), value=st.floats(), opened_at=moments,
    updated_at=moments, because=words, acknowledged_by=words, acknowledged_at=maybe_moments, resolved_by=words | st.just("Signalbox"),
    resolved_at=maybe_moments, note=words, reopened=st.integers(0, 2), sandbox=st.booleans(), quiet=words, runbook=words,
    snoozed_until=maybe_moments, relapse_at=maybe_moments, level=st.integers(0, 3), escalate_at=maybe_moments,
)  # fmt: skip
incidents = st.lists(alerts, min_size=1, max_size=8).map(lambda members: Incident(members[0], tuple(members)))
suspects = st.builds(Suspect, service=words | services, because=words, alerts=st.booleans())
healths = st.builds(
    ServiceHealth, service=services, response_time_ms=st.floats(0, 1e6), success_rate=st.floats(0, 1), error_count=st.integers(0, 99),
    request_count=st.integers(0, 99), last_checked=maybe_moments, health_score=st.floats(0, 100), status=st.sampled_from(HealthStatus),
    sandbox=st.booleans(), detail=words,
)  # fmt: skip
systems = st.builds(
    SystemHealth, overall_score=st.floats(0, 100), healthy_services=st.integers(0, 30), total_services=st.integers(0, 30),
    critical_alerts=st.integers(0, 9), performance_trend=words, last_updated=moments,
)  # fmt: skip
accounts = st.builds(Account, service=services, name=words, url=words, mode=st.sampled_from(("live", "sandbox", "off")), missing=words)
affected = st.builds(AffectedWorkflow, id=id_of("wf"), name=words, survives_by=words, runs_per_hour=st.floats(0, 1e6), because=words)
impacts = st.builds(
    Impact, service=services, state=st.sampled_from(("down", "degraded")), workflows=st.lists(affected, max_size=3).map(tuple),
    runs_lost_per_hour=st.floats(0, 1e6), people=st.just(()), severity=words | st.sampled_from(("low", "critical")),
    shared_fallback_dependencies=st.lists(words, max_size=2).map(tuple), because=words,
)  # fmt: skip
triples = st.lists(st.tuples(words, words, words), max_size=3).map(tuple)
audit_rows = st.builds(
    AuditRow,
    id=ids,
    at=moments,
    actor=words,
    actor_name=words,
    verb=words,
    subject=words,
    where=words,
    seen=ids,
    outcome=words,
    detail=words,
)


wishes = st.builds(FaultWish, services | st.just(""), st.sampled_from(KINDS), st.floats(0, 1))
offsets = st.floats(0, 4e7)
happened = st.builds(
    Line, at=offsets, what=st.sampled_from(What), run=words, step=step_ids | st.just(""), action=words | st.just("trello.create_card"),
    attempt=st.integers(0, 4), text=words, arguments=st.dictionaries(words, json_values, max_size=2), output=json_values,
    next_in=st.none() | offsets, undo=st.booleans(),
)  # fmt: skip
questions = st.builds(
    Question, at=offsets, kind=st.sampled_from(("approval", "doubt")), step=step_ids, action=words, text=words, answer=words, run=words
)
trials = st.builds(
    Trial, number=st.integers(1, 99), end=st.sampled_from(End), why=words, seconds=offsets, asks=st.integers(0, 99), failures=st.integers(0, 99),
    lines=st.lists(happened, max_size=8).map(tuple), questions=st.lists(questions, max_size=2).map(tuple),
)  # fmt: skip


def rehearsed(*, chaos: bool = False) -> st.SearchStrategy[Rehearsed]:
    faults = st.just((FaultWish("", "random", 0.25),)) if chaos else st.lists(wishes, max_size=3).map(tuple)
    return st.builds(
        Rehearsed, name=words, workflow=id_of("wf"), version=st.integers(1, 9), trials=st.lists(trials, min_size=1, max_size=3).map(tuple),
        wanted=st.integers(1, 9), seed=ids, reply=st.sampled_from(Reply), faults=faults, event=st.dictionaries(words, json_values, max_size=2),
        inputs=st.dictionaries(words, json_values, max_size=2), example=st.booleans(), notes=st.lists(words, max_size=2).map(tuple),
    )  # fmt: skip


sides = st.builds(Side, starts=st.booleans(), reason=words, end=st.none() | st.sampled_from(End), why=words)
differences = st.builds(
    Change, kind=st.sampled_from(("new", "gone", "other")), step=step_ids, action=words, argument=words, was=words, now=words
)
rows = st.builds(
    Row, id=words, at=moments, name=words | st.just("github.push"), event=st.dictionaries(words, json_values, max_size=2), old=st.none() | sides,
    new=sides, changes=st.lists(differences, max_size=5).map(tuple), really=words,
)  # fmt: skip
replayeds = st.builds(
    Replayed, name=words, workflow=id_of("wf"), old=st.integers(0, 9), new=st.integers(1, 9), since=moments, until=moments,
    rows=st.lists(rows, max_size=4).map(tuple), notes=st.lists(words, max_size=1).map(tuple), unit=st.sampled_from(("event", "fire")),
)  # fmt: skip


def listed(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=3).map(tuple)


needs = st.builds(Need, name=words, meaning=words, setting=words, secret=st.booleans(), required=st.booleans(), default=words)
ways = st.builds(Way, id=st.sampled_from(["bearer", "basic_2"]), title=words, needs=listed(needs), browser=st.booleans(), missing=words)
seconds = st.floats(0, 1e7)
counts = st.integers(0, 99)
qualities = st.builds(
    RuleQuality, service=services, rule=words, fired=counts, quiet=st.just(0), acknowledged=counts, acted_on=counts, flapped=counts, slept_through=counts,
    to_acknowledge=st.none() | seconds, lasted=st.none() | seconds,
)  # fmt: skip
proposals = st.builds(
    Proposal, service=st.sampled_from(["github", "trello"]), metric=st.just("response_time"), level=st.just("warning"), value=st.floats(0.1, 99), spared=counts,
    kept=counts, because=words,
)  # fmt: skip
plans = st.builds(
    ReportPlan, id=id_of("rpt"), what=st.sampled_from(ReportOf), every=words, timezone=zones, to=words, by_name=words, next_at=moments, last=moments, number=counts
)


def _one_a_service(found: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    return tuple({one.service: one for one in found}.values())


matchers = st.builds(
    Matcher,
    service=services | st.just(""),
    account=words,
    rule=words,
    severity=st.sampled_from(["", *Severity]),
    labels=st.dictionaries(words, words, max_size=2),
)
silences = st.builds(
    Silence, id=id_of("sil"), kind=st.sampled_from(SilenceKind), match=matchers, starts=moments, ends=moments, by=ids.map(str), by_name=words, made_at=moments,
    because=words, every=words, window=st.integers(1, 3), told=st.sampled_from(["", "noticed", "begun", "over"]), revision=st.integers(1, 9),
)  # fmt: skip
links = st.sampled_from(["", "https://signalbox.example/api/v2/connect/x"])

people_on_call = st.builds(Member, st.just("slack:U1"), words)
rotas = st.builds(
    Rota, id=st.sampled_from(["ops", "nights"]), name=words, members=st.lists(people_on_call, min_size=1, max_size=3).map(tuple),
    start=st.just(date(2026, 3, 2)), at=st.just(time(9)), zone=st.just("UTC"), every=st.sampled_from([1, 2, 7, 14]),
)  # fmt: skip
shifts = st.builds(Shift, people_on_call, moments, moments, st.none() | people_on_call)
escalations = st.builds(
    EscalationPolicy, id=words, repeat=st.integers(0, 3),
    levels=st.lists(
        st.builds(
            Level, st.sampled_from([0.0, 600.0]), st.lists(st.builds(Target, st.sampled_from(Kind), words, words), min_size=1, max_size=2).map(tuple)
        ), min_size=1, max_size=2,
    ).map(tuple),
)  # fmt: skip
not_enough = st.builds(NotEnough, words)
trends = not_enough | st.builds(
    Trend,
    direction=st.sampled_from(Direction),
    slope=st.floats(),
    low=st.floats(),
    high=st.floats(),
    level=st.floats(),
    because=words,
    seasonal=st.booleans(),
)
reaches = st.builds(
    Reach, seconds=st.none() | st.floats(0, 1e9), low=st.none() | st.floats(0, 1e9), high=st.none() | st.floats(0, 1e9), probability=st.floats(0, 1),
    horizon=st.floats(1, 1e6), because=words, level=st.floats(), slope=st.floats(), moving=st.booleans(), within=st.just(lambda seconds: 0.7), usual=st.just(lambda seconds: False),
)  # fmt: skip
measures = st.sampled_from((RESPONSE_TIME, ERROR_RATE, THROUGHPUT, QUOTA))
prospects = st.builds(
    Prospect, service=services, account=words, measure=measures, answer=not_enough | reaches, limit=st.floats(), text=words, name=words
)
risks = not_enough | st.builds(
    Risk, horizon=st.sampled_from(HORIZONS), probability=st.floats(0, 1), low=st.floats(0, 1), high=st.floats(0, 1), look=st.sampled_from(Look),
    windows=st.floats(0, 1e4), because=words,
)  # fmt: skip
aheads = st.builds(
    Foreseen, service=services, account=words, slower=trends, failing=trends, prospects=st.lists(prospects, max_size=2).map(tuple),
    risks=st.lists(risks, max_size=3).map(tuple),
)  # fmt: skip
promises = st.builds(
    Objective, service=services, account=words, kind=st.sampled_from(Promised), goal=st.floats(0.5, 0.999), limit=st.floats(0, 10)
)
burnt = not_enough | st.builds(
    Burn,
    rule=st.sampled_from(RULES),
    firing=st.booleans(),
    long=st.floats(0, 1e4),
    short=st.floats(0, 1e4),
    rate=st.floats(0, 20),
    because=words,
)
error_budgets = not_enough | st.builds(
    ErrorBudget, objective=promises, events=st.integers(1, 10**6), bad=st.integers(0, 10**6), spent=st.floats(0, 1e4), burn=st.floats(0, 1e4),
    known=st.floats(0, 1), because=words,
)  # fmt: skip
spendings = st.builds(Spending, promises, error_budgets, st.lists(burnt, max_size=4).map(tuple))
metric_rows = st.builds(
    c.MetricRow,
    measure=measures,
    now=st.none() | st.floats(),
    whole=st.none() | st.floats(),
    p50=st.none() | st.floats(),
    p95=st.none() | st.floats(),
)
windows = st.timedeltas(timedelta(minutes=5), timedelta(days=100))
advice = st.builds(
    AdviceRow, id=st.sampled_from(["rec_1", "rec_2"]), title=words, because=words, gain=words, runs=listed(words), story=listed(words),
    state=st.sampled_from(["open", "applied", "measured", "undone", "dismissed"]), by_hand=st.booleans(),
)  # fmt: skip
reroutes = st.builds(
    lambda at, state, text, arguments: Reroute(
        stream="reroute:jira:run_1:card", at=at, service="jira",
        body={
            "run": "run_1", "step": text, "workflow": "wf_1", "name": text, "where": "slack:C1", "action": "jira.create_issue", "account": "",
            "instead": "asana.create_task", "asked": {"title": text}, "output": {"id": text, "url": text}, "because": text, "sandbox": False,
            "state": state, "arguments": arguments, "by_hand": "" if arguments else text,
        },
    ),
    moments, st.sampled_from(list(Fate)).map(str), words, st.none() | st.just({"title": "x"}),
)  # fmt: skip
BY_TYPE: dict[type, st.SearchStrategy[Any]] = {
    c.PreviewShown: st.builds(
        lambda draft, fires, touches, warnings, diff, yaml, text, zone, other: c.PreviewShown(
            draft=draft, definition=draft.definition, fires=fires, touches=touches, warnings=warnings, diff=diff, yaml=yaml, text=text,
            timezone=zone, asker_timezone=other,
        ),
        drafts, listed(moments), touches, listed(words), words, words, words, zones, zones,
    ),
    c.WorkflowShown: st.builds(
        c.WorkflowShown, workflow=workflows, runs=listed(runs), next_fire=maybe_moments, touches=touches, yaml=words, inputs=listed(inputs), timezone=zones
    ),
    c.WorkflowsShown: st.builds(
        c.WorkflowsShown, rows=listed(st.tuples(workflows, st.none() | runs, maybe_moments)), filter=words, timezone=zones, schedule=st.booleans()
    ),
    c.RunShown: st.builds(
        c.RunShown, run=runs, steps=st.lists(run_steps, max_size=6).map(tuple), starter=starters, amendable=listed(amendables), skippable=listed(step_ids),
        inputs=st.dictionaries(words, json_values, max_size=2), round=st.integers(1, 9), undoable=st.booleans(), ahead=st.integers(0, 9), paused_by=words,
        alert=st.none() | alerts, parent=st.none() | runs, children=listed(runs),
    ),
    c.InputsWanted: st.builds(c.InputsWanted, workflow=workflows, inputs=listed(inputs), given=st.dictionaries(words, json_values, max_size=2)),
    c.VersionsShown: st.builds(c.VersionsShown, workflow=workflows, rows=listed(st.tuples(workflows, words)), timezone=zones),
    c.DifferenceShown: st.builds(c.DifferenceShown, workflow=workflows, older=st.integers(1, 9), newer=st.integers(1, 9), diff=words),
    c.RehearsedShown: st.builds(c.RehearsedShown, rehearsed=rehearsed(), chaos=st.none() | rehearsed(chaos=True), again=words),
    c.ReplayedShown: st.builds(c.ReplayedShown, replayed=replayeds, timezone=zones),
    c.RunsShown: listed(runs).flatmap(
        lambda some: st.builds(
            c.RunsShown, runs=st.just(some), workflow=words, filter=words, timezone=zones,
            starters=st.fixed_dictionaries({}, optional={run.id: starters for run in some}),
        )
    ),
    c.AlertShown: st.builds(
        c.AlertShown, alert=alerts, runbooks=listed(workflows), runs=listed(runs), incident=st.none() | incidents, suspect=st.none() | suspects,
        suspect_name=words, vendor=st.none() | st.builds(Standing, service=words, state=words, says=words, at=moments), at=st.none() | moments,
    ),
    c.AlertsShown: st.builds(
        c.AlertsShown, alerts=listed(alerts), folded=st.dictionaries(words, st.integers(1, 9), max_size=2), filter=words, timezone=zones
    ),
    c.HealthShown: st.builds(
        c.HealthShown, system=systems, services=listed(healths), accounts=listed(accounts), alerts=listed(alerts), formula=st.sampled_from(Formula),
        ahead=listed(aheads), spending=listed(spendings),
    ),
    c.ForecastShown: st.builds(
        c.ForecastShown, service=services, ahead=listed(aheads), spending=listed(spendings), alerts=listed(alerts), budgets=st.just(()), at=moments
    ),
    c.ObjectivesShown: st.builds(c.ObjectivesShown, rows=listed(spendings), service=services | st.just(""), changed=words),
    c.MetricsShown: st.builds(
        c.MetricsShown, service=services, window=windows, rows=st.lists(metric_rows, min_size=1, max_size=5).map(tuple), trend=st.none() | trends,
        usual=st.none() | st.floats(0, 100), prospect=st.none() | prospects,
    ),
    c.OnCallShown: st.builds(
        c.OnCallShown, rows=st.lists(st.tuples(rotas, shifts, shifts), max_size=2, unique_by=lambda row: row[0].id).map(tuple), ahead=listed(shifts), timezone=zones
    ),
    c.EscalationsShown: st.builds(c.EscalationsShown, policies=listed(escalations)),
    c.QualityShown: st.builds(
        c.QualityShown, id=st.just("qua_20260304T1200"), since=moments, until=moments, rows=listed(qualities), proposals=listed(proposals).map(_one_a_service),
        applied=st.lists(st.builds(Thresholds, service=st.sampled_from(["github", "trello", "*"]), by=words, before=st.none() | st.just({})), max_size=2, unique_by=lambda one: one.service).map(tuple),
    ),
    c.DigestShown: st.builds(
        c.DigestShown, since=moments, until=moments, incidents=listed(alerts.map(lambda one: Incident(one, (one,)))), called=st.integers(0, 9),
        quiet=st.integers(0, 9), to_acknowledge=st.none() | seconds, to_resolve=st.none() | seconds, timezone=zones,
    ),
    c.PostMortemShown: st.builds(
        c.PostMortemShown, incident=alerts.map(lambda one: Incident(one, (one,))), title=words, text=words, figures=st.dictionaries(words, words, max_size=3),
        chart=st.just(Timeline(title="x", start=datetime(2026, 3, 4, tzinfo=UTC), end=datetime(2026, 3, 5, tzinfo=UTC), events=())), summary=words,
    ),
    c.PlansShown: st.builds(c.PlansShown, plans=listed(plans), timezone=zones),
    c.SilencesShown: st.builds(c.SilencesShown, silences=listed(silences), now=moments, timezone=zones),
    c.SilenceShown: st.builds(c.SilenceShown, silence=silences, window=st.integers(1, 3), now=moments, held=st.integers(0, 9)),
    **any_map.BY_TYPE,
    AdviceShown: st.builds(AdviceShown, id=st.just("adv_00000001"), workflow=words, revision=st.integers(1, 9), because=words, rows=st.lists(advice, max_size=2, unique_by=lambda row: row.id).map(tuple), allowed=listed(words)),
    ReroutesShown: st.builds(
        ReroutesShown, service=st.sampled_from(["jira", "google_drive"]), things=listed(reroutes), gone=st.integers(0, 9), timezone=zones,
        batch=st.none() | st.builds(Batch, id=st.just("put_0123456789abcdef"), service=st.just("jira"), where=st.just("slack:C1"), items=listed(words)),
    ),
    c.AnalyticsShown: any_analytics.shown(words),
    c.ImpactShown: st.builds(c.ImpactShown, impact=impacts, drawing=st.just({}), people=listed(words)),
    c.ConnectionShown: st.builds(
        c.ConnectionShown, service=st.sampled_from(["github", "google_drive"]), name=words, account=st.sampled_from(["default", "ops"]),
        there=st.none() | accounts, others=listed(accounts), ways=st.lists(ways, max_size=2, unique_by=lambda way: way.id).map(tuple), kept=st.booleans(), link=links, admin=st.booleans(),
    ),
    c.FindingsShown: st.builds(c.FindingsShown, findings=listed(st.builds(Finding, words, words, words, words))),
    c.AuditShown: st.builds(c.AuditShown, rows=listed(audit_rows)),
    c.HelpShown: st.builds(c.HelpShown, rows=triples, topic=words, found=st.booleans()),
    c.TemplatesShown: st.builds(c.TemplatesShown, rows=triples),
    c.FileShown: st.builds(c.FileShown, title=words, text=words, language=words),
    c.Asked: st.builds(c.Asked, question=words, options=st.lists(st.tuples(words, words), max_size=7).map(tuple)),
    c.Done: st.builds(c.Done, text=words, good=st.booleans()),
}  # fmt: skip
results = st.one_of(*BY_TYPE.values())
