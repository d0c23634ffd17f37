"""Cards of workflows: the preview with Confirm, Edit and Cancel, one workflow, and the list."""

from __future__ import annotations

from collections.abc import Mapping

from engine.workflow.calendar import in_words

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
)  # fmt: skip
from bot.cards.words import RUN_WORDS, accounts, lasted, moments, said, sandboxed, small
from engine.commands.command import PreviewShown, WorkflowShown, WorkflowsShown
from engine.workflow.definition import Definition, Draft, DraftState, Json, Options, Step, Trigger, TriggerType, WorkflowState

OUTCOME = {
    DraftState.CONFIRMED: (Tone.GOOD, "Confirmed"),
    DraftState.CANCELLED: (Tone.MUTED, "Cancelled"),
    DraftState.EXPIRED: (Tone.MUTED, "Expired"),
}
TITLES = {"create_workflow": "New workflow", "edit_workflow": "Change of", "delete_workflow": "Delete?"}


def preview(shown: PreviewShown) -> Card:
    draft = shown.draft
    title = TITLES.get(draft.command, "Preview")
    if shown.definition is not None:
        title = f"{title}: {shown.definition.name}" if draft.command == "create_workflow" else f"{title} {shown.definition.name}"
    body: list[Part] = [said(shown.text)] if shown.text else []
    if shown.definition is not None:
        body += definition_parts(shown.definition)
        fields: list[tuple[str, Line]] = [("Touches", accounts(shown.touches))]
        if shown.fires:
            fields.append(("Fires next", moments(shown.fires)))
        body.append(Fields(tuple(fields)))
        if shown.diff:
            body.append(CodeBlock(shown.diff, "diff"))
        if sandboxed(shown.touches) and draft.state is DraftState.OPEN:
            body.append(small("Sandbox: services without credentials answer from examples; nothing outside is changed. /connect says how to go live."))
        body += [small("⚠ ", warning) for warning in shown.warnings]
    tone, outcome = OUTCOME.get(draft.state, (Tone.NEUTRAL, ""))
    if outcome:
        body.append(_settled(draft, outcome))
    return Card(
        id=draft.id,
        version=draft.revision,
        title=title if not outcome else f"{title} · {outcome.lower()}",
        tone=tone,
        body=tuple(body),
        actions=_choices(shown) if draft.state is DraftState.OPEN else (),
        footer=("Asked by ", Bold(draft.asked_by_name), " · ", Moment(draft.asked_at, "relative")),
        summary=f"{title}. {'Confirm, Edit or Cancel.' if not outcome else outcome + '.'}",
    )


def _settled(draft: Draft, outcome: str) -> Text:
    spans: list[Span] = [Bold(outcome)]
    if draft.decided_by:
        spans += [" by ", Bold(draft.decided_by)]
    if draft.decided_at:
        spans += [" · ", Moment(draft.decided_at)]
    if draft.state is DraftState.CONFIRMED and draft.command != "delete_workflow":
        spans += [". Stored as ", Code(draft.workflow)]
    return Text(tuple(spans))


def _choices(shown: PreviewShown) -> tuple[Button, ...]:
    draft = shown.draft
    delete = draft.command == "delete_workflow"
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
    steps += [(Mark.TODO, step_line(step)) for step in definition.steps]
    parts.append(Steps(tuple(steps)))
    if notes := _options(definition.options):
        parts.append(small(" · ".join(notes)))
    return parts


def trigger_line(trigger: Trigger) -> Line:
    match trigger.type:
        case TriggerType.SCHEDULED:
            return (in_words(trigger),)
        case TriggerType.EVENT_BASED:
            return (Bold(trigger.service), f": {trigger.event.replace('_', ' ')}")
        case TriggerType.CROSS_SERVICE:
            return (f"any of {', '.join(trigger.any)}" if trigger.any else f"all of {', '.join(trigger.all or trigger.sequence)}",)
        case TriggerType.AI_PREDICTED:
            return (f"{trigger.service} {trigger.metric} is predicted to go wrong",)
        case _:
            asked = ", ".join(item.name + ("" if item.required else "?") for item in trigger.inputs)
            return ("by hand" + (f", with {asked}" if asked else ""),)


def step_line(step: Step) -> Line:
    line: list[Span] = [Bold(f"{step.service}"), f" {step.operation.replace('_', ' ')}"]
    if step.arguments:
        line += [" ", Code(_brief(step.arguments))]
    if step.when:
        line += [" if ", Code(step.when)]
    return tuple(line)


def _brief(arguments: Mapping[str, Json], limit: int = 160) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _options(options: Options) -> list[str]:
    notes = [f"up to {options.retries} further attempts"] if options.retries != Options().retries else []
    if options.timeout != Options().timeout:
        notes.append(f"{options.timeout:g} s for each step")
    notes += [f"{there} stands in for {service}" for service, there in options.fallback.items()]
    if options.on_failure:
        notes.append("on failure: " + ", then ".join(step.action for step in options.on_failure))
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
            (RUN_WORDS[run.state] + (" (sandbox)" if run.sandbox else ""), f"{run.started_at:%Y-%m-%d %H:%M} UTC",
             lasted(run.finished_at - run.started_at) if run.finished_at else "–", run.error[:80])
            for run in shown.runs
        )  # fmt: skip
        body.append(Table(("Run", "Started", "Took", "Error"), rows))
    else:
        body.append(small("It has not run yet."))
    return Card(
        id=flow.id, version=flow.revision, title=flow.name, body=tuple(body),
        tone=Tone.MUTED if flow.state is WorkflowState.PAUSED else Tone.NEUTRAL, actions=_verbs(shown), footer=(Code(flow.id),),
    )  # fmt: skip


def _verbs(shown: WorkflowShown) -> tuple[Button, ...]:
    flow = shown.workflow
    inputs = flow.definition.trigger.inputs
    form = Form(f"Run {flow.name}"[:60], tuple(_input(item) for item in inputs), submit="Run") if inputs else None
    if flow.state is WorkflowState.PAUSED:
        first = Button("resume", "Resume", style=Style.PRIMARY)
    else:
        first = Button("run", "Run now", style=Style.PRIMARY, form=form, confirm="" if form else f"Run “{flow.name}” now?"[:250])
    turn = () if flow.state is WorkflowState.PAUSED else (Button("pause", "Pause"),)
    edit = Button("edit", "Edit", form=definition_form("Edit the workflow", shown.yaml))
    return (first, *turn, edit, Button("export", "Export"), Button("delete", "Delete…", style=Style.DANGER))


def _input(item: object) -> FormField:
    from engine.workflow.definition import Input

    assert isinstance(item, Input)
    value = "" if item.default is None else str(item.default)
    return FormField(item.name, item.name, value=value, required=item.required, help=item.help)


def _state(state: WorkflowState) -> str:
    return {"active": "● active", "paused": "‖ paused", "deleted": "✕ deleted"}[state.value]


def workflows(shown: WorkflowsShown) -> Card:
    if not shown.rows:
        about = f" for “{shown.filter}”" if shown.filter else ""
        return Card(
            title="No workflows yet" if not shown.filter else f"No workflows{about}",
            body=(said("Say what should happen, for example: ", Code("when a pull request is opened in GitHub, tell #reviews")),
                  small("/flow templates shows more to start from.")),
        )  # fmt: skip
    rows = tuple(
        (flow.name, _state(flow.state), RUN_WORDS[run.state] if run else "never", f"{due:%a %Y-%m-%d %H:%M} UTC" if due else "–")
        for flow, run, due in shown.rows
    )
    title = "Schedule" if shown.filter == "schedule" else f"{len(rows)} workflow{'s' if len(rows) != 1 else ''}"
    return Card(title=title, body=(Table(("Name", "State", "Last run", "Fires next"), rows), small("/flow show NAME tells more.")))
