"""The buttons of a run's card, and the form in which a failed step's arguments are changed before it is asked again."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.card import Button, Form, FormField, Style
from bot.cards.words import amount, cut
from engine.commands.amending import INPUTS, text_of
from engine.commands.cancel_run import KEEP
from engine.commands.command import RunShown
from engine.commands.run_steps import entry_of
from engine.commands.skip_step import as_arg
from engine.workflow.definition import Json
from engine.workflow.run import RunState, StepState

MOST_FIELDS = 40
LONGEST_NAME = 100  # of a field; what is longer is changed by /flow retry
MOST_STEPS = 25  # offered to be skipped: what a choice holds everywhere


def run_buttons(shown: RunShown) -> tuple[Button, ...]:
    state = shown.run.state
    if state is RunState.FAILED:
        return (*_retry(shown), *_skip(shown))
    if state.over:
        return ()
    if state is RunState.PAUSED:
        return (Button("resume", "Resume run", style=Style.PRIMARY), *_skip(shown), _cancel(shown))
    return (Button("pause", "Pause run"), *_skip(shown), _cancel(shown))


def _cancel(shown: RunShown) -> Button:
    if not shown.undoable:
        return Button("cancel", "Cancel run", style=Style.DANGER, confirm="Stop this run? Steps not asked yet are not asked any more.")
    options = (("undo", "Undo it, the last step first"), (KEEP, "Leave it as it is"))
    field = FormField("undo", "What it has done so far", "choice", "undo", help="Nothing more is asked either way.", options=options)
    return Button("cancel", "Cancel run…", style=Style.DANGER, form=Form("Cancel the run", (field,), submit="Cancel the run"))


def _retry(shown: RunShown) -> Iterator[Button]:
    round = str(shown.round)
    yield Button("retry", _retry_label(shown), arg=round, style=Style.PRIMARY)
    fields = (*_arguments(shown), *_inputs(shown))[:MOST_FIELDS]
    if fields:
        yield Button("retry", "Change and retry…", arg=f"{round}.changed", form=Form("Change what is asked", fields, submit="Retry"))


def _retry_label(shown: RunShown) -> str:
    failed = [step for step in shown.steps if step.state is StepState.FAILED and step.kind == "action" and not step.undo]
    items = {(step.within, entry_of(step.id)) for step in failed if entry_of(step.id)}
    if items and len(items) >= len({step.id for step in failed}):
        return f"Retry only the {amount(len(items), 'failed item')}"
    return "Retry from the failed step"


def _arguments(shown: RunShown) -> Iterator[FormField]:
    several = len(shown.amendable) > 1
    for one in shown.amendable:
        for name, value in one.arguments.items():
            if name in one.fixed or len(f"{one.step}.{name}") > LONGEST_NAME:
                continue
            yield _field(f"{one.step}.{name}", f"{one.step}: {name}" if several else name, value)


def _inputs(shown: RunShown) -> Iterator[FormField]:
    for name, value in shown.inputs.items():
        if len(name) < LONGEST_NAME - len(INPUTS):
            yield _field(f"{INPUTS}.{name}", f"input {name}", value)


def _field(name: str, label: str, value: Json) -> FormField:
    text = text_of(value)
    if isinstance(value, bool):
        return FormField(name, label, "choice", text, required=False, options=(("true", "yes"), ("false", "no")))
    if isinstance(value, (dict, list)):
        return FormField(name, f"{label} (JSON)", "text", text, required=False)
    kind = "integer" if isinstance(value, int) else "number" if isinstance(value, float) else "text" if "\n" in text else "line"
    return FormField(name, label, kind, text, required=False)


def _skip(shown: RunShown) -> Iterator[Button]:
    steps = shown.skippable
    if len(steps) == 1 and as_arg(steps[0]):
        sure = f"Pass over “{steps[0]}”? What needs it goes on without its output."
        yield Button("skip", cut(f"Skip “{steps[0]}”", 60), arg=as_arg(steps[0]), confirm=sure)
    elif steps:
        options = tuple((step, step) for step in steps[:MOST_STEPS] if len(step) <= LONGEST_NAME)
        field = FormField(
            "step", "Step", "choice", options[0][0] if options else "", help="What needs it goes on without its output.", options=options
        )
        yield Button("skip", "Skip a step…", form=Form("Skip a step", (field,), submit="Skip it"))
