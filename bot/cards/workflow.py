"""Cards of workflows: the preview with Confirm, Edit and Cancel, one workflow, and the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.cards.card import Bold, Button, Card, Code, CodeBlock, Fields, Form, FormField, Line, Moment, Part, Span, Style, Table, Text, Tone
from bot.cards.definition import definition_parts
from bot.cards.schedule import clock_change, fire_fields
from bot.cards.words import RUN_WORDS, accounts, amount, cut, headline, lasted, said, sandboxed, small, stamp
from engine.commands.amending import text_of
from engine.commands.command import DifferenceShown, InputsWanted, PreviewShown, VersionsShown, WorkflowShown, WorkflowsShown
from engine.commands.drafting import is_order
from engine.workflow.definition import Draft, DraftState, Input, Json, TriggerType, Workflow, WorkflowState
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
        if change := clock_change(draft.asked_at, shown.fires, shown.timezone, shown.asker_timezone):
            body.append(small("🕐 ", change))
        if shown.changes:
            body += [small("What changes:"), CodeBlock(cut(_changed(shown), WIDEST_DIFF), "diff")]
        elif shown.diff:
            body += [small("What changes:"), CodeBlock(cut(shown.diff, WIDEST_DIFF), "diff")]
        if sandboxed(shown.touches) and draft.state is DraftState.OPEN:
            body.append(small(SANDBOX))
    body += [said("Filled in: ", sentence) for sentence in shown.usual]
    body += [said("⚠ ", warning) for warning in shown.warnings]
    tone, outcome = OUTCOME.get(draft.state, (Tone.NEUTRAL, ""))
    if draft.state is DraftState.CANCELLED and draft.arguments.get("replaced"):
        outcome = "Replaced by a newer preview"
    if outcome:
        body.append(_settled(draft, outcome))
    if is_order(draft) and draft.state is DraftState.OPEN:
        known = bool(draft.arguments.get("again"))
        body.append(
            small("Confirm does this again, now." if known else "Confirm does this now, and keeps it as a workflow that can be run again.")
        )
    if draft.state is DraftState.CONFIRMED and shown.definition is not None:
        body.append(small("To do it again: " if is_order(draft) else "To try it now: ", Code(f"/flow run {shown.definition.name}")))
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


def _changed(shown: PreviewShown) -> str:
    """A line with − for what was and one with + for what would be, part by part."""
    lines = [
        f"{sign} {change.part}: {value}" for change in shown.changes for sign, value in (("-", change.before), ("+", change.after)) if value
    ]
    return "\n".join(lines)


def _title(shown: PreviewShown) -> str:
    draft = shown.draft
    if shown.definition is not None:
        if draft.arguments.get("rollback"):
            return f"Back to version {draft.arguments['rollback']} of {shown.definition.name}"
        return f"{'Change of' if draft.command == 'edit_workflow' else 'New workflow:'} {shown.definition.name}"
    if draft.command == "delete_workflow":
        return f"Delete “{draft.arguments.get('name') or draft.workflow}”" + ("?" if draft.state is DraftState.OPEN else "")
    return str(draft.arguments.get("title") or "Preview")


def _fields(shown: PreviewShown) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = [("Touches", accounts(shown.touches))]
    fields += fire_fields(shown.fires, shown.timezone, shown.asker_timezone)
    return tuple(fields)


def _settled(draft: Draft, outcome: str) -> Text:
    spans: list[Span] = [Bold(outcome)]
    if draft.decided_by:
        spans += [" by ", Bold(draft.decided_by)]
    if draft.decided_at:
        spans += [" · ", Moment(draft.decided_at)]
    if draft.state is DraftState.CONFIRMED and draft.workflow and draft.command != "delete_workflow":
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
    edit = Button("edit", "Edit", form=definition_form("Edit the preview", shown.yaml))
    return (confirm, edit, cancel, Button("rehearse", "Rehearse"), *_replay(shown))


def _replay(shown: PreviewShown) -> tuple[Button, ...]:
    """Of a change to something that starts by itself."""
    by_hand = shown.definition is None or shown.definition.trigger.type is TriggerType.MANUAL
    return () if by_hand or shown.draft.command != "edit_workflow" else (Button("replay", "Replay the last 7 days"),)


def definition_form(title: str, yaml: str) -> Form:
    return Form(title, (FormField("definition", "Definition (YAML)", kind="text", value=yaml),), submit="Check it")


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
    export = Button("export", "Export")
    if flow.state is WorkflowState.DELETED:
        return (export,)
    form = run_form(flow, shown.inputs)
    run = Button("run", "Run now", style=Style.PRIMARY, form=form, confirm="" if form else f"Run “{flow.name}” now?"[:250])
    paused = flow.state is WorkflowState.PAUSED
    first = (Button("resume", "Resume", style=Style.PRIMARY),) if paused else (run, Button("pause", "Pause"))
    edit = Button("edit", "Edit", form=definition_form("Edit the workflow", shown.yaml))
    rehearse = Button("rehearse", "Rehearse")
    versions = (Button("versions", "Versions"),) if flow.version > 1 else ()
    return (*first, rehearse, edit, export, *versions, Button("delete", "Delete…", style=Style.DANGER))


def run_form(flow: Workflow, inputs: Sequence[Input], given: Mapping[str, Json] | None = None) -> Form | None:
    """``given``: what was said already; it stands in the lines. None where nothing is asked."""
    if not inputs:
        return None
    return Form(
        headline(f"Run {flow.name}")[:60], tuple(_input(item, (given or {}).get(item.name, item.default)) for item in inputs), submit="Run"
    )


def _input(item: Input, value: Json) -> FormField:
    label = f"{item.name} ({item.type})" if item.type in ("number", "integer") and not item.choices else item.name
    shown = text_of(value)
    if item.choices:
        options = tuple((text_of(one), text_of(one)) for one in item.choices)
        return FormField(item.name, label, "choice", shown, item.required, item.help, options)
    if item.type == "boolean":
        return FormField(item.name, label, "choice", shown, item.required, item.help, (("true", "yes"), ("false", "no")))
    kind = item.type if item.type in ("number", "integer") else "text" if "\n" in shown else "line"
    return FormField(item.name, label, kind, shown, item.required, item.help)


def inputs_wanted(shown: InputsWanted) -> Card:
    flow = shown.workflow
    needed = [item.name for item in shown.inputs if item.required and item.name not in shown.given]
    body = [
        said("It needs ", *(Bold(", ".join(needed)),), ".")
        if needed
        else said("Everything it takes has a value to begin with; change what you like.")
    ]
    body.append(small("Or in one line: ", Code(f"/flow run {flow.name} {' '.join(f'{item.name}=…' for item in shown.inputs[:4])}")))
    run = Button("run", "Fill in and run", style=Style.PRIMARY, form=run_form(flow, shown.inputs, shown.given))
    return Card(id=flow.id, version=flow.revision, title=headline(f"Run {flow.name}"), body=tuple(body), actions=(run,))


def versions(shown: VersionsShown) -> Card:
    flow = shown.workflow
    rows = tuple((str(one.version), stamp(one.updated_at, shown.timezone), changed) for one, changed in shown.rows)
    buttons = []
    if len(shown.rows) > 1:
        before = shown.rows[1][0].version
        buttons = [
            Button("diff", f"What changed since version {before}", arg=str(before)),
            Button("rollback", f"Go back to version {before}…", arg=str(before)),
        ]
    return Card(
        id=flow.id,
        version=flow.revision,
        title=headline(f"{flow.name} · {amount(len(rows), 'version')}"),
        body=(
            Table(("Version", "Since", "What changed"), rows),
            small(
                f"/flow diff {flow.name} {shown.rows[-1][0].version} {shown.rows[0][0].version} compares two, /flow rollback {flow.name} {shown.rows[-1][0].version} goes back to one; both show the change first."
            )
            if len(shown.rows) > 1
            else small("The next change makes a second version; then two can be compared, and one gone back to."),
        ),
        actions=tuple(buttons),
    )


def difference(shown: DifferenceShown) -> Card:
    flow = shown.workflow
    title = headline(f"{flow.name}: version {shown.older} → {shown.newer}")
    if not shown.diff:
        return Card(title=title, body=(said("Both are the same."),))
    actions = (Button("rollback", f"Go back to version {shown.older}…", arg=str(shown.older)),) if shown.newer == flow.version else ()
    return Card(id=flow.id, version=flow.revision, title=title, body=(CodeBlock(cut(shown.diff, WIDEST_DIFF), "diff"),), actions=actions)


def _state(state: WorkflowState) -> str:
    return {"active": "● active", "paused": "‖ paused", "deleted": "✕ deleted"}[state.value]


def workflows(shown: WorkflowsShown) -> Card:
    if not shown.rows:
        return _none(shown)
    about = f": {shown.filter}" if shown.filter else ""
    more = small("/flow show NAME tells more.")
    if shown.schedule:
        fires = tuple((flow.name, _fires(due, shown.timezone), _timing(flow, shown.timezone)) for flow, _, due in shown.rows)
        return Card(title=headline(f"What fires next{about}"), body=(Table(("Name", "Fires next", "Notes"), fires), more))
    rows = tuple(
        (flow.name, _state(flow.state), RUN_WORDS[run.state] if run else "never", _fires(due, shown.timezone))
        for flow, run, due in shown.rows
    )
    columns = ("Name", "State", "Last run", "Fires next")
    likely = (small(shown.likely),) if shown.likely else ()
    return Card(title=headline(amount(len(rows), "workflow") + about), body=(Table(columns, rows), *likely, more))


def _fires(due: datetime | None, zone: str) -> str:
    return stamp(due, zone) if due else "–"


def _timing(flow: Workflow, zone: str) -> str:
    """What a row of times does not tell: how late a fire may begin, when the schedule ends, on which days it rests."""
    trigger = flow.definition.trigger
    notes = [f"up to {in_time(trigger.jitter)} later"] if trigger.jitter else []
    notes += [f"last fire by {stamp(trigger.end, zone)}"] if trigger.end else []
    notes += [f"not on {cut(', '.join(trigger.exceptions), 60)}"] if trigger.exceptions else []
    return "; ".join(notes)


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
