"""One definition for each construct and policy, with what a whole run of it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.workflow.definition import (
    AskModel,
    Cache,
    Case,
    Definition,
    ForEach,
    ItemFailure,
    Json,
    OnError,
    Parallel,
    SetValues,
    Step,
    SubRun,
    Substitute,
    Switch,
    Wait,
)
from engine.workflow.run import RunState
from tests.engine.runtime.world import definition, step


def do(id: str, **more: object) -> Step:
    """A step that may be repeated."""
    return step(id, "safe.do", **more)  # type: ignore[arg-type]


def does(id: str, construct: object, **more: object) -> Step:
    return step(id, action="", does=construct, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Example:
    """``asked``: the steps that were put to services, each as often as it is answered or refused; ``errors`` come first, in turn."""

    name: str
    of: Definition
    asked: tuple[str, ...]
    state: RunState = RunState.SUCCEEDED
    outputs: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, tuple[SignalboxError | None, ...]] = field(
        default_factory=dict
    )  # by step, one for each of its first asks; None: an answer
    takes: float = 0.0  # seconds


CHILD = definition(do("inner"), do("outer"))
each = ForEach(items="inputs.names", steps=(do("make", arguments={"n": "{{item}}"}), do("post")), concurrency=2)

EXAMPLES = (
    Example(name="a sequence", of=definition(do("a"), do("b"), do("c")), asked=("a", "b", "c")),
    Example(
        name="a graph",
        of=definition(do("a"), do("b", needs=("a",)), do("c", needs=("a",)), do("d", needs=("b", "c"))),
        asked=("a", "b", "c", "d"),
    ),
    Example(name="a condition", of=definition(do("a"), do("b", when="inputs.go == 'no'"), do("c")), asked=("a", "c")),
    Example(
        name="foreach",
        of=definition(does("each", each), do("then", arguments={"n": "{{steps.each.count}}"})),
        asked=("make[0]", "make[1]", "make[2]", "post[0]", "post[1]", "post[2]", "then"),
        outputs={"each": {"items": [{"done": "post[0]"}, {"done": "post[1]"}, {"done": "post[2]"}], "failed": [], "count": 3, "succeeded": 3}},
    ),
    Example(
        name="foreach with a failed item that is tolerated",
        of=definition(
            does("each", ForEach(items="inputs.names", steps=(do("make"),), on_failure=ItemFailure.TOLERATE)), do("then")
        ),
        errors={"make[1]": (Rejected("bad name"),)},
        asked=("make[0]", "make[1]", "make[2]", "then"),
    ),
    Example(
        name="foreach that stops at a failed item",
        of=definition(does("each", ForEach(items="inputs.names", steps=(do("make"),), concurrency=1)), do("then")),
        errors={"make[1]": (Rejected("bad name"),)},
        asked=("make[0]", "make[1]"),
        state=RunState.FAILED,
    ),
    Example(
        name="foreach within foreach",
        of=definition(
            does("out", ForEach(items="[1, 2]", name="o", steps=(does("inner", ForEach(items="[1, 2]", steps=(do("x"),))),))),
        ),
        asked=("x[0][0]", "x[0][1]", "x[1][0]", "x[1][1]"),
    ),
    Example(
        name="parallel",
        of=definition(does("both", Parallel(branches={"left": (do("l1"), do("l2")), "right": (do("r1"),)})), do("then")),
        asked=("l1", "r1", "l2", "then"),
        outputs={"both": {"left": {"done": "l2"}, "right": {"done": "r1"}}},
    ),
    Example(
        name="switch",
        of=definition(
            does("which", Switch(cases=(Case(when="inputs.go == 'no'", steps=(do("no"),)), Case(when="inputs.go == 'yes'", steps=(do("yes"),))))),
            do("then"),
        ),
        asked=("yes", "then"),
        outputs={"which": {"case": 1, "output": {"done": "yes"}}},
    ),
    Example(
        name="switch of which no case holds",
        of=definition(does("which", Switch(cases=(Case(when="inputs.go == 'no'", steps=(do("no"),)),))), do("then")),
        asked=("then",),
        outputs={"which": {"case": -1, "output": None}},
    ),
    Example(
        name="set",
        of=definition(do("a"), does("v", SetValues(values={"all": "{{steps.a.output.done}}!"})), do("b", arguments={"x": "{{steps.v.all}}"})),
        asked=("a", "b"),
        outputs={"v": {"all": "a!"}},
    ),
    Example(name="wait for a time", of=definition(do("a"), does("nap", Wait(seconds=45.0)), do("b")), asked=("a", "b"), takes=46.0),
    Example(
        name="run_workflow",
        of=definition(does("sub", SubRun(workflow="Child", inputs={"x": 1})), do("then")),
        asked=("sub", "inner", "outer", "then"),
    ),
    Example(
        name="ask_model",
        of=definition(does("m", AskModel(prompt="Say {{inputs.go}}", schema={"type": "object"})), do("then")),
        asked=("m", "then"),
        outputs={"m": {"done": "m"}},
    ),
    Example(
        name="retries",
        of=definition(do("a", retries=2), do("b")),
        errors={"a": (Transient("busy"), Unanswered("lost"))},
        asked=("a", "a", "a", "b"),
        takes=30.0,
    ),
    Example(
        name="a stand-in",
        of=definition(do("a", retries=0, fallback=Substitute(action="spare.do", arguments={"titel": "x"})), do("b")),
        errors={"a": (Transient("down"),)},
        asked=("a", "a", "b"),
        takes=2.0,
    ),
    Example(
        name="on_error continue",
        of=definition(do("a", on_error=OnError.CONTINUE), do("b", arguments={"why": "{{steps.a.error}}"})),
        errors={"a": (Rejected("no"),)},
        asked=("a", "b"),
    ),
    Example(
        name="on_failure and finally",
        of=definition(do("a"), do("b"), do("c"), on_failure=(do("tell"),), finally_=(do("tidy"),)),
        errors={"b": (Rejected("no"),)},
        asked=("a", "b", "tell", "tidy"),
        state=RunState.FAILED,
    ),
    Example(
        name="compensation",
        of=definition(
            do("a", compensate=Substitute(action="safe.do", arguments={"of": "a"})),
            do("b", compensate=Substitute(action="safe.do", arguments={"of": "b"})),
            do("c"),
            finally_=(do("tidy"),),
        ),
        errors={"c": (Rejected("no"),)},
        asked=("a", "b", "c", "b.undo", "a.undo", "tidy"),
        state=RunState.FAILED,
    ),
    Example(name="an idempotency key", of=definition(do("a", idempotency_key="{{inputs.go}}"), do("b")), asked=("a", "b")),
    Example(name="a kept answer", of=definition(do("a"), step("b", "a.look", cache=Cache(seconds=60.0))), asked=("a", "b")),
    Example(
        name="a deadline",
        of=definition(do("a"), does("nap", Wait(seconds=900.0)), do("b"), deadline=60.0, finally_=(do("tidy"),)),
        asked=("a", "tidy"),
        state=RunState.FAILED,
        takes=61.0,
    ),
)  # fmt: skip
INPUTS: dict[str, Json] = {"names": ["x", "y", "z"], "go": "yes"}
