"""Definitions of everything the language has, drawn by hypothesis: every trigger, construct and policy, nested, under unique ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

from hypothesis import strategies as st

from engine.workflow.definition import (
    Approve,
    AskModel,
    Cache,
    Case,
    Concurrency,
    Construct,
    Debounce,
    Definition,
    ForEach,
    Input,
    ItemFailure,
    Misfire,
    OnError,
    OnExpiry,
    Options,
    Parallel,
    Priority,
    RateLimit,
    RetryRule,
    SetValues,
    Step,
    SubRun,
    Substitute,
    Switch,
    Trigger,
    TriggerType,
    Trouble,
    Wait,
    WhenFull,
)

_VISIBLE = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029{}"
)
_ODD = ["yes", "no", "12:30", "010", "1e5", "-.5", "0x1F", "~", "null", "2026-11-23", "- a", "a: b", "#x", "@me", " x ", "\n", "a\n\nb\n", "'", '"', "%", "*x"]  # fmt: skip
lines = st.text(_VISIBLE, min_size=1, max_size=24).map(str.strip).filter(bool)
texts = st.one_of(
    st.text(_VISIBLE | st.just("\n") | st.just("\t"), max_size=30), st.sampled_from(_ODD), st.text(alphabet="0123456789+-.eE_:", max_size=6)
)
_TAKEN = {*"as in if let for var true null else void loop false break const while import return package function continue namespace approval index item".split(), *"event inputs steps workflow run env incoming secrets".split()}  # fmt: skip  # noqa: SIM905
idents = st.from_regex(r"[a-z]{1,4}_?[a-z]{1,6}", fullmatch=True).filter(lambda word: word not in _TAKEN)
dotted = st.tuples(idents, idents).map(".".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter(lambda key: len(key) < 100), inner, max_size=3),
    max_leaves=6,
)
templates = st.sampled_from(["{{event.id}}", "x {{ inputs.a }}", "{{size(event.l)}}"])
arguments = st.dictionaries(idents, values | templates, max_size=3)
conditions = st.sampled_from(["event.a == 'x'", "inputs == {'a': 1}", "env.b && run.by != ''"])
keys = st.sampled_from(["", "event.customer", "string(event.id) + 'x'"])


def seconds(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(low * 1000), round(high * 1000)).map(lambda ms: ms / 1000) | st.integers(int(low) + 1, int(high)).map(float)


_YEAR = 366 * 86_400.0
timeouts, waits = seconds(0.1, 86_400), seconds(1, _YEAR)
spans = st.integers(1, 366 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
moments = st.datetimes(
    min_value=datetime(1990, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
_several = st.lists(dotted, min_size=2, max_size=3, unique=True).map(tuple)
_inputs = st.lists(
    st.one_of(
        st.builds(Input, name=idents, required=st.booleans(), default=st.none() | texts, help=st.just("") | lines),
        st.builds(Input, name=idents, type=st.just("number"), default=st.none() | st.integers(-5, 5) | st.floats(-5, 5)),
        st.builds(Input, name=idents, type=st.just("boolean"), default=st.none() | st.booleans()),
        st.builds(Input, name=idents, choices=st.lists(lines, min_size=1, max_size=3, unique=True).map(tuple)),
    ),
    max_size=3,
    unique_by=lambda entry: entry.name,
).map(tuple)


@st.composite
def correlated(draw: st.DrawFn) -> Trigger:
    events = draw(_several)
    each = {event: draw(keys.filter(bool)) for event in events}
    made = Trigger(type=TriggerType.CROSS_SERVICE, within=draw(st.none() | spans), dedup=draw(keys))
    made = replace(made, correlate=draw(st.just({}) | keys.filter(bool).map(lambda key: {"": key}) | st.just(each)))
    return replace(made, all=events) if draw(st.booleans()) else replace(made, sequence=events)


_REPEATED = {"timezone": st.sampled_from(["", "Europe/Berlin"]), "misfire": st.sampled_from(Misfire), "jitter": st.just(0.0) | timeouts}
_ENDING = {
    "end": st.none() | moments,
    "exceptions": st.lists(st.sampled_from(["2026-12-25", "2027-01-01", "2026-12-31T09:00:00+01:00"]), unique=True, max_size=3).map(tuple),
}
triggers = st.one_of(
    st.builds(Trigger, type=st.just(TriggerType.EVENT_BASED), service=idents, event=idents, dedup=keys, debounce=st.none() | st.builds(Debounce, timeouts, keys)),
    st.builds(Trigger, type=st.just(TriggerType.SCHEDULED), cron=st.sampled_from(["0 9 * * 1-5", "*/5 * * * *"]), **_REPEATED, **_ENDING),
    st.builds(Trigger, type=st.just(TriggerType.SCHEDULED), rrule=st.sampled_from(["FREQ=DAILY;BYHOUR=9", "FREQ=WEEKLY;BYDAY=MO;COUNT=3"]), **_REPEATED, **_ENDING),
    st.builds(Trigger, type=st.just(TriggerType.SCHEDULED), at=moments, **_REPEATED),
    st.builds(Trigger, type=st.just(TriggerType.CROSS_SERVICE), any=_several, within=st.none() | spans, dedup=keys),
    correlated(),
    st.builds(Trigger, type=st.just(TriggerType.AI_PREDICTED), service=idents, metric=idents, horizon=st.none() | spans, method=st.sampled_from(["", "forecast"])),
    st.builds(Trigger, type=st.just(TriggerType.AI_PREDICTED), service=idents, method=st.just("anomaly")),
    st.builds(Trigger, type=st.just(TriggerType.MANUAL), inputs=_inputs),
)  # fmt: skip

# --- policies ----------------------------------------------------------------------------------------------------------------

substitutes = st.builds(Substitute, action=dotted, arguments=arguments, account=st.just("") | lines)
troubles = st.sets(st.sampled_from(Trouble), min_size=1).map(frozenset)


@st.composite
def retry_rules(draw: st.DrawFn) -> RetryRule:
    first, longest = sorted((draw(seconds(0.05, 600)), draw(seconds(0.05, 600) | st.just(60.0))))
    backoff = draw(st.sampled_from(["exponential", "fixed"]))
    return RetryRule(backoff=backoff, first=first, longest=longest, jitter=draw(st.booleans()), on=draw(troubles))


_retries = st.just(RetryRule()) | retry_rules()

# --- steps -------------------------------------------------------------------------------------------------------------------

_on_error = st.sampled_from(OnError)
leaves: st.SearchStrategy[Construct] = st.one_of(
    st.builds(Wait, seconds=waits),
    st.builds(Wait, until=st.sampled_from(["{{event.due}}", "2026-12-01T09:00:00+00:00"])),
    st.builds(Wait, event=dotted, where=st.sampled_from(["", "incoming.ref == event.ref"])),
    st.builds(Wait, event=dotted, timeout=waits, on_timeout=_on_error),
    st.builds(Approve, by=st.lists(lines, unique=True, max_size=3).map(tuple), text=texts, channel=st.just("") | lines, quorum=st.integers(1, 9), four_eyes=st.booleans(), reason=st.booleans(), on_no=_on_error),
    st.builds(Approve, expires=seconds(100, _YEAR), on_expiry=st.sampled_from(OnExpiry), remind=st.none() | seconds(1, 99)),
    st.builds(SubRun, workflow=lines, inputs=arguments, wait=st.booleans()),
    st.builds(SetValues, values=st.dictionaries(idents, values | templates, min_size=1, max_size=3)),
    st.builds(AskModel, prompt=lines, schema=st.sampled_from([{}, {"type": "object", "properties": {"a": {"type": "string"}}}]), optional=st.booleans()),
)  # fmt: skip


class Ids:
    """Ids that no other step of the definition has."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def next(self, word: str) -> str:
        return f"{word}_{next(self.numbers)}"


@st.composite
def blocks(draw: st.DrawFn, ids: Ids, depth: int = 0, names: tuple[str, ...] = (), *, least: int = 1) -> tuple[Step, ...]:
    made: list[Step] = []
    for _ in range(draw(st.integers(least, 3 if depth == 0 else 2))):
        made.append(draw(steps(ids, depth, names, tuple(step.id for step in made))))
    return tuple(made)


@st.composite
def steps(draw: st.DrawFn, ids: Ids, depth: int, names: tuple[str, ...], before: tuple[str, ...]) -> Step:
    step = Step(
        id=ids.next(draw(idents)),
        when=draw(st.just("") | conditions),
        needs=draw(
            st.none() | st.just(()) | (st.lists(st.sampled_from(before), unique=True, max_size=2).map(tuple) if before else st.none())
        ),
        on_error=draw(_on_error),
    )
    kind = draw(st.sampled_from(["action", "action", "leaf", "foreach", "parallel", "switch"] if depth < 3 else ["action", "leaf"]))
    if kind == "action":
        return draw(actions(step))
    if kind == "leaf":
        leaf = draw(leaves)
        policies = draw(asking()) if isinstance(leaf, (SubRun, AskModel)) else {}
        return replace(step, does=leaf, **policies)
    return replace(step, does=draw({"foreach": _foreach, "parallel": _parallel, "switch": _switch}[kind](ids, depth, names)))


@st.composite
def asking(draw: st.DrawFn) -> dict[str, object]:
    return {"retries": draw(st.none() | st.integers(0, 20)), "retry": draw(st.none() | _retries), "timeout": draw(st.none() | timeouts)}


@st.composite
def actions(draw: st.DrawFn, step: Step) -> Step:
    return replace(
        step,
        action=draw(dotted),
        arguments=draw(arguments),
        account=draw(st.just("") | lines),
        fallback=draw(st.none() | substitutes),
        compensate=draw(st.none() | substitutes),
        idempotency_key=draw(st.just("") | templates),
        cache=draw(st.none() | st.builds(Cache, seconds(1, 30 * 86_400), keys)),
        **draw(asking()),
    )


@st.composite
def _foreach(draw: st.DrawFn, ids: Ids, depth: int, names: tuple[str, ...]) -> ForEach:
    name = draw((idents | st.just("item")).filter(lambda word: word not in names))
    items = draw(st.sampled_from(["event.rows", "[1, 2]", *names]))
    concurrency, failure = draw(st.integers(1, 100)), draw(st.sampled_from(ItemFailure))
    inner = draw(blocks(ids, depth + 1, (*names, name)))
    return ForEach(items=items, steps=inner, name=name, concurrency=concurrency, on_failure=failure)


@st.composite
def _parallel(draw: st.DrawFn, ids: Ids, depth: int, names: tuple[str, ...]) -> Parallel:
    branches = draw(st.lists(idents, unique=True, min_size=1, max_size=3))
    return Parallel(branches={branch: draw(blocks(ids, depth + 1, names)) for branch in branches})


@st.composite
def _switch(draw: st.DrawFn, ids: Ids, depth: int, names: tuple[str, ...]) -> Switch:
    cases = [Case(when=draw(conditions), steps=draw(blocks(ids, depth + 1, names, least=0))) for _ in range(draw(st.integers(1, 3)))]
    return Switch(cases=tuple(cases), otherwise=draw(blocks(ids, depth + 1, names, least=0)))


# --- the whole -----------------------------------------------------------------------------------------------------------------


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Without a catalogue each of them is right; with one hardly any, as its services are made up."""
    ids = Ids()
    main = draw(blocks(ids))
    return Definition(
        name=draw(lines),
        trigger=draw(triggers),
        steps=main,
        when=draw(st.just("") | conditions),
        description=draw(texts),
        owner=draw(st.just("") | lines),
        env=draw(st.dictionaries(idents, values, max_size=2)),
        options=Options(
            retries=draw(st.integers(0, 20)),
            retry=draw(_retries),
            timeout=draw(timeouts),
            deadline=draw(st.none() | waits),
            fallback=draw(st.dictionaries(idents, idents.map(lambda word: word + "x"), max_size=2)),
            approval=draw(st.just("") | lines),
            concurrency=draw(st.none() | st.builds(Concurrency, st.integers(1, 1_000), keys, st.sampled_from(WhenFull))),
            rate_limits=draw(st.dictionaries(idents, st.builds(RateLimit, st.integers(1, 100_000), seconds(1, 86_400)), max_size=2)),
            priority=draw(st.sampled_from(Priority)),
            saves=draw(st.none() | seconds(1, 604_800)),
            failure_costs=draw(st.none() | seconds(1, 604_800)),
            on_failure=draw(st.just(()) | blocks(ids)),
            finally_=draw(st.just(()) | blocks(ids)),
        ),
        places=draw(st.dictionaries(lines, lines, max_size=2)),
        home=draw(st.just("") | lines),
    )
