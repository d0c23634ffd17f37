"""What expressions see at each place of a definition, and of which types it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Definition, Trigger, TriggerType
from engine.workflow.run import RunState, StepState
from engine.workflow.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    MOMENT,
    OBJECT,
    TEXT,
    Kind,
    Type,
    chosen,
    either,
    group,
    list_of,
    of_event,
    of_input,
    of_value,
)

APPROVED = group({"approved": BOOLEAN, "by": list_of(TEXT), "at": MOMENT, "note": TEXT}, owner="the output of an approval")
GATED = group({"approved": BOOLEAN, "by": ANY, "at": MOMENT, "note": TEXT}, owner="the output of an approval")
SUB_RUN = group({"run": TEXT, "state": chosen(RunState), "outputs": OBJECT}, owner="the output of run_workflow")

_WORKFLOW = group({"id": TEXT, "name": TEXT, "version": INTEGER}, owner="workflow")
_RUN = group(
    {"id": TEXT, "by": TEXT, "started_at": MOMENT, "error": TEXT, "actor": TEXT, "where": TEXT, "alert": TEXT}, owner="run"
)  # fmt: skip
_SCHEDULED = group({"scheduled_for": MOMENT, "fired_at": MOMENT}, owner="the event of a schedule")
_STATES = chosen((StepState.SUCCEEDED, StepState.FAILED, StepState.SKIPPED))  # what can be read is over

_NO_INCOMING = "Only the “where” of a wait knows “incoming”: it is the event that is waited for."
_NO_SECRETS = "Secrets can only be put into the arguments of an action, each as {{secrets.name}} just as it stands."


# For the reference: what each name holds, and what each construct gives.
FIXED: Mapping[str, str] = {
    "event": "the event that started the run, with the fields its service declares; of several the fields of the last one and, under `event.events[\"service.event\"]`, those of each; of a schedule `scheduled_for` and `fired_at`; by hand whatever was given",
    "inputs": "what the run was started with",
    "steps": "the steps that are over",
    "workflow": ", ".join(f"`{name}`" for name in _WORKFLOW.fields),
    "run": ", ".join(f"`{name}`" for name in _RUN.fields),
    "env": "the constants of the definition",
    "item, index": "within a foreach: the entry (under its own name, where it was given one) and its place from 0",
    "incoming": "in the `where` of a wait: the event that is waited for",
    "secrets": "within the arguments of an action: a secret, by name",
}  # fmt: skip
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "action": ("what its service declares",),
    "foreach": ("items", "failed", "count", "succeeded"),
    "parallel": ("<branch>",),
    "switch": ("case", "output"),
    "wait": ("timed_out", "event"),
    "approve": tuple(APPROVED.fields),
    "run_workflow": tuple(SUB_RUN.fields),
    "set": ("<name>",),
    "ask_model": ("what its schema describes",),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """``names``: root → type; ``absent``: root → the sentence that says why it is not here; ``entries``: the names that foreach blocks give."""

    names: Mapping[str, Type]
    absent: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()

    def but(self, **names: Type) -> Scope:
        return replace(self, names={**self.names, **names})

    def within(self, entry: str, item: Type) -> Scope:
        """Of the steps of a foreach."""
        names = {**self.names, entry: item, "index": INTEGER}
        return replace(self, names=names, entries=tuple(dict.fromkeys((*self.entries, entry, "index"))))

    def told(self, incoming: Type) -> Scope:
        """Of a wait's ``where``."""
        absent = {name: why for name, why in self.absent.items() if name != "incoming"}
        return replace(self.but(incoming=incoming), absent=absent)


def run_scope(definition: Definition, catalogue: Catalogue) -> Scope:
    """Of everything within a run, without its steps."""
    names = {
        "event": of_trigger(definition.trigger, catalogue),
        "inputs": _inputs(definition.trigger),
        "workflow": _WORKFLOW,
        "run": _RUN,
        "env": _env(definition),
    }
    return Scope(names, {"incoming": _NO_INCOMING, "secrets": _NO_SECRETS})


def start_scope(scope: Scope) -> Scope:
    """Of the condition that is decided before a run begins."""
    return _only(
        scope, ("event", "inputs", "workflow", "env"), "Before a run begins there is no “{}”; put the condition to a step (its own when)."
    )


def event_scope(event: Type) -> Scope:
    """Of what a trigger reads: its event alone."""
    return _only(Scope({"event": event}), ("event",), "A trigger only knows “event”, no “{}”.")


def turn_scope(scope: Scope) -> Scope:
    """Of the key that says which runs take turns."""
    return _only(scope, ("event", "inputs"), "Whose turn it is can only follow from event and inputs, not from “{}”.")


def _only(scope: Scope, kept: tuple[str, ...], why: str) -> Scope:
    roots = ("event", "inputs", "steps", "workflow", "run", "env", "incoming", "secrets")
    names = {name: scope.names[name] for name in kept if name in scope.names}
    return Scope(names, {name: why.format(name) for name in roots if name not in names})


def of_trigger(trigger: Trigger, catalogue: Catalogue) -> Type:
    match trigger.type:
        case TriggerType.SCHEDULED:
            return _SCHEDULED
        case TriggerType.EVENT_BASED:
            return of_event(catalogue.events.get(f"{trigger.service}.{trigger.event}"))
        case TriggerType.CROSS_SERVICE:
            return _of_several(trigger, catalogue)
        case TriggerType.AI_PREDICTED:
            return of_event(catalogue.events.get("signalbox.anomaly_predicted"))
    return OBJECT


def _of_several(trigger: Trigger, catalogue: Catalogue) -> Type:
    """As ``gathering.event_of`` makes it: the fields of the last event, and beside them those of each under its name."""
    types = {id: of_event(catalogue.events.get(id)) for id in trigger.events}
    last = types[trigger.sequence[-1]] if trigger.sequence else either(types.values())
    if last.kind is not Kind.GROUP:
        return last
    events = replace(group(types), missing="the event “{}”, which is none of this trigger's")
    return replace(last, fields={**last.fields, "events": events})


def _inputs(trigger: Trigger) -> Type:
    """A trigger that declares no inputs takes whatever it is given."""
    if not trigger.inputs:
        return OBJECT
    fields = {entry.name: of_input(entry) for entry in trigger.inputs}
    return replace(group(fields), missing="the input “{}”, which is not declared")


def _env(definition: Definition) -> Type:
    fields = {name: of_value(value) for name, value in definition.env.items()}
    return replace(group(fields), missing="the constant “{}”, which “env” does not declare")


# --- steps -------------------------------------------------------------------------------------------------------------------


def of_step(output: Type) -> Type:
    """A step as expressions see it: its state, its output, and the fields of that beside it."""
    fields = dict(output.fields) if output.kind is Kind.GROUP else {}
    open = output.kind is Kind.ANY or output.open
    return group({**fields, "state": _STATES, "error": TEXT, "output": output}, open=open, owner=output.owner)


def of_steps(types: Mapping[str, Type], seen: frozenset[str], why: Callable[[str], str]) -> Type:
    """``steps``: those in ``seen``; of the others ``why`` tells why they cannot be read ("" = there is no such step)."""
    fields, hidden = _Seen(types, seen), _Hidden(types, seen, why)
    return Type(Kind.GROUP, fields=fields, hidden=hidden, missing="the step “{}”, which is not there")


class _Seen(Mapping[str, Type]):
    """A view, so that a thousand steps do not copy what a thousand steps see."""

    __slots__ = ("_seen", "_types")

    def __init__(self, types: Mapping[str, Type], seen: frozenset[str]) -> None:
        self._types, self._seen = types, seen

    def __getitem__(self, id: str) -> Type:
        if id not in self._seen:
            raise KeyError(id)
        return self._types.get(id, ANY)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._seen))

    def __len__(self) -> int:
        return len(self._seen)


class _Hidden(Mapping[str, str]):
    __slots__ = ("_seen", "_types", "_why")

    def __init__(self, types: Mapping[str, Type], seen: frozenset[str], why: Callable[[str], str]) -> None:
        self._types, self._seen, self._why = types, seen, why

    def __getitem__(self, id: str) -> str:
        sentence = "" if id in self._seen else self._why(id)
        if not sentence:
            raise KeyError(id)
        return sentence

    def __iter__(self) -> Iterator[str]:
        return (id for id in self._types if id not in self._seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)
