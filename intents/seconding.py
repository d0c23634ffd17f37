"""The second reader beside the grammar: where they agree nothing is asked, where only it understands it is heard, and it never acts alone.

grammar: nothing        second reader: sure          ─▶ its command, with what the sentence names; a change that would be done at once is asked about
grammar: a command      second reader: another, sure ─▶ the other, likewise: measured on requests neither had seen, it was right each time
otherwise                                            ─▶ the grammar's reading stands
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.ports import Example, Understood
from intents.opinion import view as seen
from intents.opinion.neighbours import Examples
from intents.opinion.opinion import Opinion
from intents.opinion.view import Agreement, View, agrees, read_by_first

ALONE = 0.9  # chance from which on it is heard where the grammar has nothing
AGAINST = 0.97  # chance from which on it goes before another reading of the grammar
MOST_SURE = 0.8  # of a reading that only it has: never what is called sure
READ = frozenset(
    [
        "create_workflow",
        "edit_workflow",
        "run_workflow",
        "pause_workflow",
        "resume_workflow",
        "delete_workflow",
        "show_workflow",
        "list_workflows",
        "run_history",
        "retry_run",
        "cancel_run",
        "health_report",
        "service_metrics",
        "list_alerts",
        "acknowledge_alert",
        "resolve_alert",
        "escalate_alert",
        "explain_alert",
        "snooze_alert",
        "set_maintenance",
        "show_impact",
        "show_dependencies",
        "find_root_cause",
        "recommend_service",
        "set_fallback",
        "predict_run",
        "optimize_workflow",
        "workflow_analytics",
        "set_threshold",
        "show_schedule",
        "on_call",
        "help",
    ]
)  # what it has learnt; readings of anything else are the grammar's alone
AT_ONCE: Mapping[str, str] = {
    "run_workflow": "/flow run {workflow}", "pause_workflow": "/flow pause {workflow}", "resume_workflow": "/flow resume {workflow}",
    "retry_run": "/flow retry {target}", "cancel_run": "/flow cancel {target}", "delete_workflow": "/flow delete {workflow}",
    "acknowledge_alert": "/ack {target}", "resolve_alert": "/resolve {target}", "escalate_alert": "/escalate {target}", "snooze_alert": "/snooze {target}",
}  # fmt: skip
Reader = Callable[[str], Understood | None]  # a command's name → the sentence read as that command


class Seconder:
    """One for each recogniser; what it knows is loaded with the first sentence."""

    def __init__(self) -> None:
        self._opinion: Opinion | None = None
        self._examples: tuple[Sequence[Example], Examples] = ((), Examples())

    def view(self, text: str, examples: Sequence[Example]) -> View:
        if self._opinion is None:
            self._opinion = Opinion.load()
        return self._opinion.read(text, self._ready(examples))

    def _ready(self, examples: Sequence[Example]) -> Examples:
        """Made ready once for as long as they stay the same."""
        if tuple(examples) != tuple(self._examples[0]):
            made = Examples(seen.Example(one.text, one.command or None, one.trigger, one.actions) for one in examples)
            self._examples = (tuple(examples), made)
        return self._examples[1]


def seconded(first: Understood, view: View, read_as: Reader) -> tuple[Understood, Agreement]:
    """The reading to go on with, and whether both readers have it. ``read_as`` reads the sentence as a command it is told."""
    agreement = agrees(view, first)
    if view.command is None or view.command == first.command or (first.command is not None and first.command not in READ):
        return first, agreement
    if view.probability < (ALONE if first.command is None else AGAINST):
        return first, agreement
    other = read_as(view.command)
    if other is None or not _borne_out(other, view):
        return first, agreement
    return replace(_careful(other), confidence=min(other.confidence, MOST_SURE), source="model"), Agreement.UNSURE


def _borne_out(reading: Understood, view: View) -> bool:
    """A workflow that the grammar finds for it has a deed or a cause that both see, or asks; a command has something to be about."""
    if reading.command == "create_workflow":
        trigger, actions = read_by_first(reading)
        both = actions & {guess.name for guess in view.actions} or (view.trigger is not None and trigger == view.trigger.name != "manual")
        return bool(both or (reading.question and (trigger or actions)))
    return reading.command not in AT_ONCE or bool(reading.arguments or reading.question)


def _careful(reading: Understood) -> Understood:
    """Nothing is changed at once on its word alone."""
    if reading.question or reading.command is None or reading.command not in AT_ONCE:
        return reading
    arguments: Mapping[str, Any] = reading.arguments
    target = next((arguments[name] for name in ("run", "alert", "service", "workflow") if arguments.get(name)), "")
    typed = AT_ONCE[reading.command].format(workflow=arguments.get("workflow", ""), target=target)
    deed = reading.command.replace("_", " ")
    return replace(reading, question=f"Did you mean: {deed}{f', {target}' if target else ''}?", options=(("Yes", typed),))
