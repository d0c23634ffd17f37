"""The workflows that are killed: every kind of step, and one that always fails and has to be undone."""

from __future__ import annotations

from collections.abc import Iterable

from engine.ports import Clock
from engine.workflow.catalogue import Action, Catalogue, Service
from engine.workflow.definition import (
    Approve,
    Case,
    Concurrency,
    Definition,
    ForEach,
    Options,
    Parallel,
    RetryRule,
    SetValues,
    Step,
    SubRun,
    Substitute,
    Switch,
    Trigger,
    TriggerType,
    Wait,
    Workflow,
    WorkflowState,
)

ITEMS = 4
AT_A_TIME = 10  # runs of Everything
BELL = "safe.rang"
PLAIN, EVERYTHING, CHILD, DOOMED = "Plain", "Everything", "Child", "Doomed"


def _service(id: str, *, repeatable: bool) -> Service:
    return Service(
        id=id, name=id.capitalize(), category="test",
        actions=tuple(Action(service=id, operation=operation, repeatable=repeatable) for operation in ("do", "undo")),
    )  # fmt: skip


# ``safe`` heeds the key and may be asked twice; ``risky`` may not; ``flaky`` is never to be had; ``bad`` refuses everything.
CATALOGUE = Catalogue(
    [
        *(_service(id, repeatable=id != "risky") for id in ("safe", "risky", "flaky", "bad")),
        Service(id="chat", name="Chat", category="test", actions=(Action(service="chat", operation="ask_approval", repeatable=True),)),
        Service(id="signalbox", name="Signalbox", category="test", actions=(Action(service="signalbox", operation="run_workflow", repeatable=True),)),
    ]
)  # fmt: skip

_PLAIN = (
    Step(id="first", action="safe.do"),
    Step(id="pay", action="risky.do"),
    Step(id="left", action="safe.do", needs=("pay",)),
    Step(id="right", action="risky.do", needs=("pay",)),
    Step(id="last", action="safe.do", needs=("left", "right"), arguments={"both": "{{steps.left.output.key}} {{steps.right.output.key}}"}),
)
_EVERYTHING = (
    Step(id="first", action="safe.do"),
    Step(
        id="each",
        does=ForEach(
            items="inputs.items", name="entry", concurrency=2, steps=(
                Step(id="post", action="risky.do", arguments={"entry": "{{entry}}"}),
                Step(id="note", action="safe.do", arguments={"post": "{{steps.post.output.key}}", "index": "{{index}}"}),
            ),
        ),
    ),
    Step(id="both", does=Parallel(branches={"one": (Step(id="l", action="safe.do"),), "other": (Step(id="r", action="risky.do"),)})),
    Step(
        id="which",
        does=Switch(cases=(Case(when="inputs.n % 2 == 0", steps=(Step(id="even", action="risky.do"),)),), otherwise=(Step(id="odd", action="safe.do"),)),
    ),
    Step(id="nap", does=Wait(seconds=1.0)),
    Step(id="bell", does=Wait(event=BELL, where="incoming.run == run.id")),
    Step(id="ok", does=Approve(quorum=2, text="Go on with {{inputs.n}}?")),
    Step(id="sub", does=SubRun(workflow=CHILD, inputs={"n": "{{inputs.n}}"})),
    Step(id="kept", does=SetValues(values={"posts": "{{steps.each.count}}", "child": "{{steps.sub.outputs.c2.key}}"})),
    Step(id="flaky", action="flaky.do", retries=1, retry=RetryRule(backoff="fixed", first=0.05), fallback=Substitute(action="safe.do", arguments={"for": "{{steps.kept.child}}"})),
    Step(id="once", action="risky.do", idempotency_key="{{string(inputs.n / 2)}}"),
    Step(id="last", action="safe.do", arguments={"posts": "{{steps.kept.posts}}"}),
)  # fmt: skip
_CHILD = (Step(id="c1", action="risky.do"), Step(id="c2", action="safe.do"))
_DOOMED = (
    Step(id="a", action="risky.do", compensate=Substitute(action="safe.undo", arguments={"of": "{{steps.a.output.key}}"})),
    Step(
        id="many",
        does=ForEach(items="inputs.items", steps=(Step(id="x", action="safe.do", compensate=Substitute(action="risky.undo")),)),
    ),
    Step(id="boom", action="bad.do"),
    Step(id="never", action="safe.do"),
)
_MANUAL = Trigger(type=TriggerType.MANUAL)
_CLOSING = (Step(id="closing", action="safe.do"),)
DEFINITIONS = {
    "wf_00000001": Definition(name=PLAIN, trigger=_MANUAL, steps=_PLAIN),
    "wf_00000002": Definition(
        name=EVERYTHING, trigger=_MANUAL, steps=_EVERYTHING, options=Options(concurrency=Concurrency(limit=AT_A_TIME), finally_=_CLOSING)
    ),
    "wf_00000003": Definition(name=CHILD, trigger=_MANUAL, steps=_CHILD),
    "wf_00000004": Definition(
        name=DOOMED, trigger=_MANUAL, steps=_DOOMED, options=Options(on_failure=(Step(id="told", action="risky.do"),), finally_=_CLOSING)
    ),
}  # fmt: skip
ENDS = {PLAIN: "succeeded", EVERYTHING: "succeeded", CHILD: "succeeded", DOOMED: "failed"}


def workflows(clock: Clock) -> Iterable[Workflow]:
    now = clock.now()
    for id, of in DEFINITIONS.items():
        yield Workflow(
            id=id, version=1, revision=1, definition=of, state=WorkflowState.ACTIVE, created_at=now, created_by="test", updated_at=now
        )  # fmt: skip


def effects_of(name: str, n: int) -> set[str]:
    """The steps of a run that must have had their effect, exactly once each; of ``once`` see ``pairs``."""
    entries = range(ITEMS)
    match name:
        case "Plain":
            return {step.id for step in _PLAIN}
        case "Everything":
            steps = {"first", "l", "r", "even" if n % 2 == 0 else "odd", "flaky", "last", "closing"}
            return steps | {f"{step}[{entry}]" for step in ("post", "note") for entry in entries}
        case "Child":
            return {"c1", "c2"}
    return {"a", "a.undo", "told", "closing"} | {f"{step}[{entry}]" for step in ("x", "x.undo") for entry in entries}
