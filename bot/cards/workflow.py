"""Cards of workflows: the preview with Confirm, Edit and Cancel, one workflow, and the list."""

from __future__ import annotations

from datetime import datetime

from bot.cards.card import (
    Bold,
    Button,
    Card,
    Code,
    CodeBlock,
    Fields,
    Form,
    FormField,
    Line,
    Mark,
    Moment,
    Part,
    Span,
    Steps,
    Style,
    Table,
    Text,
    Tone,
)
from bot.cards.words import RUN_WORDS, accounts, amount, headline, lasted, moments, said, sandboxed, service, small, spaced, stamp
from engine.commands.command import PreviewShown, WorkflowShown, WorkflowsShown
from engine.workflow.calendar import in_words
from engine.workflow.catalogue import listed
from engine.workflow.definition import Definition, Draft, DraftState, Input, Options, Step, Trigger, TriggerType, WorkflowState
from engine.workflow.durations import in_words as in_time

OUTCOME = {
    DraftState.CONFIRMED: (Tone.GOOD, "Confirmed"),
    DraftState.CANCELLED: (Tone.MUTED, "Cancelled"),
    DraftState.EXPIRED: (Tone.MUTED, "Expired"),
}
SANDBOX = "Sandbox: services without credentials answer from examples; nothing outside is changed. /connect says how to go live."
WIDEST_DIFF = 6_000  # characters of a difference that a card shows


def preview(shown: PreviewShown) -> Card:
    draft = shown.draft
    title = _title(shown)
    body: list[Part] = [said(shown.text)] if shown.text else []
    if shown.definition is not None:
        body += definition_parts(shown.definition)
        body.append(Fields(_fields(shown)))
        if shown.diff:
            body += [small("What changes:"), CodeBlock(_cut(shown.diff, WIDEST_DIFF), "diff")]
        if sandboxed(shown.touches) and draft.state is DraftState.OPEN:
            body.append(small(SANDBOX))
    body += [said("⚠ ", warning) for warning in shown.warnings]
    tone, outcome = OUTCOME.get(draft.state, (Tone.NEUTRAL, ""))
    if outcome:
        body.append(_settled(draft, outcome))
    if draft.state is DraftState.CONFIRMED and shown.definition is not None:
        body.append(small("To try it now: ", Code(f"/flow run {shown.definition.name}")))
    return Card(
        id=draft.id,
        version=draft.revision,
        title=headline(f"{title} · {outcome.lower()}" if outcome else title),
        tone=tone,
        body=tuple(body),
        actions=_choices(shown) if draft.state is DraftState.OPEN else (),
        footer=("Asked by ", Bold(draft.asked_by_name), " · ", Moment(draft.asked_at, "relative")),
        summary=headline(f"{title}: {outcome.lower()}" if outcome else f"{title}. Confirm, Edit or Cancel."),
    )


def _title(shown: PreviewShown) -> str:
    draft = shown.draft
    if shown.definition is not None:
        return f"{'Change of' if draft.command == 'edit_workflow' else 'New workflow:'} {shown.definition.name}"
    if draft.command == "delete_workflow":
        return f"Delete “{draft.arguments.get('name') or draft.workflow}”" + ("?" if draft.state is DraftState.OPEN else "")
    return "Preview"


def _fields(shown: PreviewShown) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = [("Touches", accounts(shown.touches))]
    if shown.fires:
        fields.append(("Fires next", moments(shown.fires)))
    return tuple(fields)


def _settled(draft: Draft, outcome: str) -> Text:
    spans: list[Span] = [Bold(outcome)]
    if draft.decided_by:
        spans += [" by ", Bold(draft.decided_by)]
    if draft.decided_at:
        spans += [" · ", Moment(draft.decided_at)]
    if draft.state is DraftState.CONFIRMED and draft.command != "delete_workflow":
        spans += [". Stored as ", Code(draft.workflow)]
    elif draft.state is not DraftState.CONFIRMED:
        spans.append(". Nothing was changed.")
    return Text(tuple(spans))


def _choices(shown: PreviewShown) -> tuple[Button, ...]:
    delete = shown.draft.command == "delete_workflow"
    confirm = Button("confirm", "Confirm delete" if delete else "Confirm", style=Style.DANGER if delete else Style.PRIMARY)
    cancel = Button("cancel", "Cancel")
    if shown.definition is None:
        return (confirm, cancel)
    return (confirm, Button("edit", "Edit", form=definition_form("Edit the preview", shown.yaml)), cancel)


def definition_form(title: str, yaml: str) -> Form:
    return Form(title, (FormField("definition", "Definition (YAML)", kind="text", value=yaml),), submit="Check it")


def definition_parts(definition: Definition) -> list[Part]:
    """Trigger, condition, steps and options, in words."""
    fields: list[tuple[str, Line]] = [("When", trigger_line(definition.trigger))]
    if definition.when:
        fields.append(("Only if", (Code(definition.when),)))
    parts: list[Part] = [said(definition.description)] if definition.description else []
    parts.append(Fields(tuple(fields)))
    steps: list[tuple[Mark, Line]] = []
    if definition.options.approval:
        steps.append((Mark.ASK, ("Ask ", Bold(definition.options.approval), " for approval")))
    steps += [(Mark.OPEN, step_line(step)) for step in definition.steps]
    parts.append(Steps(tuple(steps)))
    if notes := _options(definition.options):
        parts.append(small(" · ".join(notes)))
    return parts


def trigger_line(trigger: Trigger) -> Line:
    match trigger.type:
        case TriggerType.SCHEDULED:
            return (in_words(trigger),)
        case TriggerType.EVENT_BASED:
            return (Bold(service(trigger.service)), f": {spaced(trigger.event)}")
        case TriggerType.CROSS_SERVICE:
            return (_several(trigger),)
        case TriggerType.AI_PREDICTED:
            ahead = f" within {in_time(trigger.horizon)}" if trigger.horizon else ""
            return (f"{service(trigger.service)} {spaced(trigger.metric)} is predicted to go wrong{ahead}",)
        case TriggerType.MANUAL:
            asked = ", ".join(item.name + ("" if item.required else " (if you like)") for item in trigger.inputs)
            return ("by hand" + (f", with {asked}" if asked else ""),)


def _several(trigger: Trigger) -> str:
    within = f", within {in_time(trigger.within)}" if trigger.within else ""
    if trigger.any:
        return f"any of {listed(map(_event, trigger.any), 'or')}{within}"
    if trigger.sequence:
        return f"{', then '.join(map(_event, trigger.sequence))}{within}"
    return f"all of {listed(map(_event, trigger.all))}{within}"


def _event(id: str) -> str:
    source, _, event = id.partition(".")
    return f"{service(source)}: {spaced(event)}"


def step_line(step: Step) -> Line:
    line: list[Span] = [Bold(service(step.service)), f" {spaced(step.operation)}"]
    if step.arguments:
        line += [" ", Code(_cut(" ".join(", ".join(f"{name}: {value}" for name, value in step.arguments.items()).split()), 160))]
    if step.when:
        line += [" if ", Code(step.when)]
    return tuple(line)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _options(options: Options) -> list[str]:
    usual = Options()
    notes = []
    if options.retries != usual.retries:
        notes.append(f"tried up to {options.retries} times more" if options.retries else "never tried again")
    if options.timeout != usual.timeout:
        notes.append(f"{options.timeout:g} s for each step")
    notes += [f"{service(there)} stands in for {service(first)}" for first, there in options.fallback.items()]
    if options.on_failure:
        notes.append("on failure: " + ", then ".join(f"{service(step.service)} {spaced(step.operation)}" for step in options.on_failure))
    return notes


def workflow(shown: WorkflowShown) -> Card:
    flow = shown.workflow
    body = definition_parts(flow.definition)
    fields: list[tuple[str, Line]] = [
        ("State", (_state(flow.state),)), ("Version", (str(flow.version),)), ("Touches", accounts(shown.touches)),
    ]  # fmt: skip
    if shown.next_fire:
        fields.append(("Fires next", (Moment(shown.next_fire),)))
    if flow.paused_until:
        fields.append(("Paused until", (Moment(flow.paused_until),)))
    body.append(Fields(tuple(fields)))
    if shown.runs:
        rows = tuple(
            (
                RUN_WORDS[run.state] + (" (sandbox)" if run.sandbox else ""),
                stamp(run.started_at, shown.timezone),
                lasted(run.finished_at - run.started_at) if run.finished_at else "–",
                run.error[:120],
            )
            for run in shown.runs
        )
        body.append(Table(("Last runs", "Started", "Took", "Error"), rows))
    else:
        body.append(small("It has not run yet."))
    return Card(
        id=flow.id,
        version=flow.revision,
        title=headline(flow.name),
        body=tuple(body),
        tone=Tone.MUTED if flow.state is WorkflowState.PAUSED else Tone.NEUTRAL,
        actions=_verbs(shown),
        footer=(Code(flow.id),),
        summary=headline(f"{flow.name}: {flow.state.value}, version {flow.version}"),
    )


def _verbs(shown: WorkflowShown) -> tuple[Button, ...]:
    flow = shown.workflow
    if flow.state is WorkflowState.DELETED:
        return (Button("export", "Export"),)
    inputs = shown.inputs
    form = Form(headline(f"Run {flow.name}")[:60], tuple(map(_input, inputs)), submit="Run") if inputs else None
    run = Button("run", "Run now", style=Style.PRIMARY, form=form, confirm="" if form else f"Run “{flow.name}” now?"[:250])
    paused = flow.state is WorkflowState.PAUSED
    first = (Button("resume", "Resume", style=Style.PRIMARY),) if paused else (run, Button("pause", "Pause"))
    edit = Button("edit", "Edit", form=definition_form("Edit the workflow", shown.yaml))
    return (*first, edit, Button("export", "Export"), Button("delete", "Delete…", style=Style.DANGER))


def _input(item: Input) -> FormField:
    label = item.name if item.type == "string" else f"{item.name} ({item.type})"
    if item.type == "boolean":
        value = "" if item.default is None else str(item.default).lower()
        return FormField(item.name, label, "choice", value, item.required, item.help, (("true", "yes"), ("false", "no")))
    value = "" if item.default is None else str(item.default)
    return FormField(item.name, label, value=value, required=item.required, help=item.help)


def _state(state: WorkflowState) -> str:
    return {"active": "● active", "paused": "‖ paused", "deleted": "✕ deleted"}[state.value]


def workflows(shown: WorkflowsShown) -> Card:
    if not shown.rows:
        return _none(shown)
    about = f": {shown.filter}" if shown.filter else ""
    more = small("/flow show NAME tells more.")
    if shown.schedule:
        fires = tuple((flow.name, _fires(due, shown.timezone)) for flow, _, due in shown.rows)
        return Card(title=headline(f"What fires next{about}"), body=(Table(("Name", "Fires next"), fires), more))
    rows = tuple(
        (flow.name, _state(flow.state), RUN_WORDS[run.state] if run else "never", _fires(due, shown.timezone)) for flow, run, due in shown.rows
    )
    columns = ("Name", "State", "Last run", "Fires next")
    return Card(title=headline(amount(len(rows), "workflow") + about), body=(Table(columns, rows), more))


def _fires(due: datetime | None, zone: str) -> str:
    return stamp(due, zone) if due else "–"


def _none(shown: WorkflowsShown) -> Card:
    if shown.schedule:
        return Card(title=headline(f"Nothing fires in {shown.filter}" if shown.filter else "Nothing is scheduled"))
    if shown.filter:
        return Card(title=headline(f"No workflows: {shown.filter}"), body=(small("/flow list shows all."),))
    return Card(
        title="No workflows yet",
        body=(
            said("Say what should happen, for example: ", Code("when a pull request is opened in GitHub, tell #reviews")),
            small("/flow templates shows more to start from."),
        ),
    )
