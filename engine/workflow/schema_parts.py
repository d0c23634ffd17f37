"""Every part of a definition with its fields: what the parser takes, what the JSON Schema says and what the reference shows."""

from __future__ import annotations

from collections.abc import Mapping

from engine.workflow.definition import (
    ItemFailure,
    OnError,
    OnExpiry,
    Priority,
    Trouble,
    WhenFull,
)
from engine.workflow.schema_limits import (
    IDENT,
    MAX_APPROVERS,
    MAX_BRANCHES,
    MAX_DESCRIPTION,
    MAX_ENV,
    MAX_PROMPT,
    MAX_QUESTION,
    MAX_RATE,
    MAX_RETRIES,
    MAX_RUNS_TOGETHER,
    MAX_STEPS,
    MAX_TEXT,
    MAX_TOGETHER,
)
from engine.workflow.schema_shapes import (
    ACTION_ID,
    CEL,
    EVENT_ID,
    NAME,
    WAITING,
    Entry,
    Part,
    Shape,
    cel,
    choice,
    duration,
    filled,
    group_of,
    line,
    list_of,
    named,
    one_or_more,
    part,
    steps,
    text,
    whole,
    yes_or_no,
)
from engine.workflow.schema_triggers import DEBOUNCE, INPUT, TRIGGERS

BACKOFFS = ("exponential", "fixed")

_AMONG = {
    "anyOf": [
        {"type": "array", "items": {"type": "string", "maxLength": 120}, "maxItems": 20},
        {"type": "object", "additionalProperties": {"type": "number", "minimum": 0.01, "maximum": 100}, "maxProperties": 20},
    ]
}
_LINE = {"type": "string", "maxLength": 120}
_ARGUMENTS = group_of({}, "name: value", 500)
_TIMEOUT = duration("0.1 s to a day")
_RETRIES = whole(0, MAX_RETRIES)
WORK = duration("1 s to a week")

# --- the whole ---------------------------------------------------------------------------------------------------------------

WORKFLOW = Part(
    "workflow",
    "Workflow",
    "What starts it, and what is done then, step by step.",
    (
        Entry("schema", Shape({"const": 1}, "`1`"), "The version of this language.", default="`1`"),
        Entry("name", named(), "What people call it. Left out, it is named after what it does."),
        Entry("description", text(MAX_DESCRIPTION), "What it is for."),
        Entry("owner", line(), "The team or person it belongs to: analytics are told by it.", default="nobody"),
        Entry("trigger", part("trigger", "trigger"), "What starts a run.", required=True),
        Entry("when", CEL, "A run begins only if this holds. One that reads steps is decided behind them.", default="always"),
        Entry("env", group_of({}, "name: value", MAX_ENV, names=IDENT), "Constants that expressions read as `env.<name>`. No secrets."),
        Entry("steps", steps(1), "What is done, one after the other unless `needs` says otherwise.", required=True),
        Entry("options", part("options", "options"), "Policies of the whole workflow."),
        Entry("places", group_of(_LINE, "channel: address", 500), "Which address a spoken channel meant where it was spoken; written by Signalbox."),
        Entry("home", line(), "The face whose channels unplaced names belong to; written by Signalbox."),
    ),
)  # fmt: skip

# --- steps -------------------------------------------------------------------------------------------------------------------

# What a step may be: the field that says so.
CONSTRUCTS = ("foreach", "parallel", "switch", "wait", "approve", "run_workflow", "set", "ask_model")
# What only makes sense where a service is asked, and where anything is asked at all.
ACTION_ONLY = ("with", "account", "fallback", "compensate", "idempotency_key", "cache")
ASKING_ONLY = ("retries", "retry", "timeout")
ASKING = ("action", "run_workflow", "ask_model")

STEP = Part(
    "step",
    "Step",
    "One action of a service, or one construct.",
    (
        Entry("id", NAME, "What others call it (`steps.<id>`); unique in the whole definition.", default="after its action"),
        Entry("action", ACTION_ID, "What a service is asked to do."),
        Entry("with", _ARGUMENTS, "The inputs of the action. Texts may hold `{{CEL}}`; secrets go in as `{{secrets.<name>}}`."),
        Entry("foreach", part("foreach", "foreach"), "Steps once for each entry of a list."),
        Entry("parallel", group_of({"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1, "maxItems": MAX_STEPS}, "branch: steps", MAX_BRANCHES, 1, IDENT), "Branches side by side, by name."),
        Entry("switch", part("switch", "switch"), "The steps of the first case that holds."),
        Entry("wait", part("wait", "wait"), "For a time, until a moment, or for an event."),
        Entry("approve", part("approve", "approve"), "People say yes or no."),
        Entry("run_workflow", part("run_workflow", "run_workflow"), "A run of another workflow."),
        Entry("set", group_of({}, "name: value", 500, 1, IDENT), "Values worked out and kept. Texts may hold `{{CEL}}`."),
        Entry("ask_model", part("ask_model", "ask_model"), "A language model answers with a value of a given shape."),
        Entry("when", CEL, "The step is skipped unless this holds.", default="always"),
        Entry("needs", one_or_more(NAME, "list of ids", MAX_STEPS), "The steps beside it that must be over; empty: at once.", default="the step before it"),
        Entry("on_error", choice(OnError, OnError.FAIL), "What its failure means: the run fails, or goes on (`steps.<id>.state` and `.error` can be read)."),
        Entry("retries", _RETRIES, "Further attempts after the first.", default="the workflow's"),
        Entry("retry", part("retry", "retry"), "How it is tried again.", default="the workflow's"),
        Entry("timeout", _TIMEOUT, "For one attempt.", default="the workflow's"),
        Entry("account", line(), "The account of the service.", default="the service's own"),
        Entry("fallback", part("substitute", "action"), "What is done when the service is not to be had."),
        Entry("compensate", part("substitute", "action"), "What undoes it when the run fails or is cancelled later on."),
        Entry("idempotency_key", filled(MAX_TEXT, "template"), "A value for which any run of this workflow has done this step is not done again."),
        Entry("cache", part("cache", "cache"), "The answer of a reading action may be used again."),
    ),
    one_of=(("action", *CONSTRUCTS),),
)  # fmt: skip

FOREACH = Part(
    "foreach",
    "For each",
    "Steps once for each entry of a list. They see the entry by its name, its place as `index` (from 0), and of each other what belongs to the same entry.",
    (
        Entry("items", cel(MAX_TEXT, "CEL that gives a list", needed=True), "The list.", required=True),
        Entry("as", named(64, IDENT, "name"), "What the entry is called.", default="`item`"),
        Entry("concurrency", whole(1, MAX_TOGETHER, 10), "So many entries at a time."),
        Entry("on_item_failure", choice(ItemFailure, ItemFailure.STOP), "When an entry fails: no further one begins; the others are still done and then the step fails; or it succeeds all the same."),
        Entry("steps", steps(1), "What is done for each.", required=True),
    ),
)  # fmt: skip

SWITCH = Part(
    "switch",
    "Switch",
    "The steps of the first case that holds, else those of `else`.",
    (
        Entry("cases", list_of(part("case", "case"), "list of cases", MAX_BRANCHES, 1), "The cases, in order.", required=True),
        Entry("else", steps(), "When no case holds."),
    ),
)

CASE = Part(
    "case",
    "Case",
    "One way of a switch.",
    (
        Entry("when", cel(MAX_TEXT, needed=True), "Whether it is this case.", required=True),
        Entry("steps", steps(), "What is done then; may be empty.", required=True),
    ),
)

WAIT = Part(
    "wait",
    "Wait",
    "For a time, until a moment, or for an event. A waiting run costs a row, not a task.",
    (
        Entry("for", WAITING, "How long."),
        Entry("until", filled(MAX_TEXT, "moment or template"), "A moment in ISO 8601 with its offset, or a template that gives one."),
        Entry("event", EVENT_ID, "The event that is waited for; one that came in up to five minutes before counts, too, unless it is older than the run or another step took it."),
        Entry("where", CEL, "Which one: CEL that sees it as `incoming`.", default="the first"),
        Entry("timeout", WAITING, "How long an event is waited for.", default="as long as it takes"),
        Entry("on_timeout", choice(OnError, OnError.FAIL), "What it means when it does not come."),
    ),
    one_of=(("for", "until", "event"),),
)

APPROVE = Part(
    "approve",
    "Approve",
    "People say yes or no. What they agreed to is what they were shown: a retry with other inputs asks anew.",
    (
        Entry("by", one_or_more(named(), "list of @person, @group, role:name", MAX_APPROVERS), "Who may answer.", default="whoever may confirm"),
        Entry("text", text(MAX_QUESTION, "template"), "What they are asked."),
        Entry("channel", line(words="channel"), "Where they are asked.", default="where the run's card stands"),
        Entry("quorum", whole(1, MAX_APPROVERS, 1), "So many different people must say yes; one no is a no."),
        Entry("four_eyes", yes_or_no(default=False), "Whoever started the run may not answer."),
        Entry("reason", yes_or_no(default=False), "An answer must say why."),
        Entry("expires", WAITING, "How long it may take.", default="as long as it takes"),
        Entry("on_expiry", choice(OnExpiry, OnExpiry.DECLINE), "What it means when nobody answers in time."),
        Entry("remind", WAITING, "People are reminded once after so long."),
        Entry("on_no", choice(OnError, OnError.FAIL), "What a no means: the run ends, or goes on (`steps.<id>.approved` can be read)."),
    ),
)  # fmt: skip

RUN_WORKFLOW = Part(
    "run_workflow",
    "Run a workflow",
    "A run of another workflow, waited for or not.",
    (
        Entry("workflow", named(), "Its name or id.", required=True),
        Entry("inputs", _ARGUMENTS, "Its inputs. Texts may hold `{{CEL}}`."),
        Entry("wait", yes_or_no(default=True), "Whether it is waited for; its failure is then this step's."),
    ),
)

ASK_MODEL = Part(
    "ask_model",
    "Ask a model",
    "A language model answers with a value of a given shape.",
    (
        Entry("prompt", filled(MAX_PROMPT, "template"), "What it is asked. What is filled in is shown to it as data, never as an instruction.", required=True),
        Entry("schema", group_of({}, "JSON Schema", 500), "What the answer must be.", required=True),
        Entry("optional", yes_or_no(default=False), "Without a model the output is null, instead of a failure."),
    ),
)

SUBSTITUTE = Part(
    "substitute",
    "Another action",
    "An action with arguments of its own.",
    (
        Entry("action", ACTION_ID, "What a service is asked to do.", required=True),
        Entry("with", _ARGUMENTS, "The inputs of the action."),
        Entry("account", line(), "The account of the service.", default="the service's own"),
    ),
)

RETRY = Part(
    "retry",
    "Retry",
    "How a failed attempt is repeated.",
    (
        Entry("backoff", choice(BACKOFFS, "exponential"), "How the pauses grow: twice as long each time, or always the same."),
        Entry("first", duration("0.05 s to a day"), "The first pause.", default="1 s"),
        Entry("longest", duration("0.05 s to a day"), "The longest pause.", default="1 min"),
        Entry("jitter", yes_or_no(default=True), "Pauses vary, so that not everybody comes back at once."),
        Entry("on", one_or_more(choice(Trouble), "list of `transient`, `throttled`, `unanswered`", 3), "Which failures: the service is down, it says too fast, or no answer is known (repeated only where that is safe).", default="all"),
    ),
)  # fmt: skip

CACHE = Part(
    "cache",
    "Cache",
    "An answer may be used again for a while.",
    (
        Entry("for", duration("1 s to 30 days"), "How long.", required=True),
        Entry("key", CEL, "Answers are shared where this gives the same value.", default="account and arguments"),
    ),
)

# --- options -------------------------------------------------------------------------------------------------------------------

OPTIONS = Part(
    "options",
    "Options",
    "Policies of the whole workflow.",
    (
        Entry("retries", whole(0, MAX_RETRIES, 3), "Further attempts of a step after the first."),
        Entry("retry", part("retry", "retry"), "How steps are tried again."),
        Entry("timeout", _TIMEOUT, "For one attempt of a step.", default="30 s"),
        Entry("deadline", WAITING, "For the whole run, waiting included.", default="none"),
        Entry("fallback", group_of(_LINE, "service: service", 500), "Which service stands in for which, where it declares an equal action."),
        Entry("among", group_of(_AMONG, "service: services or weights", 20), "Services that are as good as another: whichever is quickest and in good health does a step, where it declares an equal action. With weights, `2` is preferred although it needs twice as long."),
        Entry("patience", WAITING, "How long a run may wait for services that are down, before its step fails.", default="not at all"),
        Entry("approval", line(), "Who must approve before the first step: @person, @group or role:name.", default="nobody"),
        Entry("concurrency", part("concurrency", "concurrency"), "How many runs at a time.", default="no limit"),
        Entry("rate_limits", group_of({"$ref": "#/$defs/rate_limit"}, "service: rate limit", 50), "How often each service is asked by all runs of this workflow."),
        Entry("priority", choice(Priority, Priority.NORMAL), "Who goes first where there is a choice."),
        Entry("saves", WORK, "The work by hand that a run which succeeds spares somebody, such as `12m`.", default="not declared"),
        Entry("failure_costs", WORK, "The work that a run which fails makes somebody, beside what is then done by hand.", default="not declared"),
        Entry("on_failure", steps(), "What is done when the run fails; `run.error` says why."),
        Entry("finally", steps(), "What is done in the end, however it ended."),
    ),
)  # fmt: skip

CONCURRENCY = Part(
    "concurrency",
    "Concurrency",
    "How many runs of this workflow there may be at a time.",
    (
        Entry("limit", whole(1, MAX_RUNS_TOGETHER, 1), "So many."),
        Entry("key", CEL, "Over `event` and `inputs`: so many for each value.", default="of all together"),
        Entry("when_full", choice(WhenFull, WhenFull.QUEUE), "What becomes of one too many: it waits its turn, is not started, or takes the place of the oldest."),
    ),
)  # fmt: skip

RATE_LIMIT = Part(
    "rate_limit",
    "Rate limit",
    "How often a service is asked.",
    (
        Entry("limit", whole(1, MAX_RATE), "So many asks", required=True),
        Entry("per", duration("1 s to a day"), "in any span of this length.", required=True),
    ),
)

PARTS: Mapping[str, Part] = {
    found.name: found
    for found in (
        WORKFLOW, *TRIGGERS.values(), INPUT, DEBOUNCE, STEP, FOREACH, SWITCH, CASE, WAIT, APPROVE, RUN_WORKFLOW, ASK_MODEL,
        SUBSTITUTE, RETRY, CACHE, OPTIONS, CONCURRENCY, RATE_LIMIT,
    )
}  # fmt: skip
