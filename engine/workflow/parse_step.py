"""Steps out of raw data, and the blocks of steps within them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.workflow.catalogue import listed
from engine.workflow.definition import (
    Approve,
    AskModel,
    Case,
    Construct,
    ForEach,
    ItemFailure,
    Json,
    OnError,
    OnExpiry,
    Parallel,
    SetValues,
    Step,
    SubRun,
    Switch,
    Wait,
)
from engine.workflow.expression import ROOTS
from engine.workflow.parse_policy import read_account, read_arguments, read_cache, read_retry, read_substitute, read_timeout, said_action
from engine.workflow.reading import Cursor, is_ident
from engine.workflow.schema_limits import (
    MAX_APPROVERS,
    MAX_BRANCHES,
    MAX_NESTED,
    MAX_RETRIES,
    MAX_STEPS,
    MAX_TEXT,
    MAX_TOGETHER,
    SECOND,
    YEAR,
)
from engine.workflow.schema_parts import (
    ACTION_ONLY,
    APPROVE,
    ASK_MODEL,
    ASKING,
    ASKING_ONLY,
    CASE,
    CONSTRUCTS,
    FOREACH,
    RUN_WORKFLOW,
    STEP,
    SWITCH,
    WAIT,
)

TOGETHER = ForEach(items="", steps=()).concurrency
INDEX = "index"  # what expressions within a foreach call the place of the entry


@dataclass(slots=True)
class Block:
    """Where steps are read: how deep, within which foreach entries, and how many were read so far in the whole definition."""

    depth: int = 0
    names: tuple[str, ...] = ()
    read: list[None] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.read) > MAX_STEPS

    def inner(self, *names: str) -> Block:
        return Block(self.depth + 1, (*self.names, *names), self.read)


def read_steps(cursor: Cursor, what: str, block: Block, *, required: str = "") -> tuple[Step, ...]:
    """Steps; one that said no id has an empty one. ``required``: the sentence for an empty list."""
    if required and cursor.value in (None, []):
        cursor.problem(required)
        return ()
    if cursor.value is None:
        return ()
    if block.depth > MAX_NESTED:
        cursor.problem(f"Blocks of steps are nested more than {MAX_NESTED} deep. Let a part of it be a workflow of its own (run_workflow).")
        return ()
    found: list[Step] = []
    for entry in cursor.entries(f"“{what}”", MAX_STEPS):
        block.read.append(None)
        if block.full:
            break  # said once, by whoever reads the whole
        found.append(_step(entry, block))
    return tuple(found)


def _step(cursor: Cursor, block: Block) -> Step:
    if not cursor.mapping("A step", STEP.fields):
        return Step(id="")
    kind = _kind(cursor)
    if kind != "action":
        _only_for_others(cursor, kind)
    return Step(
        id=cursor.ident("id", "A step's id"),
        action=said_action(cursor) if kind == "action" else "",
        arguments=read_arguments(cursor, "with") if kind == "action" else {},
        does=_CONSTRUCTS[kind](cursor.at(kind), block) if kind in _CONSTRUCTS else None,
        when=cursor.expression("when"),
        needs=cursor.texts("needs", "“needs”") if cursor.has("needs") else None,
        retries=cursor.whole("retries", "“retries”", 0, MAX_RETRIES),
        retry=read_retry(cursor),
        timeout=read_timeout(cursor, "timeout"),
        account=read_account(cursor) if kind == "action" else "",
        on_error=OnError(cursor.choice("on_error", "“on_error”", list(OnError), OnError.FAIL)),
        fallback=read_substitute(cursor, "fallback") if kind == "action" else None,
        compensate=read_substitute(cursor, "compensate") if kind == "action" else None,
        idempotency_key=_key(cursor) if kind == "action" else "",
        cache=read_cache(cursor) if kind == "action" else None,
    )


def _kind(cursor: Cursor) -> str:
    """The field that says what the step does; ``action`` when that cannot be told."""
    said = [name for name in ("action", *CONSTRUCTS) if cursor.has(name)]
    if not said:
        cursor.problem(f"The step must say its action, for example trello.create_card, or be one of {listed(CONSTRUCTS, 'or')}.", "action")
        return ""
    if len(said) > 1:
        cursor.problem(f"A step does one thing; this has {listed(said)}. Make them steps of their own.", said[1])
    return said[0]


def _only_for_others(cursor: Cursor, kind: str) -> None:
    if not kind:
        return
    for name in ACTION_ONLY:
        if cursor.has(name):
            cursor.problem(f"“{name}” belongs to a step with an action; this one is “{kind}”.", name)
    for name in ASKING_ONLY:
        if cursor.has(name) and kind not in ASKING:
            cursor.problem(f"“{name}” belongs to a step that asks somebody ({listed(ASKING, 'or')}); this one is “{kind}”.", name)


def _key(cursor: Cursor) -> str:
    return cursor.at("idempotency_key").filled("“idempotency_key”").strip() if cursor.has("idempotency_key") else ""


# --- constructs ----------------------------------------------------------------------------------------------------------------


def _foreach(cursor: Cursor, block: Block) -> ForEach | None:
    if not cursor.mapping("“foreach”", FOREACH.fields):
        return None
    name = cursor.ident("as", "The name of an entry") or "item"
    taken = (*ROOTS, INDEX, *block.names)
    if name in taken:
        what = "the entry of a foreach around this one" if name in block.names else "something of every workflow"
        cursor.problem(f"“{name}” means {what} already. Call the entry something else.", "as" if cursor.has("as") else "items")
    return ForEach(
        items=cursor.expression("items", needed="Say which list its steps are done for, for example items: steps.find.items."),
        steps=read_steps(
            cursor.at("steps"), "steps", block.inner(name), required="A foreach needs at least one step to do for each entry."
        ),
        name=name,
        concurrency=cursor.whole("concurrency", "“concurrency”", 1, MAX_TOGETHER) or TOGETHER,
        on_failure=ItemFailure(cursor.choice("on_item_failure", "“on_item_failure”", list(ItemFailure), ItemFailure.STOP)),
    )


def _parallel(cursor: Cursor, block: Block) -> Parallel | None:
    if not isinstance(cursor.value, Mapping) or not cursor.value:
        cursor.problem("“parallel” must hold its branches by name, each a list of steps, such as left: [ … ] and right: [ … ].")
        return None
    if len(cursor.value) > MAX_BRANCHES:
        cursor.problem(f"“parallel” has {len(cursor.value):,} branches; {MAX_BRANCHES} are allowed.")
        return None
    branches = {}
    for name in cursor.value:
        if not isinstance(name, str) or not is_ident(name):
            cursor.problem(
                f"“{str(name)[:60]}” cannot name a branch: letters, digits and _ only, not beginning with a digit.", str(name)[:60]
            )
            continue
        required = f"The branch “{name}” needs at least one step."
        branches[name] = read_steps(cursor.at(name), name, block.inner(), required=required)
    return Parallel(branches=branches)


def _switch(cursor: Cursor, block: Block) -> Switch | None:
    if not cursor.mapping("“switch”", SWITCH.fields):
        return None
    if cursor.at("cases").value in (None, []):
        cursor.problem("A switch needs at least one case: a condition (when) and its steps.", "cases")
        return None
    cases = [_case(entry, block) for entry in cursor.at("cases").entries("“cases”", MAX_BRANCHES)]
    return Switch(cases=tuple(cases), otherwise=read_steps(cursor.at("else"), "else", block.inner()))


def _case(cursor: Cursor, block: Block) -> Case:
    if not cursor.mapping("A case", CASE.fields):
        return Case(when="", steps=())
    if not cursor.has("steps"):
        cursor.problem("A case must say its steps; [] for none.", "steps")
    when = cursor.expression("when", needed="A case needs a condition (when). What is done in every other case stands in “else”.")
    return Case(when=when, steps=read_steps(cursor.at("steps"), "steps", block.inner()))


def _wait(cursor: Cursor, block: Block) -> Wait | None:
    if not cursor.mapping("“wait”", WAIT.fields):
        return None
    said = [name for name in ("for", "until", "event") if cursor.has(name)]
    if len(said) != 1:
        cursor.problem(f"A wait needs exactly one of for, until or event; this has {listed(said) or 'none'}.")
    for name in ("where", "timeout", "on_timeout"):
        if cursor.has(name) and "event" not in said:
            cursor.problem(f"“{name}” belongs to a wait for an event.", name)
    if cursor.has("on_timeout") and cursor.has("event") and not cursor.has("timeout"):
        cursor.problem("“on_timeout” needs a timeout: without one the event is waited for as long as it takes.", "on_timeout")
    return Wait(
        seconds=cursor.seconds("for", SECOND, YEAR),
        until=cursor.at("until").filled("“until”").strip() if cursor.has("until") else "",
        event=_awaited(cursor) if cursor.has("event") else "",
        where=cursor.expression("where"),
        timeout=cursor.seconds("timeout", SECOND, YEAR),
        on_timeout=OnError(cursor.choice("on_timeout", "“on_timeout”", list(OnError), OnError.FAIL)),
    )


def _awaited(cursor: Cursor) -> str:
    return said_action(cursor, "event", "event, for example github.push")


def _approve(cursor: Cursor, block: Block) -> Approve | None:
    if not cursor.mapping("“approve”", APPROVE.fields):
        return None
    expires, remind = cursor.seconds("expires", SECOND, YEAR), cursor.seconds("remind", SECOND, YEAR)
    if cursor.has("on_expiry") and not cursor.has("expires"):
        cursor.problem("“on_expiry” needs to know when: say after how long it expires, for example expires: 4h.", "on_expiry")
    if expires is not None and remind is not None and remind >= expires:
        cursor.problem("“remind” must come before “expires”: afterwards nobody can answer any more.", "remind")
    return Approve(
        by=cursor.texts("by", "“by”", MAX_APPROVERS),
        text=cursor.at("text").text("“text”", 4_000) if cursor.has("text") else "",
        channel=cursor.at("channel").line("“channel”") if cursor.has("channel") else "",
        quorum=cursor.whole("quorum", "“quorum”", 1, MAX_APPROVERS) or 1,
        four_eyes=cursor.flag("four_eyes"),
        reason=cursor.flag("reason"),
        expires=expires,
        on_expiry=OnExpiry(cursor.choice("on_expiry", "“on_expiry”", list(OnExpiry), OnExpiry.DECLINE)),
        remind=remind,
        on_no=OnError(cursor.choice("on_no", "“on_no”", list(OnError), OnError.FAIL)),
    )


def _run_workflow(cursor: Cursor, block: Block) -> SubRun | None:
    if isinstance(cursor.value, str):
        cursor.problem(f"Write it like run_workflow: {{workflow: {cursor.value[:60]}}}.")
        return None
    if not cursor.mapping("“run_workflow”", RUN_WORKFLOW.fields):
        return None
    if not cursor.has("workflow"):
        cursor.problem("Say which workflow is run, by its name or id.", "workflow")
    return SubRun(
        workflow=cursor.at("workflow").named("“workflow”") if cursor.has("workflow") else "",
        inputs=read_arguments(cursor, "inputs"),
        wait=cursor.flag("wait", default=True),
    )


def _set(cursor: Cursor, block: Block) -> SetValues | None:
    if not isinstance(cursor.value, Mapping) or not cursor.value:
        cursor.problem('“set” must hold at least one value by name, such as total: "{{steps.find.count}}".')
        return None
    for name in cursor.value:
        if not isinstance(name, str) or not is_ident(name):
            cursor.problem(
                f"“{str(name)[:60]}” cannot name a value: letters, digits and _ only, not beginning with a digit.", str(name)[:60]
            )
    value = cursor.json("“set”")
    return SetValues(values=value if isinstance(value, dict) else {})


def _ask_model(cursor: Cursor, block: Block) -> AskModel | None:
    if not cursor.mapping("“ask_model”", ASK_MODEL.fields):
        return None
    if not cursor.has("prompt"):
        cursor.problem("Say what the model is asked.", "prompt")
    if not cursor.has("schema"):
        cursor.problem(
            "Say what the answer must be, as JSON Schema, for example {type: object, properties: {severity: {type: string}}}.", "schema"
        )
    return AskModel(
        prompt=cursor.at("prompt").filled("“prompt”", MAX_TEXT) if cursor.has("prompt") else "",
        schema=_json_schema(cursor.at("schema")) if cursor.has("schema") else {},
        optional=cursor.flag("optional"),
    )


def _json_schema(cursor: Cursor) -> dict[str, Json]:
    if not isinstance(cursor.value, Mapping):
        cursor.problem("“schema” must be a JSON Schema, a group of fields such as {type: object}.")
        return {}
    value = cursor.json("“schema”")
    return value if isinstance(value, dict) else {}


_CONSTRUCTS: Mapping[str, Callable[[Cursor, Block], Construct | None]] = {
    "foreach": _foreach,
    "parallel": _parallel,
    "switch": _switch,
    "wait": _wait,
    "approve": _approve,
    "run_workflow": _run_workflow,
    "set": _set,
    "ask_model": _ask_model,
}
